"""The web: one table per module, each row a service function with the shapes it answers in."""

from .mounting import mount
from .routes import Route, delete, get, page, patch, post, put

__all__ = ["Route", "delete", "get", "mount", "page", "patch", "post", "put"]
