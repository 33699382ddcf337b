"""What is remembered of a client's session for half a second: for reads alone, never longer than it is true here."""

import pytest
from sqlalchemy import select, text

from galen.core.fast import session_memory
from galen.identity import Account, sessions
from galen.identity.schemas import AccountChange
from galen.identity.service import edit_account, end_account_sessions
from galen.values.ids import uuid7

PROFILE = "/api/v1/profile"
ENDED = "UPDATE session SET ended = now()"


@pytest.fixture
def clock(monkeypatch):
    """The process's own clock, which stands still until it is told to go on."""

    class Clock:
        now = 1000.0

        def __call__(self) -> float:
            return self.now

    made = Clock()
    monkeypatch.setattr(session_memory, "monotonic", made)
    return made


async def account_of(iris, username):
    return await iris.db.scalar(select(Account).where(Account.username == username))


async def test_an_ended_session_is_refused_at_once_by_the_process_that_ended_it(client, iris, clock):
    ruth = await client("ruth")
    assert (await ruth.get(PROFILE)).status_code == 200
    await end_account_sessions(iris, (await account_of(iris, "ruth")).id)
    assert (await ruth.get(PROFILE)).status_code == 401


async def test_a_process_that_did_not_forget_would_let_it_in(client, iris, clock, monkeypatch):
    """The broken variant of the test above."""

    monkeypatch.setattr(sessions.MEMORY, "forget", lambda: None)
    ruth = await client("ruth")
    assert (await ruth.get(PROFILE)).status_code == 200
    await end_account_sessions(iris, (await account_of(iris, "ruth")).id)
    assert (await ruth.get(PROFILE)).status_code == 200


async def test_another_process_lets_it_read_for_half_a_second_and_no_longer(client, system, clock):
    ruth = await client("ruth")
    assert (await ruth.get(PROFILE)).status_code == 200
    await system.db.execute(text(ENDED))  # as another process would, unseen by this one
    clock.now += session_memory.SECONDS
    assert (await ruth.get(PROFILE)).status_code == 200
    clock.now += 0.01
    assert (await ruth.get(PROFILE)).status_code == 401
    assert session_memory.SECONDS <= 1, "an ended session may live on for a second at the most"


async def test_nothing_is_ever_changed_on_what_is_remembered(client, system, clock):
    ruth = await client("ruth")
    assert (await ruth.get(PROFILE)).status_code == 200
    await system.db.execute(text(ENDED))
    refused = await ruth.post(
        "/api/v1/patients", json={"family": "Late", "given": "Comer"}, headers={"idempotency-key": str(uuid7())}
    )
    assert refused.status_code == 401


async def test_a_browser_is_looked_up_each_time(client, system, clock):
    ada = await client("ada", page=True)
    assert (await ada.get("/profile")).status_code == 200
    await system.db.execute(text(ENDED))
    assert (await ada.get("/profile")).status_code == 303


async def test_a_new_name_is_known_at_the_next_read(client, iris, clock):
    ruth = await client("ruth")
    assert (await ruth.get(PROFILE)).json()["name"] != "Ruth T."
    account = await account_of(iris, "ruth")
    await edit_account(iris, account.id, AccountChange(name="Ruth T."))
    assert (await ruth.get(PROFILE)).json()["name"] == "Ruth T."


async def test_a_session_that_ran_out_is_refused_though_it_is_remembered(client, system, clock, monkeypatch):
    ruth = await client("ruth")
    await system.db.execute(text("UPDATE session SET ends = now() + interval '1 hour'"))
    assert (await ruth.get(PROFILE)).status_code == 200
    key, (since, row) = sessions.MEMORY.rows.popitem()
    sessions.MEMORY.rows[key] = since, {**row, "ends": row["last_seen"]}
    assert (await ruth.get(PROFILE)).status_code == 401


async def test_no_more_is_remembered_than_there_is_room_for(client, clock, monkeypatch):
    monkeypatch.setattr(session_memory, "CAPACITY", 2)
    for name in ("ada", "ruth", "nora", "ben"):
        assert (await (await client(name)).get(PROFILE)).status_code == 200
        assert len(sessions.MEMORY.rows) <= 2
