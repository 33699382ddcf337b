"""What the safety check makes of a recorded allergen: lent by the module above, which knows the substances."""

from collections.abc import Awaitable, Callable, Sequence

from .models import Allergy

Reader = Callable[[Sequence[str]], Awaitable[Sequence[str]]]
READERS: list[Reader] = []


def understands_allergens(reader: Reader) -> Reader:
    """Lend patients what tells, for each substance as it was written, as what it is checked; empty where it is not."""
    READERS.append(reader)
    return reader


async def mark_checked(allergies: list[Allergy]) -> list[Allergy]:
    """The same allergies, each with what the check takes it for. What is in the air is not checked."""
    named = [allergy for allergy in allergies if allergy.kind != "environment"]
    for reader in READERS if named else ():
        for allergy, meant in zip(named, await reader([allergy.substance for allergy in named]), strict=True):
            allergy.checked_as = meant
    return allergies
