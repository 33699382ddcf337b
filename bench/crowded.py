"""A world in which years have passed: every kind of record many times over, most of it about the same few people."""

import asyncpg

KEPT = frozenset("""
    alembic_version role site seal_record audit_entry practitioner availability drawer
    line dispensing_line invoice_line product_ingredient posting delivery_line transfer_line purchase_order_line
    supplier_bill_line message_attachment sensor
""".split())  # fmt: skip
"""Not copied: who works there, where and when, what is sealed, and the parts of a document."""
FEW = frozenset("allergy condition current_medicine immunisation coverage identifier".split())
"""Of one person there are some dozens at most."""
TABLES = """
SELECT c.relname, array_agg(quote_ident(a.attname) ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated = '' GROUP BY c.relname ORDER BY c.relname <> 'patient', c.relname
"""
KEYS = """
SELECT DISTINCT quote_ident(a.attname), format_type(a.atttypid, NULL) FROM pg_index i
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = ($1 || '.' || $2)::regclass AND (i.indisunique OR i.indisexclusion)
"""
OTHERS = """
CASE WHEN n % 2 = 1 THEN t.patient_id ELSE
  coalesce((SELECT ids[1 + n % cardinality(ids)] FROM others WHERE t.patient_id IS NOT NULL), t.patient_id) END
"""
"""Half of it is about the same few people, the other half about many."""
TEXT, NUMBER = "t.{0} || ' ' || n", "t.{0} + n * 100000"
NEW = {"uuid": "gen_random_uuid()", "text": TEXT, "character varying": TEXT, "integer": NUMBER, "bigint": NUMBER}


async def crowd(connection: asyncpg.Connection, schema: str, rows: int) -> dict[str, int]:
    """Copy what is there until each table has about so many rows; their own keys are new, links stay as they are."""
    await connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
    made = {}
    for table, columns in await connection.fetch(TABLES, schema):
        there = 0 if table in KEPT else await connection.fetchval(f"SELECT count(*) FROM {schema}.{table}")
        most = rows // 40 if table in FEW else rows
        if 0 < there < most:
            keys = dict(await connection.fetch(KEYS, schema, table))
            own = {name for name, kind in keys.items() if name == "id" or (kind in NEW and not name.endswith("_id"))}
            new = own if own - {"id"} or len(keys) == 1 else keys.keys()
            made_of = {c: NEW.get(keys[c] if c in new else "", "t.{0}").format(c) for c in columns}
            if "patient_id" in columns and table not in FEW:
                made_of["patient_id"] = OTHERS
            which = "WHERE t.kind = 'patient'" if table == "account" else ""  # of staff there are dozens
            named, values = ", ".join(made_of), ", ".join(made_of.values())
            done = await connection.execute(
                f"WITH others AS (SELECT array(SELECT id FROM {schema}.patient LIMIT {rows}) AS ids) "
                f"INSERT INTO {schema}.{table} ({named}) OVERRIDING SYSTEM VALUE SELECT {values} "
                f"FROM {schema}.{table} t, generate_series(1, {most // there}) n {which} ON CONFLICT DO NOTHING"
            )
            made[table] = int(done.split()[-1])
    await connection.execute("RESET session_replication_role")
    await connection.execute("ANALYZE")  # or the planner believes that it is still the small house
    return made
