DROP FUNCTION galen.tick(text[], timestamptz[], text[], text[], bytea[]);

-- The clock: each slot of each job is enqueued once, however many workers ask. A job that is new here, or has another
-- period than before, is not woken for a slot that lies before it was: the slot is only noted. A slot noted for a moment
-- to come shows that the clock was set back: an interval goes on at once, another schedule when it was ahead by a day, and
-- jobs that were to wait until a moment of that other time (a retry waits for half a minute) wait no longer.
CREATE FUNCTION galen.tick(at timestamptz, keys text[], dues timestamptz[], periods text[], names text[],
                           payloads bytea[]) RETURNS int
LANGUAGE plpgsql SET search_path = galen AS $$
DECLARE
  fresh text[];
  back boolean;
BEGIN
  WITH asked AS (
    SELECT a.*, known.due > at AND (a.period ~ '^[0-9]+[smh]$' OR known.due > at + interval '1 day') AS ahead,
      known.due AS noted, known.period IN ('', a.period) AS known
    FROM unnest(keys, dues, periods) AS a (key, due, period) LEFT JOIN galen.clock_slot AS known USING (key)
  ), judged AS (
    SELECT *, coalesce(known AND (noted < due OR ahead AND period ~ '^[0-9]+[smh]$'), false) AS wakes FROM asked
  ), moved AS (
    INSERT INTO galen.clock_slot AS s (key, due, period, woken)
    SELECT key, due, period, CASE WHEN wakes THEN now() END FROM judged
    ON CONFLICT (key) DO UPDATE
    SET due = excluded.due, period = excluded.period, woken = coalesce(excluded.woken, s.woken)
    WHERE s.due < excluded.due OR s.period <> excluded.period
      OR s.due > at AND (excluded.period ~ '^[0-9]+[smh]$' OR s.due > at + interval '1 day')
    RETURNING s.key
  )
  SELECT coalesce(array_agg(key) FILTER (WHERE wakes), '{}'), coalesce(bool_or(ahead), false) INTO fresh, back
  FROM judged JOIN moved USING (key);
  IF back THEN
    UPDATE galen.pgqueuer SET execute_after = at WHERE status = 'queued' AND execute_after > at + interval '10 minutes';
    UPDATE galen.pgqueuer SET heartbeat = at WHERE status = 'picked' AND heartbeat > at;
  END IF;
  IF cardinality(fresh) > 0 THEN
    PERFORM galen.enqueue(array_agg(name), array_agg(payload))
    FROM unnest(keys, names, payloads) AS j (key, name, payload) WHERE key = ANY (fresh);
    PERFORM galen.wake_workers();
  END IF;
  RETURN cardinality(fresh);
END $$;

REVOKE EXECUTE ON FUNCTION galen.tick FROM PUBLIC;

GRANT EXECUTE ON FUNCTION galen.tick TO galen_app;

-- Failed jobs of one's own wait again (`again`) or are gone; what was done to which.
CREATE OR REPLACE FUNCTION galen.decide_own_jobs(ids bigint[], again boolean) RETURNS TABLE (id bigint) LANGUAGE sql SECURITY DEFINER
SET search_path = galen AS $$
  WITH own AS (SELECT j.id FROM galen.own_jobs('{failed}') j WHERE j.id = ANY (ids)),
  requeued AS (
    UPDATE galen.pgqueuer q SET status = 'queued', attempts = 0, execute_after = now(), updated = now(),
      queue_manager_id = NULL, headers = NULL
    FROM own WHERE again AND q.id = own.id AND q.status = 'failed' RETURNING q.id, q.entrypoint, q.priority, q.status
  ), discarded AS (
    DELETE FROM galen.pgqueuer q
    USING own WHERE NOT again AND q.id = own.id AND q.status = 'failed'
    RETURNING q.id, q.entrypoint, q.priority, 'deleted'::galen.pgqueuer_status AS status
  ), decided AS (SELECT * FROM requeued UNION ALL SELECT * FROM discarded),
  noted AS (
    INSERT INTO galen.pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT s.id, s.status, s.entrypoint, s.priority FROM decided s
  )
  SELECT decided.id FROM decided
$$;

-- What the queue notes of jobs that are over is kept for a week, and removed so many rows at a time: how many were.
CREATE FUNCTION galen.prune_queue(most int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = galen AS $$
  WITH old AS (
    SELECT l.id FROM galen.pgqueuer_log l
    WHERE l.created < now() - interval '7 days' AND NOT EXISTS (SELECT FROM galen.pgqueuer q WHERE q.id = l.job_id)
    ORDER BY l.id LIMIT most FOR UPDATE SKIP LOCKED
  ), removed AS (DELETE FROM galen.pgqueuer_log l USING old WHERE l.id = old.id RETURNING 1),
  counted AS (
    SELECT s.id FROM galen.pgqueuer_statistics s WHERE s.created < now() - interval '7 days' ORDER BY s.id LIMIT most
    FOR UPDATE SKIP LOCKED
  ), forgotten AS (DELETE FROM galen.pgqueuer_statistics s USING counted WHERE s.id = counted.id RETURNING 1)
  SELECT (SELECT count(*) FROM removed) + (SELECT count(*) FROM forgotten)
$$;
