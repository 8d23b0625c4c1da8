"""Who may look after people, and what that does."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import Invitation, Role, RoleChange, User, WrittenOnce
from accounts.tests.make import make_user, sign_in

pytestmark = pytest.mark.django_db
Committed = Callable[..., AbstractContextManager[Any]]
ADMINISTRATOR = Role.ADMINISTRATOR


@pytest.fixture
def office(client: Client) -> User:
    administrator = make_user("admin@example.org", ADMINISTRATOR, full_name="Ada Ministrator")
    sign_in(client, administrator)
    return administrator


@pytest.fixture(autouse=True)
def nobody_is_asked_twice(settings: Any) -> None:
    """The second proof has its own test below."""
    settings.PORTAL_DEMO = True


@pytest.mark.parametrize("roles", [(), (Role.OFFICER,), (Role.EXPERT,), (Role.APPROVER,), (Role.CURATOR,)])
def test_only_an_administrator_opens_the_pages_about_people(client: Client, roles: tuple[Role, ...]) -> None:
    somebody = make_user()
    client.force_login(make_user(None, *roles))
    pages = [reverse("accounts:people"), reverse("accounts:invite"), reverse("accounts:person", args=[somebody.pk])]
    assert [client.get(page).status_code for page in pages] == [403, 403, 403]
    for name in ("give_role", "end_role", "deactivate", "reactivate", "invite_again"):
        assert client.post(reverse(f"accounts:{name}", args=[somebody.pk]), {"role": "expert"}).status_code == 403
    assert not RoleChange.objects.filter(user=somebody).exists()


def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(client: Client) -> None:
    answer = client.get(reverse("accounts:people"))
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/people/"


def test_the_list_costs_the_same_queries_for_one_and_for_three_people(client: Client, office: User, django_assert_num_queries: Any) -> None:
    page = reverse("accounts:people")
    with django_assert_num_queries(4):  # session, person, list, requests to be erased
        client.get(page)
    make_user(None, Role.EXPERT, Role.OFFICER)
    make_user(None, Role.EXPERT)
    with django_assert_num_queries(4):
        assert client.get(page).content.count(b'<th scope="row">') == 3


def test_people_are_found_by_name_by_address_and_by_role(client: Client, office: User) -> None:
    make_user("terada@example.org", Role.EXPERT, full_name="Kentaro Terada", native_name="寺田健太郎")
    make_user("moynier@example.org", full_name="Frédéric Moynier")

    def found(**query: str) -> set[str]:
        page = client.get(reverse("accounts:people"), query).content.decode()
        return {name for name in ("Terada", "Moynier", "Ministrator") if f"{name}</a>" in page}

    assert found(q="寺田") == {"Terada"}
    assert found(q="MOYNIER@") == {"Moynier"}
    assert found(role="expert") == {"Terada"}
    assert found(q="terada", role="officer") == set()
    assert found(q="nobody") == set()
    assert found(role="superuser") == {"Terada", "Moynier", "Ministrator"}


def test_a_long_list_is_walked_page_by_page_without_losing_or_repeating_anybody(
    client: Client, office: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.views.PEOPLE_A_PAGE", 3)
    for name in ("Same Name", "Same Name", "Same Name", "Same Name", "Zoë", "Émile", ""):
        make_user(full_name=name)
    seen: list[str] = []
    url = reverse("accounts:people")
    while url:
        page = client.get(url).content.decode()
        seen += re.findall(r'<th scope="row"><a href="/people/(\d+)/"', page)
        forward = re.search(r'rel="next" href="([^"]+)"', page)
        url = reverse("accounts:people") + forward.group(1).replace("&amp;", "&") if forward else ""
    assert len(seen) == len(set(seen)) == 8


def test_a_made_up_page_key_shows_the_first_page(client: Client, office: User) -> None:
    for after in ("9" * 40, "-1", "x", "１", "0"):
        assert client.get(reverse("accounts:people"), {"after": after}).status_code == 200


def test_names_are_shown_as_text(client: Client, office: User) -> None:
    person = make_user("hostile@example.org", full_name='<img src=x onerror="alert(1)">{{ 7*7 }}', native_name="<b>x</b>")
    for page in (reverse("accounts:people"), reverse("accounts:person", args=[person.pk])):
        shown = client.get(page).content.decode()
        assert "<img src=x" not in shown
        assert "<b>x</b>" not in shown
        assert "{{ 7*7 }}" in shown


def test_a_role_holds_and_ends_with_the_persons_next_request(client: Client, office: User) -> None:
    other, theirs = make_user(), Client()
    theirs.force_login(other)
    assert theirs.get(reverse("accounts:people")).status_code == 403
    client.post(reverse("accounts:give_role", args=[other.pk]), {"role": ADMINISTRATOR})
    assert theirs.get(reverse("accounts:people")).status_code == 200
    client.post(reverse("accounts:end_role", args=[other.pk]), {"role": ADMINISTRATOR})
    assert theirs.get(reverse("accounts:people")).status_code == 403
    log = [(change.role, change.given, change.by) for change in RoleChange.objects.filter(user=other)]
    assert log == [(ADMINISTRATOR, False, office), (ADMINISTRATOR, True, office)]
    assert "Role ended: Administrator" in client.get(reverse("accounts:person", args=[other.pk])).content.decode()


def test_a_role_given_twice_or_ended_twice_is_logged_once() -> None:
    person, by = make_user(), make_user(None, ADMINISTRATOR)
    for _ in range(2):
        actions.give_role(person, Role.EXPERT, by=by)
    for _ in range(2):
        actions.end_role(person, Role.EXPERT, by=by)
    assert RoleChange.objects.filter(user=person).count() == 2


def test_nobody_changes_their_own_roles_or_closes_their_own_account(client: Client, office: User) -> None:
    client.post(reverse("accounts:give_role", args=[office.pk]), {"role": "approver"})
    client.post(reverse("accounts:end_role", args=[office.pk]), {"role": "administrator"})
    answer = client.post(reverse("accounts:deactivate", args=[office.pk]), follow=True)
    assert "Nobody changes their own roles" in answer.content.decode()
    person = User.objects.get(pk=office.pk)
    assert person.is_active
    assert person.roles == {"administrator"}


@pytest.mark.parametrize("role", ["", "superuser", "administrator'--"])
def test_a_role_that_does_not_exist_is_a_bad_request(client: Client, office: User, role: str) -> None:
    assert client.post(reverse("accounts:give_role", args=[make_user().pk]), {"role": role}).status_code == 400


def test_the_log_of_roles_cannot_be_changed_or_deleted_in_code_or_in_the_database() -> None:
    person = make_user(None, Role.EXPERT)
    change = RoleChange.objects.get(user=person)
    with pytest.raises(WrittenOnce):
        change.save()
    with pytest.raises(WrittenOnce):
        change.delete()
    for spoil in (lambda: RoleChange.objects.update(given=False), RoleChange.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()


def test_the_database_refuses_a_superuser_and_a_second_account_with_other_capitals() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="root@example.org", is_superuser=True)
    make_user("one@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ONE@example.org")


def test_a_deactivated_person_is_out_at_once_and_stays_out_of_old_sessions(client: Client, office: User) -> None:
    person, theirs = make_user(), Client()
    theirs.force_login(person)
    assert theirs.get(reverse("accounts:profile")).status_code == 200
    client.post(reverse("accounts:deactivate", args=[person.pk]))
    assert theirs.get(reverse("accounts:profile")).status_code == 302
    sign_in(theirs, person)
    assert theirs.get(reverse("accounts:profile")).status_code == 302
    client.post(reverse("accounts:reactivate", args=[person.pk]))
    assert theirs.get(reverse("accounts:profile")).status_code == 302, "the old session is dead for good"
    sign_in(theirs, person)
    assert theirs.get(reverse("accounts:profile")).status_code == 200


def test_a_deactivated_person_holds_no_role_and_is_given_none() -> None:
    person, by = make_user(None, Role.EXPERT), make_user(None, ADMINISTRATOR)
    actions.deactivate_person(person, by=by)
    assert not person.has_role(Role.EXPERT)
    assert person not in User.objects.with_role(Role.EXPERT)
    with pytest.raises(actions.AccountClosed):
        actions.give_role(person, Role.OFFICER, by=by)


# --- Invitations ----------------------------------------------------------------------------------------------------------


def invite(client: Client, **fields: Any) -> Any:
    words = {"email": "new@example.org", "full_name": "New Person", "native_name": "", "language": "en", "roles": ["expert"], **fields}
    return client.post(reverse("accounts:invite"), words)


def test_an_invited_person_sets_a_password_by_the_link_and_signs_in(client: Client, office: User, committed: Committed) -> None:
    with committed(execute=True):
        assert invite(client).status_code == 302
    person = User.objects.get(email="new@example.org")
    assert person.awaits_password
    assert person.roles == {"expert"}
    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    link = re.search(r"http://\S+/accounts/password/reset/key/\S+", str(message.body))
    assert link
    theirs = Client()
    form = theirs.get(link.group(0), follow=True)
    assert form.status_code == 200
    words = {"password1": "a moon of basalt 1", "password2": "a moon of basalt 1"}
    theirs.post(form.redirect_chain[-1][0], words)
    assert not User.objects.get(pk=person.pk).awaits_password
    assert theirs.get(link.group(0), follow=True).context.get("token_fail"), "the link works once"


def test_the_invitation_is_written_in_the_language_of_the_invited(client: Client, office: User, committed: Committed) -> None:
    with committed(execute=True):
        invite(client, language="zh-hans")
    (message,) = mail.outbox
    assert "/accounts/password/reset/key/" in message.body
    assert "http://127.0.0.1:8000" in message.body


def test_a_name_in_an_invitation_is_short_and_on_one_line_and_never_in_the_subject(client: Client, office: User, committed: Committed) -> None:
    with committed(execute=True):
        invite(client, full_name="Buy now\r\nBcc: everybody@example.org\u2028" + "x" * 150)
    (message,) = mail.outbox
    assert message.recipients() == ["new@example.org"]
    assert "Buy now" not in message.subject
    greeting = message.body.splitlines()[0]
    assert greeting.startswith("Dear Buy now Bcc everybody example. org xxx")
    assert len(greeting) < 100


def test_an_address_that_has_an_account_is_not_invited_again(client: Client, office: User) -> None:
    make_user("new@example.org")
    answer = invite(client, email="NEW@example.org")
    assert answer.status_code == 422
    assert "has an account with this address already" in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("email", ["", "a@b", "a@example.org,b@example.org", "a@example.org\nBcc: b@example.org", '"x"@'])
def test_what_is_no_single_address_is_refused(client: Client, office: User, email: str) -> None:
    assert invite(client, email=email).status_code == 422
    assert not Invitation.objects.exists()


def test_the_twenty_first_invitation_within_a_day_is_refused_and_leaves_nothing(client: Client, office: User) -> None:
    for number in range(20):
        assert invite(client, email=f"guest{number}@example.org").status_code == 302
    answer = invite(client, email="guest20@example.org")
    assert answer.status_code == 422
    assert "Send the next one tomorrow" in answer.content.decode()
    assert not User.objects.filter(email="guest20@example.org").exists()
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        actions.invite_person("guest20@example.org", full_name="Guest", by=office)


def test_an_invitation_is_sent_again_only_while_no_password_is_set(client: Client, office: User) -> None:
    invite(client)
    person = User.objects.get(email="new@example.org")
    again = reverse("accounts:invite_again", args=[person.pk])
    client.post(again)
    assert Invitation.objects.filter(user=person).count() == 2
    person.set_password("a moon of basalt 1")
    person.save()
    assert "set a password already" in client.post(again, follow=True).content.decode()
    assert Invitation.objects.filter(user=person).count() == 2


def test_a_demonstration_account_is_made_once_and_left_alone_afterwards() -> None:
    first = actions.create_demonstration_account("officer@example.org", full_name="Olivia Officer", roles=[Role.OFFICER])
    actions.end_role(first, Role.OFFICER, by=None)
    again = actions.create_demonstration_account("officer@example.org", full_name="Else", roles=[Role.OFFICER])
    assert again == first
    assert again.full_name == "Olivia Officer"
    assert User.objects.get(pk=first.pk).roles == frozenset()
    assert first.is_synthetic


# --- The second proof -----------------------------------------------------------------------------------------------------


def test_outside_the_demonstration_a_role_is_given_only_after_the_password_was_typed_again(client: Client, office: User, settings: Any) -> None:
    settings.PORTAL_DEMO = False
    person = make_user()
    give = reverse("accounts:give_role", args=[person.pk])
    answer = client.post(give, {"role": "expert"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert User.objects.get(pk=person.pk).roles == frozenset()
    client.post(answer["Location"], {"password": actions.DEMONSTRATION_PASSWORD, "next": give})
    assert User.objects.get(pk=person.pk).roles == {"expert"}
