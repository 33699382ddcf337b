"""Signing in: the right password opens, five wrong ones lock, and every door asks the same question."""

from sqlalchemy import select

from galen.identity import Account


async def test_the_right_password_opens_a_session(client):
    ada = await client("ada")
    answer = await ada.get("/api/v1/profile")
    assert answer.status_code == 200
    assert answer.json()["username"] == "ada"


async def test_a_wrong_password_says_nothing_about_the_account(client):
    nobody = await client()
    wrong = await nobody.post("/api/v1/auth/login", json={"username": "ada", "password": "not this one"})
    unknown = await nobody.post("/api/v1/auth/login", json={"username": "nobody-here", "password": "not this one"})
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.json()["detail"] == "User name and password do not match."


async def test_five_failures_shut_out_whoever_made_them_and_are_shown(client, system, catch_up):
    nobody = await client()
    for _ in range(5):
        await nobody.post("/api/v1/auth/login", json={"username": "ada", "password": "not this one"})
    right = await nobody.post("/api/v1/auth/login", json={"username": "ada", "password": "try-galen-today"})
    assert right.status_code == 429
    assert right.headers["retry-after"] == "1800"
    await catch_up()
    account = await system.db.scalar(select(Account).where(Account.username == "ada"))
    assert account.locked_until is not None


async def test_nobody_gets_in_without_a_session(client):
    nobody = await client()
    answer = await nobody.get("/api/v1/profile")
    assert answer.status_code == 401


async def test_the_browser_gets_a_cookie_and_a_page_to_go_on(client):
    ada = await client("ada", page=True)
    answer = await ada.get("/profile")
    assert answer.status_code == 200
    assert "Dr Ada Okafor" in answer.text


async def test_a_form_without_its_token_is_refused(client):
    ada = await client("ada", page=True)
    answer = await ada.put("/profile/password", headers={"x-csrf": "forged"}, data={"old": "a", "new": "b"})
    assert answer.status_code == 403
