"""Signing in and out in a browser: the session is a cookie that no script can read."""

from secrets import token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import SecretStr, ValidationError

from galen import i18n
from galen.core.context import OrganizationInfo
from galen.core.crypto import digest
from galen.core.errors import Invalid, Refusal, SignInNeeded
from galen.core.web.credentials import cookie_name
from galen.core.web.languages import COOKIE
from galen.core.web.pages import render
from galen.core.web.request_context import request_context
from galen.i18n import N_
from galen.i18n import gettext as _
from galen.settings import settings

from .schemas import LanguageChoice, SignInDraft
from .service import DEVICE, SignInFailed, choose_language, hash_ahead, open_session, sign_out

router = APIRouter(include_in_schema=False)
YEAR = 31_536_000
SAID = {
    "password": N_("Your new password holds. Please sign in with it."),
    "confirmed": N_("Your address is confirmed. You can sign in now."),
    "idle": N_("You were signed out after %(minutes)s minutes without use. Please sign in again."),
}


def login_page(request: Request, organizations: list[OrganizationInfo], following: str, **more: str) -> str:
    choices = [(organization.slug, organization.name) for organization in organizations]
    shown: dict[str, Any] = {"error": "", "username": "", "said": "", **more}
    shown |= {"choices": choices, "next": following}
    shown["organization"] = more.get("organization") or (choices[0][0] if choices else "")
    return render(request, "identity/login.html", **shown)


@router.get("/login")
async def login(request: Request, next: Annotated[str, Query()] = "/", said: str = "") -> Response:
    """The sign-in page. A cookie whose session has ended is forgotten, so that the other public pages open too."""
    listed = await request.app.state.services.list_organizations()
    answer = Response(
        login_page(
            request,
            listed,
            local(next),
            said=_(SAID[said], minutes=settings().session_idle_minutes) if said in SAID else "",
        ),
        media_type="text/html",
    )
    if cookie_name(request) in request.cookies and not await recognised(request):
        answer.delete_cookie(cookie_name(request))
    return answer


async def recognised(request: Request) -> bool:
    """Whether the cookie of this request still belongs to a session."""
    try:
        async with request_context(request):
            return True
    except SignInNeeded:
        return False


@router.post("/login")
async def log_in(
    request: Request,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    organization: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Sign in; a wrong password keeps the name and says so beside the form."""
    device = request.cookies.get(DEVICE, "")[:100] or token_urlsafe(24)
    try:
        draft = sign_in_draft(username, password, organization)
        await hash_ahead(request, organization, {"draft": draft})
        async with request_context(without_cookie(request), organization) as ctx:
            agent = request.headers.get("user-agent", "")
            entered = await open_session(ctx, draft, agent=agent, device=digest(device))
            slug, language = ctx.organization.slug, entered.language
    except Refusal as refusal:
        listed = await request.app.state.services.list_organizations()
        body = login_page(
            request, listed, local(next), error=str(refusal), username=username, organization=organization
        )
        retry = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
        return Response(body, refusal.status, retry, media_type="text/html")
    answer, secure = RedirectResponse(local(next), 303), request.url.scheme == "https"
    answer.set_cookie(
        cookie_name(request),
        f"{slug}.{entered.token}",
        max_age=settings().session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    answer.set_cookie(DEVICE, device, max_age=YEAR, httponly=True, samesite="lax", secure=secure)
    return remembering(answer, request, language) if language else answer


def sign_in_draft(username: str, password: str, organization: str) -> SignInDraft:
    """What cannot be anybody's name or password is refused like any other that does not match."""
    try:
        return SignInDraft(
            username=username.replace("\0", "") or "-", password=SecretStr(password), organization=organization
        )
    except ValidationError:
        raise SignInFailed from None


@router.post("/language")
async def choose(
    request: Request, language: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/"
) -> Response:
    """Read in another language: on this device, and wherever this person is signed in."""
    async with request_context(request) as ctx:
        if not i18n.met(language):
            raise Invalid("language", _("Choose one from the list."))
        if ctx.actor.session_id:
            await choose_language(ctx, LanguageChoice(language=language))
    return remembering(RedirectResponse(local(next), 303), request, language)


def remembering(answer: Response, request: Request, language: str) -> Response:
    """A cookie says the language before anybody is recognised."""
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, language, max_age=YEAR, httponly=True, samesite="lax", secure=secure)
    return answer


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session and forget the cookie."""
    try:
        async with request_context(request) as ctx:
            if ctx.actor.session_id:
                await sign_out(ctx)
    except SignInNeeded:
        pass  # the session had ended already
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(request))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def local(path: str) -> str:
    """Only a path of this server, so that a link cannot send people elsewhere after signing in."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def without_cookie(request: Request) -> Request:
    """Whoever signs in is nobody yet, whatever session the browser still remembers."""
    headers = [(name, value) for name, value in request.scope["headers"] if name != b"cookie"]
    return Request({**request.scope, "headers": headers}, request.receive)
