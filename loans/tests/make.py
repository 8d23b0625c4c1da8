"""Agreements for tests, made by the same actions that people use."""

from datetime import date, datetime, time, timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from letters.models import Letter
from loans.actions import make_agreements, propose_promotion
from loans.models import Agreement, Promotion, reserve_of
from loans.workdays import BEIJING, beijing_date
from results.tests.make import make_announced
from reviews.tests.make import announce, browser_of, decide, make_cases
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import make_round


def make_agreement(round: Round | None = None, *, ago: int = 0, **wanted: object) -> Agreement:
    """The agreement of an approved application, told `ago` days ago."""
    (agreement,) = make_agreements_of(round, wanted, ago=ago)
    return agreement


def make_agreements_of(round: Round | None, *wanted: dict[str, object], ago: int = 0) -> list[Agreement]:
    """Agreements of one round, in the order of their applications."""
    applications = make_announced(round or make_round(), *wanted)
    if ago:
        long_ago = timezone.now() - timedelta(days=ago)
        Letter.objects.filter(reference__in=[each.reference for each in applications], kind="decision").update(visible_at=long_ago)
        Application.objects.filter(pk__in=[each.pk for each in applications]).update(visible_at=long_ago)
    make_agreements()
    return list(Agreement.objects.for_page().filter(decision__application__in=applications).order_by("reference"))


def seen_again(agreement: Agreement) -> Agreement:
    """The agreement as somebody reads it who opens it now."""
    found: Agreement = Agreement.objects.for_page().get(pk=agreement.pk)
    return found


def sign_words(agreement: Agreement) -> dict[str, object]:
    return {"signed_on": beijing_date(timezone.now()), "legal_representative": "Dean Zhang", "responsible_user": str(agreement.application.owner)}


def browser_long_ago(user: User) -> Client:
    """A browser in which this person signed in too long ago for a step that cannot be undone."""
    client = browser_of(user)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    return client


def at(day: date, hour: int = 12) -> datetime:
    """A moment of a day in Beijing."""
    return datetime.combine(day, time(hour), BEIJING)


def make_reserve(round: Round, **wanted: object) -> Application:
    """An application in announced reserve; the round is still open before."""
    (case,) = make_cases(1, round, **wanted)
    decide(case, outcome=Outcome.RESERVE)
    announce(round)
    return Application.objects.with_case().get(pk=case.pk)


def make_proposal(application: Application, by: User | None = None, *, overruled: str = "") -> Promotion:
    """All that waits and can be lent, proposed."""
    by = by or make_user(None, Role.OFFICER)
    (reserved,) = reserve_of(by, application.round, application.reference)
    masses = {line.request: min(line.most_ug, line.left_ug) for line in reserved.waiting if line.is_possible}
    return propose_promotion(application, by=by, masses_ug=masses, reason="Mass is free again.", overruled=overruled)
