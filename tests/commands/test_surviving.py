"""A part of `galen run` that is killed is started again, and web and worker are renewed: no work is lost or doubled.

Clients keep a journal of their own: what they were told was done must be there once, whatever was killed meanwhile.
"""

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from galen.core.database import async_url, dsn
from galen.postgres import Server
from galen.provisioning import migrate
from tests.commands.conftest import galen
from tests.commands.house import House
from tests.commands.test_running import children_of, free_port

PASSWORD = "harbour lantern"
pytestmark = pytest.mark.race


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    var = tmp_path_factory.mktemp("house") / "var"
    env = {"GALEN_VAR": str(var), "GALEN_DATABASE_URL": ""}
    assert galen(env, "organization", "add", "hill", "Hill Street Practice", "--no-catalogue").returncode == 0
    typed = f"{PASSWORD}\n" * 2
    assert galen(env, "account", "add", "rita", "Rita Berg", "receptionist", typed=typed).returncode == 0
    running = House(var)
    yield running
    assert running.stop() == 0, running.log.read_text()


class Client(threading.Thread):
    """Registers one patient after another, each until it is told that it is done. `hasty` believes it before."""

    def __init__(self, house, number, token, hasty=False):
        super().__init__(daemon=True)
        self.house, self.number, self.token, self.hasty = house, number, token, hasty
        self.done, self.refused, self.ended = [], 0, threading.Event()
        self.connection = None

    def run(self):
        for nth in range(100_000):
            name, key = f"Journal{self.number}x{nth}", str(uuid4())
            while not self.register(name, key):
                if self.ended.is_set() or self.hasty:
                    break
                time.sleep(0.05)
            if self.ended.is_set():
                return

    def register(self, name, key):
        if self.hasty:
            self.done.append(name)
        body = json.dumps({"family": name, "given": "Of", "born": "1980-02-03", "anyway": True})
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": key, "content-type": "application/json"}
        try:
            status = self.ask("POST", "/api/v1/patients", body, headers)[0]
        except (OSError, http.client.HTTPException):
            self.connection = None
            self.refused += 1
            return False
        if status == 201 and not self.hasty:
            self.done.append(name)
        self.refused += status >= 500
        return status == 201

    def ask(self, method, path, body=None, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=20)
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        told = answer.read()
        if answer.getheader("connection") == "close":
            self.connection = None
        return answer.status, told


def token_at(house):
    asker = Client(house, 0, "")
    body = json.dumps({"username": "rita", "password": PASSWORD})
    status, told = asker.ask("POST", "/api/v1/auth/login", body, {"content-type": "application/json"})
    assert status == 200, told
    return json.loads(told)["access_token"]


def kept(house):
    """How often each name is there, in the database itself."""

    async def ask():
        owner = Server(Path(house.env["GALEN_VAR"]) / "pg").url
        connection = await migrate.connect(dsn(async_url(owner, database="galen")))
        rows = await connection.fetch("SELECT family, count(*) FROM org_hill.patient GROUP BY 1")
        await connection.close()
        return Counter(dict(map(tuple, rows)))

    return asyncio.run(ask())


def under_clients(house, act, hasty=False, count=4):
    """The journals of clients that were busy while something was done to the house, and for a moment after it."""
    token, first = token_at(house), 1 + int(time.time()) % 100_000 * 10
    clients = [Client(house, first + n, token, hasty) for n in range(count)]
    for client in clients:
        client.start()
    time.sleep(0.5)
    act()
    time.sleep(1)
    for client in clients:
        client.ended.set()
    for client in clients:
        client.join(30)
    return clients


def judged(house, clients):
    """Acknowledged and not there; there more than once."""
    there = kept(house)
    lost = [name for client in clients for name in client.done if not there[name]]
    return lost, [name for name, times in there.items() if times > 1]


@pytest.mark.parametrize("part", ["web", "PostgreSQL", "worker"])
def test_what_was_acknowledged_is_there_once_whatever_was_killed(house, part):
    said = house.log.read_text().count(f"{part} ended" if part != "web" else "web 1 ended")

    def kill():
        house.kill(part)
        house.wait_for(f"{part} ended" if part != "web" else "web 1 ended", 30, said + 1)
        if part == "PostgreSQL":
            house.wait_for("PostgreSQL runs again", 60)

    clients = under_clients(house, kill)
    assert sum(len(client.done) for client in clients) > 4
    assert judged(house, clients) == ([], [])
    assert house.process.poll() is None


def test_a_client_that_believes_before_it_is_told_is_found_out(house):
    """The broken variant: the journal says done for what was only sent."""

    def kill():
        house.kill("web")
        time.sleep(1)

    clients = under_clients(house, kill, hasty=True)
    lost, _ = judged(house, clients)
    assert lost


def test_a_renewal_refuses_nobody(house):
    before = {part: house.pid_of(part) for part in ("web", "worker", "PostgreSQL")}

    def renew():
        told = galen(house.env, "renew")
        assert told.returncode == 0 and str(house.process.pid) in told.stdout
        house.wait_for("galen: renewed.")

    clients = under_clients(house, renew)
    assert sum(client.refused for client in clients) == 0
    assert judged(house, clients) == ([], [])
    after = {part: house.pid_of(part) for part in before}
    assert after["PostgreSQL"] == before["PostgreSQL"]
    assert not {after["web"], after["worker"]} & {before["web"], before["worker"]}


def test_it_gives_up_after_five_deaths_in_a_minute(there):
    env = there | {"GALEN_PORT": free_port()}
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "galen", "run"]
    with subprocess.Popen(command, env=os.environ | env, stdout=pipe, stderr=pipe, text=True) as running:
        for line in running.stdout:
            if line.startswith("Ctrl-C"):
                break
        dead = set()
        while running.poll() is None:
            with suppress(FileNotFoundError, ProcessLookupError):  # it may end while it is looked at
                parts = children_of(running.pid)
                if len(parts) == 2 and parts[-1] not in dead:  # the one that was started last, and no other meanwhile
                    dead.add(parts[-1])
                    os.kill(parts[-1], signal.SIGKILL)
            time.sleep(0.05)
        said = running.stderr.read()
    assert running.returncode == 1
    assert said.count("it is started again") == 4 and "ended 5 times within a minute" in said


def test_a_renewal_of_nothing_is_refused_in_a_sentence(tmp_path):
    told = galen({"GALEN_VAR": str(tmp_path)}, "renew")
    assert told.returncode == 1 and "No Galen runs on the data folder" in told.stderr
