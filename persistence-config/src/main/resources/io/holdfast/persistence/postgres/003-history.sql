-- The history of a master: made from the journal, and made again when it is dropped. The embedded database uses the same text.
CREATE TABLE history_runs (
  job VARCHAR NOT NULL,
  number BIGINT NOT NULL,
  state VARCHAR NOT NULL,
  requested_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  request_id VARCHAR,
  cancel_requested_at TIMESTAMP(6) WITH TIME ZONE,
  attempts INTEGER NOT NULL,
  adopted BOOLEAN NOT NULL,
  ended_at TIMESTAMP(6) WITH TIME ZONE,
  message VARCHAR,
  outcome VARCHAR,
  PRIMARY KEY (job, number)
);

CREATE INDEX history_runs_time_idx ON history_runs (requested_at DESC, job DESC, number DESC);
CREATE INDEX history_runs_job_idx ON history_runs (job, requested_at DESC, number DESC);
CREATE INDEX history_runs_state_idx ON history_runs (state, requested_at DESC, job DESC, number DESC);

CREATE TABLE history_executions (
  job VARCHAR NOT NULL,
  run BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  agent VARCHAR NOT NULL,
  fencing_token BIGINT,
  assigned_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  adopted BOOLEAN NOT NULL,
  started_at TIMESTAMP(6) WITH TIME ZONE,
  ended_at TIMESTAMP(6) WITH TIME ZONE,
  outcome VARCHAR,
  amended VARCHAR,
  PRIMARY KEY (job, run, attempt)
);

CREATE INDEX history_executions_time_idx
  ON history_executions (assigned_at DESC, job DESC, run DESC, attempt DESC);
CREATE INDEX history_executions_agent_idx
  ON history_executions (agent, assigned_at DESC, job DESC, run DESC, attempt DESC);

-- When tasks started, as their agents reported it. Of its own, because another projection writes it.
CREATE TABLE history_starts (
  job VARCHAR NOT NULL,
  run BIGINT NOT NULL,
  attempt INTEGER NOT NULL,
  agent VARCHAR NOT NULL,
  started_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  PRIMARY KEY (job, run, attempt, agent)
);

CREATE TABLE history_agents (
  agent VARCHAR PRIMARY KEY,
  number BIGINT NOT NULL,
  state VARCHAR NOT NULL,
  since TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  epoch BIGINT,
  journal_id VARCHAR,
  incarnation VARCHAR,
  activated_at TIMESTAMP(6) WITH TIME ZONE,
  reconciled_at TIMESTAMP(6) WITH TIME ZONE,
  lost_at TIMESTAMP(6) WITH TIME ZONE,
  message VARCHAR
);

-- How far each stream of events is taken in: the last one, and where it stands in the journal.
CREATE TABLE history_progress (
  stream VARCHAR PRIMARY KEY,
  place BIGINT NOT NULL,
  persistence_id VARCHAR NOT NULL,
  sequence_number BIGINT NOT NULL,
  up_to TIMESTAMP(6) WITH TIME ZONE NOT NULL,
  events BIGINT NOT NULL
);

-- What akka-projection needs, in the form that it asks for.
CREATE TABLE history_offsets (
  projection_name VARCHAR(255) NOT NULL,
  projection_key VARCHAR(255) NOT NULL,
  current_offset VARCHAR(255) NOT NULL,
  manifest VARCHAR(32) NOT NULL,
  mergeable BOOLEAN NOT NULL,
  last_updated BIGINT NOT NULL,
  PRIMARY KEY (projection_name, projection_key)
);

CREATE TABLE history_management (
  projection_name VARCHAR(255) NOT NULL,
  projection_key VARCHAR(255) NOT NULL,
  paused BOOLEAN NOT NULL,
  last_updated BIGINT NOT NULL,
  PRIMARY KEY (projection_name, projection_key)
);

-- One row, made last: by which rules the rows were made, and what is known of the newest rebuild.
CREATE TABLE history_state (
  version INTEGER NOT NULL,
  clearing BOOLEAN NOT NULL,
  goal BIGINT NOT NULL,
  rebuild_began_at TIMESTAMP(6) WITH TIME ZONE,
  rebuild_ended_at TIMESTAMP(6) WITH TIME ZONE
);
