-- Whose journal this is. One row: the name of the master, the id by which its agents know the journal, and the process
-- that may act for it. Each process that takes the journal over has a greater epoch; the one before sees that, and ends.
CREATE TABLE journal_owner (
  one BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
  master TEXT NOT NULL,
  journal_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  taken_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
