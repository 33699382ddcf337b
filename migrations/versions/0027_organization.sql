CREATE TABLE excursion (
    number text NOT NULL,
    place_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    status character varying(32) NOT NULL,
    began timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    lowest numeric(6,3),
    highest numeric(6,3),
    mean numeric(6,3),
    opened_at timestamp with time zone NOT NULL,
    told integer NOT NULL,
    acknowledged_by uuid,
    acknowledged_name text NOT NULL,
    acknowledged_at timestamp with time zone,
    closed_at timestamp with time zone,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT excursion_acknowledged_check CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL)),
    CONSTRAINT excursion_closed_check CHECK (status <> 'closed' OR acknowledged_by IS NOT NULL),
    CONSTRAINT excursion_ended_check CHECK (ended IS NULL OR ended >= began),
    CONSTRAINT excursion_excursionkind_check CHECK (kind IN ('temperature', 'no data')),
    CONSTRAINT excursion_excursionstatus_check CHECK (status IN ('ongoing', 'over', 'closed')),
    CONSTRAINT excursion_number_key UNIQUE (number),
    CONSTRAINT excursion_ongoing_check CHECK ((status = 'ongoing') = (ended IS NULL)),
    CONSTRAINT excursion_pkey PRIMARY KEY (id)
);

CREATE TABLE excursion_batch (
    excursion_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    product_id uuid NOT NULL,
    minutes integer NOT NULL,
    held boolean NOT NULL,
    fate character varying(32),
    reason text NOT NULL,
    reference text NOT NULL,
    decided_by uuid,
    decided_name text NOT NULL,
    decided_at timestamp with time zone,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT excursion_batch_batchfate_check CHECK (fate IN ('release', 'destroy', 'keep on hold')),
    CONSTRAINT excursion_batch_decided_check CHECK ((fate IS NULL) = (decided_by IS NULL)),
    CONSTRAINT excursion_batch_excursion_id_batch_id_key UNIQUE (excursion_id, batch_id),
    CONSTRAINT excursion_batch_minutes_check CHECK (minutes >= 0),
    CONSTRAINT excursion_batch_pkey PRIMARY KEY (id),
    CONSTRAINT excursion_batch_reason_check CHECK (fate IS NULL OR reason <> '')
);

CREATE TABLE excursion_note (
    seq bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    excursion_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    words text NOT NULL,
    number integer,
    at timestamp with time zone NOT NULL,
    by uuid NOT NULL,
    by_name text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT excursion_note_notekind_check CHECK (kind IN ('comment', 'acknowledged', 'told', 'ended', 'decided', 'closed')),
    CONSTRAINT excursion_note_pkey PRIMARY KEY (id),
    CONSTRAINT excursion_note_seq_key UNIQUE (seq)
);

CREATE TABLE latest_reading (
    sensor_id uuid NOT NULL,
    taken timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    celsius numeric(6,3),
    flat_since timestamp with time zone NOT NULL,
    clock_off boolean NOT NULL,
    battery integer,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT latest_reading_pkey PRIMARY KEY (id),
    CONSTRAINT latest_reading_sensor_id_key UNIQUE (sensor_id)
);

CREATE TABLE place_bin (
    place_id uuid NOT NULL,
    site_id uuid NOT NULL,
    location text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT place_bin_pkey PRIMARY KEY (id),
    CONSTRAINT place_bin_site_id_location_key UNIQUE (site_id, location)
);

CREATE TABLE sensor (
    serial text NOT NULL,
    place_id uuid NOT NULL,
    unit text NOT NULL,
    calibrated_until date,
    registered_at timestamp with time zone NOT NULL,
    secret bytea NOT NULL,
    broker_password text NOT NULL,
    closed_at timestamp with time zone,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT sensor_pkey PRIMARY KEY (id),
    CONSTRAINT sensor_serial_check CHECK (serial ~ '^[A-Za-z0-9_.-]{1,64}$'),
    CONSTRAINT sensor_unit_check CHECK (unit IN ('C', 'F'))
);

CREATE TABLE sensor_reading (
    sensor_id uuid NOT NULL,
    mark text NOT NULL,
    at timestamp with time zone NOT NULL,
    taken timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    clock_off boolean NOT NULL,
    celsius numeric(6,3),
    said numeric(9,3) NOT NULL,
    unit text NOT NULL,
    seq bigint,
    battery integer,
    probe text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT sensor_reading_pkey PRIMARY KEY (id),
    CONSTRAINT sensor_reading_sensor_id_mark_key UNIQUE (sensor_id, mark)
);

CREATE TABLE storage_place (
    site_id uuid NOT NULL,
    name text NOT NULL,
    kind character varying(32) NOT NULL,
    profile_id uuid NOT NULL,
    closed_at timestamp with time zone,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT storage_place_pkey PRIMARY KEY (id),
    CONSTRAINT storage_place_placekind_check CHECK (kind IN ('fridge', 'room', 'freezer')),
    CONSTRAINT storage_place_site_id_name_key UNIQUE (site_id, name)
);

CREATE TABLE temperature_profile (
    name text NOT NULL,
    low numeric(6,3) NOT NULL,
    high numeric(6,3) NOT NULL,
    tolerated_low numeric(6,3) NOT NULL,
    tolerated_high numeric(6,3) NOT NULL,
    tolerated_minutes integer NOT NULL,
    interval_minutes integer NOT NULL,
    flat_hours integer,
    mean_most numeric(6,3),
    budget_hours integer,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT temperature_profile_budget_check CHECK (budget_hours IS NULL OR budget_hours > 0),
    CONSTRAINT temperature_profile_flat_check CHECK (flat_hours IS NULL OR flat_hours > 0),
    CONSTRAINT temperature_profile_minutes_check CHECK (tolerated_minutes >= 0 AND interval_minutes BETWEEN 1 AND 1440),
    CONSTRAINT temperature_profile_name_key UNIQUE (name),
    CONSTRAINT temperature_profile_pkey PRIMARY KEY (id),
    CONSTRAINT temperature_profile_range_check CHECK (low < high),
    CONSTRAINT temperature_profile_tolerated_check CHECK (tolerated_low <= low AND tolerated_high >= high)
);

CREATE OR REPLACE FUNCTION keep_what_an_excursion_holds()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (SELECT 1 FROM excursion_batch WHERE batch_id = NEW.id AND fate IS NULL) THEN
    RAISE EXCEPTION 'this batch waits for a decision about an excursion'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_held_by_excursion';
  END IF;
  RETURN NEW;
END $function$;

ALTER TABLE excursion ADD CONSTRAINT excursion_place_id_fkey FOREIGN KEY (place_id) REFERENCES storage_place(id);

ALTER TABLE excursion_batch ADD CONSTRAINT excursion_batch_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE excursion_batch ADD CONSTRAINT excursion_batch_excursion_id_fkey FOREIGN KEY (excursion_id) REFERENCES excursion(id);

ALTER TABLE excursion_batch ADD CONSTRAINT excursion_batch_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE excursion_note ADD CONSTRAINT excursion_note_excursion_id_fkey FOREIGN KEY (excursion_id) REFERENCES excursion(id);

ALTER TABLE latest_reading ADD CONSTRAINT latest_reading_sensor_id_fkey FOREIGN KEY (sensor_id) REFERENCES sensor(id);

ALTER TABLE place_bin ADD CONSTRAINT place_bin_place_id_fkey FOREIGN KEY (place_id) REFERENCES storage_place(id);

ALTER TABLE place_bin ADD CONSTRAINT place_bin_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE sensor ADD CONSTRAINT sensor_place_id_fkey FOREIGN KEY (place_id) REFERENCES storage_place(id);

ALTER TABLE sensor_reading ADD CONSTRAINT sensor_reading_sensor_id_fkey FOREIGN KEY (sensor_id) REFERENCES sensor(id);

ALTER TABLE storage_place ADD CONSTRAINT storage_place_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES temperature_profile(id);

ALTER TABLE storage_place ADD CONSTRAINT storage_place_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

CREATE UNIQUE INDEX excursion_out_of_range_key ON excursion (place_id) WHERE status = 'ongoing' AND kind = 'temperature';

CREATE UNIQUE INDEX excursion_silent_key ON excursion (place_id) WHERE status = 'ongoing' AND kind = 'no data';

CREATE INDEX excursion_open_idx ON excursion (status) WHERE status <> 'closed';

CREATE INDEX excursion_place_began_idx ON excursion (place_id, began);

CREATE INDEX excursion_batch_batch_id_idx ON excursion_batch (batch_id);

CREATE INDEX excursion_note_excursion_id_idx ON excursion_note (excursion_id);

CREATE INDEX place_bin_place_id_idx ON place_bin (place_id);

CREATE INDEX sensor_place_id_idx ON sensor (place_id);

CREATE UNIQUE INDEX sensor_serial_key ON sensor (serial) WHERE closed_at IS NULL;

CREATE INDEX sensor_reading_taken_idx ON sensor_reading (sensor_id, taken);

CREATE INDEX storage_place_profile_id_idx ON storage_place (profile_id);

CREATE TRIGGER held_by_excursion BEFORE UPDATE OF status ON batch FOR EACH ROW WHEN ((((old.status)::text = 'quarantined'::text) AND ((new.status)::text = 'ok'::text))) EXECUTE FUNCTION keep_what_an_excursion_holds();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON excursion_note FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sensor_reading FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
