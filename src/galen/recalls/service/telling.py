"""Telling the patients: by message where they allow it, by telephone where not, until each is reached or cannot be."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from galen import identity, notifications
from galen.core.context import Context
from galen.core.errors import Conflict, Invalid, Refusal
from galen.core.gate import requires
from galen.core.schemas import Slice
from galen.counter import Sale
from galen.dispensing import DispensedItem, Dispensing
from galen.i18n import gettext as _
from galen.i18n import ngettext, speaking
from galen.inventory import Batch
from galen.medicines import Product
from galen.notifications import Message, MessageStatus
from galen.patients import Patient
from galen.values import like
from galen.values.search_key import search_key
from galen.values.units import plain

from ..events import PatientsToTell, RecallChanged
from ..models import (
    ContactState,
    ContactWay,
    Recall,
    RecallCall,
    RecallContact,
    RecallReturn,
)
from ..schemas import RecallCallDraft, RecallReturnDraft
from .sold import of_recall, units_bought
from .tracing import recalled, received

AT_ONCE = 100  # messages in one job
ABOUT = "medicine recall"
PAGE = 50


class NotOpen(Conflict):
    message = "Recall {number} is {status}. Patients are told while it is open."


class NotForPatients(Conflict):
    message = "Recall {number} goes as far as the pharmacy: patients are not told of it."


class NoneOpen(Refusal):
    status, message = 404, "Nothing that you received is being recalled."


async def open_now(ctx: Context, recall_id: UUID) -> Recall:
    recall = await ctx.get(Recall, recall_id)
    if not recall.active:
        raise NotOpen(number=recall.number, status=recall.status)
    return recall


@requires("recall.manage")
async def tell_patients(ctx: Context, recall_id: UUID) -> Recall:
    """Send each patient on the list a message, as they allow; who has no address is left to be called."""
    recall = await ctx.get(Recall, recall_id, lock=True)
    if not recall.active:
        raise NotOpen(number=recall.number, status=recall.status)
    if not recall.concerns_patients:
        raise NotForPatients(number=recall.number)
    waiting = await ctx.db.scalar(
        select(func.count(RecallContact.id)).where(
            RecallContact.recall_id == recall.id, RecallContact.state == ContactState.TO_TELL
        )
    )
    recall.told_at = recall.told_at or ctx.now
    if waiting:
        ctx.emit(PatientsToTell(recall.id))
    ctx.flash(
        ngettext("%(num)s patient is being told.", "%(num)s patients are being told.", waiting)
        if waiting
        else _("Everybody on the list was told before.")
    )
    return recall


async def send_waiting(ctx: Context, fact: PatientsToTell) -> None:
    """The next hundred messages; the rest in a job of its own. Who was told is not told again."""
    recall = await ctx.get(Recall, fact.recall_id)
    if not recall.active:
        return
    query = (
        select(RecallContact)
        .join(Patient, Patient.id == RecallContact.patient_id)
        .where(RecallContact.recall_id == recall.id, RecallContact.state == ContactState.TO_TELL)
        .where(Patient.deceased_on.is_(None))
        .options(joinedload(RecallContact.patient).lazyload(Patient.allergies))
        .order_by(RecallContact.id)
        .limit(AT_ONCE)
        .with_for_update(of=RecallContact)
    )
    if fact.after:
        query = query.where(RecallContact.id > fact.after)
    contacts = list(await ctx.db.scalars(query))
    accounts = await accounts_of(ctx, [contact.patient_id for contact in contacts])
    for contact in contacts:
        await send_to(ctx, recall, contact, accounts.get(contact.patient_id))
    if len(contacts) == AT_ONCE:
        ctx.emit(PatientsToTell(recall.id, contacts[-1].id))
    ctx.emit(RecallChanged(recall.id))


async def accounts_of(ctx: Context, patient_ids: list[UUID]) -> dict[UUID, identity.Account]:
    """Who of them can sign in."""
    query = select(identity.Account).where(identity.Account.patient_id.in_(patient_ids), identity.Account.active)
    return {account.patient_id: account for account in await ctx.db.scalars(query) if account.patient_id}


async def send_to(
    ctx: Context, recall: Recall, contact: RecallContact, account: identity.Account | None
) -> Message | None:
    """By e-mail unless they said no to that, else in Galen where they sign in; else nothing, and somebody calls."""
    patient = contact.patient
    by_mail = bool(patient.email) and patient.contact.get("email") is not False
    if not by_mail and account is None:
        return None
    batches = await batches_of(ctx, recall.id, patient.id)
    with speaking(await identity.language_for(ctx, patient.id, patient.language)):
        message = await notifications.send(
            ctx,
            channel="email" if by_mail else "in_app",
            to=patient.email if by_mail or account is None else account.username,
            subject=_("Please read: a safety message from %(organization)s", organization=ctx.organization.name),
            text=letter(ctx, recall, patient, batches),
            about=ABOUT,
            patient_id=patient.id,
            account_id=account.id if account else None,
        )
    contact.state, contact.message_id, contact.told_at = ContactState.SENT, message.id, ctx.now
    return message


def letter(ctx: Context, recall: Recall, patient: Patient, batches: list[tuple[str, str]]) -> str:
    what = "\n".join(_("- %(medicine)s, batch %(number)s", medicine=name, number=number) for name, number in batches)
    return _(
        "Dear %(name)s,\n\na medicine that you received from us is being recalled:\n\n%(what)s\n\n"
        "Do not take it until you have spoken to us, and bring what is left of it back. If you need it every day, "
        "call us today: we find another one for you.\n\n%(instructions)s\n\n%(organization)s\n",
        name=patient.spoken_name,
        what=what,
        instructions=recall.instructions,
        organization=ctx.organization.name,
    )


async def batches_of(ctx: Context, recall_id: UUID, patient_id: UUID) -> list[tuple[str, str]]:
    """What this patient received of it: medicine and batch, each once."""
    return [(product.name, number) for product, _id, number in await given_to(ctx, recall_id, patient_id)]


async def given_to(ctx: Context, recall_id: UUID, patient_id: UUID) -> list[tuple[Product, UUID, str]]:
    query = (
        select(Product, DispensedItem.batch_id, DispensedItem.batch)
        .join(Dispensing, Dispensing.id == DispensedItem.dispensing_id)
        .join(Product, Product.id == DispensedItem.product_id)
        .where(DispensedItem.patient_id == patient_id, DispensedItem.batch_id.in_(recalled(recall_id)), received())
        .order_by(DispensedItem.id)
    )
    at_counter = of_recall(recalled(recall_id)).where(Sale.patient_id == patient_id).subquery()
    bought = (
        select(Product, Batch.id, Batch.number)
        .join(at_counter, at_counter.c.batch_id == Batch.id)
        .join(Product, Product.id == Batch.product_id)
        .order_by(Batch.id)
    )
    got = [*await ctx.db.execute(query), *await ctx.db.execute(bought)]
    return list({batch_id: (product, batch_id, number) for product, batch_id, number in got}.values())


async def note_message(ctx: Context, message_id: UUID) -> None:
    """A message arrived or did not: whoever was to be told by it stands on the list accordingly."""
    contact = await ctx.db.scalar(
        select(RecallContact).where(RecallContact.message_id == message_id).with_for_update(of=RecallContact)
    )
    message = await ctx.db.scalar(select(Message).where(Message.id == message_id)) if contact else None
    if contact is None or message is None:
        return
    failed = message.status in (MessageStatus.FAILED, MessageStatus.KEPT)
    if failed and contact.state is ContactState.SENT:
        contact.state = ContactState.FAILED
    elif message.status is MessageStatus.SENT and contact.state is ContactState.FAILED:
        contact.state = ContactState.SENT
    ctx.emit(RecallChanged(contact.recall_id))


@requires("recall.manage")
async def note_call(ctx: Context, recall_id: UUID, contact_id: UUID, draft: RecallCallDraft) -> RecallContact:
    """Staff tried to reach a patient: who was reached, who cannot be, and each try in between."""
    contact = await contact_of(ctx, recall_id, contact_id)
    if draft.outcome != "no answer":
        become(ctx, contact, ContactState(draft.outcome), draft.way)
    contact.tries += 1
    log(ctx, contact, draft.way, draft.note)
    ctx.flash(_("Written down."))
    return contact


def become(ctx: Context, contact: RecallContact, state: ContactState, way: ContactWay) -> None:
    if contact.state is state:
        return
    contact.state = state
    reached = state is ContactState.REACHED
    contact.reached_at, contact.reached_by = (ctx.now, way.value) if reached else (None, "")
    ctx.emit(RecallChanged(contact.recall_id))


def log(ctx: Context, contact: RecallContact, way: ContactWay, note: str = "") -> None:
    by = {"by": ctx.actor.id, "by_name": ctx.actor.name, "at": ctx.now}
    about = {"contact_id": contact.id, "patient_id": contact.patient_id, "state": contact.state}
    ctx.add(RecallCall(way=way, note=note, **about, **by))


async def contact_of(ctx: Context, recall_id: UUID, contact_id: UUID) -> RecallContact:
    recall = await open_now(ctx, recall_id)
    contact = await ctx.get(RecallContact, contact_id, lock=True)
    if contact.recall_id != recall.id:
        raise Invalid("contact_id", _("This patient stands on the list of another recall."))
    return contact


@requires("recall.manage")
async def note_return(ctx: Context, recall_id: UUID, contact_id: UUID, draft: RecallReturnDraft) -> RecallReturn:
    """A patient brought some of it back: it is destroyed or goes to the supplier, and they know of the recall."""
    contact = await contact_of(ctx, recall_id, contact_id)
    got = (
        select(func.coalesce(func.sum(DispensedItem.quantity), 0))
        .join(Dispensing, Dispensing.id == DispensedItem.dispensing_id)
        .where(DispensedItem.patient_id == contact.patient_id, DispensedItem.batch_id == draft.batch_id, received())
        .where(DispensedItem.batch_id.in_(recalled(contact.recall_id)))
    )
    before = select(func.coalesce(func.sum(RecallReturn.quantity), 0)).where(
        RecallReturn.contact_id == contact.id, RecallReturn.batch_id == draft.batch_id
    )
    units = (await ctx.db.scalar(got) or Decimal(0)) + await units_bought(ctx, contact.patient_id, draft.batch_id)
    left = units - (await ctx.db.scalar(before) or Decimal(0))
    if draft.quantity > left:
        most = plain(left)
        raise Invalid("quantity", _("Of this batch the patient can have %(most)s left at most.", most=most))
    become(ctx, contact, ContactState.REACHED, ContactWay.RETURN)
    log(ctx, contact, ContactWay.RETURN)
    by = {"by": ctx.actor.id, "by_name": ctx.actor.name, "at": ctx.now}
    brought = ctx.add(draft.into(RecallReturn, contact_id=contact.id, patient_id=contact.patient_id, **by))
    ctx.flash(_("Written down. Keep it apart; it never goes back on the shelf."))
    return brought


def listed(recall_id: UUID, state: str, q: str) -> Select[RecallContact]:
    query = (
        select(RecallContact)
        .join(Patient, Patient.id == RecallContact.patient_id)
        .where(RecallContact.recall_id == recall_id)
        .options(joinedload(RecallContact.patient).lazyload(Patient.allergies))
    )
    if state in {known.value for known in ContactState}:
        query = query.where(RecallContact.state == ContactState(state))
    elif state == "left":
        query = query.where(RecallContact.state.not_in((ContactState.REACHED, ContactState.UNREACHABLE)))
    if words := q.strip():
        query = query.where(
            or_(Patient.search.like(like.within(search_key(words))), Patient.number.ilike(like.within(words)))
        )
    return query


@requires("recall.read")
async def contacts(
    ctx: Context, recall_id: UUID, state: str = "", q: str = "", after: str | None = None
) -> Slice[RecallContact]:
    """The patients to be told; `state` is one of theirs, or `left` for who is neither reached nor given up."""
    recall = await ctx.get(Recall, recall_id)
    return await ctx.slice(listed(recall.id, state, q), after, size=PAGE, descending=False)


@requires("home.patient")
async def own_recalls(ctx: Context) -> list[RecallContact]:
    """What the signed-in patient received and is being recalled, as long as they have not said that they know."""
    query = (
        select(RecallContact)
        .where(RecallContact.patient_id == ctx.actor.patient_id)
        .where(RecallContact.state.not_in((ContactState.REACHED, ContactState.UNREACHABLE)))
    )
    mine = list(await ctx.db.scalars(query.order_by(RecallContact.id).limit(20)))
    if not mine:
        raise NoneOpen
    return mine


@requires("home.patient")
async def acknowledge(ctx: Context, contact_id: UUID) -> RecallContact:
    """The patient has read it, and says so."""
    contact = await ctx.get(RecallContact, contact_id, lock=True)
    become(ctx, contact, ContactState.REACHED, ContactWay.PORTAL)
    log(ctx, contact, ContactWay.PORTAL)
    ctx.flash(_("Thank you. We know now that you have read it."))
    return contact
