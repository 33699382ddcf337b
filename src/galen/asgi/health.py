"""Is it alive, is it ready, what does it count."""

import asyncio

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from galen import __version__
from galen.settings import settings
from galen.values.clock import CLOCK

router = APIRouter(tags=["operations"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers. It asks nobody else."""
    return {"status": "alive"}


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """The process can serve: the database answers."""
    state = await database(request)
    return JSONResponse({"status": state}, 200 if state == "ready" else 503)


@router.get("/health")
async def health(request: Request) -> Response:
    """A summary of what this server depends on."""
    state = await database(request)
    skew = round(CLOCK.skew.total_seconds())
    fine = state == "ready" and abs(skew) <= settings().skew_seconds
    body = {"status": "ok" if fine else "degraded", "version": __version__, "database": state, "skew_seconds": skew}
    return JSONResponse(body, 200 if state == "ready" else 503)


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def database(request: Request) -> str:
    if request.app.state.stopping:
        return "stopping"
    try:
        async with asyncio.timeout(2), request.app.state.services.database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:  # whatever it is, the database did not answer
        return "unreachable"
    return "ready"
