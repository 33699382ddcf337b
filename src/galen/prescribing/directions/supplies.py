"""What is supplied, read from a name such as `amoxicillin 250 mg/5 mL`: its unit, what one unit holds, its pack."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from .numbers import DIGITS, exact, value
from .shapes import UNIT_OF
from .words import words

# Word of a form, the unit it is supplied in, the only place it goes. The first that is found in the name counts.
_FORMS = [
    tuple(cell.strip() for cell in row.split("|"))
    for row in """eye drops, eye drop, ophthalmic solution, ophth soln, ophthalmic suspension | mL | eye
ophthalmic drops | mL | eye
eye ointment, ophthalmic ointment, eye gel, ophthalmic gel | g | eye
ear drops, ear drop, otic solution, otic suspension, otic drops, otic | mL | ear
nasal spray, nose spray | dose | nose
sublingual spray, oral spray, mouth spray | dose | mouth
spray | dose |
inhaler, mdi, puffer, accuhaler, turbuhaler, turbohaler, evohaler, hfa, diskus, ellipta, respimat | dose | lungs
autohaler, aerosol | dose |
inhalation capsule, inhalation capsules | capsule | lungs
capsule, capsules, cap, caps | capsule |
tablet, tablets, tab, tabs, caplet, caplets, odt | tablet |
suppository, suppositories, supp | suppository |
pessary, pessaries, vaginal tablet | pessary |
sachet, sachets | sachet |
lozenge, lozenges | lozenge |
patch, patches | patch |
nebule, nebules, nebuliser solution, nebulizer solution, inhalation solution, respule, respules | nebule | lungs
vaginal cream, vaginal gel | g | vagina
rectal cream, rectal ointment | g | rectum
oral gel, oral paste, dental paste | g | mouth
nasal ointment, nasal gel | g | nose
cream, ointment, gel, foam, paste | g | skin
lotion, shampoo | mL | skin
mouthwash, mouth wash, oral drops | mL | mouth
nasal drops, nose drops | mL | nose
syrup, oral solution, oral suspension, oral liquid, elixir, mixture, linctus | mL | mouth
suspension, susp, solution, soln, liquid, drops | mL |
enema, enemas | enema |
film, films | film |
gum, chewing gum | piece |
pen, pens, flexpen, solostar, kwikpen, penfill, cartridge, cartridges, flextouch, innolet | pen | needle
prefilled syringe, syringe, syringes, autoinjector, auto injector, epipen | syringe | needle
ampoule, ampoules, amp | ampoule |
vial, vials | vial |
injection, inj | injection |""".splitlines()
]  # fmt: skip
_STRENGTH = re.compile(
    rf"(?P<many>{DIGITS}) (?P<of>mg|mcg|micrograms?|microg|µg|ug|g|units?|iu|u|mmol|meq|%)"
    rf"(?: (?:/|per|in) (?:(?P<per>{DIGITS}) )?(?P<into>ml|g|gram|dose|puff|actuation|spray"
    rf"|inhalation|tablet|tab|capsule|cap|sachet|h|hr|hour|hours|day|drop|patch|suppository"
    rf"|vial)(?: |$))?"
)
_SEVERAL = re.compile(
    rf"{DIGITS}(?: (?:mg|mcg|micrograms?|g|units?))?(?: \w+)? (?:/|\+|-)"
    rf"(?: [^\W\d]+){{0,4}} {DIGITS} (?:mg|mcg|micrograms?|g|units?)(?: |$)"
)
_PACK = re.compile(
    rf"(?:(?<= )|^)(?P<many>{DIGITS})(?: -)? (?P<of>ml|g|gm|doses?|puffs?|sprays?|actuations?"
    rf"|tablets?|tabs?|capsules?|caps?|patches|sachets|suppositories|pens|nebules)(?= |$)"
)
_BY = re.compile(r"(?:x|pack of|pack) (\d{1,4})(?= |$)")
# How a product of the catalogue is used, as the place it is made for.
PLACE_OF_ROUTE = {
    "oral": "mouth", "sublingual": "mouth", "buccal": "mouth", "rectal": "rectum", "vaginal": "vagina",
    "subcutaneous": "needle", "intramuscular": "needle", "intravenous": "needle", "inhalation": "lungs",
    "nasal": "nose", "topical": "skin", "transdermal": "skin", "ophthalmic": "eye", "otic": "ear",
}  # fmt: skip
# Capsules of a powder that is inhaled from a device, whatever their name says (product informations).
INHALED_CAPSULES = frozenset({"tiotropium", "indacaterol", "glycopyrronium", "glycopyrrolate", "spiriva", "foradil"})
SAME = {"puff": "dose", "spray": "dose", "application": "dose", "nebule": "ampoule", "device": "syringe"}
WHOLE = frozenset({"nebule", "ampoule", "vial", "syringe", "pen", "injection", "device"})  # used up at once
SOLID = frozenset({"tablet", "capsule"})
MEASURED = frozenset({"mL", "g"})
WEIGHED = frozenset({"mg", "microgram", "g", "unit", "mmol", "mEq"})
IN_MG = {"g": Fraction(1000), "mg": Fraction(1), "microgram": Fraction(1, 1000)}
DROPS_PER_ML, ML_PER_TEASPOON, G_PER_FINGERTIP = 20, 5, Fraction(1, 2)
PRIMING = 2  # units let go before each dose from an insulin pen


@dataclass(frozen=True, slots=True)
class Supply:
    """One unit supplied (a tablet, a mL, a puff) `holds` so much of `of`; `unit` is empty when not said."""

    unit: str = ""
    holds: Fraction | None = None
    of: str = ""
    pack: Decimal | None = None
    place: str = ""  # the only one that it is made for: eye, ear, nose, lungs, mouth, skin, needle, rectum, vagina
    pen: bool = False
    words: frozenset[str] = frozenset()

    @property
    def inside(self) -> bool:
        """A capsule that is swallowed: only those made for inhaling are inhaled."""
        return self.unit == "capsule" and self.place != "lungs"

    def held(self, unit: str) -> Fraction | None:
        """How much of a dose counted in `unit` one supplied unit holds; None when that cannot be known."""
        if unit in ("", self.unit) or SAME.get(unit, unit) == SAME.get(self.unit, self.unit):
            return Fraction(1) if unit or self.unit not in MEASURED else None
        if (self.unit in SOLID and unit in SOLID) or (self.unit == "nebule" and unit in ("vial", "dose")):
            return Fraction(1)
        if self.unit == "mL" and unit in ("drop", "teaspoon"):
            return Fraction(DROPS_PER_ML) if unit == "drop" else Fraction(1, ML_PER_TEASPOON)
        if self.unit == "g" and unit == "fingertip unit":
            return 1 / G_PER_FINGERTIP
        if (
            self.unit in ("syringe", "pen", "vial", "ampoule")
            and unit in ("injection", "dose", "syringe", "pen")
            and not self.pen
        ):
            return Fraction(1)
        if self.holds is None:
            return Fraction(1) if not self.unit and unit not in WEIGHED else None
        if unit in IN_MG and self.of in IN_MG:
            return self.holds * IN_MG[self.of] / IN_MG[unit]
        return self.holds if unit == self.of else Fraction(1) if not self.unit and unit not in WEIGHED else None

    def complaint(self, unit: str) -> str:
        """What is wrong with a dose counted in `unit`: tablets of a syrup, puffs of a tablet. Empty when nothing is."""
        if not unit or not self.unit or unit in ("dose", "application", "injection") or self.held(unit):
            return ""
        if self.unit in WHOLE | {"sachet", "enema"} and unit in WEIGHED | {"mL"}:
            return ""
        if unit in WEIGHED:
            known = self.holds is not None and not (unit in IN_MG and self.of in IN_MG)
            return f"The strength is not in {unit}: write the dose as the medicine is measured." if known else ""
        measured = {"mL": "a liquid", "g": "measured in grams", "dose": "taken in puffs, sprays or doses"}
        this = measured.get(self.unit, f"{'an' if self.unit[0] in 'aei' else 'a'} {self.unit}")
        return f"`{unit}` does not fit: this is {this}. Write the dose in the unit that is supplied."


@lru_cache(maxsize=4096)
def supply_of(name: str, unit: str = "", pack: Decimal | None = None, route: str = "") -> Supply:
    """Read what a name says; `unit` and `pack`, when known, count before it, and `route` where it says no place."""
    row = words(name).row
    form, place = next(
        ((f, p) for w, f, p in _FORMS for word in w.split(", ") if re.search(rf"(?:^| ){word}(?: |$)", row)), ("", "")
    )
    pen = form == "pen" and bool(re.search(r"units?|iu|insulin", row))
    strengths = [] if _SEVERAL.search(row) else list(_STRENGTH.finditer(row))
    said = next(
        (strength for strength in strengths if strength["into"] not in ("h", "hr", "hour", "hours", "day")), None
    )
    holds, of, into = _strength(said)
    if said and said["into"] in ("ml", "g", "gram"):
        whole = form in WHOLE and not pen and said["of"] not in ("unit", "units", "iu", "u")
        form = form if whole else "mL" if said["into"] == "ml" else form or "g"
        if (unit or form) in WHOLE and said["per"]:  # 40 mg/0.4 mL in a syringe: 40 mg
            holds, into = value(said["many"]), ""
    elif said and said["into"] in ("dose", "puff", "actuation", "spray", "inhalation") and form in ("", "dose"):
        form = "dose"
    counted = unit or form
    if (into in ("mL", "g") and counted != into) or (of == "%" and counted not in ("mL", "g")):
        holds, of = None, ""
    if of == "%":
        holds, of = (holds * 10 if holds else None), "mg"
    if into and into != counted and into not in ("mL", "g") and counted:
        holds, of = (holds, of) if SAME.get(into, into) == SAME.get(counted, counted) else (None, "")
    place = place or PLACE_OF_ROUTE.get(route, "")
    names = frozenset(word for word in re.findall(r"[^\W\d_]{4,}", row) if word not in UNIT_OF)
    if counted == "capsule" and names & INHALED_CAPSULES:
        place = "lungs"
    return Supply(counted, holds, of, pack or _pack(row), place, pen, names)


def _strength(said: re.Match[str] | None) -> tuple[Fraction | None, str, str]:
    if said is None:
        return None, "", ""
    many, per = value(said["many"]), value(said["per"] or "1")
    of = "%" if said["of"] == "%" else UNIT_OF[said["of"]]
    into = {"gram": "g", "actuation": "dose", "inhalation": "dose"}.get(said["into"] or "", said["into"] or "")
    return (
        (many / per if many and per else None),
        of,
        UNIT_OF.get(into, "") if into not in ("h", "hr", "hour", "hours", "day") else "",
    )


def _pack(row: str) -> Decimal | None:
    rest = _STRENGTH.sub(lambda found: " " if found["into"] or found["of"] not in ("g",) else found[0], row)
    size, by = _PACK.search(rest), _BY.search(rest)
    many = exact(value(size["many"])) if size else None
    if by and many is not None:
        return many * int(by[1])
    return many if many is not None else Decimal(by[1]) if by else None
