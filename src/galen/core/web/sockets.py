"""WebSockets: rows of the table, under the same permission, the same context and the same audit log.

The verb opens what the path names, refuses what it must, and returns the conversation. That has no transaction: it
opens a context for each thing it does, so a quiet socket costs the database nothing, and who is signed out is
disconnected.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, WebSocket, WebSocketDisconnect
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm.exc import StaleDataError

from galen.i18n.validation import sentence
from galen.logs import log
from galen.values.ids import uuid7

from ..context import Context
from ..database import RefusedByDatabase
from ..errors import Forbidden, NotFound, Refusal, SignInNeeded, Stale
from ..finish import finish
from ..gate import verb_name
from .credentials import ForgedForm
from .endpoint import as_refusal
from .live import line_for
from .request_context import request_context
from .routes import Route

Conversation = Callable[[], Awaitable[None]]
LIMITS: dict[str, Any] = {
    "ws_max_size": 64 * 1024,  # a larger message closes the socket with 1009
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "ws_per_message_deflate": False,  # costs memory for each socket, and compresses secrets beside what others say
}
CHECK, IDLE = 45.0, 600.0  # seconds: until the session of a quiet socket is checked; until a silent one is closed
REASON = 123  # bytes, by the protocol


class Idle(Refusal):
    status, message = 408, "Nothing was said for ten minutes. Connect again to go on."


class NotJson(Refusal):
    status, message = 422, "This is not JSON. Send one value in each message."


class Connection:
    """One open socket. Iterate over it for what the other side says; `context()` opens a context to act in."""

    def __init__(self, websocket: WebSocket, route: Route) -> None:
        self.websocket, self.route, self.checked_at = websocket, route, monotonic()
        websocket.scope.setdefault("state", {})["request_id"] = uuid7()
        scheme = "https" if websocket.scope["scheme"] == "wss" else "http"
        asked = {**websocket.scope, "type": "http", "method": "GET", "scheme": scheme}
        self.request = Request(asked)
        self.looking = Request({**asked, "headers": [*asked["headers"], (b"x-unasked", b"1")]})  # keeps nobody awake

    @property
    def is_cross_origin(self) -> bool:
        """From a page of another site; a program has no page, and brings a token instead."""
        if (origin := self.websocket.headers.get("origin")) is not None:
            return urlsplit(origin).netloc != self.websocket.headers.get("host")
        return not self.websocket.headers.get("authorization", "").lower().startswith("bearer ")

    async def send(self, message: Any) -> None:
        await self.websocket.send_text(json.dumps(message, default=str))

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (raw := await self.receive())["type"] != "websocket.disconnect":
            try:
                message = json.loads(raw.get("text") or raw.get("bytes") or "")
            except (ValueError, RecursionError):
                await self.refuse(NotJson())
            else:
                yield message

    async def receive(self) -> Any:
        """The next message; meanwhile it is asked now and then whether the session still stands."""
        since = monotonic()
        while monotonic() - since < IDLE:
            if (rest := self.checked_at + CHECK - monotonic()) <= 0:
                async with self.identified(self.looking):
                    continue
            with suppress(TimeoutError):
                async with asyncio.timeout(min(rest, IDLE)):
                    return await self.websocket.receive()
        raise Idle

    @asynccontextmanager
    async def identified(self, request: Request | None = None) -> AsyncIterator[Context]:
        """A context of whoever is connected; roles and session are looked at anew."""
        async with request_context(request or self.request, self.websocket.query_params.get("organization", "")) as ctx:
            if not ctx.actor.may(self.route.permission):
                raise SignInNeeded if ctx.actor.kind == "anonymous" else Forbidden(permission=self.route.permission)
            self.checked_at = monotonic()
            with ctx.doing(verb_name(self.route.verb)):
                yield ctx
                await finish(ctx)

    @asynccontextmanager
    async def context(self) -> AsyncIterator[Context]:
        """To act once: committed at its end. A refusal inside is sent, its effect undone, and the socket stays open."""
        inside = False
        try:
            async with self.identified() as ctx:
                inside = True
                yield ctx
        except (Refusal, ValidationError, StaleDataError, *RefusedByDatabase) as error:
            refusal = Stale(thing="record") if isinstance(error, StaleDataError) else as_refusal(error)
            if not inside or isinstance(refusal, RefusedByDatabase):
                raise
            await self.refuse(refusal)

    async def refuse(self, error: Exception) -> None:
        if isinstance(error, ValidationError):
            errors = [{"field": ".".join(map(str, e["loc"])), "detail": sentence(e)} for e in error.errors()]
            return await self.send({"refused": "invalid", "detail": "Please check what you sent.", "errors": errors})
        await self.send({"refused": getattr(error, "code", "refused"), "detail": str(error)})

    async def close(self, code: int, reason: str) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # the other side may have gone
            await self.websocket.close(code, reason.encode()[:REASON].decode(errors="ignore"))


def socket_endpoint(route: Route) -> Callable[[WebSocket], Awaitable[None]]:
    """The endpoint of a row: what the path names is read as the verb wants it, behind `ctx` and the connection."""
    readers = {p.name: TypeAdapter[Any](p.annotation).validate_python for p in route.parameters[1:]}

    async def endpoint(websocket: WebSocket) -> None:
        connection = Connection(websocket, route)
        try:
            if connection.is_cross_origin:
                async with connection.identified():
                    raise ForgedForm(permission="same site")
            await websocket.accept()
            with ExitStack() as line:
                converse = await open_conversation(connection, line)
                await converse()
            await connection.close(1000, "")
        except WebSocketDisconnect:
            pass
        except Exception as error:
            if isinstance(refusal := as_refusal(error), Refusal):
                return await connection.close(4000 + refusal.status, str(refusal))
            log.error("unexpected", route=route.path, error=type(error).__name__)  # its words may be a person's
            await connection.close(1011, "Something broke on our side. Look whether your last message was taken.")

    async def open_conversation(connection: Connection, line: ExitStack) -> Conversation:
        try:
            given = {name: read(connection.websocket.path_params[name]) for name, read in readers.items()}
        except ValidationError:
            raise NotFound(thing="page") from None
        async with connection.identified() as ctx:
            line.enter_context(line_for(ctx.actor, ctx.origin))
            converse: Conversation = await route.verb(ctx, connection, **given)
        del ctx.db  # the transaction is over: nothing of the conversation may reach into it
        return converse

    return endpoint
