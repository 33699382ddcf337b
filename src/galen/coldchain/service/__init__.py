"""The verbs of the cold chain."""

from . import alarms
from .arriving import devices, store_readings, take_readings
from .importing import import_logger
from .pages import (
    board,
    excursion_page,
    open_count,
    place,
    place_form,
    place_page,
    places,
    readings,
    readings_csv,
)
from .setting_up import (
    add_place,
    add_profile,
    add_sensor,
    broker_password,
    close_place,
    close_sensor,
    edit_place,
    edit_profile,
    profiles,
    renew_secret,
    sensors,
)
from .thread import acknowledge, comment, decide, decide_all, excursion, excursions, used

__all__ = [
    "acknowledge",
    "add_place",
    "add_profile",
    "add_sensor",
    "alarms",
    "board",
    "broker_password",
    "close_place",
    "close_sensor",
    "comment",
    "decide",
    "decide_all",
    "devices",
    "edit_place",
    "edit_profile",
    "excursion",
    "excursion_page",
    "excursions",
    "import_logger",
    "open_count",
    "place",
    "place_form",
    "place_page",
    "places",
    "profiles",
    "readings",
    "readings_csv",
    "renew_secret",
    "sensors",
    "store_readings",
    "take_readings",
    "used",
]
