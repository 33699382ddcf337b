"""No file stops the house: each is read in a child, refused in one sentence, in bounded memory."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from galen.files import children
from galen.medicines.importing import CatalogueImport
from galen.medicines.importing.models import ImportFile, ImportState
from galen.medicines.importing.reading import AT_ONCE, BEHIND, UnreadableFile, read_content
from tests.medicines.foreign_files import FILES, cell, rows, workbook
from tests.medicines.test_import_files import LIST
from tests.medicines.test_import_page import number, uploaded

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("what", FILES)
async def test_a_foreign_file_is_refused_in_one_sentence(what):
    name, content, says = FILES[what]
    with pytest.raises(UnreadableFile, match=says) as refusal:
        await read_content(name, content, "rows", AT_ONCE if len(content) < 150_000 else BEHIND)
    said = str(refusal.value)
    assert said.endswith(".") and len(said) < 200 and "Traceback" not in said


@pytest.mark.parametrize("what", [what for what, (_, content, _says) in FILES.items() if len(content) <= 150_000])
async def test_the_page_says_what_is_wrong_with_a_small_file_and_keeps_nothing(ben, client, what):
    page = await client("ben", page=True)
    name, content, _ = FILES[what]
    form = {"kind": "prices", "supplier": "Acme"}
    answer = await page.post("/medicines/imports", data=form, files={"file": (name, content)})
    assert answer.status_code == 422
    assert await number(ben, CatalogueImport) == await number(ben, ImportFile) == 0


@pytest.mark.parametrize("what", [what for what, (_, content, _says) in FILES.items() if len(content) > 150_000])
async def test_a_large_file_fails_as_a_job_with_its_reason_and_other_jobs_go_on(ben, client, catch_up, what):
    page = await client("ben", page=True)
    name, content, _ = FILES[what]
    form = {"kind": "prices", "supplier": "Acme"}
    where = (await page.post("/medicines/imports", data=form, files={"file": (name, content)})).headers["location"]
    good = (await uploaded(page, LIST, "good.csv")).headers["location"]
    await catch_up()
    states = {run.file: run for run in await ben.db.scalars(select(CatalogueImport))}
    assert states[name].status is ImportState.FAILED and states[name].problem.endswith(".")
    assert states["good.csv"].status is ImportState.PREVIEW
    assert "Nothing was changed" in (await page.get(where)).text and "New 2" in (await page.get(good)).text
    kept = select(func.count()).select_from(ImportFile).where(ImportFile.import_id == states[name].id)
    assert await ben.db.scalar(kept) == 0


@pytest.mark.parametrize("kind", ["openfda", "pbs", "orange-book"])
@pytest.mark.parametrize(
    "content", [b"[" * 60_000, b'{"results": [{"a": ' + b"9" * 5000 + b"}]}", b"{}", b"[1, 2", b"\xff\xfe\0"]
)
async def test_other_kinds_are_refused_too(client, kind, content):
    page = await client("ben", page=True)
    answer = await page.post("/medicines/imports", data={"kind": kind}, files={"file": ("a.json", content)})
    assert answer.status_code == 422


ODD = [
    '[{"product_ndc": 5, "packaging": [1, 2], "active_ingredients": "abc"}]',
    '[{"product_ndc": "1-2-3", "packaging": {"a": 1}, "route": 7, "openfda": []}]',
    '[{"drug_name": ["a"], "brand_name": {}, "pbs_code": 1e400, "pack_size": [1]}]',
    '{"results": [{"product_ndc": "\\ud800", "brand_name": "\\u0000"}]}',
    '[{"pbs_code": "8254K", "drug_name": "a", "brand_name": "b", "determined_price": 1e999999, "pack_size": -1}]',
]


@pytest.mark.parametrize("kind", ["openfda", "pbs"])
@pytest.mark.parametrize("text", ODD)
async def test_values_where_others_belong_are_no_error_of_ours(client, kind, text):
    page = await client("ben", page=True)
    answer = await page.post("/medicines/imports", data={"kind": kind}, files={"file": ("a.json", text.encode())})
    assert answer.status_code in (303, 422)


async def test_the_loop_goes_on_while_a_file_is_read():
    ticks, reading = 0, asyncio.create_task(read_content("list.xlsx", workbook(rows(50_000)), "rows"))
    while not reading.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert len((await reading).sheets[0].rows) == 49_999
    assert ticks >= 20  # a parser in this process would let it tick once


async def test_a_small_file_that_holds_much_is_left_to_a_job(client, catch_up):
    page = await client("ben", page=True)
    lines = "".join(
        f'<row r="{n}">{cell(f"A{n}", f"Zonk {n} mg tablets 30")}{cell(f"B{n}", "15.50")}</row>'
        for n in range(2, 12_000)
    )
    content = workbook(f'<row r="1">{cell("A1", "Product")}{cell("B1", "RRP")}</row>' + lines)
    assert len(content) <= 150_000
    form = {"kind": "prices", "supplier": "Acme"}
    where = (await page.post("/medicines/imports", data=form, files={"file": ("a.xlsx", content)})).headers["location"]
    assert "is being read" in (await page.get(where)).text
    await catch_up()
    assert "11998 medicines" in (await page.get(where)).text


async def test_what_comes_when_too_many_files_wait_is_sent_away(monkeypatch):
    monkeypatch.setattr(children, "TURNS", children.Turns(1, 1))
    reads = [asyncio.create_task(read_content("list.csv", LIST.encode(), "rows")) for _ in range(6)]
    done = await asyncio.gather(*reads, return_exceptions=True)
    assert sum(isinstance(one, children.TooManyFiles) for one in done) >= 3
    assert sum(not isinstance(one, BaseException) for one in done) >= 1
    assert children.TURNS.here == 0
    assert (await read_content("list.csv", LIST.encode(), "rows")).sheets


# The memory of the process that asks, measured in one of its own

MEASURE = """
import asyncio, io, json, resource, sys
from contextlib import asynccontextmanager
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
from galen.medicines.importing import reading
from galen.files import tables

@asynccontextmanager
async def in_this_process(name, source, **options):
    class Parsed:
        made = io.BytesIO()
    tables.parse(source, Parsed.made, **options)
    Parsed.made.seek(0)
    yield Parsed

if sys.argv[1] == "broken":
    reading.run_in_child = in_this_process

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024

async def main():
    content = open(sys.argv[2], "rb").read()
    before = peak()
    try:
        await reading.read_content("list.xlsx", content, "rows")
    except (reading.UnreadableFile, tables.UnreadableTable):
        pass
    print(json.dumps(peak() - before))

asyncio.run(main())
"""


def megabytes(how: str, what: str, folder: Path) -> int | None:
    """How much the process grew that read the file; none when it did not live to say so."""
    (folder / "list").write_bytes(FILES[what][1])
    known = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, how, str(folder / "list")], capture_output=True, env=known, check=False
    )
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


@pytest.mark.parametrize(
    "what", ["the last cell", "a great sheet", "an archive of one line", "an archive that unfolds"]
)
def test_the_process_that_asks_grows_by_little(what, tmp_path):
    grown = megabytes("as it is", what, tmp_path)
    assert grown is not None and grown < 40


@pytest.mark.parametrize("what", ["the last cell", "a great sheet"])
def test_a_parser_in_the_process_itself_is_noticed(what, tmp_path):
    grown = megabytes("broken", what, tmp_path)
    assert grown is None or grown >= 40
