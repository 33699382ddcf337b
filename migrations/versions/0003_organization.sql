CREATE TABLE job_decision (
	job_id BIGINT NOT NULL, 
	job TEXT NOT NULL, 
	decision VARCHAR(32) NOT NULL, 
	trouble TEXT NOT NULL, 
	failed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	decided_by TEXT NOT NULL, 
	id UUID NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT job_decision_pkey PRIMARY KEY (id), 
	CONSTRAINT job_decision_decision_check CHECK (decision IN ('run again', 'discarded'))
);

CREATE INDEX job_decision_job_id_idx ON job_decision (job_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON job_decision
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();
