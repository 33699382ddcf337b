"""The pages and addresses of recalls: empty, in work, signed; and what each role gets."""

import csv
import io

import pytest

from galen.demo import PASSWORD
from tests.conftest import Client


@pytest.fixture
async def pharmacist(client) -> Client:
    return await client("ben", page=True)


async def test_the_list_is_empty_at_first_and_says_what_to_do(pharmacist):
    page = (await pharmacist.get("/recalls")).text
    assert "There is no recall" in page
    assert 'href="/recalls/notices"' in page
    assert "Open recalls" not in (await pharmacist.get("/")).text


async def test_from_a_notice_to_the_signature_on_pages(story, pharmacist):
    product = await story.product()
    await story.shelved(product, "AB-1")
    await story.collected(product)
    text = f"{product.label}, lots AB-1, CD 99. Reason: glass particles. Lot numbers: AB-1, CD99"
    read = (await pharmacist.post("/recalls/notices", data={"text": text})).text
    assert "lot and medicine fit" in read
    form = {"source": "The maker", "products.0.product_id": str(product.id), "lots": "AB-1, CD99", "by_text": "true"}
    answer = await pharmacist.post("/recalls", data=form | {"recall_class": "I", "unread": "12 – 19"})
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"].removesuffix("/matches")
    matches = (await pharmacist.get(f"{address}/matches")).text
    assert "The lot is the same." in matches
    assert "12 – 19" in matches
    refused = await pharmacist.post(f"{address}/block", data={})
    assert refused.status_code == 409
    match_id = matches.split('.match_id" value="')[1][:36]
    said = {"answers.0.match_id": match_id, "answers.0.answer": "confirmed"}
    assert (await pharmacist.put(f"{address}/matches", data=said)).status_code in (200, 303)
    assert (await pharmacist.post(f"{address}/block", data={})).status_code == 303
    page = (await pharmacist.get(address)).text
    assert "Mara" in page
    assert "0 %" in page
    assert "Recalls" in (await pharmacist.get("/")).text
    people = (await pharmacist.get(f"{address}/patients?state=left")).text
    contact = people.split(f"{address}/patients/")[1][:36]
    said = {"way": "call", "outcome": "reached", "note": "Will bring it back"}
    assert (await pharmacist.post(f"{address}/patients/{contact}/calls", data=said)).status_code == 303
    assert "Will bring it back" in (await pharmacist.get(f"{address}/patients/{contact}")).text
    sheet = await pharmacist.get(f"{address}/recipients.csv")
    (line,) = csv.DictReader(io.StringIO(sheet.text.lstrip("\ufeff")))
    assert (line["Batch"], line["Quantity"], line["State"]) == ("AB-1", "20", "reached")
    assert (await pharmacist.get(f"{address}/places.csv")).status_code == 200
    wrong = {"password": "not mine", "meaning": "Effective: everybody who can be reached was reached"}
    assert (await pharmacist.post(f"{address}/closing", data=wrong)).status_code == 403
    signed = await pharmacist.post(f"{address}/closing", data=wrong | {"password": PASSWORD})
    assert signed.status_code == 303, signed.text
    assert "Signed" in (await pharmacist.get(address)).text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lots": ""}, "lots"),
        ({"lots": "--, AB1"}, "lots"),
        ({"lots": "AB1", "whole": "true"}, ""),
        ({"lots": "AB1", "source": ""}, "source"),
        ({"lots": "AB1", "products.0.product_id": "00000000-0000-0000-0000-000000000000"}, "products.0.product_id"),
    ],
)
async def test_what_is_wrong_is_named(story, client, wrong, field):
    ben, product = await client("ben"), await story.product()
    said = {"source": "The maker", "products": [{"product_id": str(product.id)}]}
    place = wrong.pop("products.0.product_id", None)
    said = said | wrong | ({"products": [{"product_id": place}]} if place else {})
    answer = await ben.post("/api/v1/recalls", json=said)
    assert answer.status_code == 422
    assert field in answer.text
    assert (await ben.get("/api/v1/recalls")).json()["items"] == []


async def test_a_prepared_bag_is_refused_at_the_counter_in_words(story, client):
    product = await story.product()
    await story.shelved(product, "AB-1")
    supply = await story.dispensed(product)
    await story.blocked(product, "AB-1")
    ben = await client("ben")
    answer = await ben.post(
        f"/api/v1/dispensing/{supply.id}/collection", json={"collected_by": "patient", "counselling": "given"}
    )
    assert answer.status_code == 409, answer.text
    assert "was recalled since it was prepared" in answer.text


@pytest.mark.parametrize(("who", "status"), [("ben", 200), ("max", 200), ("ada", 403), ("ruth", 403), ("mara", 403)])
async def test_who_sees_recalls(client, who, status):
    assert (await (await client(who)).get("/api/v1/recalls")).status_code == status
