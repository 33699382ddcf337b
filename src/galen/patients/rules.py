"""What can be said of a person from their numbers, dates and names alone."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import phonenumbers

from galen.i18n import N_, formats, ngettext, typed
from galen.i18n import gettext as _
from galen.values.search_key import search_key

# --- Identifiers: each rule answers None, or one sentence that says which rule failed. ---


def bare(number: str) -> str:
    """An identifier as it is stored: no spaces, hyphens or dots, capital letters, leading zeros kept."""
    return re.sub(r"[\s.\-‐‑–]", "", number).upper()


def luhn_digit(body: str) -> int:
    """The digit that makes body + digit pass the Luhn check (ISO/IEC 7812-1 annex B)."""
    doubled = [int(sign) * (2 if at % 2 == 0 else 1) for at, sign in enumerate(reversed(body))]
    return -sum(number - 9 if number > 9 else number for number in doubled) % 10


def medicare_fault(number: str) -> str | None:
    """AU Medicare card: 10 digits, then the person's line on the card where it is known (HL7 AU Base)."""
    card = bare(number)
    if not re.fullmatch("[0-9]{10,11}", card):
        return _("The Medicare number must have 10 digits, or 11 with the person's number on the card.")
    if card[0] not in "23456":
        return _("The Medicare number must begin with a digit from 2 to 6, not %(digit)s.", digit=card[0])
    check = sum(int(sign) * weight for sign, weight in zip(card, (1, 3, 7, 9, 1, 3, 7, 9), strict=False)) % 10
    if int(card[8]) != check:
        return _(
            "The Medicare number's check digit (the ninth) should be %(check)s, not %(digit)s.",
            check=check,
            digit=card[8],
        )
    if card[10:] == "0":
        return _("The person's number on the Medicare card must be from 1 to 9, not 0.")
    return None


def ihi_fault(number: str) -> str | None:
    """AU Individual Healthcare Identifier: 800360 and Luhn."""
    return _healthcare_identifier(number, "IHI", "800360")


def hpii_fault(number: str) -> str | None:
    """AU Healthcare Provider Identifier of a person: 800361 and Luhn."""
    return _healthcare_identifier(number, "HPI-I", "800361")


def hpio_fault(number: str) -> str | None:
    """AU Healthcare Provider Identifier of an organisation: 800362 and Luhn."""
    return _healthcare_identifier(number, "HPI-O", "800362")


def npi_fault(number: str) -> str | None:
    """US National Provider Identifier: 10 digits that begin with 1 or 2, Luhn with 80840 before them (CMS)."""
    npi = bare(number)
    if not re.fullmatch("[12][0-9]{9}", npi):
        return _("The NPI must have 10 digits and begin with 1 or 2.")
    check = luhn_digit("80840" + npi[:-1])
    if int(npi[-1]) == check:
        return None
    return _("The NPI's check digit (the last) should be %(check)s, not %(digit)s.", check=check, digit=npi[-1])


def dea_fault(number: str, name: str = "") -> str | None:
    """US DEA registration: two letters, seven digits; the second letter begins the surname or business name."""
    dea = bare(number)
    if not re.fullmatch("[A-Z][A-Z9][0-9]{7}", dea):
        return _("The DEA number must have two letters and seven digits, such as AB1234563.")
    if dea[0] not in "ABCDEFGHJKLMPRSTUX":
        return _("The DEA number begins with %(letter)s, which is no type of registrant.", letter=dea[0])
    initial = search_key(name)[:1].upper()
    if initial and dea[1] != ("9" if initial.isdigit() else initial):
        return _(
            "The DEA number's second letter should be %(initial)s, as the name begins, not %(letter)s.",
            initial=initial,
            letter=dea[1],
        )
    odd, even = (sum(map(int, dea[start:8:2])) for start in (2, 3))
    check = (odd + 2 * even) % 10
    if int(dea[-1]) == check:
        return None
    return _("The DEA number's check digit (the last) should be %(check)s, not %(digit)s.", check=check, digit=dea[-1])


def provider_number_fault(number: str) -> str | None:
    """AU Medicare provider number: stem, practice location character, check letter."""
    provider = bare(number)
    if not re.fullmatch("[0-9]{4,6}[0-9A-HJ-NP-RT-Y][YXWTLKJHFBA]", provider):
        return _("The provider number must have up to six digits, a location character and a check letter.")
    stem, location, letter = provider[:-2].zfill(6), provider[-2], provider[-1]
    weighed = sum(int(sign) * weight for sign, weight in zip(stem, (3, 5, 8, 4, 2, 1), strict=True))
    check = "YXWTLKJHFBA"[(weighed + 6 * "0123456789ABCDEFGHJKLMNPQRTUVWXY".index(location)) % 11]
    if letter == check:
        return None
    return _("The provider number's check letter should be %(check)s, not %(letter)s.", check=check, letter=letter)


def abn_fault(number: str) -> str | None:
    """Australian Business Number: weighted sum divisible by 89 (Australian Business Register)."""
    abn = bare(number)
    if not re.fullmatch("[1-9][0-9]{10}", abn):
        return _("The ABN must have 11 digits and not begin with 0.")
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    odd = sum((int(sign) - (at == 0)) * weights[at] for at, sign in enumerate(abn)) % 89
    return _("The ABN's digits do not fit together (the weighted sum is not divisible by 89).") if odd else None


def _healthcare_identifier(number: str, name: str, prefix: str) -> str | None:
    identifier = bare(number)
    if not re.fullmatch("[0-9]{16}", identifier):
        return _("The %(number)s must have 16 digits.", number=name)
    if not identifier.startswith(prefix):
        return _(
            "The %(number)s must begin with %(prefix)s, not %(begin)s.",
            number=name,
            prefix=prefix,
            begin=identifier[:6],
        )
    check, digit = luhn_digit(identifier[:-1]), identifier[-1]
    if int(digit) == check:
        return None
    return _(
        "The %(number)s's check digit (the last) should be %(check)s, not %(digit)s.",
        number=name,
        check=check,
        digit=digit,
    )


def _shape(sentence: str, pattern: str) -> Callable[[str], str | None]:
    return lambda number: None if re.fullmatch(pattern, bare(number)) else _(sentence)


_MBI = "[1-9]{L}{A}[0-9]{L}{A}[0-9]{L}{L}[0-9][0-9]".replace("{L}", "[AC-HJKMNP-RT-Y]").replace(
    "{A}", "[0-9AC-HJKMNP-RT-Y]"
)
FAULTS: dict[str, Callable[[str], str | None]] = {
    "medicare": medicare_fault,
    "ihi": ihi_fault,
    "hpi-i": hpii_fault,
    "hpi-o": hpio_fault,
    "npi": npi_fault,
    "dea": dea_fault,
    "provider-number": provider_number_fault,
    "abn": abn_fault,
    "pbs-prescriber": _shape(N_("The PBS prescriber number must have 6 or 7 digits."), "[0-9]{6,7}"),
    "ahpra": _shape(
        N_("The Ahpra number must have three letters and ten digits, such as MED0001234567."), "[A-Z]{3}[0-9]{10}"
    ),
    "dva": _shape(
        N_("The DVA number must begin with a state letter, such as QX317453."), "[NVQWST][A-Z]{0,3}[0-9]{1,6}[A-Z]?"
    ),
    "crn": _shape(N_("The Centrelink number must have nine digits and a letter."), "[0-9]{9}[A-Z]"),
    "mbi": _shape(N_("The Medicare beneficiary identifier must look like 1EG4-TE5-MK73."), _MBI),
    "ssn": _shape(
        N_("The Social Security number must have nine digits, none of its three parts all zeros."),
        "(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}",
    ),
}


def identifier_fault(kind: str, number: str) -> str | None:
    """The rule this identifier breaks, in one sentence; None when it is sound or its kind has no rule."""
    return FAULTS[kind](number) if kind in FAULTS else None


# --- Dates of birth and age ---


@dataclass(frozen=True, slots=True, order=True)
class Birth:
    """A date of birth as far as it is known: the year, the month, or the day."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError(_("A day of birth needs its month."))
        date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def parse(cls, text: str) -> Birth:
        """From `1980`, `1980-05`, `05/1980` or `1980-05-17`."""
        text = text.strip()
        written = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text, re.ASCII)
        month_first = re.fullmatch(r"(\d{1,2})[/.-](\d{4})", text, re.ASCII)
        if not written and not month_first:
            if not re.fullmatch(r"\d{1,4}([/. -])\d{1,2}\1\d{1,4}", text, re.ASCII):
                raise ValueError(_("The date of birth must be a year, a month (1980-05) or a day (1980-05-17)."))
            if typed.read_day(text):
                raise ValueError(_("Write the date of birth as year, month and day: 1980-05-17."))
        parts = written.groups() if written else month_first.groups()[::-1] if month_first else ("0",)
        try:
            return cls(*(int(part) for part in parts if part))
        except ValueError:
            raise ValueError(_("The date of birth %(date)s is not in the calendar.", date=text)) from None

    @classmethod
    def known_to(cls, earliest: date, known: str) -> Birth:
        """From the first day it can have been, as exactly as it is known: to the `year`, `month` or `day`."""
        parts = {"year": 1, "month": 2, "day": 3}[known]
        return cls(*(earliest.year, earliest.month, earliest.day)[:parts])

    @property
    def earliest(self) -> date:
        """The first day it can have been."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it can have been."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.day is not None

    @property
    def words(self) -> str:
        """17 May 1980, May 1980 or 1980: never more exact than is known."""
        if self.exact:
            return formats.day(self.earliest)
        return formats.month(self.earliest) if self.month else str(self.year)

    def __str__(self) -> str:
        return "-".join([f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)])


@dataclass(frozen=True, slots=True)
class Age:
    """Time lived, in whole units of each size."""

    years: int
    months: int
    days: int

    @property
    def measure(self) -> tuple[int, str]:
        """Days under four weeks, months under two years, else years; the first month's end is told in weeks."""
        if self.days < 28:
            return self.days, "day"
        if self.months < 1:
            return self.days // 7, "week"
        return (self.months, "month") if self.months < 24 else (self.years, "year")

    def __str__(self) -> str:
        match self.measure:
            case number, "day":
                return ngettext("%(num)s day", "%(num)s days", number)
            case number, "week":
                return ngettext("%(num)s week", "%(num)s weeks", number)
            case number, "month":
                return ngettext("%(num)s month", "%(num)s months", number)
            case number, _unit:
                return ngettext("%(num)s year", "%(num)s years", number)


def age(born: date, today: date) -> Age:
    """Age on a day; a person of 29 February is a year older on 1 March of a common year."""
    if today < born:
        raise ValueError(_("The date of birth is in the future."))
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return Age(months // 12, months, (today - born).days)


def age_words(born: Birth, today: date) -> str:
    """Age as the ward says it; a range where the date of birth is known in part: `44 to 45 years`."""
    oldest = age(born.earliest, today)
    youngest = age(min(born.latest, today), today)
    if oldest.measure == youngest.measure:
        return str(oldest)
    (low, unit), (high, unit_of_oldest) = youngest.measure, oldest.measure
    if unit != unit_of_oldest:
        return _("%(youngest)s to %(oldest)s", youngest=youngest, oldest=oldest)
    match unit:
        case "day":
            return ngettext("%(low)s to %(num)s day", "%(low)s to %(num)s days", high, low=low)
        case "week":
            return ngettext("%(low)s to %(num)s week", "%(low)s to %(num)s weeks", high, low=low)
        case "month":
            return ngettext("%(low)s to %(num)s month", "%(low)s to %(num)s months", high, low=low)
    return ngettext("%(low)s to %(num)s year", "%(low)s to %(num)s years", high, low=low)


# --- Telephone numbers ---


def e164(raw: str, region: str) -> str | None:
    """A telephone number in E.164 (+61412345678) for a two-letter home country; None when it cannot be one."""
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(raw: str, region: str) -> str:
    """The digits of a number without the country's, or the zero before the area; none when it is no such number."""
    try:
        return str(phonenumbers.parse(raw, region).national_number)
    except phonenumbers.NumberParseException:
        return ""
