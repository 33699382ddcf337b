"""A stocktake is blind, minds what moves meanwhile, asks a second person where much differs, and posts once."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from galen import inventory, medicines
from galen.core.audit import AuditEntry
from galen.core.errors import Conflict, Forbidden, Invalid
from galen.core.state import CannotBecome
from galen.inventory import AdjustDraft, BatchDraft, CountDraft, CountLine, Movement, MovementKind, StockLevel
from galen.inventory.schemas import CancelStocktakeDraft, FoundDraft, LineCountDraft, PostingDraft, StocktakeDraft
from galen.inventory.service import (
    add_found,
    cancel_stocktake,
    complete_stocktake,
    count_line,
    count_page,
    differences,
    differences_csv,
    differences_page,
    open_stocktake,
    post_stocktake,
    reopen_stocktake,
    stocktake_lines,
)
from galen.inventory.service.counting import CountedMeanwhile, CountingIsOver, NeedsAnother
from galen.inventory.service.posting import CountedSince, NotToBeSeenYet
from galen.inventory.service.stocktakes import AlreadyCounting, CountedElsewhere, NotYetCounted
from galen.inventory.stocktakes import StocktakeLine, StocktakeStatus
from galen.values.ids import uuid7

D = Decimal
LEAVE = PostingDraft(uncounted="leave")


async def shelved(ctx, name: str, number: str, units: int, location: str, price: int = 10):
    """So many tablets of one batch, in packs of ten."""
    part = medicines.PartDraft(name=name, strength="77 mg")
    draft = medicines.MedicineDraft(ingredients=[part], form="tablet", pack_size=D(10), price=D(price))
    product = await medicines.add_medicine(ctx, draft)
    said = {"product_id": product.id, "number": number, "expires": "2028-01", "units": units, "location": location}
    batch = await inventory.receive(ctx, BatchDraft.model_validate(said))
    await ctx.flush()
    return await ctx.db.scalar(select(StockLevel).where(StockLevel.batch_id == batch.id))


@pytest.fixture
async def levels(ben, max):
    """Three batches in the bay Q: forty, two hundred and six."""
    max.site = ben.site
    return [
        await shelved(ben, "zolpidem", "Z1", 200, "Bay Q2"),
        await shelved(ben, "bisoprolol", "B1", 40, "Bay Q1"),
        await shelved(ben, "apixaban", "A1", 6, "Bay Q2", price=900),
    ]


@pytest.fixture
async def take(ben, levels):
    stocktake = await open_stocktake(ben, StocktakeDraft(scope="one place", place="bay q"))
    await ben.flush()
    return stocktake


async def lines_of(ctx, take) -> dict[str, StocktakeLine]:
    return {line.batch.number: line for line in (await stocktake_lines(ctx, take.id)).items}


async def count(ctx, take, number: str, units: int) -> StocktakeLine:
    line = (await lines_of(ctx, take))[number]
    return await count_line(ctx, take.id, line.id, LineCountDraft(units=D(units)))


async def post(ctx, take, draft=LEAVE):
    await complete_stocktake(ctx, take.id)
    await ctx.flush()
    return await post_stocktake(ctx, take.id, draft)


async def quantity(ctx, level) -> Decimal:
    return await ctx.db.scalar(select(StockLevel.quantity).where(StockLevel.id == level.id))


async def test_the_walk_goes_place_by_place_then_by_name(ben, take):
    assert list(await lines_of(ben, take)) == ["B1", "A1", "Z1"]


async def test_scopes_choose_their_places(ben, levels):
    async def numbers(**said) -> set[str]:
        async with ben.db.begin_nested() as attempt:
            take = await open_stocktake(ben, StocktakeDraft.model_validate(said))
            found = set(await lines_of(ben, take))
            await attempt.rollback()
        return found

    assert await numbers(scope="one place", place="Bay Q2") == {"Z1", "A1"}
    assert await numbers(scope="some medicines", product_ids=[levels[1].product_id]) == {"B1"}
    assert {"Z1", "A1", "B1"} <= await numbers(scope="everything")
    assert await numbers(scope="what moved since a day", since=date(2026, 11, 20)) >= {"Z1", "A1", "B1"}
    await inventory.count_stock(ben, CountDraft(lines=[CountLine(level_id=levels[1].id, units=D(40))]))
    await ben.flush()
    left = await numbers(scope="what was not counted since a day", since=date(2026, 11, 20))
    assert {"Z1", "A1"} <= left and "B1" not in left
    with pytest.raises(Invalid, match="Nothing lies"):
        await open_stocktake(ben, StocktakeDraft(scope="one place", place="No such bay"))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"scope": "one place"}, "place"),
        ({"scope": "some medicines"}, "product_ids"),
        ({"scope": "what moved since a day"}, "since"),
        ({"scope": "what was not counted since a day"}, "since"),
    ],
)
def test_a_scope_asks_for_what_it_needs(said, field):
    with pytest.raises(ValidationError) as refused:
        StocktakeDraft.model_validate(said)
    assert refused.value.errors()[0]["loc"] == (field,)


async def test_one_at_a_time_at_a_site(ben, take):
    with pytest.raises(AlreadyCounting):
        await open_stocktake(ben, StocktakeDraft())


async def test_what_moves_after_the_count_stays_moved(ben, max, take, levels):
    await inventory.issue(ben, levels[1].product_id, D(5), reference=("dispensing", uuid7()))
    line = await count(ben, take, "B1", 33)
    assert (line.expected, line.difference) == (D(35), D(-2))
    await inventory.issue(ben, levels[1].product_id, D(10), reference=("dispensing", uuid7()))
    await post(max, take)
    assert await quantity(ben, levels[1]) == D(23)
    assert await inventory.drift(ben) == []
    last = (await inventory.movements(ben, product_id=levels[1].product_id)).items[0]
    assert (last.kind, last.quantity, last.balance) == (MovementKind.COUNT, D(-2), D(23))
    assert (last.reference_kind, last.reference_id) == ("stocktake", take.id)
    said = select(AuditEntry.subject, AuditEntry.changes).where(AuditEntry.subject_id.in_([last.id, last.level_id]))
    posted = await max.db.execute(said.where(AuditEntry.verb == "inventory.post_stocktake"))
    changes = dict(posted.tuples().all())
    assert changes["stock level"]["quantity"] == ["25.000000", "23.000000"]
    assert changes["movement"]["balance"] == [None, "23.000000"]


async def test_what_is_as_it_should_be_leaves_its_line_too(ben, max, take, levels):
    await count(ben, take, "B1", 40)
    await post(max, take)
    counted = select(func.count()).where(Movement.reference_id == take.id)
    assert await ben.db.scalar(counted) == 1
    assert await quantity(ben, levels[1]) == D(40)


@pytest.mark.parametrize(
    ("counts", "settled"),
    [([140, 140], -60), ([140, 195], -5), ([140, 120, 130], -70)],
)
async def test_much_is_counted_again_by_another(ben, kim, max, take, counts, settled):
    hands = [ben, kim, ben]
    for who, found in zip(hands, counts, strict=False):
        line = await count(who, take, "Z1", found)
        if found != counts[-1]:
            assert line.asked
            with pytest.raises(NeedsAnother):
                await count(who, take, "Z1", 200)
            with pytest.raises(NotYetCounted):
                await complete_stocktake(ben, take.id)
    assert line.difference == D(settled)


async def test_what_is_dear_is_counted_again_for_few_units(ben, take):
    assert (await count(ben, take, "A1", 5)).asked


async def test_a_colleagues_count_is_not_overwritten_and_ones_own_is(ben, kim, take):
    line = await count(ben, take, "B1", 39)
    with pytest.raises(CountedMeanwhile, match=line.counted_name):
        await count_line(kim, take.id, line.id, LineCountDraft(units=D(40), rounds=0))
    with pytest.raises(CountedMeanwhile):
        await count(kim, take, "B1", 40)
    assert (await count(ben, take, "B1", 38)).difference == D(-2)
    assert line.rounds == 1


async def test_a_batch_nobody_knew_joins_the_list(ben, max, take, levels):
    said = {"product_id": levels[1].product_id, "number": "B9", "expires": "2029-05", "packs": 2, "location": "Bay Q1"}
    line = await add_found(ben, take.id, FoundDraft.model_validate(said))
    assert (line.found, line.difference, line.position) == (True, D(20), 4)
    with pytest.raises(Invalid, match="stands on the list"):
        await add_found(ben, take.id, FoundDraft.model_validate(said))
    for wrong in ({"expires": None}, {"packs": 0}):
        with pytest.raises(Invalid):
            await add_found(ben, take.id, FoundDraft.model_validate(said | {"number": "B10"} | wrong))
    await post(max, take)
    assert (await inventory.on_hand(ben, [levels[1].product_id])) == {levels[1].product_id: D(60)}
    assert await inventory.drift(ben) == []


async def test_what_nobody_counted_is_named_and_asked_about(ben, max, take, levels):
    await count(ben, take, "B1", 40)
    await complete_stocktake(ben, take.id)
    await ben.flush()
    with pytest.raises(Invalid, match=r"Bay Q2 .*A1, Bay Q2 .*Z1"):
        await post_stocktake(max, take.id, PostingDraft())


async def test_setting_them_to_nothing_needs_a_reason(ben, max, take, levels):
    with pytest.raises(ValidationError):
        PostingDraft(uncounted="zero")
    await count(ben, take, "B1", 40)
    await complete_stocktake(ben, take.id)
    await ben.flush()
    await post_stocktake(max, take.id, PostingDraft(uncounted="zero", reason="The bay was cleared"))
    assert [await quantity(ben, level) for level in levels] == [D(0), D(40), D(0)]
    assert await inventory.drift(ben) == []


async def test_leaving_them_leaves_them(ben, max, take, levels):
    await count(ben, take, "B1", 41)
    await post(max, take)
    assert [await quantity(ben, level) for level in levels] == [D(200), D(41), D(6)]


async def test_another_count_since_makes_a_difference_doubtful(ben, max, take, levels):
    await count(ben, take, "B1", 38)
    await inventory.count_stock(ben, CountDraft(lines=[CountLine(level_id=levels[1].id, units=D(38))]))
    await ben.flush()
    await complete_stocktake(ben, take.id)
    await ben.flush()
    with pytest.raises(CountedSince, match=r"Bay Q1 .*B1"):
        await post_stocktake(max, take.id, LEAVE)


async def test_more_cannot_have_left_than_was_found(ben, max, take, levels):
    await count(ben, take, "B1", 5)
    await inventory.adjust(ben, AdjustDraft(level_id=levels[1].id, quantity=D(-20), reason="Dropped"))
    await ben.flush()
    with pytest.raises(CountedSince):
        await post(max, take)


async def test_it_posts_once_and_then_nothing_more_is_counted(ben, max, take):
    await count(ben, take, "B1", 39)
    await post(max, take)
    await max.flush()
    with pytest.raises(CannotBecome):
        await post_stocktake(max, take.id, LEAVE)
    with pytest.raises(CountingIsOver):
        await count(ben, take, "A1", 6)
    with pytest.raises(CannotBecome):
        await cancel_stocktake(ben, take.id, CancelStocktakeDraft(reason="Too late"))


async def test_a_cancelled_one_moves_nothing(ben, take, levels):
    await count(ben, take, "B1", 10)
    await cancel_stocktake(ben, take.id, CancelStocktakeDraft(reason="Flooded"))
    await ben.flush()
    assert await quantity(ben, levels[1]) == D(40)
    assert await inventory.drift(ben) == []
    await open_stocktake(ben, StocktakeDraft())


async def test_it_is_opened_again_to_count_more(ben, max, take):
    await complete_stocktake(ben, take.id)
    await ben.flush()
    with pytest.raises(CountingIsOver):
        await count(ben, take, "B1", 40)
    with pytest.raises(Forbidden):
        await reopen_stocktake(ben, take.id)
    assert (await reopen_stocktake(max, take.id)).status is StocktakeStatus.OPEN
    await max.flush()
    await count(ben, take, "B1", 40)


async def test_nobody_sees_what_should_be_there_while_it_is_counted(ben, kim, max, take):
    await count(ben, take, "B1", 37)
    for who in (ben, max):
        with pytest.raises(NotToBeSeenYet):
            await differences(who, take.id)
    await complete_stocktake(ben, take.id)
    await ben.flush()
    with pytest.raises(NotToBeSeenYet):
        await differences_page(ben, take.id)
    page = await differences_page(max, take.id)
    assert (page.over, page.short, page.counters) == (D(0), D("-3.00"), [(ben.actor.name, 1)])
    with pytest.raises(Forbidden):
        await post_stocktake(ben, take.id, LEAVE)
    await post_stocktake(max, take.id, LEAVE)
    await max.flush()
    assert [line.batch.number for line in (await differences(kim, take.id)).items] == ["B1"]
    rows = list(csv.DictReader(io.StringIO((await differences_csv(kim, take.id)).decode("utf-8-sig"))))
    assert [row["Difference"] for row in rows] == ["-3", "", ""]


async def test_the_walk_leads_on_and_a_scan_leads_to_its_batch(ben, kim, take, levels):
    page = await count_page(ben, take.id)
    assert (page.line.batch.number, page.progress.words, page.may_count) == ("B1", "0 of 3", True)
    line = await count(ben, take, "B1", 40)
    assert (await count_page(ben, take.id, after=line.position)).line.batch.number == "A1"
    await count(ben, take, "A1", 2)
    assert (await count_page(ben, take.id, after=2)).line.batch.number == "Z1"
    await count(ben, take, "Z1", 200)
    assert (await count_page(ben, take.id, after=3)).line is None
    again = await count_page(kim, take.id, after=3)
    assert (again.line.batch.number, again.line.asked, again.may_count) == ("A1", True, True)


async def test_it_is_counted_at_its_own_site(ben, ada, take):
    ben.site = ada.site
    with pytest.raises(CountedElsewhere):
        await complete_stocktake(ben, take.id)
    with pytest.raises(Forbidden):
        await open_stocktake(ada, StocktakeDraft())
    assert issubclass(CountedElsewhere, Conflict)
