"""Letters and mails that were given up, listed and queued again by a command."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.tests.make import make_user
from letters.models import Letter, Mail, Printing, Sending
from letters.tests.make import make_letter

pytestmark = pytest.mark.django_db


def retry(*, again: bool) -> str:
    said = StringIO()
    call_command("retry_letters", again=again, stdout=said)
    return said.getvalue()


@pytest.fixture
def given_up() -> tuple[Letter, Mail]:
    letter = make_letter(make_user("zoe@example.org"))
    mail = make_letter(make_user("yan@example.org")).mails.get()
    Letter.objects.filter(pk=letter.pk).update(printing=Printing.FAILED, problem="The fonts lack 𪚥.")
    Mail.objects.filter(pk=mail.pk).update(state=Sending.FAILED, problem="550 no such mailbox")
    return letter, mail


def test_what_was_given_up_is_listed_with_its_cause_and_left_alone(given_up: tuple[Letter, Mail]) -> None:
    letter, mail = given_up
    said = retry(again=False)
    assert f"Letter {letter.number}, not printed: The fonts lack 𪚥." in said
    assert f"Mail {mail.pk} to yan@example.org with letter" in said
    assert "not sent: 550 no such mailbox" in said
    assert "Given up: letters 1, mails 1." in said
    letter.refresh_from_db()
    mail.refresh_from_db()
    assert (letter.printing, mail.state) == (Printing.FAILED, Sending.FAILED)


def test_asked_again_they_wait_as_new_ones_do(given_up: tuple[Letter, Mail]) -> None:
    letter, mail = given_up
    assert "Queued again: letters 1, mails 1." in retry(again=True)
    letter.refresh_from_db()
    mail.refresh_from_db()
    assert (letter.printing, letter.attempts, letter.problem) == (Printing.QUEUED, 0, "")
    assert (mail.state, mail.attempts, mail.problem) == (Sending.QUEUED, 0, "")
    assert "letters 0, mails 0" in retry(again=False)


def test_nothing_else_is_touched() -> None:
    letter = make_letter(make_user())
    assert "letters 0, mails 0" in retry(again=True)
    letter.refresh_from_db()
    assert letter.printing == Printing.QUEUED
