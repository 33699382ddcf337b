"""Pages: templates rendered whole, or only the block that htmx is aiming at."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from galen import i18n, saying

from ..context import Context
from ..database import BUSY, RefusedByDatabase, code_of
from ..errors import Busy, Refusal
from ..shown import patients_in
from . import flash
from .routes import PANELS, PATHS, TABLE, Route, Verb
from .templating import render, templates

HELD_UNTIL: dict[str, float] = {}


@dataclass(frozen=True)
class Panel:
    """Another module's part of a page, drawn with it; afterwards it refreshes itself."""

    name: str
    title: str
    html: Markup
    url: str
    refresh: str
    anchor: str  # its name in ids, the same in every language
    tab: str


@dataclass(frozen=True)
class NavItem:
    """An entry of the side bar."""

    title: str
    icon: str
    href: str
    count: int
    active: bool


async def as_page(ctx: Context, request: Request, route: Route, given: dict[str, Any], result: Any) -> Response:
    """Render the answer: go on to the next page, or render the route's template, whole or in part."""
    facts = ", ".join(sorted({fact.name() for fact in ctx.facts}))
    headers = {"Cache-Control": "no-store", **({"HX-Trigger": facts} if facts else {})}
    within = "hx-request" in request.headers
    if route.says and not ctx.flashed:
        ids = saying.ids_of(PATHS.get(route.undo), result, given)
        ctx.flash(saying.said(route.says, result, given), route.undo, **ids)
    if route.redirect:
        back = route.redirect == flash.BACK
        address = flash.where_from(request) if back else filled_path(route.redirect, result, given)
        onward = {"HX-Refresh": "true"} if back else {"HX-Redirect": address}
        answer = Response(headers={**headers, **onward}) if within else RedirectResponse(address, 303, headers)
        return flash.keep(request, answer, ctx.flashed)
    await ctx.flush()  # the panels and the side bar count what was done
    name, block = f"{route.module}/{route.html}", target(request)
    blocks = templates.get_template(name).blocks
    known = {Path(route.html).stem: result, "given": given, "aimed": block}
    if route.panel_area:
        panels = await panels_of(ctx, request, route.panel_area, given)
        known["panels"] = lambda *_: panels
    if block not in blocks:
        block = ""
        if given.get("patient_id") and "banner" not in blocks:
            known["banner"] = next(iter(await gather(ctx, "banner", patient_id=given["patient_id"])), (None, None))[1]
        items = await navigation_of(ctx, request)
        known["nav"] = lambda: items
    said = ctx.flashed if within else ctx.flashed or flash.kept(request)
    body = render(request, name, block=block, flash=None if within else said, **known)
    body += render(request, "flash.html", flash=said, within=True) if within and said else ""
    if block and route.count:  # the number in the side bar goes with its list
        number = await unless_held(ctx, route, route.count)
        body += render(request, "room_count.html", path=route.path, number=number, oob=True)
    response = Response(body, 200, headers, "text/html")
    if said and not within:
        response.delete_cookie(flash.COOKIE)
    return response


def filled_path(pattern: str, result: Any, given: dict[str, Any]) -> str:
    """`/patients/{id}` with the result's id; `{patient_id}` from the result, else from what was given."""

    class Known(dict[str, Any]):
        def __missing__(self, name: str) -> str:
            value = getattr(result, name, given.get(name, ""))
            return quote(str(value))

    return pattern.format_map(Known())


def target(request: Request) -> str:
    """The block that htmx wants: `section#main--visits` asks for the block `main`."""
    if "hx-request" not in request.headers or request.headers.get("hx-request-type") == "full":
        return ""
    return request.headers.get("hx-target", "").split("#")[-1].split("--")[0].replace("-", "_")


async def gather(ctx: Context, area: str, **given: Any) -> list[tuple[Route, Any]]:
    """What every module that this actor may use has to add to an area of a page: each row's own answer."""
    answers = []
    for route in sorted(PANELS[area], key=lambda r: r.order):
        if ctx.actor.may(route.permission):
            arguments = {p.name: given[p.name] for p in route.parameters if p.name in given}
            try:
                answers.append((route, result := await unless_held(ctx, route, route.verb, **arguments)))
            except Refusal:  # a panel that has nothing to say does not spoil the page
                continue
            ctx.shown |= patients_in(result)
    return answers


async def panels_of(ctx: Context, request: Request, area: str, given: dict[str, Any]) -> list[Panel]:
    panels = []
    for route, result in await gather(ctx, area, **given):
        known = {Path(route.html).stem: result, "given": given, "aimed": "main", "panels": lambda *_: []}
        html = render(request, f"{route.module}/{route.html}", block="main", **known)
        address = route.path.format_map(given)
        refresh = ", ".join(f"{fact.strip()} from:body" for fact in route.refresh.split(",") if fact.strip())
        title, anchor = i18n.gettext(route.title), route.title.lower().replace(" ", "-")
        markup = Markup(html)  # noqa: S704 rendered by us
        panels.append(Panel(route.verb.__name__, title, markup, address, refresh, anchor, route.tab))
    return panels


async def navigation_of(ctx: Context, request: Request) -> list[NavItem]:
    """The side bar: the pages this person works on, each with the number of what waits there."""
    counts = {}
    for route in (routes := nav_routes_of(ctx)):
        with suppress(Busy):
            counts[route.path] = await unless_held(ctx, route, route.count) if route.count else 0
    return [nav_item(request, route, counts.get(route.path, 0)) for route in routes]


async def unless_held(ctx: Context, route: Route, verb: Verb, **given: Any) -> Any:
    """A part of a page whose table is held: asked again after a while, as the page goes on without it."""
    if HELD_UNTIL.get(route.path, 0.0) > monotonic():
        raise Busy
    try:
        return await verb(ctx, **given)
    except RefusedByDatabase as error:
        if not ctx.read_only or code_of(error) not in BUSY:
            raise
        HELD_UNTIL[route.path] = monotonic() + 10
        raise Busy from error


def nav_routes_of(ctx: Context) -> list[Route]:
    """The routes in the side bar of this person, in their order."""
    return sorted((r for r in TABLE if r.nav and ctx.actor.may(r.permission)), key=lambda r: (r.order, r.nav))


def nav_item(request: Request, route: Route, count: int = 0) -> NavItem:
    here = request.url.path
    return NavItem(
        i18n.gettext(route.nav), route.icon, route.path, count, here == route.path or here.startswith(route.path + "/")
    )
