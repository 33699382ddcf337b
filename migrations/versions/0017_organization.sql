ALTER TABLE token ADD COLUMN called_by uuid;

ALTER TABLE token ADD CONSTRAINT token_called_by_fkey FOREIGN KEY (called_by) REFERENCES account(id);

CREATE INDEX token_called_by_idx ON token (called_by);
