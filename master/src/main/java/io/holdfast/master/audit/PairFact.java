package io.holdfast.master.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.holdfast.persistence.JournalEvents;
import io.holdfast.persistence.audit.Texts;
import io.holdfast.persistence.audit.TimeSort;
import io.holdfast.protocol.task.Outcome;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;

/**
 * What one journal of a master says of one execution, without the events themselves.
 *
 * @param persistenceId of the job, or of the link
 * @param agent where it is, as this journal has it; empty where it does not say
 * @param begun the number of the event that began it here; 0 when none did
 * @param said the number of the event that says the newest of it
 * @param closed the number of the event that closed it; 0 when none did
 * @param outcome the verdict
 * @param late what is added to it
 * @param duty what the link owes the job
 */
record PairFact(
    Kind kind,
    String persistenceId,
    String agent,
    long begun,
    long said,
    long closed,
    Optional<Outcome> outcome,
    Optional<Outcome> late,
    Duty duty) {
  /** Who says it, and how far it has come. */
  enum Kind {
    JOB_OPEN,
    JOB_ENDED,
    JOB_AMENDED,
    LINK_OPEN,
    LINK_CLOSED,
    /** It cannot be compared: a part of the journal is lost, or it is named for what it says. */
    EXCUSED;

    boolean isLink() {
      return this == LINK_OPEN || this == LINK_CLOSED;
    }
  }

  /** What a link owes the job about an execution before it closes it. */
  enum Duty {
    /** The job ordered it, and the agent's task is that of this order. */
    ORDERED,
    /** The agent had it: the job takes it into its history. */
    ADOPTED,
    /** The job ordered it, and the agent's task of this id is another. */
    CONFUSED,
    /** Nothing: it is none of this master's. */
    NONE
  }

  /** It is not compared. */
  static PairFact excused(String persistenceId) {
    return new PairFact(
        Kind.EXCUSED, persistenceId, "", 0, 0, 0, Optional.empty(), Optional.empty(), Duty.NONE);
  }

  /** Whether the link knows this as an outcome that it may have told. */
  boolean mayHaveTold(Outcome told) {
    return outcome.filter(told::equals).isPresent()
        || (duty != Duty.ORDERED && late.filter(told::equals).isPresent());
  }

  /** How it looks in a temporary file. */
  static final class Codec implements TimeSort.Codec<PairFact> {
    private static final ObjectMapper JSON = JournalEvents.mapper();

    @Override
    public void write(DataOutputStream out, PairFact fact) throws IOException {
      out.writeByte(fact.kind.ordinal());
      Texts.write(out, fact.persistenceId);
      Texts.write(out, fact.agent);
      out.writeLong(fact.begun);
      out.writeLong(fact.said);
      out.writeLong(fact.closed);
      write(out, fact.outcome);
      write(out, fact.late);
      out.writeByte(fact.duty.ordinal());
    }

    private static void write(DataOutputStream out, Optional<Outcome> outcome)
        throws JsonProcessingException, IOException {
      Texts.write(
          out,
          outcome.isEmpty() ? "" : JSON.writerFor(Outcome.class).writeValueAsString(outcome.get()));
    }

    @Override
    public PairFact read(DataInputStream in) throws IOException {
      return new PairFact(
          Kind.values()[in.readByte()],
          Texts.read(in),
          Texts.read(in),
          in.readLong(),
          in.readLong(),
          in.readLong(),
          outcome(in),
          outcome(in),
          Duty.values()[in.readByte()]);
    }

    private static Optional<Outcome> outcome(DataInputStream in) throws IOException {
      String text = Texts.read(in);
      return text.isEmpty() ? Optional.empty() : Optional.of(JSON.readValue(text, Outcome.class));
    }

    @Override
    public int bytes(PairFact fact) {
      return 200
          + 2 * (fact.outcome.map(it -> it.words().length()).orElse(0))
          + 2 * (fact.late.map(it -> it.words().length()).orElse(0));
    }
  }
}
