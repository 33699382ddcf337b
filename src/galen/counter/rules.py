"""What may be sold without a prescription, how much of it, and what the buyer is asked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

PRESCRIPTION = {"AU": {"S4", "S8", "S9"}, "US": {"CII", "CIII", "CIV"}}
PHARMACIST = {"AU": {"S3"}, "US": {"CV"}}
PHARMACY = {"AU": {"S2"}}
IN_MG = {"g": Decimal(1000), "mg": Decimal(1), "mcg": Decimal("0.001"), "microgram": Decimal("0.001")}


@dataclass(frozen=True, slots=True)
class SaleLimit:
    """How much of a substance is sold without a prescription: in one sale, or to one buyer within so many days."""

    country: str
    substance: str
    most: Decimal
    counted: str  # "mg" of the substance, or "units": tablets, capsules
    source: str
    days: int = 0  # 0: in one sale
    outside_pharmacy: bool = False  # holds where there is no pharmacy
    asks: tuple[str, ...] = ()  # of the buyer: name, document, address


COMBAT = "Combat Methamphetamine Epidemic Act, 21 U.S.C. 830(d) and (e)"
HMR = "Human Medicines Regulations 2012 (SI 2012/1916)"
MHRA = "MHRA, best practice guidance on the sale of medicines for pain relief: two packs of 16"
LOGBOOK = ("name", "document", "address")
LIMITS = (
    SaleLimit("AU", "paracetamol", Decimal(100), "units", "Poisons Standard, paracetamol, 1 February 2025"),
    SaleLimit("AU", "pseudoephedrine", Decimal(720), "mg", "Poisons Standard, pseudoephedrine, Schedule 3",
          asks=("name", "document", "address")),
    SaleLimit("GB", "paracetamol", Decimal(100), "units", f"{HMR}, regulation 236"),
    SaleLimit("GB", "paracetamol", Decimal(32), "units", MHRA, outside_pharmacy=True),
    SaleLimit("GB", "aspirin", Decimal(100), "units", f"{HMR}, regulation 236"),
    SaleLimit("GB", "aspirin", Decimal(32), "units", MHRA, outside_pharmacy=True),
    SaleLimit("GB", "pseudoephedrine", Decimal(720), "mg", f"{HMR}, regulation 237"),
    SaleLimit("GB", "ephedrine", Decimal(180), "mg", f"{HMR}, regulation 237"),
    SaleLimit("US", "pseudoephedrine", Decimal(3600), "mg", COMBAT, days=1, asks=LOGBOOK),
    SaleLimit("US", "pseudoephedrine", Decimal(9000), "mg", COMBAT, days=30, asks=LOGBOOK),
    SaleLimit("US", "ephedrine", Decimal(3600), "mg", COMBAT, days=1, asks=LOGBOOK),
    SaleLimit("US", "ephedrine", Decimal(9000), "mg", COMBAT, days=30, asks=LOGBOOK),
    SaleLimit("US", "codeine", Decimal(24), "units", "21 CFR 1306.26: 24 units in 48 hours", days=2, asks=LOGBOOK),
)  # fmt: skip


def limits_of(country: str, substances: Sequence[str], pharmacy: bool) -> list[SaleLimit]:
    """The limits on a product that holds these substances, where it is sold."""
    return [
        limit
        for limit in LIMITS
        if limit.country == country and limit.substance in substances and not (limit.outside_pharmacy and pharmacy)
    ]


def milligrams(strength: str) -> Decimal:
    """How much one unit holds, in mg: `60 mg`, `30 mg/5 mL` is 6 a millilitre; what is no weight holds nothing."""
    found = re.fullmatch(r"([\d.]+) (\w+)(?:/([\d.]+)? ?(\w+))?", strength.strip())
    if not found or found[2] not in IN_MG:
        return Decimal(0)
    return Decimal(found[1]) * IN_MG[found[2]] / Decimal(found[3] or 1)


def counted(limit: SaleLimit, holds: Sequence[str], strengths: Sequence[str], units: Decimal) -> Decimal:
    """How much of a limited substance so many units are."""
    if limit.counted == "units":
        return units
    return units * sum(
        (milligrams(strength) for name, strength in zip(holds, strengths, strict=False) if name == limit.substance),
        Decimal(0),
    )


def on_prescription(country: str, schedule: str, prescription_only: bool) -> bool:
    """Whether it leaves the house only against a prescription."""
    return prescription_only or schedule in PRESCRIPTION.get(country, set())


def supply_of(country: str, schedule: str) -> str:
    """Who may sell what needs no prescription (Poisons Standard S2 and S3; 21 CFR 1306.26 for Schedule V)."""
    if schedule in PHARMACIST.get(country, set()):
        return "pharmacist only"
    return "pharmacy" if schedule in PHARMACY.get(country, set()) else "general sale"


def part_of(total: Decimal, quantity: Decimal, before: Decimal, now: Decimal) -> Decimal:
    """What of a line's total falls on the units that come back now, so that all of them come to the total."""
    cent = Decimal("0.01")
    return (total * (before + now) / quantity).quantize(cent) - (total * before / quantity).quantize(cent)
