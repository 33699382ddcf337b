"""Telephones, addresses, countries and the people to turn to, from FHIR."""

import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from babel import Locale
from babel.core import get_global

from galen.patients import ContactPerson, Telecom

from .elements import Element, concept
from .names import parts, use_rank

SCHEME = re.compile(r"(?i)^(tel|sms|smsto|mailto|fax|callto|phone):(?://)?")
SYSTEMS = {"phone": "phone", "sms": "sms", "email": "email", "fax": "fax", "pager": "pager", "url": "url"}
SPOKEN = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "great britain": "GB",
    "usa": "US", "united states of america": "US", "aus": "AU", "deutschland": "DE", "españa": "ES", "holland": "NL",
    "the netherlands": "NL", "österreich": "AT", "schweiz": "CH", "suisse": "CH",
}  # fmt: skip


@cache
def territories() -> dict[str, str]:
    """Countries by their two letters, three letters and English names (CLDR)."""
    named = {
        name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()
    }
    three = {old.casefold(): new[0] for old, new in get_global("territory_aliases").items() if len(old) == 3}
    return {**{code.casefold(): code for code in named.values()}, **three, **named, **SPOKEN}


def country(text: str) -> str:
    """Two letters where the country is known by these words, else the words; never one that nobody stated."""
    return territories().get(text.casefold().replace(".", "").strip(), text)


def reached(point: Element) -> tuple[str, str]:
    """What a contact point is, and its value without `tel:` and the like."""
    written = point.text("value")
    scheme = SCHEME.match(written)
    value = unquote(SCHEME.sub("", written)).strip() if scheme else written
    value = re.sub(r"(?i);ext=(\w+)", r" ext. \1", value).partition(";")[0].strip() if scheme else value
    system = {"mailto": "email", "tel": "phone", "callto": "phone", "phone": "phone", "smsto": "sms"}.get(
        scheme[1].casefold() if scheme else "", scheme[1].casefold() if scheme else ""
    )
    stated = point.text("system")
    if stated in SYSTEMS and not (stated == "url" and system):
        return SYSTEMS[stated], value
    return system or ("email" if "@" in value else "phone" if re.search(r"\d{3}", value) else "other"), value


def contacts(e: Element, notes: list[tuple[str, str]]) -> dict[str, Any]:
    """One telephone, a mobile one before others, and one e-mail address; all others beside them."""
    found, others = {"phone": "", "email": ""}, []
    for point in in_order(e):
        system, value = reached(point)
        kind = {"phone": "phone", "sms": "phone", "email": "email"}.get(system, "")
        use = point.text("use")
        if kind == "email" and not is_address(value):
            notes.append((point.at("value"), "is not an e-mail address; it stands in the kept copy only"))
        elif not value or use == "old" or point.one("period").text("end") or value in found.values():
            continue
        elif kind and not found[kind]:
            found[kind] = value
        else:
            others.append(
                Telecom.model_validate({"system": system, "value": value[:200], "use": use[:40]}).model_dump()
            )
    return {**found, "telecoms": [t for at, t in enumerate(others) if t not in others[:at]][:20]}


def in_order(e: Element) -> list[Element]:
    return sorted(e.many("telecom"), key=lambda t: (use_rank(t, ("mobile", "home", "", "work", "temp")), rank(t)))


def is_address(value: str) -> bool:
    return "@" in value.strip("@") and " " not in value


def rank(point: Element) -> int:
    number = point.number("rank")
    return int(number) if number is not None else 99


def contact_persons(e: Element) -> list[dict[str, Any]]:
    """Whom to turn to: relatives, carers, an organisation; those whose time is over are left out."""
    people = []
    for contact in e.many("contact"):
        if contact.one("period").text("end"):
            continue
        name, found = parts(contact.one("name")), {"phone": "", "email": ""}
        for point in in_order(contact):
            system, value = reached(point)
            kind = "email" if system == "email" else "phone" if system in ("phone", "sms") else ""
            if kind and not found[kind] and point.text("use") != "old":
                found[kind] = value
        whole = " ".join(filter(None, (name["prefix"], name["given"], name["family"], name["suffix"])))
        relations = dict.fromkeys(filter(None, (concept(r).text for r in contact.many("relationship"))))
        person = ContactPerson(
            name=(whole or contact.one("organization").text("display"))[:200],
            relationship=", ".join(relations)[:200],
            phone=found["phone"][:60],
            email=found["email"][:200],
            address=in_words(contact.one("address"))[:300],
        )
        if any(person.model_dump().values()):
            people.append(person.model_dump())
    return people[:20]


def in_words(address: Element) -> str:
    town = " ".join(filter(None, (address.text("city"), address.text("state"), address.text("postalCode"))))
    lines = (*address.words("line"), town, country(address.text("country")))
    return ", ".join(filter(None, lines)) or address.text("text")
