"""Records: what every row in Galen shares."""

import re
from datetime import datetime
from decimal import Decimal
from enum import Enum as PyEnum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Enum,
    ForeignKey,
    MetaData,
    Numeric,
    event,
    false,
    inspect,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.types import Text

from galen.values.ids import uuid7

from .actor import Actor
from .state import CannotBecome, State

SHARED = "galen"
"""The schema of what all organisations share: the list of organisations, reference data, the job queue."""


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Record(DeclarativeBase):
    """Every row an organisation keeps: identified, versioned, walled, audited."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        Decimal: Numeric(18, 6),
        str: Text,
        dict: JSONB,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
        PyEnum: Enum(
            PyEnum, native_enum=False, create_constraint=True, length=32, values_callable=lambda e: [m.value for m in e]
        ),
    }

    audited: ClassVar[bool] = True  # every change leaves an audit row
    sensitive: ClassVar[bool] = False  # every opening leaves one too
    append_only: ClassVar[bool] = False  # never updated, never deleted
    open_to: ClassVar[str] = "owner"  # "owner": staff, and the patient it is about; "staff"; "everyone"
    editable_in: ClassVar[set[Any] | None] = None  # the states in which the content may still change
    open_fields: ClassVar[tuple[str, ...]] = ()  # columns that stay open after sealing
    part_of: ClassVar[str | None] = None  # the relationship to the whole it is sealed and seen with
    redacted: ClassVar[frozenset[str]] = frozenset()  # columns whose values never stand in the audit log

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    version: Mapped[int]

    if not TYPE_CHECKING:

        @declared_attr.directive
        def __tablename__(cls) -> str:
            return snake(cls.__name__)

        @declared_attr.directive
        def __mapper_args__(cls) -> dict[str, Any]:
            return {"version_id_col": cls.__table__.c.version, "eager_defaults": False}

    @classmethod
    def thing(cls) -> str:
        """What a person calls this record: `PurchaseOrder` is a "purchase order"."""
        return snake(cls.__name__).replace("_", " ")

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Which rows this actor may see. The session adds it to every select."""
        kind = actor.kind
        if kind in ("staff", "system") or cls.open_to == "everyone":
            return true()
        if kind == "patient" and cls.open_to == "owner" and actor.patient_id:
            if "patient_id" in cls.__mapper__.columns:
                return cls.__mapper__.columns["patient_id"] == actor.patient_id
            if cls.part_of:
                whole = inspect(cls).relationships[cls.part_of]
                here = next(iter(whole.local_columns))
                parent = whole.mapper.class_
                return here.in_(select(parent.id).where(parent.visible_to(actor)))
        return false()

    def sealed_fields(self) -> set[str]:
        """The columns that may no longer change, judged by the state last saved."""
        columns = set(inspect(self).mapper.column_attrs.keys()) - {"version"}
        if self.append_only:
            return columns - set(self.open_fields)
        whole: Any = getattr(self, self.part_of) if self.part_of else self
        if whole is None or whole.editable_in is None or not inspect(whole).has_identity:
            return set()
        saved = (inspect(whole).attrs.status.history.deleted or [whole.status])[0]
        if saved in whole.editable_in:
            return set()
        return columns - ({"status", *self.open_fields} if whole is self else set(self.open_fields))


def ref(table: str, *, nullable: bool = False, unique: bool = False, index: bool = True, **kw: Any) -> Any:
    """A reference down to another record: `patient_id: Mapped[UUID] = ref("patient")`."""
    return mapped_column(ForeignKey(f"{table}.id"), nullable=nullable, unique=unique, index=index and not unique, **kw)


def link(**kw: Any) -> Any:
    """The record a reference points to. Loading it by accident raises: say in the query what you show."""
    return relationship(lazy="raise_on_sql", **kw)


def parts(**kw: Any) -> Any:
    """Records that load, live and seal with their whole."""
    return relationship(lazy="selectin", cascade="all, delete-orphan", **kw)


def quantity() -> Any:
    """A column for an amount of stock or dose: exact, six decimals."""
    return mapped_column(Numeric(18, 6))


def amount(**kw: Any) -> Any:
    """A column for money: exact, four decimals; its currency stands beside it."""
    return mapped_column(Numeric(18, 4), **kw)


def check(rule: str, name: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)


def ddl(record: type[Record], *statements: str) -> None:
    """SQL that belongs to a record's table (functions, triggers, exclusion types), run when the table is made."""
    for statement in statements:
        event.listen(record.__table__, "after_create", DDL(statement.replace("%", "%%")))


@event.listens_for(Record, "attribute_instrument", propagate=True)
def refuse_illegal_states(cls: type[Record], key: str, attribute: Any) -> None:
    """Refuse an illegal state on the assignment itself, wherever it is written."""
    column = getattr(attribute.property, "columns", [None])[0]
    if column is None or not issubclass(getattr(column.type, "enum_class", None) or object, State):
        return

    @event.listens_for(attribute, "set", active_history=True)
    def refuse_illegal(record: Record, new: Any, old: Any, _: Any) -> None:
        if isinstance(old, State) and not old.may_become(new):
            raise CannotBecome(was=old, now=new)


@event.listens_for(Record, "init", propagate=True)
def born_with_identity(record: Record, args: Any, values: dict[str, Any]) -> None:
    """A record has its id from birth, so that facts can name it before the flush; and no parts but those given."""
    values.setdefault("id", uuid7())
    for relation in inspect(type(record)).relationships:
        if relation.uselist and relation.cascade.delete_orphan:
            values.setdefault(relation.key, [])
