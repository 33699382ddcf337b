"""The declared mappings: suppliers whose lists are known, by the word that the command line knows them by."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ListedSupplier:
    """A supplier whose list is read by its own mapping; other columns are guessed as anywhere else."""

    slug: str
    name: str
    columns: dict[str, str] = field(default_factory=dict)  # header → field, where the guess would be wrong


# Australian suppliers of medicinal cannabis. Their lists name THC and CBD, the form, the pack, S8 or S4 and a price;
# headers change from one edition to the next, so none is fixed here that the guess reads rightly.
SUPPLIERS = {
    supplier.slug: supplier
    for supplier in (
        ListedSupplier("botanitech", "Botanitech"),
        ListedSupplier("medreleaf", "MedReleaf"),
        ListedSupplier("alma", "Alma"),
        ListedSupplier("phytoca", "Phytoca"),
        ListedSupplier("tasmanian-botanics", "Tasmanian Botanics"),
    )
}
