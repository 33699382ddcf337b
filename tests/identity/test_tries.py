"""Guessing is slow for whoever guesses, and costs nobody else anything: not the owner, not the office, not a signer."""

import asyncio
from collections import Counter

import httpx2
import pytest
from sqlalchemy import select, text

from galen import identity
from galen.core.errors import Invalid
from galen.demo import PASSWORD
from galen.identity import passwords
from galen.identity.models import Account, Attempt
from galen.identity.passwords import HashQueue, QueueFull
from galen.identity.schemas import AccountChange, AccountDraft
from galen.identity.service import ahead, edit_account, signing, tries
from galen.identity.service.tries import network_of
from galen.notifications import Message

WRONG, GOOD = "not this one", "seven green lamps"
OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def from_address(application, services):
    """A client of the API, or a browser, behind an address of its own."""
    application.state.services = services

    def open_there(address: str, *, page: bool = False) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(application, client=(address, 1))
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin"} if page else {}
        return httpx2.AsyncClient(transport=transport, base_url="http://galen.test", headers=headers)

    return open_there


async def sign_in(browser, username="ada", password=WRONG, page=False):
    said = {"username": username, "password": password}
    answer = await (browser.post("/login", data=said) if page else browser.post("/api/v1/auth/login", json=said))
    return answer.status_code


async def test_five_guesses_by_anybody_do_not_lock_out_a_browser_that_has_been_in(from_address):
    owner = from_address(OFFICE, page=True)
    assert await sign_in(owner, password=PASSWORD, page=True) == 303
    attacker = from_address(ELSEWHERE)
    assert [await sign_in(attacker) for _ in range(6)] == [401] * 5 + [429]
    assert await sign_in(owner, password=PASSWORD, page=True) == 303


async def test_nor_an_office_from_which_the_owner_has_signed_in_before(from_address):
    assert await sign_in(from_address(OFFICE), password=PASSWORD) == 200
    for address in range(60):
        await sign_in(from_address(f"198.51.100.{address}"))
    assert await sign_in(from_address("192.0.2.1"), password=PASSWORD) == 429, "too many guesses from all places"
    assert await sign_in(from_address(OFFICE), password=PASSWORD) == 200


async def test_a_colleague_who_types_badly_locks_neither_the_office_nor_a_known_browser(from_address):
    office, known = from_address(OFFICE), from_address(OFFICE, page=True)
    for name in ("ada", "ruth", "nora"):
        assert await sign_in(office, name, PASSWORD) == 200
    assert await sign_in(known, "ada", PASSWORD, page=True) == 303
    for number in range(30):
        await sign_in(office, f"guess-{number}")
    assert [await sign_in(office, "ada") for _ in range(6)] == [401] * 5 + [429]
    assert await sign_in(office, "ruth", PASSWORD) == await sign_in(office, "nora", PASSWORD) == 200
    assert await sign_in(known, "ada", PASSWORD, page=True) == 303


async def test_a_known_browser_has_five_tries_of_its_own_and_a_forged_mark_has_none(from_address):
    known = from_address(OFFICE, page=True)
    assert await sign_in(known, password=PASSWORD, page=True) == 303
    assert [await sign_in(known, page=True) for _ in range(6)] == [401] * 5 + [429]
    for mark in ("forged", "", "x" * 5000):
        stranger = from_address(ELSEWHERE, page=True)
        stranger.cookies.set(ahead.DEVICE, mark)
        await sign_in(stranger, page=True)
    assert await sign_in(from_address(ELSEWHERE, page=True), page=True) == 401
    assert await sign_in(from_address(ELSEWHERE, page=True), page=True) == 401
    assert await sign_in(from_address(ELSEWHERE, page=True), page=True) == 429


async def test_guesses_at_the_door_do_not_keep_a_doctor_from_signing(client, from_address, ada):
    page = await client("ada")
    for _ in range(6):
        await sign_in(from_address(ELSEWHERE))
    change = {"old": PASSWORD, "new": GOOD}
    assert (await page.put("/api/v1/profile/password", json={**change, "old": WRONG})).status_code == 403
    assert (await page.put("/api/v1/profile/password", json=change)).status_code == 200


async def test_wrong_passwords_of_one_session_keep_that_session_alone_from_signing(client):
    thief, owner = await client("ada"), await client("ada")
    change = {"old": WRONG, "new": GOOD}
    statuses = [(await thief.put("/api/v1/profile/password", json=change)).status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]
    assert (await thief.put("/api/v1/profile/password", json={**change, "old": PASSWORD})).status_code == 429
    assert (await owner.put("/api/v1/profile/password", json={**change, "old": PASSWORD})).status_code == 200
    assert (await client("ada", password=GOOD)).headers["authorization"]


@pytest.mark.parametrize("name", ["ada", "ada@north.example", "nobody-here", "nobody@north.example", "é́", "x" * 400])
async def test_known_and_unknown_names_are_answered_and_counted_alike(from_address, system, name):
    there = from_address(ELSEWHERE)
    answers = [await there.post("/api/v1/auth/login", json={"username": name, "password": WRONG}) for _ in range(7)]
    told = [(a.status_code, a.json()["code"], a.headers.get("retry-after"), a.json()["detail"]) for a in answers]
    mismatch = (401, "sign_in_failed", None, "User name and password do not match.")
    assert told[:5] == [mismatch] * 5
    assert {told[5], told[6]} == {(429, "tries_used_up", "1800", str(tries.TriesUsedUp()))}
    assert await system.db.scalar(text("SELECT count(*) FROM attempt")) == 5


async def test_a_password_is_hashed_for_every_name_and_only_once(from_address, monkeypatch):
    hashes = []
    judged = passwords.is_hash_of
    monkeypatch.setattr(passwords, "is_hash_of", lambda stored, said: hashes.append(stored) or judged(stored, said))
    for name in ("ada", "nobody-here"):
        await sign_in(from_address(ELSEWHERE), name)
    assert len(hashes) == 2 and hashes[1] == passwords.DUMMY != hashes[0]


@pytest.mark.parametrize("email", ["ada@north.example", "nobody@north.example", "ada"])
async def test_a_forgotten_password_is_the_same_work_for_every_address(client, system, catch_up, email):
    nobody = await client()
    body = {"email": email if "@" in email else "unknown@localhost"}
    answer = await nobody.post("/api/v1/auth/password-reset", json=body)
    assert answer.status_code == 202
    assert [m.to for m in await system.db.scalars(select(Message))] == [], "nothing is written while anybody waits"
    assert await catch_up() == ["identity.send_reset"] + ["notifications.deliver", "recalls.note_message"] * (
        email == "ada@north.example"
    )


async def test_nobody_fills_a_box_with_letters(from_address, system, catch_up):
    for number in range(12):
        there = from_address(f"198.51.100.{number}")
        for path, more in (("password-reset", {}), ("", {"name": "Kit Lowe", "password": GOOD})):
            address = f"/api/v1/auth/{path}" if path else "/api/v1/users/register"
            assert (await there.post(address, json={"email": "ada@north.example", **more})).status_code in (202, 429)
    await catch_up()
    sent = Counter([m.to for m in await system.db.scalars(select(Message))])
    assert sent == {"ada@north.example": 5}


async def test_letters_that_strangers_ask_for_have_an_end_in_all(from_address, system, monkeypatch):
    monkeypatch.setattr("galen.identity.service.portal.IN_ALL", 4)
    for number in range(7):
        body = {"email": f"kit{number}@people.example", "name": "Kit Lowe", "password": GOOD}
        there = from_address(f"198.51.100.{number}")
        assert (await there.post("/api/v1/users/register", json=body)).status_code == 202
    assert len(list(await system.db.scalars(select(Message)))) == 4


def test_one_household_is_one_network():
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("203.0.113.7") == "203.0.113.7" and network_of("") == ""


async def test_tries_older_than_a_day_are_forgotten(system, from_address):
    await sign_in(from_address(ELSEWHERE))
    await system.db.execute(text("UPDATE attempt SET at = at - interval '10 days'"))
    await sign_in(from_address(ELSEWHERE))
    system.now = (await system.db.scalar(select(Attempt.at).order_by(Attempt.at.desc()))).astimezone()
    await tries.forget_tries(system)
    assert await system.db.scalar(text("SELECT count(*) FROM attempt")) == 1


# The queue


async def test_a_queue_takes_so_many_and_so_many_of_one_address():
    queue = HashQueue(most=3, each=2)
    held = [asyncio.create_task(queue.run(lambda: asyncio.run(asyncio.sleep(0.2)), "a")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull) as refused:
        await queue.run(int, "a")
    assert (refused.value.status, refused.value.retry_after) == (429, 3)
    other = asyncio.create_task(queue.run(int, "b"))
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await queue.run(int, "c")
    await asyncio.gather(*held, other)
    assert await queue.run(int, "a") == 0 and not queue.waiting


@pytest.mark.race
@pytest.mark.parametrize("careful", [True, False], ids=["counted one after another", "broken: all counted at once"])
async def test_of_forty_guesses_at_once_five_are_judged(application, committed, careful, monkeypatch):
    if not careful:

        async def at_once(ctx, mark):
            return None

        monkeypatch.setattr(signing, "one_at_a_time", at_once)
    application.state.services = committed
    transport = httpx2.ASGITransport(application, client=(ELSEWHERE, 1))
    monkeypatch.setattr(passwords.DOOR, "each", 100)
    monkeypatch.setattr(passwords.DOOR, "most", 100)
    async with httpx2.AsyncClient(transport=transport, base_url="http://galen.test") as crowd:
        answers = await asyncio.gather(*(sign_in(crowd) for _ in range(40)))
    assert set(answers) == {401, 429}
    assert (answers.count(401) == 5) is careful, Counter(answers)


# Kinds of account and kinds of role


@pytest.mark.parametrize("roles", [["patient"], ["nurse", "patient"]])
async def test_staff_have_no_role_of_patients(iris, client, roles):
    draft = {"username": "lena", "name": "Lena Vogt", "roles": roles, "password": GOOD}
    with pytest.raises(Invalid, match="role of patients"):
        await identity.add_account(iris, AccountDraft(**draft))
    answer = await (await client("iris")).post("/api/v1/accounts", json=draft)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "roles")
    ruth = await identity.account_named(iris, "ruth")
    with pytest.raises(Invalid):
        await edit_account(iris, ruth.id, AccountChange(roles=roles))


@pytest.mark.parametrize("roles", [["admin"], ["patient", "admin"], []])
async def test_a_patients_account_has_no_role_of_staff(iris, roles):
    account = await iris.db.scalar(select(Account).where(Account.username == "mara@people.example"))
    account = account or await iris.db.scalar(select(Account).where(Account.kind == identity.AccountKind.PATIENT))
    with pytest.raises(Invalid, match="no other role"):
        await edit_account(iris, account.id, AccountChange(roles=roles))


@pytest.mark.parametrize(
    "change",
    [
        "roles = '{patient}' WHERE username = 'ruth'",
        "roles = '{nurse,patient}' WHERE username = 'ruth'",
        "roles = '{admin}' WHERE kind = 'patient'",
        "roles = '{}' WHERE kind = 'patient'",
        "kind = 'patient' WHERE username = 'ruth'",
        "kind = 'staff' WHERE kind = 'patient'",
        "patient_id = gen_random_uuid() WHERE username = 'ruth'",
    ],
)
async def test_the_database_holds_that_too(system, change):
    with pytest.raises(Exception, match=r"account_(roles|record)_of_kind_check"):
        await system.db.execute(text(f"UPDATE account SET {change}"))
