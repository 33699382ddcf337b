"""What differs between countries: identifiers, tax, currency, schedules, paper, dates (ORG-4)."""

from dataclasses import dataclass
from decimal import Decimal

from galen.core.errors import NotFound


@dataclass(frozen=True)
class Country:
    """One country's profile. `tax` maps an item's tax class to its rate."""

    code: str
    name: str
    currency: str
    zone: str
    tax_name: str
    tax: dict[str, Decimal]
    prices_include_tax: bool
    cash_unit: Decimal
    patient_identifiers: tuple[str, ...]
    prescriber_identifiers: tuple[str, ...]
    schedules: tuple[str, ...]
    paper: str
    phone_prefix: str


COUNTRIES = {
    # GST 10 %; most medicines, and medical services, are GST-free (A New Tax System (GST) Act 1999, Div 38).
    "AU": Country(
        code="AU",
        name="Australia",
        currency="AUD",
        zone="Australia/Sydney",
        tax_name="GST",
        tax={"medicine": Decimal(0), "service": Decimal(0), "goods": Decimal("0.10")},
        prices_include_tax=True,
        cash_unit=Decimal("0.05"),
        patient_identifiers=("medicare", "ihi"),
        prescriber_identifiers=("prescriber_number", "hpi_i", "provider_number"),
        schedules=("S2", "S3", "S4", "S8"),
        paper="a5",
        phone_prefix="+61",
    ),
    # Sales tax is the states' matter; prescription medicines are exempt in nearly all of them. The rate for goods
    # is a default.
    "US": Country(
        code="US",
        name="United States",
        currency="USD",
        zone="America/New_York",
        tax_name="Sales tax",
        tax={"medicine": Decimal(0), "service": Decimal(0), "goods": Decimal("0.0625")},
        prices_include_tax=False,
        cash_unit=Decimal("0.01"),
        patient_identifiers=("ssn_last4",),
        prescriber_identifiers=("npi", "dea", "state_licence"),
        schedules=("CII", "CIII", "CIV", "CV"),
        paper="us-letter",
        phone_prefix="+1",
    ),
}


class NoProfile(NotFound):
    message = "There is no profile of the country “{code}”; known are {known}."


def country_of(code: str) -> Country:
    """The profile of a country, by its two-letter code."""
    if (profile := COUNTRIES.get(code.upper())) is None:
        raise NoProfile(code=code, known=" and ".join(f"{one.code} ({one.name})" for one in COUNTRIES.values()))
    return profile
