"""One patient's way through the clinic, nine steps over HTTP: what it costs, and that its answers are right."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx2

from galen.demo import PASSWORD

Json = dict[str, Any]
WARM_UP = 10  # rounds
MEDICINES = ("amoxicillin 500 mg capsule", "paracetamol 500 mg tablet")


class StaffClient:
    """One member of staff with a client of their own; each answer must be the one that was expected."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    @classmethod
    async def of(cls, url: str, username: str) -> "StaffClient":
        client = httpx2.AsyncClient(base_url=f"{url}/api/v1", timeout=30, headers={"accept": "application/json"})
        answer = await client.post("/auth/login", json={"username": username, "password": PASSWORD})
        client.headers["authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"
        return cls(client)

    async def ask(
        self, method: str, path: str, body: Json | None = None, expected: tuple[int, ...] = (200, 201)
    ) -> Any:
        headers = {"idempotency-key": str(uuid4())} if method == "POST" else {}
        answer = await self.client.request(method, path, json=body, headers=headers)
        if answer.status_code not in expected:
            raise SystemExit(f"{method} {path} answered {answer.status_code}: {answer.text[:400]}")
        return answer.json()

    async def post(self, path: str, body: Json | None = None) -> Any:
        return await self.ask("POST", path, body or {})


@dataclass
class Staff:
    """Who takes part: the desk, a doctor, two pharmacists, and what they work with."""

    ruth: StaffClient
    ada: StaffClient
    ben: StaffClient
    kim: StaffClient
    doctor: str
    medicines: tuple[str, str]
    slots: Iterator[Json]

    @classmethod
    async def at(cls, url: str) -> "Staff":
        ruth, ada, ben, kim = [await StaffClient.of(url, name) for name in ("ruth", "ada", "ben", "kim")]
        doctor = next(p["id"] for p in await ruth.ask("GET", "/practitioners") if "Okafor" in p["name"])
        found = [(await ada.ask("GET", f"/drugs/search?q={q}"))[0]["id"] for q in MEDICINES]
        here = (await ruth.ask("GET", "/profile"))["site_id"]
        slots = await ruth.ask("GET", f"/slots?practitioner_id={doctor}&days=1")
        own = (slot for slot in slots if slot["site_id"] == here)
        return cls(ruth, ada, ben, kim, doctor, (found[0], found[1]), own)


@dataclass
class Journey:
    """The nine steps, in order. Each returns nothing and leaves what the next one needs."""

    staff: Staff
    records: Json = field(default_factory=dict)

    async def register(self) -> None:
        body = {
            "family": f"Journey{uuid4().hex[:6]}",
            "given": "Ann",
            "sex": "female",
            "born": "1980-02-03",
            "anyway": True,
        }
        self.records["patient"] = await self.staff.ruth.post("/patients", body)

    async def book(self) -> None:
        slot = next(self.staff.slots)
        body = {
            "patient_id": self.records["patient"]["id"],
            "practitioner_id": self.staff.doctor,
            "starts": slot["starts"],
            "site_id": slot["site_id"],
        }
        self.records["appointment"] = await self.staff.ruth.post("/appointments", body)

    async def check_in(self) -> None:
        body = {"appointment_id": self.records["appointment"]["id"]}
        self.records["token"] = await self.staff.ruth.post("/queue/checkin", body)

    async def visit(self) -> None:
        self.records["visit"] = await self.staff.ada.post("/visits", {"token_id": self.records["token"]["id"]})
        vitals = {
            "systolic": 152,
            "diastolic": 94,
            "heart_rate": 88,
            "temperature": "37.9",
            "weight": 71,
            "height": 168,
        }
        self.records["vitals"] = await self.staff.ada.post(f"/visits/{self.records['visit']['id']}/vitals", vitals)

    async def prescribe(self) -> None:
        first, second = self.staff.medicines
        lines = [
            {"product_id": first, "directions": "1 cap tds pc x5/7"},
            {"product_id": second, "directions": "1-2 tab q6h prn max 8/24h", "days": 3},
        ]
        ids = {"patient_id": self.records["patient"]["id"], "visit_id": self.records["visit"]["id"]}
        self.records["prescription"] = await self.staff.ada.post("/prescriptions", {**ids, "lines": lines})

    async def complete(self) -> None:
        self.records["completed"] = await self.staff.ada.post(f"/visits/{self.records['visit']['id']}/complete", {})

    async def invoice(self) -> None:
        found = await self.staff.ruth.ask("GET", f"/invoices?q={self.records['patient']['family']}")
        self.records["invoice"] = await self.staff.ruth.ask("GET", f"/billing/{found['items'][0]['id']}")

    async def pay(self) -> None:
        invoice = self.records["invoice"]
        body = {"method": "card"}
        self.records["payment"] = await self.staff.ruth.post(f"/billing/{invoice['id']}/pay", body)

    async def sign(self) -> None:
        """Not a step of the nine: the signature's password costs what a password must cost, and is told apart."""
        path = f"/prescriptions/{self.records['prescription']['id']}/signature"
        self.records["signed"] = await self.staff.ada.ask("PUT", path, {"password": PASSWORD})

    async def dispense(self) -> None:
        body = {"prescription_id": self.records["prescription"]["id"]}
        self.records["work"] = await self.staff.ben.post("/dispensing", body)
        work = self.records["work"]["id"]
        await self.staff.ben.post(f"/dispensing/{work}/verification", {"answers": self.answers(self.records["work"])})
        self.records["dispensed"] = await self.staff.ben.post(f"/dispensing/{work}/supply", {})

    def answers(self, work: Json) -> list[Json]:
        """What the pharmacist says to the warnings; these two medicines raise none."""
        return []

    @property
    def steps(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        return [
            ("register", self.register),
            ("book", self.book),
            ("check in", self.check_in),
            ("visit", self.visit),
            ("prescribe", self.prescribe),
            ("complete", self.complete),
            ("invoice", self.invoice),
            ("pay", self.pay),
            ("(sign)", self.sign),
            ("dispense", self.dispense),
        ]


async def measure(served: Any, journeys: int, together: int) -> Json:
    """So many journeys, some side by side, step by step: CPU and waiting per step, and the whole.

    Side by side, as where several people work: with one at a time, a good part of the time goes into falling
    asleep and being woken at every answer of the database, which says more about the machine than about the work.
    Some rounds go before, as PostgreSQL plans a statement anew the first five times that a connection asks it.
    """
    staff = await Staff.at(served.url)
    for _ in range(WARM_UP):
        await walk([Journey(staff) for _ in range(together)], served, defaultdict(list), defaultdict(float))
    waits: dict[str, list[float]] = defaultdict(list)
    costs: dict[str, float] = defaultdict(float)
    for _ in range(rounds := max(1, journeys // together)):
        await walk([Journey(staff) for _ in range(together)], served, waits, costs)
    return told(waits, costs, rounds * together) | {"together": together}


async def walk(journeys: list[Journey], served: Any, waits: dict[str, list[float]], costs: dict[str, float]) -> None:
    """Every journey by one step, then by the next; what each step cost is added to `costs`."""
    for at, (name, _) in enumerate(journeys[0].steps):
        before = served.cpu()
        waits[name] += await asyncio.gather(*(timed(journey.steps[at][1]) for journey in journeys))
        after = served.cpu()
        costs[f"{name} server"] += after[0] - before[0]
        costs[f"{name} database"] += after[1] - before[1]


async def timed(step: Callable[[], Awaitable[None]]) -> float:
    """How long one person waited, in milliseconds."""
    started = time.perf_counter()
    await step()
    return (time.perf_counter() - started) * 1000


def told(waits: dict[str, list[float]], costs: dict[str, float], journeys: int) -> Json:
    """The figures as printed, and as kept."""
    rows, total = {}, Decimal(0)
    for name, found in waits.items():
        ordered = sorted(found)
        server, database = (costs[f"{name} {part}"] * 1000 / journeys for part in ("server", "database"))
        p50, p95 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        rows[name] = {
            "server_ms": round(server, 2),
            "database_ms": round(database, 2),
            "p50": round(p50, 1),
            "p95": round(p95, 1),
        }
        print(f"  {name:10} server {server:6.2f}  database {database:6.2f} ms CPU   p50 {p50:6.1f}  p95 {p95:6.1f} ms")
        if not name.startswith("("):
            total += Decimal(server + database)
    signing = sum(rows["(sign)"][part] for part in ("server_ms", "database_ms")) if "(sign)" in rows else 0
    print(
        f"journey  {total:.1f} ms CPU for the nine steps; the signature adds {signing:.1f} ms, most of it the password"
    )
    return {"steps": rows, "cpu_ms": round(float(total), 2), "signature_ms": round(signing, 2), "journeys": journeys}
