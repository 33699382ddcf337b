CREATE TABLE attempt (
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	username BYTEA NOT NULL, 
	origin TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT attempt_pkey PRIMARY KEY (id)
);

CREATE INDEX attempt_at_idx ON attempt (at);

CREATE INDEX attempt_origin_idx ON attempt (origin);

CREATE TABLE audit_entry (
	seq BIGINT GENERATED ALWAYS AS IDENTITY, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor_id UUID NOT NULL, 
	actor_name TEXT NOT NULL, 
	verb TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	subject_id UUID, 
	patient_id UUID, 
	changes JSONB NOT NULL, 
	site_id UUID, 
	request_id UUID NOT NULL, 
	origin TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT audit_entry_pkey PRIMARY KEY (id), 
	CONSTRAINT audit_entry_seq_key UNIQUE (seq)
);

CREATE INDEX audit_entry_actor_id_idx ON audit_entry (actor_id);

CREATE INDEX audit_entry_at_idx ON audit_entry (at);

CREATE INDEX audit_entry_patient_id_idx ON audit_entry (patient_id);

CREATE INDEX audit_entry_subject_id_idx ON audit_entry (subject_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TABLE card_given (
	service TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	knowledge TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	outcome TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	comment TEXT NOT NULL, 
	answered_at TIMESTAMP WITH TIME ZONE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT card_given_pkey PRIMARY KEY (id), 
	CONSTRAINT card_given_outcome_check CHECK (outcome IN ('', 'accepted', 'overridden'))
);

CREATE INDEX card_given_at_idx ON card_given (at);

CREATE TABLE catalogue_import (
	kind TEXT NOT NULL, 
	source TEXT NOT NULL, 
	file TEXT NOT NULL, 
	columns JSONB NOT NULL, 
	guess JSONB NOT NULL, 
	counts JSONB NOT NULL, 
	remarks JSONB NOT NULL, 
	problem TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	applied_at TIMESTAMP WITH TIME ZONE, 
	status VARCHAR(32) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT catalogue_import_pkey PRIMARY KEY (id), 
	CONSTRAINT catalogue_import_importstate_check CHECK (status IN ('waiting', 'preview', 'applying', 'done', 'failed', 'discarded'))
);

CREATE TABLE counter (
	name TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT counter_pkey PRIMARY KEY (id), 
	CONSTRAINT counter_name_key UNIQUE (name)
);

CREATE TABLE dispensing_policy (
	one BOOLEAN NOT NULL, 
	two_persons_always BOOLEAN NOT NULL, 
	refill_at NUMERIC(18, 6) NOT NULL, 
	refill_controlled_at NUMERIC(18, 6) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT dispensing_policy_pkey PRIMARY KEY (id), 
	CONSTRAINT dispensing_policy_one_check CHECK (one), 
	CONSTRAINT dispensing_policy_refill_check CHECK (refill_at > 0 AND refill_at <= 1 AND refill_controlled_at > 0 AND refill_controlled_at <= 1), 
	CONSTRAINT dispensing_policy_one_key UNIQUE (one)
);

CREATE TABLE fhir_import (
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	source TEXT NOT NULL, 
	files INTEGER NOT NULL, 
	files_failed INTEGER NOT NULL, 
	resources JSONB NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT fhir_import_pkey PRIMARY KEY (id)
);

CREATE TABLE ingredient (
	name TEXT NOT NULL, 
	key TEXT NOT NULL, 
	synonyms TEXT[] NOT NULL, 
	brands TEXT[] NOT NULL, 
	atc TEXT[] NOT NULL, 
	rxcui TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT ingredient_pkey PRIMARY KEY (id), 
	CONSTRAINT ingredient_name_key UNIQUE (name), 
	CONSTRAINT ingredient_key_key UNIQUE (key)
);

CREATE TABLE interaction_table (
	name TEXT NOT NULL, 
	edition TEXT NOT NULL, 
	licence TEXT NOT NULL, 
	dated DATE, 
	imported_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	pairs INTEGER NOT NULL, 
	switched_on BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT interaction_table_pkey PRIMARY KEY (id), 
	CONSTRAINT interaction_table_name_key UNIQUE (name)
);

CREATE TABLE message (
	channel VARCHAR(32) NOT NULL, 
	"to" TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	text TEXT NOT NULL, 
	about TEXT NOT NULL, 
	private BOOLEAN NOT NULL, 
	patient_id UUID, 
	account_id UUID, 
	queued_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	next_try TIMESTAMP WITH TIME ZONE NOT NULL, 
	attempts INTEGER NOT NULL, 
	trouble TEXT NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT message_pkey PRIMARY KEY (id), 
	CONSTRAINT message_attempts_check CHECK (attempts >= 0), 
	CONSTRAINT message_channel_check CHECK (channel IN ('email', 'sms', 'in_app')), 
	CONSTRAINT message_messagestatus_check CHECK (status IN ('queued', 'sent', 'kept', 'failed'))
);

CREATE INDEX message_account_id_idx ON message (account_id);

CREATE INDEX message_patient_id_idx ON message (patient_id);

CREATE INDEX message_waiting_idx ON message (next_try) WHERE status = 'queued';

CREATE TABLE once_key (
	key TEXT NOT NULL, 
	actor_id UUID NOT NULL, 
	fingerprint BYTEA NOT NULL, 
	status INTEGER NOT NULL, 
	headers TEXT NOT NULL, 
	body BYTEA NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT once_key_pkey PRIMARY KEY (id), 
	CONSTRAINT once_key_actor_id_key_key UNIQUE (actor_id, key)
);

CREATE TABLE patient (
	number TEXT NOT NULL, 
	family TEXT NOT NULL, 
	given TEXT NOT NULL, 
	preferred TEXT NOT NULL, 
	search TEXT NOT NULL, 
	given_search TEXT NOT NULL, 
	sound TEXT NOT NULL, 
	given_sound TEXT DEFAULT '' NOT NULL, 
	letters TEXT DEFAULT '' NOT NULL, 
	sex VARCHAR(32) NOT NULL, 
	born DATE, 
	born_known TEXT NOT NULL, 
	phone TEXT NOT NULL, 
	phone_e164 TEXT, 
	email TEXT NOT NULL, 
	street TEXT NOT NULL, 
	suburb TEXT NOT NULL, 
	state TEXT NOT NULL, 
	postcode TEXT NOT NULL, 
	country TEXT NOT NULL, 
	language TEXT NOT NULL, 
	label_large BOOLEAN NOT NULL, 
	contact JSONB NOT NULL, 
	allergy_state VARCHAR(32) NOT NULL, 
	deceased_on DATE, 
	archived_at TIMESTAMP WITH TIME ZONE, 
	registered_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT patient_pkey PRIMARY KEY (id), 
	CONSTRAINT patient_born_known_check CHECK (born_known IN ('day', 'month', 'year')), 
	CONSTRAINT patient_number_key UNIQUE (number), 
	CONSTRAINT patient_sex_check CHECK (sex IN ('female', 'male', 'other', 'unknown')), 
	CONSTRAINT patient_allergystate_check CHECK (allergy_state IN ('not asked', 'none known', 'known'))
);

CREATE INDEX patient_born_idx ON patient (born);

CREATE INDEX patient_given_search_idx ON patient (given_search COLLATE "C");

CREATE INDEX patient_given_sound_idx ON patient (given_sound);

CREATE INDEX patient_letters_idx ON patient (letters);

CREATE INDEX patient_phone_e164_idx ON patient (phone_e164);

CREATE INDEX patient_search_idx ON patient (search COLLATE "C");

CREATE INDEX patient_sound_idx ON patient (sound, given_sound);

CREATE SEQUENCE patient_number OWNED BY patient.number;

CREATE TABLE product (
	generic TEXT NOT NULL, 
	brand TEXT NOT NULL, 
	strength TEXT NOT NULL, 
	form TEXT NOT NULL, 
	route TEXT NOT NULL, 
	tall TEXT NOT NULL, 
	atc TEXT NOT NULL, 
	rxcui TEXT NOT NULL, 
	ndc TEXT NOT NULL, 
	artg TEXT NOT NULL, 
	te_code TEXT NOT NULL, 
	schedule_au TEXT NOT NULL, 
	schedule_us TEXT NOT NULL, 
	prescription_only BOOLEAN NOT NULL, 
	price NUMERIC(18, 4) NOT NULL, 
	currency TEXT NOT NULL, 
	tax_class TEXT NOT NULL, 
	pack_size NUMERIC(18, 6) NOT NULL, 
	unit TEXT NOT NULL, 
	storage TEXT NOT NULL, 
	reorder_level NUMERIC(18, 6) NOT NULL, 
	sort TEXT NOT NULL, 
	source TEXT, 
	archived_at TIMESTAMP WITH TIME ZONE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT product_pkey PRIMARY KEY (id), 
	CONSTRAINT product_price_check CHECK (price >= 0), 
	CONSTRAINT product_pack_size_check CHECK (pack_size > 0), 
	CONSTRAINT product_reorder_level_check CHECK (reorder_level >= 0), 
	CONSTRAINT product_tax_class_check CHECK (tax_class IN ('medicine', 'goods', 'service')), 
	CONSTRAINT product_source_key UNIQUE (source)
);

CREATE INDEX product_artg_idx ON product (artg);

CREATE INDEX product_atc_idx ON product (atc);

CREATE INDEX product_ndc_idx ON product (ndc);

CREATE INDEX product_rxcui_idx ON product (rxcui);

CREATE INDEX product_sort_idx ON product (sort);

CREATE TABLE role (
	name TEXT NOT NULL, 
	permissions TEXT[] NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT role_pkey PRIMARY KEY (id), 
	CONSTRAINT role_name_key UNIQUE (name)
);

CREATE TABLE seal_record (
	number INTEGER NOT NULL, 
	log TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	floor BIGINT NOT NULL, 
	covers JSONB NOT NULL, 
	root BYTEA NOT NULL, 
	previous BYTEA NOT NULL, 
	signature BYTEA NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT seal_record_pkey PRIMARY KEY (id), 
	CONSTRAINT seal_record_number_key UNIQUE (number)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal_record
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE FUNCTION audit_floor() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  found bigint := -1;
BEGIN
  BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    LOCK TABLE audit_entry IN SHARE MODE;
    SELECT coalesce(max(seq), 0) INTO found FROM audit_entry;
    RAISE EXCEPTION 'give the lock back' USING ERRCODE = 'GA001';
  EXCEPTION WHEN SQLSTATE 'GA001' THEN NULL;
            WHEN lock_not_available THEN found := -1;
  END;
  RETURN found;
END $$;

CREATE TABLE site (
	name TEXT NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	zone TEXT NOT NULL, 
	street TEXT NOT NULL, 
	suburb TEXT NOT NULL, 
	state TEXT NOT NULL, 
	postcode TEXT NOT NULL, 
	phone TEXT NOT NULL, 
	email TEXT NOT NULL, 
	licence TEXT NOT NULL, 
	licence_ends DATE, 
	hours JSONB NOT NULL, 
	closed BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT site_pkey PRIMARY KEY (id), 
	CONSTRAINT site_name_key UNIQUE (name), 
	CONSTRAINT site_sitekind_check CHECK (kind IN ('clinic', 'pharmacy', 'both'))
);

CREATE TABLE standard_fees (
	sole BOOLEAN NOT NULL, 
	fee_new NUMERIC(18, 4) NOT NULL, 
	fee_returning NUMERIC(18, 4) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT standard_fees_pkey PRIMARY KEY (id), 
	CONSTRAINT standard_fees_sole_key UNIQUE (sole), 
	CONSTRAINT standard_fees_sole_check CHECK (sole)
);

CREATE TABLE account (
	username TEXT NOT NULL, 
	email TEXT, 
	name TEXT NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	patient_id UUID, 
	roles TEXT[] NOT NULL, 
	site_id UUID, 
	password TEXT NOT NULL, 
	email_confirmed BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	failures INTEGER NOT NULL, 
	locked_until TIMESTAMP WITH TIME ZONE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT account_pkey PRIMARY KEY (id), 
	CONSTRAINT account_username_key UNIQUE (username), 
	CONSTRAINT account_email_key UNIQUE (email), 
	CONSTRAINT account_accountkind_check CHECK (kind IN ('staff', 'patient')), 
	CONSTRAINT account_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id)
);

CREATE INDEX account_patient_id_idx ON account (patient_id);

CREATE INDEX account_site_id_idx ON account (site_id);

CREATE TABLE alert_given (
	patient_id UUID NOT NULL, 
	place VARCHAR(32) NOT NULL, 
	key TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	tier TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	comment TEXT NOT NULL, 
	by_id UUID NOT NULL, 
	by_name TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	knowledge TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT alert_given_pkey PRIMARY KEY (id), 
	CONSTRAINT alert_given_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT alert_given_place_check CHECK (place IN ('prescribing', 'dispensing'))
);

CREATE INDEX alert_given_at_idx ON alert_given (at);

CREATE INDEX alert_given_patient_id_key_idx ON alert_given (patient_id, key);

CREATE TABLE allergy (
	patient_id UUID NOT NULL, 
	substance TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	code TEXT NOT NULL, 
	system TEXT NOT NULL, 
	reaction TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	noted_on DATE, 
	recorded_at TIMESTAMP WITH TIME ZONE, 
	status VARCHAR(32) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT allergy_pkey PRIMARY KEY (id), 
	CONSTRAINT allergy_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT allergy_allergystatus_check CHECK (status IN ('active', 'resolved', 'entered_in_error'))
);

CREATE INDEX allergy_patient_id_idx ON allergy (patient_id);

CREATE TABLE barcode (
	product_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT barcode_pkey PRIMARY KEY (id), 
	CONSTRAINT barcode_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id), 
	CONSTRAINT barcode_code_key UNIQUE (code)
);

CREATE INDEX barcode_product_id_idx ON barcode (product_id);

CREATE TABLE batch (
	product_id UUID NOT NULL, 
	number TEXT NOT NULL, 
	expires DATE, 
	maker TEXT NOT NULL, 
	gtin TEXT NOT NULL, 
	unit_cost NUMERIC(18, 4), 
	status VARCHAR(32) NOT NULL, 
	status_reason TEXT NOT NULL, 
	received_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT batch_pkey PRIMARY KEY (id), 
	CONSTRAINT batch_product_id_number_expires_maker_key UNIQUE NULLS NOT DISTINCT (product_id, number, expires, maker), 
	CONSTRAINT batch_expires_check CHECK (expires IS NULL OR expires >= '2000-01-01'), 
	CONSTRAINT batch_unit_cost_check CHECK (unit_cost >= 0), 
	CONSTRAINT batch_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id), 
	CONSTRAINT batch_batchstatus_check CHECK (status IN ('ok', 'quarantined', 'recalled'))
);

CREATE INDEX batch_expires_idx ON batch (expires);

CREATE INDEX batch_product_id_idx ON batch (product_id);

CREATE TABLE condition (
	patient_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	system TEXT NOT NULL, 
	text TEXT NOT NULL, 
	since DATE, 
	until DATE, 
	recorded_at TIMESTAMP WITH TIME ZONE, 
	entered_in_error BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT condition_pkey PRIMARY KEY (id), 
	CONSTRAINT condition_order_check CHECK (until >= since), 
	CONSTRAINT condition_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX condition_patient_id_idx ON condition (patient_id);

CREATE TABLE coverage (
	patient_id UUID NOT NULL, 
	payer TEXT NOT NULL, 
	plan TEXT NOT NULL, 
	member TEXT NOT NULL, 
	"group" TEXT NOT NULL, 
	valid_from DATE, 
	valid_until DATE, 
	priority INTEGER NOT NULL, 
	ended BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT coverage_pkey PRIMARY KEY (id), 
	CONSTRAINT coverage_order_check CHECK (valid_until >= valid_from), 
	CONSTRAINT coverage_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX coverage_patient_id_idx ON coverage (patient_id);

CREATE TABLE current_medicine (
	patient_id UUID NOT NULL, 
	text TEXT NOT NULL, 
	ingredient TEXT NOT NULL, 
	code TEXT NOT NULL, 
	system TEXT NOT NULL, 
	directions TEXT NOT NULL, 
	since DATE, 
	until DATE, 
	recorded_at TIMESTAMP WITH TIME ZONE, 
	reason_stopped TEXT NOT NULL, 
	entered_in_error BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT current_medicine_pkey PRIMARY KEY (id), 
	CONSTRAINT current_medicine_order_check CHECK (until >= since), 
	CONSTRAINT current_medicine_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX current_medicine_patient_id_idx ON current_medicine (patient_id);

CREATE TABLE day_close (
	site_id UUID NOT NULL, 
	day DATE NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	closed_by TEXT NOT NULL, 
	first_receipt INTEGER NOT NULL, 
	last_receipt INTEGER NOT NULL, 
	totals JSONB NOT NULL, 
	expected NUMERIC(18, 4) NOT NULL, 
	counted NUMERIC(18, 4) NOT NULL, 
	currency TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT day_close_pkey PRIMARY KEY (id), 
	CONSTRAINT day_close_site_id_last_receipt_key UNIQUE (site_id, last_receipt), 
	CONSTRAINT day_close_receipts_check CHECK (last_receipt >= first_receipt), 
	CONSTRAINT day_close_reason_check CHECK (counted = expected OR reason <> ''), 
	CONSTRAINT day_close_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON day_close
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TABLE formulary_entry (
	plan TEXT NOT NULL, 
	generic TEXT NOT NULL, 
	product_id UUID, 
	tier INTEGER NOT NULL, 
	copay NUMERIC(18, 4), 
	currency TEXT NOT NULL, 
	limit_quantity NUMERIC(18, 6), 
	limit_days INTEGER, 
	prior_authorisation BOOLEAN NOT NULL, 
	note TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT formulary_entry_pkey PRIMARY KEY (id), 
	CONSTRAINT formulary_entry_plan_generic_product_id_key UNIQUE NULLS NOT DISTINCT (plan, generic, product_id), 
	CONSTRAINT formulary_entry_tier_check CHECK (tier BETWEEN 1 AND 9), 
	CONSTRAINT formulary_entry_copay_check CHECK (copay >= 0), 
	CONSTRAINT formulary_entry_limit_quantity_check CHECK (limit_quantity > 0), 
	CONSTRAINT formulary_entry_limit_days_check CHECK (limit_days > 0), 
	CONSTRAINT formulary_entry_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id)
);

CREATE INDEX formulary_entry_generic_idx ON formulary_entry (generic);

CREATE INDEX formulary_entry_product_id_idx ON formulary_entry (product_id);

CREATE TABLE identifier (
	patient_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	sealed BYTEA NOT NULL, 
	mark BYTEA NOT NULL, 
	last TEXT NOT NULL, 
	fault TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT identifier_pkey PRIMARY KEY (id), 
	CONSTRAINT identifier_patient_id_kind_key UNIQUE (patient_id, kind), 
	CONSTRAINT identifier_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX identifier_mark_idx ON identifier (mark);

CREATE INDEX identifier_patient_id_idx ON identifier (patient_id);

CREATE TABLE immunisation (
	patient_id UUID NOT NULL, 
	vaccine TEXT NOT NULL, 
	code TEXT NOT NULL, 
	system TEXT NOT NULL, 
	given_on DATE, 
	recorded_at TIMESTAMP WITH TIME ZONE, 
	batch TEXT NOT NULL, 
	status TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT immunisation_pkey PRIMARY KEY (id), 
	CONSTRAINT immunisation_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX immunisation_patient_id_idx ON immunisation (patient_id);

CREATE TABLE import_file (
	import_id UUID NOT NULL, 
	content BYTEA NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT import_file_pkey PRIMARY KEY (id), 
	CONSTRAINT import_file_import_id_key UNIQUE (import_id), 
	CONSTRAINT import_file_import_id_fkey FOREIGN KEY(import_id) REFERENCES catalogue_import (id)
);

CREATE TABLE imported_interaction (
	table_id UUID NOT NULL, 
	a TEXT NOT NULL, 
	b TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	mechanism TEXT NOT NULL, 
	effect TEXT NOT NULL, 
	management TEXT NOT NULL, 
	as_published TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT imported_interaction_pkey PRIMARY KEY (id), 
	CONSTRAINT imported_interaction_table_id_a_b_key UNIQUE (table_id, a, b), 
	CONSTRAINT imported_interaction_table_id_fkey FOREIGN KEY(table_id) REFERENCES interaction_table (id)
);

CREATE TABLE imported_line (
	import_id UUID NOT NULL, 
	place INTEGER NOT NULL, 
	sheet TEXT NOT NULL, 
	row INTEGER NOT NULL, 
	key TEXT NOT NULL, 
	label TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	changes JSONB NOT NULL, 
	remarks JSONB NOT NULL, 
	product_id UUID, 
	accepted BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT imported_line_pkey PRIMARY KEY (id), 
	CONSTRAINT imported_line_import_id_fkey FOREIGN KEY(import_id) REFERENCES catalogue_import (id)
);

CREATE INDEX imported_line_import_id_place_idx ON imported_line (import_id, place);

CREATE TABLE invoice (
	patient_id UUID, 
	site_id UUID NOT NULL, 
	serial INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	reference_kind TEXT, 
	reference_id UUID, 
	currency TEXT NOT NULL, 
	discount NUMERIC(18, 4) NOT NULL, 
	discount_reason TEXT NOT NULL, 
	net NUMERIC(18, 4) NOT NULL, 
	tax NUMERIC(18, 4) NOT NULL, 
	total NUMERIC(18, 4) NOT NULL, 
	paid NUMERIC(18, 4) NOT NULL, 
	credited NUMERIC(18, 4) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	made_on DATE NOT NULL, 
	made_by TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT invoice_pkey PRIMARY KEY (id), 
	CONSTRAINT invoice_site_id_serial_key UNIQUE (site_id, serial), 
	CONSTRAINT invoice_total_check CHECK (total = net + tax), 
	CONSTRAINT invoice_amounts_check CHECK (net >= 0 AND tax >= 0 AND discount >= 0), 
	CONSTRAINT invoice_paid_check CHECK (paid BETWEEN 0 AND total), 
	CONSTRAINT invoice_credited_check CHECK (credited IN (0, total)), 
	CONSTRAINT invoice_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT invoice_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT invoice_invoicestatus_check CHECK (status IN ('open', 'part_paid', 'paid', 'void'))
);

CREATE INDEX invoice_number_idx ON invoice (number);

CREATE INDEX invoice_patient_id_idx ON invoice (patient_id);

CREATE INDEX invoice_reference_idx ON invoice (reference_id);

CREATE INDEX invoice_status_idx ON invoice (status, made_at);

CREATE UNIQUE INDEX invoice_charged_once_idx ON invoice (reference_id, reference_kind) WHERE status <> 'void';

CREATE TABLE kept_resource (
	source TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	fhir_id TEXT NOT NULL, 
	patient_id UUID, 
	record TEXT NOT NULL, 
	record_id UUID, 
	content JSONB NOT NULL, 
	digest TEXT NOT NULL, 
	file TEXT NOT NULL, 
	read_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT kept_resource_pkey PRIMARY KEY (id), 
	CONSTRAINT kept_resource_fhir_id_key UNIQUE (source, fhir_id, kind), 
	CONSTRAINT kept_resource_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX kept_resource_patient_id_kind_idx ON kept_resource (patient_id, kind);

CREATE INDEX kept_resource_record_id_idx ON kept_resource (record_id);

CREATE TABLE listing (
	source TEXT NOT NULL, 
	key TEXT NOT NULL, 
	product_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	cost NUMERIC(18, 4), 
	retail NUMERIC(18, 4), 
	currency TEXT NOT NULL, 
	told JSONB NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT listing_pkey PRIMARY KEY (id), 
	CONSTRAINT listing_source_key_key UNIQUE (source, key), 
	CONSTRAINT listing_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id)
);

CREATE INDEX listing_product_id_idx ON listing (product_id);

CREATE TABLE product_ingredient (
	product_id UUID NOT NULL, 
	ingredient_id UUID NOT NULL, 
	place INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	strength TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT product_ingredient_pkey PRIMARY KEY (id), 
	CONSTRAINT product_ingredient_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id), 
	CONSTRAINT product_ingredient_ingredient_id_fkey FOREIGN KEY(ingredient_id) REFERENCES ingredient (id)
);

CREATE INDEX product_ingredient_ingredient_id_idx ON product_ingredient (ingredient_id);

CREATE INDEX product_ingredient_product_id_idx ON product_ingredient (product_id);

CREATE TABLE product_name (
	product_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	sound TEXT NOT NULL, 
	key TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT product_name_pkey PRIMARY KEY (id), 
	CONSTRAINT product_name_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id)
);

CREATE INDEX product_name_key_idx ON product_name (key COLLATE "C");

CREATE INDEX product_name_product_id_idx ON product_name (product_id);

CREATE INDEX product_name_sound_idx ON product_name (sound COLLATE "C", name);

CREATE TABLE credit_note (
	invoice_id UUID NOT NULL, 
	patient_id UUID, 
	site_id UUID NOT NULL, 
	serial INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	net NUMERIC(18, 4) NOT NULL, 
	tax NUMERIC(18, 4) NOT NULL, 
	total NUMERIC(18, 4) NOT NULL, 
	currency TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	made_by TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT credit_note_pkey PRIMARY KEY (id), 
	CONSTRAINT credit_note_site_id_serial_key UNIQUE (site_id, serial), 
	CONSTRAINT credit_note_invoice_id_key UNIQUE (invoice_id), 
	CONSTRAINT credit_note_invoice_id_fkey FOREIGN KEY(invoice_id) REFERENCES invoice (id), 
	CONSTRAINT credit_note_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT credit_note_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id)
);

CREATE INDEX credit_note_patient_id_idx ON credit_note (patient_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_note
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TABLE invoice_line (
	invoice_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	quantity NUMERIC(18, 6) NOT NULL, 
	unit_price NUMERIC(18, 6) NOT NULL, 
	tax_class TEXT NOT NULL, 
	tax_rate NUMERIC(18, 6) NOT NULL, 
	discount NUMERIC(18, 4) NOT NULL, 
	net NUMERIC(18, 4) NOT NULL, 
	tax NUMERIC(18, 4) NOT NULL, 
	total NUMERIC(18, 4) NOT NULL, 
	reference_kind TEXT, 
	reference_id UUID, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT invoice_line_pkey PRIMARY KEY (id), 
	CONSTRAINT invoice_line_quantity_check CHECK (quantity > 0), 
	CONSTRAINT invoice_line_total_check CHECK (total = net + tax), 
	CONSTRAINT invoice_line_invoice_id_fkey FOREIGN KEY(invoice_id) REFERENCES invoice (id)
);

CREATE INDEX invoice_line_invoice_id_idx ON invoice_line (invoice_id);

CREATE TABLE one_time_link (
	account_id UUID NOT NULL, 
	purpose TEXT NOT NULL, 
	token BYTEA NOT NULL, 
	ends TIMESTAMP WITH TIME ZONE NOT NULL, 
	used TIMESTAMP WITH TIME ZONE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT one_time_link_pkey PRIMARY KEY (id), 
	CONSTRAINT one_time_link_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT one_time_link_token_key UNIQUE (token)
);

CREATE INDEX one_time_link_account_id_idx ON one_time_link (account_id);

CREATE TABLE payment (
	invoice_id UUID NOT NULL, 
	patient_id UUID, 
	site_id UUID NOT NULL, 
	serial INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	method VARCHAR(32) NOT NULL, 
	amount NUMERIC(18, 4) NOT NULL, 
	rounding NUMERIC(18, 4) NOT NULL, 
	tendered NUMERIC(18, 4), 
	change NUMERIC(18, 4) NOT NULL, 
	currency TEXT NOT NULL, 
	terminal_reference TEXT NOT NULL, 
	refund_of UUID, 
	reason TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	day DATE NOT NULL, 
	taken_by TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT payment_pkey PRIMARY KEY (id), 
	CONSTRAINT payment_site_id_serial_key UNIQUE (site_id, serial), 
	CONSTRAINT payment_amount_check CHECK ((refund_of IS NULL AND amount > 0) OR (refund_of IS NOT NULL AND amount < 0)), 
	CONSTRAINT payment_coins_check CHECK (method = 'cash' OR (rounding = 0 AND change = 0)), 
	CONSTRAINT payment_change_check CHECK (change >= 0), 
	CONSTRAINT payment_tendered_check CHECK (method <> 'cash' OR refund_of IS NOT NULL OR tendered = amount + rounding + change), 
	CONSTRAINT payment_invoice_id_fkey FOREIGN KEY(invoice_id) REFERENCES invoice (id), 
	CONSTRAINT payment_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT payment_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT payment_method_check CHECK (method IN ('cash', 'card', 'transfer', 'insurance')), 
	CONSTRAINT payment_refund_of_fkey FOREIGN KEY(refund_of) REFERENCES payment (id)
);

CREATE INDEX payment_invoice_id_idx ON payment (invoice_id);

CREATE INDEX payment_patient_id_idx ON payment (patient_id);

CREATE INDEX payment_refund_of_idx ON payment (refund_of);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE FUNCTION refuse_excess_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT p.amount + coalesce(sum(r.amount), 0) FROM payment p LEFT JOIN payment r ON r.refund_of = p.id
      WHERE p.id = NEW.refund_of AND p.refund_of IS NULL GROUP BY p.id) >= 0 THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'a refund is no more than what was paid'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_refund_check', TABLE = 'payment';
END $$;

CREATE TRIGGER refund_within_payment AFTER INSERT ON payment FOR EACH ROW WHEN (NEW.refund_of IS NOT NULL)
EXECUTE FUNCTION refuse_excess_refund();

CREATE TABLE practitioner (
	account_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	specialty TEXT NOT NULL, 
	registration TEXT NOT NULL, 
	prescriber_number TEXT NOT NULL, 
	provider_number TEXT NOT NULL, 
	hpi_i TEXT NOT NULL, 
	npi TEXT NOT NULL, 
	dea TEXT NOT NULL, 
	fee_new NUMERIC(18, 4), 
	fee_returning NUMERIC(18, 4), 
	active BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT practitioner_pkey PRIMARY KEY (id), 
	CONSTRAINT practitioner_account_id_key UNIQUE (account_id), 
	CONSTRAINT practitioner_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE session (
	account_id UUID NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	token BYTEA NOT NULL, 
	previous BYTEA, 
	site_id UUID, 
	started TIMESTAMP WITH TIME ZONE NOT NULL, 
	last_seen TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended TIMESTAMP WITH TIME ZONE, 
	origin TEXT NOT NULL, 
	agent TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT session_pkey PRIMARY KEY (id), 
	CONSTRAINT session_account_id_fkey FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT session_sessionkind_check CHECK (kind IN ('browser', 'client')), 
	CONSTRAINT session_token_key UNIQUE (token), 
	CONSTRAINT session_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id)
);

CREATE INDEX session_account_id_idx ON session (account_id);

CREATE INDEX session_site_id_idx ON session (site_id);

CREATE TABLE stock_level (
	site_id UUID NOT NULL, 
	batch_id UUID NOT NULL, 
	product_id UUID NOT NULL, 
	location TEXT NOT NULL, 
	quantity NUMERIC(18, 6) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT stock_level_pkey PRIMARY KEY (id), 
	CONSTRAINT stock_level_site_id_batch_id_location_key UNIQUE (site_id, batch_id, location), 
	CONSTRAINT stock_level_quantity_check CHECK (quantity >= 0), 
	CONSTRAINT stock_level_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT stock_level_batch_id_fkey FOREIGN KEY(batch_id) REFERENCES batch (id), 
	CONSTRAINT stock_level_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id)
);

CREATE INDEX stock_level_batch_id_idx ON stock_level (batch_id);

CREATE INDEX stock_level_product_id_idx ON stock_level (product_id);

CREATE INDEX stock_level_product_idx ON stock_level (site_id, product_id) WHERE quantity > 0;

CREATE TABLE transaction (
	site_id UUID NOT NULL, 
	invoice_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	reference_id UUID NOT NULL, 
	day DATE NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	actor_id UUID NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT transaction_pkey PRIMARY KEY (id), 
	CONSTRAINT transaction_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT transaction_invoice_id_fkey FOREIGN KEY(invoice_id) REFERENCES invoice (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX transaction_day_idx ON transaction (site_id, day);

CREATE INDEX transaction_invoice_id_idx ON transaction (invoice_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transaction
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TABLE appointment (
	patient_id UUID NOT NULL, 
	practitioner_id UUID NOT NULL, 
	site_id UUID NOT NULL, 
	during TSTZRANGE NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	price NUMERIC(18, 4) NOT NULL, 
	reason TEXT NOT NULL, 
	room TEXT NOT NULL, 
	overbooked BOOLEAN NOT NULL, 
	overbook_reason TEXT NOT NULL, 
	booked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	arrived_at TIMESTAMP WITH TIME ZONE, 
	ended_reason TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT appointment_pkey PRIMARY KEY (id), 
	CONSTRAINT appointment_practitioner_excl EXCLUDE USING gist (galen.uuidrange(practitioner_id, practitioner_id, '[]') WITH &&, during WITH &&) WHERE (status IN ('booked', 'arrived', 'in_progress') AND NOT overbooked), 
	CONSTRAINT appointment_patient_excl EXCLUDE USING gist (galen.uuidrange(patient_id, patient_id, '[]') WITH &&, during WITH &&) WHERE (status IN ('booked', 'arrived', 'in_progress')), 
	CONSTRAINT appointment_room_excl EXCLUDE USING gist (galen.uuidrange(site_id, site_id, '[]') WITH &&, galen.uuidrange(cast(md5(room) AS uuid), cast(md5(room) AS uuid), '[]') WITH &&, during WITH &&) WHERE (status IN ('booked', 'arrived', 'in_progress') AND room <> ''), 
	CONSTRAINT appointment_during_check CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)), 
	CONSTRAINT appointment_overbook_reason_check CHECK (NOT overbooked OR overbook_reason <> ''), 
	CONSTRAINT appointment_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT appointment_practitioner_id_fkey FOREIGN KEY(practitioner_id) REFERENCES practitioner (id), 
	CONSTRAINT appointment_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT appointment_kind_check CHECK (kind IN ('in_person', 'teleconsultation')), 
	CONSTRAINT appointment_appointmentstatus_check CHECK (status IN ('booked', 'arrived', 'in_progress', 'completed', 'cancelled', 'no_show', 'left'))
);

CREATE INDEX appointment_patient_id_idx ON appointment (patient_id);

CREATE INDEX appointment_practitioner_id_idx ON appointment (practitioner_id);

CREATE INDEX appointment_site_id_idx ON appointment (site_id);

CREATE INDEX appointment_starts_idx ON appointment (lower(during));

CREATE TABLE availability (
	practitioner_id UUID NOT NULL, 
	site_id UUID NOT NULL, 
	weekday INTEGER, 
	day DATE, 
	start TIME WITHOUT TIME ZONE NOT NULL, 
	"end" TIME WITHOUT TIME ZONE NOT NULL, 
	minutes INTEGER NOT NULL, 
	pause INTEGER NOT NULL, 
	kinds TEXT[] NOT NULL, 
	room TEXT NOT NULL, 
	valid_from DATE, 
	valid_until DATE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT availability_pkey PRIMARY KEY (id), 
	CONSTRAINT availability_weekly_or_once_check CHECK ((weekday IS NULL) <> (day IS NULL)), 
	CONSTRAINT availability_weekday_check CHECK (weekday BETWEEN 0 AND 6), 
	CONSTRAINT availability_minutes_check CHECK (minutes BETWEEN 1 AND 1440 AND pause BETWEEN 0 AND 1440), 
	CONSTRAINT availability_valid_check CHECK (valid_until IS NULL OR valid_from IS NULL OR valid_until >= valid_from), 
	CONSTRAINT availability_practitioner_id_fkey FOREIGN KEY(practitioner_id) REFERENCES practitioner (id), 
	CONSTRAINT availability_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id)
);

CREATE INDEX availability_practitioner_id_idx ON availability (practitioner_id);

CREATE INDEX availability_site_id_idx ON availability (site_id);

CREATE TABLE leave (
	practitioner_id UUID NOT NULL, 
	starts TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends TIMESTAMP WITH TIME ZONE NOT NULL, 
	reason TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT leave_pkey PRIMARY KEY (id), 
	CONSTRAINT leave_ends_after_start_check CHECK (ends > starts), 
	CONSTRAINT leave_practitioner_id_fkey FOREIGN KEY(practitioner_id) REFERENCES practitioner (id)
);

CREATE INDEX leave_practitioner_id_idx ON leave (practitioner_id);

CREATE TABLE movement (
	seq BIGINT GENERATED ALWAYS AS IDENTITY, 
	site_id UUID NOT NULL, 
	level_id UUID NOT NULL, 
	batch_id UUID NOT NULL, 
	product_id UUID NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	quantity NUMERIC(18, 6) NOT NULL, 
	balance NUMERIC(18, 6) NOT NULL, 
	reason TEXT NOT NULL, 
	reference_kind TEXT, 
	reference_id UUID, 
	actor_id UUID NOT NULL, 
	actor_name TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT movement_pkey PRIMARY KEY (id), 
	CONSTRAINT movement_quantity_check CHECK (quantity <> 0 OR kind IN ('count', 'quarantine', 'release')), 
	CONSTRAINT movement_balance_check CHECK (balance >= 0), 
	CONSTRAINT movement_reason_check CHECK (reason <> '' OR kind IN ('receive', 'issue')), 
	CONSTRAINT movement_seq_key UNIQUE (seq), 
	CONSTRAINT movement_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT movement_level_id_fkey FOREIGN KEY(level_id) REFERENCES stock_level (id), 
	CONSTRAINT movement_batch_id_fkey FOREIGN KEY(batch_id) REFERENCES batch (id), 
	CONSTRAINT movement_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id), 
	CONSTRAINT movement_movementkind_check CHECK (kind IN ('receive', 'issue', 'reversal', 'adjust', 'count', 'return', 'quarantine', 'release'))
);

CREATE INDEX movement_batch_id_idx ON movement (batch_id);

CREATE INDEX movement_level_id_idx ON movement (level_id);

CREATE INDEX movement_product_id_idx ON movement (product_id);

CREATE INDEX movement_reference_idx ON movement (reference_id) WHERE reference_id IS NOT NULL;

CREATE INDEX movement_site_seq_idx ON movement (site_id, seq);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE FUNCTION issue_stock(
  at_site uuid, of_product uuid, wanted numeric, today date, lasting_until date, partly boolean,
  for_kind text, for_id uuid, actor uuid, actor_said text, moment timestamptz
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
       AND (lasting < wanted OR b.expires IS NULL OR b.expires >= coalesce(lasting_until, today))
     ORDER BY b.expires NULLS LAST, b.id, l.id
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

CREATE TABLE posting (
	transaction_id UUID NOT NULL, 
	account VARCHAR(32) NOT NULL, 
	amount NUMERIC(18, 4) NOT NULL, 
	currency TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT posting_pkey PRIMARY KEY (id), 
	CONSTRAINT posting_amount_check CHECK (amount <> 0), 
	CONSTRAINT posting_transaction_id_fkey FOREIGN KEY(transaction_id) REFERENCES transaction (id), 
	CONSTRAINT posting_ledgeraccount_check CHECK (account IN ('receivable', 'cash', 'card clearing', 'bank', 'insurance receivable', 'revenue services', 'revenue goods', 'tax payable', 'rounding', 'discounts'))
);

CREATE INDEX posting_account_idx ON posting (account);

CREATE INDEX posting_transaction_id_idx ON posting (transaction_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM posting WHERE transaction_id = NEW.transaction_id
             GROUP BY currency HAVING sum(amount) <> 0) THEN
    RAISE EXCEPTION 'the postings of a transaction must sum to nothing'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'transaction_balanced', TABLE = 'posting';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON posting DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced();

CREATE TABLE token (
	site_id UUID NOT NULL, 
	day DATE NOT NULL, 
	number INTEGER NOT NULL, 
	patient_id UUID NOT NULL, 
	appointment_id UUID, 
	practitioner_id UUID, 
	status VARCHAR(32) NOT NULL, 
	checked_in_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	due TIMESTAMP WITH TIME ZONE NOT NULL, 
	called_at TIMESTAMP WITH TIME ZONE, 
	calls INTEGER NOT NULL, 
	room TEXT NOT NULL, 
	entered_at TIMESTAMP WITH TIME ZONE, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT token_pkey PRIMARY KEY (id), 
	CONSTRAINT token_site_id_day_number_key UNIQUE (site_id, day, number), 
	CONSTRAINT token_appointment_id_key UNIQUE (appointment_id), 
	CONSTRAINT token_number_check CHECK (number > 0), 
	CONSTRAINT token_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT token_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT token_appointment_id_fkey FOREIGN KEY(appointment_id) REFERENCES appointment (id), 
	CONSTRAINT token_practitioner_id_fkey FOREIGN KEY(practitioner_id) REFERENCES practitioner (id), 
	CONSTRAINT token_tokenstatus_check CHECK (status IN ('waiting', 'called', 'in_room', 'done', 'skipped', 'no_show', 'left'))
);

CREATE INDEX token_patient_id_idx ON token (patient_id);

CREATE INDEX token_practitioner_id_idx ON token (practitioner_id);

CREATE UNIQUE INDEX token_present_idx ON token (site_id, day, patient_id) WHERE status IN ('waiting', 'called', 'in_room', 'skipped');

CREATE TABLE visit (
	patient_id UUID NOT NULL, 
	practitioner_id UUID, 
	site_id UUID, 
	elsewhere TEXT DEFAULT '' NOT NULL, 
	appointment_id UUID, 
	token_id UUID, 
	status VARCHAR(32) NOT NULL, 
	reason TEXT NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT visit_pkey PRIMARY KEY (id), 
	CONSTRAINT visit_place_check CHECK (elsewhere <> '' OR (practitioner_id IS NOT NULL AND site_id IS NOT NULL)), 
	CONSTRAINT visit_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT visit_practitioner_id_fkey FOREIGN KEY(practitioner_id) REFERENCES practitioner (id), 
	CONSTRAINT visit_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT visit_appointment_id_fkey FOREIGN KEY(appointment_id) REFERENCES appointment (id), 
	CONSTRAINT visit_token_id_fkey FOREIGN KEY(token_id) REFERENCES token (id), 
	CONSTRAINT visit_visitstatus_check CHECK (status IN ('open', 'completed', 'cancelled'))
);

CREATE INDEX visit_patient_id_idx ON visit (patient_id);

CREATE INDEX visit_practitioner_id_idx ON visit (practitioner_id);

CREATE INDEX visit_started_at_idx ON visit (started_at);

CREATE UNIQUE INDEX visit_appointment_key ON visit (appointment_id) WHERE status <> 'cancelled';

CREATE UNIQUE INDEX visit_token_key ON visit (token_id) WHERE status <> 'cancelled';

CREATE TABLE diagnosis (
	patient_id UUID NOT NULL, 
	visit_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	title TEXT NOT NULL, 
	remark TEXT NOT NULL, 
	noted_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	by_name TEXT NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT diagnosis_pkey PRIMARY KEY (id), 
	CONSTRAINT diagnosis_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT diagnosis_visit_id_fkey FOREIGN KEY(visit_id) REFERENCES visit (id), 
	CONSTRAINT diagnosis_kept_check CHECK (status IN ('recorded', 'entered_in_error'))
);

CREATE INDEX diagnosis_patient_id_idx ON diagnosis (patient_id);

CREATE INDEX diagnosis_visit_id_idx ON diagnosis (visit_id);

CREATE TABLE note (
	patient_id UUID NOT NULL, 
	visit_id UUID NOT NULL, 
	amends_id UUID, 
	author_id UUID NOT NULL, 
	author_name TEXT NOT NULL, 
	text TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	written_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	signed_at TIMESTAMP WITH TIME ZONE, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT note_pkey PRIMARY KEY (id), 
	CONSTRAINT note_signed_check CHECK (status <> 'signed' OR signed_at IS NOT NULL), 
	CONSTRAINT note_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT note_visit_id_fkey FOREIGN KEY(visit_id) REFERENCES visit (id), 
	CONSTRAINT note_amends_id_fkey FOREIGN KEY(amends_id) REFERENCES note (id), 
	CONSTRAINT note_notestatus_check CHECK (status IN ('draft', 'signed'))
);

CREATE INDEX note_amends_id_idx ON note (amends_id);

CREATE INDEX note_patient_id_idx ON note (patient_id);

CREATE INDEX note_visit_id_idx ON note (visit_id);

CREATE UNIQUE INDEX note_draft_key ON note (visit_id, author_id) WHERE status = 'draft';

CREATE TABLE prescription (
	number TEXT NOT NULL, 
	patient_id UUID NOT NULL, 
	practitioner_id UUID NOT NULL, 
	prescriber_id UUID NOT NULL, 
	site_id UUID, 
	visit_id UUID, 
	origin_id UUID, 
	status VARCHAR(32) NOT NULL, 
	written_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	remark TEXT NOT NULL, 
	not_before DATE, 
	valid_until DATE, 
	knowledge TEXT NOT NULL, 
	for_whom JSONB NOT NULL, 
	by_whom JSONB NOT NULL, 
	signer_id UUID, 
	signer_name TEXT NOT NULL, 
	signed_at TIMESTAMP WITH TIME ZONE, 
	meaning VARCHAR(32), 
	content_hash TEXT NOT NULL, 
	signature BYTEA, 
	printed INTEGER NOT NULL, 
	cancelled_at TIMESTAMP WITH TIME ZONE, 
	cancelled_by TEXT NOT NULL, 
	cancelled_because TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT prescription_pkey PRIMARY KEY (id), 
	CONSTRAINT prescription_signed_check CHECK (status IN ('draft', 'cancelled') OR (content_hash <> '' AND signed_at IS NOT NULL)), 
	CONSTRAINT prescription_own_signature_check CHECK (signer_id IS NULL OR signer_id = prescriber_id), 
	CONSTRAINT prescription_number_key UNIQUE (number), 
	CONSTRAINT prescription_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT prescription_practitioner_id_fkey FOREIGN KEY(practitioner_id) REFERENCES practitioner (id), 
	CONSTRAINT prescription_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT prescription_visit_id_fkey FOREIGN KEY(visit_id) REFERENCES visit (id), 
	CONSTRAINT prescription_origin_id_fkey FOREIGN KEY(origin_id) REFERENCES prescription (id), 
	CONSTRAINT prescription_status_check CHECK (status IN ('draft', 'signed', 'partly_dispensed', 'dispensed', 'cancelled', 'expired')), 
	CONSTRAINT prescription_meaning_check CHECK (meaning IN ('authorship', 'responsibility'))
);

CREATE INDEX prescription_patient_id_idx ON prescription (patient_id);

CREATE INDEX prescription_practitioner_id_idx ON prescription (practitioner_id);

CREATE INDEX prescription_prescriber_id_idx ON prescription (prescriber_id);

CREATE INDEX prescription_status_written_at_idx ON prescription (status, written_at);

CREATE INDEX prescription_visit_id_idx ON prescription (visit_id);

CREATE TABLE vitals (
	patient_id UUID NOT NULL, 
	visit_id UUID, 
	taken_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	by_name TEXT NOT NULL, 
	heart_rate NUMERIC(18, 6), 
	breathing_rate NUMERIC(18, 6), 
	systolic NUMERIC(18, 6), 
	diastolic NUMERIC(18, 6), 
	temperature NUMERIC(18, 6), 
	oxygen NUMERIC(18, 6), 
	weight NUMERIC(18, 6), 
	height NUMERIC(18, 6), 
	creatinine NUMERIC(18, 6), 
	bmi NUMERIC(18, 6), 
	egfr NUMERIC(18, 6), 
	flags JSONB NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT vitals_pkey PRIMARY KEY (id), 
	CONSTRAINT vitals_pressures_check CHECK (diastolic < systolic), 
	CONSTRAINT vitals_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT vitals_visit_id_fkey FOREIGN KEY(visit_id) REFERENCES visit (id), 
	CONSTRAINT vitals_kept_check CHECK (status IN ('recorded', 'entered_in_error'))
);

CREATE INDEX vitals_patient_id_taken_at_idx ON vitals (patient_id, taken_at);

CREATE INDEX vitals_visit_id_idx ON vitals (visit_id);

CREATE TABLE dispensing (
	number TEXT NOT NULL, 
	prescription_id UUID NOT NULL, 
	patient_id UUID NOT NULL, 
	site_id UUID, 
	supply INTEGER NOT NULL, 
	part INTEGER NOT NULL, 
	last BOOLEAN NOT NULL, 
	round INTEGER NOT NULL, 
	owes_id UUID, 
	status VARCHAR(32) NOT NULL, 
	queued_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	controlled BOOLEAN NOT NULL, 
	two_persons BOOLEAN NOT NULL, 
	taken_by UUID, 
	taken_name TEXT NOT NULL, 
	taken_at TIMESTAMP WITH TIME ZONE, 
	verified_by UUID, 
	verified_name TEXT NOT NULL, 
	verified_at TIMESTAMP WITH TIME ZONE, 
	answers JSONB NOT NULL, 
	knowledge TEXT NOT NULL, 
	prepared_by UUID, 
	prepared_name TEXT NOT NULL, 
	dispensed_at TIMESTAMP WITH TIME ZONE, 
	invoice_id UUID, 
	labelled INTEGER NOT NULL, 
	held_because TEXT NOT NULL, 
	wake_on DATE, 
	collected_at TIMESTAMP WITH TIME ZONE, 
	handed_by TEXT NOT NULL, 
	collector TEXT NOT NULL, 
	collector_document TEXT NOT NULL, 
	counselling VARCHAR(32), 
	counselling_note TEXT NOT NULL, 
	ended_because TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT dispensing_pkey PRIMARY KEY (id), 
	CONSTRAINT dispensing_supply_check CHECK (supply >= 1 AND part >= 1), 
	CONSTRAINT dispensing_two_persons_check CHECK (NOT two_persons OR prepared_by IS NULL OR (verified_by IS NOT NULL AND prepared_by <> verified_by)), 
	CONSTRAINT dispensing_verified_check CHECK (status NOT IN ('verified', 'dispensed', 'collected') OR verified_by IS NOT NULL), 
	CONSTRAINT dispensing_dispensed_check CHECK (status NOT IN ('dispensed', 'collected') OR (prepared_by IS NOT NULL AND dispensed_at IS NOT NULL AND site_id IS NOT NULL)), 
	CONSTRAINT dispensing_held_check CHECK (status <> 'held' OR (held_because <> '' AND wake_on IS NOT NULL)), 
	CONSTRAINT dispensing_collector_check CHECK (status <> 'collected' OR NOT controlled OR (collector <> '' AND collector_document <> '')), 
	CONSTRAINT dispensing_number_key UNIQUE (number), 
	CONSTRAINT dispensing_prescription_id_fkey FOREIGN KEY(prescription_id) REFERENCES prescription (id), 
	CONSTRAINT dispensing_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT dispensing_site_id_fkey FOREIGN KEY(site_id) REFERENCES site (id), 
	CONSTRAINT dispensing_owes_id_fkey FOREIGN KEY(owes_id) REFERENCES dispensing (id), 
	CONSTRAINT dispensing_status_check CHECK (status IN ('waiting', 'held', 'verified', 'dispensed', 'collected', 'reversed', 'cancelled')), 
	CONSTRAINT dispensing_invoice_id_fkey FOREIGN KEY(invoice_id) REFERENCES invoice (id), 
	CONSTRAINT dispensing_counselling_check CHECK (counselling IN ('given', 'declined', 'not offered'))
);

CREATE INDEX dispensing_owes_id_idx ON dispensing (owes_id);

CREATE INDEX dispensing_patient_id_idx ON dispensing (patient_id);

CREATE INDEX dispensing_prescription_id_idx ON dispensing (prescription_id);

CREATE INDEX dispensing_queue_idx ON dispensing (status, queued_at);

CREATE INDEX dispensing_site_id_idx ON dispensing (site_id);

CREATE UNIQUE INDEX dispensing_supply_key ON dispensing (prescription_id, supply, part) WHERE status NOT IN ('reversed', 'cancelled');

CREATE TABLE line (
	prescription_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	product_id UUID NOT NULL, 
	drug TEXT NOT NULL, 
	schedule TEXT NOT NULL, 
	typed TEXT NOT NULL, 
	directions TEXT NOT NULL, 
	dose JSONB NOT NULL, 
	quantity NUMERIC(18, 6) NOT NULL, 
	unit TEXT NOT NULL, 
	repeats INTEGER NOT NULL, 
	interval_days INTEGER, 
	substitution BOOLEAN NOT NULL, 
	indication TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT line_pkey PRIMARY KEY (id), 
	CONSTRAINT line_quantity_check CHECK (quantity > 0), 
	CONSTRAINT line_repeats_check CHECK (repeats >= 0), 
	CONSTRAINT line_prescription_id_fkey FOREIGN KEY(prescription_id) REFERENCES prescription (id), 
	CONSTRAINT line_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id)
);

CREATE INDEX line_prescription_id_idx ON line (prescription_id);

CREATE INDEX line_product_id_idx ON line (product_id);

CREATE TABLE override (
	prescription_id UUID NOT NULL, 
	key TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	effect TEXT NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	comment TEXT NOT NULL, 
	by_id UUID NOT NULL, 
	by_name TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT override_pkey PRIMARY KEY (id), 
	CONSTRAINT override_prescription_id_fkey FOREIGN KEY(prescription_id) REFERENCES prescription (id), 
	CONSTRAINT override_reason_check CHECK (reason IN ('benefit', 'tolerated', 'dose', 'monitoring', 'apart', 'doubtful', 'other', 'acknowledged'))
);

CREATE INDEX override_prescription_id_idx ON override (prescription_id);

CREATE TABLE dispensing_line (
	dispensing_id UUID NOT NULL, 
	line_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	product_id UUID NOT NULL, 
	drug TEXT NOT NULL, 
	directions TEXT NOT NULL, 
	quantity NUMERIC(18, 6) NOT NULL, 
	unit TEXT NOT NULL, 
	days INTEGER, 
	substituted BOOLEAN NOT NULL, 
	supplied NUMERIC(18, 6) NOT NULL, 
	unit_price NUMERIC(18, 6), 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT dispensing_line_pkey PRIMARY KEY (id), 
	CONSTRAINT dispensing_line_quantity_check CHECK (quantity > 0), 
	CONSTRAINT dispensing_line_supplied_check CHECK (supplied BETWEEN 0 AND quantity), 
	CONSTRAINT dispensing_line_dispensing_id_fkey FOREIGN KEY(dispensing_id) REFERENCES dispensing (id), 
	CONSTRAINT dispensing_line_line_id_fkey FOREIGN KEY(line_id) REFERENCES line (id), 
	CONSTRAINT dispensing_line_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id)
);

CREATE INDEX dispensing_line_dispensing_id_idx ON dispensing_line (dispensing_id);

CREATE INDEX dispensing_line_product_id_idx ON dispensing_line (product_id);

CREATE TABLE dispensed_item (
	dispensing_id UUID NOT NULL, 
	round INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	dispensing_line_id UUID NOT NULL, 
	patient_id UUID NOT NULL, 
	product_id UUID NOT NULL, 
	batch_id UUID NOT NULL, 
	batch TEXT NOT NULL, 
	expires DATE, 
	quantity NUMERIC(18, 6) NOT NULL, 
	short_dated BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT dispensed_item_pkey PRIMARY KEY (id), 
	CONSTRAINT dispensed_item_quantity_check CHECK (quantity > 0), 
	CONSTRAINT dispensed_item_dispensing_id_fkey FOREIGN KEY(dispensing_id) REFERENCES dispensing (id), 
	CONSTRAINT dispensed_item_dispensing_line_id_fkey FOREIGN KEY(dispensing_line_id) REFERENCES dispensing_line (id), 
	CONSTRAINT dispensed_item_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT dispensed_item_product_id_fkey FOREIGN KEY(product_id) REFERENCES product (id), 
	CONSTRAINT dispensed_item_batch_id_fkey FOREIGN KEY(batch_id) REFERENCES batch (id)
);

CREATE INDEX dispensed_item_batch_id_idx ON dispensed_item (batch_id);

CREATE INDEX dispensed_item_dispensing_id_idx ON dispensed_item (dispensing_id);

CREATE INDEX dispensed_item_patient_id_idx ON dispensed_item (patient_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispensed_item
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();
