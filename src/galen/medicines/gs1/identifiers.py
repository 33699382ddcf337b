"""The application identifiers of GS1, and what may stand behind each (General Specifications 3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from galen.i18n import gettext as _
from galen.values.check_digits import SIGNS, gmn_check_pair, gtin_check_digit, is_digits, is_guarded
from galen.values.days import full_year, last_of_month

# Identifiers, then the parts of a value: n digits, x any sign, y as in file names, z base64; `..` up to, `?` optional.
TABLE = """
00 n18:digit | 01-03 n14:digit | 10 x..20 | 11-13 15-17 n6:day0 | 20 n2 | 21 22 x..20 | 235 x..28 | 240 241 x..30
242 n..6 | 243 x..20 | 250 251 x..30 | 253 n13:digit x?..17 | 254 x..20 | 255 n13:digit n?..12 | 30 n..8
3100-3105 3110-3115 3120-3125 3130-3135 3140-3145 3150-3155 3160-3165 n6
3200-3205 3210-3215 3220-3225 3230-3235 3240-3245 3250-3255 3260-3265 3270-3275 3280-3285 3290-3295 n6
3300-3305 3310-3315 3320-3325 3330-3335 3340-3345 3350-3355 3360-3365 3370-3375 n6
3400-3405 3410-3415 3420-3425 3430-3435 3440-3445 3450-3455 3460-3465 3470-3475 3480-3485 3490-3495 n6
3500-3505 3510-3515 3520-3525 3530-3535 3540-3545 3550-3555 3560-3565 3570-3575 n6
3600-3605 3610-3615 3620-3625 3630-3635 3640-3645 3650-3655 3660-3665 3670-3675 3680-3685 3690-3695 n6
37 n..8 | 3900-3909 n..15 | 3910-3919 n3 n..15 | 3920-3929 n..15 | 3930-3939 n3 n..15 | 3940-3943 n4 | 3950-3955 n6
400 401 x..30 | 402 n17:digit | 403 x..30 | 410-417 n13:digit | 420 x..20 | 421 n3 x..9 | 422 424 426 n3
423 425 n3 n?3 n?3 n?3 n?3 | 427 x..3 | 4300 4301 x..35 | 4302-4306 x..70 | 4307 x2 | 4308 x..30 | 4309 n20
4310 4311 x..35 | 4312-4316 x..70 | 4317 x2 | 4318 x..20 | 4319 x..30 | 4320 x..35 | 4321-4323 n1
4324 4325 n6:day0 n4 | 4326 n6:day | 4330-4333 n6 x?1
7001 n13 | 7002 x..30 | 7003 n6:day n4:time | 7004 n..4 | 7005 x..12 | 7006 n6:day | 7007 n6:day n?6:day | 7008 x..3
7009 x..10 | 7010 x..2 | 7011 n6:day n?4:time | 7020-7022 x..20 | 7023 x..30 | 7030-7039 n3 x..27 | 7040 n1 x3
7041 x..4 | 710-717 x..20 | 7230-7239 x2 x..28 | 7240 x..20 | 7241 n2 | 7242 x..25 | 7250 n8 | 7251 n12 | 7252 n1
7253 7254 x..40 | 7255 x..10 | 7256 x..90 | 7257 x..70 | 7258 x3 | 7259 x..40
8001 n14 | 8002 x..20 | 8003 n14:digit x?..16 | 8004 x..30 | 8005 n6 | 8006 n14:digit n4 | 8007 x..34
8008 n6:day n2 n?2 n?2 | 8009 x..50 | 8010 y..30 | 8011 n..12 | 8012 x..20 | 8013 8014 x..25:pair | 8017 8018 n18:digit
8019 n..10 | 8020 x..25 | 8026 n14:digit n4 | 8030 z..90 | 8040 8041 n15 | 8042 n32 | 8043 n18 n?..2
8110 x..70 | 8111 n4 | 8112 x..70 | 8200 x..70 | 90 x..30 | 91-99 x..90
"""
KINDS = {
    "n": "0123456789",
    "x": SIGNS,
    "y": "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "z": "=-_" + "".join(filter(str.isalnum, SIGNS)),
}
DIGITS = 10
GTINS = ("01", "02")


@dataclass(frozen=True, slots=True)
class ValuePart:
    """One part of a value: of which signs, how many, and what else must hold."""

    signs: str
    least: int
    most: int
    optional: bool
    check: str


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    """An application identifier with the parts of its value."""

    ai: str
    parts: tuple[ValuePart, ...]

    @property
    def least(self) -> int:
        return sum(part.least for part in self.parts if not part.optional)

    @property
    def most(self) -> int:
        return sum(part.most for part in self.parts)

    @property
    def fixed(self) -> bool:
        """Whether the value ends by itself."""
        return self.least == self.most


def described() -> Iterator[ApplicationIdentifier]:
    for entry in re.split(r"[|\n]", TABLE):
        words = entry.split()
        parts = tuple(part_of(word) for word in words if word[0] in KINDS)
        for word in words[: len(words) - len(parts)]:
            first, _dash, last = word.partition("-")
            for number in range(int(first), int(last or first) + 1):
                yield ApplicationIdentifier(f"{number:0{len(first)}}", parts)


def part_of(word: str) -> ValuePart:
    shape, _colon, check = word.partition(":")
    found = re.fullmatch(r"([nxyz])(\??)(\.\.)?(\d+)", shape)
    assert found, word
    return ValuePart(KINDS[found[1]], 1 if found[3] else int(found[4]), int(found[4]), bool(found[2]), check)


IDENTIFIERS = {identifier.ai: identifier for identifier in described()}
LENGTHS = {ai[:2]: len(ai) for ai in IDENTIFIERS}  # digits of an identifier, by its first two


def identifier_at(text: str) -> ApplicationIdentifier | None:
    """The identifier that a text begins with."""
    return IDENTIFIERS.get(text[: LENGTHS.get(text[:2], 0)])


def wrong(ai: str, value: str, today: date) -> str:
    """What is wrong with the value of an identifier, in one sentence that names it; nothing when it is right."""
    identifier = IDENTIFIERS[ai]
    if ai in GTINS:
        problem = wrong_gtin(value)
        return f"({ai}) {problem}" if problem else ""
    if len(value) > identifier.most:
        return _(
            "(%(ai)s) has at most %(most)s characters, and here %(count)s. Scan the pack again.",
            ai=ai,
            most=identifier.most,
            count=len(value),
        )
    if not value:
        return _("(%(ai)s) stands there without a value. Scan the pack again.", ai=ai)
    rest = value
    for part in identifier.parts:
        if not rest and part.optional:
            break
        piece, rest = rest[: part.most], rest[part.most :]
        if problem := wrong_part(piece, part, today):
            return f"({ai}) {problem}"
    return ""


def wrong_part(piece: str, part: ValuePart, today: date) -> str:
    day = part.check.startswith("day")
    if strange := next((sign for sign in piece if sign not in part.signs), ""):
        if len(part.signs) == DIGITS and not day:
            return _("%(text)s: only digits may stand here. Scan the pack again.", text=repr(piece))
        if not day:
            return _("%(sign)s may not stand in %(text)s. Scan the pack again.", sign=repr(strange), text=repr(piece))
    if len(piece) < part.least and not day:
        return _(
            "%(text)s is too short: %(least)s characters are needed. Scan the pack again.",
            text=repr(piece),
            least=part.least,
        )
    if part.check == "digit" and not is_guarded(piece):
        return wrong_digit(piece)
    if part.check == "pair" and (len(piece) < 3 or gmn_check_pair(piece[:-2]) != piece[-2:]):
        return _("The last two characters of %(text)s do not fit the others. Scan the pack again.", text=repr(piece))
    try:
        if day:
            gs1_date(piece, today, nought=part.check == "day0")
        elif part.check == "time":
            time(int(piece[:2]), int(piece[2:]))
    except Misread as problem:
        return str(problem)
    except ValueError:
        return _("%(text)s is no time of a day.", text=piece)
    return ""


class Misread(ValueError):
    """What was scanned is a code of a pack, and one that cannot be right."""


def wrong_gtin(number: str) -> str:
    """What is wrong with an article number of 8, 12, 13 or 14 digits."""
    if not is_digits(number) or len(number) not in (8, 12, 13, 14):
        return _("The article number %(number)s has no 8, 12, 13 or 14 digits. Scan it again.", number=number)
    if not number.strip("0"):
        return _("An article number of noughts belongs to nothing. Scan it again.")
    return "" if is_guarded(number) else wrong_digit(number)


def wrong_digit(number: str) -> str:
    """Which digit an article number should end with."""
    digit = gtin_check_digit(number[:-1])
    return _(
        "The last digit of %(number)s should be %(digit)s. Scan it again, or compare it with the pack.",
        number=number,
        digit=digit,
    )


def gs1_date(text: str, today: date, *, nought: bool = True) -> date:
    """A GS1 date YYMMDD: day 00 is the last of the month, the century the nearest (General Specifications 7.12)."""
    if not re.fullmatch("[0-9]{6}", text):
        raise Misread(_("%(text)s is not a GS1 date: six digits, year, month and day.", text=repr(text)))
    year, month, day = full_year(int(text[:2]), today), int(text[2:4]), int(text[4:])
    try:
        return date(year, month, day) if day or not nought else last_of_month(year, month)
    except ValueError:
        raise Misread(_("%(text)s is not in the calendar.", text=text)) from None
