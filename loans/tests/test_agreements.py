"""Agreements are made, extended, signed, and lapse: what each writes, and what each refuses."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import bind_application, withdraw_application
from applications.models import Application
from applications.workflow import Status
from letters.models import Letter, Mail
from loans.actions import (
    ExtensionImpossible,
    NotOverdue,
    SignatureImpossible,
    SignedTooLate,
    end_agreements,
    extend_agreement,
    lapse_agreement,
    make_agreements,
    sign_agreement,
)
from loans.models import Agreement, AgreementExtension
from loans.tests.make import make_agreement, make_agreements_of, seen_again, sign_words
from loans.workdays import Calendar, beijing_date
from loans.workflow import AgreementStatus
from results.tests.make import make_decided
from reviews.actions import announce_decisions, run_announcements
from reviews.actions.lapsing import lapse_award
from reviews.models import Decision
from reviews.tests.make import decide, make_case
from reviews.workflow import Outcome
from rounds.tests.make import make_round
from samples.models import Hold, Sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def test_an_agreement_is_made_once_the_announcement_is_visible_and_only_once() -> None:
    round = make_round(signing_days=5)
    (application,) = make_decided(round, {})
    assert make_agreements() == 0
    announce_decisions(round, by=make_user(None, Role.APPROVER), count=1)
    assert make_agreements() == 0
    run_announcements()
    assert make_agreements() == 1
    assert make_agreements() == 0
    agreement = Agreement.objects.get()
    application.refresh_from_db()
    assert application.visible_at is not None
    assert agreement.reference == f"LSB-{timezone.localdate().year}-00001"
    assert agreement.noticed_on == beijing_date(application.visible_at)
    assert agreement.due_on == Calendar().after(agreement.noticed_on, 5)
    mail = Mail.objects.get(key__startswith="signing:notice:")
    assert mail.recipient == application.owner.email
    assert "24:00" in mail.body
    assert agreement.reference in mail.body


def test_reserve_and_declined_get_none(officer: User) -> None:
    for outcome in (Outcome.RESERVE, Outcome.DECLINED):
        case = make_case(make_round())
        decide(case, outcome=outcome)
        announce_decisions(case.round, by=make_user(None, Role.APPROVER), count=1)
    run_announcements()
    assert make_agreements() == 0


def test_the_signature_binds_the_application_and_writes_one_certificate(officer: User) -> None:
    agreement = make_agreement()
    letter = sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]
    agreement = seen_again(agreement)
    assert agreement.status == AgreementStatus.SIGNED
    assert agreement.application.signed_on == agreement.signed_on
    assert letter.kind == "certificate"
    assert letter.kind_en == "Lunar sample certificate"
    assert letter.is_visible
    for said in ("CE5C0600", "10.0", "Lunar Sample Provided by CNSA", "12 months", "Art. 20", "Dean Zhang", agreement.reference):
        assert said in letter.text_en, said
    for said in ("月球样品由国家航天局提供", "月球样品证书", "第二十条"):
        assert said in letter.text_zh, said
    with pytest.raises(NotPossibleNow):
        sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]
    assert Letter.objects.filter(kind="certificate").count() == 1
    with pytest.raises(NotPossibleNow):
        withdraw_application(agreement.application, by=agreement.application.owner)
    assert Hold.objects.open().of([agreement.application.reference]).exists()


def test_a_signature_outside_its_time_is_refused_and_nothing_is_written(officer: User) -> None:
    agreement = make_agreement(ago=60)
    words = sign_words(agreement)
    refused: list[tuple[type[Exception], dict[str, object]]] = [
        (SignedTooLate, {}),
        (SignatureImpossible, {"signed_on": agreement.noticed_on - timedelta(days=1)}),
        (SignatureImpossible, {"signed_on": beijing_date(timezone.now()) + timedelta(days=1)}),
        (SignatureImpossible, {"legal_representative": "  "}),
        (SignatureImpossible, {"responsible_user": ""}),
    ]
    for problem, change in refused:
        with pytest.raises(problem):
            sign_agreement(agreement, by=officer, **(words | change))  # type: ignore[arg-type]
    assert seen_again(agreement).is_open
    # signed in time and arrived late: the day counts
    sign_agreement(agreement, by=officer, **(words | {"signed_on": agreement.due_on}))  # type: ignore[arg-type]
    assert seen_again(agreement).is_signed


def test_more_time_is_given_with_a_reason_also_after_the_end_and_is_remembered(officer: User) -> None:
    agreement = make_agreement(ago=60)
    before, later = agreement.due_on, beijing_date(timezone.now()) + timedelta(days=3)
    extension = extend_agreement(agreement, by=officer, due_on=later, reason="The dean was travelling.")
    agreement = seen_again(agreement)
    assert (extension.due_before, extension.due_on, agreement.due_on) == (before, later, later)
    assert not agreement.is_overdue
    assert Mail.objects.filter(key__startswith="signing:extended:").count() == 1
    for due_on, reason in ((later, "again"), (later - timedelta(days=1), "back"), (later + timedelta(days=1), " ")):
        with pytest.raises(ExtensionImpossible):
            extend_agreement(agreement, by=officer, due_on=due_on, reason=reason)
    assert AgreementExtension.objects.count() == 1
    with pytest.raises(NotOverdue):
        lapse_agreement(agreement, by=officer)


def test_more_time_cannot_end_in_the_past(officer: User) -> None:
    agreement = make_agreement(ago=60)
    with pytest.raises(ExtensionImpossible):
        extend_agreement(agreement, by=officer, due_on=agreement.due_on + timedelta(days=1), reason="late")


def test_the_lapse_frees_the_mass_and_tells_the_applicant_in_one_step(officer: User) -> None:
    agreement = make_agreement(ago=60)
    reference = agreement.application.reference
    before = Sample.objects.get(number="CE5C0600").vault_ug
    lapse_agreement(agreement, by=officer, note="We have not heard from you.")
    agreement = seen_again(agreement)
    assert agreement.is_lapsed
    assert agreement.application.status == Status.LAPSED
    assert not Hold.objects.open().of([reference]).exists()
    assert Sample.objects.get(number="CE5C0600").vault_ug == before + 10_000
    letter = Letter.objects.get(kind="lapsed")
    assert letter.readers.get().user == agreement.application.owner
    assert "We have not heard from you." in letter.text_en
    for call in (lambda: lapse_agreement(agreement, by=officer), lambda: sign_agreement(agreement, by=officer, **sign_words(agreement))):  # type: ignore[arg-type]
        with pytest.raises((NotPossibleNow, SignatureImpossible)):
            call()


def test_within_the_time_nothing_lapses_and_the_last_day_counts_whole(officer: User) -> None:
    agreement = make_agreement()
    with pytest.raises(NotOverdue):
        lapse_agreement(agreement, by=officer)
    assert not agreement.has_passed(agreement.deadline - timedelta(seconds=1))
    assert agreement.has_passed(agreement.deadline)
    assert agreement.deadline.astimezone(tz=None) == agreement.deadline


def test_a_lapse_of_what_was_never_announced_or_is_signed_is_refused(officer: User) -> None:
    (application,) = make_decided(make_round(), {})
    decision = Decision.objects.select_related("application__round").get(application=application)
    with pytest.raises(NotPossibleNow):
        lapse_award(decision, by=officer)
    agreement = make_agreement()
    sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]
    with pytest.raises(NotPossibleNow):
        lapse_award(agreement.decision, by=officer)
    with pytest.raises(NotPossibleNow):
        bind_application(agreement.application, by=officer, signed_on=agreement.due_on)


def test_a_withdrawal_before_the_signature_ends_the_agreement(officer: User) -> None:
    agreement = make_agreement(ago=60)
    withdraw_application(Application.objects.get(pk=agreement.application.pk), by=agreement.application.owner)
    agreement = seen_again(agreement)
    assert agreement.is_ended
    assert not agreement.is_overdue
    for call in (
        lambda: lapse_agreement(agreement, by=officer),
        lambda: extend_agreement(agreement, by=officer, due_on=beijing_date(timezone.now()) + timedelta(days=5), reason="no"),
        lambda: sign_agreement(agreement, by=officer, **(sign_words(agreement) | {"signed_on": agreement.due_on})),  # type: ignore[arg-type]
    ):
        with pytest.raises(NotPossibleNow):
            call()
    assert end_agreements() == 1
    assert end_agreements() == 0
    assert seen_again(agreement).status == AgreementStatus.ENDED


def test_what_was_said_is_never_rewritten(officer: User) -> None:
    agreement = make_agreement(ago=60)
    extend_agreement(agreement, by=officer, due_on=beijing_date(timezone.now()) + timedelta(days=9), reason="Travelling.")
    for table, change in (
        ("loans_agreementextension", "reason = 'x'"),
        ("loans_agreementreminder", "kind = 'half'"),
        ("loans_agreementchange", "note = 'x'"),
        ("loans_agreement", "noticed_on = '2020-01-01'"),
        ("loans_agreement", "reference = 'LSB-2020-00001'"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {change}")


def test_references_run_in_order(officer: User) -> None:
    agreements = make_agreements_of(make_round(), {}, {})
    assert [agreement.reference[-5:] for agreement in agreements] == ["00001", "00002"]
