"""The pages of ordering, and the same for programs: what is shown, said, refused and counted."""

from decimal import Decimal
from typing import Any

import pytest

from galen import purchasing
from galen.core.context import Context
from galen.core.finish import finish
from galen.purchasing import PriceDraft, ReorderDraft, SupplierDraft
from tests.purchasing.buying import received, sent, written
from tests.purchasing.people import medicine, supplier

D = Decimal
HTMX = {"hx-request": "true"}


@pytest.fixture
async def world(ben: Context) -> Any:
    """A supplier with an address, and iron tablets that are out and never were here."""
    draft = SupplierDraft(name="Southern Wholesale", email="orders@south.example", lead_days=2, minimum_order=D(100))
    wholesale = await purchasing.add_supplier(ben, draft)
    iron = await medicine(ben, "ferrous sulfate", 30)
    await ben.flush()
    await purchasing.set_reorder(ben, iron.id, ReorderDraft(minimum=D(60), maximum=D(200), supplier_id=wholesale.id))
    await purchasing.set_price(ben, wholesale.id, PriceDraft(product_id=iron.id, price=D(6), code="FE-30"))
    await finish(ben)
    return wholesale, iron


async def test_what_is_needed_becomes_an_order_that_is_approved_and_sent(client, world, ben):
    wholesale, iron = world
    browser = await client("ben", page=True)
    page = (await browser.get("/purchase-orders/needs")).text
    assert "ferrous sulfate" in page and "Order at 60 tablets, as somebody decided" in page
    assert "$58.00 short of what this supplier takes an order for" in page
    chosen = {"supplier_id": str(wholesale.id), "site_id": str(ben.here.id)}
    chosen |= {"lines.0.product_id": str(iron.id), "lines.0.packs": "8"}
    answer = await browser.post("/purchase-orders/needs", data=chosen)
    paper = answer.headers["location"]
    page = (await browser.get(paper)).text
    assert answer.status_code == 303 and "8 packs" in page and "$48.00" in page and "FE-30" in page
    assert "Why so many" in page and "Approve this order" in page and "Send it by mail" not in page
    version = page.split('name="version" value="')[1].split('"')[0]
    assert (await browser.post(f"{paper}/approval", data={"version": version})).status_code == 303
    page = (await browser.get(paper)).text
    assert "is approved" in page and "Send it by mail" in page and "Take away" not in page
    version = page.split('name="version" value="')[1].split('"')[0]
    said = {"how": "by mail", "to": "orders@south.example", "version": version}
    assert (await browser.post(f"{paper}/dispatch", data=said)).status_code == 303
    page = (await browser.get(paper)).text
    assert "goes to orders@south.example" in page and "Goods are here" in page
    late = await browser.post(f"{paper}/dispatch", data=said | {"version": ""}, headers=HTMX)
    assert (late.status_code, "An order goes out once" in late.text) == (409, True)
    assert "ferrous" not in (await browser.get("/purchase-orders/needs")).text
    answer = await browser.post(f"{paper}/deliveries")
    assert answer.headers["location"].startswith("/deliveries/")
    page = (await browser.get(answer.headers["location"])).text
    assert paper in page and "8 packs short" in page
    assert "Go on with delivery" in (await browser.get(paper)).text


async def test_lines_of_a_draft_are_added_and_taken_away(client, world, ben):
    wholesale, iron = world
    zinc = await medicine(ben, "zinc sulfate", 100)
    await finish(ben)
    browser = await client("ben", page=True)
    assert "Go on to the lines" in (await browser.get("/purchase-orders/new")).text
    head = {"supplier_id": str(wholesale.id), "site_id": str(ben.here.id), "wanted_on": "", "note": "To the back door"}
    paper = (await browser.post("/purchase-orders", data=head)).headers["location"]
    assert "No line yet" in (await browser.get(paper)).text
    for product, packs, price in ((iron, "4", ""), (zinc, "2", "")):
        said = {"product_id": str(product.id), "packs": packs, "price": price}
        assert (await browser.post(f"{paper}/lines", data=said)).status_code == 303
    page = (await browser.get(paper)).text
    assert "2 lines" in page and "To the back door" in page and "price list" not in page and "not known" in page
    assert "and 1 line without a price" in page and "a price is not known. The manager approves it" in page
    for wrong, field in (
        ({"packs": "0"}, "packs"),
        ({"packs": "1.5"}, "packs"),
        ({"packs": "1", "price": "-2"}, "price"),
    ):
        answer = await browser.post(f"{paper}/lines", data={"product_id": str(iron.id)} | wrong, headers=HTMX)
        assert (answer.status_code, f'id="error--{field}"' in answer.text) == (422, True), wrong
    drop = page.split("/lines/")[-1].split('"')[0]
    version = page.split('name="version" value="')[1].split('"')[0]
    said = {"packs": "7", "price": "5.5", "version": version}
    first = page.split("/lines/")[1].split('"')[0]
    assert (await browser.put(f"{paper}/lines/{first}", data=said)).status_code == 303
    page = (await browser.get(paper)).text
    assert "7 packs" in page and "$38.50" in page and "Line 1 is changed" in page
    assert (await browser.delete(f"{paper}/lines/{drop}")).status_code == 303
    assert "1 line<" in (await browser.get(paper)).text
    assert (await browser.put(paper, data=head | {"note": "Ring twice"})).status_code == 303
    assert "Ring twice" in (await browser.get(paper)).text


async def test_the_paper_and_the_table_of_an_order(client, world, ben):
    wholesale, iron = world
    order = await written(ben, wholesale, (iron, 3, "6"))
    await finish(ben)
    browser = await client("ben", page=True)
    paper = await browser.get(f"/purchase-orders/{order.id}/paper")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    table = await browser.get(f"/purchase-orders/{order.id}/lines.csv")
    assert table.content.decode("utf-8-sig").splitlines()[1].endswith("30,tablet,3,6,AUD")


async def test_a_bill_is_compared_and_decided_on_its_page(client, world, ben):
    wholesale, iron = world
    order = await sent(ben, wholesale, (iron, 10, "6"))
    await received(ben, order, ferrous={"packs": 9, "noted_packs": 10})
    await finish(ben)
    browser = await client("ben", page=True)
    form = f"/purchase-orders/{order.id}/bills"
    page = (await browser.get(f"{form}/new")).text
    assert "lines.0.packs" in page and "60" not in page.split("<main")[1].split("Packs of line")[1][:200]
    said = {"number": "R-1", "day": "", "net": "65", "tax": "6.5", "note": ""}
    said |= {"lines.0.product_id": str(iron.id), "lines.0.packs": "10", "lines.0.price": "6.5"}
    said |= {"lines.1.product_id": "", "lines.1.packs": "", "lines.1.price": ""}
    answer = await browser.post(form, data=said)
    assert answer.status_code == 303, answer.text
    bill = answer.headers["location"]
    page = (await browser.get(bill)).text
    assert "2 differences" in page and "billed and not received" in page and "$5.00" in page
    assert "Accept the bill" not in page and "Dispute the bill" in page
    again = await browser.post(form, data=said, headers=HTMX)
    assert (again.status_code, "here already" in again.text) == (409, True)
    assert "R-1" in (await browser.get("/supplier-bills", params={"status": "undecided"})).text
    assert "R-1" in (await browser.get(f"/purchase-orders/{order.id}")).text
    manager = await client("max", page=True)
    assert "Accept the bill" in (await manager.get(bill)).text
    none = await manager.post(f"{bill}/acceptance", data={"reason": ""}, headers=HTMX)
    assert (none.status_code, 'id="error--reason"' in none.text) == (422, True)
    answer = await manager.post(f"{bill}/acceptance", data={"reason": "A new price, by telephone"})
    assert answer.status_code == 303
    page = (await manager.get(bill)).text
    assert "Accepted as it is" in page and "A new price, by telephone" in page and "Withdraw the bill" not in page


async def test_prices_and_decisions_stand_on_the_pages_of_supplier_and_medicine(client, world, ben):
    wholesale, iron = world
    north = await supplier(ben, "Northern Wholesale")
    await purchasing.set_price(ben, north.id, PriceDraft(product_id=iron.id, price=D(5)))
    await finish(ben)
    browser = await client("ben", page=True)
    page = (await browser.get(f"/suppliers/{wholesale.id}/prices")).text
    assert "FE-30" in page and "1 price" in page and f"typed by {ben.actor.name}" in page
    panel = (await browser.get(f"/medicines/{iron.id}/reorder")).text
    assert panel.index("Northern Wholesale") < panel.index("Southern Wholesale") and "cheapest a unit" in panel
    wrong = {"supplier_id": "", "minimum": "50", "maximum": ""}
    answer = await browser.put(f"/medicines/{iron.id}/reorder", data=wrong, headers=HTMX)
    assert (answer.status_code, "Write both levels" in answer.text) == (422, True)
    answer = await browser.put(f"/medicines/{iron.id}/reorder", data={"never": "true"})
    assert answer.status_code == 303
    assert "Not ordered any more" in (await browser.get(f"/medicines/{iron.id}/reorder")).text
    assert "No price is known" in (await browser.get(f"/suppliers/{(await fresh(ben)).id}/prices")).text


async def fresh(ben: Context) -> Any:
    made = await supplier(ben, "Eastern Wholesale")
    await finish(ben)
    return made


async def test_empty_lists_say_what_to_do(client, ben):
    browser = await client("ben", page=True)
    for path, words in (
        ("/purchase-orders", "Nothing was ordered yet"),
        ("/purchase-orders?q=nobody", "No such order"),
        ("/supplier-bills", "No bill yet"),
        ("/supplier-bills?status=disputed", "No such bill"),
        ("/inventory/surplus", "All of it will be used in time"),
    ):
        assert words in (await browser.get(path)).text, path


async def test_the_manager_sets_how_is_ordered(client, ben):
    browser, manager = await client("ben", page=True), await client("max", page=True)
    assert "The manager changes this" in (await browser.get("/purchase-orders/policy")).text
    said = {"approve_limit": "500", "review_days": "14", "cover_days": "7", "window_days": "60", "service": "99"}
    assert (await browser.put("/purchase-orders/policy", data=said)).status_code == 403
    for wrong, field in (({"review_days": "0"}, "review_days"), ({"approve_limit": "-1"}, "approve_limit")):
        answer = await manager.put("/purchase-orders/policy", data=said | wrong, headers=HTMX)
        assert (answer.status_code, f'id="error--{field}"' in answer.text) == (422, True)
    assert (await manager.put("/purchase-orders/policy", data=said | {"four_eyes": "true"})).status_code == 303
    program = await client("ben")
    policy = (await program.get("/api/v1/purchase-orders/policy")).json()
    assert (policy["four_eyes"], policy["approve_limit"], policy["service"]) == (True, "500.0000", "99")
    late = await manager.put("/purchase-orders/policy", data=said | {"version": "7"}, headers=HTMX)
    assert late.status_code == 412


async def test_lists_are_sorted_by_their_heads(client, world, ben):
    wholesale, iron = world
    first, second = await written(ben, wholesale, (iron, 1, "6")), await sent(ben, wholesale, (iron, 1, "6"))
    await received(ben, second, ferrous={"packs": 1})
    await finish(ben)
    browser = await client("ben", page=True)
    for sort, up in (("number", True), ("-number", False)):
        page = (await browser.get("/purchase-orders", params={"sort": sort, "q": "southern"})).text
        assert (page.index(first.number) < page.index(second.number)) is up
    for path in ("/deliveries", "/suppliers", "/supplier-bills", f"/suppliers/{wholesale.id}/prices"):
        for sort in ("number", "-day", "status", "-name", "contact", "price", "nothing"):
            assert (await browser.get(path, params={"sort": sort})).status_code == 200, (path, sort)


async def test_a_program_orders_receives_and_bills(client, world):
    wholesale, iron = world
    program, line = await client("ben"), {"product_id": str(iron.id), "packs": "2"}
    order = (
        await program.post("/api/v1/purchase-orders", json={"supplier_id": str(wholesale.id), "lines": [line]})
    ).json()
    path = f"/api/v1/purchase-orders/{order['id']}"
    assert (order["status"], order["total"], order["lines"][0]["price_source"][:8]) == ("draft", "12.0000", "typed by")
    assert (await program.post(f"{path}/approval", json={})).json()["status"] == "approved"
    assert (await program.post(f"{path}/dispatch", json={"how": "by hand"})).json()["status"] == "sent"
    delivery = (await program.post(f"{path}/deliveries", json={})).json()
    assert (delivery["order_id"], delivery["lines"][0]["noted_packs"]) == (order["id"], "2")
    one = f"/api/v1/deliveries/{delivery['id']}"
    said = {"product_id": str(iron.id), "number": "B1", "expires": "2029-06", "packs": 2}
    answer = await program.put(f"{one}/lines/{delivery['lines'][0]['id']}", json=said)
    assert answer.status_code == 200, answer.text
    assert (await program.post(f"{one}/receipt", json={})).status_code == 200
    assert (await program.get(path)).json()["status"] == "received"
    bill = (await program.post(f"{path}/bills", json={"number": "R-9", "net": "12"})).json()
    assert (bill["status"], bill["differences"]) == ("agrees", [])
    ended = await program.post(f"{path}/closing", json={"reason": "Paid"})
    assert (ended.json()["status"], ended.json()["ended_because"]) == ("closed", "Paid")
    needs = (await program.get("/api/v1/purchase-orders/needs")).json()
    assert [need["packs"] for need in needs if need["product_id"] == str(iron.id)] == ["5"]
