"""The pages of deliveries and suppliers, and the same for programs."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from galen import purchasing
from galen.core.context import Context
from galen.core.finish import finish
from galen.inventory import StockLevel
from tests.purchasing.people import GTIN, line, medicine, started, supplier

D = Decimal


@pytest.fixture
async def world(ben: Context) -> Any:
    """A supplier, iron tablets with a code, and a draft of one line."""
    wholesale, iron = await supplier(ben), await medicine(ben, "ferrous sulfate", 30, GTIN)
    delivery = await started(ben, wholesale, "LS-7")
    await purchasing.add_line(ben, delivery.id, line(iron, packs=2, price=6))
    await finish(ben)
    return wholesale, iron, delivery


async def test_a_delivery_is_written_scanned_and_received_in_the_browser(client, world, ben):
    wholesale, iron, _ = world
    browser = await client("ben", page=True)
    assert "Go on to the lines" in (await browser.get("/deliveries/new")).text
    assert "Southern Wholesale" in (await browser.get("/suppliers/options", params={"q": "south"})).text
    head = {"supplier_id": str(wholesale.id), "supplier_number": "LS-8", "day": "", "site_id": str(ben.site.id)}
    answer = await browser.post("/deliveries", data=head)
    paper = answer.headers["location"]
    assert (answer.status_code, "No line yet" in (await browser.get(paper)).text) == (303, True)
    page = await browser.post(f"{paper}/scans", data={"code": f"(01){GTIN}(17)280630(10)AB12"})
    assert page.status_code == 200 and 'value="AB12"' in page.text and "1 pack" in page.text
    page = await browser.post(f"{paper}/scans", data={"code": "9312345678907"})
    assert page.status_code == 200 and "Find the medicine below" in page.text
    typed = {"product_id": str(iron.id), "number": "AB13", "expires": "01/27", "packs": "3", "price": "6.60"}
    page = await browser.post(f"{paper}/lines", data=typed)
    assert "2 lines" in page.text and "days left" in page.text and "19.80" in page.text
    version = page.text.split('name="version" value="')[-1].split('"')[0]
    answer = await browser.post(f"{paper}/receipt", data={"version": version})
    assert answer.status_code == 303, answer.text
    page = (await browser.get(paper)).text
    assert "Receive all of it" not in page and "/inventory/levels/" in page and "is on the shelf" in page
    level = await ben.db.scalar(select(StockLevel.id).where(StockLevel.product_id == iron.id).limit(1))
    assert "LS-8" in (await browser.get(f"/inventory/levels/{level}")).text


async def test_a_line_is_changed_and_taken_away(client, world):
    _, iron, delivery = world
    browser = await client("ben", page=True)
    paper, (first,) = f"/deliveries/{delivery.id}", delivery.lines
    form = await browser.get(f"{paper}/lines/{first.id}")
    assert f'action="{paper}/lines/{first.id}"' in form.text and 'value="B1"' in form.text
    said = {"product_id": str(iron.id), "number": "B1", "expires": "06/28", "packs": "5", "version": str(first.version)}
    page = await browser.put(f"{paper}/lines/{first.id}", data=said)
    assert page.status_code == 200 and "5 packs" in page.text
    late = await browser.put(f"{paper}/lines/{first.id}", data=said | {"packs": "9"})
    assert (late.status_code, "Someone else changed" in late.text) == (412, True)
    page = await browser.delete(f"{paper}/lines/{first.id}")
    assert "No line yet" in page.text


async def test_a_wrong_line_is_told_beside_its_field(client, world):
    _, iron, delivery = world
    browser = await client("ben", page=True)
    for said, field in (({"packs": "two"}, "packs"), ({"expires": "13/28"}, "expires"), ({"price": "-1"}, "price")):
        whole, within = {"product_id": str(iron.id), "packs": "1"} | said, {"hx-request": "true"}
        answer = await browser.post(f"/deliveries/{delivery.id}/lines", data=whole, headers=within)
        assert (answer.status_code, f'id="error--{field}"' in answer.text) == (422, True), said


@pytest.mark.parametrize("number", ["LS-7", "ls-7", " LS-7 "])
async def test_the_same_note_is_never_booked_twice(client, world, number):
    wholesale, _, _ = world
    program = await client("ben")
    said = {"supplier_id": str(wholesale.id), "supplier_number": number}
    answer = await program.post("/api/v1/deliveries", json=said)
    assert (answer.status_code, answer.json()["code"]) == (409, "number_taken")
    assert "not booked twice" in answer.text
    assert len((await program.get("/api/v1/deliveries")).json()["items"]) == 1


async def test_two_suppliers_may_use_the_same_number_and_a_note_may_have_none(client, world, ben):
    wholesale, _, _ = world
    other = await supplier(ben, "Northern Wholesale")
    await finish(ben)
    program = await client("ben")
    for said in ((other, "LS-7"), (wholesale, ""), (wholesale, "")):
        body = {"supplier_id": str(said[0].id), "supplier_number": said[1]}
        assert (await program.post("/api/v1/deliveries", json=body)).status_code == 201


async def test_a_program_does_all_of_it(client, world):
    _, iron, delivery = world
    program = await client("ben")
    one = f"/api/v1/deliveries/{delivery.id}"
    answer = await program.post(f"{one}/scans", json={"code": f"(01){GTIN}(17)280630(10)B1"})
    assert (answer.status_code, answer.json()["line"]["packs"]) == (201, "3"), answer.text
    answer = await program.post(f"{one}/scans", json={"code": "9312345678907"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_code")
    answer = await program.post(f"{one}/lines", json={"product_id": str(iron.id), "number": "", "packs": "1"})
    assert [row["position"] for row in answer.json()["delivery"]["lines"]] == [1, 2]
    refused = await program.post(f"{one}/receipt", json={})
    assert (refused.status_code, "Line 2" in refused.text) == (422, True)
    last = answer.json()["delivery"]["lines"][1]["id"]
    assert (await program.delete(f"{one}/lines/{last}")).status_code == 200
    key = {"idempotency-key": "receive-once"}
    first = await program.post(f"{one}/receipt", json={}, headers=key)
    again = await program.post(f"{one}/receipt", json={}, headers=key)
    assert (first.status_code, first.json()["status"], first.text == again.text) == (200, "received", True)
    late = await program.post(f"{one}/receipt", json={})
    assert (late.status_code, late.json()["code"]) == (409, "not_a_draft")
    level = first.json()["lines"][0]["level_id"]
    (came,) = (await program.get(f"/api/v1/inventory/levels/{level}/deliveries")).json()
    assert (came["delivery"], came["quantity"]) == (delivery.number, "90")


async def test_a_version_that_is_old_is_refused(client, world):
    _, iron, delivery = world
    program = await client("ben")
    one = f"/api/v1/deliveries/{delivery.id}"
    seen = (await program.get(one)).headers["etag"]
    await program.post(f"{one}/lines", json={"product_id": str(iron.id), "packs": "1"})
    answer = await program.post(f"{one}/receipt", json={}, headers={"if-match": seen})
    assert answer.status_code == 412


async def test_suppliers_are_written_down_edited_put_away_and_restored(client, world):
    wholesale, _, _ = world
    browser, program = await client("ben", page=True), await client("max")
    said = {"name": "Northern Wholesale", "lead_days": "3", "minimum_order": "250", "email": "orders@north.example"}
    assert (await browser.post("/suppliers", data=said)).status_code == 303
    page = (await browser.get("/suppliers")).text
    assert "Northern Wholesale" in page and "3 days" in page and "250.00" in page
    for name in ("Northern Wholesale", "NORTHERN wholesale"):
        taken = await program.post("/api/v1/suppliers", json={"name": name})
        assert (taken.status_code, taken.json()["code"]) == (409, "supplier_name_taken")
    one = f"/api/v1/suppliers/{wholesale.id}"
    kept = {"name": "Southern Wholesale", "phone": "02 9000 0000", "version": wholesale.version}
    assert (await program.put(one, json=kept)).json()["phone"] == "02 9000 0000"
    assert (await program.put(one, json=kept)).status_code == 412
    assert (await browser.get(f"/suppliers/{wholesale.id}/edit")).status_code == 200
    assert (await program.delete(one)).status_code == 200
    assert [s["name"] for s in (await program.get("/api/v1/suppliers")).json()["items"]] == ["Northern Wholesale"]
    assert "Southern" in (await browser.get("/suppliers", params={"archived": "true"})).text
    assert (await program.put(f"{one}/restoration")).json()["archived_at"] is None


@pytest.mark.parametrize(
    "said", [{"name": "N"}, {"name": "North", "email": "nobody"}, {"name": "North", "lead_days": -1}]
)
async def test_a_supplier_that_cannot_be_is_refused(client, said):
    assert (await (await client("ben")).post("/api/v1/suppliers", json=said)).status_code == 422


@pytest.mark.parametrize("who", ["ada", "nora", "ruth", "iris"])
async def test_the_pages_are_for_those_who_receive_stock(client, world, who):
    _, _, delivery = world
    browser = await client(who, page=True)
    for path in ("/deliveries", f"/deliveries/{delivery.id}", "/suppliers", "/deliveries/new"):
        assert (await browser.get(path)).status_code == 403, path


async def test_the_lists_are_filtered_and_say_how_many(client, world):
    wholesale, _, delivery = world
    browser = await client("max", page=True)
    page = (await browser.get("/deliveries")).text
    assert "1 delivery" in page and delivery.number in page and "Southern Wholesale" in page
    for asked in ({"status": "draft"}, {"q": "LS-7"}, {"supplier_id": str(wholesale.id)}):
        assert delivery.number in (await browser.get("/deliveries", params=asked)).text, asked
    assert "No such delivery" in (await browser.get("/deliveries", params={"status": "received"})).text


async def test_an_empty_house_says_what_to_do(client):
    browser = await client("ben", page=True)
    assert "Nothing was delivered yet" in (await browser.get("/deliveries")).text
    assert "No supplier yet" in (await browser.get("/suppliers")).text
