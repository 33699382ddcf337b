"""Bedside arithmetic that doses depend on. Pure; weights in kg, heights in cm, creatinine in µmol/L, ages in years."""

from decimal import Decimal

from galen.i18n import gettext as _

D = Decimal
PER_MG_DL = D("88.4")  # µmol/L of creatinine in 1 mg/dL
CM_PER_INCH = D("2.54")


def body_surface(kg: Decimal, cm: Decimal) -> Decimal:
    """Body surface area, m² (Mosteller 1987)."""
    return round((cm * kg / 3600).sqrt(), 2)


def ideal_weight(cm: Decimal, female: bool) -> Decimal:
    """Ideal body weight of an adult, kg (Devine 1974): 2.3 kg for each inch above or below five feet."""
    return round((D("45.5") if female else D(50)) + D("2.3") * (cm / CM_PER_INCH - 60), 1)


def adjusted_weight(kg: Decimal, cm: Decimal, female: bool) -> Decimal:
    """Ideal body weight and four tenths of what is above it, kg."""
    ideal = ideal_weight(cm, female)
    return round(ideal + D("0.4") * (kg - ideal), 1)


def dosing_weight(kg: Decimal, cm: Decimal | None, female: bool) -> Decimal:
    """The weight to reckon clearance with: actual below the ideal, ideal up to 120 % of it, adjusted above."""
    if cm is None or (ideal := ideal_weight(cm, female)) <= 0 or kg <= ideal:
        return kg
    return adjusted_weight(kg, cm, female) if kg > ideal * D("1.2") else ideal


def clearance(creatinine: Decimal, age: int, kg: Decimal, female: bool) -> Decimal:
    """Creatinine clearance of an adult, mL/min (Cockcroft and Gault 1976), for the weight that it is reckoned with."""
    _refuse_wrong(creatinine, age, "Cockcroft–Gault")
    found = (140 - age) * kg / (72 * creatinine / PER_MG_DL) * (D("0.85") if female else 1)
    return round(max(found, D(0)), 2)


def egfr(creatinine: Decimal, age: int, female: bool) -> Decimal:
    """Estimated filtration of an adult, mL/min/1.73 m² (CKD-EPI 2021)."""
    _refuse_wrong(creatinine, age, "CKD-EPI")
    kappa, alpha = (D("0.7"), D("-0.241")) if female else (D("0.9"), D("-0.302"))
    ratio = creatinine / PER_MG_DL / kappa
    estimate = 142 * min(ratio, D(1)) ** alpha * max(ratio, D(1)) ** D("-1.200") * D("0.9938") ** age
    return round(estimate * (D("1.012") if female else 1), 1)


def child_filtration(creatinine: Decimal, cm: Decimal) -> Decimal:
    """Estimated filtration of a child, mL/min/1.73 m² (bedside Schwartz 2009)."""
    return round(D("0.413") * cm / (creatinine / PER_MG_DL), 1)


def kidney_stage(estimate: Decimal) -> str:
    """KDIGO stage of an estimated filtration."""
    stages = ((90, "G1"), (60, "G2"), (45, "G3a"), (30, "G3b"), (15, "G4"))
    return next((stage for least, stage in stages if estimate >= least), "G5")


def _refuse_wrong(creatinine: Decimal, age: int, name: str) -> None:
    if age < 18:
        raise ValueError(_("The %(name)s estimate is for people of 18 years and older.", name=name))
    if creatinine <= 0:
        raise ValueError(_("The creatinine must be above zero."))
