import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from galen.commands import imports
from galen.fhir import FhirReport
from galen.fhir.report import FhirRemark, ResourceTally

RUN = CliRunner()


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The command without a database: what it asked for, and the report it is given."""
    asked: dict[str, Any] = {"report": FhirReport(files=1)}
    asked["report"].resources["Patient"] = ResourceTally(read=2, created=1)

    async def instead(home: Any, slug: str, paths: Any, *, source: str, same: Any, apart: Any) -> FhirReport:
        asked.update(home=home, slug=slug, paths=[str(p) for p in paths], source=source, same=same, apart=apart)
        return asked["report"]

    @asynccontextmanager
    async def open_services() -> AsyncIterator[str]:
        yield "the services"

    monkeypatch.setattr(imports, "import_fhir", instead)
    monkeypatch.setattr(imports, "open_services", open_services)
    asked["cli"] = imports.cli
    return asked


def test_a_program_reads_the_counts(answered: dict[str, Any]) -> None:
    done = RUN.invoke(answered["cli"], ["fhir", "a.json", "b", "--json", "--organization", "north", "--source", "bay"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["resources"] == {
        "Patient": {"read": 2, "created": 1, "updated": 0, "kept": 0, "failed": 0}
    }
    assert (answered["home"], answered["slug"], answered["paths"], answered["source"]) == (
        "the services",
        "north",
        ["a.json", "b"],
        "bay",
    )


def test_a_person_reads_a_table_and_a_failure_ends_with_an_error(answered: dict[str, Any]) -> None:
    answered["report"].problems.append(FhirRemark("p.json", "Patient/1", "birthDate", "'1980-13-01' is not a date"))
    done = RUN.invoke(answered["cli"], ["fhir", "p.json"])
    assert done.exit_code == 1
    assert "p.json: Patient/1: birthDate: '1980-13-01' is not a date" in done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("Patient"))
    assert row.split() == ["Patient", "2", "1", "0", "0", "1", "0"]


def test_who_somebody_is_can_be_said(answered: dict[str, Any]) -> None:
    said = ["--same", "p1=P000012", "--same", "p2=P000007", "--apart", "p3", "--apart", "p4"]
    assert RUN.invoke(answered["cli"], ["fhir", "a.json", *said]).exit_code == 0
    assert (answered["same"], list(answered["apart"])) == ({"p1": "P000012", "p2": "P000007"}, ["p3", "p4"])
    assert RUN.invoke(answered["cli"], ["fhir", "a.json", "--same", "all"]).exit_code == 0
    assert answered["same"] == {"all": ""}


def test_the_same_as_nobody_is_refused(answered: dict[str, Any]) -> None:
    done = RUN.invoke(answered["cli"], ["fhir", "a.json", "--same", "p1"])
    assert done.exit_code == 2 and "paths" not in answered
