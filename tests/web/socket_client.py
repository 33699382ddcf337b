"""A client of a WebSocket without a server: how it ends for somebody who says nothing."""

from typing import Any


async def close_code(client: Any, path: str) -> int:
    """1000 when the socket was opened and left by this side; 4000 and the status of the refusal when it was refused."""
    application, sent = client._transport.app, []
    given = [(name.lower(), value) for name, value in client.headers.raw]
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = [*given, (b"host", b"galen.test"), (b"origin", b"http://galen.test"), (b"cookie", cookies.encode())]
    said = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])
    scope = {
        "type": "websocket", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
        "scheme": "ws", "headers": headers, "client": ("127.0.0.1", 1), "server": ("galen.test", 80),
        "subprotocols": [], "asgi": {"version": "3.0", "spec_version": "2.4"},
    }  # fmt: skip

    async def receive() -> Any:
        return next(said)

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return int(next((message["code"] for message in sent if message["type"] == "websocket.close"), 1000))
