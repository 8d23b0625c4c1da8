"""Applications for tests, made by the same actions that people use."""

from uuid import uuid4

from accounts.models import User
from accounts.tests.make import make_user
from applications.actions import accept_application, revise_application, revise_requests, start_application, submit_application
from applications.models import Application, Version, draft_version
from institutions.models import Institution
from institutions.tests.make import make_institution
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.models import Sample


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
    revise_application(
        version, by=owner, seen_revision=0, title=title, research_question="How much solar-wind water do impact glasses keep?", plan=plan
    )
    if lines is None:
        sample = round.samples.order_by("number").first()
        assert sample is not None
        lines = [(sample, 10_000 if sample.is_divisible else sample.total_ug)]
    revise_requests(version, by=owner, seen_revision=1, lines=lines)
    return application


def the_draft(application: Application) -> Version:
    version = draft_version(application)
    assert version is not None
    version.application = application
    return version


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
