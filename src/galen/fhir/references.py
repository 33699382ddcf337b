"""Who and what a resource speaks of: references inside a bundle, to earlier imports, and by number."""

import re
from typing import Any

from .elements import Element
from .people import SYSTEMS
from .reading import Came

SUBJECTS = ("subject", "patient", "beneficiary", "individual")
POINTS = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?$")
Key = tuple[str, str]


def subject_of(e: Element) -> Element:
    """The person a resource is about, as it names them."""
    for name in SUBJECTS:
        if isinstance(e.body.get(name), dict):
            return e.one(name)
    return Element({}, e.at("subject"))


def key_of(reference: Element, here: dict[str, Came], expected: str) -> Key | None:
    """Type and id of what is referred to. What no bundle explains is taken to be of the type one expects there."""
    words = reference.text("reference")
    if words in here:
        return here[words].key
    if words.startswith("urn:uuid:"):
        return expected, words.removeprefix("urn:uuid:")
    found = POINTS.search(words)
    return (found[1], found[2]) if found else None


def number_of(reference: Element) -> tuple[str, str, str] | None:
    """The person's number by which a logical reference names them: its kind, value and issuer."""
    identifier = reference.one("identifier")
    system, value = identifier.text("system"), identifier.text("value")
    return (SYSTEMS.get(system, "other"), value, system) if system and value else None


def referred(value: Any) -> set[str]:
    """Every reference in a resource, wherever it stands."""
    if isinstance(value, list):
        return set().union(*map(referred, value))
    if not isinstance(value, dict):
        return set()
    own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
    return own.union(*map(referred, value.values()))


def named_by(here: dict[str, Came], words: set[str]) -> set[Key]:
    """The keys behind references to what is not in this batch."""
    return {(m[1], m[2]) for w in words - here.keys() if (m := POINTS.search(w))}
