CREATE TABLE delivery (
    number text NOT NULL,
    supplier_id uuid NOT NULL,
    supplier_number text NOT NULL,
    day date NOT NULL,
    site_id uuid NOT NULL,
    note text NOT NULL,
    status character varying(32) NOT NULL,
    made_by uuid NOT NULL,
    made_name text NOT NULL,
    changes integer NOT NULL,
    changed_name text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    received_by uuid,
    received_name text NOT NULL,
    received_at timestamp with time zone,
    ended_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT delivery_cancelled_check CHECK (status <> 'cancelled' OR ended_because <> ''),
    CONSTRAINT delivery_deliverystatus_check CHECK (status IN ('draft', 'received', 'cancelled')),
    CONSTRAINT delivery_number_key UNIQUE (number),
    CONSTRAINT delivery_pkey PRIMARY KEY (id),
    CONSTRAINT delivery_received_check CHECK ((status = 'received') = (received_by IS NOT NULL))
);

CREATE TABLE delivery_line (
    delivery_id uuid NOT NULL,
    position integer NOT NULL,
    product_id uuid NOT NULL,
    number text NOT NULL,
    expires date,
    maker text NOT NULL,
    gtin text NOT NULL,
    location text NOT NULL,
    pack_size numeric(18,6) NOT NULL,
    noted_packs numeric(18,6),
    noted_units numeric(18,6),
    packs numeric(18,6) NOT NULL,
    units numeric(18,6) NOT NULL,
    free_packs numeric(18,6) NOT NULL,
    refused numeric(18,6) NOT NULL,
    refused_because character varying(32),
    price numeric(18,4),
    priced character varying(32) NOT NULL,
    last_cost numeric(18,4),
    batch_id uuid,
    level_id uuid,
    movement_id uuid,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT delivery_line_booked_check CHECK ((batch_id IS NULL) = (movement_id IS NULL)),
    CONSTRAINT delivery_line_delivery_id_position_key UNIQUE (delivery_id, "position"),
    CONSTRAINT delivery_line_noted_check CHECK (noted_packs >= 0 AND noted_units >= 0),
    CONSTRAINT delivery_line_pack_size_check CHECK (pack_size > 0),
    CONSTRAINT delivery_line_pkey PRIMARY KEY (id),
    CONSTRAINT delivery_line_price_check CHECK (price >= 0),
    CONSTRAINT delivery_line_pricefor_check CHECK (priced IN ('each pack', 'the whole line')),
    CONSTRAINT delivery_line_quantities_check CHECK (packs >= 0 AND units >= 0 AND free_packs >= 0),
    CONSTRAINT delivery_line_refused_because_check CHECK ((refused > 0) = (refused_because IS NOT NULL)),
    CONSTRAINT delivery_line_refused_check CHECK (refused_because IN ('damaged', 'expired or ends too soon', 'not ordered')),
    CONSTRAINT delivery_line_refused_units_check CHECK (refused >= 0 AND refused <= (packs + free_packs) * pack_size + units)
);

CREATE TABLE supplier (
    name text NOT NULL,
    contact text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    account text NOT NULL,
    lead_days integer,
    minimum_order numeric(18,4),
    note text NOT NULL,
    archived_at timestamp with time zone,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT supplier_lead_days_check CHECK (lead_days >= 0),
    CONSTRAINT supplier_minimum_order_check CHECK (minimum_order >= 0),
    CONSTRAINT supplier_name_check CHECK (name <> ''),
    CONSTRAINT supplier_pkey PRIMARY KEY (id)
);

ALTER TABLE delivery ADD CONSTRAINT delivery_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE delivery ADD CONSTRAINT delivery_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id);

ALTER TABLE delivery_line ADD CONSTRAINT delivery_line_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batch(id);

ALTER TABLE delivery_line ADD CONSTRAINT delivery_line_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES delivery(id);

ALTER TABLE delivery_line ADD CONSTRAINT delivery_line_level_id_fkey FOREIGN KEY (level_id) REFERENCES stock_level(id);

ALTER TABLE delivery_line ADD CONSTRAINT delivery_line_movement_id_fkey FOREIGN KEY (movement_id) REFERENCES movement(id);

ALTER TABLE delivery_line ADD CONSTRAINT delivery_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

CREATE INDEX delivery_day_idx ON delivery (day);

CREATE INDEX delivery_draft_idx ON delivery (site_id) WHERE status = 'draft';

CREATE INDEX delivery_site_id_idx ON delivery (site_id);

CREATE UNIQUE INDEX delivery_supplier_number_key ON delivery (supplier_id, lower(supplier_number)) WHERE supplier_number <> '' AND status <> 'cancelled';

CREATE INDEX delivery_line_batch_id_idx ON delivery_line (batch_id);

CREATE INDEX delivery_line_product_id_idx ON delivery_line (product_id);

CREATE UNIQUE INDEX supplier_name_key ON supplier (lower(name));
