"""Finding a route among hundreds: by its first word and its length, instead of one after another."""

from collections import defaultdict
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import Refusal
from .answer import perform
from .problems import misfilled, refused, unknown
from .straight import Straight, straight

API = ["", "api", "v1"]
Shelf = tuple[bool, str, int]
WORDED = ((Refusal, refused), (RequestValidationError, misfilled), (HTTPException, unknown))


def shelf_of(path: str) -> Shelf:
    """`/api/v1/patients/{id}` stands with all paths of the API that begin with `patients` and are two words long."""
    words = path.split("/")
    api = words[:3] == API
    own = words[3:] if api else words[1:]
    return api, own[0] if own else "", len(own)


def shorten_the_way(app: FastAPI) -> None:
    """Look on the right shelf first; what is not there (wrong method, unknown path) goes the whole way as ever."""
    shelves: dict[Shelf, list[APIRoute]] = defaultdict(list)
    for route in app.router.routes:
        if isinstance(route, APIRoute):
            shelves[shelf_of(route.path)].append(route)
    whole: Any = app.router.middleware_stack

    async def find(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in shelves.get(shelf_of(scope["path"]), ()):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.setdefault("router", app.router)
                    scope.update(found)
                    return await route.handle(scope, receive, send)
        await whole(scope, receive, send)

    app.router.middleware_stack = find
    ways = {shelf: [(route, straight(route)) for route in routes] for shelf, routes in shelves.items() if shelf[0]}
    app.add_middleware(Switchboard, ways=ways)


class Switchboard:
    """Plain ASGI, right behind the headers: connects clients of the API with verbs, and all others with FastAPI."""

    def __init__(self, app: ASGIApp, ways: dict[Shelf, list[tuple[APIRoute, Straight | None]]]) -> None:
        self.app, self.ways = app, ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("root_path"):
            return await self.app(scope, receive, send)
        path, method = scope["path"], scope["method"]
        for route, way in self.ways.get(shelf_of(path), ()):
            if method in (route.methods or ()) and (found := route.path_regex.match(path)):
                if way is None:
                    break
                request, words = Request(scope, receive), found.groupdict()
                scope.update(route=route, endpoint=route.endpoint, path_params=words)
                response = await answered(request, way)
                if response is None:
                    return await self.app(scope, again(request, receive), send)
                return await response(scope, request.receive, send)
        await self.app(scope, receive, send)


async def answered(request: Request, way: Straight) -> Response | None:
    """What the verb says, in words when it refuses; nothing when the request does not fit it."""
    try:
        given = await way.given(request, request.scope["path_params"])
        return None if given is None else await perform(request, way.row, given, "json")
    except (Refusal, RequestValidationError, HTTPException) as error:
        return await next(word for kind, word in WORDED if isinstance(error, kind))(request, error)


def again(request: Request, receive: Receive) -> Receive:
    """The same request for the next reader, with the body that was read already."""
    body: list[bytes] = [request._body] if hasattr(request, "_body") else []

    async def once_more() -> Message:
        if body:
            return {"type": "http.request", "body": body.pop(), "more_body": False}
        return await receive()

    return once_more
