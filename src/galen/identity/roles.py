"""The permissions, in one place, and the seven built-in roles as sets of them (ID-2)."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from fnmatch import filter as matching

from galen.core.errors import Refusal

PERMISSIONS = {
    "organization.read": "See the organisation and its sites",
    "organization.write": "Open, change and close sites",
    "account.read": "See accounts and roles",
    "account.write": "Create, change and close accounts and roles",
    "profile.use": "Change one's own password, site and sessions",
    "patient.read": "Find and open patients",
    "patient.write": "Register and change patients",
    "patient.archive": "Archive and restore patients",
    "clinical.read": "See allergies, conditions, medication, immunisations, vitals",
    "clinical.write": "Record allergies, conditions, medication, immunisations, vitals",
    "document.read": "See patients' documents (a patient: own ones that were released)",
    "document.write": "Add patients' documents, release them to the patient",
    "document.withdraw": "Withdraw and restore patients' documents",
    "practitioner.read": "See doctors and their availability",
    "practitioner.write": "Change doctors' profiles and availability",
    "appointment.read": "See appointments (a doctor: own ones)",
    "appointment.read_all": "See every doctor's appointments",
    "appointment.book": "Book, move and cancel appointments",
    "appointment.manage": "Mark arrivals and no-shows, overbook with a reason",
    "queue.read": "See today's queue",
    "queue.checkin": "Check patients in",
    "queue.call": "Call the next patient",
    "visit.read": "See visits, notes, diagnoses",
    "visit.write": "Run visits: vitals, diagnoses, notes, completion",
    "template.use": "Use note templates and keep own ones",
    "template.manage": "Keep the organisation's note templates",
    "prescription.read": "See prescriptions",
    "prescription.write": "Draft prescriptions",
    "prescription.sign": "Sign and cancel own prescriptions",
    "medicine.read": "Search medicines",
    "medicine.write": "Change the catalogue",
    "safety.check": "Ask the medication safety checker",
    "stock.read": "See stock and movements",
    "stock.receive": "Receive batches",
    "stock.adjust": "Adjust, count and quarantine stock",
    "stock.supervise": "See and post a stocktake's differences, take off stock beyond the limit, set the limits",
    "order.write": "Write purchase orders and suppliers' bills",
    "order.approve": "Approve purchase orders up to the limit, and send them",
    "order.supervise": "Approve orders beyond the limit, accept bills that differ, set how orders are made",
    "coldchain.read": "See fridges, their temperatures and excursions",
    "coldchain.handle": "Take up excursions and write to their thread",
    "coldchain.decide": "Decide what becomes of batches that were out of range",
    "coldchain.manage": "Set up fridges, ranges and sensors",
    "dispensing.read": "See the pharmacy's work queue",
    "dispensing.prepare": "Pick and label medicines",
    "dispensing.verify": "Verify as pharmacist",
    "dispensing.handover": "Hand over to the patient, reverse",
    "recall.read": "See recalls, and who received what is recalled",
    "recall.manage": "Open recalls, block batches, tell patients, close and sign",
    "invoice.read": "See invoices and receipts",
    "invoice.write": "Make, discount and void invoices",
    "invoice.discount_any": "Give discounts of more than 10 %",
    "payment.take": "Take payments",
    "payment.refund": "Refund payments",
    "sale.read": "See what was sold over the counter",
    "sale.write": "Sell over the counter",
    "sale.price": "Write a price that the catalogue does not know or tells otherwise",
    "credit.read": "See charge accounts and statements",
    "credit.manage": "Open charge accounts, set their limits, go beyond a limit",
    "till.move": "Pay cash into and out of a till",
    "till.manage": "Set up drawers, see and close everybody's tills",
    "ledger.read": "See the books and close the day",
    "audit.read": "Search the audit log and verify its seals",
    "outbox.read": "See messages sent and waiting",
    "job.read": "See background jobs",
    "job.manage": "Run failed background jobs again, discard them",
    "import.run": "Import records from files",
    "search.use": "Use the search box",
    "home.reception": "Home page of the reception desk",
    "home.doctor": "Home page of a doctor",
    "home.pharmacy": "Home page of the pharmacy",
    "home.manager": "Home page of a manager",
    "home.patient": "Home page of a patient",
    "home.admin": "Home page of an administrator",
}

EVERY_STAFF = "organization.read profile.use search.use practitioner.read medicine.read"

ROLES: dict[str, frozenset[str]] = {
    role: frozenset(words.split())
    for role, words in {
        "admin": f"""{EVERY_STAFF} organization.write account.* practitioner.write medicine.write audit.read outbox.read
            job.* import.run coldchain.read coldchain.manage patient.read patient.write patient.archive
            appointment.read appointment.read_all queue.read template.* home.admin""",
        "doctor": f"""{EVERY_STAFF} patient.read patient.write clinical.* document.* appointment.read
            appointment.book queue.read queue.call visit.* template.use prescription.* safety.check stock.read
            coldchain.read home.doctor""",
        "nurse": f"""{EVERY_STAFF} patient.read patient.write clinical.* document.* appointment.read
            appointment.read_all queue.* visit.* template.use prescription.read safety.check stock.read
            coldchain.read coldchain.handle home.reception""",
        "pharmacist": f"""{EVERY_STAFF} patient.read clinical.read document.read document.write prescription.read
            safety.check medicine.write stock.read stock.receive stock.adjust order.write order.approve recall.*
            dispensing.* invoice.read invoice.write payment.take till.move sale.* credit.read coldchain.*
            home.pharmacy""",
        "receptionist": f"""{EVERY_STAFF} patient.read patient.write document.* appointment.* queue.read queue.checkin
            invoice.read
            invoice.write payment.take till.move sale.read sale.write credit.read home.reception""",
        "manager": f"""{EVERY_STAFF} organization.write account.read practitioner.write patient.read patient.archive
            appointment.read appointment.read_all queue.read medicine.write stock.* order.* recall.* invoice.* payment.*
            till.* sale.* credit.* ledger.read audit.read outbox.read template.* coldchain.read coldchain.handle
            coldchain.manage home.manager""",
        "patient": """profile.use patient.read clinical.read document.read practitioner.read appointment.read
            appointment.book visit.read prescription.read invoice.read home.patient""",
    }.items()
}


class UnknownPermission(Refusal):
    """It would grant nothing, and nobody would notice."""

    status, message = 500, "The role {role} names {word}, and there is no such permission.{hint}"


def refuse_unknown(roles: Mapping[str, Collection[str]], known: Collection[str] = PERMISSIONS.keys()) -> None:
    """Every word of every role is a permission of the list, or a pattern such as `stock.*` that fits one at least."""
    for role, words in roles.items():
        for word in sorted(words):
            if not matching(known, word):
                near = get_close_matches(word, known, 1)
                hint = f" Is {near[0]} meant?" if near else ""
                raise UnknownPermission(role=role, word=word, hint=hint)


refuse_unknown(ROLES)


def permissions_of(roles: list[str], custom: dict[str, list[str]] | None = None) -> frozenset[str]:
    """What these roles together allow; `public.*` is everybody's."""
    named = (ROLES.get(role) or frozenset((custom or {}).get(role, ())) for role in roles)
    return frozenset({"public.*"}.union(*named))
