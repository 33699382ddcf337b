"""Sessions: they end by themselves, by hand, and when somebody's rights change; refresh tokens work once."""

from datetime import timedelta

import pytest
from joserfc import jwt
from sqlalchemy import select, text

from galen import identity
from galen.core.errors import NotFound
from galen.core.web.credentials import access_key
from galen.identity import Account, Session
from galen.identity.schemas import AccountChange
from galen.identity.service import edit_account, end_account_sessions, end_session, own_sessions

WORD = "try-galen-today"


async def attempt(browser, password="not this one", username="ada"):
    return await browser.post("/api/v1/auth/login", json={"username": username, "password": password})


async def shift(system, sql: str) -> None:
    await system.db.execute(text(sql))


async def test_a_lock_opens_by_itself_after_half_an_hour(client, system):
    nobody = await client()
    for _ in range(5):
        assert (await attempt(nobody)).status_code == 401
    assert (await attempt(nobody, WORD)).json()["detail"].startswith("There were too many wrong tries from here")
    await shift(system, "UPDATE attempt SET at = at - interval '29 minutes'")
    assert (await attempt(nobody, WORD)).status_code == 429
    await shift(system, "UPDATE attempt SET at = at - interval '61 seconds'")
    assert (await attempt(nobody, WORD)).status_code == 200
    assert (await system.db.scalar(text("SELECT count(*) FROM attempt WHERE at > now() - interval '1 day'"))) == 0


async def test_four_failures_and_a_success_start_the_count_afresh(client):
    nobody = await client()
    for _ in range(2):
        for _ in range(4):
            assert (await attempt(nobody)).status_code == 401
        assert (await attempt(nobody, WORD)).status_code == 200


async def test_an_administrator_unlocks(client, iris):
    nobody = await client()
    for _ in range(5):
        await attempt(nobody)
    ada = await iris.db.scalar(
        select(Account).where(Account.username == "ada").execution_options(populate_existing=True)
    )
    await identity.service.reopen_account(iris, ada.id)
    assert (await attempt(nobody, WORD)).status_code == 200


async def test_guessing_at_many_accounts_from_one_address_is_slowed_down(client, system):
    nobody = await client()
    answers = [(await attempt(nobody, username=f"guess-{n}")).status_code for n in range(22)]
    assert answers == [401] * 20 + [429] * 2
    assert (await attempt(nobody, WORD)).json()["code"] == "too_many_tries"
    await shift(system, "UPDATE attempt SET at = at - interval '1 minute'")
    assert (await attempt(nobody, WORD)).status_code == 200


async def test_a_whole_clinic_signs_in_at_eight_from_one_address(client):
    nobody = await client()
    assert [(await attempt(nobody, WORD)).status_code for _ in range(25)] == [200] * 25


async def test_a_refresh_token_works_once_and_its_second_use_ends_the_session(client):
    nobody = await client()
    first = (await attempt(nobody, WORD)).json()
    second = (await nobody.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})).json()
    bearer = {"authorization": f"Bearer {second['access_token']}"}
    assert (await nobody.get("/api/v1/profile", headers=bearer)).status_code == 200
    stolen = await nobody.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh_useless")
    assert (await nobody.get("/api/v1/profile", headers=bearer)).status_code == 401
    assert (
        await nobody.post("/api/v1/auth/refresh", json={"refresh_token": second["refresh_token"]})
    ).status_code == 401


@pytest.mark.parametrize("token", ["north.", "north.guessed", "nonsense"])
async def test_a_guessed_refresh_token_is_refused(client, token):
    answer = await (await client()).post("/api/v1/auth/refresh", json={"refresh_token": token})
    assert answer.status_code == 401


async def test_an_access_token_that_was_altered_is_nobodys(client):
    nobody = await client()
    token = (await attempt(nobody, WORD)).json()["access_token"]
    head, body, seal = token.split(".")
    for forged in (f"{head}.{body}.{seal[::-1]}", f"eyJhbGciOiJub25lIn0.{body}.", "a.b.c"):
        assert (await nobody.get("/api/v1/profile", headers={"authorization": f"Bearer {forged}"})).status_code == 401


async def test_a_browser_left_alone_for_half_an_hour_is_signed_out(client, system):
    ada = await client("ada", page=True)
    await shift(system, "UPDATE session SET last_seen = last_seen - interval '29 minutes'")
    assert (await ada.get("/profile")).status_code == 200
    await shift(system, "UPDATE session SET last_seen = last_seen - interval '31 minutes'")
    gone = await ada.get("/profile")
    assert (gone.status_code, gone.headers["location"]) == (303, "/login?next=/profile&said=idle")


async def test_whoever_was_signed_out_by_the_clock_is_told_so(client):
    page = await (await client(page=True)).get("/login?next=/profile&said=idle")
    assert "You were signed out after 30 minutes without use." in page.text


async def test_a_page_that_keeps_itself_fresh_keeps_no_session_awake(client, system):
    ada = await client("ada", page=True)
    await shift(system, "UPDATE session SET last_seen = last_seen - interval '20 minutes'")
    before = await system.db.scalar(text("SELECT max(last_seen) FROM session"))
    assert (await ada.get("/profile", headers={"x-unasked": "1"})).status_code == 200
    assert await system.db.scalar(text("SELECT max(last_seen) FROM session")) == before
    assert (await ada.get("/profile")).status_code == 200
    assert await system.db.scalar(text("SELECT max(last_seen) FROM session")) > before


async def test_a_refresh_token_of_any_age_ends_its_session(client):
    nobody = await client()
    first = (await attempt(nobody, WORD)).json()
    newest = first
    for _ in range(3):
        newest = (await nobody.post("/api/v1/auth/refresh", json={"refresh_token": newest["refresh_token"]})).json()
    bearer = {"authorization": f"Bearer {newest['access_token']}"}
    forged = first["refresh_token"][:-2] + "00"
    assert (await nobody.post("/api/v1/auth/refresh", json={"refresh_token": forged})).status_code == 401
    assert (await nobody.get("/api/v1/profile", headers=bearer)).status_code == 200, "a forged one ends nothing"
    assert (
        await nobody.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    ).status_code == 401
    assert (await nobody.get("/api/v1/profile", headers=bearer)).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"org": "north"},
        {"org": "north", "sid": "no id", "exp": 4e9},
        {"org": ["north"], "sid": 7, "exp": 4e9},
        {"org": "north", "sid": None, "exp": "never"},
        {"org": {"a": 1}, "sid": "01890000-0000-7000-8000-000000000000", "exp": 4e9},
        {"org": "nowhere", "sid": "01890000-0000-7000-8000-000000000000", "exp": 4e9},
    ],
)
async def test_claims_that_are_not_ours_are_nobodys_even_under_our_key(client, claims):
    token = jwt.encode({"alg": "HS256"}, claims, access_key())
    answer = await (await client()).get("/api/v1/profile", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")


@pytest.mark.parametrize("cookie", ["nowhere.token", "..", "Ü.x", "a b.c", f"{'x' * 3000}.y"])
async def test_a_cookie_of_an_unknown_organisation_leads_to_the_sign_in_and_is_forgotten(client, cookie):
    page = await client(page=True)
    headers = {"cookie": f"galen={cookie}".encode()}
    away = await page.get("/profile", headers=headers)
    assert (away.status_code, away.headers["location"]) == (303, "/login?next=/profile")
    login = await page.get("/login", headers=headers)
    assert login.status_code == 200 and 'galen=""; expires' in login.headers["set-cookie"]
    assert (await page.post("/login", headers=headers, data={"username": "ada", "password": WORD})).status_code == 303


@pytest.mark.parametrize("csrf", ["é", "zz", "ab", "\u0000", "日本", "00" * 500, ""])
async def test_a_token_of_a_form_that_is_no_token_is_refused(client, csrf):
    ada = await client("ada", page=True)
    del ada.headers["x-csrf"]
    answer = await ada.put("/profile/password", data={"csrf": csrf, "old": "a", "new": "b"})
    assert answer.status_code == 403


async def test_a_session_ends_after_twelve_hours_however_busy(client, system):
    ada = await client("ada", page=True)
    session = await system.db.scalar(select(Session).order_by(Session.started.desc()))
    assert session.ends - session.started == timedelta(hours=12)
    await shift(system, "UPDATE session SET ends = ends - interval '12 hours'")
    assert (await ada.get("/profile")).status_code == 303


async def test_new_roles_end_the_sessions_of_that_account_and_no_others(client, iris):
    ruth, nora = await client("ruth"), await client("nora")
    account = await iris.db.scalar(select(Account).where(Account.username == "ruth"))
    await edit_account(iris, account.id, AccountChange(roles=["receptionist"], name="Ruth T."))
    assert (await ruth.get("/api/v1/profile")).status_code == 200
    await edit_account(iris, account.id, AccountChange(roles=["manager"]))
    assert (await ruth.get("/api/v1/profile")).status_code == 401
    assert (await nora.get("/api/v1/profile")).status_code == 200


async def test_an_administrator_signs_somebody_out_everywhere(client, iris):
    here, there = await client("ruth"), await client("ruth", page=True)
    account = await iris.db.scalar(select(Account).where(Account.username == "ruth"))
    await end_account_sessions(iris, account.id)
    assert (await here.get("/api/v1/profile")).status_code == 401
    assert (await there.get("/profile")).status_code == 303


async def test_people_see_and_end_their_own_sessions_and_no_others(client, ada, ben):
    first, second = await client("ada"), await client("ada")
    assert len((await first.get("/api/v1/profile/sessions")).json()) == 2
    newest, oldest = await own_sessions(ada)
    with pytest.raises(NotFound):
        await end_session(ben, newest.id)
    await end_session(ada, oldest.id)
    assert sorted([(await c.get("/api/v1/profile")).status_code for c in (first, second)]) == [200, 401]


async def test_signing_out_ends_the_session(client):
    ada, page = await client("ada"), await client("ada", page=True)
    assert (await ada.post("/api/v1/auth/logout")).status_code == 200
    assert (await ada.get("/api/v1/profile")).status_code == 401
    out = await page.post("/logout")
    assert (out.status_code, out.headers["clear-site-data"]) == (303, '"cache", "storage"')
    assert (await page.get("/profile")).status_code == 303


async def test_only_a_path_of_ours_follows_a_sign_in(client):
    nobody = await client(page=True)
    for next_page, expected in (
        ("/patients", "/patients"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
    ):
        answer = await nobody.post("/login", data={"username": "ada", "password": WORD, "next": next_page})
        assert answer.headers["location"] == expected


async def test_a_wrong_password_on_the_page_keeps_the_name_and_says_so(client):
    nobody = await client(page=True)
    answer = await nobody.post("/login", data={"username": "ada", "password": "wrong"})
    assert answer.status_code == 401
    assert 'value="ada"' in answer.text
    assert "User name and password do not match." in answer.text
    assert "set-cookie" not in answer.headers


async def test_the_cookie_cannot_be_read_by_a_script_nor_sent_from_elsewhere(client):
    answer = await (await client(page=True)).post("/login", data={"username": "ada", "password": WORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    ada = await client("ada", page=True)
    assert (await ada.post("/logout", headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (await ada.get("/profile")).status_code == 200


async def test_whoever_was_signed_out_signs_in_again_with_the_old_cookie_still_there(client, system):
    ada = await client("ada", page=True)
    await shift(system, "UPDATE session SET ended = now()")
    assert (await ada.get("/profile")).status_code == 303
    again = await ada.post("/login", data={"username": "ada", "password": WORD}, headers={"x-csrf": ""})
    assert again.status_code == 303
    assert (await ada.get("/profile")).status_code == 200


async def test_an_ended_session_does_not_keep_people_from_the_public_pages(client, system):
    ada = await client("ada", page=True)
    await shift(system, "UPDATE session SET ended = now()")
    sent = await ada.get("/auth/password-reset")
    assert sent.headers["location"] == "/login?next=/auth/password-reset"
    assert (await ada.get("/login")).status_code == 200
    assert (await ada.get("/auth/password-reset")).status_code == 200
