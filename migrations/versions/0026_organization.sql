CREATE TABLE account_member (
    account_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT account_member_account_id_patient_id_key UNIQUE (account_id, patient_id),
    CONSTRAINT account_member_pkey PRIMARY KEY (id)
);

CREATE TABLE charge_account (
    number text NOT NULL,
    holder text NOT NULL,
    kind character varying(32) NOT NULL,
    email text NOT NULL,
    address text NOT NULL,
    currency text NOT NULL,
    credit_limit numeric(18,4) NOT NULL,
    limit_set_by text NOT NULL,
    balance numeric(18,4) NOT NULL,
    mails_statement boolean NOT NULL,
    status character varying(32) NOT NULL,
    ended_because text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT charge_account_accountstatus_check CHECK (status IN ('open', 'closed')),
    CONSTRAINT charge_account_closed_check CHECK (status <> 'closed' OR ended_because <> ''),
    CONSTRAINT charge_account_credit_limit_check CHECK (credit_limit >= 0),
    CONSTRAINT charge_account_holder_check CHECK (holder <> ''),
    CONSTRAINT charge_account_holderkind_check CHECK (kind IN ('person', 'family', 'nursing home', 'business')),
    CONSTRAINT charge_account_number_key UNIQUE (number),
    CONSTRAINT charge_account_pkey PRIMARY KEY (id)
);

CREATE TABLE sale (
    number text NOT NULL,
    site_id uuid NOT NULL,
    patient_id uuid,
    cashier_id uuid NOT NULL,
    cashier text NOT NULL,
    status character varying(32) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    parked_as text NOT NULL,
    buyer_name text NOT NULL,
    buyer_document text NOT NULL,
    buyer_address text NOT NULL,
    approved_by uuid,
    approved_name text NOT NULL,
    approved_at timestamp with time zone,
    approval_note text NOT NULL,
    answered text[] NOT NULL,
    discount numeric(18,4) NOT NULL,
    discount_reason text NOT NULL,
    ended_because text NOT NULL,
    invoice_id uuid,
    sold_at timestamp with time zone,
    printed integer NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT sale_invoice_id_key UNIQUE (invoice_id),
    CONSTRAINT sale_number_key UNIQUE (number),
    CONSTRAINT sale_pkey PRIMARY KEY (id),
    CONSTRAINT sale_salestatus_check CHECK (status IN ('open', 'parked', 'sold', 'void')),
    CONSTRAINT sale_sold_at_check CHECK ((status = 'sold') = (sold_at IS NOT NULL)),
    CONSTRAINT sale_sold_check CHECK ((status = 'sold') = (invoice_id IS NOT NULL)),
    CONSTRAINT sale_void_check CHECK (status <> 'void' OR ended_because <> '')
);

CREATE TABLE sale_line (
    sale_id uuid NOT NULL,
    position integer NOT NULL,
    product_id uuid NOT NULL,
    text text NOT NULL,
    unit text NOT NULL,
    pack_size numeric(18,6) NOT NULL,
    quantity numeric(18,6) NOT NULL,
    unit_price numeric(18,6),
    price_source text NOT NULL,
    price_on date,
    price_reason text NOT NULL,
    price_by text NOT NULL,
    discount_rate numeric(18,6) NOT NULL,
    discount_reason text NOT NULL,
    tax_class text NOT NULL,
    supply character varying(32) NOT NULL,
    batch_id uuid,
    limited jsonb NOT NULL,
    returned numeric(18,6) NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT sale_line_discount_check CHECK (discount_rate = 0 OR discount_reason <> ''),
    CONSTRAINT sale_line_discount_rate_check CHECK (discount_rate BETWEEN 0 AND 1),
    CONSTRAINT sale_line_pkey PRIMARY KEY (id),
    CONSTRAINT sale_line_price_by_check CHECK (price_reason = '' OR price_by <> ''),
    CONSTRAINT sale_line_quantity_check CHECK (quantity > 0),
    CONSTRAINT sale_line_returned_check CHECK (returned BETWEEN 0 AND quantity),
    CONSTRAINT sale_line_sale_id_product_id_key UNIQUE (sale_id, product_id),
    CONSTRAINT sale_line_saleclass_check CHECK (supply IN ('general sale', 'pharmacy', 'pharmacist only')),
    CONSTRAINT sale_line_unit_price_check CHECK (unit_price > 0)
);

CREATE TABLE sale_return (
    number text NOT NULL,
    sale_id uuid NOT NULL,
    patient_id uuid,
    sale_line_id uuid NOT NULL,
    text text NOT NULL,
    quantity numeric(18,6) NOT NULL,
    amount numeric(18,4) NOT NULL,
    currency text NOT NULL,
    goods character varying(32) NOT NULL,
    witness text NOT NULL,
    reason text NOT NULL,
    batches jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    made_by text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT sale_return_goods_check CHECK (goods IN ('set aside, to be destroyed', 'destroyed', 'back on the shelf')),
    CONSTRAINT sale_return_number_key UNIQUE (number),
    CONSTRAINT sale_return_pkey PRIMARY KEY (id),
    CONSTRAINT sale_return_quantity_check CHECK (quantity > 0),
    CONSTRAINT sale_return_reason_check CHECK (reason <> ''),
    CONSTRAINT sale_return_witness_check CHECK (goods <> 'destroyed' OR witness <> '')
);

ALTER TABLE payment ALTER COLUMN invoice_id DROP NOT NULL;

ALTER TABLE payment ADD COLUMN charge_account_id uuid;

ALTER TABLE payment ADD COLUMN over_limit text DEFAULT '' NOT NULL;

ALTER TABLE payment ALTER COLUMN over_limit DROP DEFAULT;

CREATE OR REPLACE FUNCTION move_charge_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  moved numeric := CASE WHEN NEW.method = 'account' THEN NEW.amount ELSE -NEW.amount END;
  charged boolean := NEW.method = 'account' AND NEW.amount > 0;
BEGIN
  UPDATE charge_account SET balance = balance + moved
   WHERE id = NEW.charge_account_id
     AND (NOT charged OR (status = 'open' AND (NEW.over_limit <> '' OR balance + moved <= credit_limit)));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a charge account takes no more than its limit'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'charge_account_limit', TABLE = 'charge_account';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION refuse_unpriced_sale()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (SELECT FROM sale_line WHERE sale_id = NEW.id AND unit_price IS NULL)
     OR NOT EXISTS (SELECT FROM sale_line WHERE sale_id = NEW.id) THEN
    RAISE EXCEPTION 'a sale has lines, and each has a price'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sale_priced', TABLE = 'sale';
  END IF;
  RETURN NULL;
END $function$;

ALTER TABLE payment ADD CONSTRAINT payment_account_check CHECK (method <> 'account' OR (invoice_id IS NOT NULL AND charge_account_id IS NOT NULL));

ALTER TABLE payment DROP CONSTRAINT payment_method_check;

ALTER TABLE payment ADD CONSTRAINT payment_method_check CHECK (method IN ('cash', 'card', 'transfer', 'insurance', 'voucher', 'account'));

ALTER TABLE payment ADD CONSTRAINT payment_settles_check CHECK (invoice_id IS NOT NULL OR charge_account_id IS NOT NULL);

ALTER TABLE posting DROP CONSTRAINT posting_ledgeraccount_check;

ALTER TABLE posting ADD CONSTRAINT posting_ledgeraccount_check CHECK (account IN ('receivable', 'cash', 'card clearing', 'bank', 'insurance receivable', 'vouchers', 'charge accounts', 'revenue services', 'revenue goods', 'tax payable', 'rounding', 'discounts', 'cash in safe', 'paid in and out', 'cash over and short'));

ALTER TABLE account_member ADD CONSTRAINT account_member_account_id_fkey FOREIGN KEY (account_id) REFERENCES charge_account(id);

ALTER TABLE account_member ADD CONSTRAINT account_member_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE payment ADD CONSTRAINT payment_charge_account_id_fkey FOREIGN KEY (charge_account_id) REFERENCES charge_account(id);

ALTER TABLE sale ADD CONSTRAINT sale_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES invoice(id);

ALTER TABLE sale ADD CONSTRAINT sale_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE sale ADD CONSTRAINT sale_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE sale_line ADD CONSTRAINT sale_line_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE sale_line ADD CONSTRAINT sale_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE sale_line ADD CONSTRAINT sale_line_sale_id_fkey FOREIGN KEY (sale_id) REFERENCES sale(id);

ALTER TABLE sale_return ADD CONSTRAINT sale_return_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES patient(id);

ALTER TABLE sale_return ADD CONSTRAINT sale_return_sale_id_fkey FOREIGN KEY (sale_id) REFERENCES sale(id);

ALTER TABLE sale_return ADD CONSTRAINT sale_return_sale_line_id_fkey FOREIGN KEY (sale_line_id) REFERENCES sale_line(id);

CREATE INDEX account_member_patient_id_idx ON account_member (patient_id);

CREATE INDEX charge_account_holder_idx ON charge_account (holder);

CREATE INDEX payment_charge_account_id_idx ON payment (charge_account_id);

CREATE INDEX sale_document_idx ON sale (upper(buyer_document)) WHERE buyer_document <> '';

CREATE UNIQUE INDEX sale_open_idx ON sale (site_id, cashier_id) WHERE status = 'open';

CREATE INDEX sale_opened_idx ON sale (opened_at);

CREATE INDEX sale_parked_idx ON sale (site_id) WHERE status = 'parked';

CREATE INDEX sale_patient_id_idx ON sale (patient_id);

CREATE INDEX sale_line_product_id_idx ON sale_line (product_id);

CREATE INDEX sale_return_patient_id_idx ON sale_return (patient_id);

CREATE INDEX sale_return_sale_id_idx ON sale_return (sale_id);

CREATE INDEX sale_return_sale_line_id_idx ON sale_return (sale_line_id);

CREATE TRIGGER onto_the_account AFTER INSERT ON payment FOR EACH ROW WHEN ((new.charge_account_id IS NOT NULL)) EXECUTE FUNCTION move_charge_account();

CREATE CONSTRAINT TRIGGER priced AFTER INSERT OR UPDATE ON sale DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.status)::text = 'sold'::text)) EXECUTE FUNCTION refuse_unpriced_sale();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON sale_return FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
