"""People are found by any part of their names and numbers."""

from pathlib import Path
from typing import Any

from alembic import op

from galen.patients.keys import found_by
from galen.provisioning.migrate import in_shared_schema, script

revision = "0009"
down_revision = "0008"
HERE, MANY = Path(__file__).parent, 5000
THERE = "SELECT id, family, given, preferred, coalesce(phone_e164, '') AS called, phone, number FROM patient"
FILL = """
UPDATE patient SET words = made.words, pieces = made.pieces
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS made(id, words, pieces) WHERE patient.id = made.id
"""


def upgrade() -> None:
    if not in_shared_schema():
        script(HERE / "0009_organization.sql")
        connection: Any = op.get_bind().connection
        connection.run_async(fill)
        op.execute(
            "CREATE INDEX patient_pieces_idx ON patient USING gin (string_to_array(pieces, ' ')) "
            "WITH (fastupdate = off)"
        )


async def fill(raw: Any) -> None:
    """What the people who are there are found by, made as it is for everybody: the rules stand in one place."""
    people = await raw.fetch(THERE)
    for at in range(0, len(people), MANY):
        some = people[at : at + MANY]
        made = [
            found_by((p["family"], p["given"], p["preferred"]), (p["called"], p["phone"], p["number"])) for p in some
        ]
        await raw.execute(FILL, [p["id"] for p in some], *map(list, zip(*made, strict=True)))
