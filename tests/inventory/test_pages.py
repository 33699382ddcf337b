"""Stock through the door: pages without script, and the API."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from galen import inventory, medicines
from galen.core.context import Context
from galen.core.finish import finish
from galen.inventory import BatchDraft, StockLevel
from galen.inventory.jobs import morning_round
from galen.inventory.service import rounds
from galen.medicines import Product
from galen.notifications import Message
from tests.conftest import NOW

D = Decimal
Open = Callable[..., Awaitable[Any]]


@pytest.fixture
async def cetirizine(ben: Context) -> Product:
    part = medicines.PartDraft(name="cetirizine", strength="11 mg")
    draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(30), price=D(8), reorder_level=D(70))
    product: Product = await medicines.add_medicine(ben, draft)
    await inventory.receive(
        ben,
        BatchDraft.model_validate(
            {"product_id": product.id, "number": "C-1", "expires": "2026-12", "packs": 2, "units": 4}
        ),
    )
    await finish(ben)
    return product


async def test_the_list_shows_packs_and_loose_units_and_filters(client: Open, cetirizine: Product) -> None:
    browser = await client("ben", page=True)
    page = (await browser.get("/inventory", params={"q": "cetirizine 11 mg"})).text
    assert "cetirizine" in page
    assert "2 packs + 4 tablets" in page
    assert ">Low</span>" in page
    part = await browser.get(
        "/inventory", params={"q": "no such thing"}, headers={"hx-request": "true", "hx-target": "div#stock"}
    )
    assert "is not kept at Harbour Pharmacy" in part.text
    assert "<html" not in part.text


async def test_a_delivery_is_received_by_form_and_shown_with_the_medicine(client: Open, cetirizine: Product) -> None:
    browser = await client("ben", page=True)
    form = {"product_id": str(cetirizine.id), "number": "C-2", "expires": "06/2027", "packs": "1"}
    answer = await browser.post("/inventory/batches", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/medicines/{cetirizine.id}")
    panel = (await browser.get(f"/medicines/{cetirizine.id}/stock")).text
    assert "C-2" in panel
    assert "30 June 2027" in panel
    assert "3 packs + 4 tablets" in panel


async def test_a_form_without_a_number_says_so_beside_its_field(client: Open, cetirizine: Product) -> None:
    browser = await client("ben", page=True)
    form = {"product_id": str(cetirizine.id), "expires": "June", "packs": "1"}
    answer = await browser.post("/inventory/batches", data=form, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert 'id="error--number"' in answer.text
    assert "The expiry must be a day (2027-06-15) or a month" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/inventory",
        "/inventory/low-stock",
        "/inventory/expiring",
        "/inventory/movements",
        "/inventory/batches/new",
        "/inventory/alerts",
    ],
)
async def test_each_page_opens_for_a_pharmacist(client: Open, cetirizine: Product, path: str) -> None:
    answer = await (await client("ben", page=True)).get(path)
    assert (answer.status_code, "</html>" in answer.text) == (200, True)


async def test_a_count_shows_no_expectation_and_sets_what_was_counted(
    client: Open, ben: Context, cetirizine: Product
) -> None:
    browser = await client("ben", page=True)
    form = (await browser.get(f"/inventory/counts/{cetirizine.id}")).text
    words = re.sub("<[^>]*>", " ", form.split("<main>")[1].split("</main>")[0])
    assert "C-1" in words
    assert "64" not in words
    assert 'value="2"' not in form
    said = {
        "lines.0.level_id": str(await level_of(ben, cetirizine)),
        "lines.0.packs": "2",
        "lines.0.units": "3",
        "reason": "Stock count",
    }
    assert (await browser.post("/inventory/counts", data=said)).headers["location"] == "/inventory/movements?kind=count"
    assert await inventory.on_hand(ben, [cetirizine.id]) == {cetirizine.id: D(63)}


async def test_a_place_left_empty_in_a_count_is_not_taken_for_nothing(
    client: Open, ben: Context, cetirizine: Product
) -> None:
    browser = await client("ben", page=True)
    answer = await browser.post("/inventory/counts", data={"lines.0.level_id": str(await level_of(ben, cetirizine))})
    assert answer.status_code == 422
    assert "Write what was counted, 0 when nothing is there." in answer.text
    assert await inventory.on_hand(ben, [cetirizine.id]) == {cetirizine.id: D(64)}


async def level_of(ctx: Context, product: Product) -> Any:
    return await ctx.db.scalar(select(StockLevel.id).where(StockLevel.product_id == product.id))


async def test_a_batch_page_corrects_and_sets_aside(client: Open, ben: Context, cetirizine: Product) -> None:
    browser, level = await client("ben", page=True), await level_of(ben, cetirizine)
    answer = await browser.post(
        "/inventory/update", data={"level_id": str(level), "quantity": "-4", "reason": "Broken strip"}
    )
    assert answer.headers["location"] == f"/inventory/levels/{level}"
    page = (await browser.get(f"/inventory/levels/{level}")).text
    assert "Broken strip" in page
    assert "2 packs" in page
    assert "Set the whole batch aside" in page


async def test_the_api_answers_under_the_documented_paths(client: Open, ben: Context, cetirizine: Product) -> None:
    api, level = await client("ben"), await level_of(ben, cetirizine)
    stock = (await api.get("/api/v1/inventory/medicines", params={"q": "cetirizine 11 mg"})).json()
    assert [(row["name"], row["usable"], row["level"]) for row in stock["items"]] == [
        ("cetirizine 11 mg tablet", "64", "low")
    ]
    batch = {"product_id": str(cetirizine.id), "number": "C-3", "expires": "2027-09-30", "units": "6"}
    made = await api.post("/api/v1/inventory/batches", json=batch)
    assert (made.status_code, made.json()["expires"]) == (201, "2027-09-30")
    held = await api.patch(
        f"/api/v1/inventory/batches/{made.json()['id']}", json={"status": "quarantined", "reason": "Warm van"}
    )
    assert held.json()["status"] == "quarantined"
    moved = await api.post(
        "/api/v1/inventory/update", json={"level_id": str(level), "quantity": "-1", "reason": "Broken"}
    )
    assert (moved.json()["quantity"], moved.json()["balance"]) == ("-1", "63")
    assert str(cetirizine.id) in {row["product_id"] for row in (await api.get("/api/v1/inventory/low-stock")).json()}
    assert "C-1" in {row["number"] for row in (await api.get("/api/v1/inventory/expiring", params={"days": 60})).json()}
    site = stock["items"][0]["site_id"]
    assert (await api.get(f"/api/v1/inventory/{site}", params={"q": "cetirizine 11 mg"})).json()["items"][0][
        "usable"
    ] == "63"
    kinds = [
        movement["kind"]
        for movement in (
            await api.get("/api/v1/inventory/movements", params={"product_id": str(cetirizine.id)})
        ).json()["items"]
    ]
    assert kinds == ["adjust", "quarantine", "receive", "receive"]
    sheet = await api.get("/api/v1/inventory/movements.csv", params={"product_id": str(cetirizine.id)})
    assert sheet.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(sheet.content.decode("utf-8-sig").splitlines()) == 5


async def test_an_absolute_quantity_without_a_count_is_refused(client: Open, cetirizine: Product) -> None:
    api = await client("ben")
    answer = await api.post("/api/v1/inventory/update", json={"product_id": str(cetirizine.id), "quantity": "64"})
    assert answer.status_code == 422


async def test_the_morning_round_tells_the_pharmacists_once(ben: Context, system: Context, cetirizine: Product) -> None:
    for _ in range(2):
        await morning_round(system)
        await finish(system)
    told = list(
        await ben.db.scalars(select(Message).where(Message.subject == "Stock this morning at Harbour Pharmacy"))
    )
    assert sorted(letter.to for letter in told) == ["ben", "kim"]
    assert all("Low: " in letter.text for letter in told)


async def test_one_message_a_day_names_all_that_is_short(
    ben: Context, system: Context, cetirizine: Product, catch_up: Callable[..., Awaitable[list[str]]]
) -> None:
    """The round names them; what runs low later in the day is put into the same message, with what is left of each."""
    short = await inventory.low_stock(ben)
    assert len(short) > 1
    await morning_round(system)
    await finish(system)
    await catch_up()
    for line in short[:3]:
        for _ in range(2):
            await rounds.tell_of_shortage(system, inventory.StockLow(line.site_id, line.product_id))
            await finish(system)
    (told,) = await ben.db.scalars(select(Message).where(Message.to == "ben"))
    assert told.subject == "Stock this morning at Harbour Pharmacy"
    rows = told.text.split("\n")
    assert rows[0].startswith("Out of stock: ")
    assert all([row.partition(": ")[0] for row in rows].count(line.name) == 1 for line in short)
    assert {row.partition(": ")[0] for row in rows[-min(3, len(short)) :]} == {line.name for line in short[:3]}


async def test_what_ran_low_in_the_night_stands_in_the_message_of_the_morning(
    ben: Context, system: Context, cetirizine: Product
) -> None:
    line, other, *_rest = await inventory.low_stock(ben)
    system.now = NOW - timedelta(hours=5)  # half past six
    await rounds.tell_of_shortage(system, inventory.StockLow(line.site_id, line.product_id))
    await morning_round(system)
    (told,) = await ben.db.scalars(select(Message).where(Message.to == "ben"))
    assert told.text.startswith(f"{line.name}: ") and "\n" not in told.text
    system.now = NOW
    await morning_round(system)
    await finish(system)
    (told,) = await ben.db.scalars(select(Message).where(Message.to == "ben").execution_options(populate_existing=True))
    assert told.text.startswith("Out of stock: ") and told.text.count(f"{line.name}: ") == 1 and other.name in told.text


@pytest.mark.parametrize(("hours", "told"), [(-4, False), (-3.5, True), (0, True), (1, False), (12, False)])
async def test_the_round_is_made_in_the_morning_of_the_place(
    ben: Context, system: Context, hours: float, told: bool
) -> None:
    """Half past eleven at the pharmacy is the moment of the test world."""
    system.now = NOW + timedelta(hours=hours)
    await morning_round(system)
    await finish(system)
    assert bool(list(await ben.db.scalars(select(Message).where(Message.to == "ben")))) is told


async def test_the_message_names_the_batches_that_end_once_a_day(
    ben: Context, system: Context, cetirizine: Product
) -> None:
    batch = {"product_id": cetirizine.id, "number": "E-77", "expires": "2026-12-01", "packs": 1}
    await inventory.receive(ben, BatchDraft.model_validate(batch))
    await finish(ben)
    await morning_round(system)
    await finish(system)
    (told,) = await ben.db.scalars(select(Message).where(Message.to == "ben"))
    assert ", batch E-77 ends on 2026-12-01, " in told.text
    system.now = NOW + timedelta(days=1)
    await morning_round(system)
    await finish(system)
    assert len(list(await ben.db.scalars(select(Message).where(Message.to == "ben")))) == 2


@pytest.mark.parametrize(
    ("expires", "said"),
    [("2026-11-20", "today"), ("2026-11-21", "in 1 day"), ("2026-12", "in 41 days")],
)
async def test_a_batch_that_ends_soon_says_when(ben: Context, expires: str, said: str) -> None:
    part = medicines.PartDraft(name="cetirizine", strength="12 mg")
    draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(30), price=D(8))
    product = await medicines.add_medicine(ben, draft)
    batch = {"product_id": product.id, "number": "E-1", "expires": expires, "packs": 1}
    await inventory.receive(ben, BatchDraft.model_validate(batch))
    await finish(ben)
    (line,) = [line for line in await inventory.expiring(ben, 60) if line.product_id == product.id]
    assert line.ends == said
