"""The page of the attachments and the files that it gives out (quality: S-03, S-40 to S-42, S-49, U-14 to U-16, U-66)."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.tests.make import make_user
from applications.actions import attach_file, submit_application
from applications.files import store
from applications.files.limits import LARGEST_FILE
from applications.files.receiving import CappedUploadHandler
from applications.models import Application, Attachment, Member, Part, Scan, Upload
from applications.tests import pdfs
from applications.tests.make import make_draft, the_draft
from rounds.tests.make import close_round

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path / "attachments"


def page_of(application: Application) -> str:
    return reverse("applications:edit", args=[application.reference, "attachments"])


def send(client: Client, application: Application, *files: tuple[str, bytes], purpose: str = "plan", **headers: str) -> Any:
    sent = [SimpleUploadedFile(name, content, content_type="application/pdf") for name, content in files]
    address = reverse("applications:attach", args=[application.reference])
    return client.post(address, {"purpose": purpose, "file": sent}, follow=not headers, headers=headers)


def attached(application: Application, words: str = "", name: str = "plan.pdf") -> Attachment:
    data = io.BytesIO(pdfs.good(words=words or name))
    return attach_file(the_draft(application), by=application.owner, data=data, name=name, purpose="plan")


def address_of(row: Attachment, application: Application) -> str:
    return reverse("applications:attachment", args=[application.reference, row.pk])


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_limits_stand_on_the_page_before_the_choice(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    page = text(client.get(page_of(application)))
    assert "at most 20 MB and 100 pages each" in page
    assert "At most 10 files and 60 MB together" in page
    assert page.index("at most 20 MB") < page.index('type="file"')
    assert "I attach nothing" in page


def test_without_a_script_a_file_is_attached_shown_and_removed(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    page = text(send(client, application, ("研究计划.pdf", pdfs.with_metadata())))
    row = Attachment.objects.get()
    assert "Attached: 研究计划.pdf. Nothing is submitted yet." in page
    assert "1 page" in page
    assert "Not checked for viruses" in page
    assert "author: Jane Hidden" in page
    assert f"{address_of(row, application)}?copy=reviewers" in page
    assert "I attach nothing" not in page
    page = text(client.post(reverse("applications:detach", args=[application.reference, row.pk]), follow=True))
    assert "Removed: 研究计划.pdf." in page
    assert "No file yet." in page
    assert not Attachment.objects.exists()


def test_each_of_several_files_is_checked_for_itself(client: Client) -> None:
    """Content types lie, and the second file of a field is a file like the first."""
    application = make_draft()
    client.force_login(application.owner)
    page = text(send(client, application, ("good.pdf", pdfs.good()), ("bad.pdf", b"<html><script>alert(1)</script>"), ("run.pdf.exe", pdfs.good(2))))
    assert "“bad.pdf” is not attached. This is not a PDF." in page
    assert "“run.pdf.exe” is not attached. The name of this file does not end in .pdf." in page
    assert [row.name for row in Attachment.objects.all()] == ["good.pdf"]


@pytest.mark.parametrize("name", ["../../../etc/cron.d/x.pdf", "a\x00.pdf", "con.pdf", "x" * 300 + ".pdf", "计划" * 42 + ".pdf", "\u202efdp.pdf"])
def test_whatever_a_file_is_called_it_is_stored_under_another_name(client: Client, folder: Path, name: str) -> None:
    application = make_draft()
    client.force_login(application.owner)
    send(client, application, (name, pdfs.good()))
    (row,) = Attachment.objects.all()
    answer = client.get(address_of(row, application))
    assert answer.status_code == 200
    assert "/" not in row.name
    assert {path.suffix for path in folder.rglob("*.*")} == {".pdf"}
    assert row.name.removesuffix(".pdf") not in {path.stem for path in folder.rglob("*")}


def test_the_script_of_the_page_gets_json_and_a_status_that_says_whether_trying_again_helps(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    answer = send(client, application, ("a.pdf", pdfs.good()), X_Upload="yes")
    assert (answer.status_code, answer.json()) == (201, {"attached": ["a.pdf"], "problems": []})
    answer = send(client, application, ("b.pdf", b""), X_Upload="yes")
    assert answer.status_code == 422
    assert answer.json()["problems"] == [["b.pdf", "This file is empty (0 bytes)."]]
    close_round(application.round)
    answer = send(client, application, ("c.pdf", pdfs.good(2)), X_Upload="yes")
    assert answer.status_code == 409
    assert "Too late" in answer.json()["problems"][0][1]


@pytest.mark.parametrize(
    ("sent", "words"), [({}, "Say what the file is for."), ({"purpose": "plan"}, "Choose a file first."), ({"purpose": "x"}, "Say what")]
)
def test_a_form_without_file_or_purpose_says_what_is_missing(client: Client, sent: dict[str, str], words: str) -> None:
    application = make_draft()
    client.force_login(application.owner)
    assert words in text(client.post(reverse("applications:attach", args=[application.reference]), sent, follow=True))


def test_a_file_of_an_earlier_application_is_offered_and_attached_again(client: Client) -> None:
    earlier = make_draft()
    row = attached(earlier)
    application = make_draft(earlier.round, owner=earlier.owner)
    client.force_login(earlier.owner)
    page = text(client.get(page_of(application)))
    assert "Attach again" in page
    address = reverse("applications:attach", args=[application.reference])
    page = text(client.post(address, {"again": str(row.pk)}, follow=True))
    assert "Attached: plan.pdf" in page
    assert "Attach again" not in page
    stranger = make_draft(earlier.round)
    client.force_login(stranger.owner)
    assert "Attach again" not in text(client.get(page_of(stranger)))
    assert client.post(reverse("applications:attach", args=[stranger.reference]), {"again": str(row.pk)}).status_code == 404


def test_with_ten_files_the_page_says_that_it_is_full(client: Client, settings: LazySettings) -> None:
    application = make_draft()
    for number in range(10):
        attached(application, name=f"{number}.pdf")
    client.force_login(application.owner)
    page = text(client.get(page_of(application)))
    assert "10 files are attached, which is the most." in page
    assert 'type="file"' not in page


def test_one_file_and_three_files_cost_the_same_number_of_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    application = make_draft()
    client.force_login(application.owner)
    attached(application)
    client.get(page_of(application))
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(application))
    for number in range(2):
        attached(application, name=f"{number}.pdf")
    with django_assert_num_queries(len(few)):
        client.get(page_of(application))


# --- Whose they are ---------------------------------------------------------------------------------------------------------


def test_a_file_is_given_to_the_team_alone_and_does_not_exist_for_others(client: Client) -> None:
    application, other = make_draft(), make_draft()
    row = attached(application)
    assert client.get(address_of(row, application)).status_code == 302
    client.force_login(other.owner)
    assert client.get(address_of(row, application)).status_code == 404
    assert client.get(address_of(row, other)).status_code == 404  # by an address of one's own
    for name in ("attach", "detach"):
        arguments = [application.reference] + ([row.pk] if name == "detach" else [])
        assert client.post(reverse(f"applications:{name}", args=arguments)).status_code == 404
    assert client.post(reverse("applications:detach", args=[other.reference, row.pk])).status_code == 404
    reader = make_user()
    Member.objects.create(
        application=application, email=reader.email, user=reader, part=Part.READ, invited_by=application.owner, accepted_at=timezone.now()
    )
    client.force_login(reader)
    assert client.get(address_of(row, application)).status_code == 200
    assert send(client, application, ("x.pdf", pdfs.good(3)), X_Upload="yes").status_code == 403
    assert client.post(reverse("applications:detach", args=[application.reference, row.pk])).status_code == 403
    Member.objects.update(ended_at=timezone.now())
    assert client.get(address_of(row, application)).status_code == 404
    assert Attachment.objects.count() == 1


def test_a_file_goes_out_as_a_download_that_no_page_can_show(client: Client) -> None:
    application = make_draft()
    row = attached(application, name="研究计划.pdf")
    client.force_login(application.owner)
    answer = client.get(address_of(row, application), headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"})
    assert answer.content == store.read(row.upload.stored, row.upload.digest)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E7%A0%94%E7%A9%B6%E8%AE%A1%E5%88%92.pdf"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"private", "no-store"} <= {word.strip() for word in answer["Cache-Control"].split(",")}
    copy = client.get(address_of(row, application) + "?copy=reviewers")
    assert copy.content == store.read(row.upload.cleaned, row.upload.cleaned_digest)


@pytest.mark.parametrize("dest", ["embed", "object", "iframe", "frame", "image", "script", "style", "worker", "xslt"])
def test_a_file_is_not_drawn_into_a_page(client: Client, dest: str) -> None:
    application = make_draft()
    row = attached(application)
    client.force_login(application.owner)
    assert client.get(address_of(row, application), headers={"Sec-Fetch-Dest": dest}).status_code == 403


def test_another_site_may_link_to_a_file_and_not_fetch_it(client: Client) -> None:
    application = make_draft()
    row = attached(application)
    client.force_login(application.owner)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (
        client.get(address_of(row, application), headers={**elsewhere, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}).status_code == 200
    )
    assert client.get(address_of(row, application), headers={**elsewhere, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}).status_code == 403


def test_an_infected_file_is_named_and_given_to_nobody(client: Client) -> None:
    application = make_draft()
    row = attached(application)
    Upload.objects.update(scan=Scan.INFECTED, finding="Win.Test")
    client.force_login(application.owner)
    page = text(client.get(page_of(application)))
    assert "Virus found" in page
    assert "Win.Test" in page
    assert address_of(row, application) + '"' not in page
    assert client.get(address_of(row, application)).status_code == 404


def test_a_swapped_file_is_not_given_out(client: Client) -> None:
    application = make_draft()
    row = attached(application)
    path = Path(store.store().path(row.upload.stored))
    path.write_bytes(b"swapped")
    client.force_login(application.owner)
    page = text(client.get(address_of(row, application), follow=True))
    assert "This file cannot be opened at the moment. The office has been told." in page


def test_files_stand_on_the_check_page_and_on_the_receipt(client: Client) -> None:
    application = make_draft()
    row = attached(application)
    client.force_login(application.owner)
    assert address_of(row, application) in text(client.get(reverse("applications:check", args=[application.reference])))
    submit_application(application, by=application.owner, key=uuid4())
    assert address_of(row, application) in text(client.get(reverse("applications:receipt", args=[application.reference])))
    assert client.get(address_of(row, application)).status_code == 200


# --- Too much ---------------------------------------------------------------------------------------------------------------


def test_no_more_of_a_file_is_written_than_could_be_attached() -> None:
    handler = CappedUploadHandler()
    handler.new_file("file", "large.pdf", "application/pdf", None)
    chunk = b"0" * (1 << 20)
    for start in range(0, 2 * LARGEST_FILE, len(chunk)):
        handler.receive_data_chunk(chunk, start)
    received: Any = handler.file_complete(2 * LARGEST_FILE)
    assert received.size == 2 * LARGEST_FILE
    assert Path(received.temporary_file_path()).stat().st_size <= LARGEST_FILE + 2 * len(chunk)
    received.close()


def test_a_disk_that_is_full_while_the_file_comes_in_is_said_on_the_page(client: Client, settings: LazySettings, tmp_path: Path) -> None:
    application = make_draft()
    client.force_login(application.owner)
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")
    answer = send(client, application, ("a.pdf", pdfs.good()), X_Upload="yes")
    assert answer.status_code == 503
    assert "The file could not be saved" in answer.json()["problems"][0][1]
    assert not Upload.objects.exists()


def test_a_file_that_is_too_large_is_told_its_size(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    page = text(send(client, application, ("large.pdf", b"%PDF-1.7" + bytes(21 * 1024**2))))
    assert "“large.pdf” is not attached. This file has 21.0 MB; at most 20 MB are possible." in page
    assert timezone.now() - the_draft(application).saved_at < timedelta(minutes=5)


def test_who_signs_in_again_after_sending_comes_back_to_the_page(client: Client) -> None:
    application = make_draft()
    row = attached(application)
    client.force_login(application.owner)
    for address in (
        reverse("applications:attach", args=[application.reference]),
        reverse("applications:detach", args=[application.reference, row.pk]),
    ):
        assert client.get(address)["Location"] == page_of(application)
    assert Attachment.objects.exists()
