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


def verbed(one: Dose) -> Dose:
    """The verb and the route that are not written but meant: puffs are inhaled, drops in the eye are put there."""
    place = next((route for place, route in IMPLIED.items() if place in one.site), "")
    verb = one.verb
    if verb in ("", "take"):
        skin = "apply" if one.site and not verb and not place else ""
        verb = VERB_OF_UNIT.get(one.unit) or VERB_OF_ROUTE.get(one.route) or skin or "take"
    route = one.route or place or ("topical" if verb == "apply" and one.unit != "patch" else "")
    return replace(one, verb=verb, route=route)


def implied(one: Dose) -> str:
    """The route that the place (or the verb) already says, so that it need not be printed."""
    place = next((route for place, route in IMPLIED.items() if place in one.site), "")
    return place or ("topical" if one.verb == "apply" and one.unit != "patch" and one.site else "")
