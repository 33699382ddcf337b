-- What all organisations share, beside the tables of records in this schema.

CREATE FUNCTION galen.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A range over uuid, so that an exclusion constraint can say "same practitioner" without any extension.
CREATE TYPE galen.uuidrange AS RANGE (subtype = uuid);

-- Which moment of a clock job was last taken, per organisation and job.
CREATE TABLE galen.clock_slot (key text PRIMARY KEY, due timestamptz NOT NULL);

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

-- What an organisation's role may do with the queue: put in jobs of its own, and tell the live screens.
CREATE FUNCTION galen.announce(names text[], payloads bytea[], note text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = galen AS $$
DECLARE
  own text := replace(substr(current_setting('role'), 5), '_', '-');
BEGIN
  IF own <> note::jsonb ->> 'organization'
     OR EXISTS (SELECT FROM unnest(payloads) p WHERE convert_from(p, 'UTF8')::jsonb ->> 'organization' <> own) THEN
    RAISE EXCEPTION 'an organisation announces only its own facts';
  END IF;
  IF cardinality(names) > 0 THEN
    PERFORM galen.enqueue(names, payloads);
  END IF;
  PERFORM pg_notify('galen_live', note);
END $$;

-- The clock: each slot of each job is enqueued once, however many workers ask.
CREATE FUNCTION galen.tick(keys text[], dues timestamptz[], names text[], payloads bytea[]) RETURNS int LANGUAGE plpgsql
SET search_path = galen AS $$
DECLARE
  fresh text[];
  taken int;
BEGIN
  WITH moved AS (
    INSERT INTO galen.clock_slot AS s (key, due) SELECT * FROM unnest(keys, dues)
    ON CONFLICT (key) DO UPDATE SET due = excluded.due WHERE s.due < excluded.due
    RETURNING s.key
  )
  SELECT array_agg(key) INTO fresh FROM moved;
  WITH jobs AS (
    SELECT name, payload FROM unnest(keys, names, payloads) AS j (key, name, payload) WHERE key = ANY (fresh)
  )
  SELECT count(*) INTO taken FROM jobs;
  IF taken > 0 THEN
    PERFORM galen.enqueue(array_agg(name), array_agg(payload))
    FROM unnest(keys, names, payloads) AS j (key, name, payload) WHERE key = ANY (fresh);
  END IF;
  RETURN taken;
END $$;
