"""Why something may not be done at the pharmacy's counter, in words for the person who tried."""

from galen.core.errors import Conflict


class AlreadyTaken(Conflict):
    message = "{name} is working on this since {since}. Take it over only after speaking to them."


class OtherPharmacy(Conflict):
    message = "Another pharmacy of yours has taken this. Choose that site first (your name, top right)."


class AlreadyQueued(Conflict):
    message, constraint = "This supply is in the work queue already.", "dispensing_supply_key"


class NothingLeft(Conflict):
    message = "{total} of {total} supplies were given. The patient needs a new prescription."


class Stopped(Conflict):
    """A check stands in the way, and no reason helps."""

    message = "{title}. {detail}"


class Altered(Conflict):
    message = "This prescription is not what the prescriber signed. Do not dispense it; speak to the prescriber."
    audited = True


class NotAnswered(Conflict):
    message = "{count} need an answer with a reason first: {titles}."


class SecondPerson(Conflict):
    message = "Two persons are required here: you verified it, so a colleague must prepare it."
    constraint = "dispensing_two_persons_check"


class Lapsed(Conflict):
    message = "It was verified on another day. Verify it again."


class ChangedSince(Conflict):
    message = "Something has become known since it was verified: {titles}. Verify it again."


class NotVerified(Conflict):
    message = "A pharmacist verifies it first; it is {status}."


class NotEquivalent(Conflict):
    message = "{other} is not the same medicine as {drug} (same substance, strength and form)."


class NoSubstitution(Conflict):
    message = "The prescriber allows no other brand of {drug}."


class NothingThere(Conflict):
    message = "None of it is here. Hold it until it comes, or send the patient where it is."


class WhoCollects(Conflict):
    message = "A controlled medicine goes only to somebody known: write the collector's name and the document shown."
    constraint = "dispensing_collector_check"


class WhereAreTheGoods(Conflict):
    message = "It was handed over. Say where the goods are: never left the pharmacy, destroyed, or with the patient."


class OwedPartFirst(Conflict):
    message = "What was owed of it has been dispensed since ({number}). Reverse that part first."


class NotToReverse(Conflict):
    message = "Nothing has been dispensed here; it is {status}."


class NotThere(Conflict):
    status, message = 404, "No dispensing here has the number {code}."


class NobodyWaitsForPack(Conflict):
    status, message = 404, "This is a pack of {medicine}, and nobody waits for it here. Scan the label instead."


class SeveralWaitForPack(Conflict):
    message = "This is a pack of {medicine}, and several people wait for it. Choose whose it is in the list."


class NotDispensed(Conflict):
    message = "There are no labels before it is dispensed: they name the batches."


class WakeLater(Conflict):
    message = "It would wake on {day}, which is past. Choose a later day."


class PacksNotConfirmed(Conflict):
    message = "Scan the pack of each line first, or say why it is not scanned. Still open: {drugs}."


class PackChanged(Conflict):
    """The database's own word for it."""

    message = "A pack was not confirmed, or a wrong one was scanned meanwhile. Look at the page anew."
    constraint = "dispensing_packs_check"


class BatchGone(Conflict):
    message = "Batch {batch} of {drug}, which was scanned, can no longer be given from here. Scan another pack."


class NoOtherBatch(Conflict):
    message = "No other batch was scanned for this line. Scan the pack first."


class NoSuchLine(Conflict):
    status, message = 404, "This line is not part of the dispensing."


class NotAtPacks(Conflict):
    message = "Packs are scanned once it is verified and until it is dispensed; it is {status}."


class AskedAlready(Conflict):
    message, constraint = (
        "{name} has asked about this already, at {at}. It waits for the answer.",
        "intervention_open_key",
    )


class NotToAsk(Conflict):
    message = (
        "Nothing can be asked here any more; it is {status}. What is dispensed is undone first: then its stock is free."
    )


class WaitsForAnswer(Conflict):
    """The database's own word for it."""

    message = "A question to the prescriber is still open. Wait for the answer, or withdraw the question."
    constraint = "dispensing_unanswered_check"


class NotHeld(Conflict):
    message = "It is not held; it is {status}."


class NotYourPrescription(Conflict):
    status, message = 403, "Only {name}, who signed it, answers this. You can write a prescription of your own."


class AnsweredAlready(Conflict):
    message = "This was answered already by {name}: {outcome}."


class NothingToAnswer(Conflict):
    message = "This needs no answer any more."


class NotToTakeBack(Conflict):
    message = "This can no longer be taken back. Look at how it stands now."


class RefusedHere(Conflict):
    message = "The pharmacy refused this prescription: {reason}. Take the refusal back first, if that is right."


class EndedByPrescriber(Conflict):
    message = "The prescriber said about it: {outcome}. Nothing more may be supplied on it."


class NothingChanged(Conflict):
    message = "Nothing is changed by that: say another brand, quantity or number of days."


class NotToChange(Conflict):
    message = "It can be changed until it is dispensed; it is {status}."


class MoreThanPrescribed(Conflict):
    message = (
        "{most} of {drug} are prescribed. More needs the prescriber's word, or is a whole pack; never a controlled one."
    )


class LineRefused(Conflict):
    message = "{drug} was refused; it is not given."


class NothingStillToCome(Conflict):
    message = "Nothing is owed here."


class NotOnShelf(Conflict):
    message = "Only what is ready to collect is put on the shelf; it is {status}."


class StrayBag(Conflict):
    """The database's own word for it."""

    message = "This has been collected or undone meanwhile. Look at the page anew."
    constraint = "bag_dispensed_check"


class BagTwice(Conflict):
    message, constraint = "A colleague has just put it on the shelf. Look at the page anew.", "bag_live_key"


class NoBag(Conflict):
    status, message = 404, "It is in no bin of the will-call shelf."


class NoSuchBin(Conflict):
    status, message = 404, "No bin and no label here has the code {code}."


class SeveralInBin(Conflict):
    message = "Bin {bin} holds {count} bags: {numbers}. Scan the label of the one you mean."


class BagVoid(Conflict):
    message = (
        "Number {number} was not collected and went back into stock on {day}: its label is void. Dispense it anew."
    )


class KeepLonger(Conflict):
    message = "It would go back on {day}, which is past. Choose a later day."


class NotCollectedYet(Conflict):
    message = "It has not been handed over. Take it back as a whole instead; it is {status}."


class MoreThanGiven(Conflict):
    message = "More would be brought back than was given: at most {left} of batch {batch} of {drug}."
    constraint = "returned_item_given_check"
