"""Pages: templates drawn whole, or only the block that htmx is aiming at."""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as Page
from markupsafe import Markup

from .. import i18n
from ..context import CATALOGUE, Context
from ..errors import Refusal
from ..record import Record
from . import words
from .routes import PANELS, PATHS, TABLE, Route, name_of, url

HOUSE = Path(__file__).parent.parent.parent
STATIC = HOUSE / "core" / "static"
SHELVES = {folder.parent.name: FileSystemLoader(folder) for folder in sorted(HOUSE.glob("*/templates"))}
templates = Environment(
    loader=ChoiceLoader([SHELVES["core"], PrefixLoader(SHELVES)]),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
templates.policies["ext.i18n.trimmed"] = True
templates.install_gettext_callables(  # type: ignore[attr-defined]
    i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext
)


@dataclass(frozen=True)
class Panel:
    """Another module's part of a page, drawn with it; afterwards it refreshes itself."""

    name: str
    title: str
    html: Markup
    url: str
    refresh: str


@dataclass(frozen=True)
class Room:
    """An entry of the side bar."""

    title: str
    icon: str
    href: str
    count: int
    active: bool


async def as_page(ctx: Context, request: Request, route: Route, given: dict[str, Any], result: Any) -> Response:
    """Draw the answer: go on to the next page, or draw the route's template, whole or in part."""
    said = ", ".join(sorted({fact.name() for fact in ctx.facts}))
    headers = {"Cache-Control": "no-store", **({"HX-Trigger": said} if said else {})}
    if route.then:
        from .answer import filled_path

        where = filled_path(route.then, result, given)
        if "hx-request" in request.headers:
            return Response(status_code=200, headers={**headers, "HX-Redirect": where})
        return RedirectResponse(where, 303, headers)
    aimed = target(request)
    name = f"{route.module}/{route.html}"
    known = {Path(route.html).stem: result, "given": given, "aimed": aimed}
    if aimed and aimed in templates.get_template(name).blocks:
        if route.place:
            known["panels"] = chosen(await panels_of(ctx, request, route.place, given))
        return Response(draw(request, name, block=aimed, **known), 200, headers, "text/html")
    if route.place:
        known["panels"] = chosen(await panels_of(ctx, request, route.place, given))
    if given.get("patient_id") and "banner" not in templates.get_template(name).blocks:
        known["banner"] = next(iter(await gather(ctx, "banner", patient_id=given["patient_id"])), (None, None))[1]
    known["nav"] = lambda rooms=await rooms_of(ctx, request): rooms
    return Response(draw(request, name, **known), 200, headers, "text/html")


def target(request: Request) -> str:
    """The block that htmx wants: `section#main--visits` asks for the block `main`."""
    if "hx-request" not in request.headers or request.headers.get("hx-request-type") == "full":
        return ""
    return request.headers.get("hx-target", "").split("#")[-1].split("--")[0].replace("-", "_")


def draw(request: Request, name: str, *, block: str = "", **known: Any) -> str:
    """One template with what every page knows."""
    ctx = getattr(request.state, "ctx", None)
    theme = request.cookies.get("theme", "light")
    theme = theme if theme in ("light", "dark") else "light"
    known = {"nav": list, "ctx": ctx, "theme": theme, "csrf": token(request), "request": request, **known}
    for spoken in ("money", "when", "day", "clock", "age"):
        known[spoken] = getattr(words, spoken)(ctx)
    known["ui"] = templates.get_template("macros.html").make_module(known)
    template = templates.get_template(name)
    if block:
        context = template.new_context(known)
        return "".join(template.blocks[block](context))
    return template.render(known)


def token(request: Request) -> str:
    from .door import cookie_name, csrf_token

    _, _, session = request.cookies.get(cookie_name(request), "").partition(".")
    return csrf_token(session) if session else ""


async def gather(ctx: Context, place: str, **given: Any) -> list[tuple[Route, Any]]:
    """What every module that this actor may use has to add to a place: each row's own answer."""
    found = []
    for route in sorted(PANELS[place], key=lambda r: r.order):
        if ctx.actor.may(route.permission):
            known = {p.name: given[p.name] for p in route.parameters if p.name in given}
            try:
                found.append((route, await route.does(ctx, **known)))
            except Refusal:  # a panel that has nothing to say does not spoil the page
                continue
    return found


async def panels_of(ctx: Context, request: Request, place: str, given: dict[str, Any]) -> list[Panel]:
    made = []
    for route, result in await gather(ctx, place, **given):
        known = {Path(route.html).stem: result, "given": given, "aimed": "main", "panels": lambda *_: []}
        html = draw(request, f"{route.module}/{route.html}", block="main", **known)
        where = route.path.format_map(given)
        refresh = ", ".join(f"{fact.strip()} from:body" for fact in route.refresh.split(",") if fact.strip())
        made.append(Panel(route.does.__name__, route.title, Markup(html), where, refresh))  # noqa: S704 drawn by us
    return made


def chosen(made: list[Panel]) -> Any:
    return lambda *_: made


async def rooms_of(ctx: Context, request: Request) -> list[Room]:
    """The side bar: the rooms this person works in, each with the number of what waits there."""
    return [room(request, r, await r.count(ctx) if r.count else 0) for r in open_to(ctx)]


def open_to(ctx: Context) -> list[Route]:
    """The routes that are rooms of this person, in their order."""
    return sorted((r for r in TABLE if r.room and ctx.actor.may(r.permission)), key=lambda r: (r.order, r.room))


def room(request: Request, route: Route, count: int = 0) -> Room:
    here = request.url.path
    return Room(route.room, route.icon, route.path, count, here == route.path or here.startswith(route.path + "/"))


@lru_cache(256)
def static(name: str) -> str:
    """The address of a file, with its hash in it, so that it can be kept for ever."""
    file = STATIC / name
    mark = sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "missing"
    return f"/static/{name}?v={mark}"


@pass_context
def button(page: Page, label: str, verb: str, record: Any = None, *, when: bool = True, **look: Any) -> Markup:
    """A button for a service function: absent when the actor or the record's state does not allow it."""
    does, ctx = CATALOGUE[verb], page["ctx"]
    if not (when and ctx.actor.may(getattr(does, "permission", "-"))):
        return Markup("")
    route = PATHS[verb]
    ids = look.pop("ids", {})
    version = record.version if isinstance(record, Record) and look.pop("checked", False) else None
    path = re.sub(r"{(\w+)}", lambda m: str(ids.get(m[1]) or (record.id if record is not None else "")), route.path)
    attributes = {
        "type": "button",
        "class": look.pop("cls", "btn"),
        f"hx-{route.method.lower()}": path,
        "hx-target": look.pop("target", "#main"),
        "hx-swap": look.pop("swap", "innerMorph"),
        "hx-sync": "this:drop",
        "hx-disable": "this",
        "hx-confirm": look.pop("confirm", None),
        "data-key": str(uuid4()) if route.method == "POST" and route.once else None,
        "data-version": version,
        **{name.replace("_", "-"): value for name, value in look.items()},
    }
    drawn = Markup(" ").join(Markup('{}="{}"').format(k, v) for k, v in attributes.items() if v is not None)
    return Markup("<button {}>{}</button>").format(drawn, label)


@pass_context
def link(
    page: Page,
    label: str,
    verb: str,
    *,
    icon: str = "",
    query: str = "",
    when: bool = True,
    ids: Any = None,
    **look: Any,
) -> Markup:
    """A link to the page of a service function: absent for those who may not open it. `query` goes behind the path."""
    if not (when and ctx_may(page["ctx"], verb)):
        return Markup("")
    attributes = {
        "class": look.pop("cls", "btn"),
        "href": url(verb, **(ids or {})) + query,
        "data-shortcut": look.pop("shortcut", None),
        **{name.replace("_", "-"): value for name, value in look.items()},
    }
    drawn = Markup(" ").join(Markup('{}="{}"').format(k, v) for k, v in attributes.items() if v is not None)
    sign = Markup('<i class="ti ti-{}" aria-hidden="true"></i> ').format(icon) if icon else Markup("")
    return Markup("<a {}>{}{}</a>").format(drawn, sign, label)


def ctx_may(ctx: Context, verb: str) -> bool:
    """Whether this actor may use a service function."""
    return ctx.actor.may(getattr(CATALOGUE[verb], "permission", "-"))


def fresh_key() -> str:
    """An idempotency key for a form: sending the same form twice does its work once."""
    return str(uuid4())


templates.globals |= {
    "button": button,
    "link": link,
    "static": static,
    "url": url,
    "fresh_key": fresh_key,
    "may": ctx_may,
    "name_of": name_of,
}
templates.policies["json.dumps_kwargs"] = {"default": str, "sort_keys": True}
templates.filters |= {"plain": words.plain, "label": i18n.label}
