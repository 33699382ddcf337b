"""Lists, one page at a time: where a page ended is a cursor that the next one continues from."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import Invalid
from .schemas import Slice


async def slice_of(
    db: AsyncSession, query: Select[Any], after: str | None, *, size: int, by: Any, descending: bool
) -> Slice[Any]:
    """Up to `size` records behind the cursor `after`, ordered by `by` and then by id."""
    model = query.column_descriptions[0]["entity"]
    keys = (model.id,) if by is None else (by, model.id)
    if after:
        position, cursor = tuple_(*keys), tuple_(*decode_cursor(keys, after))
        query = query.where(position < cursor if descending else position > cursor)
    query = query.order_by(*[key.desc() if descending else key.asc() for key in keys]).limit(size + 1)
    records = list(await db.scalars(query))
    more = len(records) > size
    return Slice(items=records[:size], next=encode_cursor(keys, records[size - 1]) if more else None)


def encode_cursor(keys: tuple[Any, ...], last: Any) -> str:
    """The values by which the list is ordered, of the last record that was shown."""
    values = [str(getattr(last, key.key)) for key in keys]
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(keys: tuple[Any, ...], cursor: str) -> list[Any]:
    try:
        values = json.loads(urlsafe_b64decode(cursor + "=="))
        return [parse(key, str(value)) for key, value in zip(keys, values, strict=True)]
    except (ValueError, TypeError, ArithmeticError):
        raise Invalid("after", "This mark is of no page here. Leave it out to begin with the first page.") from None


def parse(column: Any, text: str) -> Any:
    kind = column.type.python_type
    return kind.fromisoformat(text) if kind in (datetime, date) else kind(text)
