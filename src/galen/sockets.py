"""The socket that web servers listen on."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from .core.errors import Refusal
from .settings import settings


class PortTaken(Refusal):
    message = "Port {port} on {host} cannot be listened on ({why}). Stop what uses it, or set GALEN_PORT or GALEN_HOST."


@contextmanager
def listening() -> Iterator[socket.socket]:
    """What all web servers listen on: bound from the beginning, so that nobody else takes the port meanwhile."""
    host, port = settings().host, settings().port
    try:
        listener = socket.create_server((host, port), family=family(host), backlog=2048)
    except OSError as error:
        raise PortTaken(port=port, host=host, why=os.strerror(error.errno or 0)) from None
    with listener:
        yield listener


def family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
