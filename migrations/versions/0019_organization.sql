CREATE TABLE drawer (
	site_id UUID NOT NULL,
	name TEXT NOT NULL,
	retired BOOLEAN NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT drawer_pkey PRIMARY KEY (id),
	CONSTRAINT drawer_site_id_name_key UNIQUE (site_id, name),
	CONSTRAINT drawer_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id)
);

CREATE TABLE till_policy (
	site_id UUID NOT NULL,
	cash_needs_till BOOLEAN NOT NULL,
	tolerance NUMERIC(18, 4) NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT till_policy_pkey PRIMARY KEY (id),
	CONSTRAINT till_policy_tolerance_check CHECK (tolerance >= 0),
	CONSTRAINT till_policy_site_id_key UNIQUE (site_id),
	CONSTRAINT till_policy_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id)
);

CREATE TABLE till_session (
	drawer_id UUID NOT NULL,
	account_id UUID NOT NULL,
	cashier TEXT NOT NULL,
	currency TEXT NOT NULL,
	opening_float NUMERIC(18, 4) NOT NULL,
	opening_reason TEXT NOT NULL,
	cash NUMERIC(18, 4) NOT NULL,
	status VARCHAR(32) NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	counts JSONB NOT NULL,
	counted NUMERIC(18, 4),
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT till_session_pkey PRIMARY KEY (id),
	CONSTRAINT till_session_cash_check CHECK (cash >= 0),
	CONSTRAINT till_session_float_check CHECK (opening_float >= 0),
	CONSTRAINT till_session_counted_check CHECK ((status = 'open') = (counted IS NULL)),
	CONSTRAINT till_session_drawer_id_fkey FOREIGN KEY(drawer_id) REFERENCES drawer (id),
	CONSTRAINT till_session_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id),
	CONSTRAINT till_session_tillstate_check CHECK (status IN ('open', 'counted', 'closed'))
);

CREATE INDEX till_session_drawer_id_idx ON till_session (drawer_id);

CREATE UNIQUE INDEX till_session_drawer_open_idx ON till_session (drawer_id) WHERE status <> 'closed';

CREATE UNIQUE INDEX till_session_person_open_idx ON till_session (account_id) WHERE status <> 'closed';

CREATE FUNCTION move_till_cash() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved numeric := NEW.amount;
BEGIN
  IF TG_TABLE_NAME = 'payment' THEN
    moved := CASE WHEN NEW.method = 'cash' THEN NEW.amount + NEW.rounding ELSE 0 END;
  END IF;
  UPDATE till_session SET cash = cash + moved WHERE id = NEW.till_session_id AND status = 'open';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a till that was counted or closed takes no money'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'till_session_open', TABLE = 'till_session';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER closed_stays BEFORE UPDATE ON till_session FOR EACH ROW WHEN (OLD.status = 'closed')
EXECUTE FUNCTION galen.refuse_change();

CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON till_session
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TABLE cash_movement (
	till_session_id UUID NOT NULL,
	purpose VARCHAR(32) NOT NULL,
	amount NUMERIC(18, 4) NOT NULL,
	currency TEXT NOT NULL,
	reason TEXT NOT NULL,
	authority TEXT NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	made_by TEXT NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT cash_movement_pkey PRIMARY KEY (id),
	CONSTRAINT cash_movement_amount_check CHECK (amount <> 0),
	CONSTRAINT cash_movement_reason_check CHECK (reason <> ''),
	CONSTRAINT cash_movement_till_session_id_fkey FOREIGN KEY(till_session_id) REFERENCES till_session (id),
	CONSTRAINT cash_movement_cashfor_check CHECK (purpose IN ('safe', 'sundry'))
);

CREATE INDEX cash_movement_till_session_id_idx ON cash_movement (till_session_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cash_movement
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TRIGGER into_the_till AFTER INSERT ON cash_movement FOR EACH ROW EXECUTE FUNCTION move_till_cash();

CREATE TABLE z_report (
	till_session_id UUID NOT NULL,
	drawer_id UUID NOT NULL,
	number INTEGER NOT NULL,
	account_id UUID NOT NULL,
	cashier TEXT NOT NULL,
	closed_by TEXT NOT NULL,
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	closed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	day DATE NOT NULL,
	currency TEXT NOT NULL,
	opening_float NUMERIC(18, 4) NOT NULL,
	paid_in NUMERIC(18, 4) NOT NULL,
	paid_out NUMERIC(18, 4) NOT NULL,
	totals JSONB NOT NULL,
	pieces JSONB NOT NULL,
	times_counted INTEGER NOT NULL,
	expected NUMERIC(18, 4) NOT NULL,
	counted NUMERIC(18, 4) NOT NULL,
	difference NUMERIC(18, 4) NOT NULL,
	tolerance NUMERIC(18, 4) NOT NULL,
	reason TEXT NOT NULL,
	left_in NUMERIC(18, 4) NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT z_report_pkey PRIMARY KEY (id),
	CONSTRAINT z_report_drawer_id_number_key UNIQUE (drawer_id, number),
	CONSTRAINT z_report_difference_check CHECK (difference = counted - expected),
	CONSTRAINT z_report_reason_check CHECK (abs(difference) <= tolerance OR reason <> ''),
	CONSTRAINT z_report_left_in_check CHECK (left_in BETWEEN 0 AND counted),
	CONSTRAINT z_report_till_session_id_key UNIQUE (till_session_id),
	CONSTRAINT z_report_till_session_id_fkey FOREIGN KEY(till_session_id) REFERENCES till_session (id),
	CONSTRAINT z_report_drawer_id_fkey FOREIGN KEY(drawer_id) REFERENCES drawer (id),
	CONSTRAINT z_report_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX z_report_account_id_idx ON z_report (account_id);

CREATE INDEX z_report_closed_idx ON z_report (closed_at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON z_report
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

ALTER TABLE payment
	ADD COLUMN till_session_id UUID,
	ADD CONSTRAINT payment_till_session_id_fkey FOREIGN KEY(till_session_id) REFERENCES till_session (id);

CREATE INDEX payment_till_session_id_idx ON payment (till_session_id);

CREATE TRIGGER into_the_till AFTER INSERT ON payment FOR EACH ROW WHEN (NEW.till_session_id IS NOT NULL)
EXECUTE FUNCTION move_till_cash();

ALTER TABLE transaction
	ALTER COLUMN invoice_id DROP NOT NULL,
	ADD COLUMN till_session_id UUID,
	ADD CONSTRAINT transaction_till_session_id_fkey FOREIGN KEY(till_session_id) REFERENCES till_session (id);

CREATE INDEX transaction_till_session_id_idx ON transaction (till_session_id);

ALTER TABLE posting DROP CONSTRAINT posting_ledgeraccount_check;

ALTER TABLE posting ADD CONSTRAINT posting_ledgeraccount_check CHECK (account IN ('receivable', 'cash', 'card clearing', 'bank',
	'insurance receivable', 'revenue services', 'revenue goods', 'tax payable', 'rounding', 'discounts', 'cash in safe', 'paid in and out',
	'cash over and short'));
