"""The verbs of the cold chain."""

from . import alarms
from .arriving import devices, store_readings, take_readings
from .setting_up import (
    add_place,
    add_profile,
    add_sensor,
    close_place,
    close_sensor,
    edit_place,
    edit_profile,
    profiles,
    renew_secret,
    sensors,
)
from .thread import acknowledge, comment, decide, excursion, excursions, used

__all__ = [
    "acknowledge",
    "add_place",
    "add_profile",
    "add_sensor",
    "alarms",
    "close_place",
    "close_sensor",
    "comment",
    "decide",
    "devices",
    "edit_place",
    "edit_profile",
    "excursion",
    "excursions",
    "profiles",
    "renew_secret",
    "sensors",
    "store_readings",
    "take_readings",
    "used",
]
