"""Price lists and reference files into the catalogue: exact, shown first, harmless when run twice, own values kept."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from galen.core.audit import AuditEntry
from galen.core.errors import Invalid
from galen.core.finish import finish
from galen.medicines import MedicineChange, Product, change_medicine, find_medicines, of_code, open_medicine
from galen.medicines.importing import Listing, answer, import_file, preview_file, source_of

HERE = Path(__file__).parents[1] / "data" / "medicines"
SHARED = Path(__file__).parents[3] / "shared" / "data"
beside = pytest.mark.skipif(not SHARED.is_dir(), reason="the large samples are not beside this checkout")
ACME = source_of("prices", "Acme")
LIST = """SKU,Product,Active ingredient,Strength,Form,Pack,Schedule,Wholesale,RRP,GTIN
A1,Zonk,zonkamab,5 mg,tablet,30 tablets,S4,10.00,15.50,
A2,Zonk,zonkamab,10 mg,tablet,30 tablets,S4,18.00,27.25,9300673846785
A3,,,,,,,,,
A4,Bonk,bonkamide,1 mg,capsule,lots,S4,abc,9.00,
"""


async def run(ctx, text=LIST, source=ACME, **more):
    done = await import_file(ctx, source, "list.csv", text.encode(), **more)
    await finish(ctx)
    return done


async def product(ctx, key, source="supplier: Acme"):
    found = await ctx.db.scalar(select(Listing).where(Listing.source == source, Listing.key == key))
    return await open_medicine(ctx, found.product_id)


async def test_a_preview_changes_nothing_and_tells_what_would(system):
    before = await system.db.scalar(select(func.count()).select_from(Product))
    preview = await preview_file(system, ACME, "list.csv", LIST.encode())
    assert preview.counts == {"read": 4, "created": 2, "updated": 0, "unchanged": 0, "kept": 0, "refused": 2}
    assert await system.db.scalar(select(func.count()).select_from(Product)) == before


async def test_a_broken_row_is_named_with_its_column_and_stops_no_other(system):
    told = answer(await run(system))
    assert [told[name] for name in ("created", "refused")] == [2, 2]
    assert [(e["row"], e["column"]) for e in told["errors"]] == [(4, ""), (5, "Wholesale")]


async def test_what_the_file_says_is_exactly_what_the_catalogue_has(system):
    await run(system)
    medicine = await product(system, "A2")
    assert medicine.label == "zonkamab 10 mg tablet (Zonk)"
    assert (medicine.price, medicine.pack_size, medicine.unit) == (Decimal("27.25"), 30, "tablet")
    assert (medicine.schedule_au, medicine.prescription_only, medicine.codes) == ("S4", True, ["9300673846785"])
    assert medicine.source == "supplier: Acme: A2"
    assert (await of_code(system, "9300673846785")).id == medicine.id
    assert medicine.id in {found.id for found in await find_medicines(system, "zonk 10 mg")}
    listing = await system.db.scalar(select(Listing).where(Listing.product_id == medicine.id))
    assert (listing.cost, listing.retail, listing.code) == (Decimal("18.00"), Decimal("27.25"), "A2")


async def test_new_medicines_leave_the_audit_rows_that_single_ones_would(system):
    await run(system)
    medicine = await product(system, "A1")
    rows = list(await system.db.scalars(select(AuditEntry).where(AuditEntry.subject_id == medicine.id)))
    assert [(row.action, row.subject) for row in rows] == [("created", "product")]
    assert rows[0].changes["price"] == [None, "15.5000"]


async def test_the_second_run_changes_nothing(system):
    await run(system)
    again = await run(system)
    assert again.counts == {"read": 4, "created": 0, "updated": 0, "unchanged": 2, "kept": 0, "refused": 2}


async def test_a_new_price_is_shown_from_old_to_new_and_taken(system):
    await run(system)
    done = await run(system, LIST.replace("27.25", "29.95"))
    (changed,) = [v for v in done.verdicts if v.outcome == "updated"]
    assert [c.as_json() for c in changed.changes if c.field == "price"] == [
        {"field": "price", "old": "27.25", "new": "29.95"}
    ]
    assert (await product(system, "A2")).price == Decimal("29.95")


async def test_the_organisations_own_price_stays_until_it_is_given_up(system):
    await run(system)
    mine = await product(system, "A2")
    await change_medicine(system, mine.id, MedicineChange(price=Decimal("26.00")))
    dearer = LIST.replace("27.25", "29.95")
    done = await run(system, dearer)
    (kept,) = [v for v in done.verdicts if any(c.kept for c in v.changes)]
    assert (kept.line.key, [c.field for c in kept.changes if c.kept]) == ("A2", ["price"])
    assert (await product(system, "A2")).price == Decimal("26.00")
    assert (await run(system, dearer)).counts["kept"] == 1
    await run(system, dearer, accept=True)
    assert (await product(system, "A2")).price == Decimal("29.95")


async def test_a_medicine_that_is_here_already_is_met_by_its_barcode_and_keeps_its_own_price(system):
    await run(system)
    other = "Code,Description,EAN,Cost,RRP\nX9,Zonk 10 tabs,9300673846785,17.10,99.00\n"
    done = await run(system, other, source_of("prices", "Other"))
    assert [v.outcome for v in done.verdicts] == ["kept"]
    assert (await product(system, "X9", "supplier: Other")).price == Decimal("27.25")


async def test_a_column_that_was_guessed_wrong_is_named(system):
    odd = "Thing,Foo,Bar,Content\nZonk 5 mg,7.00,9.00,30 tablets\n"
    source = source_of("prices", "Odd", {"Thing": "brand", "Foo": "cost", "Bar": "price"})
    done = await run(system, odd, source)
    assert done.counts["created"] == 1
    with pytest.raises(Invalid, match="There is no column “Fooo”"):
        await run(system, odd, source_of("prices", "Odd", {"Fooo": "cost"}))
    with pytest.raises(Invalid, match="There is no field “prise”"):
        await run(system, odd, source_of("prices", "Odd", {"Foo": "prise"}))


def unit_word(word):
    return {"caps": "capsule", "wafers": "wafer"}.get(word, word)


@pytest.mark.parametrize("name", ["arbour_style0", "cedar_style2"])
async def test_cannabis_lists_are_read_exactly(system, name):
    done = await import_file(system, source_of("prices", "alma"), f"{name}.xlsx", (HERE / f"{name}.xlsx").read_bytes())
    expected = json.loads((HERE / f"{name}.expected.json").read_text(), parse_float=Decimal)
    assert done.source == "supplier: Alma"
    assert done.counts["created"] == len(done.verdicts) == len(expected)
    for verdict, want in zip(done.verdicts, expected, strict=True):
        line = verdict.line
        got = await product(system, line.key, "supplier: Alma")
        assert (got.brand, got.form, got.pack_size) == (want["brand"], want["form"].lower(), want["size"])
        assert (got.unit, got.schedule_au) == (unit_word(want["size_unit"]), f"S{want['schedule']}")
        assert line.listing["cost"] == want["wholesale_ex_gst"]
        if "retail" in line.listing:
            assert got.price == want["rrp"]
        for part in ("thc", "cbd"):
            said = line.listing[part]
            if want.get(f"{part}_lt1"):
                assert said["below"] is True
            else:
                assert (said["mg"], said["per"]) == (want[f"{part}_mg_per_unit"], want["per"])


async def test_the_south_african_list_joins_combinations_and_reads_its_columns(system):
    done = await import_file(system, source_of("prices", "SEP"), "za.csv", (HERE / "za_sep_head.csv").read_bytes())
    medicine = await product(system, "703312001", "supplier: SEP")
    assert medicine.name == "lidocaine 20 mg/mL + adrenaline 0.0125 mg/mL injection"
    assert (medicine.price, medicine.pack_size) == (Decimal("230.5085"), 50)
    listing = await system.db.scalar(select(Listing).where(Listing.product_id == medicine.id))
    assert (listing.cost, listing.told["since"], listing.told["schedule"]) == (Decimal("173.7158"), "2016-11-28", "S4")
    assert done.counts["refused"] == 0
    assert done.contents.rows == 58 and done.counts["read"] < 58


async def test_the_orange_book_brings_its_equivalence_codes(system):
    source = source_of("orange-book")
    done = await import_file(system, source, "products.txt", (HERE / "orange_book.txt").read_bytes())
    assert done.counts == {"read": 40, "created": 40, "updated": 0, "unchanged": 0, "kept": 0, "refused": 0}
    medicine = await product(system, "N205613-001", "orange-book")
    assert (medicine.label, medicine.te_code, medicine.route) == ("budesonide 2 mg/dose foam (Uceris)", "AB", "rectal")
    again = await import_file(system, source, "products.txt", (HERE / "orange_book.txt").read_bytes())
    assert again.counts["unchanged"] == 40
    with pytest.raises(Invalid, match="it lacks ingredient"):
        await import_file(system, source, "list.csv", LIST.encode())


async def test_openfda_packages_carry_ndc_barcode_and_rxnorm(system):
    done = await import_file(system, source_of("openfda"), "ndc.json", (HERE / "openfda_ndc.json").read_bytes())
    assert done.counts["created"] == 1
    medicine = await product(system, "68682-0065-10", "openfda")
    assert (medicine.name, medicine.pack_size, medicine.rxcui) == ("methoxsalen 10 mg capsule", 50, "1812434")
    assert (medicine.ndc, medicine.codes) == ("68682-0065-10", ["0368682065107"])
    with pytest.raises(Invalid, match="no JSON"):
        await import_file(system, source_of("openfda"), "x.json", b"{")


async def test_pbs_items_of_several_programmes_are_one_medicine_with_its_codes(system):
    rows = (
        "drug_name,li_form,brand_name,program_code,pbs_code,manner_of_administration,pack_size,determined_price,manufacturer_code\n"
        "zonkamab,Tablet 5 mg,Zonk,GE,8254K,ORAL,28,12.34,XX\n"
        "zonkamab,Tablet 5 mg,Zonk,R1,1234A,ORAL,28,12.34,XX\n"
        "zonkamab,Tablet 10 mg,Zonk,GE,bad,ORAL,28,20.00,XX\n"
        "zonkamab + bonkamide,Tablet 5 mg-10 mg,Zonkplus,GE,8255L,ORAL,28,15.00,XX\n"
    )
    done = await import_file(system, source_of("pbs"), "items.csv", rows.encode())
    assert (done.counts["created"], done.counts["refused"]) == (2, 1)
    single, _, both = (v.line for v in done.verdicts)
    assert (single.listing["pbs"], single.product["price"], single.product["form"]) == (
        ["8254K", "1234A"], Decimal("12.34"), "tablet",
    )  # fmt: skip
    assert [(p.name, p.strength) for p in both.parts] == [("zonkamab", "5 mg"), ("bonkamide", "10 mg")]


@beside
async def test_the_whole_south_african_list_and_orange_book_are_read(system):
    za = (SHARED / "price_lists" / "za_sep_2016-12-21.xls").read_bytes()
    done = await import_file(system, source_of("prices", "SEP"), "za.xls", za)
    assert (done.contents.rows, done.counts["read"], done.counts["refused"]) == (14816, 9201, 8)
    book = (SHARED / "orange_book" / "products_part1.txt.gz").read_bytes()
    done = await import_file(system, source_of("orange-book"), "products.txt.gz", book)
    assert (done.counts["created"], done.counts["refused"]) == (9440, 0)
