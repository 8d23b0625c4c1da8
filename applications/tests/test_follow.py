"""Following an application: questions and answers, timeline, differences, the PDF of all answers, copying, pages around a deadline."""

import time
from collections import deque
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications import post
from applications.actions import (
    AnswerDatePassed,
    AnsweredAlready,
    NotAskedNow,
    OtherKind,
    RoundNotOpen,
    answer_enquiry,
    ask_applicant,
    copy_application,
    read_answer,
    revise_application,
    start_version,
    submit_application,
    withdraw_application,
)
from applications.differences import Clock, cut_out, differences_between, mark
from applications.models import Application, Enquiry, Part, Version
from applications.tests.make import make_at, make_draft, make_in_review, make_member, make_returned, make_submitted, the_draft
from applications.timeline import timeline
from applications.workflow import ASKABLE, Status
from institutions.tests.make import make_institution
from letters.models import Letter, Mail
from rounds.actions import extend_round
from rounds.models import Kind
from rounds.tests.make import close_round, make_round
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db
CLOSING = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)  # 24:00 Beijing time


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


def full(application: Application) -> Application:
    found: Application = Application.objects.for_applicant().get(pk=application.pk)
    return found


def answers_page(enquiry: Enquiry) -> str:
    return reverse("applications:answer", args=[enquiry.application.reference, enquiry.pk])


# --- Questions of the office ----------------------------------------------------------------------------------------------


def test_a_question_is_mailed_to_whoever_may_answer_without_its_words(officer: User) -> None:
    application = make_submitted()
    editor, reader = make_member(application, Part.EDIT), make_member(application, Part.READ)
    enquiry = ask_applicant(application, by=officer, text="Which SECRET laboratory?", answer_by=timezone.now() + timedelta(days=3))
    mails = Mail.objects.filter(key__startswith="enquiry:")
    assert {mail.recipient for mail in mails} == {application.owner.email, editor.email}
    assert reader.email not in {mail.recipient for mail in mails}
    for mail in mails:
        assert "SECRET" not in mail.subject + mail.body
        assert answers_page(enquiry) in mail.body
        assert "Beijing time" in mail.body


@pytest.mark.parametrize("status", list(Status))
def test_the_office_asks_only_about_what_is_still_to_be_decided(status: Status, officer: User) -> None:
    application = make_at(status)
    if status in ASKABLE:
        assert ask_applicant(application, by=officer, text="Why?").pk
    else:
        with pytest.raises(NotAskedNow):
            ask_applicant(application, by=officer, text="Why?")


def test_a_day_that_has_passed_cannot_be_asked_for(officer: User) -> None:
    with pytest.raises(AnswerDatePassed):
        ask_applicant(make_submitted(), by=officer, text="Why?", answer_by=timezone.now())


def test_a_question_is_answered_once_on_the_page(client: Client, officer: User) -> None:
    application = make_submitted()
    enquiry = ask_applicant(application, by=officer, text="Which laboratory?")
    client.force_login(application.owner)
    assert "Waits for your answer" in client.get(reverse("applications:application", args=[application.reference])).content.decode()
    assert client.post(answers_page(enquiry), {"answer": " "}).status_code == 422
    assert client.post(answers_page(enquiry), {"answer": "The one in Kiel."}).status_code == 302
    page = client.get(answers_page(enquiry)).content.decode()
    assert "The one in Kiel." in page
    late = client.post(answers_page(enquiry), {"answer": "No, in Bern."})
    assert late.status_code == 409
    assert "No, in Bern." in late.content.decode()
    enquiry.refresh_from_db()
    assert (enquiry.answer, enquiry.answered_by) == ("The one in Kiel.", application.owner)


def test_who_may_write_answers_who_may_read_reads_and_others_find_nothing(client: Client, officer: User) -> None:
    application = make_submitted()
    enquiry = ask_applicant(application, by=officer, text="Which laboratory?")
    for person, seen, sent in (
        (make_member(application, Part.EDIT), 200, 302),
        (make_member(application, Part.READ), 200, 403),
        (make_member(application, Part.SIGN), 403, 403),
        (make_user(), 404, 404),
        (officer, 404, 404),
    ):
        client.force_login(person)
        assert client.get(answers_page(enquiry)).status_code == seen
        assert client.post(answers_page(enquiry), {"answer": "Kiel"}).status_code == sent
    other = ask_applicant(make_submitted(), by=officer, text="Other?")
    client.force_login(application.owner)
    assert client.get(reverse("applications:answer", args=[application.reference, other.pk])).status_code == 404


def test_an_answer_after_its_day_counts_and_is_called_late(officer: User) -> None:
    enquiry = ask_applicant(make_submitted(), by=officer, text="Why?", answer_by=timezone.now() + timedelta(days=1))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert enquiry.is_overdue
        answer_enquiry(enquiry, by=enquiry.application.owner, text="Because.")
    enquiry.refresh_from_db()
    assert enquiry.is_late
    with pytest.raises(AnsweredAlready):
        answer_enquiry(enquiry, by=enquiry.application.owner, text="Again.")


def test_a_question_about_a_withdrawn_application_is_not_answered_any_more(officer: User) -> None:
    application = make_submitted()
    enquiry = ask_applicant(application, by=officer, text="Why?")
    withdraw_application(application, by=application.owner)
    with pytest.raises(NotPossibleNow):
        answer_enquiry(enquiry, by=application.owner, text="Because.")


def test_the_office_notes_once_that_it_has_read_an_answer(officer: User) -> None:
    enquiry = ask_applicant(make_submitted(), by=officer, text="Why?")
    read_answer(enquiry, by=officer)
    enquiry.refresh_from_db()
    assert enquiry.read_at is None, "there is nothing to read yet"
    answer_enquiry(enquiry, by=enquiry.application.owner, text="Because.")
    assert list(Enquiry.objects.unread()) == [enquiry]
    read_answer(enquiry, by=officer)
    read_answer(enquiry, by=make_user(None, Role.OFFICER))
    enquiry.refresh_from_db()
    assert enquiry.read_by == officer
    assert not Enquiry.objects.unread().exists()


# --- Timeline -------------------------------------------------------------------------------------------------------------


def test_the_timeline_holds_steps_letters_questions_and_extensions_in_their_order(client: Client, officer: User) -> None:
    application = make_draft()
    extend_round(application.round, closes_at=application.deadline() + timedelta(days=1), notice_en="Later.", notice_zh="延期。", by=officer)
    submit_application(application, by=application.owner, key=uuid4())
    enquiry = ask_applicant(application, by=officer, text="Why?")
    letters = list(Letter.objects.visible_to(application.owner))
    labels = [step.label for step in timeline(full(application), letters, [enquiry])]
    assert labels[0] == "Started"
    assert labels[1].startswith("Deadline extended to")
    assert labels[2:5] == ["Submitted: version 1", "Letter: Receipt", "Question of the office"]
    assert labels[5] == "Answer the question of the office"
    client.force_login(application.owner)
    page = client.get(reverse("applications:application", args=[application.reference])).content.decode()
    assert "Deadline extended to" in page
    assert "corrections, if it asks for any" in page


@pytest.mark.parametrize("status", list(Status))
def test_the_timeline_is_never_empty_and_every_past_step_has_its_moment(status: Status) -> None:
    steps = timeline(full(make_at(status)))
    assert steps
    assert all(step.at for step in steps if step.is_done)


# --- Differences ----------------------------------------------------------------------------------------------------------


def spell(old: str, new: str) -> str:
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[passage.kind].format(passage.text) for passage in mark(old, new))


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("We map the beads first.", "We map all beads first.", "We map [-the -]{+all +}beads first."),
        ("我们先绘图后切割。", "我们先测绘后切割。", "我们先{+测+}绘[-图-]后切割。"),
        ("one\ntwo\nthree", "one\nthree", "one\n[-two\n-]three"),
        ("", "New.", "{+New.+}"),
        ("<b>bold</b>", "<b>bald</b>", "<b>[-bold-]{+bald+}</b>"),
    ],
)
def test_words_are_marked_one_by_one_and_chinese_sign_by_sign(old: str, new: str, marked: str) -> None:
    assert spell(old, new) == marked


@pytest.mark.parametrize("sign", ["word ", "月", "Sentence. "])
def test_both_texts_can_be_read_off_and_long_ones_take_a_bounded_time(sign: str) -> None:
    old = "".join(f"{sign}{number % 97}" for number in range(6000))
    new = "".join(f"{sign}{number % 89}" for number in range(6000))
    began = time.monotonic()
    passages = mark(old, new)
    assert time.monotonic() - began < 10
    assert "".join(passage.text for passage in passages if not passage.is_added) == old
    assert "".join(passage.text for passage in passages if not passage.is_removed) == new


def test_one_changed_word_in_a_long_text_is_marked_alone_and_the_rest_is_left_out() -> None:
    sentence = "We pick the beads in nitrogen and map them before any beam touches them. "
    old = sentence * 9 + "\n\n" + sentence * 200
    passages = mark(old, old.replace("nitrogen", "argon", 1))
    assert [passage.text for passage in passages if passage.kind != "same"] == ["nitrogen ", "argon "]
    shown = cut_out(passages)
    assert sum(len(passage.text) for passage in shown) < 600
    assert [passage.kind for passage in shown] == ["same", "removed", "added", "same", "left_out"]


def test_without_time_a_text_is_shown_whole() -> None:
    assert [passage.kind for passage in mark("a b", "a c", Clock(ends=0.0))] == ["removed", "added"]


def test_answers_samples_and_institution_that_differ_are_listed_and_nothing_else() -> None:
    round = make_round(make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0601", mass_ug=100_000))
    application = make_submitted(round)
    version = start_version(application, by=application.owner)
    changes = {"plan": "Pick beads in argon and map them before any beam touches them.", "line-CE5C0601-place": "1", "line-CE5C0601-mass": "5"}
    revise_application(version, by=application.owner, seen_revision=0, **changes)
    old, new = Version.objects.with_answers().filter(application=application)
    found = {str(change.label): change for part in differences_between(old, new, round.kind) for change in part.changes}
    assert {"Plan", "CE5C0601"} <= set(found)
    assert "Title" not in found
    assert [passage.text for passage in found["Plan"].passages if passage.is_added] == ["argon "]
    assert "fall-back 1" in found["CE5C0601"].passages[0].text


def test_the_page_of_changes_escapes_what_was_typed_and_marks_it(client: Client) -> None:
    application = make_submitted()
    version = start_version(application, by=application.owner)
    revise_application(version, by=application.owner, seen_revision=0, plan="<script>alert(1)</script> Pick beads.")
    client.force_login(application.owner)
    page = client.get(reverse("applications:changes", args=[application.reference])).content.decode()
    assert "<ins>" in page
    assert "<script>alert" not in page
    assert "Version 2 has not been submitted yet." in page
    assert client.get(reverse("applications:changes", args=[application.reference]) + "?from=1&to=9").status_code == 404
    client.force_login(make_user())
    assert client.get(reverse("applications:changes", args=[application.reference])).status_code == 404


# --- All answers as a PDF, the empty form, the receipt --------------------------------------------------------------------


def test_a_draft_is_printed_and_says_that_it_is_not_submitted(client: Client) -> None:
    application = make_draft(plan="先绘图。 ∀ \U0001f600")
    client.force_login(application.owner)
    answer = client.get(reverse("applications:answers_pdf", args=[application.reference]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert "draft" in answer["Content-Disposition"]


def test_a_few_pdfs_a_minute_and_then_a_sentence(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    application = make_draft()
    client.force_login(application.owner)
    monkeypatch.setitem(post._asked, application.owner.pk, deque([time.monotonic()] * post.A_MINUTE, maxlen=post.A_MINUTE))
    answer = client.get(reverse("applications:answers_pdf", args=[application.reference]), follow=True)
    assert "The PDF cannot be made at the moment." in answer.content.decode()


def test_the_receipt_letter_holds_every_question_with_its_answer_in_both_languages() -> None:
    application = make_submitted()
    letter = Letter.objects.get(reference=application.reference)
    for words in ("Storage", "In a glove box under dry nitrogen", "Raman spectroscopy", "All answers are true and complete."):
        assert words in letter.html
    assert letter.html.count("In a glove box under dry nitrogen") == 1
    assert "In a glove box under dry nitrogen" in letter.text_en
    assert "May be replaced until" in letter.text_en


def test_a_receipt_of_a_very_long_application_says_what_it_leaves_out_and_can_be_printed() -> None:
    application = make_draft()
    version = the_draft(application)
    names = ("research_question", "plan", "significance", "storage", "security", "transport", "schedule", "funding")
    revise_application(version, by=application.owner, seen_revision=version.revision, **dict.fromkeys(names, "月壤。" * 6_600))
    submit_application(application, by=application.owner, key=uuid4())
    letter = Letter.objects.get(reference=application.reference)
    assert "more characters are not printed here" in letter.text_en
    assert 100_000 < letter.text_zh.count("月壤。") * 3 < 130_000


@pytest.mark.parametrize("kind", ["research", "public_welfare"])
def test_everybody_can_read_what_an_application_is_asked(client: Client, kind: str) -> None:
    page = client.get(reverse("applications:questions", args=[kind])).content.decode()
    assert ("Display case" in page) == (kind == "public_welfare")
    assert "Storage" in page
    assert client.get("/applications/questions/nothing/").status_code == 404


def test_a_receipt_page_says_what_comes_next_with_dates_and_who_to_ask(client: Client) -> None:
    application = make_submitted()
    client.force_login(application.owner)
    page = client.get(reverse("applications:receipt", args=[application.reference])).content.decode()
    receipt = application.receipts.get()
    for words in (receipt.number, receipt.digest, "Beijing time", "What happens next", "corrections, if it asks for any", "Keep this address"):
        assert words in page


# --- Copying --------------------------------------------------------------------------------------------------------------


def test_an_earlier_application_is_copied_without_declarations_and_samples_that_are_not_offered(client: Client) -> None:
    powder, other = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0601", mass_ug=100_000)
    source = make_submitted(make_round(powder, other), lines=[(powder, 10_000), (other, 20_000)])
    round = make_round(powder)
    client.force_login(source.owner)
    page = client.get(reverse("applications:copy", args=[source.reference])).content.decode()
    assert "Not taken along" in page
    answer = client.post(reverse("applications:copy", args=[source.reference]), {"round": round.slug}, follow=True)
    assert "Not offered in this round, and left out: CE5C0601." in answer.content.decode()
    application = Application.objects.get(round=round)
    draft = the_draft(application)
    assert application.status == Status.DRAFT
    assert (draft.title, draft.plan) == (source.current.title, source.current.plan)  # type: ignore[union-attr]
    assert draft.institution == source.institution
    assert [(line.sample, line.mass_ug) for line in draft.requests.all()] == [(powder, 10_000)]
    assert draft.answer("storage")
    assert not any(name.startswith("declared") for name in draft.answers)
    assert not any("CE5C0601" in name for name in draft.answers)


def test_an_application_is_copied_only_into_an_open_round_of_its_kind_that_admits_the_institution() -> None:
    source = make_submitted(institution=make_institution(name_en="Institute of the Far Side"))
    with pytest.raises(RoundNotOpen):
        copy_application(source, close_round(make_round()), by=source.owner)
    exhibition = make_round(make_sample("CE5C0900", mass_ug=100_000, purpose="public_welfare"), kind=Kind.PUBLIC_WELFARE)
    with pytest.raises(OtherKind):
        copy_application(source, exhibition, by=source.owner)
    country = source.institution.country  # type: ignore[union-attr]
    audience = "international" if country is not None and country.code == "CN" else "domestic"
    copied = copy_application(source, make_round(audience=audience), by=source.owner)
    assert copied.institution_left_out
    assert the_draft(copied.application).institution is None
    assert Application.objects.filter(round=exhibition).count() == 0


def test_the_page_of_a_new_application_offers_the_own_earlier_ones(client: Client) -> None:
    source, strange = make_submitted(title="My beads"), make_submitted(title="Not mine")
    client.force_login(source.owner)
    page = client.get(reverse("applications:new")).content.decode()
    assert "My beads" in page
    assert "Not mine" not in page
    assert client.get(reverse("applications:copy", args=[strange.reference])).status_code == 404


# --- Pages around the deadline (R-18, R-19, R-21) -------------------------------------------------------------------------


@pytest.mark.parametrize("off", [timedelta(seconds=-1), timedelta(0), timedelta(seconds=1)], ids=["before", "at", "after"])
@pytest.mark.parametrize("name", ["application", "check", "receipt", "withdraw", "changes", "copy", "list", "new"])
def test_every_page_answers_one_second_before_at_and_after_the_closing(client: Client, name: str, off: timedelta) -> None:
    with time_machine.travel(CLOSING - timedelta(days=2), tick=False):
        application = make_submitted(make_round(closes_at=CLOSING))
        version = start_version(application, by=application.owner)
        revise_application(version, by=application.owner, seen_revision=0, title="Second")
        client.force_login(application.owner)
    with time_machine.travel(CLOSING - timedelta(hours=1), tick=False):
        client.force_login(application.owner)
    with time_machine.travel(CLOSING + off, tick=False):
        client.force_login(application.owner)
        address = reverse(f"applications:{name}", args=[] if name in ("list", "new") else [application.reference])
        assert client.get(address).status_code == 200


def test_a_check_page_opened_before_the_deadline_and_used_after_it_says_the_rule_and_keeps_everything(client: Client) -> None:
    with time_machine.travel(CLOSING - timedelta(minutes=10), tick=False):
        application = make_draft(make_round(closes_at=CLOSING))
        client.force_login(application.owner)
        page = client.get(reverse("applications:check", args=[application.reference]))
        form = page.context["form"]
        words = {"key": form["key"].value(), "seen_revision": form["seen_revision"].value()}
        assert "data-countdown" in page.content.decode()
    with time_machine.travel(CLOSING + timedelta(minutes=1), tick=False):
        answer = client.post(reverse("applications:submit", args=[application.reference]), words)
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "22 December 2026, 24:00 Beijing time" in said
    assert "Pick beads in nitrogen" in said
    assert not application.receipts.exists()


def test_the_same_page_used_after_an_extension_submits_by_the_new_closing(client: Client, officer: User) -> None:
    with time_machine.travel(CLOSING - timedelta(minutes=10), tick=False):
        application = make_draft(make_round(closes_at=CLOSING))
        client.force_login(application.owner)
        form = client.get(reverse("applications:check", args=[application.reference])).context["form"]
        words = {"key": form["key"].value(), "seen_revision": form["seen_revision"].value()}
        extend_round(application.round, closes_at=CLOSING + timedelta(days=1), notice_en="Later.", notice_zh="延期。", by=officer)
    with time_machine.travel(CLOSING + timedelta(minutes=1), tick=False):
        client.force_login(application.owner)
        answer = client.post(reverse("applications:submit", args=[application.reference]), words)
    assert answer.status_code == 302
    assert application.receipts.count() == 1


def test_a_correction_page_left_open_over_its_date_is_refused_with_that_date(client: Client) -> None:
    application = make_returned(correct_in=timedelta(days=1))
    version = start_version(application, by=application.owner)
    client.force_login(application.owner)
    form = client.get(reverse("applications:check", args=[application.reference])).context["form"]
    words = {"key": form["key"].value(), "seen_revision": form["seen_revision"].value()}
    assert application.correct_by is not None
    with time_machine.travel(application.correct_by, tick=False):
        client.force_login(application.owner)
        answer = client.post(reverse("applications:submit", args=[application.reference]), words)
    assert answer.status_code == 409
    assert "Too late: the time for this ended on" in answer.content.decode()
    version.refresh_from_db()
    assert version.submitted_at is None


def test_the_mail_of_a_question_speaks_the_language_of_its_reader(officer: User) -> None:
    application = make_in_review(owner=make_user(language="zh-hans"))
    with translation.override("en"):
        ask_applicant(application, by=officer, text="Why?")
    assert Mail.objects.get(key__startswith="enquiry:").subject.startswith(f"{application.reference}：")
