"""Serum creatinine, from which the kidney's filtration is estimated (CKD-EPI 2021)."""

from decimal import Decimal

from galen.safety import PER_MG_DL

LEAST, MOST = Decimal(10), Decimal(3000)


def in_micromoles(value: Decimal, unit: str) -> Decimal:
    """µmol/L, from µmol/L or mg/dL; a value that no living person has is refused."""
    if unit not in ("µmol/L", "mg/dL"):
        raise ValueError(f"The creatinine must be in µmol/L or mg/dL, not {unit}.")
    kept = round(value * PER_MG_DL if unit == "mg/dL" else value, 0)
    if not LEAST <= kept <= MOST:
        raise ValueError(f"The creatinine {value} {unit} is not possible: it must be from {LEAST} to {MOST} µmol/L.")
    return kept
