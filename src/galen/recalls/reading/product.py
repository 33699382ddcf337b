"""Which product a notice is about: name, strength and form as its description says them."""

import re
from dataclasses import dataclass

_UNIT = r"(?:mcg|mg|µg|ug|mEq|mmol|mMol|mCi|uCi|iu|I\.?U\.?|(?:USP |Heparin )*units?|%|million)"
_WEIGHT = r"(?:kg|grams?|gm?s?)"  # of the whole pack, unless it says of what
_NUMBER = r"\d[\d,.]*"
_PER = (
    rf"(?:\s*(?:/|\bper\b)\s*(?:{_NUMBER}\s*)?(?:{_UNIT}|{_WEIGHT}|mL|L|tablet|capsule|dose|actuation|spray|vial|syringe"
    rf"|patch|bag|hr|hour|pharmacy bulk package)(?![A-Za-z])|\s+in\s+{_NUMBER}\s*m?L(?![A-Za-z]))"
)
STRENGTH = re.compile(
    rf"(?<![\w./-])(?<!\d,)(?<!\b[Ii][Nn] ){_NUMBER}(?:\s?(?:{_UNIT}|{_WEIGHT})?\s?[/-]\s?{_NUMBER})*\s*-?\s*"
    rf"(?:{_UNIT}(?![A-Za-z])(?:{_PER})*|{_WEIGHT}(?![A-Za-z])(?:{_PER})+)",
    re.I,
)
FORMS = (
    "tablets? capsules? caplets? softgels? injections? injectables? solution suspension syrup elixir cream ointment "
    "gel lotion paste foam powder granules? spray drops patch(?:es)? suppositor(?:y|ies) lozenges? troches? film "
    "emulsion aerosol inhaler shampoo soap mouthwash rinse wipes? swabs? pads? pellets? implants? concentrate kits? "
    "liquid oil bars? enema gum balm sanitizer toothpaste"
).split()
KINDS = (
    r"film[-\s]coated chewable chew orally\sdisintegrating delayed[-\s]release extended[-\s]release sublingual "
    r"effervescent enteric[-\s]coated sustained[-\s]release buccal oral topical ophthalmic otic nasal rectal vaginal "
    "transdermal inhalation lyophilized soft hard"
).split()
FORM = re.compile(rf"(?i)(?<![\w-])((?:(?:{'|'.join(KINDS)})\s+)*(?:{'|'.join(FORMS)}))(?![\w-])")
CUT = re.compile(
    r"(?i),|;|\n|:\s|\b(?:Rx|packaged|NDC|UPC|lots?|batch|manufactured|mfg|mfd|distributed|compounded by)\b"
    r"|\bin \d|\b\d+[- ](?:count|ct)\b|\b[\d.]+ ?(?:m?L|g|grams?|fl|oz)\b| - |--"
)
AFTER = re.compile(r"(?i)\s*(?:\b\d+ ?x\b|\([a-z0-9]\)|\bfor\b|\bUSP\b|\bNF\b|[,(/-]|\bin\b|\band\b|\bwith\b)*\s*\Z")


@dataclass(frozen=True, slots=True)
class NoticeProduct:
    """A product as a notice describes it; what is not said is empty."""

    name: str = ""
    strength: str = ""
    form: str = ""


def read_product(description: str) -> NoticeProduct:
    """The name stands first; strength and form are the first that are said, as they are said."""
    text = re.sub(r"^[\s*\"']*(?:\(?[a-z1]\)\s*)?", "", description)
    about = re.split(r"(?i)\b(?:manufactured|mfg|mfd|distributed|dist\.? by|compounded by)\b", text, maxsplit=1)[0][
        :600
    ]
    strength, form = STRENGTH.search(about), FORM.search(about)
    ends = [found.start() for found in (strength, form, CUT.search(about)) if found and found.start() > 0]
    name = about[: min(ends, default=len(about))][:160]
    return NoticeProduct(
        tidy(AFTER.sub("", name)), tidy(strength[0]) if strength else "", tidy(form[0]) if form else ""
    )


def tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" ,.;:-–*\"'")
    return text + ")" if text.count("(") > text.count(")") else text
