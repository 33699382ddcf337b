"""Notices read from a text or a file: what each says, and which batches of ours it may mean. Nothing is written."""

import csv
from collections.abc import Collection, Iterator
from io import StringIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from galen.core.context import Context
from galen.core.errors import Invalid
from galen.core.gate import requires
from galen.i18n import gettext as _
from galen.inventory import BATCH_KEY, Batch
from galen.medicines import Product, of_code

from ..models import RecallClass
from ..page_views import NoticesPage
from ..reading import COLUMNS, RecallNotice, read_notice
from ..rules import MOST_LOTS, MOST_NOTICES, lot_key, names_medicine
from ..schemas import NoticeProposal, NoticesDraft

SHOWN = 50
CLASSES = {"class i": RecallClass.ONE, "class ii": RecallClass.TWO, "class iii": RecallClass.THREE}
TITLE, REASON, FIRM, NUMBER, GRADE = (
    ("productdescription",), ("reasonforrecall", "recalldetails"), ("recallingfirmname", "recallingfirm"),
    ("recallnumber", "eventid", "productid"), ("eventclassification", "classification"),
)  # fmt: skip


def rows_of(text: str) -> Iterator[dict[str, str]]:
    """The notices of a text: the rows of a CSV whose first line names known columns, else the text as one notice."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    known = {plain_name(column) for column in next(csv.reader([first]), [])}
    if not known & COLUMNS.keys():
        yield {"Product Description": text.strip().partition("\n")[0], "Recall Details": text}
        return
    try:
        for number, row in enumerate(csv.DictReader(StringIO(text.lstrip("\ufeff"), newline="")), 1):
            if number > MOST_NOTICES:
                raise Invalid(
                    "file", _("There are more than %(most)s notices in it. Split the file.", most=MOST_NOTICES)
                )
            yield {column: cell for column, cell in row.items() if column and isinstance(cell, str)}
    except csv.Error:
        raise Invalid("file", _("This cannot be read as CSV. Save it anew as CSV in UTF-8.")) from None


def plain_name(column: str) -> str:
    return "".join(filter(str.isalpha, column.lower()))


def cell(row: dict[str, str], names: tuple[str, ...]) -> str:
    plain = {plain_name(column): text.strip() for column, text in row.items()}
    return next((plain[name] for name in names if plain.get(name)), "")


async def text_of(draft: NoticesDraft) -> str:
    if draft.file is None:
        return draft.text
    try:
        return (await draft.file.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("file", _("This file is no text in UTF-8. Save it anew as CSV in UTF-8.")) from None


@requires("recall.manage")
async def propose(ctx: Context, draft: NoticesDraft) -> list[NoticeProposal]:
    """Read notices, and say of each which batches of ours may be meant; a person decides what comes of it."""
    read = [(row, read_notice(row, ctx.today)) for row in rows_of(await text_of(draft))]
    if not read:
        raise Invalid("file", _("There is no notice in it, only a first line."))
    keys = {lot_key(lot) for _row, notice in read for lot in notice.lots}
    batches = await batches_alike(ctx, keys)
    kept = await products_kept(ctx) if any(not notice.lots or notice.all_lots for _row, notice in read) else []
    return [await proposal(ctx, row, notice, batches, kept) for row, notice in read]


@requires("recall.manage")
async def notices(ctx: Context, draft: NoticesDraft) -> NoticesPage:
    """The same as a page: what may concern us stands first."""
    found = sorted(await propose(ctx, draft), key=lambda proposal: not proposal.ours)
    return NoticesPage(found[:SHOWN], len(found), sum(proposal.ours for proposal in found))


async def batches_alike(ctx: Context, keys: set[str]) -> dict[str, list[Batch]]:
    """Batches of ours by their lot, however it is written."""
    query = select(Batch).where(BATCH_KEY.in_(sorted(keys))).options(joinedload(Batch.product)).order_by(Batch.id)
    found: dict[str, list[Batch]] = {}
    for batch in await ctx.db.scalars(query.limit(2_000)) if keys else ():
        found.setdefault(lot_key(batch.number), []).append(batch)
    return found


async def products_kept(ctx: Context) -> list[Product]:
    """The medicines of which we ever had a batch."""
    kept = select(Batch.product_id).distinct()
    return list(await ctx.db.scalars(select(Product).where(Product.id.in_(kept)).order_by(Product.sort).limit(5_000)))


async def coded(ctx: Context, notice: RecallNotice) -> list[Product]:
    """The medicines that the notice names by NDC or article number."""
    found = [product for code in (*notice.ndcs, *notice.gtins)[:20] if (product := await of_code(ctx, code))]
    return list({product.id: product for product in found}.values())


async def proposal(
    ctx: Context, row: dict[str, str], notice: RecallNotice, alike: dict[str, list[Batch]], kept: list[Product]
) -> NoticeProposal:
    named = f"{notice.product.name} {cell(row, TITLE)[:300]}"
    by_code = await coded(ctx, notice)
    batches = list({batch.id: batch for lot in notice.lots for batch in alike.get(lot_key(lot), ())}.values())
    meant = {product.id: product for product in by_code}
    meant |= {b.product_id: b.product for b in batches if names_medicine(named, b.product.generic, b.product.brand)}
    whole = notice.all_lots and not notice.lots
    if not notice.lots:
        meant |= {p.id: p for p in kept if names_medicine(named, p.generic, p.brand)}
    said = [in_words(batch, meant.keys(), list(notice.lots)) for batch in batches]
    if whole:
        said += [_("%(medicine)s: every lot", medicine=product.label) for product in meant.values()]
    return NoticeProposal(
        title=cell(row, TITLE)[:300] or notice.product.name,
        text="\n\n".join(text for text in (cell(row, TITLE), cell(row, REASON)) if text)[:20_000],
        source=cell(row, FIRM)[:120],
        notice_number=cell(row, NUMBER)[:60],
        recall_class=CLASSES.get(cell(row, GRADE).casefold(), RecallClass.NOT_SAID),
        lots=list(notice.lots)[:MOST_LOTS],
        whole=whole,
        unread=unread(notice),
        products=[*meant][:20],
        product_names=[product.label for product in meant.values()][:20],
        batches=said[:MOST_LOTS],
        alone=file_of(row),
    )


def file_of(row: dict[str, str]) -> str:
    """One notice as a file of its own."""
    text = StringIO()
    sheet = csv.DictWriter(text, [*row])
    sheet.writeheader()
    sheet.writerow(row)
    return text.getvalue()


def unread(notice: RecallNotice) -> list[str]:
    """What looked like a lot and was not read, ranges included: a person reads the notice."""
    ranges = [f"{first} – {last}" for first, last in notice.ranges]
    return [text[:60] for text in dict.fromkeys([*notice.unknown, *ranges])][:MOST_LOTS]


def in_words(batch: Batch, meant: Collection[UUID], lots: list[str]) -> str:
    same = batch.number.casefold() in {lot.casefold() for lot in lots}
    fits = batch.product_id in meant
    about = {"number": batch.number, "medicine": batch.product.label}
    if same and fits:
        return _("Batch %(number)s of %(medicine)s: lot and medicine fit", **about)
    if fits:
        return _("Batch %(number)s of %(medicine)s: the lot is written in another way", **about)
    return _("Batch %(number)s of %(medicine)s: the lot fits, the medicine is not named so", **about)
