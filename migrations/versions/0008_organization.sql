ALTER TABLE allergy ADD COLUMN recorded_by text DEFAULT ''::text NOT NULL;

ALTER TABLE diagnosis ADD COLUMN struck_at timestamp with time zone;

ALTER TABLE diagnosis ADD COLUMN struck_by text DEFAULT ''::text NOT NULL;

ALTER TABLE vitals ADD COLUMN site_id uuid;

ALTER TABLE vitals ADD COLUMN doubts jsonb DEFAULT '{}'::jsonb NOT NULL;

ALTER TABLE vitals ADD COLUMN confirmed_at timestamp with time zone;

ALTER TABLE vitals ADD COLUMN confirmed_by text DEFAULT ''::text NOT NULL;

ALTER TABLE vitals ADD COLUMN confirmed_because text DEFAULT ''::text NOT NULL;

ALTER TABLE vitals ADD COLUMN struck_at timestamp with time zone;

ALTER TABLE vitals ADD COLUMN struck_by text DEFAULT ''::text NOT NULL;

ALTER TABLE diagnosis ADD CONSTRAINT diagnosis_struck_check CHECK (struck_at IS NULL OR status = 'entered_in_error');

ALTER TABLE vitals ADD CONSTRAINT vitals_confirmed_check CHECK ((confirmed_at IS NULL) = (confirmed_by = ''));

ALTER TABLE vitals ADD CONSTRAINT vitals_struck_check CHECK (struck_at IS NULL OR status = 'entered_in_error');

ALTER TABLE vitals ADD CONSTRAINT vitals_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);
