"""What holds for every reader: what is kept instead, which days can be, and which statements are no facts."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from galen.patients import EARLIEST, LATEST, STATEMENT_CODES, of_medicines_only, of_some_only, says_none, says_unknown

from .elements import Concept, Element, Unreadable, When, concept

Fields = dict[str, Any]
HIDDEN = frozenset({"masked", "unsupported", "as-text", "error", "not-permitted"})
"""Why a source does not say what it knows; for all other reasons it knows nothing."""
LONGEST = 500
"""Characters of a name or of directions; the rest stands in the kept copy."""


class Keep(Exception):
    """There is no room for this here: it is kept as it came. `review` says that somebody should read it."""

    def __init__(self, says: str = "", *, path: str = "", review: bool = False, none_known: bool = False) -> None:
        super().__init__(says)
        self.says, self.path, self.review, self.none_known = says, path, review, none_known


@dataclass(frozen=True)
class ReadingContext:
    """What a reader may ask besides the resource itself; in `notes` it says what it did not take over, and where."""

    zone: ZoneInfo
    today: date
    resolve: Callable[[Element], Element]
    born: date | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)

    def sound(self, when: When | None, path: str, *, ahead: bool = False, unborn: int = 0) -> When | None:
        """A day that can be, never before birth; one that cannot counts as not known, and the report says so."""
        if when is None:
            return None
        low = max(EARLIEST, self.born - timedelta(unborn)) if self.born else EARLIEST
        high = LATEST if ahead else self.today + timedelta(1)  # it is tomorrow elsewhere
        if when.last < low or when.first > high:
            why = "in the future" if when.first > high else "before the birth" if self.born else "before 1880"
            self.notes.append((path, f"'{when.text}' is {why}: taken as not known"))
            return None
        return replace(when, first=max(when.first, low))


def status_of(e: Element, name: str) -> str:
    return concept(e.one(name)).code


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def states_none(code: Concept) -> str:
    """`all`, `medicines` or `some` where a concept only says that there is none; empty where it names something."""
    if coded := next((STATEMENT_CODES[c] for _, c in sorted(code.codes) if c in STATEMENT_CODES), ""):
        return coded
    if any(c.startswith(("no-known-", "no-")) and "absent-unknown" in system for system, c in code.codes):
        return "some"
    for text in code.texts[:1]:  # what is named first, in the source's own words, is what is meant
        if says_none(text):
            return "some" if of_some_only(text) else "medicines" if of_medicines_only(text) else "all"
    return ""


def refuse_statement(code: Concept, thing: str, path: str = "code", *, otherwise: bool = False) -> None:
    """Statements are kept, not taken for facts; `otherwise`: something else of the resource tells that there is one."""
    if none := states_none(code):
        said = code.text or code.code
        if any(not says_none(t) and not says_unknown(t) and t not in code.stated for t in code.texts[:1]):
            raise Keep(f"says that there is none, and names {cut(said)}", path=path, review=True)
        if thing != "allergy" or none == "some":
            unknown = code.code.endswith("-info")
            why = "says that nothing is known" if unknown else "says that there is none"
            raise Keep(f"{why} ({cut(said)})", path=path, review=True)
        only = none == "medicines"
        why = f"speaks of medicines only ({cut(said)}): recorded as “no known allergies”"
        raise Keep(why if only else f"says that there is none ({cut(said)})", path=path, review=only, none_known=True)
    unsaid = code.absent and code.absent not in HIDDEN and not code.text and not code.code
    if (unsaid or (code.text and says_unknown(code.text))) and not otherwise:
        reason = code.absent or code.text
        raise Keep(f"does not say which {thing} ({reason})", path=path, review=True)


def span(e: Element, since: When | None, until: When | None, end: str, over: bool, reading: ReadingContext) -> Fields:
    """From the first day that is possible to the last; what is over and has no day at all ends today."""
    begins, ends = since.first if since else None, until.last if until else (reading.today if over else None)
    if begins and ends and ends < begins:
        raise Unreadable(e.at(end), f"'{until.text if until else ends}' is before the beginning")
    return {"since": begins, "until": ends}


LISTS = ("Composition", "List")
ALLERGIES = {"48765-2", "52472-8", "11382-9"}  # LOINC: the section, or the list, of allergies


def refuse_empty(e: Element) -> None:
    """A list of allergies that is empty because there is none says so of the person."""
    for part in (e, *e.many("section")):
        empty = {code for _, code in part.concept("emptyReason").codes} & {"nilknown"}
        if empty and {code for _, code in part.concept("code").codes} & ALLERGIES:
            raise Keep("says that there is none", path="emptyReason", none_known=True)
