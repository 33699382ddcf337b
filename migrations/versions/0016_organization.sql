CREATE TABLE destruction (
    number text NOT NULL,
    site_id uuid NOT NULL,
    level_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    product_id uuid NOT NULL,
    quantity numeric(18,6) NOT NULL,
    reason character varying(32) NOT NULL,
    method text NOT NULL,
    note text NOT NULL,
    status character varying(32) NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_name text NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    witness_id uuid,
    witness_name text NOT NULL,
    witnessed_at timestamp with time zone,
    ended_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT destruction_destroyed_check CHECK ((status = 'destroyed') = (witness_id IS NOT NULL)),
    CONSTRAINT destruction_destructionreason_check CHECK (reason IN ('expired', 'damaged', 'kept too warm or too cold', 'recalled', 'returned by a patient', 'contaminated')),
    CONSTRAINT destruction_destructionstatus_check CHECK (status IN ('proposed', 'destroyed', 'cancelled')),
    CONSTRAINT destruction_method_check CHECK (method <> ''),
    CONSTRAINT destruction_number_key UNIQUE (number),
    CONSTRAINT destruction_pkey PRIMARY KEY (id),
    CONSTRAINT destruction_quantity_check CHECK (quantity > 0),
    CONSTRAINT destruction_witness_check CHECK (witness_id IS NULL OR witness_id <> proposed_by)
);

CREATE TABLE transfer (
    number text NOT NULL,
    from_site_id uuid NOT NULL,
    to_site_id uuid NOT NULL,
    status character varying(32) NOT NULL,
    note text NOT NULL,
    sent_by uuid NOT NULL,
    sent_name text NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    arrived_by uuid,
    arrived_name text NOT NULL,
    arrived_at timestamp with time zone,
    ended_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT transfer_arrived_check CHECK ((status = 'arrived') = (arrived_by IS NOT NULL)),
    CONSTRAINT transfer_number_key UNIQUE (number),
    CONSTRAINT transfer_pkey PRIMARY KEY (id),
    CONSTRAINT transfer_sites_check CHECK (from_site_id <> to_site_id),
    CONSTRAINT transfer_transferstatus_check CHECK (status IN ('sent', 'arrived', 'cancelled'))
);

CREATE TABLE transfer_line (
    transfer_id uuid NOT NULL,
    position integer NOT NULL,
    product_id uuid NOT NULL,
    batch_id uuid NOT NULL,
    level_id uuid NOT NULL,
    quantity numeric(18,6) NOT NULL,
    arrived numeric(18,6),
    location text NOT NULL,
    short_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT transfer_line_arrived_check CHECK (arrived >= 0 AND arrived <= quantity),
    CONSTRAINT transfer_line_pkey PRIMARY KEY (id),
    CONSTRAINT transfer_line_quantity_check CHECK (quantity > 0),
    CONSTRAINT transfer_line_short_check CHECK (arrived = quantity OR short_because <> ''),
    CONSTRAINT transfer_line_transfer_id_position_key UNIQUE (transfer_id, "position")
);

ALTER TABLE movement DROP CONSTRAINT movement_movementkind_check;

ALTER TABLE movement ADD CONSTRAINT movement_movementkind_check CHECK (kind IN ('receive', 'issue', 'reversal', 'adjust', 'count', 'return', 'quarantine', 'release', 'send', 'arrive', 'destroy'));

ALTER TABLE destruction ADD CONSTRAINT destruction_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE destruction ADD CONSTRAINT destruction_level_id_fkey FOREIGN KEY (level_id) REFERENCES stock_level(id);

ALTER TABLE destruction ADD CONSTRAINT destruction_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE destruction ADD CONSTRAINT destruction_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE transfer ADD CONSTRAINT transfer_from_site_id_fkey FOREIGN KEY (from_site_id) REFERENCES site(id);

ALTER TABLE transfer ADD CONSTRAINT transfer_to_site_id_fkey FOREIGN KEY (to_site_id) REFERENCES site(id);

ALTER TABLE transfer_line ADD CONSTRAINT transfer_line_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE transfer_line ADD CONSTRAINT transfer_line_level_id_fkey FOREIGN KEY (level_id) REFERENCES stock_level(id);

ALTER TABLE transfer_line ADD CONSTRAINT transfer_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE transfer_line ADD CONSTRAINT transfer_line_transfer_id_fkey FOREIGN KEY (transfer_id) REFERENCES transfer(id);

CREATE INDEX destruction_level_id_idx ON destruction (level_id);

CREATE INDEX destruction_open_idx ON destruction (site_id) WHERE status = 'proposed';

CREATE INDEX transfer_from_site_id_idx ON transfer (from_site_id);

CREATE INDEX transfer_on_its_way_idx ON transfer (to_site_id) WHERE status = 'sent';

CREATE INDEX transfer_line_batch_id_idx ON transfer_line (batch_id);

CREATE INDEX transfer_line_product_id_idx ON transfer_line (product_id);
