"""The people of the demo: who they are and what they do. All of them are invented."""

from dataclasses import dataclass

DEMO = (("north", "Harbour Health", "AU"), ("south", "Riverside Health", "US"))
PASSWORD = "try-galen-today"
PATIENT = "mara"
"""The one patient of the demo who signs in herself."""


@dataclass(frozen=True)
class Person:
    """A member of staff: user name, how colleagues call them, roles, the site where they work."""

    username: str
    name: str
    role: str
    site: str


NORTH = [
    Person("iris", "Iris Admin", "admin", "Harbour Clinic"),
    Person("ada", "Dr Ada Okafor", "doctor", "Harbour Clinic"),
    Person("eve", "Dr Eve Lindqvist", "doctor", "Harbour Clinic"),
    Person("nora", "Nora Petrov", "nurse", "Harbour Clinic"),
    Person("ruth", "Ruth Tanaka", "receptionist", "Harbour Clinic"),
    Person("ben", "Ben Adeyemi", "pharmacist", "Harbour Pharmacy"),
    Person("kim", "Kim Sørensen", "pharmacist", "Harbour Pharmacy"),
    Person("max", "Max Moreau", "manager", "Harbour Clinic"),
]
SOUTH = [
    Person("zoe", "Dr Zoe Hart", "doctor", "Riverside Clinic"),
    Person("rex", "Rex Boone", "receptionist", "Riverside Clinic"),
    Person("pia", "Pia Ortiz", "pharmacist", "Riverside Pharmacy"),
    Person("ian", "Ian Admin", "admin", "Riverside Clinic"),
]


def people(organization: str) -> list[Person]:
    return SOUTH if organization == "south" else NORTH
