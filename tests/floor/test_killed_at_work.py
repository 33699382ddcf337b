"""PostgreSQL, web and worker are killed again and again under eight dispensers: nothing is lost, nothing done twice.

Each dispenser supplies one prescription and undoes it, over and over, and asks again with the same idempotency key
until it is told. At the end the ledger knows exactly as many supplies as the dispensers were told of.
"""

import http.client
import json
import os
import sys
import threading
import time
from uuid import uuid4

import pytest

from galen.core.database import async_url, dsn
from galen.demo import PASSWORD
from galen.postgres import Server
from galen.provisioning import migrate
from tests.commands.house import House

pytestmark = pytest.mark.race
DISPENSERS = 8
CYCLES = int(os.environ.get("GALEN_SOAK", "12"))
PARTS = ("PostgreSQL", "web", "worker")


class Api:
    """One member of staff with a connection of their own."""

    def __init__(self, house, username):
        self.house, self.connection, self.headers = house, None, {}
        body = {"username": username, "password": PASSWORD, "organization": "north"}
        self.headers["authorization"] = f"Bearer {self.ask('POST', '/auth/login', body)[1]['access_token']}"

    def ask(self, method, path, body=None, key=""):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=20)
        headers = {**self.headers, "content-type": "application/json", "idempotency-key": key or str(uuid4())}
        try:
            said = None if body is None else json.dumps(body)
            self.connection.request(method, f"/api/v1{path}", said, headers)
            answer = self.connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            raise
        if answer.getheader("connection") == "close":
            self.connection = None
        return answer.status, json.loads(told or b"null")

    def sure(self, method, path, body=None):
        status, told = self.ask(method, path, body)
        assert status < 300, (path, told)
        return told


class Dispenser(threading.Thread):
    """Supplies and undoes; each is asked for until it is answered, always with its own key."""

    def __init__(self, api, work):
        super().__init__(daemon=True)
        self.api, self.work, self.ended = api, work, threading.Event()
        self.supplies, self.undone, self.wrong, self.retried = 0, 0, [], 0

    def run(self):
        while not self.wrong:
            if self.until_told("supply", {}):
                self.supplies += 1
                if self.ended.is_set():
                    return
            if self.until_told("reversal", {"reason": "Once more"}):
                self.undone += 1

    def until_told(self, what, body):
        key = str(uuid4())
        time.sleep(0.03)
        while True:
            try:
                status, told = self.api.ask("POST", f"/dispensing/{self.work}/{what}", body, key)
            except (OSError, http.client.HTTPException):
                status, told = 503, None
            if status < 300:
                return True
            if status < 500:
                self.wrong.append((what, status, told))
                return False
            self.retried += 1
            time.sleep(0.05)


class Floor:
    """A pharmacy that runs, with prescriptions that wait to be supplied."""

    def __init__(self, folder, *variant):
        self.house = House(folder / "var", program=(sys.executable, "-m", "tests.floor.launched", *variant))
        ruth, ada, ben = [Api(self.house, name) for name in ("ruth", "ada", "ben")]
        product = ada.sure("GET", "/drugs/search?q=paracetamol%20500%20mg%20tablet")[0]["id"]
        batch = {"product_id": product, "number": "K1", "expires": "2031-01", "packs": 500}
        ben.sure("POST", "/inventory/batches", batch)
        self.dispensers = [Dispenser(Api(self.house, "ben"), self.verified(ruth, ada, ben, product)) for _ in "x" * 8]

    def verified(self, ruth, ada, ben, product):
        who = {"family": f"Killed{uuid4().hex[:6]}", "given": "Ann", "born": "1980-02-03", "anyway": True}
        patient = ruth.sure("POST", "/patients", who)
        line = {"product_id": product, "directions": "1 tab bd x5/7"}
        rx = ada.sure("POST", "/prescriptions", {"patient_id": patient["id"], "lines": [line]})
        ada.sure("PUT", f"/prescriptions/{rx['id']}/signature", {"password": PASSWORD})
        work = ben.sure("POST", "/dispensing", {"prescription_id": rx["id"]})
        ben.sure("POST", f"/dispensing/{work['id']}/verification", {"answers": []})
        return work["id"]

    def killed(self, part):
        """One cycle: the part dies at work, and comes back."""
        said = f"{part} ended" if part != "web" else "web 1 ended"
        times = self.house.log.read_text().count(said) + 1
        self.house.kill(part)
        self.house.wait_for(said, 30, times)
        while self.house.pid_of(part) is None:
            time.sleep(0.02)
        self.worked()

    def worked(self):
        """Until every dispenser has done something since."""
        before = [dispenser.supplies for dispenser in self.dispensers]
        end = time.monotonic() + 60
        while any(d.supplies == was and not d.wrong for d, was in zip(self.dispensers, before, strict=True)):
            assert time.monotonic() < end, self.house.log.read_text()[-2000:]
            time.sleep(0.05)

    def close(self):
        for dispenser in self.dispensers:
            dispenser.ended.set()
        for dispenser in self.dispensers:
            if dispenser.ident:
                dispenser.join(60)

    async def ledger(self):
        """Of each dispensing: how often it was supplied, and whether what left the shelf is what it says was given."""
        owner = Server(self.house.log.parent / "var" / "pg").url
        connection = await migrate.connect(dsn(async_url(owner, database="galen")))
        rows = await connection.fetch(
            "SELECT d.id, d.round, l.supplied, -coalesce(sum(m.quantity), 0) AS gone, "
            "count(*) FILTER (WHERE m.kind = 'issue') AS supplies, "
            "count(*) FILTER (WHERE m.kind = 'reversal') AS undone "
            "FROM org_north.dispensing d JOIN org_north.dispensing_line l ON l.dispensing_id = d.id "
            "LEFT JOIN org_north.movement m ON m.reference_id = d.id GROUP BY d.id, l.id"
        )
        await connection.close()
        return {str(row["id"]): row for row in rows}


async def judged(floor):
    """Whoever was told something else than what is written, and why."""
    written, faults = await floor.ledger(), []
    for dispenser in floor.dispensers:
        row = written[dispenser.work]
        if dispenser.wrong:
            faults.append(("refused", dispenser.wrong))
        if row["supplies"] != dispenser.supplies or row["undone"] != dispenser.undone:
            faults.append(("lost or doubled", dispenser.supplies, dict(row)))
        if row["gone"] != row["supplied"] or row["round"] != dispenser.undone + 1:
            faults.append(("apart", dict(row)))
    return faults


@pytest.fixture
def floor_of(tmp_path):
    made = []

    def make(*variant):
        made.append(Floor(tmp_path, *variant))
        return made[0]

    yield make
    for floor in made:
        floor.house.stop()


async def test_nothing_is_lost_or_doubled_whatever_is_killed(floor_of):
    floor = floor_of()
    for dispenser in floor.dispensers:
        dispenser.start()
    floor.worked()
    for _cycle in range(CYCLES):
        for part in PARTS:
            floor.killed(part)
    floor.close()
    assert await judged(floor) == []
    assert sum(dispenser.retried for dispenser in floor.dispensers) > CYCLES, "or nobody was hit"


async def test_a_supply_in_two_commits_is_found(floor_of):
    """The broken variant: the goods have left the shelf when the rest is lost."""
    floor = floor_of("twice")
    for dispenser in floor.dispensers:
        dispenser.start()
    floor.worked()
    for _cycle in range(12):
        floor.killed("web")
        if any(dispenser.wrong for dispenser in floor.dispensers):
            break
    floor.close()
    assert await judged(floor)
