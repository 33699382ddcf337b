"""The pharmacy over HTTP: JSON for clients, pages for people, labels for boxes."""

import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from galen import billing, dispensing, patients
from galen.core.audit import AuditEntry
from galen.core.context import Context
from galen.core.finish import finish
from galen.dispensing import CollectedBy, CollectionDraft, Counselling, Dispensing, SupplyDraft
from galen.medicines import Product

from .conftest import Pharmacy

Open = Callable[..., Awaitable[Any]]
CEFALEXIN = "cefalexin 500 mg capsule"


async def ready(pharmacy: Pharmacy, *batches: tuple[str, int, int]) -> Dispensing:
    """Verified, with something on the shelf."""
    product = await pharmacy.stocked(CEFALEXIN, *(batches or (("A", 100, 300),)))
    line = {"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(21)}
    return await pharmacy.verified({**line, "repeats": 2})


async def test_the_whole_way_over_the_interface(pharmacy: Pharmacy, client: Open) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    rx = await pharmacy.signed({"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(21)})
    ben = await client("ben")
    made = (await ben.post("/api/v1/dispensing", json={"prescription_id": str(rx.id)})).json()
    await pharmacy.catch_up()
    queue = (await ben.get("/api/v1/dispensing")).json()
    assert [row["id"] for row in queue["items"]] == [made["id"]]
    where = f"/api/v1/dispensing/{made['id']}"
    seen = (await ben.get(where)).json()
    assert {"signature", "validity", "repeats", "stock"} <= {check["key"] for check in seen["checks"]}
    assert {check["tone"] for check in seen["checks"]} <= {"ok", "note"}
    verified = await ben.post(f"{where}/verification", json={})
    assert (verified.status_code, verified.json()["status"]) == (201, "verified")
    given = (await ben.post(f"{where}/supply", json={})).json()
    assert [(item["batch"], item["quantity"]) for item in given["items"]] == [("A", "21")]
    collected = await ben.post(f"{where}/collection", json={"collected_by": "patient", "counselling": "given"})
    assert collected.json()["status"] == "collected"
    reversed_ = await ben.post(f"{where}/reversal", json={"reason": "Brought back unopened", "goods": "destroyed"})
    assert reversed_.json()["status"] == "reversed"


async def test_sending_the_same_supply_twice_gives_once(pharmacy: Pharmacy, ben: Context, client: Open) -> None:
    record = await ready(pharmacy)
    browser, key = await client("ben"), {"idempotency-key": "once-and-only-once"}
    await browser.post(f"/api/v1/dispensing/{record.id}/verification", json={})  # on the day of the clock
    answers = [await browser.post(f"/api/v1/dispensing/{record.id}/supply", json={}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert await pharmacy.movements(record) == [("issue", Decimal(-21))]
    assert len(await billing.invoices_for(ben, ("dispensing", record.id))) == 1


async def test_a_second_dispense_without_the_key_is_refused(pharmacy: Pharmacy, client: Open) -> None:
    record = await ready(pharmacy)
    ben = await client("ben")
    await ben.post(f"/api/v1/dispensing/{record.id}/verification", json={})
    assert (await ben.post(f"/api/v1/dispensing/{record.id}/supply", json={})).status_code == 201
    again = await ben.post(f"/api/v1/dispensing/{record.id}/supply", json={})
    assert (again.status_code, again.json()["code"]) == (409, "not_verified")
    assert await pharmacy.movements(record) == [("issue", Decimal(-21))]


async def test_every_page_of_the_pharmacy_is_drawn(pharmacy: Pharmacy, client: Open) -> None:
    record = await ready(pharmacy)
    record.verified_at = datetime.now(UTC)  # what was verified on another day lapses, and pages run on today's clock
    await finish(pharmacy.ben)
    ben = await client("ben", page=True)
    queue = (await ben.get("/dispensing")).text
    assert "QUILL, Mara" in queue and ">1 verified</a>" in queue and ">0 waiting</a>" in queue
    assert "QUILL" in (await ben.get("/dispensing?q=quil")).text
    assert "Nothing fits the filter" in (await ben.get("/dispensing?q=zzz")).text
    desk = (await ben.get(f"/dispensing/{record.id}")).text
    assert "Dispense: takes stock and charges" in desk and "Signed by Dr Ada Okafor, unaltered" in desk
    assert 'aria-label="Patient"' in desk  # the banner
    for page, words in (
        ("/home/pharmacy", "to collect"),
        ("/dispensing/policy", "for controlled medicines"),
        (f"/patients/{pharmacy.mara.id}/dispensing", "Nothing dispensed"),
        (f"/prescriptions/{record.prescription_id}/dispensing", "Original"),
    ):
        answer = await ben.get(page)
        assert answer.status_code == 200, page
        assert words in answer.text


async def test_the_desk_is_worked_without_a_script(pharmacy: Pharmacy, client: Open) -> None:
    record = await ready(pharmacy)
    ben, where = await client("ben", page=True), f"/dispensing/{record.id}"
    loose = {"line_id": str(record.lines[0].id), "reason": "loose units"}
    for step, form, words in (
        ("verification", {}, "Dispense: takes stock"),
        ("packs/reason", loose, "Confirmed without a scan: Loose units, counted out"),
        ("supply", {}, "Print labels"),
        ("reversal", {"reason": "Wrong box"}, "0 of 1 line confirmed"),
        ("packs/reason", loose, "1 of 1 line confirmed"),
        ("supply", {}, "Hand over"),
        ("collection", {"collected_by": "patient", "counselling": "declined"}, "Collected"),
    ):
        answer = await ben.post(f"{where}/{step}", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, where), answer.text
        assert words in (await ben.get(where)).text
    held = await ben.post(f"{where}/hold", data={"reason": "too late", "wake_on": "2026-12-01"})
    assert held.status_code == 409


async def test_a_question_without_an_answer_is_complained_about_beside_its_field(
    pharmacy: Pharmacy, ada: Context, client: Open
) -> None:
    record = await ready(pharmacy)
    ben = await client("ben", page=True)
    answer = await ben.post(
        f"/dispensing/{record.id}/verification",
        data={"answers.0.key": "x", "answers.0.reason": ""},
        headers={"hx-request": "true"},
    )
    assert answer.status_code == 422
    assert 'id="error--answers.0.reason"' in answer.text


async def test_a_scanned_label_opens_its_dispensing(pharmacy: Pharmacy, client: Open) -> None:
    record = await ready(pharmacy)
    ben = await client("ben", page=True)
    answer = await ben.post("/dispensing/scan", data={"code": record.number.lower()})
    assert answer.headers["location"] == f"/dispensing/{record.id}"
    assert (await ben.post("/dispensing/scan", data={"code": "D999999"})).status_code == 404
    assert record.number in (await ben.get(f"/search?q={record.number}")).text


async def test_labels_name_everything_and_a_reprint_is_a_duplicate(
    pharmacy: Pharmacy, ben: Context, client: Open
) -> None:
    record = await ready(pharmacy, ("SOON", 12, 90), ("LATE", 40, 300))
    browser = await client("ben")
    early = await browser.get(f"/api/v1/dispensing/{record.id}/labels")
    assert (early.status_code, early.json()["code"]) == (409, "not_dispensed")
    await dispensing.dispense(ben, record.id, SupplyDraft())
    first = await browser.get(f"/api/v1/dispensing/{record.id}/labels")
    assert first.headers["content-type"] == "application/pdf"
    sheets = pypdfium2.PdfDocument(io.BytesIO(first.content))
    assert [tuple(round(side * 25.4 / 72, 1) for side in page.get_size()) for page in sheets] == [(70.0, 35.0)] * 2
    words = [" ".join(page.get_textpage().get_text_range().replace("\xa0", " ").split()) for page in sheets]
    for text, batch, quantity, part in (
        (words[0], "SOON", "12 capsules", "1/2"),
        (words[1], "LATE", "9 capsules", "2/2"),
    ):
        for said in (
            batch, quantity, part, record.number, "Harbour Pharmacy", "14 Wharf Street", "+61 2 5550 1240",
            "QUILL, Mara", "Dr Ada Okafor", "20 Nov 2026", "2 repeats left", "KEEP OUT OF REACH OF CHILDREN",
            "Take 1 capsule", "until the course is finished",
        ):  # fmt: skip
            assert said in text, (said, text)
        assert "DUPLICATE" not in text
    symbol = zxingcpp.read_barcode(sheets[0].render(scale=300 / 72).to_pil())
    assert symbol is not None and symbol.text == record.number
    again = pypdfium2.PdfDocument(io.BytesIO((await browser.get(f"/api/v1/dispensing/{record.id}/labels")).content))
    assert all("DUPLICATE" in page.get_textpage().get_text_range() for page in again)


@pytest.mark.parametrize(("language", "said"), [("es", "cápsula"), ("vi", "viên")])
async def test_a_label_speaks_the_patients_language_and_english(
    pharmacy: Pharmacy, ben: Context, client: Open, language: str, said: str
) -> None:
    pharmacy.mara.language = language
    await finish(pharmacy.ada)
    record = await ready(pharmacy)
    await dispensing.dispense(ben, record.id, SupplyDraft())
    answer = await (await client("ben")).get(f"/api/v1/dispensing/{record.id}/labels")
    sheets = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    text = " ".join(page.get_textpage().get_text_range().replace("\xa0", " ") for page in sheets)
    assert said in text and "Take 1 capsule" in " ".join(text.split())


async def test_a_medicine_without_a_price_is_pointed_out(pharmacy: Pharmacy, ben: Context) -> None:
    product = await pharmacy.stocked(CEFALEXIN, ("A", 100, 300))
    record = await pharmacy.queued({"product_id": product.id, "directions": "1 cap tds", "quantity": Decimal(21)})
    assert "price" not in [check.key for check in (await dispensing.desk(ben, record.id)).checks]
    (await ben.get(Product, product.id, lock=True)).price = Decimal(0)
    await finish(ben)
    checks = (await dispensing.desk(ben, record.id)).checks
    assert [check.title for check in checks if check.key == "price"] == ["cefalexin 500 mg capsule has no price"]


async def test_large_print_and_names_of_any_script_keep_to_the_label(
    pharmacy: Pharmacy, ben: Context, client: Open
) -> None:
    pharmacy.mara.label_large, pharmacy.mara.given = True, 'Mára #sys.inputs "李" [*_'
    await finish(pharmacy.ada)
    record = await ready(pharmacy)
    await dispensing.dispense(ben, record.id, SupplyDraft())
    answer = await (await client("ben")).get(f"/api/v1/dispensing/{record.id}/labels")
    sheets = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    assert len(sheets) == 2  # how to take it, and everything else
    text = sheets[0].get_textpage().get_text_range()
    assert "#sys.inputs" in text and "Take" in text


async def test_patients_see_their_own_and_nothing_of_the_queue(
    pharmacy: Pharmacy, ben: Context, ada: Context, tom: patients.Patient
) -> None:
    record = await ready(pharmacy)
    await dispensing.dispense(ben, record.id, SupplyDraft())
    await dispensing.hand_over(
        ben, record.id, CollectionDraft(collected_by=CollectedBy.PATIENT, counselling=Counselling.GIVEN)
    )
    from galen.core.actor import Actor
    from galen.identity import permissions_of

    seen = []
    for person in (pharmacy.mara, tom):
        ada.actor = Actor(person.id, person.name, "patient", permissions_of(["patient"]), ("patient",), person.id)
        ada.db.expunge_all()
        seen.append([entry.title for entry in await dispensing.service.story(ada, person.id)])
        assert not ada.actor.may("dispensing.read")
    assert seen == [["Dispensed cefaLEXin 500 mg capsule"], []]


async def test_the_receptionist_and_the_doctor_do_not_dispense(pharmacy: Pharmacy, client: Open) -> None:
    record = await ready(pharmacy)
    for name in ("ruth", "ada", "nora", "max"):
        someone = await client(name)
        assert (await someone.get("/api/v1/dispensing")).status_code == 403, name
        assert (await someone.post(f"/api/v1/dispensing/{record.id}/supply", json={})).status_code == 403, name
    assert await pharmacy.movements(record) == []


async def test_an_administrator_says_how_the_organisation_dispenses(client: Open) -> None:
    iris = await client("iris", page=True)
    form = {"two_persons_always": "true", "refill_at": "0.75", "refill_controlled_at": "0.9"}
    for said in (form, {**form, "two_persons_always": ""}):
        answer = await iris.put("/dispensing/policy", data=said)
        assert answer.status_code == 200, answer.text
    kept = (await (await client("ben")).get("/api/v1/dispensing/policy")).json()
    assert (kept["two_persons_always"], kept["refill_at"], kept["refill_controlled_at"]) == (False, "0.75", "0.9")
    refused = await (await client("ben")).put("/api/v1/dispensing/policy", json={})
    assert refused.status_code == 403


async def test_a_colleague_s_work_is_taken_over_by_a_button_and_the_log_says_so(
    pharmacy: Pharmacy, ben: Context, client: Open
) -> None:
    record = await ready(pharmacy)
    desk = f"/dispensing/{record.id}"
    browser = await client("kim", page=True)
    page = (await browser.get(desk)).text
    assert "Ben Adeyemi is working on this since" in page and "Take over</button>" in page
    refused = await browser.post(f"{desk}/supply", data={}, headers={"hx-request": "true"})
    assert (refused.status_code, "Take it over only after speaking to them." in refused.text) == (409, True)
    assert (await browser.post(f"{desk}/claim", data={"over": "true"})).status_code == 303
    assert "Take over</button>" not in (await browser.get(desk)).text
    row = await ben.db.scalar(
        select(AuditEntry)
        .where(AuditEntry.subject_id == record.id, AuditEntry.verb == "dispensing.take")
        .order_by(AuditEntry.seq.desc())
        .limit(1)
        .execution_options(bypass_visibility=True)
    )
    assert row is not None
    assert (row.actor_name, row.changes["taken_name"]) == ("Kim Sørensen", ["Ben Adeyemi", "Kim Sørensen"])
