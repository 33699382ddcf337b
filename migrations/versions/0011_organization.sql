ALTER TABLE imported_line ADD COLUMN candidates JSONB DEFAULT '[]' NOT NULL;
ALTER TABLE imported_line ALTER COLUMN candidates DROP DEFAULT;
