CREATE TABLE message_attachment (
    message_id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT message_attachment_pkey PRIMARY KEY (id)
);

CREATE TABLE purchase_order (
    number text NOT NULL,
    supplier_id uuid NOT NULL,
    site_id uuid NOT NULL,
    wanted_on date,
    note text NOT NULL,
    status character varying(32) NOT NULL,
    list_day date,
    made_by uuid NOT NULL,
    made_name text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    changes integer NOT NULL,
    changed_name text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    four_eyes boolean NOT NULL,
    approved_by uuid,
    approved_name text NOT NULL,
    approved_at timestamp with time zone,
    sent_how character varying(32),
    sent_to text NOT NULL,
    sent_name text NOT NULL,
    sent_at timestamp with time zone,
    ended_because text NOT NULL,
    ended_name text NOT NULL,
    ended_at timestamp with time zone,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT purchase_order_approved_check CHECK (status IN ('draft', 'cancelled') OR approved_by IS NOT NULL),
    CONSTRAINT purchase_order_ended_check CHECK (status NOT IN ('closed', 'cancelled') OR ended_because <> ''),
    CONSTRAINT purchase_order_four_eyes_check CHECK (NOT four_eyes OR approved_by IS NULL OR approved_by <> made_by),
    CONSTRAINT purchase_order_number_key UNIQUE (number),
    CONSTRAINT purchase_order_pkey PRIMARY KEY (id),
    CONSTRAINT purchase_order_purchaseorderstatus_check CHECK (status IN ('draft', 'approved', 'sent', 'partly', 'received', 'closed', 'cancelled')),
    CONSTRAINT purchase_order_sent_check CHECK ((sent_at IS NULL) = (sent_how IS NULL) AND (status <> 'sent' OR sent_at IS NOT NULL)),
    CONSTRAINT purchase_order_senthow_check CHECK (sent_how IN ('by mail', 'by hand'))
);

CREATE TABLE purchase_order_line (
    order_id uuid NOT NULL,
    position integer NOT NULL,
    product_id uuid NOT NULL,
    packs numeric(18,6) NOT NULL,
    pack_size numeric(18,6) NOT NULL,
    price numeric(18,4),
    price_source text NOT NULL,
    price_day date,
    code text NOT NULL,
    basis jsonb NOT NULL,
    received numeric(18,6) NOT NULL,
    free numeric(18,6) NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT purchase_order_line_order_id_position_key UNIQUE (order_id, "position"),
    CONSTRAINT purchase_order_line_order_id_product_id_key UNIQUE (order_id, product_id),
    CONSTRAINT purchase_order_line_pack_size_check CHECK (pack_size > 0),
    CONSTRAINT purchase_order_line_packs_check CHECK (packs > 0 AND packs = trunc(packs)),
    CONSTRAINT purchase_order_line_pkey PRIMARY KEY (id),
    CONSTRAINT purchase_order_line_price_check CHECK (price >= 0),
    CONSTRAINT purchase_order_line_received_check CHECK (received >= 0 AND free >= 0)
);

CREATE TABLE purchasing_policy (
    one boolean NOT NULL,
    four_eyes boolean NOT NULL,
    approve_limit numeric(18,4) NOT NULL,
    review_days integer NOT NULL,
    cover_days integer NOT NULL,
    window_days integer NOT NULL,
    service numeric(18,6) NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT purchasing_policy_approve_limit_check CHECK (approve_limit >= 0),
    CONSTRAINT purchasing_policy_days_check CHECK (review_days BETWEEN 1 AND 60 AND cover_days BETWEEN 0 AND 180),
    CONSTRAINT purchasing_policy_one_check CHECK (one),
    CONSTRAINT purchasing_policy_one_key UNIQUE (one),
    CONSTRAINT purchasing_policy_pkey PRIMARY KEY (id),
    CONSTRAINT purchasing_policy_service_check CHECK (service IN (90, 95, 97.5, 99, 99.5)),
    CONSTRAINT purchasing_policy_window_days_check CHECK (window_days BETWEEN 14 AND 365)
);

CREATE TABLE reorder_rule (
    site_id uuid NOT NULL,
    product_id uuid NOT NULL,
    supplier_id uuid,
    minimum numeric(18,6),
    maximum numeric(18,6),
    never boolean NOT NULL,
    set_name text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT reorder_rule_levels_check CHECK ((minimum IS NULL) = (maximum IS NULL) AND minimum >= 0 AND maximum > minimum),
    CONSTRAINT reorder_rule_pkey PRIMARY KEY (id),
    CONSTRAINT reorder_rule_site_id_product_id_key UNIQUE (site_id, product_id)
);

CREATE TABLE supplier_bill (
    supplier_id uuid NOT NULL,
    order_id uuid NOT NULL,
    number text NOT NULL,
    day date NOT NULL,
    net numeric(18,4) NOT NULL,
    tax numeric(18,4) NOT NULL,
    note text NOT NULL,
    status character varying(32) NOT NULL,
    differences jsonb NOT NULL,
    matched_at timestamp with time zone NOT NULL,
    entered_by uuid NOT NULL,
    entered_name text NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    decided_by uuid,
    decided_name text NOT NULL,
    decided_at timestamp with time zone,
    decided_because text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT supplier_bill_amounts_check CHECK (net >= 0 AND tax >= 0),
    CONSTRAINT supplier_bill_billstatus_check CHECK (status IN ('agrees', 'differs', 'disputed', 'accepted', 'withdrawn')),
    CONSTRAINT supplier_bill_decided_check CHECK (status NOT IN ('accepted', 'disputed', 'withdrawn') OR (decided_because <> '' AND decided_by IS NOT NULL)),
    CONSTRAINT supplier_bill_number_check CHECK (number <> ''),
    CONSTRAINT supplier_bill_pkey PRIMARY KEY (id)
);

CREATE TABLE supplier_bill_line (
    bill_id uuid NOT NULL,
    position integer NOT NULL,
    product_id uuid NOT NULL,
    packs numeric(18,6) NOT NULL,
    price numeric(18,4) NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT supplier_bill_line_bill_id_position_key UNIQUE (bill_id, "position"),
    CONSTRAINT supplier_bill_line_packs_check CHECK (packs > 0),
    CONSTRAINT supplier_bill_line_pkey PRIMARY KEY (id),
    CONSTRAINT supplier_bill_line_price_check CHECK (price >= 0)
);

CREATE TABLE supplier_price (
    supplier_id uuid NOT NULL,
    product_id uuid NOT NULL,
    valid_from date NOT NULL,
    price numeric(18,4) NOT NULL,
    pack_size numeric(18,6) NOT NULL,
    minimum_packs numeric(18,6) NOT NULL,
    code text NOT NULL,
    source text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    CONSTRAINT supplier_price_minimum_packs_check CHECK (minimum_packs >= 1),
    CONSTRAINT supplier_price_pack_size_check CHECK (pack_size > 0),
    CONSTRAINT supplier_price_pkey PRIMARY KEY (id),
    CONSTRAINT supplier_price_price_check CHECK (price >= 0),
    CONSTRAINT supplier_price_supplier_id_product_id_valid_from_key UNIQUE (supplier_id, product_id, valid_from)
);

ALTER TABLE delivery ADD COLUMN order_id uuid;

ALTER TABLE delivery_line ADD COLUMN order_line_id uuid;

ALTER TABLE delivery ADD CONSTRAINT delivery_order_id_fkey FOREIGN KEY (order_id) REFERENCES purchase_order(id);

ALTER TABLE delivery_line ADD CONSTRAINT delivery_line_order_line_id_fkey FOREIGN KEY (order_line_id) REFERENCES purchase_order_line(id);

ALTER TABLE message_attachment ADD CONSTRAINT message_attachment_message_id_fkey FOREIGN KEY (message_id) REFERENCES message(id);

ALTER TABLE purchase_order ADD CONSTRAINT purchase_order_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE purchase_order ADD CONSTRAINT purchase_order_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id);

ALTER TABLE purchase_order_line ADD CONSTRAINT purchase_order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES purchase_order(id);

ALTER TABLE purchase_order_line ADD CONSTRAINT purchase_order_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE reorder_rule ADD CONSTRAINT reorder_rule_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE reorder_rule ADD CONSTRAINT reorder_rule_site_id_fkey FOREIGN KEY (site_id) REFERENCES site(id);

ALTER TABLE reorder_rule ADD CONSTRAINT reorder_rule_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id);

ALTER TABLE supplier_bill ADD CONSTRAINT supplier_bill_order_id_fkey FOREIGN KEY (order_id) REFERENCES purchase_order(id);

ALTER TABLE supplier_bill ADD CONSTRAINT supplier_bill_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id);

ALTER TABLE supplier_bill_line ADD CONSTRAINT supplier_bill_line_bill_id_fkey FOREIGN KEY (bill_id) REFERENCES supplier_bill(id);

ALTER TABLE supplier_bill_line ADD CONSTRAINT supplier_bill_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE supplier_price ADD CONSTRAINT supplier_price_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id);

ALTER TABLE supplier_price ADD CONSTRAINT supplier_price_supplier_id_fkey FOREIGN KEY (supplier_id) REFERENCES supplier(id);

CREATE UNIQUE INDEX delivery_order_draft_key ON delivery (order_id) WHERE status = 'draft';

CREATE INDEX delivery_order_idx ON delivery (order_id) WHERE order_id IS NOT NULL;

CREATE INDEX delivery_line_order_line_id_idx ON delivery_line (order_line_id);

CREATE INDEX message_attachment_message_id_idx ON message_attachment (message_id);

CREATE UNIQUE INDEX purchase_order_list_key ON purchase_order (site_id, supplier_id, list_day) WHERE list_day IS NOT NULL;

CREATE INDEX purchase_order_open_idx ON purchase_order (site_id) WHERE status NOT IN ('closed', 'cancelled');

CREATE INDEX purchase_order_supplier_idx ON purchase_order (supplier_id);

CREATE INDEX purchase_order_line_product_id_idx ON purchase_order_line (product_id);

CREATE INDEX reorder_rule_product_id_idx ON reorder_rule (product_id);

CREATE INDEX reorder_rule_supplier_id_idx ON reorder_rule (supplier_id);

CREATE UNIQUE INDEX supplier_bill_number_key ON supplier_bill (supplier_id, lower(number)) WHERE status <> 'withdrawn';

CREATE INDEX supplier_bill_order_id_idx ON supplier_bill (order_id);

CREATE INDEX supplier_price_product_idx ON supplier_price (product_id, valid_from);
