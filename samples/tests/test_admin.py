"""Django's admin shows administrators what the public sees of stock, and changes nothing."""

import pytest
from django.test import Client

from accounts.models import Role
from accounts.tests.make import make_user
from samples.actions import earmark
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


def test_an_administrator_sees_the_catalogue_without_earmarks_and_changes_nothing(client: Client, settings: object) -> None:
    settings.PORTAL_DEMO = True  # type: ignore[attr-defined]  # no second factor in between
    sample = make_sample(mass_ug=100_000)
    earmark(sample, "LSA-2026-00001", 30_000, by=None)
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    assert client.get("/admin/samples/sample/").status_code == 200
    page = client.get(f"/admin/samples/sample/{sample.pk}/change/")
    assert page.status_code == 200
    assert "100.0" in page.content.decode()
    assert "70.0" not in page.content.decode()
    assert client.get("/admin/samples/sample/add/").status_code == 403
    assert client.post(f"/admin/samples/sample/{sample.pk}/change/", {"number": "X"}).status_code == 403
    for hidden in ("hold", "movement"):
        assert client.get(f"/admin/samples/{hidden}/").status_code == 404
