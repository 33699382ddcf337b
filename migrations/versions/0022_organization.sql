CREATE TABLE dispensing_change (
    dispensing_id uuid NOT NULL,
    dispensing_line_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    drug text NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    by uuid NOT NULL,
    by_name text NOT NULL,
    at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT dispensing_change_changed_check CHECK (before <> after),
    CONSTRAINT dispensing_change_changekind_check CHECK (kind IN ('brand', 'quantity', 'days', 'batch')),
    CONSTRAINT dispensing_change_pkey PRIMARY KEY (id),
    CONSTRAINT dispensing_change_reason_check CHECK (reason <> '')
);

CREATE TABLE intervention (
    dispensing_id uuid NOT NULL,
    dispensing_line_id uuid,
    prescription_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    prescriber_id uuid NOT NULL,
    kind character varying(32) NOT NULL,
    reason character varying(32) NOT NULL,
    words text NOT NULL,
    drug text NOT NULL,
    status character varying(32) NOT NULL,
    asked_by uuid NOT NULL,
    asked_name text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    outcome character varying(32),
    answer text NOT NULL,
    answered_by uuid,
    answered_name text NOT NULL,
    answered_at timestamp with time zone,
    replacement_id uuid,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT intervention_answered_check CHECK ((status = 'answered') = (outcome IS NOT NULL AND answered_by IS NOT NULL AND answered_at IS NOT NULL)),
    CONSTRAINT intervention_due_check CHECK ((kind = 'refused') = (due_at IS NULL)),
    CONSTRAINT intervention_interventionkind_check CHECK (kind IN ('asked', 'sent back', 'refused')),
    CONSTRAINT intervention_prescriberdecision_check CHECK (outcome IN ('as written', 'changed', 'cancelled')),
    CONSTRAINT intervention_pkey PRIMARY KEY (id),
    CONSTRAINT intervention_refused_check CHECK (kind <> 'refused' OR status IN ('told', 'withdrawn')),
    CONSTRAINT intervention_replacement_check CHECK (outcome <> 'changed' OR replacement_id IS NOT NULL),
    CONSTRAINT intervention_status_check CHECK (status IN ('open', 'answered', 'told', 'withdrawn')),
    CONSTRAINT intervention_whyintervene_check CHECK (reason IN ('dose', 'directions', 'quantity', 'interaction', 'allergy', 'condition', 'duplicate', 'not available', 'law', 'doubt', 'patient', 'other')),
    CONSTRAINT intervention_words_check CHECK (words <> '')
);

ALTER TABLE dispensing ADD COLUMN held_for character varying(32);

ALTER TABLE dispensing ADD COLUMN collected_by character varying(32);

-- What was held until a day waits for that day; who took a medicine away was named when it was not the patient.
UPDATE dispensing SET held_for = 'date' WHERE status = 'held';

UPDATE dispensing SET collected_by = CASE WHEN collector = '' THEN 'patient' ELSE 'somebody else' END WHERE status = 'collected';

ALTER TABLE dispensing_line ADD COLUMN refused boolean DEFAULT false NOT NULL;

ALTER TABLE dispensing_line ALTER COLUMN refused DROP DEFAULT;

ALTER TABLE dispensing_policy ADD COLUMN two_persons_schedules text DEFAULT '' NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN two_persons_schedules DROP DEFAULT;

ALTER TABLE dispensing_policy ADD COLUMN answer_hours integer DEFAULT 24 NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN answer_hours DROP DEFAULT;

ALTER TABLE dispensing_policy ADD COLUMN look_back_days integer DEFAULT 14 NOT NULL;

ALTER TABLE dispensing_policy ALTER COLUMN look_back_days DROP DEFAULT;

CREATE OR REPLACE FUNCTION refuse_unanswered_question()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (SELECT FROM intervention i WHERE i.dispensing_id = NEW.id AND i.status = 'open')
    AND (SELECT status FROM dispensing d WHERE d.id = NEW.id) IN ('waiting', 'verified', 'dispensed') THEN
    RAISE EXCEPTION 'a question to the prescriber is still open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensing_unanswered_check', TABLE = 'dispensing';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION refuse_unconfirmed_packs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (
    SELECT FROM dispensing_line l LEFT JOIN LATERAL (
      SELECT * FROM pack_check c WHERE c.dispensing_line_id = l.id AND c.round = NEW.round
      ORDER BY c.position DESC LIMIT 1
    ) c ON true
    WHERE l.dispensing_id = NEW.id AND l.supplied > 0 AND CASE
      WHEN c.id IS NULL THEN NEW.packs_needed
      ELSE c.outcome NOT IN ('match', 'brand taken', 'batch taken', 'not scanned') OR c.product_id <> l.product_id
        OR (c.batch_id IS NOT NULL AND NOT EXISTS (
          SELECT FROM dispensed_item i
          WHERE i.dispensing_line_id = l.id AND i.round = NEW.round AND i.batch_id = c.batch_id)) END
  ) THEN
    RAISE EXCEPTION 'a line is dispensed whose pack was not confirmed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensing_packs_check', TABLE = 'dispensing';
  END IF;
  RETURN NULL;
END $function$;

ALTER TABLE dispensing ADD CONSTRAINT dispensing_collected_by_check CHECK (status <> 'collected' OR collected_by IS NOT NULL);

ALTER TABLE dispensing ADD CONSTRAINT dispensing_collectedby_check CHECK (collected_by IN ('patient', 'somebody else'));

ALTER TABLE dispensing DROP CONSTRAINT dispensing_held_check;

ALTER TABLE dispensing ADD CONSTRAINT dispensing_held_check CHECK (status <> 'held' OR (held_because <> '' AND wake_on IS NOT NULL AND held_for IS NOT NULL));

ALTER TABLE dispensing ADD CONSTRAINT dispensing_named_check CHECK (collected_by IS NULL OR collected_by <> 'somebody else' OR collector <> '');

ALTER TABLE dispensing DROP CONSTRAINT dispensing_status_check;

ALTER TABLE dispensing ADD CONSTRAINT dispensing_status_check CHECK (status IN ('waiting', 'held', 'asked', 'sent_back', 'verified', 'dispensed', 'collected', 'reversed', 'refused', 'cancelled'));

ALTER TABLE dispensing ADD CONSTRAINT dispensing_waitsfor_check CHECK (held_for IN ('date', 'stock', 'patient'));

ALTER TABLE dispensing_line ADD CONSTRAINT dispensing_line_refused_check CHECK (NOT refused OR supplied = 0);

ALTER TABLE dispensing_policy ADD CONSTRAINT dispensing_policy_terms_check CHECK (answer_hours > 0 AND look_back_days >= 0);

ALTER TABLE pack_check DROP CONSTRAINT pack_check_line_check;

ALTER TABLE pack_check ADD CONSTRAINT pack_check_line_check CHECK (outcome NOT IN ('match', 'brand taken', 'batch taken', 'not scanned') OR dispensing_line_id IS NOT NULL);

ALTER TABLE pack_check DROP CONSTRAINT pack_check_packoutcome_check;

ALTER TABLE pack_check ADD CONSTRAINT pack_check_packoutcome_check CHECK (outcome IN ('match', 'brand taken', 'batch taken', 'not scanned', 'other batch', 'other brand', 'wrong strength', 'wrong form', 'wrong product', 'unknown code', 'unknown batch', 'not here', 'expired', 'quarantined', 'recalled'));

ALTER TABLE pack_check DROP CONSTRAINT pack_check_product_check;

ALTER TABLE pack_check ADD CONSTRAINT pack_check_product_check CHECK (outcome NOT IN ('match', 'brand taken', 'batch taken') OR product_id IS NOT NULL);

ALTER TABLE dispensing_change ADD CONSTRAINT dispensing_change_dispensing_id_fkey FOREIGN KEY (dispensing_id) REFERENCES dispensing(id);

ALTER TABLE dispensing_change ADD CONSTRAINT dispensing_change_dispensing_line_id_fkey FOREIGN KEY (dispensing_line_id) REFERENCES dispensing_line(id);

ALTER TABLE dispensing_change ADD CONSTRAINT dispensing_change_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE intervention ADD CONSTRAINT intervention_dispensing_id_fkey FOREIGN KEY (dispensing_id) REFERENCES dispensing(id);

ALTER TABLE intervention ADD CONSTRAINT intervention_dispensing_line_id_fkey FOREIGN KEY (dispensing_line_id) REFERENCES dispensing_line(id);

ALTER TABLE intervention ADD CONSTRAINT intervention_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE intervention ADD CONSTRAINT intervention_prescription_id_fkey FOREIGN KEY (prescription_id) REFERENCES prescription(id);

ALTER TABLE intervention ADD CONSTRAINT intervention_replacement_id_fkey FOREIGN KEY (replacement_id) REFERENCES prescription(id);

CREATE INDEX dispensing_change_dispensing_id_idx ON dispensing_change (dispensing_id);

CREATE INDEX dispensing_change_patient_id_idx ON dispensing_change (patient_id);

CREATE INDEX intervention_dispensing_id_idx ON intervention (dispensing_id);

CREATE UNIQUE INDEX intervention_open_key ON intervention (dispensing_id, dispensing_line_id) NULLS NOT DISTINCT WHERE status = 'open';

CREATE INDEX intervention_patient_id_idx ON intervention (patient_id);

CREATE INDEX intervention_prescriber_id_idx ON intervention (prescriber_id);

CREATE INDEX intervention_prescription_id_idx ON intervention (prescription_id);

CREATE INDEX intervention_replacement_id_idx ON intervention (replacement_id);

CREATE INDEX intervention_status_asked_at_idx ON intervention (status, asked_at);

CREATE CONSTRAINT TRIGGER nothing_unanswered AFTER UPDATE OF status ON dispensing DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (
  OLD.status <> NEW.status AND (NEW.status = 'waiting' OR NEW.status = 'verified' OR NEW.status = 'dispensed'))
EXECUTE FUNCTION refuse_unanswered_question();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON dispensing_change FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
