-- Rows that are there already and break the rule are not refused here: the proof of the log names them.
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_seq_check CHECK (seq > 0) NOT VALID;

ALTER TABLE seal_record ADD CONSTRAINT seal_record_number_check CHECK (number > 0 AND floor >= 0) NOT VALID;

DO $$ BEGIN
  ALTER TABLE audit_entry VALIDATE CONSTRAINT audit_entry_seq_check;
  ALTER TABLE seal_record VALIDATE CONSTRAINT seal_record_number_check;
EXCEPTION WHEN check_violation THEN
  RAISE WARNING 'The audit log holds rows that are forged: run bin/galen audit verify.';
END $$;

CREATE OR REPLACE FUNCTION audit_floor() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  found bigint := -1;
BEGIN
  BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    LOCK TABLE audit_entry IN SHARE MODE;
    SELECT coalesce(max(seq), 0) INTO found FROM audit_entry
    WHERE seq <= coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_entry', 'seq')::regclass), 0);
    RAISE EXCEPTION 'give the lock back' USING ERRCODE = 'GA001';
  EXCEPTION WHEN SQLSTATE 'GA001' THEN NULL;
            WHEN lock_not_available THEN found := -1;
  END;
  RETURN found;
END $$;

CREATE TABLE log_proof (
	status VARCHAR(32) NOT NULL,
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
	asked_by TEXT NOT NULL,
	began_at_step BIGINT NOT NULL,
	expected BIGINT NOT NULL,
	rows BIGINT NOT NULL,
	seals BIGINT NOT NULL,
	sealed_until TIMESTAMP WITH TIME ZONE,
	damages TEXT[] NOT NULL,
	finished_at TIMESTAMP WITH TIME ZONE,
	id UUID NOT NULL,
	version INTEGER NOT NULL,
	CONSTRAINT log_proof_pkey PRIMARY KEY (id),
	CONSTRAINT log_proof_proofstatus_check CHECK (status IN ('asked', 'done'))
);

CREATE SEQUENCE log_proof_step;
