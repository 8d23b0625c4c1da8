"""Attached files for those who judge: who gets them, which copy, and what the virus check keeps back (quality: S-03, S-40, S-48, S-49)."""

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_application, attach_file, start_version, submit_application
from applications.files import store
from applications.models import Application, Attachment, Scan, Upload
from applications.tests import pdfs
from applications.tests.make import make_draft, the_draft
from institutions.tests.make import make_membership
from reviews.actions import assign_experts, declare_conflict
from reviews.models import Review
from reviews.tests.make import browser_of, make_review
from rounds.tests.make import close_round

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def make_case_with_files(count: int = 1) -> tuple[Application, list[Attachment]]:
    """A case in review whose version handed in has so many files."""
    draft = make_draft()
    for number in range(count):
        data = io.BytesIO(pdfs.with_metadata() if not number else pdfs.good(number))
        attach_file(the_draft(draft), by=draft.owner, data=data, name=f"研究计划 {number}.pdf", purpose="plan")
    submit_application(draft, by=draft.owner, key=uuid4())
    close_round(draft.round)
    accept_application(Application.objects.with_case().get(pk=draft.pk), by=make_user())
    application = Application.objects.with_case().get(pk=draft.pk)
    return application, list(Attachment.objects.handed_in(application).order_by("pk"))


def for_review(review: Review, row: Attachment) -> str:
    return reverse("reviews:attachment", args=[review.pk, row.pk])


def for_office(application: Application, row: Attachment) -> str:
    return reverse("reviews:case_attachment", args=[application.round.slug, application.reference, row.pk])


def status(user: User | None, address: str, **headers: str) -> int:
    return int(browser_of(user).get(address, headers=headers).status_code)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_office_and_the_expert_get_the_copy_that_names_nobody() -> None:
    application, (row,) = make_case_with_files()
    expert, officer, approver = make_user(None, Role.EXPERT), make_user(None, Role.OFFICER), make_user(None, Role.APPROVER)
    review = make_review(application, expert)
    for user, address in (
        (expert, for_review(review, row)),
        (officer, for_office(application, row)),
        (approver, for_office(application, row)),
    ):
        answer = browser_of(user).get(address)
        assert answer.status_code == 200
        assert answer.content == store.read(row.upload.cleaned, row.upload.cleaned_digest)
        assert b"Hidden" not in answer.content
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8")
        assert status(user, address, Sec_Fetch_Dest="iframe") == 403


def test_an_expert_gets_no_file_before_the_declaration_nor_after_a_conflict() -> None:
    application, (row,) = make_case_with_files()
    expert = make_user(None, Role.EXPERT)
    assign_experts(application, [expert], by=make_user(None, Role.OFFICER))
    review = Review.objects.get(expert=expert)
    assert status(expert, for_review(review, row)) == 404
    declare_conflict(review, by=expert, note="Former student")
    assert status(expert, for_review(review, row)) == 404


def test_nobody_else_gets_a_file_by_an_address_that_they_know() -> None:
    application, (row,) = make_case_with_files()
    other, (theirs,) = make_case_with_files()
    expert, colleague, officer = (make_user(None, role) for role in (Role.EXPERT, Role.EXPERT, Role.OFFICER))
    review = make_review(application, expert)
    make_review(other, colleague)
    assert status(expert, for_review(review, theirs)) == 404  # a file of another case by an address of one's own
    assert status(colleague, for_review(review, row)) == 404
    assert status(application.owner, for_review(review, row)) == 404
    assert status(officer, for_office(application, theirs)) == 404
    assert status(expert, for_office(application, row)) == 403
    assert status(make_user(None, Role.CURATOR), for_office(application, row)) == 403
    assert status(None, for_office(application, row)) == 302
    tied = make_user(None, Role.OFFICER)
    assert application.institution is not None
    make_membership(tied, application.institution)
    assert status(tied, for_office(application, row)) == 404


@pytest.mark.parametrize("scan", [Scan.WAITING, Scan.INFECTED])
def test_a_file_that_the_virus_check_has_not_let_out_is_named_and_not_given(scan: Scan) -> None:
    application, (row,) = make_case_with_files()
    Upload.objects.update(scan=scan)
    expert, officer = make_user(None, Role.EXPERT), make_user(None, Role.OFFICER)
    review = make_review(application, expert)
    assert status(expert, for_review(review, row)) == 404
    assert status(officer, for_office(application, row)) == 404
    for user, page in (
        (expert, reverse("reviews:review", args=[review.pk])),
        (officer, reverse("desk:case", args=[application.round.slug, application.reference])),
    ):
        words = text(browser_of(user).get(page))
        assert "研究计划 0.pdf" in words
        assert "Not opened to the office and the experts." in words
        assert str(scan.label) in words
        assert "attachments/" not in words


def test_files_are_listed_where_the_case_is_read_and_never_with_the_authors_words() -> None:
    application, (row,) = make_case_with_files()
    expert, officer = make_user(None, Role.EXPERT), make_user(None, Role.OFFICER)
    review = make_review(application, expert)
    page = text(browser_of(expert).get(reverse("reviews:review", args=[review.pk])))
    assert for_review(review, row) in page
    assert "Jane Hidden" not in page
    page = text(browser_of(officer).get(reverse("desk:case", args=[application.round.slug, application.reference])))
    assert for_office(application, row) in page
    assert "Jane Hidden" not in page


def test_a_file_of_the_draft_beside_the_version_handed_in_is_nobodys_business() -> None:
    draft = make_draft()
    submit_application(draft, by=draft.owner, key=uuid4())
    version = start_version(Application.objects.get(pk=draft.pk), by=draft.owner)
    row = attach_file(version, by=draft.owner, data=io.BytesIO(pdfs.good()), name="new.pdf", purpose="plan")
    application = Application.objects.with_case().get(pk=draft.pk)
    officer = make_user(None, Role.OFFICER)
    assert status(officer, for_office(application, row)) == 404
    assert "new.pdf" not in text(browser_of(officer).get(reverse("desk:case", args=[application.round.slug, application.reference])))


def test_a_damaged_file_sends_the_reader_back_with_a_word() -> None:
    application, (row,) = make_case_with_files()
    Path(store.store().path(row.upload.cleaned)).write_bytes(b"swapped")
    answer = browser_of(make_user(None, Role.OFFICER)).get(for_office(application, row), follow=True)
    assert "This file cannot be opened at the moment." in text(answer)


def test_a_case_with_three_files_costs_no_more_queries_than_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    few, _one = make_case_with_files(1)
    many, _three = make_case_with_files(3)
    browser = browser_of(make_user(None, Role.OFFICER))
    pages = [reverse("desk:case", args=[each.round.slug, each.reference]) for each in (few, many)]
    browser.get(pages[0])
    with CaptureQueriesContext(connection) as few_queries:
        browser.get(pages[0])
    with django_assert_num_queries(len(few_queries)):
        browser.get(pages[1])
