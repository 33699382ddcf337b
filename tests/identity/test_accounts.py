"""Accounts and roles: who may make them, what they may do, what nobody may do to themselves."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from galen import identity, organizations
from galen.core.errors import Forbidden, Invalid
from galen.core.finish import finish
from galen.identity import Account, AccountDraft
from galen.identity.passwords import refuse_weak
from galen.identity.schemas import AccountChange, PasswordDraft, RoleDraft, SiteChoice
from galen.identity.service import (
    accounts,
    add_account,
    add_role,
    change_password,
    choose_site,
    close_account,
    edit_account,
    edit_role,
    remove_role,
    reopen_account,
)
from galen.identity.service.accounts import OwnAccount, OwnRights, RoleInUse

GOOD = "seven green lamps"


def draft(**more: object) -> AccountDraft:
    return AccountDraft(
        **{"username": "lena", "name": "Lena Vogt", "roles": ["nurse"], "password": SecretStr(GOOD), **more}
    )


async def test_a_new_account_signs_in(client, iris):
    await add_account(iris, draft(email="Lena@North.example"))
    lena = await client("lena", password=GOOD)
    assert (await lena.get("/api/v1/profile")).json()["email"] == "lena@north.example"
    by_mail = await client("lena@north.example", password=GOOD)
    assert (await by_mail.get("/api/v1/profile")).json()["username"] == "lena"


async def test_only_those_who_may_make_accounts(ruth, max):
    for who in (ruth, max):
        with pytest.raises(Forbidden):
            await add_account(who, draft())


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password123",
        "aaaaaaaaaaaa",
        "lena123456",
        "Qwertyuiop",
        "lenavogt12",
        "P@ssw0rd2026!",
        "welcomewelcome",
    ],
)
async def test_a_weak_password_is_refused(iris, password):
    with pytest.raises(Invalid) as refused:
        await add_account(iris, draft(password=SecretStr(password), name="Lena Vogt"))
    assert refused.value.field == "password"
    assert await iris.db.scalar(select(Account).where(Account.username == "lena")) is None


@pytest.mark.parametrize(
    "password",
    ["seven green lamps", "Lena likes long walks", "try-galen-today", "kä'ra-hus 8ton", "9 doors by the sea"],
)
def test_a_sentence_of_ones_own_is_strong_enough(password):
    refuse_weak(password, "lena", "Lena Vogt")


async def test_a_name_or_address_is_taken_once(client):
    iris = await client("iris")
    body = {"username": "ada", "name": "Another Ada", "password": GOOD, "roles": ["doctor"]}
    taken = await iris.post("/api/v1/accounts", json=body)
    assert (taken.status_code, taken.json()["detail"]) == (409, "This user name is taken.")
    taken = await iris.post("/api/v1/accounts", json={**body, "username": "ada2", "email": "ada@north.example"})
    assert taken.json()["detail"] == "There is already an account with this e-mail address."


async def test_a_role_that_does_not_exist_is_refused(iris):
    with pytest.raises(Invalid, match="There is no role “wizard”"):
        await add_account(iris, draft(roles=["wizard"]))


async def test_closing_ends_sessions_and_opening_again_lets_in(client, iris):
    nora = await client("nora")
    account = await iris.db.scalar(select(Account).where(Account.username == "nora"))
    await close_account(iris, account.id)
    assert (await nora.get("/api/v1/profile")).status_code == 401
    refused = await (await client()).post(
        "/api/v1/auth/login", json={"username": "nora", "password": "try-galen-today"}
    )
    assert refused.status_code == 401
    assert "nora" not in [a.username for a in await accounts(iris)]
    assert "nora" in [a.username for a in await accounts(iris, "petrov", closed=True)]
    await reopen_account(iris, account.id)
    assert (await (await client("nora")).get("/api/v1/profile")).status_code == 200


async def test_nobody_locks_themselves_out(iris):
    with pytest.raises(OwnAccount):
        await close_account(iris, iris.actor.id)
    with pytest.raises(OwnRights):
        await edit_account(iris, iris.actor.id, AccountChange(roles=["nurse"]))
    await edit_account(iris, iris.actor.id, AccountChange(roles=["admin", "nurse"]))


async def test_a_change_of_some_fields_leaves_the_others(iris):
    account = await add_account(iris, draft(email="lena@north.example"))
    await edit_account(iris, account.id, AccountChange(name="Lena V."))
    assert (account.name, account.email, account.roles) == ("Lena V.", "lena@north.example", ["nurse"])


async def test_a_role_of_ones_own_allows_what_it_names(client, iris):
    role = await add_role(iris, RoleDraft(name="greeter", permissions=["patient.read", "profile.use"]))
    await add_account(iris, draft(roles=["greeter"]))
    lena = await client("lena", password=GOOD)
    assert (await lena.get("/api/v1/patients")).status_code == 200
    assert (await lena.post("/api/v1/patients", json={"family": "New"})).status_code == 403
    await edit_role(iris, role.id, RoleDraft(name="greeter", permissions=["profile.use"]))
    assert (await lena.get("/api/v1/patients")).status_code == 403
    with pytest.raises(RoleInUse, match="1 account"):
        await remove_role(iris, role.id)


@pytest.mark.parametrize(
    ("name", "permissions", "field"), [("doctor", [], "name"), ("helper two", ["magic.do"], "permissions")]
)
async def test_a_role_needs_a_name_of_its_own_and_known_permissions(iris, name, permissions, field):
    with pytest.raises(Invalid) as refused:
        await add_role(iris, RoleDraft(name=name, permissions=permissions))
    assert refused.value.field == field


async def test_a_role_nobody_has_can_go(iris):
    role = await add_role(iris, RoleDraft(name="greeter", permissions=[]))
    await remove_role(iris, role.id)
    assert await identity.service.roles(iris) == []


async def test_a_new_password_holds_and_ends_the_other_sessions(client, ada):
    other = await client("ada")
    with pytest.raises(identity.service.WrongPassword):
        await change_password(ada, PasswordDraft(old=SecretStr("wrong"), new=SecretStr(GOOD)))
    await change_password(ada, PasswordDraft(old=SecretStr("try-galen-today"), new=SecretStr(GOOD)))
    assert (await other.get("/api/v1/profile")).status_code == 401
    assert (await (await client("ada", password=GOOD)).get("/api/v1/profile")).status_code == 200


async def test_five_wrong_signatures_lock_the_account_too(client, mara):
    ada = await client("ada")
    body = {"old": "wrong one", "new": GOOD}
    answers = [(await ada.put("/api/v1/profile/password", json=body)).status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


async def test_the_site_one_works_at_is_chosen_and_stays(client, ada):
    browser = await client("ada", page=True)
    page = await browser.get("/profile")
    assert "Harbour Pharmacy" in page.text
    pharmacy = next(s for s in await organizations.sites(ada) if s.name == "Harbour Pharmacy")
    done = await browser.put("/profile/site", data={"site_id": str(pharmacy.id)})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert "Harbour Pharmacy</span>" in (await browser.get("/profile")).text
    assert (await choose_site(ada, SiteChoice(site_id=pharmacy.id))).site_id == pharmacy.id


@pytest.mark.parametrize("path", ["/accounts", "/accounts?closed=true&q=ada", "/accounts/new", "/roles", "/profile"])
async def test_the_pages_of_an_administrator_open(client, path):
    page = await (await client("iris", page=True)).get(path)
    assert page.status_code == 200


async def test_the_page_of_an_account_changes_it(client, iris):
    account = await iris.db.scalar(select(Account).where(Account.username == "nora"))
    browser = await client("iris", page=True)
    page = await browser.get(f"/accounts/{account.id}")
    assert "Nora Petrov" in page.text and 'value="nurse" checked' in page.text
    done = await browser.patch(f"/accounts/{account.id}", data={"name": "Nora P.", "roles[]": ["nurse", "manager"]})
    assert done.status_code == 303
    await iris.db.refresh(account)
    assert (account.name, account.roles) == ("Nora P.", ["nurse", "manager"])


async def test_a_role_is_made_on_its_page(client):
    browser = await client("iris", page=True)
    done = await browser.post("/roles", data={"name": "greeter", "permissions[]": ["patient.read", "profile.use"]})
    assert done.status_code == 303
    page = (await browser.get("/roles")).text
    assert "Greeter" in page and "2 permissions" in page


async def test_a_locked_account_says_until_when_and_can_be_unlocked_from_its_page(client, iris):
    account = await identity.account_named(iris, "ruth")
    account.locked_until = iris.now + timedelta(hours=20000)  # a request's clock is the real one
    await finish(iris)
    page = await client("iris", page=True)
    assert "Locked until" in (await page.get("/accounts")).text
    shown = (await page.get(f"/accounts/{account.id}")).text
    assert "after too many failed tries" in shown and ">Unlock<" in shown and ">Open again<" not in shown
    assert (await page.put(f"/accounts/{account.id}/restoration")).status_code == 303
    assert ">Unlock<" not in (await page.get(f"/accounts/{account.id}")).text
