"""Serum creatinine, from which the kidney's filtration is estimated (CKD-EPI 2021)."""

from decimal import Decimal

from galen.i18n import gettext as _
from galen.safety import PER_MG_DL

LEAST, MOST = Decimal(10), Decimal(3000)


def in_micromoles(value: Decimal, unit: str) -> Decimal:
    """µmol/L, from µmol/L or mg/dL; a value that no living person has is refused."""
    if unit not in ("µmol/L", "mg/dL"):
        raise ValueError(_("The creatinine must be in µmol/L or mg/dL, not %(unit)s.", unit=unit))
    kept = round(value * PER_MG_DL if unit == "mg/dL" else value, 0)
    if not LEAST <= kept <= MOST:
        raise ValueError(
            _(
                "The creatinine %(value)s %(unit)s is not possible: it must be from %(least)s to %(most)s µmol/L.",
                value=value,
                unit=unit,
                least=LEAST,
                most=MOST,
            )
        )
    return kept
