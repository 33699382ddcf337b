"""The interface described for people: /docs and /redoc, from files of our own, without any other server."""

from fastapi import APIRouter, Request, Response

from .assets import static
from .headers import Allow

ALLOW = Allow(styles=("'unsafe-inline'",), workers=("blob:",), markup=True)  # both write markup and styles themselves
SWAGGER = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Galen's interface</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{icon}" type="image/svg+xml"><link rel="stylesheet" href="{css}"></head>
<body><div id="swagger-ui"></div><script src="{js}"></script><script src="{start}"></script></body></html>"""
REDOC = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Galen's interface</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{icon}" type="image/svg+xml"></head>
<body><redoc spec-url="/openapi.json"></redoc><script src="{js}"></script></body></html>"""
HEADERS = {**ALLOW.headers, "Content-Language": "en"}
router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The interface, to be tried out."""
    page = SWAGGER.format(
        icon=static("galen.svg"),
        css=static("vendor/swagger-ui.css"),
        js=static("vendor/swagger-ui-bundle.js"),
        start=static("docs.js"),
    )
    return Response(page, headers=HEADERS, media_type="text/html")


@router.get("/redoc")
async def redoc(request: Request) -> Response:
    """The interface, to be read."""
    page = REDOC.format(icon=static("galen.svg"), js=static("vendor/redoc.standalone.js"))
    return Response(page, headers=HEADERS, media_type="text/html")
