"""A stocktake through the door: pages without script, the API, and what neither of them tells."""

import re
from decimal import Decimal

import pytest

from galen import inventory, medicines
from galen.core.finish import finish
from galen.inventory import BatchDraft

D = Decimal


@pytest.fixture
async def product(ben):
    part = medicines.PartDraft(name="loratadine", strength="12 mg")
    draft = medicines.MedicineDraft(
        ingredients=[part], form="tablet", pack_size=D(10), price=D(8), barcodes=["09506000134352"]
    )
    product = await medicines.add_medicine(ben, draft)
    for number, units in (("L-1", 7431), ("L-2", 20)):
        said = {"product_id": product.id, "number": number, "expires": "2027-12", "units": units, "location": "Bay S"}
        await inventory.receive(ben, BatchDraft.model_validate(said))
    await finish(ben)
    return product


def main(page: str) -> str:
    """What the person is shown, without addresses and keys."""
    return re.sub(r"<[^>]*>", "", page.split("<main")[1].split("</main")[0])


async def opened(browser) -> str:
    assert "Nothing has been counted yet" in (await browser.get("/inventory/stocktakes")).text
    assert "Open the stocktake" in (await browser.get("/inventory/stocktakes/new")).text
    answer = await browser.post("/inventory/stocktakes", data={"scope": "one place", "place": "Bay S"})
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_it_is_counted_page_by_page_and_posted(client, product):
    ben, kim = await client("ben", page=True), await client("kim", page=True)
    path = await opened(ben)
    page = (await ben.get(f"{path}/count")).text
    assert "0 of 2 counted" in page and "L-1" in page and "743" not in main(page)
    form = page.split(f'action="{path}/lines/')[1].split('"')[0]
    answer = await ben.post(f"{path}/lines/{form}", data={"packs": "700", "units": "1", "rounds": "0"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/count?after=1")
    again = await ben.post(f"{path}/completion", headers={"hx-request": "true"})
    assert again.status_code == 409 and "by another person" in again.text
    twice = (await kim.get(f"{path}/count?line_id={form.split('/')[0]}")).text
    assert "has counted this place" in twice and "743" not in main(twice) and "700" not in main(twice)
    stale = await kim.post(f"{path}/lines/{form}", data={"packs": "743", "rounds": "0"}, headers={"hx-request": "true"})
    assert stale.status_code == 409 and "in the meantime" in stale.text
    await kim.post(f"{path}/lines/{form}", data={"packs": "743", "units": "1", "rounds": "1"})
    nothing = await kim.post(f"{path}/lines/{form}", data={"rounds": "2"}, headers={"hx-request": "true"})
    assert nothing.status_code == 422 and "0 when nothing is there" in nothing.text
    assert (await ben.post(f"{path}/completion")).status_code == 303
    waiting = (await ben.get(path)).text
    assert "Whoever supervises" in waiting and "Post the differences" not in waiting
    assert (await ben.get(f"{path}/differences")).status_code == 403
    max = await client("max", page=True)
    ready = (await max.get(path)).text
    assert "1 place was not counted" in ready and "L-2" in ready
    posted = await max.post(f"{path}/posting", data={"uncounted": "leave"})
    assert (posted.status_code, posted.headers["location"]) == (303, f"{path}/differences")
    shown = (await max.get(f"{path}/differences")).text
    assert "Nothing differs" in shown
    assert "L-1" in (await max.get(f"{path}/differences.csv")).text
    assert (await max.post(f"{path}/posting", data={"uncounted": "leave"})).status_code == 409


async def test_what_is_found_and_what_is_cancelled(client, product):
    ben = await client("ben", page=True)
    path = await opened(ben)
    assert "Add to the list" in (await ben.get(f"{path}/found")).text
    form = {"product_id": str(product.id), "number": "L-9", "expires": "05/2028", "location": "Bay S", "packs": "1"}
    assert (await ben.post(f"{path}/found", data=form)).status_code == 303
    assert "1 of 3 counted" in (await ben.get(f"{path}/count")).text
    assert (await ben.post(f"{path}/cancellation", data={"reason": "A drill"})).status_code == 303
    page = (await ben.get(path)).text
    assert "Cancelled" in page and "A drill" in page
    assert "Nothing more is counted" in (await ben.get(f"{path}/count")).text


async def test_a_scan_leads_to_the_batch(client, product):
    ben = await client("ben", page=True)
    path = await opened(ben)
    found = await ben.get(f"{path}/count", params={"code": "(01)09506000134352(17)271231(10)L-2"})
    assert found.status_code == 200 and "L-2" in found.text and "L-1" not in found.text
    other = await ben.get(f"{path}/count", params={"code": "(01)09506000134352(17)271231(10)L-8"})
    assert other.status_code == 422


async def test_programs_are_told_no_quantity_while_it_is_open(client, product):
    api = await client("ben")
    key = {"idempotency-key": "take"}
    said = {"scope": "one place", "place": "Bay S"}
    take = (await api.post("/api/v1/inventory/stocktakes", json=said, headers=key)).json()
    lines = (await api.get(f"/api/v1/inventory/stocktakes/{take['id']}/lines")).json()["items"]
    assert [line["state"] for line in lines] == ["to count", "to count"]
    assert not {"expected", "counted", "difference", "quantity"} & set(lines[0]) and "7431" not in str(lines)
    path = f"/api/v1/inventory/stocktakes/{take['id']}/lines/{lines[0]['id']}/counts"
    line = (await api.post(path, json={"units": 7431}, headers={"idempotency-key": "c"})).json()
    assert line["state"] == "counted" and "7431" not in str(line)
    assert (await api.get(f"/api/v1/inventory/stocktakes/{take['id']}/differences")).status_code == 403
    second = await api.post("/api/v1/inventory/stocktakes", json={}, headers={"idempotency-key": "two"})
    assert second.status_code == 409 and "under way" in second.json()["detail"]
    strange = await api.get("/api/v1/inventory/stocktakes/01890000-0000-7000-8000-000000000000")
    assert strange.status_code == 404


@pytest.mark.parametrize("who", ["ada", "nora"])
async def test_those_who_only_read_stock_do_not_count(client, product, who):
    api = await client(who)
    answer = await api.post("/api/v1/inventory/stocktakes", json={}, headers={"idempotency-key": "no"})
    assert answer.status_code == 403
    assert (await api.get("/api/v1/inventory/stocktakes")).status_code == 200


async def test_the_manager_sets_the_limits_on_the_page(client, product):
    max, ben = await client("max", page=True), await client("ben", page=True)
    form = {"write_off_units": "10", "write_off_value": "20", "recount_units": "5", "recount_value": "7"}
    assert (await max.post("/inventory/limits", data=form)).status_code == 303
    assert 'value="7"' in (await max.get("/inventory/stocktakes")).text
    assert (await ben.post("/inventory/limits", data=form)).status_code == 403
    api = await client("max")
    assert (await api.get("/api/v1/inventory/limits")).json()["write_off_units"] == "10"
