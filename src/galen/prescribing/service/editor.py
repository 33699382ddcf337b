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
from galen.i18n import gettext as _
from galen.medicines import Ingredient, Product
from galen.patients import BannerView
from galen.safety import SafetyReport
from galen.values.units import counted, plain

from ..directions import days_supply, structured
from ..legal import law_of, line_fault
from ..models import Line, Prescription, PrescriptionStatus
from ..questions import AskedQuestion, Offer, OpenQuestion, asked
from ..reading import UnderstoodLine, of_product, understand
from ..refills import usual_due
from ..schemas import EditorAnswerDraft, EditorDraft, RowDraft
from .drafting import own_draft
from .lists import reasons


@dataclass(frozen=True)
class EditorRow:
    """One line as typed, with what Galen makes of it."""

    said: RowDraft
    product: Product | None = None
    read: UnderstoodLine | None = None
    problem: str = ""
    before: str = ""  # the directions that this patient had with it, while none are typed
    lasts: int | None = None  # days
    due: date | None = None  # when the next supply is not too soon
    questions: tuple[AskedQuestion, ...] = ()  # what must be answered about this line
    at: int = 0
    fresh: bool = False  # put there just now, without directions: the cursor goes there

    @property
    def quantity(self) -> Decimal | None:
        return self.said.quantity or (self.read.quantity if self.read else None)

    @property
    def supply(self) -> str:
        """How much, as it would be written: what was typed, or what the directions need."""
        return counted(self.quantity, self.product.unit) if self.quantity and self.product else ""

    @property
    def label(self) -> str:
        """The medicine that was chosen."""
        return self.product.tall_label if self.product else ""

    @property
    def name(self) -> str:
        """What the line is called in a summary."""
        return self.product.name if self.product else ""

    @property
    def open(self) -> list[AskedQuestion]:
        """What is still to be answered about it."""
        return [question for question in self.questions if not question.settled]

    @property
    def has_more(self) -> bool:
        """Whether something was said that is seldom said, so that it is in sight."""
        return bool(self.said.interval_days or self.said.indication or not self.said.substitution)

    @property
    def typed_quantity(self) -> str:
        """The quantity that somebody typed; nothing while it follows from the directions."""
        return plain(self.said.quantity) if self.said.quantity else ""

    @property
    def note(self) -> str:
        """How the quantity came about."""
        return _("as typed") if self.said.quantity else self.read.note if self.read else ""

    @property
    def notices(self) -> list[str]:
        """What else is to be said about the directions."""
        return [notice for notice in self.read.notices if notice != self.problem] if self.read else []

    @property
    def by_unit(self) -> bool:
        """Whether a unit has a price of its own."""
        return self.product is not None and self.product.pack_size > 1


BLANK = EditorRow(RowDraft(substitution=True))


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
    rows: list[EditorRow]
    past: list[Past]
    report: SafetyReport | None = None
    questions: list[OpenQuestion] = field(default_factory=list)
    reasons: list[tuple[str, str]] = field(default_factory=reasons)
    offers: dict[str, list[Offer]] = field(default_factory=dict)  # by question
    elsewhere: list[AskedQuestion] = field(default_factory=list)  # questions about no line of it

    @property
    def changing(self) -> bool:
        """Whether a draft is changed, rather than a new one written."""
        return self.draft.prescription_id is not None

    @property
    def action(self) -> str:
        """Where the form is sent."""
        return f"/prescriptions/{self.draft.prescription_id}" if self.changing else "/prescriptions"

    @property
    def back(self) -> str:
        """Where one came from."""
        if self.changing:
            return self.action
        return f"/visits/{self.draft.visit_id}" if self.draft.visit_id else f"/patients/{self.draft.patient_id}"

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it yet."""
        return not self.changing and not any(row.product or row.said.directions for row in self.rows)

    @property
    def open_rows(self) -> list[EditorRow]:
        return [row for row in self.rows if row.open]

    @property
    def open_questions(self) -> int:
        """How many things are to be answered, here and about no line of it."""
        return sum(len(row.open) for row in self.rows) + sum(not question.settled for question in self.elsewhere)

    @property
    def faulty_rows(self) -> list[EditorRow]:
        """Lines that cannot be signed as they are."""
        return [row for row in self.chosen if row.problem]

    @property
    def ready(self) -> bool:
        return bool(self.chosen) and not self.open_questions and not self.faulty_rows

    @property
    def length(self) -> int:
        """How many lines the form shows: there is always one to write in."""
        return max(len(self.rows), 1)

    @property
    def chosen(self) -> list[EditorRow]:
        """The lines with a medicine."""
        return [row for row in self.rows if row.product]

    def row(self, at: int) -> EditorRow:
        """One line of the form; behind the last, an empty one."""
        return self.rows[at] if at < len(self.rows) else BLANK


@requires("prescription.write")
async def new_page(ctx: Context, patient_id: UUID, visit_id: UUID | None = None) -> Editor:
    """An empty prescription for a patient."""
    return await shown(ctx, EditorDraft(patient_id=patient_id, visit_id=visit_id, lines=[RowDraft(substitution=True)]))


@dataclass(frozen=True)
class Choice:
    """A medicine in the list under the field; `directions` are those that this patient had with it."""

    product: Product
    directions: str = ""

    @property
    def name(self) -> str:
        """The medicine, its brand behind it."""
        return f"{self.product.tall_name} ({self.product.brand})" if self.product.brand else self.product.tall_name


@requires("prescription.write")
async def choices(ctx: Context, patient_id: UUID, q: str = "") -> list[Choice]:
    """Medicines by name, brand or code: what this patient had before comes first."""
    await patients.known(ctx, patient_id)
    had = {earlier.product_id: earlier.directions for earlier in await past(ctx, patient_id)}
    choices = [Choice(product, had.get(product.id, "")) for product in await medicines.find_medicines(ctx, q, 20)]
    return sorted(choices, key=lambda choice: not choice.directions)


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
    answers = [
        EditorAnswerDraft(key=override.key, reason=override.reason.value, comment=override.comment)
        for override in rx.overrides
    ]
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
    alone = [product for product in await medicines.find_medicines(ctx, name, 40) if product.holds == (name,)]
    if alone:
        likest = min(alone, key=lambda new: (new.route != old.route, new.form != old.form) if old else (False, False))
        draft.lines[int(at)] = RowDraft(product_id=likest.id, substitution=True)


async def shown(ctx: Context, said: EditorDraft) -> Editor:
    known = await medicines.products(ctx, [row.product_id for row in said.lines if row.product_id])
    earlier = await past(ctx, said.patient_id)
    before = {prescribed.product_id: prescribed.directions for prescribed in earlier}
    last = len(said.lines) - 1
    rows = []
    for at, line in enumerate(said.lines):
        row = row_of(ctx, line, known)
        rows.append(
            replace(
                row,
                at=at,
                before=before.get(line.product_id, "") if row.product and not row.read else "",
                fresh=bool(said.again and at == last) or said.instead.startswith(f"{at}:"),
            )
        )
    state = Editor(said, await patients.banner(ctx, said.patient_id), rows, earlier)
    written = [row for row in rows if row.product]
    if chosen := [row.product for row in written if row.product]:
        directions = [row.read.words if row.read else "" for row in written]
        doses = [structured(row.read.directions) if row.read else None for row in written]
        state.report = await safety.check(
            ctx, said.patient_id, chosen, directions=directions, doses=doses, place=safety.Place.PRESCRIBING
        )
        state.questions = asked(state.report, [product.label for product in chosen])
        state.offers = await offers(ctx, rows, state.questions)
        beside(state)
    return state


def beside(state: Editor) -> None:
    """Every question stands at the line it concerns: of several, the one written last."""
    answers = {answer.key: answer for answer in state.draft.overrides if answer.key}
    at_row: dict[int, list[AskedQuestion]] = {}
    for number, question in enumerate(state.questions):
        offered = tuple(state.offers.get(question.key, ()))
        about = [
            at for at, row in enumerate(state.rows)
            if row.product and (str(row.product.id) in question.products or row.product.label in question.effect)
        ]  # fmt: skip
        asking = AskedQuestion(number, question, answers.get(question.key), offered)
        at_row.setdefault(about[-1] if about else -1, []).append(asking)
    state.elsewhere = at_row.get(-1, [])
    state.rows = [replace(row, questions=tuple(at_row.get(at, ()))) for at, row in enumerate(state.rows)]


PAIN = {"N02", "M01", "M02"}


def area(atc: str) -> str:
    """What a medicine is for, roughly: the second level of its ATC code, with the medicines for pain as one."""
    return "pain" if atc[:3] in PAIN else atc[:3]


async def offers(ctx: Context, rows: list[EditorRow], questions: list[OpenQuestion]) -> dict[str, list[Offer]]:
    """Alternatives that can be taken with one key: those that clearly stand for one of the lines, and for which."""
    names = {name for question in questions for name in question.alternatives}
    if not names:
        return {}
    query = select(Ingredient.name, Ingredient.atc).where(Ingredient.name.in_(names))
    areas = {name: {area(code) for code in codes} for name, codes in await ctx.db.execute(query)}
    offered: dict[str, list[Offer]] = {}
    key = 0
    for question in questions:
        about = [at for at, row in enumerate(rows) if row.product and str(row.product.id) in question.products]
        alone = len(question.products) == 1
        for name in question.alternatives:
            meant = about if alone else [at for at in about if stands_for(areas.get(name), rows[at])]
            if name in areas and len(meant) == 1 and len(offered.get(question.key, [])) < 4:
                key += 1
                offered.setdefault(question.key, []).append(Offer(name, meant[0], key))
    return offered


def stands_for(areas: set[str] | None, row: EditorRow) -> bool:
    return bool(areas and row.product and row.product.atc and area(row.product.atc) in areas)


def row_of(ctx: Context, said: RowDraft, known: dict[UUID, Product]) -> EditorRow:
    product = known.get(said.product_id) if said.product_id else None
    if product is None:
        return EditorRow(said)
    country = ctx.organization.country
    schedule = product.schedule_us if country == "US" else product.schedule_au
    fault = line_fault(law_of(country, schedule), product.name, said.repeats or 0, said.interval_days)
    read = understand(said.directions, product, country, said.days) if said.directions.strip() else None
    row = EditorRow(said, product, read, (read.fault if read and read.fault else "") or (fault[1] if fault else ""))
    if read is None or row.problem or row.quantity is None:
        return row
    lasts = days_supply(row.quantity, read.directions, of_product(product))
    return replace(row, lasts=lasts, due=usual_due(ctx.today, lasts) if lasts else None)


NEVER_SIGNED = (PrescriptionStatus.DRAFT, PrescriptionStatus.CANCELLED)


async def past(ctx: Context, patient_id: UUID) -> list[Past]:
    """What this patient was prescribed before, the latest of each medicine first."""
    query: Any = (
        select(Line.id, Line.drug, Line.typed, Line.product_id)
        .join(Prescription, Prescription.id == Line.prescription_id)
        .where(
            Prescription.patient_id == patient_id,
            Prescription.status.not_in([PrescriptionStatus.DRAFT, PrescriptionStatus.CANCELLED]),
        )
        .order_by(Prescription.written_at.desc())
        .limit(30)
    )
    seen: dict[UUID, Past] = {}
    for line_id, drug, typed, product_id in await ctx.db.execute(query):
        seen.setdefault(product_id, Past(line_id, drug, typed, product_id))
    return list(seen.values())[:8]
