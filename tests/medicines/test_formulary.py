"""What insurance plans say about medicines, and how their lists come in."""

from typing import Any

import pytest
from sqlalchemy import event, select

from galen import medicines
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.medicines.files import rows
from galen.medicines.formulary import formulary, formulary_of, import_formulary
from galen.medicines.formulary_file import table
from galen.medicines.importing.reading import read_sheets
from galen.medicines.models import FormularyEntry
from galen.medicines.schemas import FormularyDraft, FormularyReport

LIST = """plan,medicine,tier,copay,quantity limit,days,prior authorization,note
Silver,Lipitor,1,$5.00,30,30,no,
Silver,Augmentin,2,15,,,,
Silver,adalimumab,4,120.50,2,28,yes,Specialist pharmacy
Gold,acetaminophen,1,0,,,,
"""


async def bring(ctx: Context, text: str, **more: Any) -> FormularyReport:
    return await import_formulary(ctx, FormularyDraft(text=text, **more))


async def counts(ctx: Context, text: str, **more: Any) -> tuple[int, int, int, int, int]:
    said = await bring(ctx, text, **more)
    return said.new, said.changed, said.same, said.gone, len(said.wrong)


async def entries(ctx: Context) -> list[FormularyEntry]:
    return list(await ctx.db.scalars(select(FormularyEntry).order_by(FormularyEntry.plan, FormularyEntry.generic)))


async def test_a_list_is_looked_at_before_it_changes_anything(ben: Context) -> None:
    assert await counts(ben, LIST) == (4, 0, 0, 0, 0)
    assert await entries(ben) == []
    assert await counts(ben, LIST, apply=True) == (4, 0, 0, 0, 0)
    await ben.flush()
    assert [(e.plan, e.generic, e.tier, e.limit, e.prior_authorisation) for e in await entries(ben)] == [
        ("Gold", "paracetamol", 1, "", False),
        ("Silver", "adalimumab", 4, "2 in 28 days", True),
        ("Silver", "amoxicillin + clavulanic acid", 2, "", False),
        ("Silver", "atorvastatin", 1, "30 in 30 days", False),
    ]


async def test_the_same_list_again_changes_nothing_and_a_new_one_only_what_differs(ben: Context) -> None:
    await bring(ben, LIST, apply=True)
    await ben.flush()
    assert await counts(ben, LIST, apply=True) == (0, 0, 4, 0, 0)
    newer = LIST.replace("Augmentin,2,15", "co-amoxiclav,3,25").replace("Gold,acetaminophen,1,0,,,,\n", "")
    assert await counts(ben, newer, apply=True) == (0, 1, 2, 0, 0)
    await ben.flush()
    assert {e.generic: e.tier for e in await entries(ben)}["amoxicillin + clavulanic acid"] == 3


async def test_what_a_whole_list_no_longer_names_leaves_its_plan_alone(ben: Context) -> None:
    await bring(ben, LIST, apply=True)
    await ben.flush()
    shorter = "plan,medicine,tier\nSilver,atorvastatin,1\n"
    assert await counts(ben, shorter, whole=True, apply=True) == (0, 1, 0, 2, 0)
    await ben.flush()
    assert [(e.plan, e.generic) for e in await entries(ben)] == [("Gold", "paracetamol"), ("Silver", "atorvastatin")]


async def test_every_wrong_row_is_named_and_the_others_come_in(ben: Context) -> None:
    text = """plan,medicine,code,tier,copay,days,prior authorisation
Silver,xyzzy,,1,,,
Silver,ibuprofen,,ten,cheap,1.5,maybe
,ibuprofen,,1,,,
Silver,,,2,,,
Silver,,9999999,2,,,
Silver,naproxen,,2,-3,,
Silver,ketorolac,,2,,,
Silver,Toradol,,3,,,
"""
    said = await bring(ben, text, apply=True)
    assert [(w.row, w.column) for w in said.wrong] == [
        (2, "medicine"),
        (3, "tier"),
        (3, "copay"),
        (3, "days"),
        (3, "prior authorisation"),
        (4, "plan"),
        (5, "medicine"),
        (6, "code"),
        (7, "copay"),
        (9, "medicine"),
    ]
    assert (said.new, said.applied) == (1, True)
    assert all(w.says.endswith(".") for w in said.wrong)


@pytest.mark.parametrize("text", ["", "plan,price\nSilver,3\n", "\n\n"])
async def test_a_file_without_its_columns_is_refused_as_a_whole(ben: Context, text: str) -> None:
    with pytest.raises(Invalid):
        await bring(ben, text)


async def test_headings_are_read_in_other_words_and_the_plan_may_stand_above() -> None:
    (sheet,) = await read_sheets("x.csv", b"Drug Name;Tier;Co-Pay;PA\nwarfarin sodium;Tier 1;7,50;Y\n")
    rows = sheet.rows
    (told,) = table(rows, "Bronze")
    assert (told.plan, told.generic, told.tier, str(told.copay), told.prior_authorisation, told.wrong) == (
        "Bronze",
        "warfarin",
        1,
        "7.5",
        True,
        [],
    )


async def test_a_product_of_its_own_goes_before_its_ingredients(ben: Context) -> None:
    (product, *_) = await medicines.find_medicines(ben, "amoxicillin 500 mg capsule")
    (other, *_) = await medicines.find_medicines(ben, "amoxicillin 250 mg capsule")
    code = product.ndc or (await medicines.open_medicine(ben, product.id)).codes[0]
    text = f"medicine,code,tier,copay\namoxicillin,,2,10\n,{code},1,4\n"
    await bring(ben, text, plan="Silver", apply=True)
    await ben.flush()
    assert [(e.plan, e.tier) for e in await formulary_of(ben, product.id)] == [("Silver", 1)]
    assert [e.tier for e in await formulary_of(ben, other.id)] == [2]
    page = await formulary(ben, plan="Silver", q="Amoxil")
    assert page.plans == ["Silver"] and sorted(e.tier for e in page.items) == [1, 2]
    assert (await formulary(ben, plan="Gold")).items == []


async def test_only_keepers_of_the_catalogue_bring_lists_in(ada: Context) -> None:
    with pytest.raises(Forbidden):
        await bring(ada, LIST)


async def test_the_pages_and_the_api(client: Any, ben: Context) -> None:
    browser = await client("ben", page=True)
    assert "No formulary yet" in (await browser.get("/medicines/formulary")).text
    form = (await browser.get("/medicines/formulary/new")).text
    assert 'type="file"' in form
    csrf = form.split('name="csrf" value="')[1].split('"')[0]
    seen = await browser.post(
        "/medicines/formulary",
        data={"csrf": csrf, "plan": ""},
        files={"file": ("plans.csv", LIST.encode(), "text/csv")},
    )
    assert "Bring in 4 rows" in seen.text
    key = seen.text.split('name="idempotency_key" value="')[1].split('"')[0]
    kept = seen.text.split('name="text" value="')[1].split('"')[0].replace("&#34;", '"')
    done = await browser.post(
        "/medicines/formulary", data={"csrf": csrf, "idempotency_key": key, "text": kept, "apply": "true"}
    )
    assert "The list is in" in done.text
    http = await client("ben")
    said = (await http.get("/api/v1/drugs/formulary", params={"plan": "Silver", "q": "humira"})).json()
    assert [(e["medicine"], e["tier"], e["copay"], e["prior_authorisation"]) for e in said["items"]] == [
        ("adalimumab", 4, {"amount": "120.50", "currency": "AUD"}, True)
    ]
    (product, *_) = await medicines.find_medicines(ben, "atorvastatin 20")
    page = (await browser.get(f"/medicines/{product.id}")).text
    assert "Silver" in page and "30 in 30 days" in page
    assert "adalimumab" in (await browser.get("/medicines/formulary?q=Humira")).text


async def test_a_list_of_many_rows_is_refused_before_they_are_understood(ben: Context) -> None:
    many = "plan,medicine,tier\n" + "Silver,ibuprofen,1\n" * 20_001
    with pytest.raises(Invalid, match="more than 20000 rows"):
        await bring(ben, many)
    wide = "plan,medicine,tier" + ",x" * 500_000 + "\nSilver,ibuprofen,1\n"
    with pytest.raises(Invalid, match=r"columns|characters"):
        await bring(ben, wide)


async def test_a_body_that_is_too_large_is_refused_by_its_length(client: Any) -> None:
    page = await client("ben")
    body = {"text": "plan,medicine,tier\n" + "Silver,ibuprofen,1\n" * 420_000}
    for where in ("/api/v1/drugs/formulary", "/api/v1/medicines/formulary"):
        answer = await page.post(where, json=body)
        assert answer.status_code == 413 and "larger than 4 MB" in answer.text


async def test_a_long_list_is_written_in_pieces_between_which_others_are_answered(ben: Context) -> None:
    written: list[int] = []
    session = ben.db.sync_session

    def note(_session: Any, _flush: Any) -> None:
        written.append(len(session.new) + len(session.dirty))

    event.listen(session, "after_flush", note)
    names = list(dict.fromkeys(row["name"] for row in rows("ingredients")))[:900]
    text = "plan,medicine,tier\n" + "".join(f"Long,{name},1\n" for name in names if "," not in name)
    said = await bring(ben, text, apply=True)
    await ben.flush()
    assert said.new == len(await entries(ben)) > 700
    assert max(written) <= 200 and len(written) > 3
