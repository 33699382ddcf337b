"""Notices held against what was ever in stock: what is proposed, what is unsure, what could not be read."""

import csv
import html
import io

import pytest

from galen import recalls
from galen.core.errors import Invalid
from galen.inventory import LOT_KEY
from galen.recalls import NoticesDraft, RecallClass
from galen.recalls.rules import is_written_alike, lot_key, lots_in, names_medicine, percent

COLUMNS = ["Product ID", "Event Classification", "Recalling Firm Name", "Product Description", "Reason for Recall"]


def sheet(*rows: tuple[str, str, str, str, str]) -> NoticesDraft:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return NoticesDraft(text=text.getvalue())


async def test_a_file_of_notices_is_held_against_every_batch(story, ben):
    product, other = await story.product(), await story.product("amoxicillin 500")
    await story.shelved(product, "AB-1001")
    await story.shelved(other, "QX7733")
    name = product.generic.title()
    read = await recalls.propose(
        ben,
        sheet(
            ("7", "Class I", "Acme", f"{name} Capsules, 500 mg, Rx only", "Glass particles in lots AB1001, ZZ9123."),
            ("8", "Class III", "Acme", "Warfarin Sodium Tablets, 5 mg", "Wrong label. Lot #: QX7733"),
            ("9", "", "Other", "Shampoo, 200 mL", "Lot number: NN4567"),
        ),
    )
    first, second, third = read
    assert (first.notice_number, first.source, first.recall_class) == ("7", "Acme", RecallClass.ONE)
    assert first.lots == ["AB1001", "ZZ9123"]
    assert first.products == [product.id]
    assert first.batches == [f"Batch AB-1001 of {product.label}: the lot is written in another way"]
    assert second.batches == [f"Batch QX7733 of {other.label}: the lot fits, the medicine is not named so"]
    assert second.products == []
    assert (third.ours, third.recall_class) == (False, RecallClass.NOT_SAID)
    assert (await recalls.service.recalls(ben)).items == []


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Lots AB1001 through AB1009 are recalled.", "AB1001 – AB1009"),
        ("Lot numbers: AB1001, EXP 13/2029", "13/2029"),
    ],
)
async def test_what_was_not_read_is_kept_and_shown(story, ben, text, doubt):
    product = await story.product()
    (notice,) = await recalls.propose(ben, NoticesDraft(text=f"{product.label}\n{text}"))
    assert any(doubt in unread for unread in notice.unread), notice.unread
    recall = await story.opened(product, *(notice.lots or ["AB1001"]), unread=notice.unread, by_text=True)
    assert recall.unread == notice.unread


async def test_all_lots_of_a_medicine_propose_each_of_its_batches_and_block_none(story, ben):
    product = await story.product()
    for number in ("AB-1", "CD-2"):
        await story.shelved(product, number)
    (notice,) = await recalls.propose(ben, NoticesDraft(text=f"{product.label}: all lots within expiry are recalled."))
    assert (notice.whole, notice.products) == (True, [product.id])
    recall = await story.opened(product, whole=True, by_text=True)
    assert [match.answer.value for match in await recalls.matches(ben, recall.id)] == ["open", "open"]


async def test_a_lot_of_another_medicine_is_proposed_from_a_text_and_says_why_it_is_unsure(story, ben):
    product, other = await story.product(), await story.product("amoxicillin 500")
    await story.shelved(other, "AB-1")
    recall = await story.opened(product, "AB-1", by_text=True)
    (match,) = await recalls.matches(ben, recall.id)
    assert match.undecided
    assert match.fits == ["The lot is the same."]
    assert "another maker" in match.unsure[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (",".join(COLUMNS) + "\n", "no notice in it"),
        (",".join(COLUMNS) + "\n" + "1,,,x,y\n" * 201, "more than 200"),
    ],
)
async def test_a_file_that_cannot_be_taken_says_why(ben, text, problem):
    with pytest.raises(Invalid, match=problem):
        await recalls.propose(ben, NoticesDraft(text=text))


async def test_of_several_notices_each_is_opened_by_itself(story, client):
    product = await story.product()
    await story.shelved(product, "AB-1001")
    rows = [("7", "Class I", "Acme", f"{product.label}, Rx only", "Glass in lots AB1001."), ("8", "", "B", "Soap", "x")]
    ben = await client("ben", page=True)
    several = await ben.post("/recalls/notices", data={"text": sheet(*rows).text})
    assert "2 notices read." in several.text
    assert 'action="/recalls"' not in several.text
    alone = several.text.split('name="text" value="')[1].partition('">')[0]
    single = await ben.post("/recalls/notices", data={"text": html.unescape(alone)})
    assert "1 notice read." in single.text
    assert 'action="/recalls"' in single.text
    assert 'value="Acme"' in single.text


async def test_a_file_that_is_no_text_is_refused_by_name(client):
    ben = await client("ben", page=True)
    answer = await ben.post("/recalls/notices", files={"file": ("notices.csv", b"\xff\xfe\x00\x01", "text/csv")})
    assert answer.status_code == 422
    assert "UTF-8" in answer.text


@pytest.mark.parametrize(
    ("said", "lots"),
    [
        ("AB1, AB2;AB3\nAB4\r\nAB1", ["AB1", "AB2", "AB3", "AB4"]),
        ("  ", []),
        (["A1", " A1 ", "B2"], ["A1", "B2"]),
        ("A B 1", ["A B 1"]),
    ],
)
def test_lots_as_people_write_them(said, lots):
    assert lots_in(said) == lots


@pytest.mark.parametrize(
    ("lots", "number", "alike"),
    [
        (["AB-1"], "ab-1", True),
        (["AB-1"], "AB1", False),
        (["AB_1"], "A B.1", False),
        (["AB-1"], "AB-11", None),
        (["ÄB-1"], "äb1", False),
        ([], "AB1", None),
    ],
)
def test_how_like_two_lots_are(lots, number, alike):
    assert is_written_alike(lots, number) is alike


@pytest.mark.parametrize("lot", ["AB-1", "a b 1", "A_B_1", "äb/1", "№7-b", "AB‑1"])
async def test_the_database_reads_a_lot_as_the_rules_do(ben, lot):
    asked = f"SELECT {LOT_KEY.format(column='$1::text')}"
    assert await ben.raw.fetchval(asked, lot) == lot_key(lot)


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(0, 0, None), (0, 3, 0), (1, 3, 33), (999, 1000, 99), (7, 7, 100)]
)
def test_nobody_is_missing_before_it_says_hundred(part, whole, share):
    assert percent(part, whole) == share


@pytest.mark.parametrize(
    ("notice", "generic", "brand", "named"),
    [
        ("Amoxicillin and Clavulanic Acid Tablets", "amoxicillin + clavulanic acid", "", True),
        ("Amoxicillin Capsules", "amoxicillin + clavulanic acid", "", False),
        ("Ventolin HFA", "salbutamol", "Ventolin", True),
        ("Warfarin", "", "", False),
    ],
)
def test_whether_a_notice_names_a_medicine(notice, generic, brand, named):
    assert names_medicine(notice, generic, brand) is named
