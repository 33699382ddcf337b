"""The bucket of a route holds what a walk through all routes finds."""

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from galen.core.fast.dispatch import bucket_of


def test_a_bucket_is_the_first_word_and_the_length():
    assert bucket_of("/api/v1/patients/123") == bucket_of("/api/v1/patients/{patient_id}") == (True, "patients", 2)
    assert bucket_of("/patients") == (False, "patients", 1)
    assert bucket_of("/") == (False, "", 1)


def test_every_route_is_found_in_the_bucket_of_its_path(application):
    routes = [r for r in application.router.routes if isinstance(r, APIRoute)]
    for route in routes:
        path = route.path.replace("{organization}", "north")
        for name in route.param_convertors:
            path = path.replace(f"{{{name}}}", "01a1fbd3-67b2-7e61-aef1-c2e2bfb1d0d6")
        scope = {"type": "http", "path": path, "method": next(iter(route.methods)), "root_path": "", "headers": []}
        first = next(r for r in routes if r.matches(scope)[0] is Match.FULL)
        bucket = [r for r in routes if bucket_of(r.path) == bucket_of(path)]
        assert next(r for r in bucket if r.matches(scope)[0] is Match.FULL) is first


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v1/nothing", 404), ("PATCH", "/api/v1/health", 404)]
)
async def test_what_is_in_no_bucket_is_answered_as_ever(client, method, path, status):
    nobody = await client()
    assert (await nobody.request(method, path)).status_code == status
