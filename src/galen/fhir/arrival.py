"""A batch of resources on its way in: what it refers to, what is known of that, and where it is kept."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from galen import patients
from galen.core.context import Context

from .clinical import READERS
from .elements import Element, Unreadable, absence
from .models import KeptResource
from .people import may_name, unnamed
from .reading import Came, ResourceBatch, read_back
from .references import SUBJECTS, Key, key_of, named_by, number_of, referred, subject_of
from .report import FhirRemark, FhirReport
from .rules import Keep, ReadingContext

GROUND = frozenset(
    {"Patient", "Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "HealthcareService"}
)
"""What is about nobody, or is a person: read before everything that refers to it."""
OURS = READERS.keys() | {"Encounter", "Observation"}
COLUMNS = [
    getattr(KeptResource, name) for name in ("id", "kind", "fhir_id", "patient_id", "record", "record_id", "digest")
]


@dataclass
class Run:
    """What an import remembers from file to file: little, however many files there are."""

    source: str
    stored: set[Key] = field(default_factory=set)  # kept by this run
    failed: set[Key] = field(default_factory=set)
    same: dict[str, str] = field(default_factory=dict)  # answers: id there, number of the record here; or `all`
    apart: set[str] = field(default_factory=set)  # answers: id there of somebody who is nobody here; or `all`
    joined: set[UUID] = field(default_factory=set)  # people who came under more than one id


@dataclass
class Arrival:
    """A batch on its way in. `known` are rows of earlier imports and of this batch, by type and id."""

    ctx: Context
    run: Run
    batch: ResourceBatch
    part: FhirReport
    known: dict[Key, Any] = field(default_factory=dict)
    here: dict[str, Came] = field(default_factory=dict)
    elsewhere: dict[Key, Element] = field(default_factory=dict)
    people: dict[UUID, patients.Patient] = field(default_factory=dict)
    asked: dict[tuple[str, str, str], UUID | None] = field(default_factory=dict)
    births: dict[UUID, date | None] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)
    allergic: set[UUID] = field(default_factory=set)
    none_known: set[UUID] = field(default_factory=set)
    groups: dict[Any, list[Any]] = field(default_factory=lambda: defaultdict(list))
    left_out: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    def ready(self, came: Came) -> bool:
        """Single resources wait until all that they may refer to is read; a bundle's wait for their person only."""
        if came.kind in GROUND:
            return True
        row = self.known.get(came.key)
        if not self.batch.bundle or (row is not None and row.patient_id):
            return row is not None and row.patient_id is not None
        reference = subject_of(came.element)
        key = key_of(reference, self.here, "Patient")
        return not reference.text("reference") or key in self.known or key in self.run.failed or self.comes(key)

    def comes(self, key: Key | None) -> bool:
        return key is not None and "/".join(key) in self.here

    async def look_up(self) -> None:
        """What earlier imports know of these resources and of those that they refer to: two queries."""
        wanted = {came.key for came in self.batch.resources}
        spoken: set[str] = set()
        for came in self.batch.resources:
            whole = came.kind in OURS
            spoken |= referred(came.body if whole else {name: came.body.get(name) for name in SUBJECTS})
        named = named_by(self.here, spoken)
        unexplained = (word for word in spoken - self.here.keys() if word.startswith("urn:uuid:"))
        bare = {("Patient", word.removeprefix("urn:uuid:")) for word in unexplained}
        for row in await self.ctx.db.execute(select(*COLUMNS).where(*self.among(wanted | named | bare))):
            self.known[row.kind, row.fhir_id] = row
        await self.describe({key for key in named if key in self.known})

    async def describe(self, keys: set[Key], further: bool = True) -> None:
        """The doctors, places and medicines that are spoken of; and, for a doctor's role, the doctor."""
        described = {key for key in keys - self.elsewhere.keys() if key[0] in GROUND - {"Patient"}}
        if not described:
            return
        texts = select(KeptResource.kind, KeptResource.fhir_id, KeptResource.content).where(*self.among(described))
        for kind, id, content in await self.ctx.db.execute(texts):
            self.elsewhere[kind, id] = read_back(content)
        if further:
            roles = [self.elsewhere[key].body for key in described if key in self.elsewhere]
            await self.describe(named_by(self.here, referred(roles)), further=False)

    def among(self, keys: set[Key]) -> tuple[Any, ...]:
        kinds, ids = (literal(sorted({key[part] for key in keys}), ARRAY(Text)) for part in (0, 1))
        return (
            KeptResource.source == self.run.source,
            KeptResource.kind == any_(kinds),
            KeptResource.fhir_id == any_(ids),
        )

    async def about(self, came: Came) -> UUID | None:
        """The patient it is about, when this import or an earlier one knows them."""
        reference = subject_of(came.element)
        asked = came.kind in READERS.keys() - {"MedicationDispense"}  # which alone may be about nobody
        if not reference and asked and not came.element.said_absent(reference.path.rpartition(".")[2]):
            raise Unreadable(reference.path, "is required")
        key = key_of(reference, self.here, "Patient")
        if key in self.run.failed:
            self.left_out[key] += 1
            raise Unreadable("", "")
        row = self.known.get(key) if key else None
        if row is not None and key and key[0] == "Patient":
            return UUID(str(row.record_id))
        if number := number_of(reference):
            if number not in self.asked:
                found = await patients.holders(self.ctx, *number)
                self.asked[number] = found[0] if len(found) == 1 else None
            return self.asked[number]
        return None

    def nobody(self, came: Came) -> str:
        if why := absence(subject_of(came.element)):
            return f"the source does not say whom it is about ({why})"
        return "whom it is about is in none of these files and no earlier import: import it again after them"

    async def birth(self, about: UUID) -> date | None:
        """The first day on which somebody can have been born."""
        if about in self.people:
            return self.people[about].born
        if about not in self.births:
            born = select(patients.Patient.born).where(patients.Patient.id == about)
            self.births[about] = await self.ctx.db.scalar(born)
        return self.births[about]

    def reading(self, came: Came, born: date | None = None) -> ReadingContext:
        return ReadingContext(self.ctx.zone, self.ctx.today, lambda reference: self.resolve(came, reference), born)

    def noted(self, came: Came, reading: ReadingContext) -> None:
        """Say what a reader did not take over."""
        for path, says in reading.notes:
            self.remark("warnings", came, path, says)

    def resolve(self, came: Came, reference: Element) -> Element:
        """The resource behind a reference: contained, in this bundle, or from an earlier file."""
        words = reference.text("reference")
        if words.startswith("#"):
            return next((c for c in came.element.many("contained") if c.text("id") == words[1:]), Element())
        if words in self.here:
            return self.here[words].element
        found = key_of(reference, self.here, "")
        return self.elsewhere.get(found, Element()) if found else Element()

    async def keep(self, came: Came, row: Any, about: UUID | None, reason: Keep) -> None:
        """Store it as it came. A record that an earlier version of it became stays, and somebody is asked to look."""
        if row is not None and row.record_id:
            why = reason.says or "there is no room for it any more"
            self.remark("conflicts", came, reason.path, f"was imported before, and now {why}; the record here stays")
        await self.store(came, row, about)
        self.part.resources[came.kind].kept += 1
        self.run.stored.add(came.key)

    async def store(self, came: Came, row: Any, about: UUID | None, record: Any = None) -> KeptResource:
        """The resource itself, and which record it became."""
        content = unnamed(came) if may_name(came) else came.content
        if row is None:
            kept = self.ctx.add(KeptResource(source=self.run.source, kind=came.kind, fhir_id=came.id))
            self.known[came.key] = kept
        else:
            kept = await self.row(row)
        kept.patient_id = about or kept.patient_id
        kept.content, kept.digest, kept.file, kept.read_at = content, came.digest, self.batch.file, self.ctx.now
        if record is not None:
            kept.record, kept.record_id = record.thing(), record.id
        if about:
            self.changed.add(about)
        return kept

    async def row(self, row: Any) -> KeptResource:
        if isinstance(row, KeptResource):
            return row
        kept = await self.ctx.db.scalar(select(KeptResource).where(KeptResource.id == row.id))
        assert kept is not None
        self.known[kept.kind, kept.fhir_id] = kept
        return kept

    async def before(self, row: Any) -> Element:
        """The resource as it was when it was last imported."""
        return read_back((await self.row(row)).content)

    def remark(self, where: str, came: Came, path: str, says: str) -> None:
        getattr(self.part, where).append(FhirRemark(self.batch.file, came.name, path, says))
