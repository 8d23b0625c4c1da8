"""Applications for tests, made by the same actions that people use."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from accounts.tests.make import make_user
from applications import workflow as steps
from applications.actions import (
    accept_application,
    accept_invitation,
    expire_applications,
    invite_member,
    return_application,
    revise_application,
    revise_requests,
    start_application,
    submit_application,
)
from applications.demonstration import ANSWERS, line_answers
from applications.forms import AnswersForm
from applications.models import Application, Part, Version, draft_version
from applications.questions import asked_lines, parts_of
from applications.workflow import DECIDED, Status
from institutions.models import Institution
from institutions.tests.make import make_institution
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.models import Sample
from workflow.transitions import Move


def make_draft(
    round: Round | None = None,
    *,
    owner: User | None = None,
    institution: Institution | None = None,
    lines: list[tuple[Sample, int]] | None = None,
    title: str = "Water in glass beads",
    plan: str = "Pick beads in nitrogen and map them before any beam touches them.",
) -> Application:
    """A complete draft: 10 mg of the first powder that the round offers, unless told otherwise."""
    round = round or make_round()
    owner = owner or make_user()
    application = start_application(round, by=owner, institution=institution or make_institution())
    version = the_draft(application)
    if lines is None:
        sample = round.samples.order_by("number").first()
        assert sample is not None
        lines = [(sample, 10_000 if sample.is_divisible else sample.present_ug)]
    about = ANSWERS[round.kind] | line_answers(sample for sample, _mass in lines)
    question = "How much solar-wind water do impact glasses keep?"
    revise_application(version, by=owner, seen_revision=0, title=title, research_question=question, plan=plan, **about)
    revise_requests(version, by=owner, seen_revision=1, lines=lines)
    return application


def make_member(application: Application, part: Part = Part.READ, person: User | None = None) -> User:
    """Somebody who was invited and has accepted."""
    person = person or make_user()
    accept_invitation(invite_member(application, by=application.owner, email=person.email, part=part), by=person)
    return person


def the_draft(application: Application) -> Version:
    version = draft_version(application)
    assert version is not None
    version.application = application
    return version


def form_words(application: Application, section: str, **typed: str) -> dict[str, str]:
    """What a browser without script sends from one part of the form as it stands now, with these words typed into it."""
    version = the_draft(application)
    part = parts_of(application.round.kind)[section]
    form = AnswersForm(part, version, numbers=[number for number, _place in asked_lines(version.answers)])
    stored = {name: version.answer(name) for name in form.by_name if version.answer(name)}
    return dict(form.hidden_bases()) | stored | typed


def make_submitted(round: Round | None = None, **fields: object) -> Application:
    application = make_draft(round, **fields)  # type: ignore[arg-type]
    submit_application(application, by=application.owner, key=uuid4())
    return Application.objects.with_case().get(pk=application.pk)


def make_in_review(round: Round | None = None, *, officer: User | None = None, **fields: object) -> Application:
    """Submitted, the round closed, and accepted by the office."""
    application = make_submitted(round, **fields)
    close_round(application.round)
    application = Application.objects.with_case().get(pk=application.pk)
    accept_application(application, by=officer or make_user())
    return Application.objects.with_case().get(pk=application.pk)


def make_returned(
    round: Round | None = None, *, note: str = "Name the laboratory.", correct_in: timedelta = timedelta(days=5), **fields: object
) -> Application:
    """Submitted, the round closed, and given back with a reason and a date."""
    application = make_submitted(round, **fields)
    close_round(application.round)
    application = Application.objects.with_case().get(pk=application.pk)
    return_application(application, by=make_user(), note=note, correct_by=timezone.now() + correct_in)
    return Application.objects.with_case().get(pk=application.pk)


def make_at(status: Status) -> Application:
    """An application in any status, brought there by the moves of the table. A decision is visible at once and has no rows of its own."""
    if status == Status.DRAFT:
        return make_draft()
    if status == Status.SUBMITTED:
        return make_submitted()
    if status == Status.RETURNED:
        return make_returned()
    if status == Status.NOT_SUBMITTED:
        application = make_draft()
        close_round(application.round)
        expire_applications()
        application.refresh_from_db()
        return application
    application = make_submitted()
    for step in WAYS[status]:
        columns: dict[str, Any] = {"visible_at": timezone.now()} if step.to in DECIDED else {}
        application.advance(step, by=None, **columns)
    return application


WAYS: dict[Status, tuple[Move, ...]] = {
    Status.REFUSED: (steps.REFUSE,),
    Status.IN_REVIEW: (steps.ACCEPT,),
    Status.INVITED: (steps.ACCEPT, steps.INVITE),
    Status.APPROVED: (steps.ACCEPT, steps.APPROVE),
    Status.RESERVE: (steps.ACCEPT, steps.PUT_IN_RESERVE),
    Status.DECLINED: (steps.ACCEPT, steps.DECLINE),
    Status.WITHDRAWN: (steps.WITHDRAW,),
    Status.LAPSED: (steps.ACCEPT, steps.APPROVE, steps.LAPSE),
}
