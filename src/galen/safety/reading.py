"""From what people write about medicines and reactions to names that the knowledge may contain. Pure."""

import re

from galen.values.search_key import search_key

from .knowledge import Knowledge, Severity

# Complaints that are side effects rather than allergies, when nothing else was recorded.
INTOLERANCE = frozenset(
    """
    nausea vomiting diarrhoea diarrhea constipation headache dizziness drowsiness sedation indigestion reflux
    dyspepsia insomnia upset stomach cramps abdominal pain gi
    """.split()
)
ROUTES = {
    "ophthalmic": re.compile(r"\beye\b|ophthalmic", re.I),
    "otic": re.compile(r"\bears?\b|otic\b", re.I),
    "topical": re.compile(r"\b(cream|ointment|lotion|shampoo|topical|gel)\b", re.I),
    "vaginal": re.compile(r"vaginal|pessar", re.I),
}
_PARTS = re.compile(r"\s+(?:\+|/|and|with)\s+|\s*\+\s*", re.I)
_AHEAD = re.compile(r"^\s*\d+(?:[.,]\d+)?\s*(?:HR|hours?|ML|ACTUAT)\s+", re.I)
_BEHIND = re.compile(r"(?:(?:^|\s)\s*\d|\s*[\[(,]).*$", re.S)
_FORM = re.compile(
    r"\b(?:tab(?:let)?s?|cap(?:sule)?s?|oral|eye|ear|nasal|drops?|cream|ointment|gel|patch(?:es)?|inhaler|"
    r"injection|solution|suspension|syrup|liquid|spray|lotion|modified[- ]release|extended[- ]release|"
    r"(?:SR|XR|MR|ER|CR|LA))\b.*$",
    re.I,
)

# Words behind a name that add no ingredient: salts, and what makers write about strength and speed.
_HARMLESS = frozenset(
    """
    sodium potassium calcium magnesium hydrochloride hcl phosphate sulfate sulphate tartrate bitartrate succinate
    maleate besylate besilate mesylate mesilate fumarate acetate citrate nitrate bromide hydrobromide chloride
    trihydrate dihydrate monohydrate hemihydrate anhydrous furoate propionate dipropionate valerate arginine
    erbumine tosilate axetil proxetil medoxomil cilexetil duo forte rapid osteo junior childrens children infant
    infants delayed release modified extended prolonged immediate film coated enteric dispersible chewable
    effervescent hr generic
    """.split()
)


def ingredients(text: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The names in a medicine's text: `Acetaminophen 325 MG / Codeine 30 MG Oral Tablet` holds two.

    What is not understood stays among them, so that the medicine does not count as known.
    """
    if knowledge.ingredients(text):
        return (text,)
    parts = [part for part in _PARTS.split(text) if part.strip()]
    return tuple(name for part in parts for piece in _bare(part).split("/") for name in _named(piece, part, knowledge))


def _bare(part: str) -> str:
    """Without what stands before and behind a name: duration, strength, form."""
    return _FORM.sub("", _BEHIND.sub("", _AHEAD.sub("", part))).strip()


def _named(piece: str, part: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The longest beginning that is known, and what behind it is not known to be harmless; or all as it was written."""
    words = piece.split()
    for end in range(len(words), 0, -1):
        if knowledge.ingredients(name := " ".join(words[:end])):
            left = [word for word in words[end:] if search_key(word) not in _HARMLESS]
            return (name, " ".join(left)) if left else (name,)
    return (" ".join(words) or part.strip(),)


def route(text: str) -> str:
    """By mouth, unless the form says that it acts where it is put."""
    return next((name for name, form in ROUTES.items() if form.search(text)), "oral")


def is_intolerance(reaction: str, severity: str) -> bool:
    """Only side effects are written down, and nobody called them severe."""
    words = set(search_key(reaction).split()) - {"and", "with", "mild", "moderate"}
    return bool(words) and words <= INTOLERANCE and severity != "severe"


# The words of other sources for how bad it may become, most telling first; spelling varies (ANSM: "Nor recommended").
_GRADES = (
    (re.compile(r"contra ?-?indicat", re.I), Severity.CONTRAINDICATED),
    (re.compile(r"\b(major|severe|serious|high)\b|no[rt]? recomm?en?ded|\bavoid", re.I), Severity.MAJOR),
    (re.compile(r"\bmoderate\b|precautions?\b", re.I), Severity.MODERATE),
    (re.compile(r"\b(minor|mild|low)\b|take into account|taken into account", re.I), Severity.MINOR),
    (re.compile(r"^\s*(unknown|not graded|ungraded|undetermined|-)\s*$", re.I), Severity.UNKNOWN),
)


def graded(word: str) -> Severity | None:
    """Another source's grade in our words (NCPDP's numbers too); of several the worst."""
    ncpdp = {"1": Severity.MAJOR, "2": Severity.MODERATE, "3": Severity.MINOR, "9": Severity.UNKNOWN}
    return ncpdp.get(word.strip()) or next((grade for spelling, grade in _GRADES if spelling.search(word)), None)


def imported_name(written: str, knowledge: Knowledge) -> str:
    """The name under which an imported pair is kept: the INN of one known substance, else the search key."""
    known = knowledge.ingredients(written)
    return next(iter(known)) if len(known) == 1 else search_key(written)
