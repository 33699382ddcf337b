"""WebSockets: who may open one, what is refused on it, and how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import BaseModel
from sqlalchemy import select, text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from galen import identity
from galen.core.context import Context
from galen.core.errors import Conflict
from galen.core.gate import requires
from galen.core.web import sockets
from galen.core.web.mounting import mount
from galen.core.web.routes import PATHS, TABLE, socket, verb_of
from galen.core.web.sockets import Connection, Conversation
from galen.patients import Patient
from tests.matrix.test_who_may_do_what import key_of, outcome


class Note(BaseModel):
    """What is sent on the socket of these tests."""

    family: str


class Taken(Conflict):
    message = "That name is taken."


@requires("patient.write")
async def rename(ctx: Context, connection: Connection, patient_id: UUID) -> Conversation:
    """A patient's family name, said again and again on one socket."""
    patient = await ctx.get(Patient, patient_id)
    first = patient.family
    await connection.send({"family": first})

    async def talk() -> None:
        async for message in connection:
            async with connection.context() as ctx:
                patient = await ctx.get(Patient, patient_id, lock=True)
                patient.family = Note.model_validate(message).family
                if patient.family == "Taken":
                    raise Taken
            await connection.send({"done": True})

    return talk


ROW = socket("/ws/patients/{patient_id}", rename)


@pytest_asyncio.fixture
async def served(serve: Any) -> AsyncIterator[Any]:
    async with serve(ROW) as served:
        yield served


@pytest_asyncio.fixture
async def patient_id(committed: Any) -> str:
    async with committed.as_system("north", "test") as ctx:
        return str(await ctx.db.scalar(select(Patient.id).where(Patient.given == "Mara")))


@asynccontextmanager
async def connected(served: Any, patient_id: str, **headers: str) -> AsyncIterator[ClientConnection]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    address = served.url.replace("http", "ws") + f"/ws/patients/{patient_id}"
    async with connect(address, additional_headers=given, proxy=None) as ws:
        yield ws


async def bearer(served: Any, who: str) -> dict[str, str]:
    return {"authorization": f"Bearer {await served.token(who)}"}


async def said(ws: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(ws.recv(), 10))


async def end_of(ws: ClientConnection) -> tuple[int, str]:
    """How the socket was closed."""
    with pytest.raises(ConnectionClosed) as closed:
        await asyncio.wait_for(ws.recv(), 10)
    assert closed.value.rcvd
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def family(served: Any, patient_id: str) -> str:
    async with served.services.as_system("north", "test") as ctx:
        return str((await ctx.get(Patient, UUID(patient_id))).family)


async def rows(served: Any, where: str) -> list[Any]:
    async with served.services.as_system("north", "test") as ctx:
        return list(await ctx.db.execute(text(f"SELECT * FROM audit_entry WHERE {where}")))


async def test_what_ruth_says_on_her_socket_is_committed_and_audited_under_the_verb(served, patient_id):
    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        assert (await said(ws))["family"] == "Quill"
        await ws.send(json.dumps({"family": "Quince"}))
        assert await said(ws) == {"done": True}
        assert await family(served, patient_id) == "Quince"
        await ws.send(json.dumps({"family": "Quail"}))
        assert await said(ws) == {"done": True}
    changed = await rows(served, "action = 'changed' AND subject = 'patient' AND verb = 'web.rename'")
    assert len(changed) == 2
    assert {row.actor_name for row in changed} == {"Ruth Tanaka"}
    assert len({row.request_id for row in changed}) == 1


async def test_a_browser_comes_with_its_cookie_from_a_page_of_the_same_host(served, patient_id):
    cookie = await served.cookie("ruth")
    async with connected(served, patient_id, cookie=cookie, origin=served.url) as ws:
        assert (await said(ws))["family"] == "Quill"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a_page_of_another_site_or_none_gets_no_socket_with_a_cookie(served, patient_id, origin):
    cookie = await served.cookie("ruth")
    with pytest.raises(InvalidStatus) as refused:
        async with connected(served, patient_id, cookie=cookie, **({"origin": origin} if origin else {})):
            pass
    assert refused.value.response.status_code == 403
    assert len(await rows(served, "action = 'refused' AND subject = 'forged_form'")) == 1


async def test_a_token_on_a_page_of_another_site_opens_nothing(served, patient_id):
    with pytest.raises(InvalidStatus):
        async with connected(served, patient_id, origin="https://evil.example", **await bearer(served, "ruth")):
            pass


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nonsense"}])
async def test_nobody_is_told_to_sign_in(served, patient_id, headers):
    async with connected(served, patient_id, origin=served.url, **headers) as ws:
        assert await end_of(ws) == (4401, "Please sign in.")


async def test_a_role_without_the_permission_is_refused_and_the_attempt_is_kept(served, patient_id):
    async with connected(served, patient_id, **await bearer(served, "ben")) as ws:
        assert await end_of(ws) == (4403, "Your role does not allow this.")
    (row,) = await rows(served, "action = 'refused' AND subject = 'forbidden'")
    assert row.actor_name == "Ben Adeyemi"


@pytest.mark.parametrize("unknown", ["01890000-0000-7000-8000-000000000000", "no-id-at-all"])
async def test_what_is_not_there_ends_the_socket(served, unknown):
    async with connected(served, unknown, **await bearer(served, "ruth")) as ws:
        code, reason = await end_of(ws)
    assert code == 4404
    assert reason.startswith("There is no such")


async def test_a_refusal_is_said_undoes_its_own_message_and_the_socket_goes_on(served, patient_id):
    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        await said(ws)
        await ws.send(json.dumps({"family": "Taken"}))
        assert await said(ws) == {"refused": "taken", "detail": "That name is taken."}
        assert await said(ws) == {"done": True}
        assert await family(served, patient_id) == "Quill"
        await ws.send(json.dumps({"name": "Quince"}))
        answer = await said(ws)
        assert (answer["refused"], answer["errors"][0]["field"]) == ("invalid", "family")
        await said(ws)
        await ws.send("no json")
        assert (await said(ws))["refused"] == "not_json"
        await ws.send(json.dumps({"family": "Quince"}))
        assert await said(ws) == {"done": True}
    assert await family(served, patient_id) == "Quince"


async def test_a_quiet_socket_holds_no_connection_to_the_database(served, patient_id):
    token = await bearer(served, "ruth")
    lent = served.services.database.pool.slots
    every = lent._value
    async with connected(served, patient_id, **token) as ws, connected(served, patient_id, **token) as two:
        assert (await said(ws))["family"] == (await said(two))["family"] == "Quill"
        await asyncio.sleep(0.2)
        assert lent._value == every


@requires("patient.write")
async def remember(ctx: Context, connection: Connection) -> Conversation:
    """The broken variant: a conversation that reaches into the transaction that opened it."""

    async def talk() -> None:
        await ctx.db.scalar(select(Patient.id).limit(1))
        await connection.send({"reached": True})

    return talk


async def test_a_conversation_cannot_reach_into_the_transaction_that_opened_it(serve):
    async with serve(socket("/ws/remember", remember)) as served:
        address = served.url.replace("http", "ws") + "/ws/remember"
        async with connect(address, additional_headers=await bearer(served, "ruth"), proxy=None) as ws:
            assert (await end_of(ws))[0] == 1011


async def test_too_long_a_message_ends_the_socket(served, patient_id):
    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        await said(ws)
        await ws.send("x" * (sockets.LIMITS["ws_max_size"] + 1))
        assert (await end_of(ws))[0] == 1009
    assert await family(served, patient_id) == "Quill"


async def test_a_silent_socket_is_closed(served, patient_id, monkeypatch):
    monkeypatch.setattr(sockets, "IDLE", 0.2)
    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        await said(ws)
        code, reason = await end_of(ws)
    assert (code, reason[:16]) == (4408, "Nothing was said")


async def sign_out_everywhere(served: Any) -> None:
    async with served.services.as_system("north", "test") as ctx:
        account = select(identity.Account.id).where(identity.Account.username == "ruth").scalar_subquery()
        for session in await ctx.db.scalars(select(identity.Session).where(identity.Session.account_id == account)):
            session.ended = ctx.now


async def test_whoever_is_signed_out_elsewhere_is_put_off_a_quiet_socket(served, patient_id, monkeypatch):
    monkeypatch.setattr(sockets, "CHECK", 0.2)
    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        await said(ws)
        await asyncio.sleep(0.6)
        await ws.send(json.dumps({"family": "Quince"}))
        assert await said(ws) == {"done": True}, "looking alone closes no socket"
        await sign_out_everywhere(served)
        assert await end_of(ws) == (4401, "Please sign in.")


async def test_whoever_is_signed_out_elsewhere_says_nothing_more(served, patient_id):
    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        await said(ws)
        await sign_out_everywhere(served)
        await ws.send(json.dumps({"family": "Quince"}))
        assert await end_of(ws) == (4401, "Please sign in.")
    assert await family(served, patient_id) == "Quill"


async def test_looking_does_not_keep_a_session_awake(served, patient_id, monkeypatch):
    async def age() -> None:
        async with served.services.as_system("north", "test") as ctx:
            await ctx.db.execute(text("UPDATE session SET last_seen = last_seen - interval '10 minutes'"))

    async def seen() -> Any:
        async with served.services.as_system("north", "test") as ctx:
            return (await ctx.db.execute(text("SELECT max(last_seen) FROM session"))).scalar()

    monkeypatch.setattr(sockets, "CHECK", 0.1)
    async with connected(served, patient_id, cookie=await served.cookie("ruth"), origin=served.url) as ws:
        await said(ws)
        await age()
        before = await seen()
        await asyncio.sleep(0.5)
        assert await seen() == before
        await ws.send(json.dumps({"family": "Quince"}))
        await said(ws)
        assert await seen() > before


async def test_a_server_that_stops_closes_its_sockets(served, patient_id):
    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        await said(ws)
        served.server.should_exit = True
        assert (await end_of(ws))[0] == 1012


@pytest.fixture
def with_a_socket(application: Any) -> Any:
    mount(application, [ROW])
    yield ROW
    application.router.routes.pop()
    TABLE.remove(ROW)
    PATHS.pop(verb_of(ROW))


@pytest.mark.parametrize(
    ("who", "found"),
    [("", "sign in"), ("ruth", "may"), ("ben", "no"), ("mara", "no")],
    ids=["nobody", "ruth", "ben", "mara"],
)
async def test_the_matrix_knows_who_may_open_a_socket(client, database, mara, with_a_socket, who, found):
    ids = {"patient": str(mara.id)}
    assert key_of(with_a_socket) == "WS /ws/patients/{patient_id}"
    assert await outcome(await client(who), database, with_a_socket, ids) == found
    if found == "may":
        unknown = {"patient": "01890000-0000-7000-8000-000000000000"}
        assert await outcome(await client(who), database, with_a_socket, unknown) == "unseen"


async def test_a_failure_of_our_own_says_nothing_of_what_was_typed(served, patient_id, monkeypatch):
    def broken(*_: Any) -> Any:
        raise RuntimeError("Mara Quill")

    async with connected(served, patient_id, **await bearer(served, "ruth")) as ws:
        await said(ws)
        monkeypatch.setattr(Note, "model_validate", broken)
        await ws.send(json.dumps({"family": "Quince"}))
        code, reason = await end_of(ws)
    assert code == 1011
    assert "Quill" not in reason
