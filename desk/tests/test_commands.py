"""The commands that prove things, and the demonstration."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.actions import create_account
from accounts.models import User
from applications.models import Application
from applications.tests.make import make_in_review
from desk.management.commands.check_invariants import ALL
from desk.management.past import set_back
from institutions.actions import load_countries
from letters.models import Letter
from loans.models import Agreement, Promotion
from results.models import DomesticRound, Figures, ResultList
from reviews.models import AwardPlan
from reviews.tests.make import decide
from rounds.models import Round
from samples.models import Sample

pytestmark = pytest.mark.django_db


def said(command: str, *words: str) -> str:
    output = StringIO()
    call_command(command, *words, stdout=output)
    return output.getvalue()


def test_the_invariants_hold_after_a_decision() -> None:
    decide(make_in_review())
    assert f"All {len(ALL)} invariants hold." in said("check_invariants")


def test_every_app_with_invariants_is_asked() -> None:
    assert {"I1", "I4", "I6b", "I10"} <= {name for name, _title, _sql in ALL}
    assert len({name for name, _title, _sql in ALL}) == len(ALL)


@pytest.mark.breaks_invariants
def test_a_milligram_out_of_thin_air_is_found_with_its_sample() -> None:
    decide(make_in_review())
    sample = Sample.objects.filter(earmarked_ug__gt=0).get()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE samples_sample SET vault_ug = vault_ug + 1000 WHERE id = %s", [sample.pk])
    output = StringIO()
    with pytest.raises(CommandError, match="do not hold"):
        call_command("check_invariants", stdout=output)
    assert sample.number in output.getvalue()


def test_whole_histories_are_said_to_be_whole() -> None:
    make_in_review()
    assert "histories are whole" in said("verify_history")


@pytest.fixture
def demonstration(settings: Settings) -> None:
    settings.PORTAL_DEMO = True
    load_countries()


def test_the_demonstration_is_refused_where_it_does_not_belong(settings: Settings) -> None:
    settings.PORTAL_DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="PORTAL_DEMO=1"):
        call_command("load_demo")


@pytest.mark.usefixtures("demonstration")
def test_the_demonstration_holds_the_real_record_and_five_synthetic_rounds_and_loading_it_again_changes_nothing() -> None:
    said("load_demo")
    assert Sample.objects.count() == 35
    assert ResultList.objects.get(round__slug="2023-international").rows.count() == 7
    assert DomesticRound.objects.count() == 13
    rounds = {round.slug: round for round in Round.objects.run_here()}
    assert set(rounds) == {"demo-open", "demo-review", "demo-decide", "demo-announce", "demo-published"}
    assert all(round.is_synthetic for round in rounds.values())
    assert all(user.is_synthetic for user in User.objects.all())
    assert rounds["demo-open"].is_open()
    shows_what_comes_after_the_vote(rounds)
    counted = (Application, Letter, User, Agreement, AwardPlan, ResultList)
    before = [model.objects.count() for model in counted]
    assert "there already" in said("load_demo")
    assert [model.objects.count() for model in counted] == before
    assert "invariants hold" in said("check_invariants")
    assert "histories are whole" in said("verify_history")


def shows_what_comes_after_the_vote(rounds: dict[str, Round]) -> None:
    plan = AwardPlan.objects.get(round=rounds["demo-decide"])
    assert any(plan.masses)
    assert not all(plan.masses)  # more was asked for than there is
    agreements = [(agreement.shown_status, bool(agreement.days_left)) for agreement in Agreement.objects.order_by("reference")]
    waiting, signed = ("To be signed", True), ("Signed", False)
    assert agreements == [signed, ("Lapsed", False), signed, waiting, ("Overdue", False), waiting]
    assert Promotion.objects.get().decision is not None
    assert set(Letter.objects.visible().values_list("kind", flat=True)) >= {"receipt", "decision", "certificate", "lapsed", "invitation"}
    replaced = Letter.objects.visible().get(status="superseded")
    assert replaced.visible_successor is not None
    assert replaced.visible_successor.is_valid
    assert Letter.objects.visible().get(status="revoked").kind == "receipt"
    assert ResultList.objects.filter(round=rounds["demo-published"]).count() == 2
    told = Figures.objects.of(ResultList.objects.get(round=rounds["demo-published"], number=1))
    assert told is not None
    handed_in = {row["code"]: row["handed_in"] for row in told.content["countries"]}
    assert handed_in["DE"] == 5
    assert handed_in["IT"] is None  # a small number is left out
    assert [row["requests"] is None for row in told.content["forms"]] == [False, True, True, False]


def test_what_is_done_in_the_past_is_dated_there_and_the_clock_goes_on_afterwards() -> None:
    before = timezone.now()
    with set_back(days=3):
        account = create_account("earlier@example.org", full_name="Earlier")
        with set_back(days=2):
            assert timezone.localdate() == (before - timedelta(days=2)).astimezone(timezone.get_current_timezone()).date()
    assert timedelta(days=3) - timedelta(minutes=1) < before - account.joined_at <= timedelta(days=3)
    assert timezone.now() >= before
