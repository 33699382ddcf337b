"""What differs between countries: identifiers, tax, currency, schedules, paper, dates (ORG-4)."""

from dataclasses import dataclass
from decimal import Decimal

from galen.core.errors import NotFound
from galen.i18n import N_
from galen.i18n import gettext as _

TAX_CLASSES = {"medicine": N_("Medicines"), "service": N_("Services"), "goods": N_("Other goods")}
PAPERS = {"a5": N_("A5"), "us-letter": N_("US Letter")}


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

    @property
    def price_rule(self) -> str:
        """Whether the prices on a label have the tax in them."""
        if self.prices_include_tax:
            return _("%(tax)s included", tax=_(self.tax_name))
        return _("%(tax)s added at the till", tax=_(self.tax_name))

    @property
    def tax_rates(self) -> list[tuple[str, Decimal]]:
        """The name of each tax class, with its rate in per cent."""
        return [(_(TAX_CLASSES[tax_class]), rate * 100) for tax_class, rate in self.tax.items()]

    @property
    def paper_name(self) -> str:
        return _(PAPERS[self.paper])


COUNTRIES = {
    # GST 10 %; most medicines, and medical services, are GST-free (A New Tax System (GST) Act 1999, Div 38).
    "AU": Country(
        code="AU",
        name=N_("Australia"),
        currency="AUD",
        zone="Australia/Sydney",
        tax_name=N_("GST"),
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
        name=N_("United States"),
        currency="USD",
        zone="America/New_York",
        tax_name=N_("Sales tax"),
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
        known = " and ".join(f"{country.code} ({country.name})" for country in COUNTRIES.values())
        raise NoProfile(code=code, known=known)
    return profile
