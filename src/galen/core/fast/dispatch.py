"""Direct dispatch: from a request of the API to its service function, past FastAPI's routing and reading.

A route among hundreds is found by its first word and its length instead of one after another. What a request gives is
read by request_reader.py; what does not fit goes to FastAPI unread, so that complaints have one source.
"""

from collections import defaultdict
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import Refusal
from ..web.endpoint import perform
from ..web.problems import misfilled, refused, unknown
from . import enabled
from .request_reader import DirectRoute, direct_route

API = ["", "api", "v1"]
Bucket = tuple[bool, str, int]
HANDLERS = ((Refusal, refused), (RequestValidationError, misfilled), (HTTPException, unknown))


def bucket_of(path: str) -> Bucket:
    """`/api/v1/patients/{id}` is with all paths of the API that begin with `patients` and are two words long."""
    words = path.split("/")
    api = words[:3] == API
    own = words[3:] if api else words[1:]
    return api, own[0] if own else "", len(own)


def install_dispatch(app: FastAPI) -> None:
    """Look in the right bucket first; what is not there (wrong method, unknown path) goes the plain way."""
    if not enabled("dispatch"):
        return
    buckets: dict[Bucket, list[APIRoute]] = defaultdict(list)
    for route in app.router.routes:
        if isinstance(route, APIRoute):
            buckets[bucket_of(route.path)].append(route)
    plain: Any = app.router.middleware_stack

    async def find(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in buckets.get(bucket_of(scope["path"]), ()):
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    scope.setdefault("router", app.router)
                    scope.update(child_scope)
                    return await route.handle(scope, receive, send)
        await plain(scope, receive, send)

    app.router.middleware_stack = find
    direct = {key: [(route, direct_route(route)) for route in routes] for key, routes in buckets.items() if key[0]}
    app.add_middleware(DirectDispatch, routes=direct)


class DirectDispatch:
    """Plain ASGI, right behind the headers: connects clients of the API with verbs, and all others with FastAPI."""

    def __init__(self, app: ASGIApp, routes: dict[Bucket, list[tuple[APIRoute, DirectRoute | None]]]) -> None:
        self.app, self.routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("root_path"):
            return await self.app(scope, receive, send)
        path, method = scope["path"], scope["method"]
        for route, direct in self.routes.get(bucket_of(path), ()):
            if method in (route.methods or ()) and (match := route.path_regex.match(path)):
                if direct is None:
                    break
                request, path_params = Request(scope, receive), match.groupdict()
                scope.update(route=route, endpoint=route.endpoint, path_params=path_params)
                response = await answer(request, direct)
                if response is None:
                    return await self.app(scope, replay(request, receive), send)
                return await response(scope, request.receive, send)
        await self.app(scope, receive, send)


async def answer(request: Request, direct: DirectRoute) -> Response | None:
    """What the verb answers, or its refusal; nothing when the request does not fit it."""
    try:
        given = await direct.read(request, request.scope["path_params"])
        return None if given is None else await perform(request, direct.row, given, "json")
    except (Refusal, RequestValidationError, HTTPException) as error:
        return await next(handler for kind, handler in HANDLERS if isinstance(error, kind))(request, error)


def replay(request: Request, receive: Receive) -> Receive:
    """The same request for the next reader, with the body that was read already."""
    body: list[bytes] = [request._body] if hasattr(request, "_body") else []

    async def receive_again() -> Message:
        if body:
            return {"type": "http.request", "body": body.pop(), "more_body": False}
        return await receive()

    return receive_again
