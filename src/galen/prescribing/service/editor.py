"""The editor: what is typed so far, understood line by line, with the safety check beside it."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from galen import medicines, patients, safety
from galen.core.context import Context
from galen.core.gate import requires
from galen.medicines import Ingredient, Product
from galen.patients import BannerView
from galen.safety import Report
from galen.values.units import counted

from ..directions import days_supply, structured
from ..legal import law_of, line_fault
from ..models import Line, Prescription, Status
from ..questions import Question, asked
from ..reading import Understood, of_product, understand
from ..rules import next_supply
from ..schemas import AnswerDraft, EditorDraft, RowDraft
from .drafting import own_draft
from .lists import reasons


@dataclass(frozen=True)
class Row:
    """One line as typed, with what Galen makes of it."""

    said: RowDraft
    product: Product | None = None
    read: Understood | None = None
    problem: str = ""
    before: str = ""  # the directions that this patient had with it, while none are typed
    lasts: int | None = None  # days
    due: date | None = None  # when the next supply is not too soon
    questions: tuple[tuple[int, Question], ...] = ()  # what must be answered about this line, with its number

    @property
    def quantity(self) -> Decimal | None:
        return self.said.quantity or (self.read.quantity if self.read else None)

    @property
    def supply(self) -> str:
        """How much, as it would be written: what was typed, or what the directions need."""
        return counted(self.quantity, self.product.unit) if self.quantity and self.product else ""


@dataclass(frozen=True)
class Past:
    """A medicine that this patient was prescribed before."""

    line_id: UUID
    drug: str
    directions: str
    product_id: UUID | None = None


@dataclass
class Editor:
    """The state of the editor."""

    draft: EditorDraft
    banner: BannerView
    rows: list[Row]
    past: list[Past]
    report: Report | None = None
    questions: list[Question] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=reasons)
    answers: dict[str, AnswerDraft] = field(default_factory=dict)
    offers: dict[str, list[tuple[str, int, int]]] = field(
        default_factory=dict
    )  # alternatives, each with the row it replaces and its key
    elsewhere: list[tuple[int, Question]] = field(default_factory=list)  # questions about no line of this prescription


@requires("prescription.write")
async def new_page(ctx: Context, patient_id: UUID, visit_id: UUID | None = None) -> Editor:
    """An empty prescription for a patient."""
    return await shown(ctx, EditorDraft(patient_id=patient_id, visit_id=visit_id, lines=[RowDraft(substitution=True)]))


@dataclass(frozen=True)
class Choice:
    """A medicine in the list under the field; `directions` are those that this patient had with it."""

    product: Product
    directions: str = ""


@requires("prescription.write")
async def choices(ctx: Context, patient_id: UUID, q: str = "") -> list[Choice]:
    """Medicines by name, brand or code: what this patient had before comes first."""
    await patients.known(ctx, patient_id)
    had = {one.product_id: one.directions for one in await past(ctx, patient_id)}
    found = await medicines.find_medicines(ctx, q, 20)
    choices = [Choice(one, had.get(one.id, "")) for one in found]
    return sorted(choices, key=lambda one: not one.directions)


@requires("prescription.write")
async def edit_page(ctx: Context, prescription_id: UUID) -> Editor:
    """One's own draft in the editor."""
    rx = await own_draft(ctx, prescription_id)
    known = await medicines.products(ctx, [line.product_id for line in rx.lines])
    rows = [
        RowDraft(
            product_id=line.product_id,
            directions=line.typed,
            quantity=chosen_quantity(ctx, line, known),
            repeats=line.repeats,
            interval_days=line.interval_days,
            substitution=line.substitution,
            indication=line.indication,
        )
        for line in rx.lines
    ]
    answers = [AnswerDraft(key=one.key, reason=one.reason.value, comment=one.comment) for one in rx.overrides]
    said = EditorDraft(
        patient_id=rx.patient_id,
        visit_id=rx.visit_id,
        prescription_id=rx.id,
        lines=rows,
        overrides=answers,
        remark=rx.remark,
        not_before=rx.not_before,
    )
    return await shown(ctx, said)


def chosen_quantity(ctx: Context, line: Line, known: dict[UUID, Product]) -> Decimal | None:
    """A quantity that somebody chose; one that follows from the directions goes on following them."""
    read = understand(line.typed, known[line.product_id], ctx.organization.country)
    return None if read.quantity == line.quantity else line.quantity


@requires("prescription.write")
async def editor(ctx: Context, draft: EditorDraft) -> Editor:
    """What has been typed so far, read and checked. Nothing is kept."""
    if draft.again:
        line = await ctx.get(Line, draft.again)
        blank = [row for row in draft.lines if row.product_id or row.directions]
        same = RowDraft(product_id=line.product_id, directions=line.typed, substitution=line.substitution)
        draft.lines = [*blank, same]
    if draft.instead:
        await exchange(ctx, draft)
    return await shown(ctx, draft)


async def exchange(ctx: Context, draft: EditorDraft) -> None:
    """Take an alternative that a warning names in the place of the medicine warned about; directions are asked anew."""
    at, _, name = draft.instead.partition(":")
    if not at.isdigit() or int(at) >= len(draft.lines):
        return
    old_id = draft.lines[int(at)].product_id
    old = (await medicines.products(ctx, [old_id])).get(old_id) if old_id else None
    found = [one for one in await medicines.find_medicines(ctx, name, 40) if one.holds == (name,)]
    if found:
        like = min(found, key=lambda one: (one.route != old.route, one.form != old.form) if old else (False, False))
        draft.lines[int(at)] = RowDraft(product_id=like.id, substitution=True)


async def shown(ctx: Context, said: EditorDraft) -> Editor:
    known = await medicines.products(ctx, [row.product_id for row in said.lines if row.product_id])
    rows = [row_of(ctx, row, known) for row in said.lines]
    had = await past(ctx, said.patient_id)
    old = {one.product_id: one.directions for one in had}
    rows = [
        replace(row, before=old.get(row.said.product_id, "")) if row.product and not row.read else row for row in rows
    ]
    state = Editor(said, await patients.banner(ctx, said.patient_id), rows, had)
    chosen = [row.product for row in rows if row.product]
    if chosen:
        directions = {row.product.id: row.read.words for row in rows if row.product and row.read}
        doses = {row.product.id: structured(row.read.directions) for row in rows if row.product and row.read}
        state.report = await safety.check(
            ctx, said.patient_id, chosen, directions=directions, doses=doses, place=safety.Place.PRESCRIBING
        )
        state.questions = asked(state.report, [one.label for one in chosen])
        state.offers = await offers(ctx, rows, state.questions)
        beside(state)
    state.answers = {one.key: one for one in said.overrides if one.key}
    return state


def beside(state: Editor) -> None:
    """Every question stands at the line it concerns: of several, the one written last."""
    found: dict[int, list[tuple[int, Question]]] = {}
    for number, question in enumerate(state.questions):
        about = [
            at for at, row in enumerate(state.rows)
            if row.product and (str(row.product.id) in question.products or row.product.label in question.effect)
        ]  # fmt: skip
        found.setdefault(about[-1] if about else -1, []).append((number, question))
    state.elsewhere = found.get(-1, [])
    state.rows = [replace(row, questions=tuple(found.get(at, ()))) for at, row in enumerate(state.rows)]


PAIN = {"N02", "M01", "M02"}


def area(atc: str) -> str:
    """What a medicine is for, roughly: the second level of its ATC code, with the medicines for pain as one."""
    return "pain" if atc[:3] in PAIN else atc[:3]


async def offers(ctx: Context, rows: list[Row], questions: list[Question]) -> dict[str, list[tuple[str, int, int]]]:
    """Alternatives that can be taken with one key: those that clearly stand for one of the lines, and for which."""
    names = {name for question in questions for name in question.alternatives}
    if not names:
        return {}
    query = select(Ingredient.name, Ingredient.atc).where(Ingredient.name.in_(names))
    areas = {name: {area(code) for code in codes} for name, codes in await ctx.db.execute(query)}
    found: dict[str, list[tuple[str, int, int]]] = {}
    key = 0
    for question in questions:
        about = [at for at, row in enumerate(rows) if row.product and str(row.product.id) in question.products]
        for name in question.alternatives:
            meant = (
                about if len(question.products) == 1 else [at for at in about if stands_for(areas.get(name), rows[at])]
            )
            if name in areas and len(meant) == 1 and len(found.get(question.key, [])) < 4:
                key += 1
                found.setdefault(question.key, []).append((name, meant[0], key))
    return found


def stands_for(areas: set[str] | None, row: Row) -> bool:
    return bool(areas and row.product and row.product.atc and area(row.product.atc) in areas)


def row_of(ctx: Context, said: RowDraft, known: dict[UUID, Product]) -> Row:
    product = known.get(said.product_id) if said.product_id else None
    if product is None:
        return Row(said)
    country = ctx.organization.country
    schedule = product.schedule_us if country == "US" else product.schedule_au
    fault = line_fault(law_of(country, schedule), product.name, said.repeats or 0, said.interval_days)
    read = understand(said.directions, product, country, said.days) if said.directions.strip() else None
    row = Row(said, product, read, (read.fault if read and read.fault else "") or (fault[1] if fault else ""))
    if read is None or row.problem or row.quantity is None:
        return row
    lasts = days_supply(row.quantity, read.directions, of_product(product))
    return replace(row, lasts=lasts, due=next_supply(ctx.today, lasts) if lasts else None)


async def past(ctx: Context, patient_id: UUID) -> list[Past]:
    """What this patient was prescribed before, the latest of each medicine first."""
    query: Any = (
        select(Line.id, Line.drug, Line.typed, Line.product_id)
        .join(Prescription, Prescription.id == Line.prescription_id)
        .where(Prescription.patient_id == patient_id, Prescription.status.not_in([Status.DRAFT, Status.CANCELLED]))
        .order_by(Prescription.written_at.desc())
        .limit(30)
    )
    seen: dict[UUID, Past] = {}
    for line_id, drug, typed, product_id in await ctx.db.execute(query):
        seen.setdefault(product_id, Past(line_id, drug, typed, product_id))
    return list(seen.values())[:8]
