"""The fridge dashboard, a place, an excursion: with nothing, with much, and while something goes on."""

import io
from decimal import Decimal

import pytest
from sqlalchemy import select

from galen import coldchain
from galen.coldchain.models import Sensor
from galen.coldchain.service.pages import board, excursion_page, place_page
from galen.core.finish import finish
from tests.coldchain.people import at, fridge, medicine, readings, send, shelved, stored, threads, warm
from tests.conftest import NOW

D = Decimal
FILE = "/api/v1/coldchain/sensors/{}/files"


async def test_nothing_is_there_and_the_page_says_how_to_begin(client):
    http = await client("ben", page=True)
    answer = await http.get("/coldchain")
    assert (
        answer.status_code == 200
        and "No fridge is watched yet" in answer.text
        and "/coldchain/places/new" in answer.text
    )
    assert "No excursion yet" in (await http.get("/coldchain/excursions")).text
    assert "No range is set up yet" in (await http.get("/coldchain/profiles")).text


async def test_a_fridge_is_set_up_on_the_page_and_its_secret_shown_once(client):
    http = await client("ben", page=True)
    said = {
        "name": "Vaccine fridge",
        "kind": "fridge",
        "bins": "Fridge 1, Fridge door",
        "site_id": "",
        "profile_id": "",
    }
    answer = await http.post("/coldchain/places", data=said)
    assert answer.status_code in (200, 303), answer.text
    place = answer.headers["location"]
    page = await http.get(place)
    assert "No sensor watches this place yet" in page.text and "Fridge 1, Fridge door" in page.text
    shown = await http.post(f"{place}/sensors", data={"serial": "F-1", "unit": "F"})
    assert (
        shown.status_code == 200
        and "shown this once" in shown.text
        and "galen/north/harbour-pharmacy/sensor/F-1/reading" in shown.text
    )
    again = await http.get(place)
    assert "F-1" in again.text and "never heard" in again.text


async def test_the_board_shows_the_worst_first_with_its_extremes_and_age(ben, system):
    good, warm_one, silent = [await fridge(ben, name, name[:1]) for name in ("Good", "Warm", "Quiet")]
    await send(system, good, readings((-6, 4), (-1, 5)))
    await send(system, warm_one, readings((-6, 4), (-1, 14)))
    await send(system, silent, readings((-60, 4)))
    shown = (await board(ben)).places
    assert [(place.place.name, place.standing.value, place.reading) for place in shown] == [
        ("Warm", "excursion", "14.0\u00a0°C"), ("Quiet", "no data", "–"), ("Good", "in range", "5.0\u00a0°C"),
    ]  # fmt: skip
    assert shown[0].extremes == "4.0\u00a0°C / 14.0\u00a0°C"
    assert (shown[1].last_known, shown[1].age) == ("4.0\u00a0°C", "1 h 0 min ago")


async def test_a_chart_keeps_each_peak_and_shows_a_gap_as_a_gap(ben, system):
    box = await fridge(ben)
    calm = [(m, 5 + m % 2) for m in range(-1400, -700, 5)]
    await send(system, box, readings(*calm, (-602, "14.5"), (-598, 5)))
    page = await place_page(ben, box.place.id)
    warmest = page.chart["series"][0]["values"]
    assert "14.5" in warmest and None in warmest and len(warmest) == len(page.chart["x"]) <= 290
    assert page.chart["band"] == ["2", "8"] or page.chart["band"] == ["2.0", "8.0"]


async def test_an_excursion_is_handled_on_its_page_while_it_goes_on(ben, system, client):
    box, product = await fridge(ben), await medicine(ben)
    batch = await shelved(ben, product, "B-77", box.place)
    await send(system, box, readings((-30, 5), (-25, 14)))
    (excursion,) = await threads(system)
    await finish(system)
    http = await client("ben", page=True)
    path = f"/coldchain/excursions/{excursion.id}"
    page = await http.get(path)
    assert page.status_code == 200 and "B-77" in page.text and "nobody" in page.text
    empty = await http.post(f"{path}/acknowledgement", data={"comment": ""})
    assert empty.status_code == 422
    taken = await http.post(f"{path}/acknowledgement", data={"comment": "Moved to the other fridge"})
    assert taken.status_code == 303
    early = await http.post(f"{path}/batches/{batch.id}/decision", data={"fate": "release", "reason": "It feels cold"})
    assert early.status_code == 409 and "out of range still" in early.text
    kept = await http.post(
        f"{path}/batches/{batch.id}/decision", data={"fate": "keep on hold", "reason": "Ask the maker"}
    )
    assert kept.status_code == 303
    page = (await http.get(path)).text
    assert "Moved to the other fridge" in page and "Ask the maker" in page


async def test_the_budget_of_the_maker_is_counted_down(ben, system):
    box, product = await fridge(ben), await medicine(ben)
    await shelved(ben, product, "THERE", box.place)
    profile = (await board(ben)).places[0].place.profile
    profile.budget_hours = 24
    await warm(system, box)
    (excursion,) = await threads(system)
    (held,) = (await excursion_page(ben, excursion.id)).held
    assert (held.minutes, held.used_words, held.remaining) == ("1 h 10 min", "1 h 10 min", "22 h 50 min")


async def test_a_place_is_exported_with_both_clocks(ben, system, client):
    box = await fridge(ben)
    http = await client("ben")
    now = (await ben.db.execute(select(Sensor.registered_at))).scalar_one()
    assert now == NOW
    await send(system, box, readings((-10, 5), (-5, "6.25")))
    table = (await coldchain.service.readings_csv(ben, box.place.id)).decode("utf-8-sig").splitlines()
    assert table[0].startswith("Sensor,Taken,Device's clock,Received") and len(table) == 3
    assert table[2].startswith("F1,2026-11-20T11:25:00+11:00,") and ",6.25," in table[2]
    answer = await http.get(f"/api/v1/coldchain/places/{box.place.id}/readings.csv")
    assert answer.headers["content-type"].startswith("text/csv")


FILES = {
    "iso": "Logger 4711\n\nTimestamp,Temperature (°C)\n2026-11-19T22:00:00Z,4.5\n2026-11-19T22:05:00Z,5.0\n",
    "local": "Date;Time;Temp °C;Humidity\n20/11/2026;09:00:00;4,5;40\n20/11/2026;09:05:00;5,0;41\n",
    "american words": "Date/Time\tTemp (F)\n20 Nov 2026 9:00 am\t40.1\n20 Nov 2026 9:05 AM\t41\n",
    "with units": 'When,Celsius\n"2026-11-20 09:00","4.5 °C"\n"2026-11-20 09:05","5.0 °C"\n2026-11-20 09:10,--\n',
}


@pytest.mark.parametrize("name", FILES)
async def test_what_a_logger_was_read_out_to_is_taken_in_once(ben, system, client, name):
    box = await fridge(ben)
    http = await client("ben")
    for expected in ((2, 0), (0, 2)):
        file = {"file": ("logger.csv", io.BytesIO(FILES[name].encode()), "text/csv")}
        answer = await http.post(FILE.format(box.sensor_id), files=file)
        assert (answer.status_code, answer.json()) == (200, {"stored": expected[0], "known": expected[1]}), answer.text
    kept = [(reading.taken, reading.celsius) for reading in await stored(system)]
    assert kept == [(at(-150), D("4.5")), (at(-145), D(5))]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Name,Price\nParacetamol,4\n", "No columns for the time"),
        ("Time,Temperature\nyesterday,5\n", "Line 2 has no time"),
        ("Time,Temperature\n2026-11-19T22:00:00Z,warm\n", "Line 2 has no temperature"),
        ("Time,Temperature\n2036-11-19T22:00:00Z,5\n", "in the future"),
        ("Time,Temperature\n", "no temperatures"),
        ("\x00\x01\x02", "no table"),
        ("", "no table"),
    ],
)
async def test_a_file_that_is_no_loggers_is_refused_whole(ben, system, client, text, says):
    box = await fridge(ben)
    good = "Time,Temperature\n2026-11-19T21:00:00Z,5\n"
    file = text.replace("Time,Temperature\n", good, 1) if "Line 2" not in says and says != "no temperatures" else text
    answer = await (await client("ben")).post(
        FILE.format(box.sensor_id), files={"file": ("x.csv", io.BytesIO(file.encode()), "text/csv")}
    )
    assert answer.status_code == 422 and says in answer.text, answer.text
    assert await stored(system) == []
