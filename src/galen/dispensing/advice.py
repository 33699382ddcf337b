"""What a label says besides the directions: a small table of facts by substance class, form and storage.

Sources: the advisory statements of the product informations; the cautionary labels that pharmacists know (sedation,
food and alcohol, completion of a course); 21 CFR 290.5 for controlled medicines in the United States.
"""

from __future__ import annotations

from galen.i18n import N_

SEDATING = N_("May cause drowsiness. If affected, do not drive or use machines. Avoid alcohol.")
FOOD = N_("Take with or soon after food.")
EMPTY = N_("Take on an empty stomach: 1 hour before or 2 hours after food.")
FINISH = N_("Take until the course is finished unless told otherwise.")
MINERALS = N_("Do not take antacids, iron, calcium or zinc within 2 hours.")
SUN = N_("Protect your skin from too much sun.")
STEADY = N_("Do not stop suddenly. Ask first.")
WATER = N_("Take with a full glass of water. Do not lie down for 30 minutes.")
ALCOHOL = N_("Do not drink alcohol until 3 days after the last dose.")
GRAPEFRUIT = N_("Do not eat grapefruit or drink its juice.")
WEEKLY = N_("ONCE A WEEK only, on the same day.")
BLEEDING = N_("Ask before taking aspirin or other pain relievers.")
SHAKE = N_("Shake well before use.")
OUTSIDE = N_("For external use only.")
RINSE = N_("Rinse your mouth with water after use.")
FRIDGE = N_("Keep in the refrigerator, 2 to 8 °C. Do not freeze.")
FEDERAL = N_(
    "Caution: Federal law prohibits transfer of this drug to any person "
    "other than the patient for whom it was prescribed."
)

BY_ATC = [
    ("N02A", [SEDATING]),
    ("N05A", [SEDATING]),
    ("N05B", [SEDATING]),
    ("N05C", [SEDATING]),
    ("N06AA", [SEDATING, STEADY]),
    ("N06AX11", [SEDATING]),
    ("N03A", [SEDATING, STEADY]),
    ("N02BF", [SEDATING, STEADY]),
    ("R06AB", [SEDATING]),
    ("R06AD", [SEDATING]),
    ("R06AX02", [SEDATING]),
    ("R05DA", [SEDATING]),
    ("M03B", [SEDATING]),
    ("N06AB", [STEADY]),
    ("N06AX16", [STEADY]),
    ("C07", [STEADY]),
    ("C02AC01", [STEADY]),
    ("J01AA", [FINISH, MINERALS, SUN]),
    ("J01MA", [FINISH, MINERALS]),
    ("J01CF", [FINISH, EMPTY]),
    ("J01XD", [FINISH, ALCOHOL]),
    ("P01AB", [FINISH, ALCOHOL]),
    ("J01CR02", [FINISH, FOOD]),
    ("J01XE", [FINISH, FOOD]),
    ("J01", [FINISH]),
    ("J02", [FINISH]),
    ("M01A", [FOOD]),
    ("H02AB", [FOOD, STEADY]),
    ("A10BA", [FOOD]),
    ("C10AA01", [GRAPEFRUIT]),
    ("C10AA05", [GRAPEFRUIT]),
    ("C08CA02", [GRAPEFRUIT]),
    ("M05BA", [EMPTY, WATER]),
    ("H03AA", [EMPTY, MINERALS]),
    ("L04AX03", [WEEKLY]),
    ("L01BA01", [WEEKLY]),
    ("B01AA", [BLEEDING]),
    ("R03BA", [RINSE]),
    ("R03AK", [RINSE]),
]
"""The longest code that fits speaks; only one row for each medicine."""

BY_MOUTH = frozenset(
    {FOOD, EMPTY, FINISH, MINERALS, WATER, GRAPEFRUIT, ALCOHOL, SEDATING, STEADY, SUN, WEEKLY, BLEEDING}
)


def advice(atc: str, route: str, form: str, storage: str, controlled_us: bool = False) -> list[str]:
    """The cautions of a label, in English, the weightiest first; what is swallowed and what is not are told apart."""
    said = max((row for row in BY_ATC if atc.startswith(row[0])), key=lambda row: len(row[0]), default=("", []))[1]
    taken = route in ("", "oral", "sublingual", "buccal")
    found = [
        caution for caution in said if taken or caution not in BY_MOUTH or (caution is STEADY and route != "topical")
    ]
    words = form.lower()
    if "suspension" in words:
        found.append(SHAKE)
    if any(word in words for word in ("cream", "ointment", "lotion", "gel", "paint", "shampoo")) and not taken:
        found.append(OUTSIDE)
    if storage == "fridge":
        found.append(FRIDGE)
    if controlled_us:
        found.append(FEDERAL)
    return found
