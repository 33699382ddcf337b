DROP FUNCTION galen.announce(text[], bytea[], text);

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

CREATE OR REPLACE FUNCTION galen.tick(keys text[], dues timestamptz[], periods text[], names text[], payloads bytea[]) RETURNS int
LANGUAGE plpgsql SET search_path = galen AS $$
DECLARE
  fresh text[];
BEGIN
  WITH asked AS (
    SELECT a.*, coalesce(known.due < a.due AND known.period IN ('', a.period), false) AS wakes
    FROM unnest(keys, dues, periods) AS a (key, due, period) LEFT JOIN galen.clock_slot AS known USING (key)
  ), moved AS (
    INSERT INTO galen.clock_slot AS s (key, due, period, woken)
    SELECT key, due, period, CASE WHEN wakes THEN now() END FROM asked
    ON CONFLICT (key) DO UPDATE
    SET due = excluded.due, period = excluded.period, woken = coalesce(excluded.woken, s.woken)
    WHERE s.due < excluded.due OR s.period <> excluded.period
    RETURNING s.key
  )
  SELECT coalesce(array_agg(key), '{}') INTO fresh FROM asked JOIN moved USING (key) WHERE wakes;
  IF cardinality(fresh) > 0 THEN
    PERFORM galen.enqueue(array_agg(name), array_agg(payload))
    FROM unnest(keys, names, payloads) AS j (key, name, payload) WHERE key = ANY (fresh);
    PERFORM galen.wake_workers();
  END IF;
  RETURN cardinality(fresh);
END $$;
