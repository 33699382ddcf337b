ALTER TABLE patient ADD COLUMN former text DEFAULT ''::text NOT NULL;

ALTER TABLE patient ADD COLUMN words text DEFAULT ''::text NOT NULL;

ALTER TABLE patient ADD COLUMN pieces text DEFAULT ''::text NOT NULL;

-- With their indexes: how each word of a name sounds, and its letters, are among the pieces now.
ALTER TABLE patient DROP COLUMN sound, DROP COLUMN given_sound, DROP COLUMN letters;

CREATE INDEX identifier_last_idx ON identifier (last);
