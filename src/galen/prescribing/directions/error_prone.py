"""What is easily misread: why, what to write, and whether it is refused rather than rewritten.

Facts: ISMP List of Error-Prone Abbreviations; Joint Commission "Do Not Use" list; ACSQHC national terminology.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorProne:
    why: str
    write: str
    refused: bool

    def sentence(self, written: str) -> str:
        return f"Do not write `{written}`: {self.why}. Write {self.write}."


_TABLE = """
u, iu             | it is read as 0, 4 or IV           | unit(s)                |
qd, q1d, qday     | it is read as qid                  | once a day             |
qod, eod, qad     | it is read as daily or qid         | every other day        |
µg, ug            | it is read as mg                   | microgram              |
cc, ccs           | it is read as U                    | mL, or with food       |
hs, qhs, bt, qn   | it is read as half strength, as bid or as qh | at night     |
sc, sq, sub q     | it is read as SL, or as 5 every    | subcut                 |
biw, tiw, qiw     | it is read as times a day          | times a week           |
on                | it is read as the word on          | at night               |
ss, iss, iiss     | it is read as 55                   | half                   |
t, tt, ttt        | it is read as tablet or as a number | the number            |
le, be            | it is not understood by everyone   | the eye in words       |
ad, as, au        | it names an ear, or an eye, or nothing | the ear in words   |
os, ou            | it names an eye, or the mouth      | the eye in words       |
id                | it has several readings            | the route in words     | refused
it                | it has several readings            | the route in words     | refused
aa                | it has several readings            | the meaning in words   | refused
ms, mso4, mgso4   | morphine and magnesium are confused | the name in full      | refused
d / c, dc         | it is read as discharge or as discontinue | which is meant  | refused
i / d             | it is read as tid                  | once a day             | refused
azt, cpz, hct, hctz, mtx, ptu, tac, tnk | it stands for several medicines | the name in full | refused
ara-a, dpt, dto, pca, atra | it stands for several medicines | the name in full     | refused
@                 | it is read as 2                    | at                     | refused
>, <              | each is read as the other          | the words              | refused
"""

ERROR_PRONE = {
    spelling.strip(): ErrorProne(why.strip(), write.strip(), refused.strip() == "refused")
    for spellings, why, write, refused in (
        row.split("|") if row.count("|") == 3 else [*row.split("|"), ""] for row in _TABLE.strip().splitlines()
    )
    for spelling in spellings.split(",")
}
TRAILING_ZERO = "Do not write `{0}`: without its point it is tenfold. Write {1}."
NAKED_POINT = "Do not write `{0}`: its point is overlooked. Write {1}."
OD = "`od` is read as right eye or as once a day: write which one is meant."
EARS_AND_EYES = {
    "ad": "right ear", "as": "left ear", "au": "both ears", "os": "left eye", "ou": "both eyes", "od": "right eye",
    "le": "left eye", "re": "right eye", "be": "both eyes",
}  # fmt: skip
