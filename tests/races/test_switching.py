"""A connection that rolled back has taken its switch of organisation back, too: the next one must not trust it."""

import pytest
from sqlalchemy import text

from galen.core.crypto import password_for
from galen.core.database import APP_ROLE, Database
from tests.conftest import named

pytestmark = pytest.mark.race


class Stumble(Exception):
    """Something goes wrong in the middle of a transaction."""


@pytest.mark.parametrize("first, second", [("north", "south"), ("south", "north")])
async def test_after_a_rollback_the_next_transaction_is_where_it_says(server, template, first, second):
    database = Database(named(server, template, username=APP_ROLE, password=password_for(APP_ROLE)), pool=1)
    try:
        async with database.transaction(first) as db:
            await db.execute(text("SELECT 1"))
        with pytest.raises(Stumble):
            async with database.transaction(second):
                raise Stumble
        async with database.transaction(second) as db:
            where = (await db.execute(text("SELECT current_user, current_schema()"))).one()
        assert tuple(where) == (f"org_{second}", f"org_{second}")
    finally:
        await database.close()
