"""How measurements read on a page: in words and units, with what is out of the ordinary."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from galen.i18n import N_
from galen.i18n import gettext as _
from galen.values.units import plain

SHOWN = (
    ("systolic", N_("Blood pressure"), "mmHg"),
    ("heart_rate", N_("Pulse"), "/min"),
    ("breathing_rate", N_("Breathing"), "/min"),
    ("temperature", N_("Temperature"), "°C"),
    ("oxygen", N_("Oxygen"), "%"),
    ("weight", N_("Weight"), "kg"),
    ("height", N_("Height"), "cm"),
    ("bmi", N_("BMI"), "kg/m²"),
    ("creatinine", N_("Creatinine"), "µmol/L"),
    ("egfr", N_("eGFR"), "mL/min/1.73 m²"),
)
FLAGS = {
    "low": N_("low"),
    "high": N_("high"),
    "critical_low": N_("critically low"),
    "critical_high": N_("critically high"),
}
SYSTOLIC = {
    "low": N_("systolic low"),
    "high": N_("systolic high"),
    "critical_low": N_("systolic critically low"),
    "critical_high": N_("systolic critically high"),
}
DIASTOLIC = {
    "low": N_("diastolic low"),
    "high": N_("diastolic high"),
    "critical_low": N_("diastolic critically low"),
    "critical_high": N_("diastolic critically high"),
}


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """What is out of the ordinary, or in doubt; danger is for what somebody should look at at once."""

    words: str
    critical: bool = False

    @property
    def tone(self) -> str:
        return "danger" if self.critical else "caution"

    @property
    def shape(self) -> str:
        return "octagon" if self.critical else "diamond"


@dataclass(frozen=True, slots=True)
class ShownMeasure:
    """One measurement: its name, the value with its unit, what was flagged."""

    name: str
    text: str
    flags: list[ShownFlag]


def shown_measures(vitals: Any, flags: Mapping[str, str], doubted: Collection[str] = ()) -> list[ShownMeasure]:
    """Each measure that has a value; the two blood pressures read as one."""
    measures = []
    for key, name, unit in SHOWN:
        if (value := getattr(vitals, key)) is None:
            continue
        number, words = plain(value), [(key, FLAGS)]
        if key == "systolic":
            number, words = f"{number}/{plain(vitals.diastolic)}", [("systolic", SYSTOLIC), ("diastolic", DIASTOLIC)]
        found = [
            ShownFlag(_(said[flags[measure]]), flags[measure].startswith("critical"))
            for measure, said in words
            if measure in flags
        ]
        found += [ShownFlag(_("in doubt")) for measure in dict(words) if measure in doubted]
        measures.append(ShownMeasure(_(name), f"{number} {unit}", found))
    return measures
