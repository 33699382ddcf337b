"""The words of directions: what prescribers write, what it means, what a patient reads. A new word is a new row here.

Facts: ISMP List of Error-Prone Abbreviations; Joint Commission "Do Not Use" list; ACSQHC national terminology.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Frequency:
    """`count` doses every `least` to `most` periods (hours or days), `when` in the day, or `once` and no more."""

    words: str
    count: int = 1
    period: str = "day"
    least: int = 1
    most: int = 1
    when: tuple[str, ...] = ()
    once: bool = False

    @property
    def per_day(self) -> Fraction:
        """Doses a day at the shortest interval, exactly: once a week is a seventh."""
        return Fraction(self.count * (24 if self.period == "hour" else 1), self.least)


@dataclass(frozen=True, slots=True)
class Unit:
    """What a dose is counted in, and the verb it asks for when the route names none."""

    one: str
    many: str
    verb: str = "take"


@dataclass(frozen=True, slots=True)
class Route:
    """How it enters the body."""

    words: str
    verb: str


@dataclass(frozen=True, slots=True)
class ErrorProne:
    """What is easily misread: why, what to write, and whether it is refused rather than rewritten."""

    why: str
    write: str
    refused: bool


def _spelled(table: str) -> dict[str, list[str]]:
    """Rows of `spelling, spelling | cell | cell` by each spelling."""
    rows = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return {spelling.strip(): cells for names, *cells in rows for spelling in names.split(",")}


FREQUENCIES = {
    spelling: Frequency(words, int(count), "day", int(days), int(days), tuple(when.split()), once == "once")
    for spelling, (words, count, days, when, once) in _spelled("""
od, qd, daily, once daily, once a day, every day, each day, 1 time a day | once a day | 1 | 1 | |
mane, om, qam, in the morning, every morning, each morning               | in the morning | 1 | 1 | morning |
midday, at midday, noon                                                  | at midday | 1 | 1 | midday |
qpm, in the evening, every evening, each evening                         | in the evening | 1 | 1 | evening |
nocte, on, hs, qhs, at night, every night, at bedtime                    | at night | 1 | 1 | night |
bd, bid, twice daily, twice a day, 2 times a day                         | 2 times a day | 2 | 1 | |
tds, tid, three times daily, three times a day, 3 times a day            | 3 times a day | 3 | 1 | |
qid, qds, four times daily, four times a day, 4 times a day              | 4 times a day | 4 | 1 | |
qod, q2d, alt die, alternate days, every other day, every second day     | every other day | 1 | 2 | |
qw, weekly, once weekly, once a week, every week                         | once a week | 1 | 7 | |
biw, twice weekly, twice a week, 2 times a week                          | 2 times a week | 2 | 7 | |
tiw, three times weekly, three times a week, 3 times a week              | 3 times a week | 3 | 7 | |
fortnightly, every two weeks, once every 2 weeks                         | once every 2 weeks | 1 | 14 | |
monthly, once a month                                                    | once a month | 1 | 30 | |
stat, at once, immediately, at once as a single dose                     | at once as a single dose | 1 | 1 | | once
once, once only                                                          | once only | 1 | 1 | | once
""").items()
}

UNITS = {
    spelling: Unit(one, many, verb)
    for spelling, (one, many, verb) in _spelled("""
tab, tabs, tablet, tablets                                     | tablet | tablets | take
cap, caps, capsule, capsules                                   | capsule | capsules | take
mg, milligram, milligrams                                      | mg | mg | take
mcg, microgram, micrograms, µg, μg, ug                         | microgram | micrograms | take
g, gram, grams                                                 | g | g | take
ml, mls, millilitre, millilitres, cc                           | mL | mL | take
unit, units, u, iu                                             | unit | units | inject
puff, puffs                                                    | puff | puffs | inhale
spray, sprays                                                  | spray | sprays | spray
drop, drops, gtt, gtts                                         | drop | drops | put
patch, patches                                                 | patch | patches | apply
supp, suppository, suppositories                               | suppository | suppositories | insert
pessary, pessaries                                             | pessary | pessaries | insert
sachet, sachets                                                | sachet | sachets | take
lozenge, lozenges                                              | lozenge | lozenges | suck
application, applications                                      | application | applications | use
dose, doses                                                    | dose | doses | take
""").items()
}

ROUTES = {
    spelling: Route(words, verb)
    for spelling, (words, verb) in _spelled("""
po, by mouth, orally, oral                    | by mouth | take
sl, sublingual, under the tongue              | under the tongue | dissolve
buc, buccal, in the cheek                     | in the cheek | dissolve
pr, rectally, into the rectum                 | into the rectum | insert
pv, vaginally, into the vagina                | into the vagina | insert
im, into a muscle                             | into a muscle | inject
iv, into a vein                               | into a vein | give
sc, sq, subcut, subcutaneously, under the skin | under the skin | inject
intradermal, into the skin                    | into the skin | inject
intrathecal, into the spinal fluid            | into the spinal fluid | give
inh, inhaled, by inhalation                   | by inhalation | inhale
neb, nebulised, through a nebuliser           | through a nebuliser | inhale
nasal, in the nose, into the nose             | into the nose | use
top, topically, topical, to the skin          | to the skin | apply
""").items()
}

SITES = {
    spelling: (words, int(places))
    for spelling, (words, places) in _spelled("""
both eyes, each eye                              | into both eyes | 2
left eye, the left eye                           | into the left eye | 1
right eye, the right eye                         | into the right eye | 1
affected eye, the affected eye                   | into the affected eye | 1
both ears, each ear                              | into both ears | 2
left ear, the left ear                           | into the left ear | 1
right ear, the right ear                         | into the right ear | 1
each nostril, both nostrils                      | into each nostril | 2
affected area, the affected area, affected areas | to the affected area | 1
""").items()
}

FOOD = {
    spelling: words
    for spelling, (words,) in _spelled("""
ac, before food, before meals      | before food
pc, after food, after meals        | after food
cc, cf, with food, with meals      | with food
on an empty stomach, empty stomach | on an empty stomach
""").items()
}

VERBS = frozenset(
    {"take", "use", "apply", "inhale", "inject", "insert", "instil", "put", "spray", "give", "dissolve", "suck", "chew"}
)
AS_NEEDED = frozenset(
    {"prn", "sos", "as needed", "when needed", "if needed", "as required", "when required", "if required"}
)
AS_DIRECTED = frozenset({"mdu", "ut dict", "as directed", "ad lib"})
NUMBERS = {
    spelling: Decimal(value)
    for spelling, (value,) in _spelled("""
half, ss   | 0.5
one, i     | 1
two, ii    | 2
three, iii | 3
four       | 4
""").items()
}
NOISE = frozenset({"and", "sig", "s", "the", "a", "of", "to", "into"})
THEN = frozenset({"then", "else", "otherwise", "reducing", "increasing"})
IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "microgram": Decimal("0.001")}
DAYS_IN = {"d": 1, "w": 7, "m": 30, "7": 1, "52": 7, "12": 30}

ERROR_PRONE = {
    spelling: ErrorProne(why, write, refused == "refused")
    for spelling, (why, write, refused) in _spelled("""
u, iu          | it is read as 0, 4 or IV | unit(s) |
qd             | it is read as qid | once a day |
qod            | it is read as daily or qid | every other day |
µg, μg, ug     | it is read as mg | microgram |
cc             | it is read as U | mL, or with food |
hs, qhs        | it is read as half strength or as qh | at night |
sc, sq         | it is read as SL, or as 5 every | subcut |
biw, tiw       | it is read as times a day | times a week |
id, it         | it has several readings | the route in words | refused
on             | it is read as the word on | at night | refused
ss             | it is read as 55 | half |
ad, as, au     | it names an ear, or an eye, or nothing | the ear in words | refused
os, ou         | it names an eye, or the mouth | the eye in words | refused
aa             | it has several readings | the meaning in words | refused
ms, mso4, mgso4 | morphine and magnesium are confused | the name in full | refused
""").items()
}
