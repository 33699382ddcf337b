ALTER TABLE batch DROP CONSTRAINT batch_product_id_number_expires_maker_key;

CREATE TABLE bag (
    dispensing_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    site_id uuid NOT NULL,
    bin text NOT NULL,
    status character varying(32) NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    assigned_name text NOT NULL,
    ready_at timestamp with time zone,
    remind_on date,
    collect_by date,
    reminded_at timestamp with time zone,
    ended_at timestamp with time zone,
    ended_name text NOT NULL,
    ended_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT bag_bagstatus_check CHECK (status IN ('assigned', 'ready', 'expired', 'collected', 'returned')),
    CONSTRAINT bag_because_check CHECK (status NOT IN ('expired', 'returned') OR ended_because <> ''),
    CONSTRAINT bag_bin_check CHECK (bin <> ''),
    CONSTRAINT bag_ended_check CHECK ((status IN ('assigned', 'ready')) = (ended_at IS NULL)),
    CONSTRAINT bag_pkey PRIMARY KEY (id),
    CONSTRAINT bag_ready_check CHECK (status <> 'ready' OR (ready_at IS NOT NULL AND collect_by IS NOT NULL))
);

CREATE TABLE patient_return (
    number text NOT NULL,
    dispensing_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    site_id uuid NOT NULL,
    reason character varying(32) NOT NULL,
    note text NOT NULL,
    credited numeric(18,4) NOT NULL,
    to_refund numeric(18,4) NOT NULL,
    currency text NOT NULL,
    by uuid NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT patient_return_credited_check CHECK (credited >= 0 AND to_refund >= 0),
    CONSTRAINT patient_return_note_check CHECK (reason <> 'other' OR note <> ''),
    CONSTRAINT patient_return_number_key UNIQUE (number),
    CONSTRAINT patient_return_pkey PRIMARY KEY (id),
    CONSTRAINT patient_return_whyreturned_check CHECK (reason IN ('not needed', 'stopped', 'side effect', 'died', 'recalled', 'defect', 'our mistake', 'other'))
);

CREATE TABLE returned_item (
    patient_return_id uuid NOT NULL,
    position integer NOT NULL,
    item_id uuid NOT NULL,
    drug text NOT NULL,
    batch text NOT NULL,
    quantity numeric(18,6) NOT NULL,
    unit text NOT NULL,
    fate character varying(32) NOT NULL,
    batch_id uuid NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT returned_item_fate_check CHECK (fate IN ('resale', 'quarantine', 'destroy')),
    CONSTRAINT returned_item_pkey PRIMARY KEY (id),
    CONSTRAINT returned_item_quantity_check CHECK (quantity > 0)
);

ALTER TABLE batch ADD COLUMN returned text DEFAULT ''::text NOT NULL;

ALTER TABLE dispensing_policy ADD COLUMN refill_controlled_strict boolean DEFAULT true NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN refill_controlled_strict DROP DEFAULT;

ALTER TABLE dispensing_policy ADD COLUMN refill_ahead integer;

ALTER TABLE dispensing_policy ADD COLUMN refill_apart integer;

ALTER TABLE dispensing_policy ADD COLUMN refill_look_back integer DEFAULT 180 NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN refill_look_back DROP DEFAULT;

ALTER TABLE dispensing_policy ADD COLUMN remind_days integer DEFAULT 3 NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN remind_days DROP DEFAULT;

ALTER TABLE dispensing_policy ADD COLUMN collect_days integer DEFAULT 10 NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN collect_days DROP DEFAULT;

ALTER TABLE dispensing_policy ADD COLUMN resale_of_returns boolean DEFAULT false NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN resale_of_returns DROP DEFAULT;

CREATE OR REPLACE FUNCTION refuse_returned_twice()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE given numeric;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.item_id::text, 0));
  SELECT quantity INTO given FROM dispensed_item WHERE id = NEW.item_id;
  IF (SELECT sum(quantity) FROM returned_item WHERE item_id = NEW.item_id) > given THEN
    RAISE EXCEPTION 'more is brought back than was given'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'returned_item_given_check', TABLE = 'returned_item';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION refuse_stray_bag()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (
    SELECT FROM bag b JOIN dispensing d ON d.id = b.dispensing_id
    WHERE d.id = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid AND b.status IN ('assigned', 'ready') AND d.status <> 'dispensed'
  ) THEN
    RAISE EXCEPTION 'a bag waits to be collected that is not ready to collect'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'bag_dispensed_check', TABLE = 'bag';
  END IF;
  RETURN NULL;
END $function$;

ALTER TABLE batch ADD CONSTRAINT batch_product_id_number_expires_maker_returned_key UNIQUE NULLS NOT DISTINCT (product_id, number, expires, maker, returned);

ALTER TABLE dispensing_policy ADD CONSTRAINT dispensing_policy_collect_days_check CHECK (remind_days BETWEEN 1 AND collect_days AND collect_days <= 180);

ALTER TABLE dispensing_policy ADD CONSTRAINT dispensing_policy_refill_days_check CHECK (refill_ahead >= 0 AND refill_apart > 0 AND refill_look_back BETWEEN 0 AND 730);

ALTER TABLE movement DROP CONSTRAINT movement_movementkind_check;

ALTER TABLE movement ADD CONSTRAINT movement_movementkind_check CHECK (kind IN ('receive', 'issue', 'reversal', 'adjust', 'count', 'return', 'take back', 'quarantine', 'release', 'send', 'arrive', 'destroy'));

ALTER TABLE bag ADD CONSTRAINT bag_dispensing_id_fkey FOREIGN KEY (dispensing_id) REFERENCES dispensing(id);

ALTER TABLE bag ADD CONSTRAINT bag_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE bag ADD CONSTRAINT bag_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE patient_return ADD CONSTRAINT patient_return_dispensing_id_fkey FOREIGN KEY (dispensing_id) REFERENCES dispensing(id);

ALTER TABLE patient_return ADD CONSTRAINT patient_return_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE patient_return ADD CONSTRAINT patient_return_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE returned_item ADD CONSTRAINT returned_item_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE returned_item ADD CONSTRAINT returned_item_item_id_fkey FOREIGN KEY (item_id) REFERENCES dispensed_item(id);

ALTER TABLE returned_item ADD CONSTRAINT returned_item_patient_return_id_fkey FOREIGN KEY (patient_return_id) REFERENCES patient_return(id);

CREATE INDEX bag_dispensing_id_idx ON bag (dispensing_id);

CREATE UNIQUE INDEX bag_live_key ON bag (dispensing_id) WHERE status IN ('assigned', 'ready');

CREATE INDEX bag_patient_id_idx ON bag (patient_id);

CREATE INDEX bag_waiting_idx ON bag (site_id, assigned_at) WHERE status IN ('assigned', 'ready', 'expired');

CREATE INDEX patient_return_dispensing_id_idx ON patient_return (dispensing_id);

CREATE INDEX patient_return_patient_id_idx ON patient_return (patient_id);

CREATE INDEX returned_item_item_id_idx ON returned_item (item_id);

CREATE INDEX returned_item_patient_return_id_idx ON returned_item (patient_return_id);

CREATE CONSTRAINT TRIGGER bag_is_dispensed AFTER INSERT OR UPDATE OF status ON bag DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status IN ('assigned', 'ready')) EXECUTE FUNCTION refuse_stray_bag('dispensing_id');

CREATE CONSTRAINT TRIGGER no_bag_is_left AFTER UPDATE OF status ON dispensing DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.status = 'dispensed' AND NEW.status <> 'dispensed') EXECUTE FUNCTION refuse_stray_bag('id');

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON patient_return FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON returned_item FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER returned_once AFTER INSERT ON returned_item FOR EACH ROW EXECUTE FUNCTION refuse_returned_twice();
