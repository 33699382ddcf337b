"""What cannot be done at the counter, in words."""

from galen.core.errors import Conflict, Forbidden


class SaleOpenAlready(Conflict):
    message, constraint = "A sale was just begun in another window. Look at the counter again.", "sale_open_idx"


class SaleEnded(Conflict):
    message = "This sale is {status}. Begin a new one; what was paid is put right by a return."


class SaleWaits(Conflict):
    message = "This sale is parked. Take it up again first."


class PrescriptionNeeded(Forbidden):
    message = "{product} is handed out on prescription only. It cannot be sold over the counter."


class TooMuchOfIt(Conflict):
    message = "No more than {most} of {substance} is sold without a prescription ({source})."


class NotReadyToPay(Conflict):
    message = "{what}"


class NotAllPaid(Conflict):
    message = "{left} is still missing. The sale is paid as a whole: add another way of paying. Nothing was taken."


class SalePriced(Conflict):
    message, constraint = "A line of this sale has no price yet. Write one first.", "sale_priced"


class AtAnotherSite(Conflict):
    message = "This sale is at another site. Choose that site first (your name, top right)."


class GivenBackAlready(Conflict):
    message = "Part of this sale was given back on its invoice already; only {left} of it can still be given back."


class NotOfThisSale(Conflict):
    message = "This line does not belong to the sale."


class NotSold(Conflict):
    message = "Only what was sold can come back."


class NoMedicineBack(Conflict):
    message = "A medicine that has left the pharmacy is never sold again. Set it aside or destroy it."
