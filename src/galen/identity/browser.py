"""Signing in and out in a browser: the session is a cookie that no script can read."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import SecretStr

from galen.core.context import Organization
from galen.core.errors import Refusal
from galen.core.settings import settings
from galen.core.web.door import cookie_name, opened
from galen.core.web.pages import draw

from .schemas import SignInDraft
from .service import open_session, sign_out

router = APIRouter(include_in_schema=False)
SAID = {
    "password": "Your new password holds. Please sign in with it.",
    "confirmed": "Your address is confirmed. You can sign in now.",
}


def login_page(request: Request, organizations: list[Organization], following: str, **more: str) -> str:
    known: dict[str, Any] = {"error": "", "username": "", "organization": "", "said": "", **more}
    known |= {"organizations": organizations, "choices": [(o.slug, o.name) for o in organizations], "next": following}
    return draw(request, "identity/login.html", **known)


@router.get("/login")
async def login(request: Request, next: Annotated[str, Query()] = "/", said: str = "") -> Response:
    """The sign-in page."""
    listed = await request.app.state.house.list_organizations()
    return Response(login_page(request, listed, local(next), said=SAID.get(said, "")), media_type="text/html")


@router.post("/login")
async def log_in(
    request: Request,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    organization: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Sign in; a wrong password keeps the name and says so beside the form."""
    try:
        request.scope["headers"] = [h for h in request.scope["headers"] if h[0] != b"cookie"]
        async with opened(request, organization) as ctx:
            draft = SignInDraft(username=username or "-", password=SecretStr(password), organization=organization)
            entered = await open_session(ctx, draft, agent=request.headers.get("user-agent", ""))
            slug = ctx.organization.slug
    except Refusal as refusal:
        listed = await request.app.state.house.list_organizations()
        body = login_page(
            request, listed, local(next), error=str(refusal), username=username, organization=organization
        )
        return Response(body, refusal.status, media_type="text/html")
    answer = RedirectResponse(local(next), 303)
    answer.set_cookie(
        cookie_name(request),
        f"{slug}.{entered.token}",
        max_age=settings().session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session and forget the cookie."""
    try:
        async with opened(request) as ctx:
            if ctx.actor.session_id:
                await sign_out(ctx)
    except Refusal:
        pass  # the session had ended already
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(request))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def local(path: str) -> str:
    """Only a path of this server, so that a link cannot send people elsewhere after signing in."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
