"""Routes as values: method, path, service function, and how it answers."""

import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import Request, UploadFile
from pydantic import BaseModel

from galen.asgi.headers import STRICT, Allow

from ..gate import requires

Verb = Callable[..., Awaitable[Any]]
SOCKET = "WS"  # stands in the table where others have their method
ONCE = {*"invoice payment ledger till sale credit stock dispensing prescription outbox message recall".split()}
"""Areas of permissions in which nothing may be done twice by mistake: money, stock, prescriptions, messages."""


@dataclass(frozen=True)
class Route:
    """One row of a module's table.

    `json` is the view answered under /api/v1, `html` the template rendered at the path itself. `redirect` is the page
    to go to after a form has done its work (fields of the result in braces). `panel` shows the answer inside the page
    so named, `nav` puts the page into the side bar, `count` says how many wait there, `search` lends it to the search.
    """

    method: str
    path: str
    verb: Verb
    json: Any = None
    html: str = ""
    redirect: str = ""
    panel: str = ""
    title: str = ""
    tab: str = ""  # the part of that page in which the panel stands, where it has parts
    panel_area: str = ""  # the name under which other modules add panels to this page
    nav: str = ""
    icon: str = ""
    order: int = 50
    count: Verb | None = None
    search: str = ""
    idempotent: bool = True  # with an Idempotency-Key it is done once: a POST, and every change of what is in ONCE
    status: int = 0
    media_type: Any = None  # when the verb answers bytes
    writes: bool = False  # a GET that leaves something behind: it counts printings, it makes a file once
    refresh: str = ""  # facts, comma separated, on which a panel renders itself anew
    max_mb: int = 0  # of what is sent to this path, where that may be more than usual: a megabyte, or a file's limit
    says: str = ""  # when it is done, where the verb does not say it itself: "%(name)s is closed."
    undo: str = ""  # the verb that takes it back, with ids alone
    allow: Allow = STRICT  # what this page may do beyond all others: camera, microphone, forms that lead elsewhere

    @property
    def module(self) -> str:
        return self.verb.__module__.split(".")[1]

    @property
    def permission(self) -> str:
        return str(getattr(self.verb, "permission", ""))

    @property
    def takes_key(self) -> bool:
        return self.idempotent and self.method != "GET" and (self.method == "POST" or self.area in ONCE)

    @property
    def needs_key(self) -> bool:
        """Whether it is refused without one."""
        return self.takes_key and self.method == "POST" and self.area in ONCE

    @property
    def area(self) -> str:
        return self.permission.partition(".")[0]

    @cached_property
    def parameters(self) -> list[inspect.Parameter]:
        """The service function's parameters behind `ctx`, annotations resolved."""
        return list(inspect.signature(self.verb, eval_str=True).parameters.values())[1:]

    @cached_property
    def takes_files(self) -> bool:
        """Whether a file comes with the draft: then it is a form for clients of the API, too."""
        draft = self.draft
        return draft is not None and any(f.annotation is UploadFile for f in draft.annotation.model_fields.values())

    @cached_property
    def draft(self) -> inspect.Parameter | None:
        return next((p for p in self.parameters if is_draft(p.annotation)), None)


def is_draft(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, BaseModel)


def get(path: str, verb: Verb, **shape: Any) -> Route:
    return Route("GET", path, verb, **shape)


def post(path: str, verb: Verb, **shape: Any) -> Route:
    return Route("POST", path, verb, **shape)


def put(path: str, verb: Verb, **shape: Any) -> Route:
    return Route("PUT", path, verb, **shape)


def patch(path: str, verb: Verb, **shape: Any) -> Route:
    return Route("PATCH", path, verb, **shape)


def delete(path: str, verb: Verb, **shape: Any) -> Route:
    return Route("DELETE", path, verb, **shape)


def socket(path: str, does: Verb, **shape: Any) -> Route:
    """A WebSocket: the verb opens what the path names and returns the conversation (sockets.py)."""
    return Route(SOCKET, path, does, **shape)


def page(path: str, html: str, *, needs: str, module: str, **shape: Any) -> Route:
    """A page without a verb of its own, such as an empty form."""

    async def blank(ctx: Any) -> None:
        """An empty page."""

    blank.__module__ = f"galen.{module}.routes"
    blank.__name__ = "page_" + html.removesuffix(".html")
    return Route("GET", path, requires(needs)(blank), html=html, **shape)


TABLE: list[Route] = []
PATHS: dict[str, Route] = {}
PANELS: dict[str, list[Route]] = defaultdict(list)


def verb_of(route: Route) -> str:
    return f"{route.module}.{route.verb.__name__}"


def url(name: str, **ids: Any) -> str:
    """The path of a service function, its ids filled in."""
    return PATHS[name].path.format(**ids)


def request_parameter() -> inspect.Parameter:
    return inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
