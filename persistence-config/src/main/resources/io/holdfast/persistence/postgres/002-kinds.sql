-- Every event is found by the kind of its persistence id: what stands before the first '|', or the whole of it.
-- Newer events get this tag when they are written.
INSERT INTO event_tag (event_id, tag)
SELECT ordering,
  CASE WHEN position('|' IN persistence_id) > 1 THEN split_part(persistence_id, '|', 1) ELSE persistence_id END
FROM event_journal
ON CONFLICT DO NOTHING;
