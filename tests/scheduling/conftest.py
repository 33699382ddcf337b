"""Ada's and Eve's profiles, and the clock of Harbour Clinic."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import select

from galen.scheduling import Practitioner

SYDNEY = ZoneInfo("Australia/Sydney")


def profile(family: str) -> Any:
    @pytest_asyncio.fixture(name=f"dr_{family.lower()}")
    async def someone(ruth):
        return await ruth.db.scalar(select(Practitioner).where(Practitioner.name.contains(family)))

    return someone


dr_okafor, dr_lindqvist = profile("Okafor"), profile("Lindqvist")


@pytest.fixture
def at() -> Callable[..., datetime]:
    """`at(14, 30)` is today, Friday 20 November, on the wall in Sydney; `at(9, 0, day=23)` the Monday after."""

    def moment(hour: int, minute: int = 0, *, day: int = 20, month: int = 11) -> datetime:
        return datetime(2026, month, day, hour, minute, tzinfo=SYDNEY)

    return moment
