"""What is too much for any page is answered before anything reads it (quality: U-66)."""

import io
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from applications.files.limits import LARGEST_REQUEST
from applications.tests.make import make_draft
from lunarloans.middleware import RequestSize


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_request_beyond_all_limits_is_answered_in_the_look_and_nothing_is_lost(client: Client, language: str) -> None:
    application = make_draft()
    client.force_login(application.owner)
    address = reverse("applications:attach", args=[application.reference])
    sent: dict[str, Any] = {"CONTENT_LENGTH": str(LARGEST_REQUEST + 1), "HTTP_ACCEPT_LANGUAGE": language, "wsgi.input": io.BytesIO(b"x" * 1000)}
    answer = client.generic("POST", address, b"x", "multipart/form-data; boundary=x", **sent)
    assert sent["wsgi.input"].read() == b""  # a browser that is still sending shows no answer
    assert answer.status_code == 413
    page = answer.content.decode()
    assert "20 MB" in page
    assert "skip" in page  # the whole page, with its navigation
    if language == "en":
        assert "That was too much at once" in page
        assert "Everything saved before is still there." in page


@pytest.mark.parametrize("said", ["", "0", "abc", "-5", str(LARGEST_REQUEST)])
def test_other_requests_pass(rf: RequestFactory, said: str) -> None:
    passed = HttpResponse()
    assert RequestSize(lambda request: passed)(rf.post("/", CONTENT_LENGTH=said)) is passed
