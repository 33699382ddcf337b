ALTER TABLE credit_note DROP CONSTRAINT credit_note_invoice_id_key;

CREATE INDEX credit_note_invoice_id_idx ON credit_note (invoice_id);

ALTER TABLE invoice DROP CONSTRAINT invoice_credited_check;

ALTER TABLE invoice ADD CONSTRAINT invoice_credited_check CHECK (credited BETWEEN 0 AND total);

ALTER TABLE invoice ADD CONSTRAINT invoice_settled_check CHECK (paid + credited <= total OR status = 'void');
