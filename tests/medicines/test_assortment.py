"""An organisation that began without medicines loads the assortment of its country from the empty page."""

from sqlalchemy import text


async def test_the_empty_page_offers_the_assortment_to_those_who_may_load_it(client, database):
    await database.one.execute(text("UPDATE product SET archived_at = now()"))
    for name, offered in (("iris", True), ("ada", False)):
        page = await (await client(name, page=True)).get("/medicines")
        assert ("Load the assortment" in page.text) is offered


async def test_what_is_missing_is_loaded_and_nobody_else_may(client, database, system):
    gone = "DELETE FROM barcode WHERE code = (SELECT min(code) FROM barcode) RETURNING product_id"
    product = (await database.one.execute(text(gone))).scalar()
    await database.one.execute(text("UPDATE product SET source = NULL WHERE id = :id"), {"id": product})
    count = "SELECT count(*) FROM product"
    before = (await database.one.execute(text(count))).scalar()
    assert (await (await client("ada")).post("/api/v1/medicines/assortment")).status_code == 403
    answer = await (await client("iris")).post("/api/v1/medicines/assortment")
    assert answer.status_code == 200, answer.text
    assert (await database.one.execute(text(count))).scalar() == before + 1
