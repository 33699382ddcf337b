"""A line is matched to the catalogue before it is new: exact is linked, near is asked, the rest is new."""

import pytest
from sqlalchemy import select

from galen.core.finish import finish
from galen.medicines import MedicineDraft, PartDraft, Product, add_medicine
from galen.medicines.importing import Listing, import_file, source_of
from tests.medicines.test_import_page import uploaded

ACME = source_of("prices", "Acme")
HEAD = "Product,Pack size,Price\n"


async def made(ctx, brand="", strength="250 mg", form="tablet", pack=28, unit="tablet"):
    draft = MedicineDraft(
        ingredients=[PartDraft(name="etodolac", strength=strength)],
        brand=brand, form=form, pack_size=pack, unit=unit, price="9.00",
    )  # fmt: skip
    product = await add_medicine(ctx, draft)
    await ctx.flush()
    return product


async def outcome(ctx, line):
    done = await import_file(ctx, ACME, "list.csv", (HEAD + line + "\n").encode())
    await finish(ctx)
    return done.verdicts[0]


@pytest.mark.parametrize(
    "line",
    [
        "Etodolac 250mg tabs 28's,,8.75",
        "Etodolac Tablets BP 250 mg,28,8.75",
        "Tab Etodolac 0.25 g,2 x 14,8.75",
        "ETODOLAC 250 MG TABLETS (28),,8.75",
    ],
)
async def test_the_same_medicine_in_other_words_is_linked(system, line):
    known = await made(system, pack=28)
    found = await outcome(system, line)
    assert found.product is not None and found.product.id == known.id
    assert await system.db.scalar(select(Listing.product_id).where(Listing.source == "supplier: Acme")) == known.id


@pytest.mark.parametrize(
    "line, candidate",
    [
        ("Etodolac 250mg tabs 28's,,8.75", {"brand": "Lodine"}),
        ("Lodine 250mg caps 28's,,8.75", {"brand": "Lodine"}),
        ("Etodolac EC 250mg tabs 28's,,8.75", {"form": "tablet"}),
    ],
)
async def test_what_is_near_is_asked_and_not_taken(system, line, candidate):
    known = await made(system, **candidate)
    before = len(list(await system.db.scalars(select(Product.id))))
    found = await outcome(system, line)
    assert (found.outcome, [one.id for one in found.candidates]) == ("asked", [known.id])
    assert "Say whether it is" in found.line.remarks[-1].says
    assert len(list(await system.db.scalars(select(Product.id)))) == before


@pytest.mark.parametrize(
    "line", ["Etodolac 275mg tabs 28's,,8.75", "Etodolac 250mg tabs 56's,,8.75", "Etodolac 125mg/5ml syrup 100ml,,8.75"]
)
async def test_another_strength_pack_or_form_is_new(system, line):
    await made(system)
    assert (await outcome(system, line)).outcome == "created"


async def asked(ben, client):
    known = await made(ben, brand="Lodine")
    page, http = await client("ben", page=True), await client("ben")
    where = (await uploaded(page, HEAD + "Etodolac 250mg tabs 28's,,8.75\n")).headers["location"]
    seen = (await page.get(where)).text
    assert "Questions 1" in seen and "It is etodolac" in seen and "It is new" in seen
    (line,) = (await http.get("/api/v1" + where)).json()["lines"]["items"]
    return known, page, http, where, line


async def test_a_question_is_answered_on_the_page_and_the_medicine_linked(ben, client):
    known, page, http, where, line = await asked(ben, client)
    stranger = await made(ben, pack=7)
    wrong = await http.put(f"/api/v1{where}/lines/{line['id']}/medicine/{stranger.id}")
    assert wrong.status_code == 422 and "Choose one of the medicines" in wrong.text
    answer = await page.put(f"{where}/lines/{line['id']}/medicine/{known.id}")
    assert answer.status_code == 200 and "It is etodolac" in answer.text
    assert (await http.post(f"/api/v1{where}/application")).status_code == 200
    assert await ben.db.scalar(select(Listing.product_id).where(Listing.source == "supplier: Acme")) == known.id


async def test_a_question_answered_with_new_makes_a_medicine(ben, client):
    known, _, http, where, line = await asked(ben, client)
    assert (await http.delete(f"/api/v1{where}/lines/{line['id']}/medicine")).status_code == 200
    await http.post(f"/api/v1{where}/application")
    linked = await ben.db.scalar(select(Listing.product_id).where(Listing.source == "supplier: Acme"))
    assert linked is not None and linked != known.id


async def test_a_question_without_an_answer_is_left_out(ben, client):
    _, page, http, where, line = await asked(ben, client)
    await http.post(f"/api/v1{where}/application")
    assert await ben.db.scalar(select(Listing.id).where(Listing.source == "supplier: Acme")) is None
    assert "Not answered: it is left out." in (await page.get(where)).text
    assert (await http.delete(f"/api/v1{where}/lines/{line['id']}/medicine")).status_code in (404, 409)
