"""The people of the demo: who they are and what they do. All of them are invented."""

from dataclasses import dataclass

DEMO = (("north", "Harbour Health", "AU"), ("south", "Riverside Health", "US"))
PASSWORD = "try-galen-today"
PATIENT = "mara"
"""The one patient of the demo who signs in herself."""


@dataclass(frozen=True)
class StaffMember:
    """A member of staff: user name, how colleagues call them, roles, the site where they work."""

    username: str
    name: str
    role: str
    site: str


NORTH = [
    StaffMember("iris", "Iris Admin", "admin", "Harbour Clinic"),
    StaffMember("ada", "Dr Ada Okafor", "doctor", "Harbour Clinic"),
    StaffMember("eve", "Dr Eve Lindqvist", "doctor", "Harbour Clinic"),
    StaffMember("nora", "Nora Petrov", "nurse", "Harbour Clinic"),
    StaffMember("ruth", "Ruth Tanaka", "receptionist", "Harbour Clinic"),
    StaffMember("ben", "Ben Adeyemi", "pharmacist", "Harbour Pharmacy"),
    StaffMember("kim", "Kim Sørensen", "pharmacist", "Harbour Pharmacy"),
    StaffMember("max", "Max Moreau", "manager", "Harbour Clinic"),
]
SOUTH = [
    StaffMember("zoe", "Dr Zoe Hart", "doctor", "Riverside Clinic"),
    StaffMember("rex", "Rex Boone", "receptionist", "Riverside Clinic"),
    StaffMember("pia", "Pia Ortiz", "pharmacist", "Riverside Pharmacy"),
    StaffMember("ian", "Ian Admin", "admin", "Riverside Clinic"),
]


def people(organization: str) -> list[StaffMember]:
    """The staff of one of the two organisations."""
    return SOUTH if organization == "south" else NORTH
