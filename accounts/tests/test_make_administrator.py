"""The first administrator of an installation, made by a command."""

import re
import socket
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.actions import deactivate_person, invite_person
from accounts.models import Role, RoleChange, User
from accounts.tests.make import make_user, sign_in

pytestmark = pytest.mark.django_db
EMAIL = "first@example.org"


def make_administrator(email: str = EMAIL, **options: Any) -> str:
    said = StringIO()
    call_command("make_administrator", email, **{"name": "Ada First", **options}, stdout=said)
    return said.getvalue()


def administrators() -> list[str]:
    return [user.email for user in User.objects.with_role(Role.ADMINISTRATOR)]


def link_in(text: str) -> str:
    found = re.search(r"http://\S+(/accounts/password/reset/key/\S+)", text)
    assert found, text
    return found[1]


def set_password(client: Client, link: str) -> None:
    form = client.get(link, follow=True)
    password = "a long way to the Moon"
    answer = client.post(form.redirect_chain[-1][0], {"password1": password, "password2": password}, follow=True)
    assert answer.status_code == 200


def test_the_first_administrator_gets_a_mail_and_signs_in_through_its_link(client: Client, committed: Any) -> None:
    with committed(execute=True):
        said = make_administrator(language="zh-hans")
    assert "is on its way" in said
    assert "/accounts/password/" not in said
    assert administrators() == [EMAIL]
    user = User.objects.get(email=EMAIL)
    assert (user.full_name, user.language) == ("Ada First", "zh-hans")
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    set_password(client, link_in(str(mail.outbox[0].body)))
    user.refresh_from_db()
    assert user.has_usable_password()


def test_the_log_of_roles_says_that_no_person_gave_the_role() -> None:
    make_administrator()
    change = RoleChange.objects.get(user__email=EMAIL)
    assert (change.role, change.given, change.by) == (Role.ADMINISTRATOR, True, None)


def test_without_a_mail_server_the_link_is_printed_and_works(client: Client, settings: Settings, committed: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    with committed():
        said = make_administrator()
    assert "does not answer" in said
    set_password(client, link_in(said))
    assert User.objects.get(email=EMAIL).has_usable_password()


def test_a_second_administrator_is_refused_unless_asked_for_in_so_many_words() -> None:
    make_administrator()
    with pytest.raises(CommandError, match="is administrator already and can give"):
        make_administrator("second@example.org")
    assert administrators() == [EMAIL]
    make_administrator("second@example.org", name="Bea Second", another=True)
    assert administrators() == [EMAIL, "second@example.org"]


def test_an_administrator_whose_account_is_closed_stands_in_nobodys_way() -> None:
    deactivate_person(make_user("gone@example.org", Role.ADMINISTRATOR), by=None)
    make_administrator()
    assert administrators() == [EMAIL]


def test_who_never_used_the_link_gets_another_one(committed: Any) -> None:
    make_administrator()
    with committed(execute=True):
        assert "is on its way" in make_administrator()
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    assert RoleChange.objects.count() == 1


def test_somebody_with_an_account_gets_the_role_and_keeps_the_password(client: Client) -> None:
    user = make_user(EMAIL)
    assert "had an account already" in make_administrator()
    assert administrators() == [EMAIL]
    sign_in(client, user)
    assert client.get(reverse("accounts:profile")).status_code in {200, 302}
    assert User.objects.get(email=EMAIL).check_password("lunar-demo")


def test_an_account_whose_address_nobody_proved_gets_no_role() -> None:
    make_user(EMAIL)
    EmailAddress.objects.update(verified=False)
    with pytest.raises(CommandError, match="Nobody has proved yet"):
        make_administrator()
    assert administrators() == []


def test_a_deactivated_account_gets_no_role() -> None:
    deactivate_person(make_user(EMAIL), by=None)
    with pytest.raises(CommandError, match="deactivated"):
        make_administrator()


@pytest.mark.parametrize(("email", "name", "reason"), [("nobody", "Ada", "not an e-mail address"), (EMAIL, "  ", "has a name")])
def test_a_wrong_address_or_an_empty_name_is_refused(email: str, name: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        make_administrator(email, name=name)
    assert not User.objects.exists()


def test_invitations_by_no_person_are_not_counted_against_anybody() -> None:
    for number in range(25):
        invite_person(f"person{number}@example.org", full_name="Somebody", by=None)
    assert User.objects.count() == 25
