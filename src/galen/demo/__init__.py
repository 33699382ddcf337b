"""Two fictional organisations, built through service functions. They are also the cast of the tests."""

from .build import demo_is_due, open_demo, seed
from .cast import DEMO, PASSWORD, PATIENT, people

__all__ = ["DEMO", "PASSWORD", "PATIENT", "demo_is_due", "open_demo", "people", "seed"]
