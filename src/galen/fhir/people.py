"""A FHIR Patient as a person of ours: names, birth, addresses, and the numbers others gave them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .elements import Element, Unreadable
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
CALLED = ("nickname", "usual")
COUNTRIES = {"australia": "AU", "aus": "AU", "united states": "US", "united states of america": "US", "usa": "US"}


@dataclass
class FhirPerson:
    """What can be written down of a person; `notes` are what somebody should look at, each with its path."""

    fields: dict[str, Any]
    deceased_on: date | None = None
    numbers: list[tuple[str, str, str]] = field(default_factory=list)  # kind, value, path
    notes: list[tuple[str, str]] = field(default_factory=list)


def read_person(e: Element, today: date) -> FhirPerson:
    """All that this record has room for; the rest of the resource stays in its kept copy."""
    notes: list[tuple[str, str]] = []
    address = best(e.many("address"), ("home", "", "temp", "work", "billing", "old"))
    said = {
        **names(e, notes),
        "sex": e.code("gender", "male female other unknown ") or "unknown",
        "born": born(e, today),
        **contacts(e, notes),
        "street": ", ".join(address.words("line")),
        "suburb": address.text("city"),
        "state": address.text("state"),
        "postcode": address.text("postalCode"),
        "country": COUNTRIES.get(address.text("country").casefold(), address.text("country")),
        "language": language(e),
    }
    person = FhirPerson(said, deceased(e, today, notes), numbers(e), notes)
    if "active" in e.body and not e.flag("active"):
        notes.append(("active", "the source marks this record as no longer in use"))
    return person


def best(items: list[Element], uses: tuple[str, ...]) -> Element:
    """The one for this purpose: by its use, then by its place in the list; one that has ended comes last."""
    ranked = sorted(items, key=lambda i: (bool(i.one("period").text("end")), use_rank(i, uses)))
    return ranked[0] if ranked else Element()


def use_rank(item: Element, uses: tuple[str, ...]) -> int:
    use = item.text("use")
    return uses.index(use) if use in uses else len(uses)


def names(e: Element, notes: list[tuple[str, str]]) -> dict[str, str]:
    """Official before usual before any other; a person of one name has it as the family name."""
    listed = e.many("name")
    full = [n for n in listed if n.text("family") or n.words("given")]
    name = best(full or listed, ("official", "usual", "", "temp"))
    family, given = name.text("family"), " ".join(name.words("given"))
    if not family:
        whole = given or name.text("text")
        given, family = whole.rpartition(" ")[0] if not given else "", whole if given else whole.rpartition(" ")[2]
    if not family:
        notes.append(("name", "no name is stated" + (f" ({why})" if (why := e.said_absent("name")) else "")))
    others = sorted((n for n in listed if n is not name and n.text("use") in CALLED), key=lambda n: use_rank(n, CALLED))
    preferred = " ".join(others[0].words("given")) if others else ""
    for key, value in (("family", family), ("given", given)):
        if len(value) > 120:
            raise Unreadable(f"{name.path}.{key}", "is longer than 120 characters")
    return {"family": family or "Not stated", "given": given, "preferred": preferred if preferred != given else ""}


def born(e: Element, today: date) -> str:
    when = e.when("birthDate")
    if when and when.first > today:
        raise Unreadable("birthDate", f"'{when.text}' is in the future")
    return when.text[:10] if when else ""


def contacts(e: Element, notes: list[tuple[str, str]]) -> dict[str, str]:
    """One telephone, a mobile one before others, and one e-mail address; `rank` decides between equals."""
    found = {"phone": "", "email": ""}
    points = sorted(e.many("telecom"), key=lambda t: (use_rank(t, ("mobile", "home", "", "work", "temp")), rank(t)))
    for point in points:
        system, value = point.text("system"), point.text("value")
        kind = {"phone": "phone", "sms": "phone", "email": "email"}.get(system, "")
        if kind == "email" and not ("@" in value.strip("@") and " " not in value):
            notes.append((point.at("value"), "is not an e-mail address; it stands in the kept copy only"))
        elif kind and value and not found[kind] and point.text("use") != "old":
            found[kind] = value
    return found


def rank(point: Element) -> int:
    number = point.number("rank")
    return int(number) if number is not None else 99


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
    if when.first > today or (birth and when.last < birth.first):
        notes.append(("deceasedDateTime", f"'{when.text}' is in the future, or before the birth: not taken over"))
        return None
    return max(when.first, birth.first) if birth else when.first


def kind_of(e: Element) -> str:
    """What an identifier is called here: by its system, else by its type."""
    kind = SYSTEMS.get(e.text("system"), "")
    codes = [c.text("code") for c in e.one("type").many("coding")]
    if not kind and "/passport-" in e.text("system"):
        kind = "passport"
    return kind or next((TYPES[code] for code in codes if code in TYPES), "other")


def numbers(e: Element) -> list[tuple[str, str, str]]:
    """Each number once; a second one of a kind is `mrn-2`. The id of the record itself is no number of the person."""
    found: list[tuple[str, str, str]] = []
    for identifier in sorted(e.many("identifier"), key=lambda i: kind_of(i) == "other"):
        kind, value = kind_of(identifier), identifier.text("value")
        own_id = kind == "other" and (value == e.text("id") or value in [v for _, v, _ in found])
        if not value or own_id or any((k, v) == (kind, value) for k, v, _ in found):
            continue
        alike = sum(k.startswith(kind) for k, _, _ in found)
        found.append((f"{kind}-{alike + 1}" if alike else kind, value, identifier.at("value")))
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
