"""Every status with every move: the table says what leads on, and nothing else does."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from applications import workflow as steps
from applications.models import Application
from applications.tests.make import make_at, the_draft
from applications.workflow import MOVES, Status
from workflow.transitions import Move, NotPossibleNow

ALL = (*MOVES, steps.WITHDRAW_UNSEEN)


def columns_of(application: Application, step: Move) -> dict[str, Any]:
    """What the constraints ask of the row once the step is taken."""
    columns: dict[str, Any] = {"correct_by": timezone.now()}
    if application.status == Status.DRAFT and step == steps.SUBMIT:
        version = the_draft(application)
        columns |= {"current": version, "institution": version.institution, "submitted_at": timezone.now()}
    return columns


@pytest.mark.django_db
@pytest.mark.parametrize("status", list(Status))
def test_from_every_status_only_the_moves_of_the_table_lead_on(status: Status) -> None:
    application = make_at(status)
    assert application.status == status
    for step in ALL:
        before = Application.objects.get(pk=application.pk)
        with transaction.atomic():
            try:
                before.advance(step, by=None, **columns_of(application, step))
                moved = True
            except NotPossibleNow:
                moved = False
            after = Application.objects.get(pk=application.pk)
            transaction.set_rollback(True)
        assert moved == step.starts_from(status), step.name
        assert after.status == (step.target(status) if moved else status)
        assert after.version == application.version + moved


@pytest.mark.django_db
def test_of_two_copies_of_the_same_state_only_one_moves() -> None:
    application = make_at(Status.SUBMITTED)
    first, second = Application.objects.get(pk=application.pk), Application.objects.get(pk=application.pk)
    first.advance(steps.ACCEPT, by=None)
    with pytest.raises(NotPossibleNow):
        second.advance(steps.WITHDRAW, by=None)
    assert Application.objects.get(pk=application.pk).status == Status.IN_REVIEW


def test_the_table_knows_every_status_and_no_move_is_named_twice() -> None:
    assert len({step.name for step in MOVES}) == len(MOVES)
    for step in MOVES:
        assert step.sources <= set(Status.values)
        assert step.to in ("", *Status.values)
    reachable = {step.to for step in MOVES} | {Status.DRAFT.value}
    assert reachable >= set(Status.values)


def test_from_a_closed_status_no_move_leads_on() -> None:
    for status in steps.CLOSED:
        assert not [step.name for step in MOVES if step.starts_from(status)]
