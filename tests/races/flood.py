"""A web server in a process of its own, for the flood: the product's, or one that hashes as it should not."""

import socket
import sys

import uvicorn

from galen.app import build, services_for
from galen.asgi.connections import BoundedConnection
from galen.core.database import Database
from galen.identity import passwords


async def nothing_ahead(*_: object) -> None:
    """The broken variant: the verb hashes, while it holds a connection, and as many wait as come."""


if __name__ == "__main__":
    url, descriptor, careful = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "careful"
    services = services_for(Database(url))
    if not careful:
        services.ahead = nothing_ahead
        passwords.HOUSE.most = passwords.HOUSE.each = 10**6
    config = uvicorn.Config(
        build(services), http=BoundedConnection, loop="uvloop", log_level="critical", lifespan="off"
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])
