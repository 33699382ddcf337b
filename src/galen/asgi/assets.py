"""The files of pages: packed once, kept for ever by browsers that know them by their hash."""

from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from os import PathLike, stat_result
from pathlib import Path
from urllib.parse import parse_qs

from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Scope

from .compression import FLOOR, TEXTS, accepted, packed

FOR_EVER = "public, max-age=31536000, immutable"
STATIC = Path(__file__).parents[1] / "core" / "static"
SUFFIX = {"br": ".br", "gzip": ".gz"}


class Assets(StaticFiles):
    """`?v=` with the hash of what is there may be kept for ever; without it, or with an older one, it is asked for."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        asked = Headers(scope=scope)
        body, kind, coding, mark = kept(
            str(full_path), stat_result.st_mtime, accepted(asked.get("accept-encoding", "").encode())
        )
        known = mark in parse_qs(scope["query_string"].decode("latin-1")).get("v", ())
        headers = {
            "Cache-Control": FOR_EVER if known else "no-cache",
            "ETag": f'"{mark}-{coding}"' if coding else f'"{mark}"',
            "Vary": "Accept-Encoding",
        }
        if self.is_not_modified(Headers(headers), asked):
            return NotModifiedResponse(Headers(headers))
        return Response(body, status_code, headers | ({"Content-Encoding": coding} if coding else {}), kind)


@lru_cache(256)
def kept(path: str, changed: float, coding: str) -> tuple[bytes, str, str, str]:
    """A file's bytes, type, coding and hash: packed by bin/setup where it is large, else now, and once."""
    file = Path(path)
    whole, kind = file.read_bytes(), guess_type(path)[0] or "application/octet-stream"
    mark = marked(whole)
    if not coding or len(whole) < FLOOR or not kind.encode().startswith(TEXTS):
        return whole, kind, "", mark
    ready = file.with_name(file.name + SUFFIX[coding])
    return ready.read_bytes() if ready.is_file() else packed(whole, coding, best=True), kind, coding, mark


def marked(body: bytes) -> str:
    """The hash by which an address names what stands behind it."""
    return sha256(body).hexdigest()[:12]


@lru_cache(256)
def static(name: str) -> str:
    """The address of a file, with its hash in it, so that it can be kept for ever."""
    file = STATIC / name
    mark = marked(file.read_bytes()) if file.is_file() else "missing"
    return f"/static/{name}?v={mark}"
