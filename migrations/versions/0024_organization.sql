CREATE TABLE recall (
    number text NOT NULL,
    title text NOT NULL,
    source text NOT NULL,
    notice_number text NOT NULL,
    notice_date date,
    recall_class character varying(32) NOT NULL,
    depth character varying(32) NOT NULL,
    text text NOT NULL,
    instructions text NOT NULL,
    lots text[] NOT NULL,
    whole boolean NOT NULL,
    unread text[] NOT NULL,
    by_text boolean NOT NULL,
    status character varying(32) NOT NULL,
    opened_by uuid NOT NULL,
    opened_name text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    blocked_name text NOT NULL,
    blocked_at timestamp with time zone,
    told_at timestamp with time zone,
    closed_by uuid,
    closed_name text NOT NULL,
    closed_at timestamp with time zone,
    meaning text NOT NULL,
    figures jsonb,
    ended_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT recall_blocked_check CHECK (status NOT IN ('open', 'closed') OR blocked_at IS NOT NULL),
    CONSTRAINT recall_cancelled_check CHECK (status <> 'cancelled' OR ended_because <> ''),
    CONSTRAINT recall_closed_check CHECK ((status = 'closed') = (closed_by IS NOT NULL)),
    CONSTRAINT recall_lots_check CHECK (whole OR cardinality(lots) > 0),
    CONSTRAINT recall_number_key UNIQUE (number),
    CONSTRAINT recall_pkey PRIMARY KEY (id),
    CONSTRAINT recall_recallclass_check CHECK (recall_class IN ('I', 'II', 'III', 'not said')),
    CONSTRAINT recall_recalldepth_check CHECK (depth IN ('patient', 'pharmacy', 'wholesaler')),
    CONSTRAINT recall_recallstatus_check CHECK (status IN ('draft', 'open', 'closed', 'cancelled')),
    CONSTRAINT recall_signed_check CHECK (status <> 'closed' OR (meaning <> '' AND figures IS NOT NULL))
);

CREATE TABLE recall_call (
    contact_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    way character varying(32) NOT NULL,
    state character varying(32) NOT NULL,
    note text NOT NULL,
    by uuid NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT recall_call_contactstate_check CHECK (state IN ('to tell', 'sent', 'failed', 'reached', 'unreachable')),
    CONSTRAINT recall_call_contactway_check CHECK (way IN ('call', 'visit', 'letter', 'portal', 'return')),
    CONSTRAINT recall_call_pkey PRIMARY KEY (id)
);

CREATE TABLE recall_contact (
    recall_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    state character varying(32) NOT NULL,
    message_id uuid,
    told_at timestamp with time zone,
    reached_at timestamp with time zone,
    reached_by text NOT NULL,
    tries integer NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT recall_contact_contactstate_check CHECK (state IN ('to tell', 'sent', 'failed', 'reached', 'unreachable')),
    CONSTRAINT recall_contact_pkey PRIMARY KEY (id),
    CONSTRAINT recall_contact_reached_check CHECK ((state = 'reached') = (reached_at IS NOT NULL)),
    CONSTRAINT recall_contact_recall_id_patient_id_key UNIQUE (recall_id, patient_id)
);

CREATE TABLE recall_match (
    recall_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    lot character varying(32) NOT NULL,
    medicine character varying(32) NOT NULL,
    answer character varying(32) NOT NULL,
    answered_by uuid,
    answered_name text NOT NULL,
    answered_at timestamp with time zone,
    blocked boolean NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT recall_match_answered_check CHECK ((answer = 'open') = (answered_by IS NULL)),
    CONSTRAINT recall_match_matchanswer_check CHECK (answer IN ('open', 'confirmed', 'declined')),
    CONSTRAINT recall_match_matchlikeness_check CHECK (lot IN ('same', 'alike', 'other', 'every lot')),
    CONSTRAINT recall_match_medicine_check CHECK (medicine IN ('same', 'alike', 'other', 'every lot')),
    CONSTRAINT recall_match_pkey PRIMARY KEY (id),
    CONSTRAINT recall_match_recall_id_batch_id_key UNIQUE (recall_id, batch_id)
);

CREATE TABLE recall_product (
    recall_id uuid NOT NULL,
    product_id uuid NOT NULL,
    position integer NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT recall_product_pkey PRIMARY KEY (id),
    CONSTRAINT recall_product_recall_id_product_id_key UNIQUE (recall_id, product_id)
);

CREATE TABLE recall_return (
    contact_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    quantity numeric(18,6) NOT NULL,
    fate character varying(32) NOT NULL,
    by uuid NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT recall_return_pkey PRIMARY KEY (id),
    CONSTRAINT recall_return_quantity_check CHECK (quantity > 0),
    CONSTRAINT recall_return_returnfate_check CHECK (fate IN ('to be destroyed', 'set aside for the supplier'))
);

CREATE TABLE recalled_lot (
    recall_id uuid NOT NULL,
    recall text NOT NULL,
    product_id uuid NOT NULL,
    lot text,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT recalled_lot_lot_check CHECK (upper(regexp_replace(lot, '[\W_]+', '', 'g')) <> ''),
    CONSTRAINT recalled_lot_pkey PRIMARY KEY (id)
);

CREATE OR REPLACE FUNCTION refuse_recalled_bag()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  -- A recall of any of these medicines waits for this hand-over, or this hand-over for the recall.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('recall' || given.product_id::text, 0))
     FROM (SELECT DISTINCT product_id FROM dispensed_item
            WHERE dispensing_id = NEW.id AND round = NEW.round ORDER BY product_id) given;
  IF EXISTS (SELECT FROM dispensed_item i JOIN batch b ON b.id = i.batch_id
              WHERE i.dispensing_id = NEW.id AND i.round = NEW.round AND b.status = 'recalled') THEN
    RAISE EXCEPTION 'a recalled batch is not handed over'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensing_recalled_check', TABLE = 'dispensing';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION refuse_recalled_lot()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status = 'recalled' AND NEW.status <> 'recalled' THEN
    RAISE EXCEPTION 'a recall of a batch is final'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_recall_final_check', TABLE = 'batch';
  END IF;
  IF NEW.status <> 'recalled'
     AND (TG_OP = 'INSERT' OR NEW.number <> OLD.number OR NEW.product_id <> OLD.product_id)
     AND EXISTS (SELECT FROM recalled_lot r WHERE r.product_id = NEW.product_id
                    AND (r.lot IS NULL
                         OR upper(regexp_replace(r.lot, '[\W_]+', '', 'g')) = upper(regexp_replace(NEW.number, '[\W_]+', '', 'g')))) THEN
    RAISE EXCEPTION 'this lot was recalled'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_recalled_lot_check', TABLE = 'batch';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION refuse_recalled_units()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  -- A recall waits for whoever is taking this medicine, and whoever comes later waits for the recall.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('recall' || NEW.product_id::text, 0));
  IF EXISTS (
    SELECT FROM batch b WHERE b.id = NEW.batch_id
       AND (b.status = 'recalled' OR (NEW.kind = 'issue' AND b.status <> 'ok'))
  ) THEN
    RAISE EXCEPTION 'a batch that is set aside does not go out'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_set_aside_check', TABLE = 'movement';
  END IF;
  RETURN NEW;
END $function$;

ALTER TABLE recall_call ADD CONSTRAINT recall_call_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES recall_contact(id);

ALTER TABLE recall_call ADD CONSTRAINT recall_call_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE recall_contact ADD CONSTRAINT recall_contact_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE recall_contact ADD CONSTRAINT recall_contact_recall_id_fkey FOREIGN KEY (recall_id) REFERENCES recall(id);

ALTER TABLE recall_match ADD CONSTRAINT recall_match_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE recall_match ADD CONSTRAINT recall_match_recall_id_fkey FOREIGN KEY (recall_id) REFERENCES recall(id);

ALTER TABLE recall_product ADD CONSTRAINT recall_product_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE recall_product ADD CONSTRAINT recall_product_recall_id_fkey FOREIGN KEY (recall_id) REFERENCES recall(id);

ALTER TABLE recall_return ADD CONSTRAINT recall_return_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE recall_return ADD CONSTRAINT recall_return_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES recall_contact(id);

ALTER TABLE recall_return ADD CONSTRAINT recall_return_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE recalled_lot ADD CONSTRAINT recalled_lot_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

CREATE INDEX recall_open_idx ON recall (status) WHERE status IN ('draft', 'open');

CREATE INDEX recall_call_contact_id_idx ON recall_call (contact_id);

CREATE INDEX recall_call_patient_id_idx ON recall_call (patient_id);

CREATE INDEX recall_contact_message_id_idx ON recall_contact (message_id);

CREATE INDEX recall_contact_patient_id_idx ON recall_contact (patient_id);

CREATE INDEX recall_contact_state_idx ON recall_contact (recall_id, state);

CREATE INDEX recall_match_batch_id_idx ON recall_match (batch_id);

CREATE INDEX recall_product_product_id_idx ON recall_product (product_id);

CREATE INDEX recall_return_batch_id_idx ON recall_return (batch_id);

CREATE INDEX recall_return_contact_id_idx ON recall_return (contact_id);

CREATE INDEX recall_return_patient_id_idx ON recall_return (patient_id);

CREATE UNIQUE INDEX recalled_lot_key ON recalled_lot (recall_id, product_id, upper(regexp_replace(lot, '[\W_]+', '', 'g'))) NULLS NOT DISTINCT;

CREATE INDEX recalled_lot_product_idx ON recalled_lot (product_id, upper(regexp_replace(lot, '[\W_]+', '', 'g')));

CREATE TRIGGER recalled_for_good BEFORE INSERT OR UPDATE OF status, number, product_id ON batch
FOR EACH ROW EXECUTE FUNCTION refuse_recalled_lot();

CREATE TRIGGER recalled_bags_stay BEFORE UPDATE OF status ON dispensing
FOR EACH ROW WHEN (NEW.status = 'collected' AND OLD.status <> 'collected') EXECUTE FUNCTION refuse_recalled_bag();

CREATE TRIGGER recalled_units_stay BEFORE INSERT ON movement
FOR EACH ROW WHEN (NEW.kind IN ('issue', 'send')) EXECUTE FUNCTION refuse_recalled_units();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recall_call
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recall_return
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recalled_lot
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();
