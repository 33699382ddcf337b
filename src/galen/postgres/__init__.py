"""The embedded PostgreSQL: a server of our own, kept in one private folder, reached by a unix socket only."""

from .binaries import PostgresUnavailable
from .server import Server, embedded

__all__ = ["PostgresUnavailable", "Server", "embedded"]
