"""One fictional organisation, built through service functions. It is also the cast of the tests."""

from .build import furnish
from .cast import PASSWORD, people

__all__ = ["PASSWORD", "furnish", "people"]
