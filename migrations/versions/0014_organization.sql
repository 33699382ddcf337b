ALTER TABLE patient
	ADD COLUMN prefix TEXT NOT NULL DEFAULT '',
	ADD COLUMN suffix TEXT NOT NULL DEFAULT '',
	ADD COLUMN gender TEXT NOT NULL DEFAULT '',
	ADD COLUMN telecoms JSONB NOT NULL DEFAULT '[]',
	ADD COLUMN contact_persons JSONB NOT NULL DEFAULT '[]';

ALTER TABLE patient
	ALTER COLUMN prefix DROP DEFAULT,
	ALTER COLUMN suffix DROP DEFAULT,
	ALTER COLUMN gender DROP DEFAULT,
	ALTER COLUMN telecoms DROP DEFAULT,
	ALTER COLUMN contact_persons DROP DEFAULT;

ALTER TABLE identifier ADD COLUMN system TEXT NOT NULL DEFAULT '';

ALTER TABLE identifier ALTER COLUMN system DROP DEFAULT;

ALTER TABLE current_medicine ADD COLUMN reported BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE current_medicine ALTER COLUMN reported DROP DEFAULT;

-- A day that cannot be is another system's word for one that is not known.
UPDATE patient SET born = NULL, born_known = 'day' WHERE NOT born BETWEEN '1880-01-01' AND '2199-12-31';

UPDATE patient SET deceased_on = NULL WHERE NOT (deceased_on BETWEEN '1880-01-01' AND '2199-12-31' AND deceased_on >= coalesce(born, deceased_on));

UPDATE allergy SET noted_on = NULL WHERE NOT noted_on BETWEEN '1880-01-01' AND '2199-12-31';

UPDATE condition SET since = NULL WHERE NOT since BETWEEN '1880-01-01' AND '2199-12-31';

UPDATE condition SET until = NULL WHERE until > '2199-12-31';

UPDATE condition SET until = '1880-01-01' WHERE until < '1880-01-01';

UPDATE current_medicine SET since = NULL WHERE NOT since BETWEEN '1880-01-01' AND '2199-12-31';

UPDATE current_medicine SET until = NULL WHERE until > '2199-12-31';

UPDATE current_medicine SET until = '1880-01-01' WHERE until < '1880-01-01';

UPDATE immunisation SET given_on = NULL WHERE NOT given_on BETWEEN '1880-01-01' AND '2199-12-31';

UPDATE coverage SET valid_from = NULL WHERE NOT valid_from BETWEEN '1880-01-01' AND '2199-12-31';

UPDATE coverage SET valid_until = NULL WHERE valid_until > '2199-12-31';

UPDATE coverage SET valid_until = '1880-01-01' WHERE valid_until < '1880-01-01';

-- A moment must stand somewhere: it is put at the nearest one that can be.
UPDATE visit SET started_at = least(greatest(started_at, '1880-01-01 00:00Z'), '2199-12-31 00:00Z'),
	ended_at = CASE WHEN ended_at IS NOT NULL THEN least(greatest(ended_at, '1880-01-01 00:00Z'), '2199-12-31 00:00Z') END
	WHERE NOT (started_at BETWEEN '1880-01-01 00:00Z' AND '2199-12-31 00:00Z'
	AND coalesce(ended_at, started_at) BETWEEN '1880-01-01 00:00Z' AND '2199-12-31 00:00Z');

UPDATE vitals SET taken_at = least(greatest(taken_at, '1880-01-01 00:00Z'), '2199-12-31 00:00Z')
	WHERE NOT taken_at BETWEEN '1880-01-01 00:00Z' AND '2199-12-31 00:00Z';

ALTER TABLE patient
	ADD CONSTRAINT patient_born_check CHECK (born BETWEEN '1880-01-01' AND '2199-12-31'),
	ADD CONSTRAINT patient_deceased_on_check CHECK (deceased_on BETWEEN '1880-01-01' AND '2199-12-31' AND deceased_on >= born);

ALTER TABLE allergy ADD CONSTRAINT allergy_noted_on_check CHECK (noted_on BETWEEN '1880-01-01' AND '2199-12-31');

ALTER TABLE condition
	ADD CONSTRAINT condition_since_check CHECK (since BETWEEN '1880-01-01' AND '2199-12-31'),
	ADD CONSTRAINT condition_until_check CHECK (until BETWEEN '1880-01-01' AND '2199-12-31');

ALTER TABLE current_medicine
	ADD CONSTRAINT current_medicine_since_check CHECK (since BETWEEN '1880-01-01' AND '2199-12-31'),
	ADD CONSTRAINT current_medicine_until_check CHECK (until BETWEEN '1880-01-01' AND '2199-12-31');

ALTER TABLE immunisation ADD CONSTRAINT immunisation_given_on_check CHECK (given_on BETWEEN '1880-01-01' AND '2199-12-31');

ALTER TABLE coverage
	ADD CONSTRAINT coverage_valid_from_check CHECK (valid_from BETWEEN '1880-01-01' AND '2199-12-31'),
	ADD CONSTRAINT coverage_valid_until_check CHECK (valid_until BETWEEN '1880-01-01' AND '2199-12-31');

ALTER TABLE visit ADD CONSTRAINT visit_times_check CHECK (started_at BETWEEN '1880-01-01 00:00Z' AND '2199-12-31 00:00Z'
	AND ended_at BETWEEN '1880-01-01 00:00Z' AND '2199-12-31 00:00Z');

ALTER TABLE vitals ADD CONSTRAINT vitals_taken_at_check CHECK (taken_at BETWEEN '1880-01-01 00:00Z' AND '2199-12-31 00:00Z');
