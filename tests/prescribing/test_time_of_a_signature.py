"""What is signed has the database's time; where that and this machine's clock are far apart, nothing is signed."""

from datetime import timedelta

import pytest

from galen import identity, prescribing
from galen.identity.service.signing import ClocksDiffer
from galen.prescribing import PrescriptionStatus
from galen.settings import settings
from galen.values.clock import SharedClock

LIMIT = timedelta(seconds=300)


@pytest.fixture
def apart(monkeypatch):
    """Both clocks, so far from each other."""

    def set_apart(by: timedelta) -> None:
        monkeypatch.setattr(SharedClock, "skew", property(lambda _: by))

    return set_apart


@pytest.mark.parametrize("by", [LIMIT * 2, -LIMIT * 2, timedelta(days=1), LIMIT + timedelta(seconds=1)])
def test_far_apart_nothing_is_signed_and_it_is_said_why(apart, by):
    apart(by)
    with pytest.raises(ClocksDiffer, match=f"differ by {round(abs(by.total_seconds()))} seconds.*Nothing was signed"):
        identity.refuse_doubtful_time()


@pytest.mark.parametrize("by", [timedelta(), timedelta(seconds=5), LIMIT, -LIMIT])
def test_near_each_other_the_databases_time_counts(apart, by):
    apart(by)
    identity.refuse_doubtful_time()


def test_the_limit_is_the_operators(apart, monkeypatch):
    apart(timedelta(seconds=20))
    monkeypatch.setattr(settings(), "skew_seconds", 10)
    with pytest.raises(ClocksDiffer):
        identity.refuse_doubtful_time()


async def test_a_prescription_stays_a_draft_until_the_clocks_agree(ada, write, signature, apart):
    rx = await write(("paracetamol 500 mg tablet", "1 tab qid prn"))
    apart(timedelta(hours=1))
    with pytest.raises(ClocksDiffer):
        await prescribing.sign(ada, rx.id, signature())
    assert rx.status is PrescriptionStatus.DRAFT and rx.signed_at is None
    assert (await prescribing.prescription(ada, rx.id)) is rx
    apart(timedelta())
    answers = [{"key": alert.key, "reason": "benefit"} for alert in rx.report.interrupting]
    assert (await prescribing.sign(ada, rx.id, signature(overrides=answers))).signed_at == ada.now


async def test_pages_are_read_meanwhile(client, mara, apart):
    apart(timedelta(hours=-1))
    browser = await client("ada", page=True)
    assert (await browser.get(f"/patients/{mara.id}")).status_code == 200


@pytest.mark.parametrize(("by", "status"), [(timedelta(), "ok"), (timedelta(hours=-1), "degraded")])
async def test_health_tells_how_far_apart_they_are(client, apart, by, status):
    apart(by)
    told = (await (await client()).get("/health")).json()
    assert (told["status"], told["skew_seconds"]) == (status, by.total_seconds())
