"""Ending a round of the demonstration, so that nobody waits for its last day."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from rounds.models import Round
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demonstration(settings: Settings) -> None:
    settings.PORTAL_DEMO = True


def close(slug: str) -> str:
    said = StringIO()
    call_command("load_demo", close=slug, stdout=said)
    return said.getvalue()


def open_round(*, is_synthetic: bool) -> Round:
    now = timezone.now()
    return make_round(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=9), is_synthetic=is_synthetic)


def test_an_open_round_of_the_demonstration_ends_now_and_only_once() -> None:
    round = open_round(is_synthetic=True)
    assert "is closed" in close(round.slug)
    round.refresh_from_db()
    assert round.is_closed()
    with pytest.raises(CommandError, match="no round of the demonstration that is open"):
        close(round.slug)


def test_a_round_that_is_no_demonstration_never_ends_before_its_day() -> None:
    round = open_round(is_synthetic=False)
    with pytest.raises(CommandError, match="no round of the demonstration that is open"):
        close(round.slug)
    round.refresh_from_db()
    assert not round.is_closed()


def test_outside_the_demonstration_nothing_is_ended(settings: Settings) -> None:
    settings.PORTAL_DEMO = settings.DEBUG = False
    round = open_round(is_synthetic=True)
    with pytest.raises(CommandError, match="PORTAL_DEMO=1"):
        close(round.slug)
    round.refresh_from_db()
    assert not round.is_closed()
