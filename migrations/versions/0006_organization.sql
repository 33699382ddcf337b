CREATE TABLE stored_file (
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	size INTEGER NOT NULL,
	digest BYTEA NOT NULL,
	wrapped_key BYTEA NOT NULL,
	key_id TEXT NOT NULL,
	stored_at TIMESTAMP WITH TIME ZONE NOT NULL,
	stored_by UUID NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT stored_file_pkey PRIMARY KEY (id)
);

CREATE INDEX stored_file_key_id_idx ON stored_file (key_id);

CREATE TABLE patient_document (
	patient_id UUID NOT NULL,
	file_id UUID NOT NULL,
	preview_id UUID,
	title TEXT NOT NULL,
	kind VARCHAR(32) NOT NULL,
	dated DATE,
	note TEXT NOT NULL,
	shared BOOLEAN NOT NULL,
	status VARCHAR(32) NOT NULL,
	added_at TIMESTAMP WITH TIME ZONE NOT NULL,
	added_by UUID NOT NULL,
	added_by_name TEXT NOT NULL,
	withdrawn_at TIMESTAMP WITH TIME ZONE,
	withdrawn_by_name TEXT NOT NULL,
	withdrawn_reason TEXT NOT NULL,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT patient_document_pkey PRIMARY KEY (id),
	CONSTRAINT patient_document_patient_id_fkey FOREIGN KEY(patient_id) REFERENCES patient (id),
	CONSTRAINT patient_document_file_id_key UNIQUE (file_id),
	CONSTRAINT patient_document_file_id_fkey FOREIGN KEY(file_id) REFERENCES stored_file (id),
	CONSTRAINT patient_document_preview_id_key UNIQUE (preview_id),
	CONSTRAINT patient_document_preview_id_fkey FOREIGN KEY(preview_id) REFERENCES stored_file (id),
	CONSTRAINT patient_document_documentkind_check CHECK (kind IN ('referral letter', 'result', 'consent', 'identification', 'photograph', 'other')),
	CONSTRAINT patient_document_documentstate_check CHECK (status IN ('current', 'withdrawn'))
);

CREATE INDEX patient_document_patient_id_idx ON patient_document (patient_id);
