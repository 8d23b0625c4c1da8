"""The commands that prove things, and the demonstration."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from applications.models import Application
from applications.tests.make import make_in_review
from desk.management.commands.check_invariants import ALL
from institutions.actions import load_countries
from letters.models import Letter
from results.models import DomesticRound, ResultList
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
def test_the_demonstration_holds_the_real_record_and_three_synthetic_rounds_and_loading_it_again_changes_nothing() -> None:
    said("load_demo")
    assert Sample.objects.count() == 35
    assert ResultList.objects.get().rows.count() == 7
    assert DomesticRound.objects.count() == 13
    rounds = {round.slug: round for round in Round.objects.run_here()}
    assert set(rounds) == {"demo-open", "demo-review", "demo-announce"}
    assert all(round.is_synthetic for round in rounds.values())
    assert all(user.is_synthetic for user in User.objects.all())
    assert rounds["demo-open"].is_open()
    before = (Application.objects.count(), Letter.objects.count(), User.objects.count())
    assert "there already" in said("load_demo")
    assert (Application.objects.count(), Letter.objects.count(), User.objects.count()) == before
    assert "invariants hold" in said("check_invariants")
    assert "histories are whole" in said("verify_history")
