"""One connection to the web server: the head of a request is short and comes at once, or the connection ends."""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS, HEAD_BYTES = 10.0, 64 * 1024
GOODBYE = b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's own, which waits for ever for the rest of a head, however long it becomes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unfinished = 0  # bytes since something of a request was complete
        self.since = 0.0  # when the wait for a head began, by the loop's clock; none: nothing is waited for
        self.timer: TimerHandle | None = None

    @property
    def between(self) -> bool:
        """Whether no request is being answered: whatever comes now is the head of the next one."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self.rest()
        if self.timer:
            self.timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.unfinished += len(data)
        super().data_received(data)
        if self.unfinished > HEAD_BYTES:
            self.end(b"431 Request Header Fields Too Large")
        elif self.between and self.transport.get_protocol() is self:
            self.wait()

    def on_headers_complete(self) -> None:
        self.rest()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.unfinished = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.unfinished = 0
        super().on_message_complete()

    def wait(self) -> None:
        """One timer for the connection, which looks when it rings: most heads come at once and need none."""
        self.since = self.since or self.loop.time()
        if self.timer is None:
            self.timer = self.loop.call_later(HEAD_SECONDS, self.look)

    def rest(self) -> None:
        self.unfinished, self.since = 0, 0.0

    def look(self) -> None:
        self.timer = None
        if self.since:
            left = self.since + HEAD_SECONDS - self.loop.time()
            if left <= 0:
                return self.end(b"408 Request Timeout")
            self.timer = self.loop.call_later(left, self.look)

    def end(self, status: bytes) -> None:
        """Said only where it cannot fall into an answer under way."""
        self.since = 0.0
        if not self.transport.is_closing():
            if self.between:
                self.transport.write(GOODBYE % status)
            self.transport.close()
