"""In which language and zone a page speaks, where it may be kept, and what the way through the portal shows."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.context import navigation
from accounts.models import Role, User
from accounts.tests.make import make_user

pytestmark = pytest.mark.django_db


def language_of(client: Client, **headers: str) -> str:
    return str(client.get(reverse("accounts:profile"), headers=headers)["Content-Language"])


def test_the_cookie_goes_before_the_persons_language_and_that_before_the_browsers(client: Client) -> None:
    client.force_login(make_user(language="zh-hans"))
    assert language_of(client, accept_language="en") == "zh-hans"
    client.post(reverse("set_language"), {"language": "en"})
    assert language_of(client, accept_language="zh") == "en"


def test_a_strangers_page_is_in_the_browsers_language(client: Client) -> None:
    assert client.get(reverse("account_login"), headers={"accept-language": "zh-CN,zh;q=0.9"})["Content-Language"] == "zh-hans"
    assert client.get(reverse("account_login"), headers={"accept-language": "fr"})["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("own", "cookie", "zone"),
    [
        ("Europe/Paris", "Asia/Tokyo", "Europe/Paris"),
        ("", "Asia/Tokyo", "Asia/Tokyo"),
        ("", "../../etc/passwd", None),
        ("", "Mars/Base", None),
        ("", "", None),
        ("Nowhere/Land", "Asia/Tokyo", "Asia/Tokyo"),
    ],
)
def test_the_readers_zone_is_their_own_then_the_browsers_and_never_a_made_up_one(client: Client, own: str, cookie: str, zone: str | None) -> None:
    client.force_login(make_user(time_zone=own))
    client.cookies["reader_zone"] = cookie
    found = client.get(reverse("accounts:profile")).context["reader_zone"]
    assert (str(found) if found else None) == zone


def test_a_signed_in_page_is_kept_by_no_cache(client: Client) -> None:
    client.force_login(make_user())
    for page in (reverse("accounts:profile"), reverse("accounts:people"), "/no-such-page/"):
        answer = client.get(page)
        assert {part.strip() for part in answer["Cache-Control"].split(",")} >= {"private", "no-store"}, page
        assert "Cookie" in answer["Vary"]


def test_the_page_that_signs_in_is_kept_by_no_cache_either(client: Client) -> None:
    person = make_user()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": "lunar-demo"})
    assert "no-store" in answer["Cache-Control"]


def test_the_profile_is_changed_by_its_owner_alone_and_stays_what_it_was_when_refused(client: Client) -> None:
    person = make_user(full_name="Before")
    client.force_login(person)
    words = {"full_name": "After", "native_name": "之后", "language": "zh-hans", "time_zone": "Europe/Paris"}
    assert client.post(reverse("accounts:profile"), words).status_code == 302
    person.refresh_from_db()
    assert (person.full_name, person.native_name, person.language, person.time_zone) == ("After", "之后", "zh-hans", "Europe/Paris")
    for wrong in ({"full_name": ""}, {"language": "xx"}, {"time_zone": "Mars/Base"}):
        assert client.post(reverse("accounts:profile"), {**words, "full_name": "Else", **wrong}).status_code == 422
    assert User.objects.get(pk=person.pk).full_name == "After"


def test_the_profile_form_takes_no_field_that_it_does_not_show(client: Client) -> None:
    person = make_user()
    client.force_login(person)
    words = {"full_name": "A", "native_name": "", "language": "en", "time_zone": "", "is_active": "", "email": "x@example.org", "groups": "1"}
    client.post(reverse("accounts:profile"), words)
    after = User.objects.get(pk=person.pk)
    assert (after.email, after.is_active, after.roles) == (person.email, True, frozenset())


def test_the_navigation_shows_what_the_reader_may_open() -> None:
    def urls(user: Any) -> list[str]:
        return [entry.url for entry in navigation(user, "/people/")]

    assert "/people/" not in urls(None)
    assert "/people/" not in urls(make_user(None, Role.OFFICER))
    assert "/institutions/" in urls(make_user(None, Role.OFFICER))
    assert {"/people/", "/institutions/"} <= set(urls(make_user(None, Role.ADMINISTRATOR)))
    current = [entry.url for entry in navigation(make_user(None, Role.ADMINISTRATOR), "/people/12/") if entry.is_current]
    assert current == ["/people/"]


# --- Django's admin -------------------------------------------------------------------------------------------------------


def test_the_admin_is_open_to_administrators_alone_and_signs_in_nobody_itself(client: Client) -> None:
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/")["Location"].startswith(reverse("account_login"))
    client.force_login(make_user(None, Role.OFFICER))
    assert client.get("/admin/", follow=True).status_code == 403
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    assert client.get("/admin/").status_code == 200


def test_the_admin_shows_people_and_changes_none(client: Client) -> None:
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    person = make_user()
    assert client.get("/admin/accounts/user/").status_code == 200
    page = f"/admin/accounts/user/{person.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"email": "x@example.org", "groups": ["5"]}).status_code == 403
    assert client.post("/admin/accounts/user/add/", {}).status_code == 403
    assert client.post(f"/admin/accounts/user/{person.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/auth/group/").status_code == 403
    assert User.objects.get(pk=person.pk).roles == frozenset()


def test_attempts_are_counted_where_every_process_sees_them() -> None:
    cache.set("counted", 3)
    assert type(cache._connections[cache._alias]).__name__ == "DatabaseCache"  # type: ignore[attr-defined]
    assert cache.get("counted") == 3
