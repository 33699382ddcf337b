"""A sale over the counter: by scan, at a known price, paid as a whole, with everything it moves or nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from galen import billing, counter, medicines, organizations
from galen.billing import InvoiceStatus, LedgerAccount, Method, Payment
from galen.core.context import Context
from galen.core.errors import Forbidden, Invalid
from galen.counter import (
    BuyerDraft,
    ItemDraft,
    LineDiscountDraft,
    ParkDraft,
    QuantityDraft,
    Sale,
    SaleApprovalDraft,
    SaleDiscountDraft,
    SalePriceDraft,
    SaleScanDraft,
    SaleStatus,
    TenderDraft,
    TendersDraft,
    VoidSaleDraft,
)
from galen.counter.refusals import (
    AtAnotherSite,
    NotReadyToPay,
    PrescriptionNeeded,
    SaleEnded,
    SaleWaits,
    TooMuchOfIt,
)
from galen.counter.service import scan_at_counter, void_forgotten
from galen.inventory import BatchReasonDraft, Movement, OutOfStock, quarantine
from galen.medicines import MedicineChange, MedicineDraft, PartDraft
from galen.patients import Patient
from tests.counter.people import (
    added,
    article,
    books,
    card,
    cash,
    entries,
    lay,
    on_hand,
    product_of,
    scanned,
    sold,
    tablets,
)

D = Decimal


async def test_two_scans_of_one_pack_are_two_packs_of_one_line(max: Context) -> None:
    await article(max, code="2000000099996")
    await scanned(max, "2000000099996")
    sale = await scanned(max, "2000000099996")
    (line,) = sale.lines
    assert (line.quantity, line.unit_price, line.price_source, line.price_on) == (
        D(2), D("10.97"), "catalogue", max.today,
    )  # fmt: skip


async def test_a_sale_moves_stock_money_and_books_together(max: Context) -> None:
    sun = await article(max)
    before = await books(max)
    sale = await added(max, sun, packs=3)
    done = await sold(max, sale, cash("50"))
    (payment,) = await billing.payments_of(max, done.invoice_id)  # type: ignore[arg-type]
    assert done.invoice and (done.invoice.total, done.invoice.tax, done.invoice.status) == (
        D("32.91"), D("2.99"), InvoiceStatus.PAID,
    )  # fmt: skip
    assert (payment.amount, payment.rounding, payment.tendered, payment.change) == (
        D("32.91"), D("-0.01"), D("50"), D("17.10"),
    )  # fmt: skip
    assert await on_hand(max, sun) == 7
    after = await books(max)
    changed = {account: after[account] - before.get(account, D(0)) for account in after}
    assert {account: amount for account, amount in changed.items() if amount} == {
        LedgerAccount.CASH: D("32.90"), LedgerAccount.ROUNDING: D("0.01"),
        LedgerAccount.GOODS: D("-29.92"), LedgerAccount.TAX: D("-2.99"),
    }  # fmt: skip
    assert await billing.unbalanced(max) == []


@pytest.mark.parametrize(
    ("tenders", "methods", "rounding"),
    [
        ([card("20.00"), TenderDraft(method=Method.CASH, tendered=D(15))], ["card", "cash"], D("-0.01")),
        ([TenderDraft(method=Method.CASH, tendered=D(5)), card("30.00")], ["card", "cash"], D("-0.01")),
        ([TenderDraft(method=Method.VOUCHER, amount=D("10.00"), terminal_reference="V-77"), card()],
         ["voucher", "card"], D(0)),
        ([card()], ["card"], D(0)),
    ],
)  # fmt: skip
async def test_a_sale_is_paid_in_several_ways_and_only_coins_are_rounded(
    max: Context, tenders: list[TenderDraft], methods: list[str], rounding: Decimal
) -> None:
    sale = await added(max, await article(max), packs=3)  # 32.91
    done = await sold(max, sale, TendersDraft(tenders=tenders))
    payments = await billing.payments_of(max, done.invoice_id)  # type: ignore[arg-type]
    assert [payment.method.value for payment in payments] == methods
    assert sum(payment.amount for payment in payments) == D("32.91")
    assert sum(payment.rounding for payment in payments) == rounding
    assert await billing.unbalanced(max) == []


@pytest.mark.parametrize(
    ("tenders", "status"),
    [
        ([{"method": "card", "amount": "20.00"}], 409),
        ([{"method": "card", "amount": "40.00"}], 422),
        ([{"method": "card"}, {"method": "card", "amount": "1.00"}], 422),
        ([{"method": "cash", "tendered": "5"}], 409),
        ([{"method": "voucher"}], 422),
        ([{"method": "account"}], 422),
        ([], 422),
    ],
)
async def test_what_does_not_pay_it_exactly_changes_nothing(
    max: Context, client: Any, tenders: list[dict[str, str]], status: int
) -> None:
    sun = await article(max)
    sale = await added(max, sun, packs=3)
    entered = await entries(max)
    manager = await client("max")
    answer = await manager.post(f"/api/v1/sales/{sale.id}/payment", json={"tenders": tenders})
    assert answer.status_code == status, answer.text
    assert await on_hand(max, sun) == 10
    assert await entries(max) == entered
    assert await max.db.scalar(select(Sale.status).where(Sale.id == sale.id)) is SaleStatus.OPEN


async def test_a_double_click_and_a_second_tab_sell_once(max: Context, client: Any) -> None:
    sun = await article(max)
    sale = await added(max, sun, packs=3)
    manager = await client("max")
    address, paid = f"/api/v1/sales/{sale.id}/payment", {"tenders": [{"method": "card"}]}
    once, again = [await manager.post(address, json=paid, headers={"idempotency-key": "one"}) for _ in "ab"]
    assert (once.status_code, again.status_code, once.json()) == (201, 201, again.json())
    other_tab = await manager.post(address, json=paid)
    assert other_tab.status_code == 409, other_tab.text
    assert (await manager.post(address, json=paid, headers={"idempotency-key": ""})).status_code == 428
    assert await on_hand(max, sun) == 7
    query = select(func.count()).select_from(Payment).where(Payment.invoice_id == once.json()["invoice_id"])
    assert await max.db.scalar(query) == 1


async def test_a_price_that_is_not_known_is_asked_for_and_is_never_nothing(max: Context, ruth: Context) -> None:
    unknown = await article(max, price="0")
    ruth.site = max.site
    sale = await added(ruth, unknown)
    assert sale.lines[0].unit_price is None
    with pytest.raises(NotReadyToPay, match="price"):
        await counter.pay_sale(ruth, sale.id, cash())
    with pytest.raises(Forbidden):
        await counter.set_price(ruth, sale.id, sale.lines[0].id, SalePriceDraft(price=D(4), reason="As on the shelf"))
    with pytest.raises(ValueError, match="greater than 0"):
        SalePriceDraft(price=D(0), reason="A gift")
    mine = await added(max, unknown)
    shown = await counter.set_price(
        max, mine.id, mine.lines[0].id, SalePriceDraft(price=D(4), reason="As on the shelf")
    )
    assert shown.total.amount == 4
    line = (await sold(max, mine)).lines[0]
    assert (line.price_by, line.price_reason, line.price_source) == (max.actor.name, "As on the shelf", "by hand")


async def test_what_needs_a_prescription_is_refused(ben: Context) -> None:
    rx = await product_of(ben, "amoxicillin 500 mg capsule")
    with pytest.raises(PrescriptionNeeded):
        await counter.add_item(ben, ItemDraft(product_id=rx.id))


async def test_pharmacist_only_asks_for_a_pharmacist_and_a_name(max: Context, ben: Context) -> None:
    cream = await tablets(ben, "famciclovir", "500 mg", 3, "S3")
    max.site = ben.site
    sale = await added(max, cream)
    with pytest.raises(NotReadyToPay, match="name of the buyer"):
        await counter.pay_sale(max, sale.id, cash())
    await counter.set_buyer(max, sale.id, BuyerDraft(buyer_name="Jo Buyer"))
    with pytest.raises(NotReadyToPay, match="pharmacist"):
        await counter.pay_sale(max, sale.id, cash())
    with pytest.raises(Forbidden):
        await counter.approve_sale(max, sale.id, SaleApprovalDraft())
    await max.flush()
    await counter.approve_sale(ben, sale.id, SaleApprovalDraft(note="Counselled"))
    await ben.flush()
    max.db.expire_all()
    max.locked.clear()
    await counter.add_item(max, ItemDraft(product_id=cream.id, packs=D(1)))
    with pytest.raises(NotReadyToPay, match="pharmacist"):  # it is another basket now
        await counter.pay_sale(max, sale.id, cash())


@pytest.mark.parametrize(
    ("name", "strength", "pack", "packs", "units", "goes"),
    [
        ("paracetamol", "500 mg", 20, 5, 0, True),
        ("paracetamol", "500 mg", 20, 5, 1, False),
        ("paracetamol", "500 mg", 48, 3, 0, False),
        ("pseudoephedrine", "60 mg", 12, 1, 0, True),
        ("pseudoephedrine", "60 mg", 12, 1, 1, False),
        ("pseudoephedrine", "120 mg", 6, 2, 0, False),
        ("ibuprofen", "200 mg", 24, 9, 0, True),
    ],
)
async def test_so_much_of_a_substance_is_sold_and_no_more(
    ben: Context, name: str, strength: str, pack: int, packs: int, units: int, goes: bool
) -> None:
    product = await tablets(ben, name, strength, pack)
    draft = ItemDraft(product_id=product.id, packs=D(packs), units=D(units))
    if goes:
        assert (await counter.add_item(ben, draft)).sale
        return
    with pytest.raises(TooMuchOfIt):
        await counter.add_item(ben, draft)


async def test_each_limited_substance_of_a_combination_counts(ben: Context) -> None:
    parts = [PartDraft(name="paracetamol", strength="500 mg"), PartDraft(name="pseudoephedrine", strength="30 mg")]
    draft = MedicineDraft(ingredients=parts, form="tablet", pack_size=D(24), unit="tablet", price=D(12))
    product = await medicines.add_medicine(ben, draft)
    await ben.flush()
    await lay(ben, product.id, 5)
    shown = await counter.add_item(ben, ItemDraft(product_id=product.id))  # 720 mg of the one, 24 tablets of the other
    assert shown.asks == {"name", "document", "address"}
    with pytest.raises(TooMuchOfIt, match="pseudoephedrine"):
        await counter.add_item(ben, ItemDraft(product_id=product.id, units=D(1)))


@pytest.mark.parametrize(("before", "goes"), [([0], False), ([1], True), ([29, 27], False), ([33, 31], True)])
async def test_one_buyer_has_no_more_within_days(services: Any, before: list[int], goes: bool) -> None:
    """3.6 g of pseudoephedrine a day, 9 g in thirty days, by the document that was shown."""
    async with services.as_system("south", "test") as ctx:
        ctx.site, now = (await organizations.pharmacies(ctx))[0].info, ctx.now
        product = await tablets(ctx, "pseudoephedrine", "120 mg", 10)
        for days in before:
            ctx.now = now - timedelta(days=days, hours=1)
            sale = await added(ctx, product, packs=3)
            await shown_document(ctx, sale, "dl 1234")
            await sold(ctx, sale)
            ctx.locked.clear()
        ctx.now = now
        sale = await added(ctx, product, packs=3)
        await shown_document(ctx, sale, "DL 1234")
        if goes:
            assert (await sold(ctx, sale)).is_sold
        else:
            with pytest.raises(NotReadyToPay, match="pseudoephedrine"):
                await sold(ctx, sale)
        ctx.db.expunge_all()
        await ctx.db.rollback()


async def shown_document(ctx: Context, sale: Sale, document: str) -> None:
    buyer = BuyerDraft(buyer_name="Jo Buyer", buyer_document=document, buyer_address="1 Main Street")
    await counter.set_buyer(ctx, sale.id, buyer)


async def test_two_products_of_one_substance_count_together(ben: Context) -> None:
    await added(ben, await tablets(ben, "paracetamol", "500 mg", 50))
    other = await tablets(ben, "paracetamol", "500 mg", 51)
    with pytest.raises(TooMuchOfIt):
        await counter.add_item(ben, ItemDraft(product_id=other.id))


async def test_a_known_buyer_s_allergy_stops_the_sale_until_a_pharmacist_has_answered(
    ben: Context, ruth: Context, mara: Patient
) -> None:
    from galen import patients
    from galen.patients import AllergyDraft

    await patients.add_allergy(
        ben_with_chart(ben), mara.id, AllergyDraft(substance="ibuprofen", reaction="anaphylaxis")
    )
    await ben.flush()
    tablet = await tablets(ben, "ibuprofen", "200 mg", 24)
    sale = await added(ben, tablet)
    shown = await counter.set_buyer(ben, sale.id, BuyerDraft(patient_id=mara.id))
    assert shown.alerts and shown.pharmacist
    with pytest.raises(NotReadyToPay, match="pharmacist"):
        await counter.pay_sale(ben, sale.id, cash())
    with pytest.raises(Invalid):
        await counter.approve_sale(ben, sale.id, SaleApprovalDraft())
    await counter.approve_sale(ben, sale.id, SaleApprovalDraft(note="Took it last week without harm"))
    assert (await sold(ben, sale)).is_sold


def ben_with_chart(ben: Context) -> Context:
    from dataclasses import replace

    ben.actor = replace(ben.actor, permissions=ben.actor.permissions | {"clinical.write"})
    return ben


async def test_what_is_not_on_the_shelf_or_set_aside_is_not_sold(ben: Context) -> None:
    product = await tablets(ben, "loratadine", "10 mg", 10)
    with pytest.raises(OutOfStock):
        await counter.add_item(ben, ItemDraft(product_id=product.id, packs=D(21)))
    batch = await ben.db.scalar(select(Movement.batch_id).where(Movement.product_id == product.id))
    assert batch
    await quarantine(ben, batch, BatchReasonDraft(reason="Was in the sun"))
    await ben.flush()
    with pytest.raises(OutOfStock):
        await counter.add_item(ben, ItemDraft(product_id=product.id))


async def test_the_batch_in_hand_is_the_one_that_goes(ben: Context) -> None:
    product = await tablets(ben, "cetirizine", "10 mg", 10)
    await medicines.change_medicine(ben, product.id, MedicineChange(barcodes=["9312345678907"]))
    await ben.flush()
    await lay(ben, product.id, 4, "LATE", "2029-12")
    sale = await scanned(ben, "0109312345678907" + "17291231" + "10LATE")
    await sold(ben, sale)
    query = select(Movement.balance).where(Movement.reference_id == sale.id)
    assert (await ben.db.scalar(query)) == 30


@pytest.mark.parametrize("code", ["0109312345678907" + "17200101" + "10OLD", "9999999999994", "nothing of ours"])
async def test_a_scan_that_cannot_be_sold_is_told_in_place_and_changes_nothing(ben: Context, code: str) -> None:
    product = await tablets(ben, "cetirizine", "10 mg", 10)
    await medicines.change_medicine(ben, product.id, MedicineChange(barcodes=["9312345678907"]))
    await ben.flush()
    shown = await scan_at_counter(ben, SaleScanDraft(code=code))
    assert shown.heard and not shown.heard.right and shown.sale and not shown.sale.lines


async def test_discounts_go_as_far_as_the_role_and_say_why(ruth: Context, max: Context) -> None:
    sun = await article(max)
    ruth.site = max.site
    sale = await added(ruth, sun, packs=2)  # 21.94
    line = sale.lines[0].id
    with pytest.raises(Invalid):
        await counter.discount_line(ruth, sale.id, line, LineDiscountDraft(percent=D(10)))
    with pytest.raises(Forbidden):
        await counter.discount_line(ruth, sale.id, line, LineDiscountDraft(percent=D(11), reason="Regular customer"))
    with pytest.raises(Forbidden):
        await counter.discount_sale(ruth, sale.id, SaleDiscountDraft(amount=D("2.20"), reason="Regular customer"))
    shown = await counter.discount_line(ruth, sale.id, line, LineDiscountDraft(percent=D(5), reason="Staff"))
    assert shown.total.amount == D("20.84")
    shown = await counter.discount_sale(ruth, sale.id, SaleDiscountDraft(amount=D("0.75"), reason="Dented box"))
    assert shown.total.amount == D("20.09")
    done = await sold(ruth, sale)
    assert done.invoice and (done.invoice.total, done.invoice.discount) == (D("20.09"), D("1.85"))
    assert await billing.unbalanced(ruth) == []


async def test_two_small_discounts_are_not_one_large_one(ruth: Context, max: Context) -> None:
    ruth.site = max.site
    sale = await added(ruth, await article(max), packs=10)  # 109.70
    line = sale.lines[0].id
    ten, small = LineDiscountDraft(percent=D(10), reason="Staff"), SaleDiscountDraft(amount=D("8"), reason="Dented")
    await counter.discount_sale(ruth, sale.id, small)
    with pytest.raises(Forbidden):
        await counter.discount_line(ruth, sale.id, line, ten)
    sale.lines[0].discount_rate, sale.lines[0].discount_reason = D(0), ""
    shown = await counter.change_quantity(ruth, sale.id, line, QuantityDraft(packs=D(2)))
    assert (shown.total.amount, sale.discount) == (D("21.94"), 0)  # 8.00 of 21.94 would be more than a tenth
    by_manager = await counter.discount_sale(max, (await added(max, await article(max, "Comb", "5"))).id, small_of("4"))
    assert by_manager.total.amount == 1


def small_of(amount: str) -> SaleDiscountDraft:
    return SaleDiscountDraft(amount=D(amount), reason="Dented")


async def test_a_sale_of_another_site_is_not_touched_here(max: Context, ruth: Context) -> None:
    sale = await added(max, await article(max))
    other = next(site for site in await organizations.sites(ruth) if max.site and site.id != max.site.id)
    ruth.site = other.info
    with pytest.raises(AtAnotherSite):
        await counter.pay_sale(ruth, sale.id, cash())
    with pytest.raises(AtAnotherSite):
        await counter.void_sale(ruth, sale.id, VoidSaleDraft(reason="Not mine"))


async def test_a_parked_sale_waits_and_goes_on_with_somebody_else(ruth: Context, max: Context) -> None:
    sun = await article(max)
    ruth.site = max.site
    first = await added(ruth, sun)
    await counter.park_sale(ruth, first.id, ParkDraft(parked_as="Red coat"))
    await ruth.flush()
    with pytest.raises(SaleWaits):
        await counter.pay_sale(ruth, first.id, cash())
    second = await added(ruth, sun)
    assert second.id != first.id
    await counter.take_up(ruth, first.id)
    await ruth.flush()
    states = {sale.id: sale.status for sale in await ruth.db.scalars(select(Sale))}
    assert states == {first.id: SaleStatus.OPEN, second.id: SaleStatus.PARKED}


async def test_a_void_sale_and_a_paid_one_stay_as_they_are(max: Context) -> None:
    sun = await article(max)
    sale = await added(max, sun)
    await counter.void_sale(max, sale.id, VoidSaleDraft(reason="Changed their mind"))
    with pytest.raises(SaleEnded):
        await counter.pay_sale(max, sale.id, cash())
    await max.flush()
    other = await added(max, sun)
    await sold(max, other)
    with pytest.raises(SaleEnded):
        await counter.pay_sale(max, other.id, cash())
    with pytest.raises(SaleEnded):
        await counter.change_quantity(max, other.id, other.lines[0].id, QuantityDraft(packs=D(2)))
    assert (
        await max.db.scalar(select(func.count()).select_from(Payment).where(Payment.invoice_id == other.invoice_id))
        == 1
    )


async def test_what_was_forgotten_for_a_day_is_void(max: Context, system: Context) -> None:
    sale = await added(max, await article(max))
    system.now = max.now + timedelta(hours=25)
    await void_forgotten(system)
    await system.flush()
    assert await system.db.scalar(select(Sale.status).where(Sale.id == sale.id)) is SaleStatus.VOID
