"""Files that attack: bombs, depths, crowds and odd numbers. Each has one clear sentence, and the others go on."""

import gzip
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from galen.fhir import limits
from galen.fhir.elements import Unreadable
from galen.fhir.reading import batches

from .conftest import Import, Written, about, person


def bomb(unit: bytes, times: int) -> bytes:
    """Gzip of a file that is written piece by piece, so that the test itself stays small."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        for _ in range(times):
            file.write(unit)
    return out.getvalue()


ZEROS = bomb(b" " * 2**20, 200)
ATTACKS = {
    "bomb.json.gz": (ZEROS, "larger than 64 MB when it is unpacked"),
    "bomb.xml.gz": (ZEROS, "larger than 64 MB when it is unpacked"),
    "lines.ndjson.gz": (bomb(b"\n" * 2**20, 200), "holds more than 100,000 empty lines"),
    "spaces.ndjson.gz": (bomb(b" " * 2**20 + b"\n", 200), "unfolds to more than 200 times its size"),
    "line.ndjson.gz": (ZEROS, "is longer than 16 MB"),
    "deep.json": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "deep-object.json": (
        b'{"resourceType":"Patient","id":"d","a":' + b'{"a":' * 300 + b"1" + b"}" * 301,
        "nested too deeply",
    ),
    "deep.xml": (
        b'<Patient xmlns="http://hl7.org/fhir">' + b"<a>" * 50_000 + b"</a>" * 50_000 + b"</Patient>",
        "nested too deeply",
    ),
    "entities.xml": (
        b'<!DOCTYPE a [<!ENTITY b "c">]><Patient xmlns="http://hl7.org/fhir">&b;</Patient>',
        "declares a document type",
    ),
    "crowd.json": (b"[" + b"{}," * 3_100_000 + b"{}]", "has more than 3,000,000 parts"),
    "entries.json": (b'{"resourceType":"Bundle","entry":[' + b"{}," * 50_000 + b"{}]}", "50,000 is the most"),
    "damaged.json.gz": (ZEROS[:500] + b"\0\0\0\0" + ZEROS[504:1000], "damaged or may not be read"),
    "number.json": (b'{"resourceType":"Basic","id":"b","value":1e999999999}', "too large, or too small, to be kept"),
    "half.json": (b'{"resourceType":"Basic","id":"b","value":"\\ud800"}', "no character of any writing"),
    "nul.json": (b'{"resourceType":"Basic","id":"b","value":"a\\u0000b"}', "no character of any writing"),
    "utf16.json": ('{"resourceType":"Basic"}'.encode("utf-16"), "not UTF-8"),
    "digits.json": (b'{"resourceType":"Basic","id":"b","value":' + b"9" * 100_000 + b"}", "this is not JSON"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_has_one_sentence_and_the_others_import(
    name: str, written: Written, tmp_path: Path, importing: Import
) -> None:
    content, sentence = ATTACKS[name]
    (tmp_path / name).write_bytes(content)
    report = await importing(tmp_path / name, written("good.json", person()))
    (problem,) = report.problems
    assert problem.file == name and sentence in problem.says
    assert report.counts()["Patient"]["created"] == 1


@pytest.mark.parametrize("name", ["bomb.json.gz", "lines.ndjson.gz", "deep.json", "crowd.json"])
def test_memory_stays_bounded(name: str, tmp_path: Path) -> None:
    content, _ = ATTACKS[name]
    path = tmp_path / name
    path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(Unreadable):
        list(batches(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * limits.WHOLE


async def test_lines_without_end_that_cannot_be_read_are_left(
    tmp_path: Path, written: Written, importing: Import
) -> None:
    (tmp_path / "bad.ndjson").write_text("{}\n" * 5_000)
    report = await importing(tmp_path / "bad.ndjson", written("good.json", person()))
    assert len(report.problems) == 1_001
    assert report.problems[-1].says == "1,000 lines cannot be read: the rest of this file was left"
    assert report.counts()["Patient"]["created"] == 1


async def test_a_folder_and_a_name_that_is_no_text_are_told(tmp_path: Path, importing: Import) -> None:
    odd = tmp_path / "od\udcffd.json"
    odd.write_bytes(b"{")
    (tmp_path / "folder.json").mkdir()
    report = await importing(tmp_path)
    assert [str(p) for p in report.problems] == ["od?d.json: this is not JSON (line 1, column 2)"]


async def test_an_odd_resource_does_not_keep_its_bundle_out(written: Written, importing: Import) -> None:
    odd = about("MedicationRequest", "m", dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": 1e20}}]}])
    worse: dict[str, Any] = about("Condition", "c", code={"coding": [{"system": "x", "code": "1", "display": "y"}] * 3})
    worse["onsetDateTime"] = {"not": "text"}
    report = await importing(written("a.json", person(), odd, worse, about("AllergyIntolerance", "a")))
    assert sorted(remark.resource for remark in report.problems) == ["Condition/c", "MedicationRequest/m"]
    assert report.counts()["AllergyIntolerance"]["created"] == 1


async def test_what_belongs_to_fhir_is_not_refused(written: Written, importing: Import) -> None:
    item: dict[str, Any] = {"linkId": "leaf"}
    for depth in range(20):
        item = {"linkId": str(depth), "item": [item]}
    form = {"resourceType": "Questionnaire", "id": "q", "status": "active", "item": [item]}
    report = await importing(written("a.json", person(), form))
    assert not report.problems
    assert json.dumps(form)
