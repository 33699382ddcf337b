"""The import page: upload, look, correct, apply; the catalogue changes only at the end, all or nothing."""

from sqlalchemy import func, select

from galen import i18n
from galen.medicines import MedicineChange, Product, change_medicine
from galen.medicines.importing import CatalogueImport, Listing
from galen.medicines.importing.models import ImportedLine, ImportFile
from galen.medicines.importing.schemas import RemarkView
from tests.medicines.test_import_files import LIST


async def uploaded(page, text=LIST, name="list.csv", **fields):
    form = {"kind": "prices", "supplier": "Acme"} | fields
    return await page.post("/medicines/imports", data=form, files={"file": (name, text.encode())})


async def number(ctx, model):
    return await ctx.db.scalar(select(func.count()).select_from(model))


async def test_a_pharmacist_reads_looks_and_applies(ben, client):
    page, before = await client("ben", page=True), await number(ben, Product)
    answer = await uploaded(page)
    assert answer.status_code == 303
    where = answer.headers["location"]
    seen = (await page.get(where)).text
    assert "New 2" in seen and "Refused 2" in seen and "is no price" in seen
    assert "zonkamab 10\u00a0mg tablet (Zonk)" in (await page.get(where + "?show=created")).text
    assert await number(ben, Product) == before
    applied = await page.post(where + "/application")
    assert applied.status_code == 303
    assert "Applied" in (await page.get(where)).text
    assert (await number(ben, Product), await number(ben, ImportFile)) == (before + 2, 0)
    assert (await page.post(where + "/application")).status_code == 409


async def test_a_cannabis_list_is_shown_with_its_packs_and_contents(client):
    page = await client("ben", page=True)
    text = "Product,Form,THC,CBD,Pack Size,Wholesale\nGully T25,Capsule,25 mg/unit,<1 mg/unit,30 caps,135.06\n"
    seen = await page.get((await uploaded(page, text)).headers["location"])
    assert seen.status_code == 200
    assert "30 capsules, " in seen.text and "25\u00a0mg/unit" in seen.text and "less than" in seen.text


async def test_a_receptionist_does_not_import(ben, client):
    page = await client("ruth", page=True)
    assert (await page.get("/medicines/imports")).status_code == 403
    assert (await uploaded(page)).status_code == 403
    assert await number(ben, CatalogueImport) == 0


async def test_an_unreadable_file_is_refused_beside_its_field_and_leaves_nothing(ben, client):
    page = await client("ben", page=True)
    answer = await uploaded(page, "", "empty.xls")
    assert answer.status_code == 422 and "empty.xls is empty" in answer.text
    assert await number(ben, CatalogueImport) == 0
    nobody = await uploaded(page, supplier="")
    assert nobody.status_code == 422 and "Name the supplier" in nobody.text


async def test_columns_are_corrected_and_the_file_is_read_again(client):
    page, http = await client("ben", page=True), await client("ben")
    odd = "Thing,Foo,Bar,Content\nZonk 5 mg,7.00,9.00,30 tablets\n"
    where = (await uploaded(page, odd.replace("Thing", "Product"))).headers["location"]
    first = (await http.get("/api/v1" + where)).json()
    assert [(c["header"], c["field"]) for c in first["columns"]] == [
        ("Product", "brand"), ("Foo", ""), ("Bar", ""), ("Content", "pack_size"),
    ]  # fmt: skip
    assert first["counts"]["refused"] == 1
    columns = [{"header": "Foo", "field": "cost"}, {"header": "Bar", "field": "price"}]
    again = await http.put(f"/api/v1{where}/columns", json={"columns": columns})
    assert again.json()["counts"]["created"] == 1
    assert {c["header"]: c["why"] for c in again.json()["columns"]}["Foo"] == "said"


async def test_an_own_value_stays_unless_the_files_is_taken(ben, client):
    page, http = await client("ben", page=True), await client("ben")
    where = (await uploaded(page)).headers["location"]
    await page.post(where + "/application")
    listing = await ben.db.scalar(select(Listing).where(Listing.key == "A2"))
    await change_medicine(ben, listing.product_id, MedicineChange(price="26.00"))
    where = (await uploaded(page, LIST.replace("27.25", "29.95").replace("18.00", "18.00"))).headers["location"]
    shown = (await http.get(f"/api/v1{where}?show=kept")).json()
    told = shown["counts"]["kept"] + shown["counts"]["updated"]
    assert told == 1
    outcome = "kept" if shown["counts"]["kept"] else "updated"
    (line,) = (await http.get(f"/api/v1{where}?show={outcome}")).json()["lines"]["items"]
    assert [c for c in line["changes"] if c["field"] == "price"] == [
        {"field": "price", "old": "26", "new": "29.95", "kept": True}
    ]
    taken = await http.post(f"/api/v1{where}/lines/{line['id']}/acceptance")
    assert taken.json()["accepted"] == 1
    assert (await http.post(f"/api/v1{where}/application")).status_code == 200
    price = await ben.db.scalar(select(Product.price).where(Product.id == listing.product_id))
    assert str(price) == "29.9500"


async def test_a_discarded_import_changes_nothing(ben, client):
    page, before = await client("ben", page=True), await number(ben, Product)
    where = (await uploaded(page)).headers["location"]
    assert (await page.delete(where)).status_code == 303
    assert (await number(ben, Product), await number(ben, ImportFile)) == (before, 0)
    assert "Discarded" in (await page.get(where)).text


async def test_a_large_file_is_read_and_applied_behind_the_page(ben, client, catch_up):
    page, before = await client("ben", page=True), await number(ben, Product)
    rows = [f"B{n},Zonk {n},zonkamab,{n} mg,tablet,30 tablets,S4,10.00,15.50,{'x' * 40}" for n in range(1, 2500)]
    text = LIST.splitlines()[0].replace("GTIN", "Notes") + "\n" + "\n".join(rows) + "\n"
    where = (await uploaded(page, text)).headers["location"]
    assert "is being read" in (await page.get(where)).text
    await catch_up()
    assert "New 2499" in (await page.get(where)).text
    await page.post(where + "/application")
    assert "being changed" in (await page.get(where)).text
    await catch_up()
    assert "Applied" in (await page.get(where)).text
    assert await number(ben, Product) == before + 2499


async def test_a_large_file_that_is_no_list_says_so_and_changes_nothing(client, catch_up):
    page = await client("ben", page=True)
    where = (await uploaded(page, "word " * 40_000, "letter.txt")).headers["location"]
    await catch_up()
    assert "holds no medicine that could be read" in (await page.get(where)).text


class German(i18n.Language):
    """A language that knows one sentence."""

    def text(self, message, context=""):
        english = "“%(text)s” is no price. Write an amount, such as 12.50."
        return "Ein Betrag, nicht „%(text)s“." if message == english else message


async def test_what_is_wrong_is_kept_as_a_message_and_said_in_the_readers_language(ben, client):
    page = await client("ben", page=True)
    where = (await uploaded(page)).headers["location"]
    refused = select(ImportedLine).where(ImportedLine.outcome == "refused").order_by(ImportedLine.place)
    kept = next(
        remark
        for line in await ben.db.scalars(refused)
        for remark in line.remarks
        if "is no price" in remark["message"]
    )
    assert set(kept) == {"sheet", "row", "column", "message", "values"}
    assert kept["values"]["text"] not in kept["message"]
    assert (
        RemarkView.model_validate(kept).says
        == f"“{kept['values']['text']}” is no price. Write an amount, such as 12.50."
    )
    with i18n.speaking(German("en", "AU")):
        assert RemarkView.model_validate(kept).says == f"Ein Betrag, nicht „{kept['values']['text']}“."
    (line,) = (await (await client("ben")).get(f"/api/v1{where}?show=refused")).json()["lines"]["items"][:1]
    assert line["remarks"][0]["says"].endswith(".") and "message" not in line["remarks"][0]


def test_a_remark_of_an_import_from_before_is_still_read():
    before = {"row": 3, "column": "RRP", "says": "“dear” is no price. Write an amount, such as 12.50."}
    assert RemarkView.model_validate(before).words == "RRP: “dear” is no price. Write an amount, such as 12.50."
