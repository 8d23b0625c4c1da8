"""The office's letters of a round: held ones too, for proof-reading; never those of a case with a tie."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from institutions.tests.make import make_membership
from letters.models import Letter, Printing
from letters.post import print_letter
from reviews.actions import announce_decisions, run_announcements
from reviews.tests.make import browser_of, decide, make_case
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


@pytest.fixture
def case() -> Application:
    return make_case(title="Helium in beads")


def list_of(application: Application) -> str:
    return reverse("reviews:letters", args=[application.round.slug])


def file_of(letter: Letter, application: Application) -> str:
    return reverse("reviews:letter_pdf", args=[application.round.slug, letter.number])


def held_letter(application: Application, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """The decision's letter between the last application of an announcement and the common moment, printed."""
    decide(application)
    announce_decisions(application.round, by=make_user(None, Role.APPROVER), count=1)
    with monkeypatch.context() as stopped:
        stopped.setattr("reviews.actions.announcing._finish", _stop)
        with pytest.raises(KeyboardInterrupt):
            run_announcements()
    letter = Letter.objects.get(kind="decision")
    print_letter(letter.pk)
    letter.refresh_from_db()
    return letter


def _stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_the_office_proof_reads_a_letter_that_its_reader_does_not_know_of(client: Client, case: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = held_letter(case, monkeypatch)
    page = client.get(list_of(case)).content.decode()
    row = page.partition(letter.number)[2].partition("</tr>")[0]
    assert "Held" in row
    assert "Printed" in row
    answer = client.get(file_of(letter, case))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{letter.number}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.startswith(b"%PDF-")
    assert answer.content == Path(default_storage.path(letter.file)).read_bytes()
    applicant = browser_of(case.owner)
    assert applicant.get(reverse("letters:letter", args=[letter.number])).status_code == 404
    assert applicant.get(file_of(letter, case)).status_code == 403


def test_with_a_tie_neither_row_nor_file_is_there(case: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = held_letter(case, monkeypatch)
    for role in (Role.OFFICER, Role.APPROVER):
        tied = make_user(None, role)
        assert case.institution is not None
        make_membership(tied, case.institution)
        page = browser_of(tied).get(list_of(case)).content.decode()
        assert "No letter has been written in this round." in page
        assert letter.number not in page
        assert browser_of(tied).get(file_of(letter, case)).status_code == 404


def test_the_file_is_not_there_under_the_name_of_another_round(client: Client, case: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = held_letter(case, monkeypatch)
    other = make_round(*case.round.samples.all())
    assert client.get(reverse("reviews:letter_pdf", args=[other.slug, letter.number])).status_code == 404
    assert client.get(reverse("reviews:letter_pdf", args=["no-such-round", letter.number])).status_code == 404
    assert letter.number not in client.get(reverse("reviews:letters", args=[other.slug])).content.decode()


def test_a_letter_that_is_not_printed_has_no_link_and_no_file(client: Client, case: Application) -> None:
    receipt = Letter.objects.get(kind="receipt")
    page = client.get(list_of(case)).content.decode()
    assert receipt.number in page
    assert file_of(receipt, case) not in page
    assert "Waiting to be printed" in page
    assert client.get(file_of(receipt, case)).status_code == 404


def test_a_letter_that_could_not_be_printed_is_listed_with_its_cause(client: Client, case: Application) -> None:
    Letter.objects.filter(kind="receipt").update(printing=Printing.FAILED, problem="The font lacks <b>ꙮ</b>.")
    page = client.get(list_of(case)).content.decode()
    assert "Could not be printed" in page
    assert "The font lacks &lt;b&gt;ꙮ&lt;/b&gt;." in page


def test_a_damaged_file_is_said_and_never_handed_out(client: Client, case: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = held_letter(case, monkeypatch)
    Path(default_storage.path(letter.file)).write_bytes(b"%PDF-1.7 something else")
    answer = client.get(file_of(letter, case), follow=True)
    assert answer["Content-Type"].startswith("text/html")
    assert "cannot be opened at the moment" in answer.content.decode()


def test_an_approver_reads_them_as_well(case: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = held_letter(case, monkeypatch)
    assert browser_of(make_user(None, Role.APPROVER)).get(file_of(letter, case)).status_code == 200
