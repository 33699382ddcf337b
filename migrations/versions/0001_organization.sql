CREATE TABLE attempt (
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	username BYTEA NOT NULL, 
	origin TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT attempt_pkey PRIMARY KEY (id)
);

CREATE INDEX attempt_origin_idx ON attempt (origin);

CREATE INDEX attempt_at_idx ON attempt (at);

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

CREATE INDEX audit_entry_subject_id_idx ON audit_entry (subject_id);

CREATE INDEX audit_entry_at_idx ON audit_entry (at);

CREATE INDEX audit_entry_patient_id_idx ON audit_entry (patient_id);

CREATE INDEX audit_entry_actor_id_idx ON audit_entry (actor_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TABLE counter (
	name TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT counter_pkey PRIMARY KEY (id), 
	CONSTRAINT counter_name_key UNIQUE (name)
);

CREATE TABLE patient (
	number TEXT NOT NULL, 
	family TEXT NOT NULL, 
	given TEXT NOT NULL, 
	preferred TEXT NOT NULL, 
	search TEXT NOT NULL, 
	given_search TEXT NOT NULL, 
	sound TEXT NOT NULL, 
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
	CONSTRAINT patient_number_key UNIQUE (number), 
	CONSTRAINT patient_sex_check CHECK (sex IN ('female', 'male', 'other', 'unknown')), 
	CONSTRAINT patient_allergystate_check CHECK (allergy_state IN ('not asked', 'none known', 'known'))
);

CREATE INDEX patient_search_idx ON patient (search text_pattern_ops);

CREATE INDEX patient_phone_e164_idx ON patient (phone_e164);

CREATE INDEX patient_born_idx ON patient (born);

CREATE INDEX patient_sound_idx ON patient (sound);

CREATE INDEX patient_given_search_idx ON patient (given_search text_pattern_ops);

CREATE TABLE role (
	name TEXT NOT NULL, 
	permissions TEXT[] NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT role_pkey PRIMARY KEY (id), 
	CONSTRAINT role_name_key UNIQUE (name)
);

CREATE TABLE seal (
	number INTEGER NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	count INTEGER NOT NULL, 
	floor BIGINT NOT NULL, 
	root BYTEA NOT NULL, 
	previous BYTEA NOT NULL, 
	signature BYTEA NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT seal_pkey PRIMARY KEY (id), 
	CONSTRAINT seal_number_key UNIQUE (number)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

CREATE TABLE seal_leaf (
	seq BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT seal_leaf_pkey PRIMARY KEY (id), 
	CONSTRAINT seal_leaf_seq_key UNIQUE (seq)
);

CREATE INDEX seal_leaf_number_idx ON seal_leaf (number);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal_leaf
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();

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

CREATE TABLE allergy (
	patient_id UUID NOT NULL, 
	substance TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	code TEXT NOT NULL, 
	system TEXT NOT NULL, 
	reaction TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	noted_on DATE, 
	status VARCHAR(32) NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT allergy_pkey PRIMARY KEY (id), 
	CONSTRAINT allergy_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id), 
	CONSTRAINT allergy_allergystatus_check CHECK (status IN ('active', 'resolved', 'entered_in_error'))
);

CREATE INDEX allergy_patient_id_idx ON allergy (patient_id);

CREATE TABLE condition (
	patient_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	system TEXT NOT NULL, 
	text TEXT NOT NULL, 
	since DATE, 
	until DATE, 
	entered_in_error BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT condition_pkey PRIMARY KEY (id), 
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
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT coverage_pkey PRIMARY KEY (id), 
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
	reason_stopped TEXT NOT NULL, 
	entered_in_error BOOLEAN NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT current_medicine_pkey PRIMARY KEY (id), 
	CONSTRAINT current_medicine_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX current_medicine_patient_id_idx ON current_medicine (patient_id);

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
	batch TEXT NOT NULL, 
	status TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT immunisation_pkey PRIMARY KEY (id), 
	CONSTRAINT immunisation_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id)
);

CREATE INDEX immunisation_patient_id_idx ON immunisation (patient_id);

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
