"""The verb for a dose: by its unit, its route, its place."""

from __future__ import annotations

from dataclasses import replace

from .dosage import Dose

IMPLIED = {"eye": "ophthalmic", "ear": "otic", "nostril": "nasal"}
VERB_OF_UNIT = {
    "unit": "inject", "puff": "inhale", "spray": "spray", "drop": "instil", "patch": "apply",
    "suppository": "insert",
    "pessary": "insert", "enema": "insert", "lozenge": "suck", "nebule": "inhale",
    "application": "use", "injection": "inject",
    "syringe": "inject", "pen": "inject", "fingertip unit": "apply", "ring": "insert", "piece": "chew",
}  # fmt: skip
VERB_OF_ROUTE = {
    "sublingual": "dissolve", "buccal": "dissolve", "rectal": "insert", "vaginal": "insert", "intramuscular": "inject",
    "intravenous": "give", "subcutaneous": "inject", "intradermal": "inject", "intrathecal": "give",
    "inhaled": "inhale",
    "nebulised": "inhale", "nasal": "use", "topical": "apply", "transdermal": "apply", "tube": "give",
    "otic": "instil", "ophthalmic": "instil",
}  # fmt: skip


def verbed(dose: Dose) -> Dose:
    """The verb and the route that are not written but meant: puffs are inhaled, drops in the eye are put there."""
    place = next((route for place, route in IMPLIED.items() if place in dose.site), "")
    verb = dose.verb
    if verb in ("", "take"):
        skin = "apply" if dose.site and not verb and not place else ""
        swallowed = dose.unit == "drop" and dose.route in ("oral", "sublingual", "buccal")
        verb = "take" if swallowed else VERB_OF_UNIT.get(dose.unit) or VERB_OF_ROUTE.get(dose.route) or skin or "take"
    route = dose.route or place or ("topical" if verb == "apply" and dose.unit != "patch" else "")
    return replace(dose, verb=verb, route=route)


def implied(dose: Dose) -> str:
    """The route that the place (or the verb) already says, so that it need not be printed."""
    place = next((route for place, route in IMPLIED.items() if place in dose.site), "")
    return place or ("topical" if dose.verb == "apply" and dose.unit != "patch" and dose.site else "")
