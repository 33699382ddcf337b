"""States name the states they may become; assigning another one raises, wherever it is written."""

import pytest

from galen.core.record import Record
from galen.core.state import CannotBecome, State
from galen.modules import discover
from galen.patients import Allergy, AllergyStatus
from galen.prescribing import Prescription, PrescriptionStatus
from galen.queue import Token, TokenStatus

discover()
MACHINES = sorted(
    {
        column.type.enum_class
        for mapper in Record.registry.mappers
        for column in mapper.columns
        if isinstance(getattr(column.type, "enum_class", None), type) and issubclass(column.type.enum_class, State)
    },
    key=lambda e: (e.__module__, e.__name__),
)


class Lamp(State):
    OFF = "off", "on"
    ON = "on", "off broken"
    BROKEN = "broken"


def test_a_state_knows_its_next_ones():
    assert Lamp.ON.may_become("broken")
    assert not Lamp.BROKEN.may_become("on")
    assert Lamp.reachable() == {Lamp.OFF, Lamp.ON, Lamp.BROKEN}


def test_an_illegal_state_raises_on_the_assignment_itself():
    token = Token(status=TokenStatus.DONE)
    with pytest.raises(CannotBecome) as refused:
        token.status = TokenStatus.CALLED
    assert str(refused.value) == "This is done and cannot become called."


def test_a_state_refuses_to_become_what_it_is():
    allergy = Allergy(substance="penicillin", status=AllergyStatus.RESOLVED)
    with pytest.raises(CannotBecome):
        allergy.status = AllergyStatus.RESOLVED
    assert allergy.status is AllergyStatus.RESOLVED


def test_a_state_that_names_itself_may_be_said_again():
    """A number is called again and again; a prescription is supplied in many parts."""
    token = Token(status=TokenStatus.CALLED)
    token.status = TokenStatus.CALLED
    rx = Prescription(status=PrescriptionStatus.PARTLY_DISPENSED)
    rx.status = PrescriptionStatus.PARTLY_DISPENSED


REPEATED = {"called", "verified", "partly_dispensed", "part_paid"}
"""Reviewed: what may be said twice changes who or when, on purpose."""


def test_only_reviewed_states_accept_themselves():
    accepting = {state.value for machine in MACHINES for state in machine if state.may_become(state.value)}
    assert accepting == REPEATED


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: f"{m.__module__.split('.')[1]}.{m.__name__}")
def test_every_state_can_be_reached_and_names_only_known_ones(machine):
    known = {state.value for state in machine}
    assert all(state.nexts <= known for state in machine)
    assert {state.value for state in machine.reachable()} == known
