"""What is shown of what was kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from galen.core.schemas import View
from galen.i18n import ngettext
from galen.patients import BannerView


class KeptCount(View):
    """How many resources of a type are kept for a person."""

    kind: str
    number: int


class KeptLine(View):
    """One kept resource in a list."""

    id: UUID
    kind: str
    title: str
    day: str


class KeptList(View):
    """The kept resources of one type, the latest first."""

    banner: BannerView
    kind: str
    total: int
    lines: list[KeptLine]
    next: str | None = None

    @property
    def summary(self) -> str:
        """How many there are of this type."""
        return ngettext(
            "%(num)s of type %(type)s, kept as it came",
            "%(num)s of type %(type)s, kept as they came",
            self.total,
            type=self.kind,
        )


class KeptView(View):
    """A resource as it came."""

    id: UUID
    banner: BannerView | None
    kind: str
    fhir_id: str
    title: str
    file: str
    source: str
    read_at: datetime
    content: dict[str, Any]
