"""What happens when two do it at once: sign, lapse, extend, withdraw. One wins, and nothing is left in between."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from applications.workflow import Status
from institutions.models import Institution, Kind
from institutions.tests.make import make_institution
from letters.models import Letter
from loans.actions import extend_agreement, lapse_agreement, make_agreements, sign_agreement
from loans.models import Agreement
from loans.tests.make import make_agreement, seen_again, sign_words
from loans.workdays import beijing_date
from loans.workflow import AgreementStatus
from results.tests.make import make_announced
from reviews.tests.test_races import at_once
from rounds.tests.make import make_round
from samples.models import Hold, Sample

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="a test's SQLite lives in memory and knows one connection"),
]


@pytest.fixture
def institution() -> Institution:
    """These tests empty the tables, countries as well; this kind needs none."""
    return make_institution(kind=Kind.ORGANISATION)


def calls(agreement: Agreement) -> dict[str, Callable[[], object]]:
    """Each with a copy of its own, as two pages have that were opened before."""
    officers = [make_user(None, Role.OFFICER) for _ in range(3)]
    signing, lapsing, extending = (seen_again(agreement) for _ in range(3))
    later = beijing_date(timezone.now()) + timedelta(days=5)
    words = sign_words(agreement) | {"signed_on": agreement.due_on}
    application = Application.objects.get(pk=agreement.application.pk)
    return {
        "sign": lambda: sign_agreement(signing, by=officers[0], **words),  # type: ignore[arg-type]
        "lapse": lambda: lapse_agreement(lapsing, by=officers[1]),
        "extend": lambda: extend_agreement(extending, by=officers[2], due_on=later, reason="Travelling."),
        "withdraw": lambda: withdraw_application(application, by=application.owner),
    }


@pytest.mark.parametrize("pair", [("sign", "lapse"), ("extend", "lapse"), ("sign", "withdraw"), ("lapse", "withdraw"), ("sign", "extend")])
def test_of_two_at_once_one_wins(pair: tuple[str, str], institution: Institution) -> None:
    for _ in range(5):
        agreement = make_agreement(institution=institution, ago=60)
        ways = calls(agreement)
        results = at_once(*(ways[name] for name in pair))
        failed = [result for result in results if isinstance(result, Exception)]
        assert len(failed) == 1, results
        assert type(failed[0]).__name__ in {"NotPossibleNow", "NotOverdue"}
        agreement = seen_again(agreement)
        application = agreement.application
        is_live = application.status == Status.APPROVED
        assert Hold.objects.open().of([application.reference]).exists() == is_live
        assert Letter.objects.filter(key=agreement.certificate_key).count() == (agreement.status == AgreementStatus.SIGNED)
        assert Letter.objects.filter(kind="lapsed", reference=application.reference).count() == (agreement.status == AgreementStatus.LAPSED)
    sample = Sample.objects.get(number="CE5C0600")
    assert sample.vault_ug >= 0


def test_two_strokes_of_the_clock_make_each_agreement_once(institution: Institution) -> None:
    make_announced(make_round(), *({"institution": institution} for _ in range(4)))
    made = at_once(make_agreements, make_agreements, make_agreements)
    assert sum(count for count in made if isinstance(count, int)) == 4
    assert Agreement.objects.count() == 4
