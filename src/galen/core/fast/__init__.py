"""The fast wing: what exists for speed alone. With `GALEN_FAST=none` everything works the plain way, without it.

| part | file | takes the place of |
|---|---|---|
| loading | loading.py | the session's own loading of a record by a unique column |
| saving | saving.py, pending.py | the unit of work's flush, for plain new and changed records |
| queries | prepared_query.py | compiling and running a query through the session |
| pool | connection_pool.py | SQLAlchemy's connection pool |
| dispatch | dispatch.py, request_reader.py | FastAPI's routing and reading of requests, for clients of the API |
| memory | session_memory.py | one look at a client's session for each read |

What each earns is measured by `bin/bench parts` (docs/decisions/0009-round-trips.md). Private names of SQLAlchemy stand
in this folder alone; tests/core/test_sqlalchemy_internals.py names the version that they were read in.
"""

from functools import lru_cache

from galen.settings import settings


@lru_cache(1)
def parts() -> frozenset[str]:
    """The parts that are switched on, by the setting `GALEN_FAST`."""
    return settings().fast_parts


def enabled(part: str) -> bool:
    return part in parts()
