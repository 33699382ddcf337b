-- What all organisations share, beside the tables of records in this schema.

CREATE FUNCTION galen.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A range over uuid, so that an exclusion constraint can say "same practitioner" without any extension.
CREATE TYPE galen.uuidrange AS RANGE (subtype = uuid);

-- Which moment of a clock job was last taken, per organisation and job ("north inventory.morning_round"); when the job
-- was woken for it, if it ever was; and the period it had then.
CREATE TABLE galen.clock_slot (
  key text PRIMARY KEY,
  due timestamptz NOT NULL,
  period text NOT NULL DEFAULT '',
  woken timestamptz
);

CREATE FUNCTION galen.enqueue(names text[], payloads bytea[]) RETURNS void LANGUAGE sql
SET search_path = galen AS $$
  WITH queued AS (
    INSERT INTO galen.pgqueuer (priority, entrypoint, payload, status)
    SELECT 0, name, payload, 'queued' FROM unnest(names, payloads) AS job (name, payload)
    RETURNING id, entrypoint
  )
  INSERT INTO galen.pgqueuer_log (job_id, status, entrypoint, priority)
  SELECT id, 'queued', entrypoint, 0 FROM queued
$$;

-- The queue's own trigger would put a NOTIFY into each commit, and writers would wait for each other. Workers are woken
-- after it, for many commits at once (core/notices.py).
DROP TRIGGER tg_pgqueuer_changed ON galen.pgqueuer;

CREATE FUNCTION galen.wake_workers() RETURNS void LANGUAGE sql AS $$
  SELECT pg_notify('ch_pgqueuer', json_build_object('channel', 'ch_pgqueuer', 'operation', 'insert', 'sent_at', now(),
    'table', 'pgqueuer', 'type', 'table_changed_event')::text)
$$;

-- What an organisation's role may do with the queue: put in jobs of its own.
CREATE FUNCTION galen.enqueue_own(names text[], payloads bytea[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = galen AS $$
DECLARE
  own text := replace(substr(current_setting('role'), 5), '_', '-');
BEGIN
  IF EXISTS (SELECT FROM unnest(payloads) p WHERE convert_from(p, 'UTF8')::jsonb ->> 'organization' <> own) THEN
    RAISE EXCEPTION 'an organisation enqueues only its own jobs';
  END IF;
  PERFORM galen.enqueue(names, payloads);
END $$;

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

-- What an organisation may see of the queue, and do there: its own jobs, which their payloads name. `trouble` is the kind
-- of the last error; the words of an error are never kept.
CREATE FUNCTION galen.own_jobs(states text[]) RETURNS TABLE (
  id bigint, name text, state text, attempts int, cause text, created timestamptz, changed timestamptz, due timestamptz,
  trouble text
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = galen AS $$
  SELECT q.id, q.entrypoint, own.state, q.attempts, coalesce(own.told ->> 'cause', ''), q.created, q.updated,
    q.execute_after, coalesce(last.trouble, '')
  FROM galen.pgqueuer q
  CROSS JOIN LATERAL (
    SELECT CASE q.status WHEN 'queued' THEN 'waiting' WHEN 'picked' THEN 'running' WHEN 'failed' THEN 'failed' END AS state,
      convert_from(q.payload, 'UTF8')::jsonb AS told
  ) own
  LEFT JOIN LATERAL (
    SELECT CASE l.traceback ->> 'exception_type'
      WHEN 'RetryRequested' THEN l.traceback #>> '{additional_context,reason}'
      WHEN 'JobFailed' THEN l.traceback ->> 'exception_message'
      ELSE l.traceback ->> 'exception_type' END AS trouble
    FROM galen.pgqueuer_log l WHERE l.job_id = q.id AND l.traceback IS NOT NULL ORDER BY l.created DESC, l.id DESC LIMIT 1
  ) last ON q.attempts > 0 OR q.status = 'failed'
  WHERE own.state = ANY (states)
    AND own.told ->> 'organization' = replace(substr(current_setting('role'), 5), '_', '-')
$$;

-- Failed jobs of one's own wait again (`again`) or are gone; what was done to which.
CREATE FUNCTION galen.decide_own_jobs(ids bigint[], again boolean) RETURNS TABLE (id bigint) LANGUAGE sql SECURITY DEFINER
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

-- The clock's jobs of one's own organisation: when each was last woken, and for which moment.
CREATE FUNCTION galen.own_clock() RETURNS TABLE (name text, due timestamptz, woken timestamptz) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = galen AS $$
  SELECT split_part(s.key, ' ', 2), s.due, s.woken FROM galen.clock_slot s
  WHERE split_part(s.key, ' ', 1) = replace(substr(current_setting('role'), 5), '_', '-')
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
