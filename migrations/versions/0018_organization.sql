ALTER TABLE dispensing ADD COLUMN packs_needed BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE dispensing ALTER COLUMN packs_needed DROP DEFAULT;

UPDATE dispensing SET counselling = 'not offered' WHERE status = 'collected' AND counselling IS NULL;

ALTER TABLE dispensing ADD CONSTRAINT dispensing_counselled_check CHECK (status <> 'collected' OR counselling IS NOT NULL);

ALTER TABLE dispensing_policy ADD COLUMN pack_rule VARCHAR(32) NOT NULL DEFAULT 'at the workstation';

ALTER TABLE dispensing_policy ALTER COLUMN pack_rule DROP DEFAULT;

ALTER TABLE dispensing_policy ADD CONSTRAINT dispensing_policy_packrule_check CHECK (pack_rule IN ('never', 'at the workstation', 'always'));

-- Another argument makes another function: the old one goes.
DROP FUNCTION issue_stock(uuid, uuid, numeric, date, date, boolean, text, uuid, uuid, text, timestamptz);

CREATE FUNCTION issue_stock(
  at_site uuid, of_product uuid, wanted numeric, today date, lasting_until date, partly boolean,
  for_kind text, for_id uuid, actor uuid, actor_said text, moment timestamptz, in_hand uuid DEFAULT NULL
) RETURNS TABLE (movement uuid, level uuid, batch uuid, number text, expires date, was numeric, taken numeric,
                 short_dated boolean, remaining numeric, became_low boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  usable numeric;
  lasting numeric;
  missing numeric := wanted;
  floor_at numeric;
  shelf record;
BEGIN
  -- One at a time for each medicine of a site: strict order, and no deadlock between its batches.
  PERFORM pg_advisory_xact_lock(hashtextextended(at_site::text || of_product::text, 0));
  SELECT coalesce(sum(l.quantity), 0),
         coalesce(sum(l.quantity) FILTER (WHERE b.expires IS NULL OR b.expires >= coalesce(lasting_until, today)), 0)
    INTO usable, lasting
    FROM stock_level l JOIN batch b ON b.id = l.batch_id
   WHERE l.site_id = at_site AND l.product_id = of_product AND l.quantity > 0
     AND b.status = 'ok' AND (b.expires IS NULL OR b.expires >= today);
  IF usable < wanted AND NOT partly THEN
    RETURN QUERY SELECT NULL::uuid, NULL::uuid, NULL::uuid, NULL::text, NULL::date, NULL::numeric, 0::numeric,
                        false, usable, false;
    RETURN;
  END IF;
  SELECT p.reorder_level INTO floor_at FROM product p WHERE p.id = of_product;
  FOR shelf IN
    SELECT l.id, l.batch_id, b.number, b.expires, l.quantity AS here
      FROM stock_level l JOIN batch b ON b.id = l.batch_id
     WHERE l.site_id = at_site AND l.product_id = of_product AND l.quantity > 0
       AND b.status = 'ok' AND (b.expires IS NULL OR b.expires >= today)
       AND (lasting < wanted OR b.expires IS NULL OR b.expires >= coalesce(lasting_until, today) OR b.id = in_hand)
     ORDER BY b.id IS NOT DISTINCT FROM in_hand DESC, b.expires NULLS LAST, b.id, l.id
       FOR UPDATE OF l
  LOOP
    EXIT WHEN missing <= 0;
    taken := least(shelf.here, missing);
    missing := missing - taken;
    usable := usable - taken;
    movement := gen_random_uuid();
    UPDATE stock_level SET quantity = quantity - taken, version = version + 1 WHERE id = shelf.id;
    INSERT INTO movement (id, version, site_id, level_id, batch_id, product_id, kind, quantity, balance, reason,
                          reference_kind, reference_id, actor_id, actor_name, at)
    VALUES (movement, 1, at_site, shelf.id, shelf.batch_id, of_product, 'issue', -taken, shelf.here - taken, '',
            for_kind, for_id, actor, actor_said, moment);
    level := shelf.id;
    batch := shelf.batch_id;
    number := shelf.number;
    expires := shelf.expires;
    was := shelf.here;
    short_dated := shelf.expires < lasting_until;
    remaining := usable;
    became_low := usable <= coalesce(floor_at, 0) AND usable + wanted - missing > coalesce(floor_at, 0);
    RETURN NEXT;
  END LOOP;
END $$;

CREATE TABLE pack_check (
	dispensing_id UUID NOT NULL,
	dispensing_line_id UUID,
	patient_id UUID NOT NULL,
	round INTEGER NOT NULL,
	position INTEGER NOT NULL,
	outcome VARCHAR(32) NOT NULL,
	product_id UUID,
	product TEXT NOT NULL,
	code TEXT NOT NULL,
	batch_id UUID,
	batch TEXT NOT NULL,
	expires DATE,
	reason TEXT NOT NULL,
	note TEXT NOT NULL,
	by UUID NOT NULL,
	by_name TEXT NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT pack_check_pkey PRIMARY KEY (id),
	CONSTRAINT pack_check_dispensing_id_position_key UNIQUE (dispensing_id, position),
	CONSTRAINT pack_check_reason_check CHECK (outcome <> 'not scanned' OR reason <> ''),
	CONSTRAINT pack_check_line_check CHECK (outcome NOT IN ('match', 'batch taken', 'not scanned') OR dispensing_line_id IS NOT NULL),
	CONSTRAINT pack_check_product_check CHECK (outcome NOT IN ('match', 'batch taken') OR product_id IS NOT NULL),
	CONSTRAINT pack_check_batch_check CHECK (outcome <> 'batch taken' OR batch_id IS NOT NULL),
	CONSTRAINT pack_check_dispensing_id_fkey FOREIGN KEY(dispensing_id) REFERENCES dispensing (id),
	CONSTRAINT pack_check_dispensing_line_id_fkey FOREIGN KEY(dispensing_line_id) REFERENCES dispensing_line (id),
	CONSTRAINT pack_check_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id),
	CONSTRAINT pack_check_packoutcome_check CHECK (outcome IN ('match', 'batch taken', 'not scanned', 'other batch', 'other brand', 'wrong strength', 'wrong form', 'wrong product', 'unknown code', 'unknown batch', 'not here', 'expired', 'quarantined', 'recalled')),
	CONSTRAINT pack_check_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id),
	CONSTRAINT pack_check_batch_id_fkey FOREIGN KEY(batch_id) REFERENCES batch (id)
);

CREATE INDEX pack_check_batch_id_idx ON pack_check (batch_id);

CREATE INDEX pack_check_dispensing_line_id_idx ON pack_check (dispensing_line_id);

CREATE INDEX pack_check_patient_id_idx ON pack_check (patient_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pack_check
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE FUNCTION refuse_unconfirmed_packs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM dispensing_line l LEFT JOIN LATERAL (
      SELECT * FROM pack_check c WHERE c.dispensing_line_id = l.id AND c.round = NEW.round
      ORDER BY c.position DESC LIMIT 1
    ) c ON true
    WHERE l.dispensing_id = NEW.id AND l.supplied > 0 AND CASE
      WHEN c.id IS NULL THEN NEW.packs_needed
      ELSE c.outcome NOT IN ('match', 'batch taken', 'not scanned') OR c.product_id <> l.product_id
        OR (c.batch_id IS NOT NULL AND NOT EXISTS (
          SELECT FROM dispensed_item i
          WHERE i.dispensing_line_id = l.id AND i.round = NEW.round AND i.batch_id = c.batch_id)) END
  ) THEN
    RAISE EXCEPTION 'a line is dispensed whose pack was not confirmed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispensing_packs_check', TABLE = 'dispensing';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER packs_confirmed AFTER UPDATE OF status ON dispensing DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.status = 'dispensed' AND OLD.status <> 'dispensed') EXECUTE FUNCTION refuse_unconfirmed_packs();
