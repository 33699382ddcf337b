"""What was shown to other systems, and what they answered."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from galen.core.record import Record, check


class CardGiven(Record):
    """A warning shown to another system, without a word about its patient; its id is the card's."""

    audited = False  # it is itself the record of what was shown and answered
    open_to = "staff"
    __table_args__ = (check("outcome IN ('', 'accepted', 'overridden')", "outcome"),)

    service: Mapped[str]
    rule: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    knowledge: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(default="")  # accepted or overridden; empty while nobody has answered
    reason: Mapped[str] = mapped_column(default="")
    comment: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
