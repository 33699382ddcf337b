"""The shelf, returns and the next supply over HTTP: the page and the interface say the same."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from galen import dispensing
from galen.core.context import Context
from galen.core.finish import finish
from galen.dispensing import Dispensing, DispensingDraft, SupplyDraft, VerificationDraft
from galen.dispensing.refusals import Stopped
from galen.dispensing.rules import Tone
from galen.medicines import Product

from .conftest import Pharmacy, afresh
from .test_dispensing import address_of

Open = Callable[..., Awaitable[Any]]
CEFALEXIN = "cefalexin 500 mg capsule"


async def dispensed(pharmacy: Pharmacy) -> Dispensing:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    line = {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(21), "repeats": 2}
    record = await pharmacy.verified(line)
    await dispensing.dispense(pharmacy.ben, record.id, SupplyDraft())
    await finish(pharmacy.ben)
    return record


async def test_a_bag_from_its_bin_to_the_patient_on_the_pages(pharmacy: Pharmacy, client: Open) -> None:
    record = await dispensed(pharmacy)
    browser, desk = await client("ben", page=True), f"/dispensing/{record.id}"
    assert "Nobody is expected" in (await browser.get("/will-call")).text
    assert "Put into this bin" in (await browser.get(desk)).text
    put = await browser.put(f"{desk}/bin", data={"bin": "a 12", "placed": "true"})
    assert put.status_code in (200, 303), put.text
    page = (await browser.get("/will-call")).text
    assert "1 bag waits" in page and "A12" in page and record.number in page
    assert "Move to this bin" in (await browser.get(desk)).text
    for code in (record.number, "a12"):
        found = await browser.post("/will-call/scan", data={"code": code})
        assert (found.status_code, found.headers["location"]) == (303, desk)
    stray = await browser.post("/will-call/scan", data={"code": "Z9"}, headers={"hx-request": "true"})
    assert (stray.status_code, "No bin and no label here has the code Z9" in stray.text) == (404, True)
    empty = await browser.put(f"{desk}/bin", data={"bin": ""}, headers={"hx-request": "true"})
    assert empty.status_code == 422
    until = (pharmacy.ben.today + timedelta(days=60)).isoformat()
    assert (await browser.put(f"{desk}/bin/period", data={"until": until})).status_code in (200, 303)
    await browser.post(f"{desk}/collection", data={"collected_by": "patient", "counselling": "given"})
    assert "Nobody is expected" in (await browser.get("/will-call")).text
    assert "Something was brought back" in (await browser.get(desk)).text


async def test_the_interface_says_what_waits(pharmacy: Pharmacy, client: Open) -> None:
    record = await dispensed(pharmacy)
    ben = await client("ben")
    bag = (await ben.put(f"/api/v1/dispensing/{record.id}/bin", json={"bin": "B7"})).json()
    assert (bag["bin"], bag["status"]) == ("B7", "ready")
    shelf = (await ben.get("/api/v1/will-call")).json()
    assert ([row["number"] for row in shelf["items"]], shelf["waiting"]) == ([record.number], 1)
    for name in ("ruth", "ada", "max"):
        assert (await (await client(name)).get("/api/v1/will-call")).status_code == 403, name


async def test_what_was_brought_back_is_written_down_on_the_page(pharmacy: Pharmacy, client: Open) -> None:
    record = await dispensed(pharmacy)
    browser, desk = await client("ben", page=True), f"/dispensing/{record.id}"
    await browser.post(f"{desk}/collection", data={"collected_by": "patient", "counselling": "given"})
    (item,) = (await (await client("ben")).get(f"/api/v1/dispensing/{record.id}/returns")).json()["items"]
    form = {
        "lines.0.item_id": item["item_id"],
        "lines.0.quantity": "7",
        "lines.0.fate": "destroy",
        "reason": "not needed",
    }
    refused = await browser.post(f"{desk}/returns", data=form, headers={"hx-request": "true"})
    assert (refused.status_code, "Write how it is to be destroyed." in refused.text) == (422, True)
    kept = await browser.post(f"{desk}/returns", data={**form, "method": "Burnt by the contractor"})
    assert kept.status_code == 303, kept.text
    page = (await browser.get(desk)).text
    assert "To be destroyed before a witness" in page and "At most 14." in page
    assert "Burnt by the contractor" in (await browser.get("/inventory/destructions")).text


async def test_staff_and_the_patient_read_the_same_next_supply(pharmacy: Pharmacy, client: Open) -> None:
    record = await dispensed(pharmacy)
    address = f"/api/v1/prescriptions/{record.prescription_id}/refills"
    answers = [(await (await client(who)).get(address)).json() for who in ("ben", "ada", "mara")]
    (line,) = answers[0]["lines"]
    assert (line["left"], line["sums"].endswith("lasts 7 days; 80 % of that is 6 days.")) == (2, True)
    assert answers[1] == answers[0] and answers[2] == answers[0]
    page = (await (await client("mara", page=True)).get(f"/prescriptions/{record.prescription_id}")).text
    assert "Next supply" in page and "80 % of that is 6 days." in page


async def test_another_brand_of_the_same_medicine_is_the_same_supply(pharmacy: Pharmacy, ben: Context) -> None:
    record = await dispensed(pharmacy)
    product = await ben.get(Product, record.lines[0].product_id)
    other = Product(
        **{
            column.key: getattr(product, column.key)
            for column in Product.__table__.columns
            if column.key not in ("id", "version", "brand", "source")
        },
        brand="Another",
    )
    ben.add(other)
    await finish(ben)
    again = await pharmacy.queued({"product_id": other.id, "directions": "1 cap tds", "quantity": Decimal(21)})
    keys = {check.key: check.tone for check in (await dispensing.desk(ben, again.id)).checks}
    assert keys[f"too-soon:{other.id}"] is Tone.ASK


async def test_a_repeat_of_a_controlled_medicine_before_its_day_is_refused_whatever_the_reason(
    pharmacy: Pharmacy, ben: Context, kim: Context
) -> None:
    await address_of(pharmacy)
    product = await pharmacy.stocked("oxycodone 5 mg tablet", ("A", 40, 300))
    line = {"product_id": product.id, "directions": "1 tab q6h prn", "quantity": Decimal(10)}
    record = await pharmacy.verified({**line, "repeats": 1, "interval_days": 7})
    id, rx_id, product_id = record.id, record.prescription_id, product.id
    await dispensing.dispense(kim, id, SupplyDraft())
    await finish(kim)
    again = await dispensing.enqueue(afresh(ben), DispensingDraft(prescription_id=rx_id))
    stops = [check for check in (await dispensing.desk(ben, again.id)).checks if check.tone is Tone.STOP]
    assert [check.key for check in stops] == [f"too-soon:{product_id}"]
    assert "is due 27 Nov 2026" in stops[0].title and "No reason helps" in stops[0].detail
    with pytest.raises(Stopped, match="No reason helps"):
        await dispensing.verify(ben, again.id, VerificationDraft())
    anew = await pharmacy.queued(line)  # the prescriber has judged anew
    tones = {check.key: check.tone for check in (await dispensing.desk(ben, anew.id)).checks}
    assert tones[f"too-soon:{product_id}"] is Tone.ASK
