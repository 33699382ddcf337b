"""Where a form can go: a tablet goes into no eye, a suppository is not swallowed. Facts: the names of forms (EDQM)."""

from __future__ import annotations

from .dosage import Dose
from .supplies import Supply

AREA_OF_ROUTE = {
    "oral": "mouth", "sublingual": "mouth", "buccal": "mouth", "tube": "mouth", "rectal": "rectum", "vaginal": "vagina",
    "intramuscular": "needle", "intravenous": "needle", "subcutaneous": "needle", "intradermal": "needle",
    "intrathecal": "needle", "inhaled": "lungs", "nebulised": "lungs", "nasal": "nose", "topical": "skin",
    "transdermal": "skin", "ophthalmic": "eye", "otic": "ear",
}  # fmt: skip
AREA_OF_VERB = {"inhale": "lungs", "inject": "needle", "chew": "mouth", "suck": "mouth"}
AREAS = {
    "mouth": "by mouth", "rectum": "into the rectum", "vagina": "into the vagina", "needle": "by injection",
    "lungs": "into the lungs", "nose": "into the nose", "skin": "onto the skin", "eye": "into an eye",
    "ear": "into an ear",
}  # fmt: skip
SWALLOWED = frozenset({"mouth", "vagina", "rectum"})
# By the unit of a dose, or of what is supplied: where it may go. A unit that is not named here may go anywhere.
BY_UNIT: dict[str, frozenset[str]] = {
    "tablet": SWALLOWED,
    "capsule": SWALLOWED | {"lungs"},
    **dict.fromkeys(("lozenge", "film", "piece", "scoop", "teaspoon", "tablespoon"), frozenset({"mouth"})),
    "sachet": frozenset({"mouth", "skin"}),
    "suppository": frozenset({"rectum", "vagina"}),
    **dict.fromkeys(("pessary", "ring"), frozenset({"vagina"})),
    "enema": frozenset({"rectum"}),
    **dict.fromkeys(("patch", "fingertip unit"), frozenset({"skin"})),
    "puff": frozenset({"lungs", "mouth", "nose"}),
    "spray": frozenset({"nose", "mouth", "skin", "lungs"}),
    "drop": frozenset({"eye", "ear", "nose", "mouth", "skin"}),
    "nebule": frozenset({"lungs", "mouth"}),
    **dict.fromkeys(("pen", "injection"), frozenset({"needle"})),
    "syringe": frozenset({"needle", "mouth"}),
}
# By the place that a product is made for.
BY_PLACE: dict[str, frozenset[str]] = {
    "eye": frozenset({"eye", "ear"}),  # drops for the eye are sterile, and are used in ears
    "ear": frozenset({"ear"}),
    "nose": frozenset({"nose"}),
    "lungs": frozenset({"lungs", "mouth", "nose"}),
    "mouth": frozenset({"mouth", "rectum", "vagina"}),
    "skin": frozenset({"skin", "nose", "ear", "rectum", "vagina"}),
    "needle": frozenset({"needle", "mouth"}),
    "rectum": frozenset({"rectum", "skin"}),
    "vagina": frozenset({"vagina", "skin", "mouth"}),
}
INJECTED = frozenset({"abdomen", "thigh", "arm", "arms", "leg", "legs", "back"})
PER_SITE = {"eye": "eye", "ear": "ear", "nostril": "nose", "anus": "skin", "vulva": "skin"}


def areas(dose: Dose) -> set[str]:
    """Where these directions put it, as far as they say."""
    found = {AREA_OF_ROUTE.get(dose.route, ""), AREA_OF_VERB.get(dose.verb, ""), area_of_site(dose)} - {""}
    return found - {"mouth"} if "lungs" in found else found  # puffs are inhaled through the mouth


def area_of_site(dose: Dose) -> str:
    if not dose.site or (
        dose.site in INJECTED and (dose.verb == "inject" or AREA_OF_ROUTE.get(dose.route) == "needle")
    ):
        return ""
    last = dose.site.split(" ")[-1].rstrip("s")
    return PER_SITE.get(last, "rectum" if dose.site == "anus" and dose.unit in ("suppository", "enema") else "skin")


def misplaced(dose: Dose, supply: Supply | None = None) -> str:
    """Why this cannot go there; empty when nothing is wrong."""
    limits = [(a(dose.unit), BY_UNIT.get(dose.unit))]
    if supply and supply.unit:
        limits.append((a(supply.unit), SWALLOWED if supply.inside else BY_UNIT.get(supply.unit)))
    if supply and supply.place:
        limits.append((f"what is made to be given {AREAS[supply.place]}", BY_PLACE[supply.place]))
    for area in sorted(areas(dose)):
        for what, allowed in limits:
            if allowed is not None and area not in allowed:
                return f"{what[:1].upper()}{what[1:]} cannot be given {AREAS[area]}: write where it goes."
    return ""


def can_stand(area: str, unit: str, context: str) -> bool:
    """Whether a word for a place means one here: with a dose or a product that may go there."""
    allowed = BY_UNIT.get(unit)
    made_for = BY_PLACE.get(context)
    return (allowed is None or area in allowed) and (made_for is None or area in made_for)


def a(unit: str) -> str:
    return f"{'an' if unit[:1] in 'aeio' else 'a'} {unit}"
