"""Statements that there is none, or that nothing is known, in the words people use: never a fact of its own."""

import re

from galen.values.search_key import search_key

NONE = frozenset(
    """
    no nil none nothing never not neither without negative neg deny denies denied
    nka nkda nkfa nkma nkea nkmi nkca keine keinerlei kein ninguna ninguno ningun sin niega aucun aucune
    """.split()
)
ABOUT = frozenset(
    """
    a an any all and or of to the is are has have had at this that time present presently patient pt he she they
    currently current active actively known knowns regular regularly other further significant relevant past previous
    prior personal reported recorded noted stated declared documented identified disclosed listed on record taken taking
    takes take using uses use used being be been ever given having received receives history hx pmh pmhx
    medical clinical health chronic ongoing longstanding list adverse drug food environmental environment latex seasonal
    prescription prescribed prescriptions otc counter over foods medicinal substance substances therapy treatment
    treatments surgical surgery surgeries procedure procedures device devices

    allergy allergies allergic allergen allergens intolerance intolerances sensitivity sensitivities hypersensitivity
    hypersensitivities reaction reactions adr adrs problem problems condition conditions diagnosis diagnoses disease
    diseases illness illnesses comorbidity comorbidities disability medication medications medicine medicines meds med
    drugs tablet tablets pills supplements immunisation immunisations immunization immunizations vaccine vaccines
    vaccination vaccinations vaccinated immunised immunized immune situation finding disorder

    bekannt bekannte bekannten allergie allergien medikamente medikation dauermedikation vorerkrankungen impfungen
    unvertraglichkeiten conocida conocidas conocido conocidos alergia alergias medicamentosas medicamentos
    medicacion problemas enfermedades vacunas antecedentes de connu connue connus connues allergies medicament
    medicaments traitement en cours
    """.split()
)
ALONE = frozenset(
    """
    nad|nil significant|n a|na|not applicable|nkda|nka|nil known|none known|nil of note|nil relevant|unvaccinated
    unimmunised|unimmunized|nihil|ninguna|ninguno|keine|aucun|aucune|ohne befund|nichts bekannt
    """.replace("\n", "|")
    .replace("    ", "")
    .split("|")
)
UNSAID = frozenset(
    """
    unknown|not known|unsure|not sure|uncertain|not stated|not recorded|not asked|not provided|not available|unspecified
    unable to obtain|unable to assess|unable to determine|to be confirmed|tbc|tba|tbd|unk|no information|no info
    unknown allergies|unknown allergy|unknown drug|unknown medication|unknown medicine|unknown vaccine|no data
    no information available|information not available|not documented|unbekannt|desconocido|desconocida|inconnu|inconnue
    """.replace("\n", "|")
    .replace("    ", "")
    .split("|")
)
OF_SOME = frozenset("food environmental environment latex seasonal nkfa nkea".split())
OF_MEDICINES = frozenset("drug drugs medication medications medicine medicines nkda nkma".split())
CODES = {  # SNOMED CT, and the absent-unknown codes of the International Patient Summary
    **dict.fromkeys(("716186003", "160244002", "no-known-allergies"), "all"),
    **dict.fromkeys(("409137002", "1234391000168107", "no-known-medication-allergies"), "medicines"),
    **dict.fromkeys(
        """
        428607008 429625007 428197003 409136006 716184000 1003774007 160245001 787481004 182849000
        no-known-food-allergies no-known-environmental-allergies no-known-problems no-known-medication
        no-known-medications no-known-immunization no-known-immunizations no-known-procedures no-known-devices
        """.split(),
        "some",
    ),
}
"""Coded statements that there is none: no allergy at `all`, none to `medicines`, or none of `some` other thing."""
_MARKS = re.compile(r"[-–—_?.*/\\#\s]*")


def says_unknown(text: str) -> bool:
    """Only that nobody knows, or asked: “unknown”, “not stated”, “?”."""
    return bool(text) and (search_key(text) in UNSAID or _MARKS.fullmatch(text) is not None)


def says_none(text: str) -> bool:
    """Only that there is none: “NKDA”, “nil known”, “no regular medicines”. One word beyond these, and it is a fact."""
    key = search_key(_slashed(text))
    words = key.split()
    if not words or key in UNSAID:
        return False
    return key in ALONE or (any(word in NONE for word in words) and all(word in NONE | ABOUT for word in words))


def of_some_only(text: str) -> bool:
    """None of one kind was named, such as food: that says nothing of medicines."""
    words = set(search_key(_slashed(text)).split())
    return bool(words & OF_SOME) and not words & OF_MEDICINES


def of_medicines_only(text: str) -> bool:
    """None of medicines: of food and pollen nobody spoke."""
    words = set(search_key(_slashed(text)).split())
    return bool(words & OF_MEDICINES) and not words & OF_SOME


def _slashed(text: str) -> str:
    """`nil/NKDA` and `NKDA.` are words, too; `N.K.D.A.` is one."""
    return re.sub(r"[/,;:()]", " ", re.sub(r"(?<=\b\w)\.(?=\w\b)", "", text))
