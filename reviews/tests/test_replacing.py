"""A letter that has left is written again or revoked by the office, with a reason; the register tells whoever holds the old one."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from institutions.tests.make import make_membership
from letters.actions import save_text
from letters.models import Letter, Mail
from letters.post import open_pdf
from letters.seal import judge
from letters.tests.make import printed
from letters.texts import wording_of
from reviews.actions import CannotBeWrittenAgain, reissue_letter, revoke_with_notice
from reviews.tests.make import announce, browser_of, decide, make_case
from reviews.texts import APPROVED
from rounds.tests.make import make_round
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver() -> User:
    return make_user(None, Role.APPROVER)


@pytest.fixture
def case() -> Application:
    return make_case(make_round(recall_minutes=0), title="Helium in beads")


@pytest.fixture
def decision(case: Application) -> Letter:
    decide(case)
    announce(case.round)
    return Letter.objects.get(kind="decision")


def page_of(letter: Letter, case: Application) -> str:
    return reverse("reviews:letters_one", args=[case.round.slug, letter.number])


def press(user: User, letter: Letter, case: Application, step: str, note: str = "The name was wrong.") -> int:
    return browser_of(user).post(page_of(letter, case), {"step": step, "note": note}).status_code


def check(letter: Letter) -> str:
    return Client().get(reverse("letters:check", args=[letter.check_code])).content.decode()


def test_a_letter_written_again_takes_the_place_of_the_old_one(approver: User, case: Application, decision: Letter) -> None:
    printed(decision)
    save_text(APPROVED, wording_of({**APPROVED.default.fields(), "title_en": "Approved, corrected"}), seen=0, by=approver)
    assert press(approver, decision, case, "reissue") == 302
    new = Letter.objects.get(supersedes=decision)
    decision.refresh_from_db()
    assert (decision.status, new.status, new.title_en) == ("superseded", "valid", "Approved, corrected")
    assert f"letter {decision.number} of" in new.text_en
    assert f"第{decision.number}号函" in new.text_zh
    assert decision.history.get(move="supersede").note == "The name was wrong."
    assert [reader.user for reader in new.readers.all()] == [case.owner]
    assert new.mails.get().recipient == case.owner.email
    # The old file stays as it was; the register and the page of the check tell that it holds no longer.
    assert judge(decision.digest).word == "superseded"
    assert open_pdf(decision).startswith(b"%PDF")
    page = check(decision)
    assert "has been replaced by a newer one" in page
    assert new.number in page
    assert "is valid" in check(new)


def test_a_letter_can_be_written_again_more_than_once(approver: User, case: Application, decision: Letter) -> None:
    second = reissue_letter(decision, by=approver, note="One.")
    third = reissue_letter(second, by=approver, note="Two.")
    assert third.supersedes == second
    assert len({decision.key, second.key, third.key}) == 3
    with pytest.raises(NotPossibleNow):
        reissue_letter(decision, by=approver, note="Again.")


def test_a_revoked_letter_says_so_and_its_readers_are_told(approver: User, case: Application, decision: Letter) -> None:
    assert press(approver, decision, case, "revoke", "Issued by mistake.") == 302
    decision.refresh_from_db()
    assert decision.status == "revoked"
    assert "has been revoked" in check(decision)
    mail = Mail.objects.get(key=f"revoked:{decision.number}:{case.owner.pk}")
    assert "Issued by mistake." in mail.body
    assert decision.number in mail.subject
    with pytest.raises(NotPossibleNow):
        revoke_with_notice(decision, by=approver, note="Twice.")


def test_a_reason_is_needed(approver: User, case: Application, decision: Letter) -> None:
    assert press(approver, decision, case, "revoke", " ") == 422
    decision.refresh_from_db()
    assert decision.is_valid


def test_the_letter_of_a_decision_is_the_approvers_and_other_letters_are_the_offices(case: Application, decision: Letter) -> None:
    officer = make_user(None, Role.OFFICER)
    assert press(officer, decision, case, "reissue") == 403
    receipt = Letter.objects.get(kind="receipt")
    assert press(officer, receipt, case, "reissue") == 302
    new = Letter.objects.get(supersedes=receipt)
    assert "Helium in beads" in new.text_en
    page = browser_of(case.owner).get(reverse("applications:receipt", args=[case.reference])).content.decode()
    assert reverse("letters:letter", args=[new.number]) in page  # the applicant is led to the one that stands
    assert reverse("letters:letter", args=[receipt.number]) not in page
    for role in (Role.EXPERT, Role.CURATOR, Role.ADMINISTRATOR):
        assert browser_of(make_user(None, role)).get(page_of(decision, case)).status_code == 403
    assert browser_of(case.owner).get(page_of(decision, case)).status_code == 403


def test_with_a_tie_the_letter_does_not_exist(approver: User, case: Application, decision: Letter) -> None:
    assert case.institution is not None
    make_membership(approver, case.institution)
    assert browser_of(approver).get(page_of(decision, case)).status_code == 404
    assert press(approver, decision, case, "revoke") == 404


def test_a_held_letter_is_read_but_neither_replaced_nor_revoked_here(approver: User, case: Application, decision: Letter) -> None:
    Letter.objects.filter(pk=decision.pk).update(status="held", visible_at=None)
    page = browser_of(approver).get(page_of(decision, case)).content.decode()
    assert "Write it again" not in page
    held = Letter.objects.get(pk=decision.pk)
    for act in (reissue_letter, revoke_with_notice):
        with pytest.raises(NotPossibleNow):
            act(held, by=approver, note="No.")
    Letter.objects.filter(pk=decision.pk).update(status="valid", visible_at=decision.visible_at)


def test_what_the_portal_no_longer_holds_can_only_be_revoked(approver: User, case: Application) -> None:
    receipt = Letter.objects.get(kind="receipt")
    receipt.kind = "certificate"
    with pytest.raises(CannotBeWrittenAgain):
        reissue_letter(receipt, by=approver, note="No.")
    assert Letter.objects.count() == 1
