"""What was changed between the prescription and the shelf, with its kind and reason."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from galen.core.audit import APPEND_ONLY
from galen.core.record import Record, check, ddl, ref
from galen.i18n import N_, ngettext
from galen.i18n import gettext as _

from .packs import Coded, WhyThisBatch


class ChangeKind(Coded):
    BRAND = "brand", N_("Brand: %(before)s → %(after)s")
    QUANTITY = "quantity", N_("Quantity: %(before)s → %(after)s")
    DAYS = "days", N_("Days' supply: %(before)s → %(after)s")
    BATCH = "batch", N_("Batch: %(before)s → %(after)s")


class WhyChanged(Coded):
    AT_HAND = "at hand", N_("The scanned pack is an equivalent brand")
    NOT_IN_STOCK = "not in stock", N_("Not in stock")
    PRICE = "price", N_("Price")
    PATIENT = "patient", N_("The patient asks for it")
    WHOLE_PACK = "whole pack", N_("Whole packs")
    LIMIT = "limit", N_("Limit of the law or the plan")
    AGREED = "agreed", N_("The prescriber agrees (say when and how)")
    RECKONED = "reckoned", N_("The days were reckoned anew")
    OTHER = "other change", N_("Other (say which)")

    @property
    def needs_words(self) -> bool:
        return self in (WhyChanged.AGREED, WhyChanged.OTHER)


REASONS = {reason.value: reason for kind in (WhyChanged, WhyThisBatch) for reason in kind}


def days_in_words(days: str) -> str:
    """A number of days as it is kept: none where it was not known."""
    return ngettext("%(num)s day", "%(num)s days", int(days)) if days else _("not known")


class DispensingChange(Record):
    """One change of one line before it was dispensed: what was, what is now, and why. Never changed itself."""

    append_only, open_to = True, "staff"
    __table_args__ = (
        check("reason <> ''", "reason"),
        check("before <> after", "changed"),
    )

    dispensing_id: Mapped[UUID] = ref("dispensing")
    dispensing_line_id: Mapped[UUID] = ref("dispensing_line", index=False)
    patient_id: Mapped[UUID] = ref("patient")
    kind: Mapped[ChangeKind]
    drug: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]

    @property
    def words(self) -> str:
        """Quantity: 21 capsules → 14 capsules."""
        before, after = self.before, self.after
        if self.kind is ChangeKind.DAYS:
            before, after = days_in_words(before), days_in_words(after)
        return _(self.kind.message, before=before, after=after)

    @property
    def why(self) -> str:
        """The coded reason and what was written with it."""
        words = REASONS[self.reason].words
        return f"{words}: {self.note}" if self.note else words


ddl(DispensingChange, APPEND_ONLY.format(table="dispensing_change"))
