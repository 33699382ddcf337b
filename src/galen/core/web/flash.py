"""What a success says on the page that follows: kept in between by a cookie that only this session can read."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict
from urllib.parse import urlsplit

from fastapi import Request, Response

from ..context import Flash
from ..crypto import Undecipherable, decrypt, encrypt
from .credentials import cookie_name

COOKIE, LIFE = "flash", 30
BACK = "back"
"""As the `redirect` of a row: to the page that one came from."""


def place(request: Request) -> str:
    return f"flash {request.cookies.get(cookie_name(request), '')}"


def keep(request: Request, response: Response, flash: Flash | None) -> Response:
    """The next page says it; half a minute later nobody wants to know any more."""
    if flash:
        sealed = urlsafe_b64encode(encrypt(json.dumps(asdict(flash)), place(request))).decode()
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, sealed, LIFE, secure=secure, httponly=True, samesite="lax")
    return response


def kept(request: Request) -> Flash | None:
    """What the page before had to say; nothing when it is not from this session."""
    try:
        return Flash(**json.loads(decrypt(urlsafe_b64decode(request.cookies.get(COOKIE, "")), place(request))))
    except (Undecipherable, ValueError):
        return None


def where_from(request: Request) -> str:
    """The path of the page that one came from, here and nowhere else."""
    page = urlsplit(request.headers.get("referer", ""))
    return "/" + page.path.lstrip("/") + (f"?{page.query}" if page.query else "")
