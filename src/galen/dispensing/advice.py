"""What a label says besides the directions: a small table of facts by substance class, form and storage.

Sources: the advisory statements of the product informations; the cautionary labels that pharmacists know (sedation,
food and alcohol, completion of a course); 21 CFR 290.5 for controlled medicines in the United States.
"""

from __future__ import annotations

SEDATING = "May cause drowsiness. If affected, do not drive or use machines. Avoid alcohol."
FOOD = "Take with or soon after food."
EMPTY = "Take on an empty stomach: 1 hour before or 2 hours after food."
FINISH = "Take until the course is finished unless told otherwise."
MINERALS = "Do not take antacids, iron, calcium or zinc within 2 hours."
SUN = "Protect your skin from too much sun."
STEADY = "Do not stop suddenly. Ask first."
WATER = "Take with a full glass of water. Do not lie down for 30 minutes."
ALCOHOL = "Do not drink alcohol until 3 days after the last dose."
GRAPEFRUIT = "Do not eat grapefruit or drink its juice."
WEEKLY = "ONCE A WEEK only, on the same day."
BLEEDING = "Ask before taking aspirin or other pain relievers."
SHAKE = "Shake well before use."
OUTSIDE = "For external use only."
OPENED = "Throw away 4 weeks after opening."
RINSE = "Rinse your mouth with water after use."
FRIDGE = "Keep in the refrigerator, 2 to 8 °C. Do not freeze."
FEDERAL = (
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
    """The cautions for one label, the weightiest first. What is swallowed and what is not are told apart."""
    said = max((row for row in BY_ATC if atc.startswith(row[0])), key=lambda row: len(row[0]), default=("", []))[1]
    taken = route in ("", "oral", "sublingual", "buccal")
    found = [one for one in said if taken or one not in BY_MOUTH or (one is STEADY and route != "topical")]
    words = form.lower()
    if "suspension" in words:
        found.append(SHAKE)
    if any(one in words for one in ("cream", "ointment", "lotion", "gel", "paint", "shampoo")) and not taken:
        found.append(OUTSIDE)
    if "eye" in words or route == "ophthalmic":
        found.append(OPENED)
    if storage == "fridge":
        found.append(FRIDGE)
    if controlled_us:
        found.append(FEDERAL)
    return found
