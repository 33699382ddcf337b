CREATE TABLE note_template (
	owner_id uuid,
	name text NOT NULL,
	text text NOT NULL,
	codes text[] NOT NULL,
	changed_at timestamp with time zone NOT NULL,
	changed_by text NOT NULL,
	archived_at timestamp with time zone,
	id uuid NOT NULL,
	version integer NOT NULL,
	CONSTRAINT note_template_pkey PRIMARY KEY (id),
	CONSTRAINT note_template_words_check CHECK (name <> '' AND text <> '')
);

CREATE TABLE template_star (
	account_id uuid NOT NULL,
	template_id uuid NOT NULL,
	id uuid NOT NULL,
	version integer NOT NULL,
	CONSTRAINT template_star_account_id_template_id_key UNIQUE (account_id, template_id),
	CONSTRAINT template_star_pkey PRIMARY KEY (id)
);

ALTER TABLE template_star ADD CONSTRAINT template_star_template_id_fkey FOREIGN KEY (template_id) REFERENCES note_template(id);

CREATE UNIQUE INDEX note_template_name_key ON note_template (lower(name), coalesce(owner_id::text, '')) WHERE archived_at IS NULL;

CREATE INDEX template_star_template_id_idx ON template_star (template_id);
