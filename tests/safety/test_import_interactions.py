"""Tables of other publishers: every pair under known names, graded, replaced as a whole, switched on and off."""

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from galen.core.errors import Forbidden, Invalid
from galen.safety.importing import Switch, import_interactions, interaction_tables, switch_table
from galen.safety.models import ImportedInteraction, InteractionTable

SHARED = Path(__file__).parents[3] / "shared" / "data" / "interactions"
PAIRS = b"""Drug_A,Drug_B,Level
Warfarin,Ibuprofen,Moderate
Ibuprofen,Warfarin,Major
Digoxin,Clarithromycin,Major
Digoxin,Digoxin,Major
Digoxin,Verapamil,Catastrophic
,Verapamil,Minor
"""


async def kept(ctx, name="Test"):
    query = select(ImportedInteraction).join(InteractionTable, InteractionTable.id == ImportedInteraction.table_id)
    found = await ctx.db.scalars(query.where(InteractionTable.name == name).order_by(ImportedInteraction.a))
    return [(pair.a, pair.b, pair.severity, pair.as_published) for pair in found]


async def test_a_pair_that_comes_twice_keeps_the_higher_grade_and_a_broken_row_stops_no_other(system):
    done = await import_interactions(system, "Test", "pairs.csv", PAIRS)
    assert await kept(system) == [
        ("clarithromycin", "digoxin", "major", "Major"),
        ("ibuprofen", "warfarin", "major", "Major"),
    ]
    assert done.counts == {"read": 6, "created": 2, "updated": 0, "unchanged": 0, "kept": 0, "refused": 2}
    assert [(e["row"], e["column"]) for e in done.errors] == [(6, "Level"), (7, "")]


async def test_the_same_file_again_changes_nothing_and_another_edition_replaces_the_table(system):
    await import_interactions(system, "Test", "pairs.csv", PAIRS)
    again = await import_interactions(system, "Test", "pairs.csv", PAIRS)
    assert (again.counts["created"], again.counts["updated"], again.counts["unchanged"]) == (0, 0, 2)
    other = await import_interactions(
        system, "Test", "pairs.csv", b"Drug_A,Drug_B,Level\nWarfarin,Ibuprofen,Minor\n", edition="2"
    )
    assert (other.counts["updated"], other.pairs) == (1, 1)
    assert await kept(system) == [("ibuprofen", "warfarin", "minor", "Minor")]
    (table,) = await interaction_tables(system)
    assert (table.edition, table.pairs, table.switched_on) == ("2", 1, True)


async def test_other_headers_are_named_and_unknown_ones_are_refused_with_those_there_are(system):
    odd = b"left;right;how bad\nWarfarin;Ibuprofen;Major\n"
    with pytest.raises(Invalid, match="No column was found for a, b, severity"):
        await import_interactions(system, "Test", "odd.csv", odd)
    done = await import_interactions(
        system, "Test", "odd.csv", odd, columns={"left": "a", "right": "b", "how bad": "severity"}
    )
    assert done.pairs == 1


async def test_a_class_stands_for_its_members_and_lines_end_with_lf_alone(system):
    rules = (
        "Drug 1 Name\tDrug 1 Class Name\tDrug 2 Name\tDrug 2 Class Name\tDescription\tSeverity\n"
        "WARFARIN\t\t\tNSAIDS\tMore\u2028bleeding\tNot recommended\n"
        "NSAIDS\t\tLITHIUM\t\tLess excretion\tCONTRAINDICATION\n"
    ).encode()
    groups = b"Drug Name\tClass Name\nIBUPROFEN\tNSAIDS\nNAPROXEN\tNSAIDS\n"
    done = await import_interactions(system, "Test", "rules.tsv", rules, groups=groups)
    assert done.counts["read"] == 2
    assert {(a, b) for a, b, *_ in await kept(system)} == {
        ("ibuprofen", "warfarin"), ("naproxen", "warfarin"), ("ibuprofen", "lithium"), ("lithium", "naproxen"),
    }  # fmt: skip


async def test_a_pharmacist_switches_a_table_off_and_a_receptionist_does_not(system, ben, ruth):
    await import_interactions(system, "Test", "pairs.csv", PAIRS)
    (table,) = await interaction_tables(ben)
    with pytest.raises(Forbidden):
        await switch_table(ruth, table.id, Switch(on=False))
    assert [table.switched_on for table in await switch_table(ben, table.id, Switch(on=False))] == [False]


async def test_a_table_of_160_000_pairs_is_read_whole(system):
    drugs = [f"substance {number}" for number in range(567)]
    pairs = [f"{a},{b},Moderate" for i, a in enumerate(drugs) for b in drugs[i + 1 :]][:160_000]
    content = "\n".join(["Drug_A,Drug_B,Level", *pairs]).encode()
    done = await import_interactions(system, "Large", "large.csv", content)
    assert done.pairs == 160_000
    assert await system.db.scalar(select(func.count()).select_from(ImportedInteraction)) == 160_000


@pytest.mark.skipif(not SHARED.is_dir(), reason="the sample tables are not beside this checkout")
async def test_the_published_tables_are_read_as_they_came(system):
    ddinter = await import_interactions(system, "ddinter", "d.csv", (SHARED / "ddinter_sample.csv").read_bytes())
    assert (ddinter.source, ddinter.counts["refused"]) == ("DDInter", 0)
    rules, groups = SHARED / "ansm2016_rules_part1.tsv", SHARED / "ansm2016_groups.tsv"
    ansm = await import_interactions(system, "ansm", rules.name, rules.read_bytes(), groups=groups.read_bytes())
    assert ansm.counts["read"] == 1011
    assert ansm.counts["refused"] <= 10, ansm.errors


async def test_the_page_lists_tables_and_their_switch(system, client):
    await import_interactions(system, "Test", "pairs.csv", PAIRS, licence="CC0")
    page = await client("ben", page=True)
    seen = (await page.get("/safety/tables")).text
    assert "CC0" in seen and "Leave out" in seen
    switch = re.search(r'hx-put="(/safety/tables/[^"]+/activation)"', seen)
    left_out = await page.put(switch[1], data={"on": "false"}, headers={"hx-request": "true"})
    assert "Let it take part" in left_out.text and "Leave out" not in left_out.text
