"""Routes as values: method, path, service function, and how it answers."""

import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from pydantic import BaseModel

Verb = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    """One row of a module's table.

    `json` is the view answered under /api/v1, `html` the template drawn at the path itself. `then` is the page to go to
    after a form has done its work (fields of the result in braces). `panel` shows the answer inside the page so named,
    `room` puts the page into the side bar, `count` says how many wait there, `finds` lends the verb to the search box.
    """

    method: str
    path: str
    does: Verb
    json: Any = None
    html: str = ""
    then: str = ""
    panel: str = ""
    title: str = ""
    place: str = ""  # the name under which other modules add panels to this page
    room: str = ""
    icon: str = ""
    order: int = 50
    count: Verb | None = None
    finds: str = ""
    once: bool = True  # POST with an Idempotency-Key is done once
    status: int = 0
    content: Any = None  # media type, when the verb answers bytes
    writes: bool = False  # a GET that leaves something behind: it counts printings, it makes a file once
    refresh: str = ""  # facts, comma separated, on which a panel draws itself anew

    @property
    def module(self) -> str:
        return self.does.__module__.split(".")[1]

    @property
    def permission(self) -> str:
        return str(getattr(self.does, "permission", ""))

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The service function's parameters behind `ctx`, annotations resolved."""
        return list(inspect.signature(self.does, eval_str=True).parameters.values())[1:]

    @property
    def draft(self) -> inspect.Parameter | None:
        return next((p for p in self.parameters if is_draft(p.annotation)), None)


def is_draft(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, BaseModel)


def get(path: str, does: Verb, **shape: Any) -> Route:
    return Route("GET", path, does, **shape)


def post(path: str, does: Verb, **shape: Any) -> Route:
    return Route("POST", path, does, **shape)


def put(path: str, does: Verb, **shape: Any) -> Route:
    return Route("PUT", path, does, **shape)


def patch(path: str, does: Verb, **shape: Any) -> Route:
    return Route("PATCH", path, does, **shape)


def delete(path: str, does: Verb, **shape: Any) -> Route:
    return Route("DELETE", path, does, **shape)


def page(path: str, html: str, *, needs: str, module: str, **shape: Any) -> Route:
    """A page without a verb of its own, such as an empty form."""

    async def blank(ctx: Any) -> None:
        """An empty page."""

    blank.__module__ = f"galen.{module}.routes"
    blank.__name__ = "page_" + html.removesuffix(".html")
    from ..context import requires

    return Route("GET", path, requires(needs)(blank), html=html, **shape)


TABLE: list[Route] = []
PATHS: dict[str, Route] = {}
PANELS: dict[str, list[Route]] = defaultdict(list)


def mount(app: FastAPI, routes: list[Route]) -> None:
    """Add a module's table to the application."""
    from .answer import answering

    for route in routes:
        if not route.permission:
            raise TypeError(f"{route.does.__name__} is no service function: it requires no permission")
        TABLE.append(route)
        PATHS.setdefault(name_of(route), route)
        if route.method != "GET":
            PATHS[name_of(route)] = route
        if route.panel:
            PANELS[route.panel].append(route)
        if route.json or route.content:
            model = None if route.content or route.json is dict else route.json
            shape: dict[str, Any] = {} if route.content else {"response_model": model}
            app.add_api_route(
                "/api/v1" + route.path,
                answering(route, "json"),
                methods=[route.method],
                status_code=route.status or (201 if route.method == "POST" else 200),
                operation_id=f"{name_of(route)}.{route.method.lower()}.{route.path}",
                summary=(inspect.getdoc(route.does) or "").split("\n")[0],
                tags=[route.module],
                **shape,
            )
        if route.html or route.then or route.content:
            app.add_api_route(route.path, answering(route, "html"), methods=[route.method], include_in_schema=False)


def name_of(route: Route) -> str:
    return f"{route.module}.{route.does.__name__}"


def url(name: str, **ids: Any) -> str:
    """The path of a service function, its ids filled in."""
    return PATHS[name].path.format(**ids)


def request_parameter() -> inspect.Parameter:
    return inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
