"""What stands on a page that could not be shown: the way on, and what to do, in plain words."""

import pytest

from galen.identity.roles import PERMISSIONS


@pytest.mark.parametrize(
    "who, path, status, said",
    [
        ("ruth", "/audit", 403, "Your role does not allow this."),
        ("ruth", "/audit", 403, "ask your administrator"),
        ("ruth", "/patients/00000000-0000-4000-8000-000000000000", 404, "There is no such patient here."),
        ("ruth", "/nowhere/at/all", 404, "There is no such page here."),
        ("mara", "/audit", 403, "Your role does not allow this."),
    ],
)
async def test_a_refused_page_keeps_the_navigation_and_says_what_to_do(client, who, path, status, said):
    answer = await (await client(who, page=True)).get(path)
    assert answer.status_code == status
    assert said in answer.text
    rooms = answer.text.split('aria-label="Rooms"')[1].split("</nav>")[0]
    assert rooms.count('class="room') >= 1 and 'href="/"' in rooms
    assert 'id="person-menu"' in answer.text
    assert not [name for name in PERMISSIONS if name in answer.text]


async def test_a_refusal_names_no_permission_to_clients_either(client):
    answer = await (await client("ruth")).get("/api/v1/audit")
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        403,
        "forbidden",
        "Your role does not allow this.",
    )


async def test_whoever_is_not_signed_in_gets_a_page_without_navigation(client):
    answer = await (await client(page=True)).get("/nowhere/at/all")
    assert answer.status_code == 404
    assert 'aria-label="Rooms"' not in answer.text


async def test_a_discount_beyond_one_s_role_says_how_much_is_allowed(client, mara):
    ruth = await client("ruth")
    draft = {"patient_id": str(mara.id), "lines": [{"text": "Letter", "unit_price": "100"}], "discount": "11"}
    answer = await ruth.post("/api/v1/billing", json={**draft, "discount_reason": "Old friend"})
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Your role allows discounts of up to 10 %. Take off less, or ask a manager."
