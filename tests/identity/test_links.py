"""One-time links: a new password, a patient's registration. The same answer for everybody; each link works once."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from galen.identity import Account, AccountKind
from galen.notifications import Message

GOOD = "seven green lamps"


async def link_of(system, to: str) -> tuple[str, str]:
    """The page behind the newest link sent to an address, and its token."""
    message = await system.db.scalar(select(Message).where(Message.to == to).order_by(Message.id.desc()))
    path = re.search(
        r"https?://[^/]+(/auth/(?:password-reset|email-confirmation)/([^?\s]+)\?organization=north)", message.text
    )
    return path[1], path[2]


async def test_a_forgotten_password_is_replaced_by_a_link(client, system, catch_up):
    old = await client("ada")
    nobody = await client(page=True)
    asked = await nobody.post("/auth/password-reset", data={"email": "Ada@North.example"})
    await catch_up(datetime.now(UTC))
    assert "If this address is known here" in asked.text
    path, token = await link_of(system, "ada@north.example")
    assert "For Dr Ada Okafor" in (await nobody.get(path)).text
    done = await nobody.post("/auth/password", data={"token": token, "new": GOOD, "organization": "north"})
    assert (done.status_code, done.headers["location"]) == (303, "/login?said=password")
    assert "Your new password holds" in (await nobody.get("/login?said=password")).text
    assert (await old.get("/api/v1/profile")).status_code == 401
    assert (await (await client("ada", password=GOOD)).get("/api/v1/profile")).status_code == 200


async def test_the_answer_is_the_same_for_an_unknown_address(client, system, catch_up):
    nobody = await client()
    known = await nobody.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    unknown = await nobody.post("/api/v1/auth/password-reset", json={"email": "nobody@north.example"})
    await catch_up(datetime.now(UTC))
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, known.json())
    assert [m.to for m in await system.db.scalars(select(Message))] == ["ada@north.example"]


async def test_a_link_works_once_and_a_weak_password_does_not_use_it_up(client, system, catch_up):
    nobody = await client()
    await nobody.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    path, token = await link_of(system, "ada@north.example")
    weak = await nobody.post("/api/v1/auth/password", json={"token": token, "new": "password123"})
    assert (weak.status_code, weak.json()["errors"][0]["field"]) == (422, "new")
    assert (await nobody.post("/api/v1/auth/password", json={"token": token, "new": GOOD})).status_code == 200
    again = await nobody.post("/api/v1/auth/password", json={"token": token, "new": "another good one"})
    assert (again.status_code, again.json()["code"]) == (410, "link_useless")
    assert (await nobody.get(path, headers={"accept": "text/html"})).status_code == 410


async def test_a_newer_link_takes_the_older_ones_place(client, system, catch_up):
    nobody = await client()
    await nobody.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    _, first = await link_of(system, "ada@north.example")
    await nobody.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    assert (await nobody.post("/api/v1/auth/password", json={"token": first, "new": GOOD})).status_code == 410


async def test_a_link_is_too_old_after_an_hour(client, system, catch_up):
    nobody = await client()
    await nobody.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    _, token = await link_of(system, "ada@north.example")
    await system.db.execute(text("UPDATE one_time_link SET ends = ends - interval '61 minutes'"))
    assert (await nobody.post("/api/v1/auth/password", json={"token": token, "new": GOOD})).status_code == 410


async def test_a_new_password_by_link_lifts_a_lock(client, system, catch_up):
    nobody = await client()
    for _ in range(5):
        await nobody.post("/api/v1/auth/login", json={"username": "ada", "password": "wrong"})
    await nobody.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    _, token = await link_of(system, "ada@north.example")
    await nobody.post("/api/v1/auth/password", json={"token": token, "new": GOOD})
    assert (await (await client("ada", password=GOOD)).get("/api/v1/profile")).status_code == 200


async def test_a_link_to_confirm_an_address_sets_no_password(client, system):
    nobody = await client()
    await nobody.post(
        "/api/v1/users/register", json={"email": "kit@people.example", "name": "Kit Lowe", "password": GOOD}
    )
    _, token = await link_of(system, "kit@people.example")
    assert (
        await nobody.post("/api/v1/auth/password", json={"token": token, "new": "another good one"})
    ).status_code == 410


async def test_a_patient_registers_confirms_and_sees_nothing_yet(client, system, mara):
    nobody = await client(page=True)
    said = await nobody.post(
        "/users/register", data={"email": "Kit@People.example", "name": "Kit Lowe", "password": GOOD}
    )
    assert "confirm that the address is yours" in said.text
    early = await nobody.post("/login", data={"username": "kit@people.example", "password": GOOD})
    assert early.status_code == 403 and "confirms your e-mail address" in early.text
    path, token = await link_of(system, "kit@people.example")
    assert "This is my address" in (await nobody.get(path)).text
    assert (
        await nobody.post("/auth/email-confirmation", data={"token": token, "organization": "north"})
    ).status_code == 303
    assert (
        await nobody.post("/auth/email-confirmation", data={"token": token, "organization": "north"})
    ).status_code == 410
    account = await system.db.scalar(select(Account).where(Account.email == "kit@people.example"))
    assert (account.kind, account.roles, account.patient_id) == (AccountKind.PATIENT, ["patient"], None)
    kit = await client("kit@people.example", password=GOOD)
    assert (await kit.get("/api/v1/patients")).json() == []
    assert (await kit.get(f"/api/v1/patients/{mara.id}")).status_code == 404


async def test_registering_with_a_known_address_tells_only_its_owner(client, system):
    nobody = await client()
    body = {"email": "kit@people.example", "name": "Kit Lowe", "password": GOOD}
    fresh = await nobody.post("/api/v1/users/register", json=body)
    known = await nobody.post("/api/v1/users/register", json={**body, "email": "ada@north.example"})
    assert (fresh.status_code, fresh.json()) == (known.status_code, known.json())
    message = await system.db.scalar(select(Message).where(Message.to == "ada@north.example"))
    assert message.subject == "You have an account already"
    assert "password-reset/" not in message.text and "email-confirmation/" not in message.text


async def test_a_weak_password_makes_no_account(client, system):
    answer = await (await client()).post(
        "/api/v1/users/register", json={"email": "kit@people.example", "name": "Kit", "password": "password123"}
    )
    assert answer.status_code == 422
    assert await system.db.scalar(select(Account).where(Account.email == "kit@people.example")) is None


async def test_asking_over_and_over_is_slowed_down(client, catch_up):
    nobody = await client()
    answers = [
        (await nobody.post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})).status_code
        for _ in range(21)
    ]
    assert answers == [202] * 20 + [429]


@pytest.mark.parametrize("path", ["/login", "/auth/password-reset", "/users/register"])
async def test_the_pages_in_front_of_the_door_open_for_everyone(client, path):
    page = await (await client(page=True)).get(path)
    assert page.status_code == 200
    assert "Riverside Health" in page.text


async def test_tokens_are_kept_as_digests_only(client, system, catch_up):
    await (await client()).post("/api/v1/auth/password-reset", json={"email": "ada@north.example"})
    await catch_up(datetime.now(UTC))
    _, token = await link_of(system, "ada@north.example")
    row = (await system.db.execute(text("SELECT * FROM one_time_link"))).mappings().one()
    assert token.encode() not in bytes(row["token"])
    audit = (await system.db.execute(text("SELECT changes::text FROM audit_entry"))).scalars().all()
    assert not any(token in row for row in audit)
