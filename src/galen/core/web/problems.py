"""Refusals as answers: problem details for clients, a notice for people, complaints beside their fields."""

from contextlib import suppress
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from galen.asgi.headers import carried
from galen.i18n import N_, speaking
from galen.i18n import gettext as _
from galen.i18n.validation import sentence
from galen.logs import log

from ..errors import Forbidden, Invalid, NotFound, Refusal, SignInNeeded, TimedOut
from .credentials import cookie_name
from .languages import asked
from .pages import nav_item, nav_routes_of
from .request_context import request_context
from .templating import render

MOST_FAULTS = 50  # are told at once
NO_STORE = {"Cache-Control": "no-store"}
OTHERWISE = N_("That did not work")
TITLES = {
    403: N_("Not for your role"),
    404: N_("Not found"),
    409: N_("Not now"),
    422: N_("Please check"),
    429: N_("Too many"),
    503: N_("Busy"),
}
UNDONE = N_(
    "Something broke on our side. Nothing was changed. Please try again, and tell your administrator if it stays."
)
DONE = N_("Something broke on our side after this was done. Look at it before you try again.")
TO_DO = {
    403: N_("If you need it for your work, ask your administrator to give you the role. Nothing was changed."),
    404: N_(
        "The address may be mistyped, or what it names belongs to somebody else. Look for it by its name or number."
    ),
    409: N_("Go back, look at how it stands now, and decide again. Nothing was changed."),
}


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, misfilled)
    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(Exception, broken)


def for_client(request: Request) -> bool:
    path = request.url.path
    return path.startswith("/api/") or ("text/html" not in request.headers.get("accept", "") and not partial(request))


def partial(request: Request) -> bool:
    return "hx-request" in request.headers


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if isinstance(error, Invalid):
        return complaints(request, [(error.field, str(error))], error.code)
    if isinstance(error, SignInNeeded) and not for_client(request):
        where = f"/login?next={quote(request.url.path)}" + ("&said=idle" if isinstance(error, TimedOut) else "")
        return (
            Response(status_code=401, headers={"HX-Redirect": where})
            if partial(request)
            else RedirectResponse(where, 303)
        )
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    return problem(request, error.status, error.code, str(error), headers=headers)


async def misfilled(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if (denied := await denied_anyway(request)) is not None:
        return await refused(request, denied)
    if not for_client(request) and all(e["loc"][:1] == ("path",) for e in error.errors()):
        return await refused(request, NotFound(thing="page"))
    return complaints(
        request, [(place(e), sentence(e, on_page=not for_client(request))) for e in error.errors()], "invalid"
    )


async def denied_anyway(request: Request) -> Refusal | None:
    """Whoever may not do a thing is told so, and not what is wrong with the way they asked."""
    permission = getattr(getattr(request.scope.get("route"), "endpoint", None), "permission", "")
    if not permission:
        return None
    try:
        async with request_context(request, str(request.query_params.get("organization") or "")) as ctx:
            if not ctx.actor.may(permission):
                raise SignInNeeded if ctx.actor.kind == "anonymous" else Forbidden(permission=permission)
    except Refusal as refusal:
        return refusal
    return None


async def unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        await recognised(request)
        return await refused(request, NotFound(thing="page"))
    if error.status_code == 400:  # FastAPI's own, of a body that it could not read
        many = str(error.detail).startswith("Too many")
        too_many = _("Too many files or fields were sent at once. Send fewer.")
        unread = _("What was sent cannot be read. Look at how it is written.")
        return complaints(request, [("", too_many if many else unread)], "invalid")
    words = _("This address does not do that.") if error.status_code == 405 else str(error.detail)
    return problem(request, error.status_code, "refused", words)


async def recognised(request: Request) -> None:
    """Who asks for a page that does not exist: no route has looked at their session."""
    if not for_client(request) and request.method == "GET" and cookie_name(request) in request.cookies:
        with suppress(Refusal):
            async with request_context(request):
                pass


async def broken(request: Request, error: Exception) -> Response:
    log.error("unexpected", route=request.url.path.split("/")[1], error=type(error).__name__)
    with speaking(asked(request.scope)):  # the language of the request has ended with it
        ctx = getattr(request.state, "ctx", None)
        words = _(DONE if ctx is not None and ctx.db.info.get("committed") else UNDONE)
        return problem(request, 500, "broken", words, headers=carried(request.scope))


def place(error: Any) -> str:
    """`("body", "lines", 0, "drug")` is `lines.0.drug`."""
    steps = [str(step) for step in error["loc"]]
    return ".".join(steps[1:] if steps and steps[0] in ("body", "query", "path") else steps)


def complaints(request: Request, faults: list[tuple[str, str]], code: str) -> Response:
    """For a form, each complaint is swapped in beside its field and the typed values stay."""
    faults = faults[:MOST_FAULTS]
    if partial(request):
        return Response(render(request, "complaints.html", complaints=faults), 422, NO_STORE, "text/html")
    errors = [{"field": field, "detail": words} for field, words in faults]
    named = " ".join(f"{field}: {words}" if field else words for field, words in faults)
    return problem(request, 422, code, named or _("Please check what you sent."), errors=errors)


def problem(request: Request, status: int, code: str, detail: str, *, headers: Any = None, **more: Any) -> Response:
    """RFC 9457 for clients; a page, or a notice on the page, for people."""
    headers = {**NO_STORE, **(headers or {})}
    if for_client(request):
        content = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "code": code}
        return JSONResponse({**content, "detail": detail, **more}, status, headers, "application/problem+json")
    template = "notice.html" if partial(request) else "problem.html"
    title, to_do = _(TITLES.get(status, OTHERWISE)), TO_DO.get(status, "")
    body = render(request, template, title=title, detail=detail, to_do=_(to_do) if to_do else "", **frame(request))
    return Response(body, status, headers, "text/html")


def frame(request: Request) -> dict[str, Any]:
    """The navigation around the problem, for somebody signed in; nothing is asked of the database any more."""
    ctx = getattr(request.state, "ctx", None)
    if ctx is None or ctx.actor.kind not in ("staff", "patient"):
        return {"frame": False}
    return {"frame": True, "nav": lambda: [nav_item(request, route) for route in nav_routes_of(ctx)]}
