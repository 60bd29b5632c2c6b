package io.holdfast.persistence.query;

import akka.NotUsed;
import akka.persistence.PersistentRepr;
import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Offset;
import akka.stream.Attributes;
import akka.stream.Outlet;
import akka.stream.SourceShape;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import io.holdfast.persistence.EventPage;
import io.holdfast.persistence.JournalQueries;
import io.holdfast.persistence.JournalUnavailableException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/**
 * The stream of a query. It reads a page when all events of the last one are taken, so a slow
 * reader holds nothing but a page in memory. A live one that has read everything waits for news; it
 * follows before it reads for the first time, so that nothing falls in between.
 */
final class PagedEvents extends GraphStage<SourceShape<EventEnvelope>> {
  /**
   * What is read.
   *
   * @param reached what is up to here is not wanted
   * @param upTo what is behind this is not wanted
   */
  record Range(long reached, long upTo) {}

  /** One query: of a tag by positions, or of a persistence id by sequence numbers. */
  interface Query {
    CompletionStage<Range> begin(boolean live);

    CompletionStage<EventPage> read(long reached, long upTo, int most);

    JournalQueries.Following follow(JournalQueries.Listener listener);
  }

  private final Outlet<EventEnvelope> out = Outlet.create("PagedEvents.out");
  private final SourceShape<EventEnvelope> shape = SourceShape.of(out);
  private final Query query;
  private final boolean live;
  private final QuerySettings settings;

  PagedEvents(Query query, boolean live, QuerySettings settings) {
    this.query = query;
    this.live = live;
    this.settings = settings;
  }

  @Override
  public SourceShape<EventEnvelope> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes inheritedAttributes) {
    return new Logic();
  }

  /** An answer, or why there is none. */
  private record Answer<T>(T value, Throwable failure) {}

  private final class Logic extends TimerGraphStageLogic {
    private final Queue<EventEnvelope> page = new ArrayDeque<>();
    private final AsyncCallback<Answer<Range>> begun = createAsyncCallback(this::onBegun);
    private final AsyncCallback<Answer<EventPage>> read = createAsyncCallback(this::onPage);
    private final AsyncCallback<NotUsed> news = createAsyncCallback(unused -> onNews());
    private final AsyncCallback<Throwable> closed = createAsyncCallback(this::failStage);
    private JournalQueries.Following following;
    private Range range;
    private long reached;
    private boolean isReading;
    private boolean mayHaveMore = true;
    private boolean isAtEnd;

    Logic() {
      super(shape);
      setHandler(
          out,
          new AbstractOutHandler() {
            @Override
            public void onPull() {
              goOn();
            }
          });
    }

    @Override
    public void preStart() {
      try {
        if (live) {
          following = query.follow(new Ear());
          scheduleWithFixedDelay("refresh", settings.refreshInterval(), settings.refreshInterval());
        }
        ask(query.begin(live), begun);
      } catch (RuntimeException e) {
        failStage(e);
      }
    }

    @Override
    public void postStop() {
      if (following != null) {
        following.close();
      }
    }

    @Override
    public void onTimer(Object key) {
      mayHaveMore = true;
      goOn();
    }

    private void onNews() {
      following.heard();
      mayHaveMore = true;
      goOn();
    }

    private void onBegun(Answer<Range> answer) {
      if (answer.failure() != null) {
        failStage(answer.failure());
        return;
      }
      range = answer.value();
      reached = range.reached();
      isAtEnd = reached >= range.upTo();
      goOn();
    }

    private void onPage(Answer<EventPage> answer) {
      isReading = false;
      if (answer.failure() != null) {
        failStage(answer.failure());
        return;
      }
      EventPage found = answer.value();
      found.events().forEach(event -> page.add(envelope(event)));
      reached = found.reached();
      mayHaveMore |= found.more();
      isAtEnd = reached >= range.upTo() || (!live && !found.more());
      goOn();
    }

    private void goOn() {
      if (!page.isEmpty() && isAvailable(out)) {
        push(out, page.remove());
      }
      if (!page.isEmpty() || range == null) {
        return;
      }
      if (isAtEnd) {
        completeStage();
      } else if (isAvailable(out) && mayHaveMore && !isReading) {
        // Before it reads: what comes meanwhile is told, and read again.
        mayHaveMore = false;
        isReading = true;
        ask(query.read(reached, range.upTo(), settings.pageEvents()), read);
      }
    }

    private <T> void ask(CompletionStage<T> stage, AsyncCallback<Answer<T>> callback) {
      BiConsumer<T, Throwable> answer =
          (value, failure) ->
              callback.invoke(
                  new Answer<>(
                      value,
                      failure instanceof CompletionException && failure.getCause() != null
                          ? failure.getCause()
                          : failure));
      var unused = stage.whenComplete(answer);
    }

    private EventEnvelope envelope(EventPage.Found found) {
      PersistentRepr event = found.event();
      return new EventEnvelope(
          Offset.sequence(found.position()),
          event.persistenceId(),
          event.sequenceNr(),
          event.payload(),
          event.timestamp());
    }

    /** Hears on the committing thread. */
    private final class Ear implements JournalQueries.Listener {
      @Override
      public void news() {
        news.invoke(NotUsed.getInstance());
      }

      @Override
      public void closed(JournalUnavailableException why) {
        closed.invoke(why);
      }
    }
  }
}
