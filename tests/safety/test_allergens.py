"""Allergens as people write them: slang, classes, brands, slips; and words that are near and mean something else."""

import pytest

from galen import patients, safety
from galen.patients import AllergyDraft
from galen.safety.allergens import allergen_options, as_written, suggested
from galen.safety.rules.allergens import allergen

from .asking import KNOWLEDGE

UNDERSTOOD = {
    "penicillins": """PCN|pcn|penicilin|pencillin|Penecillin|Penicillins|penicillin allergy|allergic to penicillin|Pen
        Allergy to penicillin (finding)|Penicillin -class of antibiotic-|Product containing penicillin (product)""",
    "sulfonamide antibiotics": "sulfa|Sulfa drugs|sulpha|sulphonamides|sulfonamide (substance)|Sulfa antibiotics",
    "NSAIDs": "nsaids|NSAID's|anti-inflammatories|non steroidal anti inflammatory drugs|NSAID class",
    "cephalosporins": "cephs|cephlasporin|cephalosporns|Cephalosporin antibiotics",
    "opioids": "opiods|opiates|narcotics",
    "quinolones": "FQs|fluroquinolones|Fluoroquinolones",
    "ACE inhibitors": "ACE-I|acei|prils|ace inhibitor",
    "benzodiazepines": "benzos|BZDs|benzodiazapines",
    "iodinated contrast media": "IV contrast|contrast dye|x-ray dye|CT contrast|iodine contrast",
    "proton pump inhibitors": "PPI|ppis",
    "tricyclic antidepressants": "TCA|tricyclics",
    "amoxicillin + clavulanic acid": "Augmentin|augmentine|co-amoxiclav|Augmentin Duo",
    "sulfamethoxazole + trimethoprim": "Bactrim|Bactrim DS|Septra DS|SMX/TMP|TMP-SMX",
    "ibuprofen": "ibuprophen|ibuprofin|Advil|Motrin|Nurofen",
    "aspirin": "ASA|asprin|asprin allergy|acetylsalicylic acid",
    "codeine": "codiene|codeine phosphate",
    "codeine + paracetamol": "Tylenol 3|Panadeine Forte",
    "morphine": "morphene|MSO4",
    "cefalexin": "Keflex|cephalexin|allergic to keflex",
    "azithromycin": "z-pack|Zithromax|azithro",
    "vancomycin": "vanco|vancomicin",
    "paracetamol": "Tylenol|acetominophen|APAP|Panadol",
    "lidocaine": "lignocaine|lidocane|Xylocaine",
    "heparin": "heprin",
    "erythromycin": "erythromicin|E-mycin",
    "amoxicillin": "amoxicilin|Amoxicillin 500 mg capsule|Amoxil",
}
NEAR_MISSES = """
    sulfate|sulfates|sulphate|sulfur|sulphur|sulfite|sulfites|sulphites|metabisulfite|iodine|povidone iodine|iodide
    magnesium sulfate|Betadine|penicillamine|sulfasalazine|pencil|shellfish|nuts|strawberries|furosemide
    sulfite preservatives|penicillium mould|statin-free diet|cats|salt|contrasting colours
"""
CASES = [(word.strip(), meant) for meant, words in UNDERSTOOD.items() for word in words.replace("\n", "|").split("|")]


@pytest.mark.parametrize(("written", "meant"), CASES)
def test_what_the_ward_writes_is_understood(written, meant):
    assert allergen(written, KNOWLEDGE).said == meant


@pytest.mark.parametrize(
    "written", [word.strip() for word in NEAR_MISSES.replace("\n", "|").split("|") if word.strip()]
)
def test_what_only_looks_alike_is_no_class(written):
    meant = allergen(written, KNOWLEDGE)
    classes = {name for meaning in meant.meanings for name in meaning.classes}
    assert not meant.understood or not classes & {
        "sulfonamide-antibiotic",
        "penicillin",
        "iodinated-contrast",
        "statin",
    }


def test_several_in_one_record_are_each_understood_or_none_is_called_checked():
    assert allergen("PCN/sulfa", KNOWLEDGE).said == "penicillins, sulfonamide antibiotics"
    partly = allergen("penicillin and the blue tablets", KNOWLEDGE)
    assert not partly.understood and partly.said == ""
    assert any("penicillin" in meaning.classes for meaning in partly.meanings)  # and still warns
    slipped = allergen("penicilin, the blue tablets", KNOWLEDGE)
    assert not slipped.understood and any("penicillin" in meaning.classes for meaning in slipped.meanings)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("pen", "penicillins"),
        ("penicilin", "penicillins"),
        ("nsa", "NSAIDs"),
        ("aspr", "aspirin"),
        ("sulfa", "sulfonamide antibiotics"),
        ("augm", "amoxicillin + clavulanic acid"),
        ("contr", "iodinated contrast media"),
        ("PCN", "penicillins"),
        ("ibuprophen", "ibuprofen"),
    ],
)
def test_the_list_offers_what_was_meant_first(typed, first):
    assert suggested(typed, KNOWLEDGE)[0].substance == first


@pytest.mark.parametrize("typed", ["sulfate", "sulfite", "iodine", "sulfur", "zzz"])
def test_the_list_offers_no_sulfonamide_for_what_is_none(typed):
    assert "sulfonamide antibiotics" not in [choice.substance for choice in suggested(typed, KNOWLEDGE)]


def test_everything_offered_is_understood_again_when_it_is_recorded():
    for typed in ("pen", "ceph", "sulf", "asp", "tyl", "bac", "contr", "st", "co", "z"):
        for choice in suggested(typed, KNOWLEDGE):
            assert allergen(choice.substance, KNOWLEDGE).understood, choice


def test_free_text_says_whether_it_is_checked():
    assert as_written("purple tablets", KNOWLEDGE).detail == "as written: not checked against medicines"
    assert as_written("PCN", KNOWLEDGE).checked_as == "penicillins"


async def test_free_text_is_last_and_a_statement_offers_nothing(ada):
    offered = await allergen_options(ada, "penicillin")
    assert offered[0].substance == "penicillins" and offered[-1].substance == "penicillin"
    assert await allergen_options(ada, "NKDA") == []


async def test_a_recorded_slip_warns_and_free_text_is_marked(ada, mara, client):
    await patients.add_allergy(ada, mara.id, AllergyDraft(substance="penicilin", reaction="anaphylaxis"))
    noted = await patients.add_allergy(ada, mara.id, AllergyDraft(substance="purple tablets"))
    assert noted.checked_as == ""
    report = await safety.check(ada, mara.id, [], also=["amoxicillin"])
    assert [(alert.allergy, alert.severity.value) for alert in report.alerts] == [("penicilin", "contraindicated")]
    assert report.unchecked_allergies == ["purple tablets"]
    page = await (await client("ada", page=True)).get(f"/patients/{mara.id}")
    assert page.text.count("not checked against medicines") == 1
    assert "checked as penicillins" in page.text
