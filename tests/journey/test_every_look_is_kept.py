"""Whoever is shown a person leaves a row in the audit log: all pages and answers of the API, walked by everybody."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import URL

from bench.journey import Journey, Staff
from galen.core import audit
from galen.core.database import dsn, schema_of
from galen.core.record import Record
from galen.core.web.routes import TABLE
from galen.demo import PASSWORD
from tests.matrix.test_who_may_do_what import PEOPLE, filled

KEPT = """SELECT patient_id FROM audit_entry WHERE request_id = $1 AND patient_id IS NOT NULL
    UNION SELECT jsonb_array_elements_text(changes -> 'patients' -> 1)::uuid FROM audit_entry
    WHERE request_id = $1 AND action = 'listed'"""


@dataclass
class Walk:
    """A clinic at work, its database, and the people in it by a name that is nobody else's."""

    live: str
    database: asyncpg.Connection
    named: dict[str, UUID]

    async def ids_of(self, patient: UUID) -> dict[str, str]:
        """For each kind of record the newest of this patient, or the newest at all."""
        ids = {"patient": str(patient)}
        for name, table in Record.metadata.tables.items():
            if table.schema is None and "id" in table.c and name != "patient":
                own = " WHERE patient_id = $1" if "patient_id" in table.c else ""
                sql = f"SELECT id FROM {name}{own} ORDER BY id DESC LIMIT 1"
                ids[name] = str(await self.database.fetchval(sql, *([patient] if own else [])) or uuid4())
        return ids

    async def as_client(self, username: str) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient(base_url=f"{self.live}/api/v1", timeout=30)
        answer = await client.post("/auth/login", json={"username": username, "password": PASSWORD})
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    async def as_browser(self, username: str) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient(base_url=self.live, timeout=30, headers={"accept": "text/html"})
        assert (await client.post("/login", data={"username": username, "password": PASSWORD})).status_code == 303
        return client

    async def unkept(self, client: httpx2.AsyncClient, address: str) -> list[str]:
        """Those whom an answer names and whom no row of the audit log of this request names."""
        answer = await client.get(address)
        if answer.status_code != 200 or "pdf" in answer.headers.get("content-type", ""):
            return []
        kept = {row[0] for row in await self.database.fetch(KEPT, UUID(answer.headers["x-request-id"]))}
        said = unescape(re.sub(r"<header.*?</header>", "", answer.text, flags=re.S)).upper()
        return [name for name, id in self.named.items() if name.upper() in said and id not in kept]


@pytest_asyncio.fixture(scope="module")
async def walk(live: str, young_day: URL, application: object) -> AsyncIterator[Walk]:
    """Three patients: one in the doctor's room, one at the pharmacy who has to pay, one who waits."""
    staff = await Staff.at(live)
    seen, paying, waiting = Journey(staff), Journey(staff), Journey(staff)
    for journey in (seen, paying, waiting):
        for step in (journey.register, journey.book, journey.check_in):
            await step()
    for journey in (seen, paying):
        await staff.ada.post("/queue/next")
        await journey.visit()
        await journey.prescribe()
    for step in (paying.complete, paying.invoice, paying.pay, paying.sign, paying.dispense):
        await step()
    connection = await asyncpg.connect(dsn(young_day))
    await connection.execute(f"SET search_path TO {schema_of('north')}, galen")
    patients = [journey.records["patient"] for journey in (seen, paying, waiting)]
    yield Walk(live, connection, {patient["family"]: UUID(patient["id"]) for patient in patients})
    await connection.close()
    await seen.complete()
    await staff.ruth.ask("PUT", f"/queue/{waiting.records['token']['id']}/departure")
    for desk in (staff.ruth, staff.ada, staff.ben, staff.kim):
        await desk.client.aclose()


def addresses(ids: dict[str, str], page: bool, whole: bool) -> list[str]:
    """Every GET of the table as JSON or as a page, or (not the `whole`) those alone whose path names a record."""
    rows = [route for route in TABLE if route.method == "GET" and route.path and (whole or "{" in route.path)]
    return [filled(route.path, ids) for route in rows if (route.html if page else route.json or route.media_type)]


@pytest.mark.parametrize("role", [role for role in PEOPLE if role != "patient"])
async def test_every_answer_that_shows_a_person_leaves_its_row(walk: Walk, role: str) -> None:
    missing, shown = set(), 0
    client, browser = await walk.as_client(PEOPLE[role]), await walk.as_browser(PEOPLE[role])
    for at, patient in enumerate(walk.named.values()):
        ids = await walk.ids_of(patient)
        for asking, page in ((client, False), (browser, True)):
            for address in addresses(ids, page, whole=at == 0):
                missing |= {
                    f"{re.sub('[0-9a-f-]{36}', '…', address)}: {page}" for _ in await walk.unkept(asking, address)
                }
                shown += 1
        for paper in ("invoices/{invoice}/document", "payments/{payment}/receipt", "prescriptions/{prescription}/print",
                      "dispensing/{dispensing}/labels"):  # fmt: skip
            answer = await client.get("/" + paper.format(**ids))
            if answer.status_code == 200:
                kept = {row[0] for row in await walk.database.fetch(KEPT, UUID(answer.headers["x-request-id"]))}
                missing |= {paper} if patient not in kept else set()
    await client.aclose()
    await browser.aclose()
    assert shown > 200
    assert not missing, "\n".join(["", *sorted(missing)])


async def test_a_list_is_one_row_that_names_who_stood_in_it(walk: Walk) -> None:
    ruth = await walk.as_client("ruth")
    answer = await ruth.get("/patients")
    rows = await walk.database.fetch(
        "SELECT action, verb, changes #>> '{patients,1}' AS patients FROM audit_entry WHERE request_id = $1",
        UUID(answer.headers["x-request-id"]),
    )
    assert [(row["action"], row["verb"]) for row in rows] == [("listed", "patients.find_patients")]
    assert sorted(re.findall(r"[0-9a-f-]{36}", rows[0]["patients"])) == sorted(line["id"] for line in answer.json())
    await ruth.aclose()


@pytest.mark.parametrize(
    ("who", "method", "path", "verb", "kind"),
    [
        ("ruth", "PUT", "/prescriptions/{prescription}/signature", "prescribing.sign", "prescription"),
        ("ruth", "GET", "/visits/{visit}", "encounters.visit_record", "visit"),
        ("mara", "GET", "/invoices/{invoice}/document", "billing.print_invoice", "invoice"),
        ("mara", "GET", "/patients/{patient}", "patients.open_patient", "patient"),
    ],
)
async def test_a_refusal_says_what_was_tried_on_what_and_on_whom(
    walk: Walk, who: str, method: str, path: str, verb: str, kind: str
) -> None:
    paying = list(walk.named.values())[1]
    ids = await walk.ids_of(paying)
    client = await walk.as_client(who)
    answer = await client.request(method, path.format(**ids), json={"password": "x"} if method == "PUT" else None)
    assert answer.status_code in (403, 404)
    (row,) = await walk.database.fetch(
        "SELECT * FROM audit_entry WHERE request_id = $1", UUID(answer.headers["x-request-id"])
    )
    assert (row["action"], row["verb"], str(row["subject_id"])) == ("refused", verb, ids[kind])
    assert row["patient_id"] == paying
    await client.aclose()


def test_of_many_one_row_of_one_an_opening() -> None:
    one, two = UUID(int=1), UUID(int=2)
    assert (audit.row_of_shown([one]).action, audit.row_of_shown([one]).patient_id) == ("opened", one)
    row = audit.row_of_shown([one, two])
    assert (row.action, row.patient_id, row.changes) == ("listed", None, {"patients": [None, [str(one), str(two)]]})
