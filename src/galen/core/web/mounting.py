"""Adding the tables of modules to the application."""

import inspect
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from .endpoint import make_endpoint
from .idempotency import LONGEST
from .routes import PANELS, PATHS, SOCKET, TABLE, Route, verb_of
from .sockets import socket_endpoint

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A new random word for each new request; the same one to send a request again. It is done once.",
    "schema": {"type": "string", "maxLength": LONGEST},
}


def form_schema(draft: type[BaseModel]) -> Any:
    """The fields of a form with files. FastAPI does not know it and describes the rest, so nothing is referred to."""
    schema = draft.model_json_schema()
    shapes = schema.pop("$defs", {})

    def whole(part: Any) -> Any:
        if isinstance(part, dict):
            named = shapes.get(str(part.get("$ref", "")).rpartition("/")[2])
            return whole(named) if named else {key: whole(value) for key, value in part.items()}
        return [whole(value) for value in part] if isinstance(part, list) else part

    return whole(schema)


def mount(app: FastAPI, routes: list[Route]) -> None:
    """Add a module's table to the application."""
    for route in routes:
        if not route.permission:
            raise TypeError(f"{route.verb.__name__} is no service function: it requires no permission")
        if route.panel and route.html and not (route.path and route.title):
            raise TypeError(f"{route.verb.__name__} is a panel: it needs a path to be read again at, and a title")
        TABLE.append(route)
        PATHS.setdefault(verb_of(route), route)
        if route.method != "GET":
            PATHS[verb_of(route)] = route
        if route.panel:
            PANELS[route.panel].append(route)
        if route.json or route.media_type:
            model = None if route.media_type or route.json is dict else route.json
            shape: dict[str, Any] = {} if route.media_type else {"response_model": model}
            more: dict[str, Any] = {"parameters": [{**KEY, "required": route.needs_key}]} if route.takes_key else {}
            if route.takes_files and route.draft:
                content = {"multipart/form-data": {"schema": form_schema(route.draft.annotation)}}
                more["requestBody"] = {"required": True, "content": content}
            app.add_api_route(
                "/api/v1" + route.path,
                make_endpoint(route, "json"),
                methods=[route.method],
                status_code=route.status or (201 if route.method == "POST" else 200),
                operation_id=f"{verb_of(route)}.{route.method.lower()}.{route.path}",
                summary=(inspect.getdoc(route.verb) or "").split("\n")[0],
                tags=[route.module],
                openapi_extra=more or None,
                **shape,
            )
        if route.html or route.redirect or route.media_type:
            endpoint = make_endpoint(route, "html")
            endpoint.allow = route.allow  # type: ignore[attr-defined]
            app.add_api_route(route.path, endpoint, methods=[route.method], include_in_schema=False)
        if route.method == SOCKET:
            app.add_api_websocket_route(route.path, socket_endpoint(route))
