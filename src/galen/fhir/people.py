"""A FHIR Patient as a person of ours: names, birth, addresses, and the numbers others gave them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from galen.patients import EARLIEST

from .elements import Element, Unreadable
from .names import best, names
from .reaching import contact_persons, contacts, country
from .reading import Came, as_text

SYSTEMS = {
    "http://ns.electronichealth.net.au/id/hi/ihi/1.0": "ihi",
    "http://ns.electronichealth.net.au/id/medicare-number": "medicare",
    "http://ns.electronichealth.net.au/id/dva": "dva",
    "http://ns.electronichealth.net.au/id/centrelink-customer-reference-number": "crn",
    "http://hl7.org/fhir/sid/us-ssn": "ssn",
    "http://hl7.org/fhir/sid/us-mbi": "mbi",
}
TYPES = {"MR": "mrn", "SS": "ssn", "DL": "licence", "PPN": "passport", "MC": "medicare-card", "NI": "national"}
PERSONS = {"Patient", "RelatedPerson", "Person"}
OPEN = {"mrn", "other"}  # numbers of a system's own; all others are a person's and are shown in part only
SEXES = {"m": "male", "f": "female", "248153007": "male", "248152002": "female", "male": "male", "female": "female"}
BODY = ("birthsex", "us-core-sex", "patient-sexParameterForClinicalUse", "birth-sex", "sex-assigned-at-birth")
"""How the addresses of extensions end that tell the sex of the body."""


@dataclass
class FhirPerson:
    """What can be written down of a person; `notes` are what somebody should look at, each with its path."""

    fields: dict[str, Any]
    deceased_on: date | None = None
    numbers: list[tuple[str, str, str, str]] = field(default_factory=list)  # kind, value, path, issuer
    notes: list[tuple[str, str]] = field(default_factory=list)


def read_person(e: Element, today: date) -> FhirPerson:
    """All that this record has room for; the rest of the resource stays in its kept copy."""
    notes: list[tuple[str, str]] = []
    address = best(e.many("address"), ("home", "", "temp", "work", "billing", "old"))
    said = {
        **names(e, notes),
        **sexes(e),
        "born": born(e, today, notes),
        **contacts(e, notes),
        "contact_persons": contact_persons(e),
        "street": ", ".join(address.words("line")) or ("" if address.text("city") else address.text("text")),
        "suburb": address.text("city"),
        "state": address.text("state"),
        "postcode": address.text("postalCode"),
        "country": country(address.text("country")),
        "language": language(e),
    }
    person = FhirPerson(said, deceased(e, today, notes), numbers(e), notes)
    if "active" in e.body and not e.flag("active"):
        notes.append(("active", "the source marks this record as no longer in use"))
    return person


def sexes(e: Element) -> dict[str, str]:
    """The sex of the body, where it is told, before the gender that offices write down; the other in words."""
    gender, identity, body = e.code("gender", "male female other unknown ") or "unknown", "", ""
    for extension in e.many("extension"):
        said = extension.concept("valueCodeableConcept")
        inner = [part for part in extension.many("extension") if part.text("url") == "value"]
        said = next((part.concept("valueCodeableConcept") for part in inner), said)
        word, url = extension.text("valueCode") or said.code or said.text, extension.text("url")
        if url.endswith(BODY):
            body = SEXES.get(word.casefold(), body)
        elif "genderidentity" in url.casefold().replace("-", ""):
            identity = said.text or word
    sex = body or gender
    return {"sex": sex, "gender": (identity or (gender if gender not in ("unknown", sex) else ""))[:80]}


def born(e: Element, today: date, notes: list[tuple[str, str]]) -> str:
    when = e.when("birthDate")
    if when and when.first > today:
        raise Unreadable("birthDate", f"'{when.text}' is in the future")
    if when and when.first < EARLIEST:
        notes.append(("birthDate", f"'{when.text}' is before 1880: taken as not known"))
        return ""
    return when.text[:10] if when else ""


def language(e: Element) -> str:
    """The language preferred, else the first; `en-AU` is English."""
    spoken = e.many("communication")
    chosen = next((c for c in spoken if c.flag("preferred")), spoken[0] if spoken else Element())
    return chosen.concept("language").code.partition("-")[0].lower() or "en"


def deceased(e: Element, today: date, notes: list[tuple[str, str]]) -> date | None:
    when = e.when("deceasedDateTime")
    if when is None:
        if e.flag("deceasedBoolean"):
            notes.append(("deceasedBoolean", "has died, on a day that is not stated: write it down by hand"))
        return None
    birth = e.when("birthDate")
    birth = birth if birth and birth.first >= EARLIEST else None
    if when.first > today or when.last < (birth.first if birth else EARLIEST):
        notes.append(("deceasedDateTime", f"'{when.text}' is in the future, or before the birth: not taken over"))
        return None
    return max(when.first, birth.first if birth else EARLIEST)


def kind_of(e: Element) -> str:
    """What an identifier is called here: by its system, else by its type."""
    kind = SYSTEMS.get(e.text("system"), "")
    codes = [c.text("code") for c in e.one("type").many("coding")]
    if not kind and "/passport-" in e.text("system"):
        kind = "passport"
    return kind or next((TYPES[code] for code in codes if code in TYPES), "other")


def numbers(e: Element) -> list[tuple[str, str, str, str]]:
    """Each number once; a second one of a kind is `mrn-2`. The id of the record itself is no number of the person."""
    found: list[tuple[str, str, str, str]] = []
    for identifier in sorted(e.many("identifier"), key=lambda i: kind_of(i) == "other"):
        kind, value = kind_of(identifier), identifier.text("value")
        own_id = kind == "other" and (value == e.text("id") or value in [v for _, v, _, _ in found])
        if not value or own_id or any((k, v) == (kind, value) for k, v, _, _ in found):
            continue
        alike = sum(k.startswith(kind) for k, *_ in found)
        named = f"{kind}-{alike + 1}" if alike else kind
        found.append((named, value, identifier.at("value"), identifier.text("system")))
    return found


def may_name(came: Came) -> bool:
    """Whether a resource may hold a number of a person: a patient's does; others when they speak of such a system."""
    return came.kind in PERSONS or any(system in came.content for system in (*SYSTEMS, "/passport-"))


def unnamed(came: Came) -> str:
    """What is kept of a resource that names a person's numbers; of XML, its text with each of them covered."""
    found: list[str] = []
    hidden = masked(came.body, found, came.loose)
    if not came.loose:
        return as_text(hidden)
    content = came.content
    for number in found:
        content = content.replace(number, "•••• " + number[-4:])
    return content


def masked(value: Any, found: list[str], loose: bool = False) -> Any:
    """A resource without the numbers that belong to persons: their last four characters remain."""
    if isinstance(value, list):
        return [masked(item, found, loose) for item in value]
    if not isinstance(value, dict):
        return value
    hidden = {key: masked(item, found, loose) for key, item in value.items()}
    secret, kind = value.get("value"), value.get("type") or {}
    if (
        isinstance(secret, str)
        and isinstance(kind, dict)
        and kind_of(Element({**value, "type": kind}, loose=loose)) not in OPEN
    ):
        found.append(secret)
        hidden["value"] = "•••• " + secret[-4:]
    return hidden
