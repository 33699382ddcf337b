CREATE TABLE stock_limits (
    site_id uuid NOT NULL,
    write_off_units numeric(18,6) NOT NULL,
    write_off_value numeric(18,4) NOT NULL,
    recount_units numeric(18,6) NOT NULL,
    recount_value numeric(18,4) NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT stock_limits_limits_check CHECK (write_off_units >= 0 AND write_off_value >= 0 AND recount_units >= 0 AND recount_value >= 0),
    CONSTRAINT stock_limits_pkey PRIMARY KEY (id),
    CONSTRAINT stock_limits_site_id_key UNIQUE (site_id)
);

CREATE TABLE stocktake (
    number text NOT NULL,
    site_id uuid NOT NULL,
    scope character varying(32) NOT NULL,
    place text NOT NULL,
    since date,
    note text NOT NULL,
    recount_units numeric(18,6) NOT NULL,
    recount_value numeric(18,4) NOT NULL,
    status character varying(32) NOT NULL,
    opened_by uuid NOT NULL,
    opened_name text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    posted_by uuid,
    posted_name text NOT NULL,
    posted_at timestamp with time zone,
    zeroed_because text NOT NULL,
    ended_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT stocktake_limits_check CHECK (recount_units >= 0 AND recount_value >= 0),
    CONSTRAINT stocktake_number_key UNIQUE (number),
    CONSTRAINT stocktake_pkey PRIMARY KEY (id),
    CONSTRAINT stocktake_posted_check CHECK ((status = 'posted') = (posted_by IS NOT NULL)),
    CONSTRAINT stocktake_stocktakescope_check CHECK (scope IN ('everything', 'one place', 'some medicines', 'what moved since a day', 'what was not counted since a day')),
    CONSTRAINT stocktake_stocktakestatus_check CHECK (status IN ('open', 'counted', 'posted', 'cancelled'))
);

CREATE TABLE stocktake_count (
    line_id uuid NOT NULL,
    round integer NOT NULL,
    counted numeric(18,6) NOT NULL,
    expected numeric(18,6) NOT NULL,
    seq bigint NOT NULL,
    counted_by uuid NOT NULL,
    counted_name text NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT stocktake_count_counted_check CHECK (counted >= 0),
    CONSTRAINT stocktake_count_pkey PRIMARY KEY (id)
);

CREATE TABLE stocktake_line (
    stocktake_id uuid NOT NULL,
    position integer NOT NULL,
    level_id uuid NOT NULL,
    product_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    location text NOT NULL,
    found boolean NOT NULL,
    unit_value numeric(18,4) NOT NULL,
    rounds integer NOT NULL,
    counted numeric(18,6),
    expected numeric(18,6),
    seq bigint,
    difference numeric(18,6),
    counted_by uuid,
    counted_name text NOT NULL,
    counted_at timestamp with time zone,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT stocktake_line_counted_check CHECK (counted >= 0),
    CONSTRAINT stocktake_line_difference_check CHECK (difference IS NULL OR difference = counted - expected),
    CONSTRAINT stocktake_line_pkey PRIMARY KEY (id),
    CONSTRAINT stocktake_line_rounds_check CHECK ((rounds > 0) = (counted_by IS NOT NULL)),
    CONSTRAINT stocktake_line_stocktake_id_level_id_key UNIQUE (stocktake_id, level_id),
    CONSTRAINT stocktake_line_stocktake_id_position_key UNIQUE (stocktake_id, "position")
);

ALTER TABLE movement ADD COLUMN reason_code character varying(32);

ALTER TABLE movement ADD CONSTRAINT movement_adjustreason_check CHECK (reason_code IN ('broken', 'lost', 'found', 'expired', 'wrong entry', 'sample', 'theft suspected', 'other'));

ALTER TABLE movement ADD CONSTRAINT movement_reason_code_check CHECK (reason_code IS NULL OR kind = 'adjust');

ALTER TABLE stock_limits ADD CONSTRAINT stock_limits_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE stocktake ADD CONSTRAINT stocktake_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE stocktake_count ADD CONSTRAINT stocktake_count_line_id_fkey FOREIGN KEY (line_id) REFERENCES stocktake_line(id);

ALTER TABLE stocktake_line ADD CONSTRAINT stocktake_line_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE stocktake_line ADD CONSTRAINT stocktake_line_level_id_fkey FOREIGN KEY (level_id) REFERENCES stock_level(id);

ALTER TABLE stocktake_line ADD CONSTRAINT stocktake_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE stocktake_line ADD CONSTRAINT stocktake_line_stocktake_id_fkey FOREIGN KEY (stocktake_id) REFERENCES stocktake(id);

CREATE UNIQUE INDEX stocktake_live_key ON stocktake (site_id) WHERE status IN ('open', 'counted');

CREATE INDEX stocktake_site_id_idx ON stocktake (site_id);

CREATE INDEX stocktake_count_line_id_idx ON stocktake_count (line_id);

CREATE INDEX stocktake_line_level_id_idx ON stocktake_line (level_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stocktake_count
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change();
