"""The digits that guard a number which people and scanners copy."""


def gtin_check_digit(body: str) -> str:
    """The last digit of a GTIN (GS1 General Specifications 7.9): weights 3, 1, 3 … from the right, up to a ten."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def is_digits(text: str) -> bool:
    """Only the digits 0 to 9: `isdigit` alone takes ² and ٣ for digits, too."""
    return text.isascii() and text.isdigit()


def is_guarded(number: str) -> bool:
    """Digits of which the last one is right: of a GTIN, an SSCC, a GLN."""
    return is_digits(number) and gtin_check_digit(number[:-1]) == number[-1]


def is_gtin(code: str) -> bool:
    """8, 12, 13 or 14 digits of which the last one is right."""
    return len(code) in {8, 12, 13, 14} and is_guarded(code)


def upc_a(code: str) -> str | None:
    """The twelve digits that the eight of a UPC-E stand for (General Specifications 5.2.2.4); none if it is none."""
    if len(code) != 8 or not is_digits(code) or code[0] not in "01":
        return None
    system, digits, last, check = code[0], code[1:6], code[6], code[7]
    if last in "012":
        body = f"{digits[:2]}{last}0000{digits[2:]}"
    elif last == "3":
        body = f"{digits[:3]}00000{digits[3:]}"
    elif last == "4":
        body = f"{digits[:4]}00000{digits[4]}"
    else:
        body = f"{digits}0000{last}"
    whole = f"{system}{body}{check}"
    return whole if is_guarded(whole) else None


PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
SIGNS = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PAIRS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def gmn_check_pair(body: str) -> str:
    """The last two characters of a Global Model Number (General Specifications 7.9.5)."""
    total = sum(SIGNS.index(sign) * prime for sign, prime in zip(reversed(body), PRIMES, strict=False)) % 1021
    return PAIRS[total >> 5] + PAIRS[total & 31]
