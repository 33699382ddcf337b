"""Which product a notice is about: name, strength and form as its description says them."""

import re
from dataclasses import dataclass

_UNIT = r"(?:mcg|mg|µg|ug|kg|grams?|gm?s?|mL|L|mEq|mmol|mMol|mCi|uCi|iu|I\.?U\.?|(?:USP |Heparin )*units?|%|million)"
_AMOUNT = rf"\d[\d,.]*\s*(?:-\s*)?{_UNIT}(?![A-Za-z])"
STRENGTH = re.compile(
    rf"(?<![\w.-])(?:{_AMOUNT}|\d[\d,.]*(?=\s?[/-]\s?\d[\d,.]*\s*{_UNIT}))(?:\s*(?:/|per|-|\bin\b)\s*(?:\d[\d,.]*\s*)?(?:{_UNIT}(?![A-Za-z])"
    r"|tablet|capsule|dose|actuation|spray|vial|syringe|patch|hr|hour))*",
    re.I,
)
FORMS = (
    "tablets? capsules? caplets? softgels? injections? injectables? solution suspension syrup elixir cream ointment gel "
    "lotion paste foam powder granules? spray drops patch(?:es)? suppositor(?:y|ies) lozenges? troches? film emulsion "
    "aerosol inhaler shampoo soap mouthwash rinse wipes? swabs? pads? pellets? implants? concentrate kits? liquid oil "
    "bars? enema gum balm sanitizer toothpaste"
).split()
FORM = re.compile(
    r"(?i)(?<![\w-])((?:(?:film[- ]coated|chewable|chew|orally disintegrating|delayed[- ]release|extended[- ]release|sublingual"
    r"|effervescent|enteric[- ]coated|sustained[- ]release|buccal|oral|topical|ophthalmic|otic|nasal|rectal|vaginal|transdermal"
    r"|inhalation|lyophilized|soft|hard)\s+)*(?:" + "|".join(FORMS) + r"))(?![\w-])"
)
CUT = re.compile(
    r"(?i),|;|\n|:\s|\bRx\b|\bpackaged\b|\bNDC\b|\bUPC\b|\blots?\b|\bbatch\b|\bmanufactured\b|\bmfg\b|\bmfd\b|\bdistributed\b|\bcompounded by\b"
    r"|\b\d+[- ](?:count|ct)\b| - |--"
)
AFTER = re.compile(r"(?i)\s*(?:\bfor\b|\bUSP\b|\bNF\b|[,(/-]|\bin\b|\band\b|\bwith\b)*\s*\Z")


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
