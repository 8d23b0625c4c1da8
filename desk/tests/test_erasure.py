"""A person is erased: on request, by an administrator, with the history kept; and not while somebody still needs them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from celery import current_app
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import AccountChange, Role, User
from accounts.tests.make import make_user, prove_again, sign_in
from applications.models import Member, Part
from applications.tests.make import make_draft, make_in_review, make_submitted
from desk.actions import StillNeeded, erase_person, reasons_to_keep
from letters.models import Mail
from reviews.tests.make import decide

pytestmark = pytest.mark.django_db
Committed = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def administrator() -> User:
    return make_user("admin@example.org", Role.ADMINISTRATOR)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Iterator[Any]:
    """Mails are sent at the end of the block, as a worker would after the commit."""
    current_app.conf.task_always_eager = True
    yield django_capture_on_commit_callbacks
    current_app.conf.task_always_eager = False


@pytest.fixture
def office(administrator: User, settings: Any) -> Client:
    settings.PORTAL_DEMO = True  # the second proof has its own tests
    client = Client()
    client.force_login(administrator)
    return client


def ask(client: Client, person: User, word: str = "erase") -> Any:
    client.force_login(person)
    return client.post(reverse("desk:my_data"), {"word": word})


# --- Asking ---------------------------------------------------------------------------------------------------------------


def test_a_person_asks_with_a_word_and_the_administrator_sees_it(client: Client, office: Client) -> None:
    person = make_user(full_name="Going Away")
    assert ask(client, person)["Location"] == reverse("desk:my_data")
    assert "You have asked for the erasure" in client.get(reverse("desk:my_data")).content.decode()
    page = office.get(reverse("accounts:people")).content.decode()
    assert reverse("desk:erase", args=[person.pk]) in page
    ask(client, person)
    assert AccountChange.objects.filter(user=person).count() == 1


@pytest.mark.parametrize("word", ["", "yes", "delete"])
def test_another_word_asks_for_nothing(client: Client, word: str) -> None:
    assert ask(client, make_user(), word).status_code == 422
    assert not AccountChange.objects.exists()


def test_a_request_is_written_once() -> None:
    actions.ask_for_erasure(make_user())
    for change in (lambda: AccountChange.objects.update(kind="erased"), lambda: AccountChange.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- Erasing --------------------------------------------------------------------------------------------------------------


def test_an_erased_account_says_nothing_of_its_person_and_its_history_still_holds(office: Client, committed: Committed) -> None:
    draft = make_draft(owner=make_user("gone@example.org", full_name="Going Away", native_name="走", password="a moon of basalt"))
    person = draft.owner
    SocialAccount.objects.create(user=person, provider="orcid", uid="0000-0002-1825-0097")
    Mail.objects.create(
        key="k", message_id="m", recipient="gone@example.org", language="en", subject="s", body="b", state="sent", sent_at=timezone.now()
    )
    away = Client()
    away.force_login(person)
    actions.ask_for_erasure(person)
    with committed(execute=True):
        answer = office.post(reverse("desk:erase", args=[person.pk]))
    assert answer["Location"] == reverse("accounts:person", args=[person.pk])
    gone = User.objects.get(pk=person.pk)
    assert (gone.full_name, gone.native_name, gone.email, gone.is_active) == ("", "", f"erased-{person.pk}@erased.invalid", False)
    assert str(gone) == f"Erased account {person.pk}"
    assert not gone.has_usable_password()
    for model in (EmailAddress, Authenticator, SocialAccount):
        assert not model.objects.filter(user=person).exists()
    assert not Mail.objects.filter(recipient="gone@example.org").exists()
    assert away.get(reverse("accounts:profile")).status_code == 302
    assert [message.to for message in mail.outbox] == [["gone@example.org"]]
    assert draft.history.filter(by=person).exists() or not draft.history.exists()
    call_command("verify_history")
    page = office.get(reverse("accounts:person", args=[person.pk])).content.decode()
    assert "Going Away" not in page
    assert "Account erased" in page
    assert reverse("desk:erase", args=[person.pk]) not in office.get(reverse("accounts:people")).content.decode()


def test_the_places_in_teams_end_and_forget_the_address(administrator: User) -> None:
    application, person = make_draft(), make_user("gone@example.org")
    Member.objects.create(
        application=application, email=person.email, user=person, part=Part.EDIT, invited_by=application.owner, accepted_at=timezone.now()
    )
    actions.ask_for_erasure(person)
    erase_person(person, by=administrator)
    member = Member.objects.get()
    assert not member.takes_part
    assert "gone" not in member.email


def test_an_erased_account_is_not_opened_again_and_its_address_is_free(office: Client) -> None:
    person = make_user("gone@example.org")
    actions.ask_for_erasure(person)
    office.post(reverse("desk:erase", args=[person.pk]))
    office.post(reverse("accounts:reactivate", args=[person.pk]))
    assert not User.objects.get(pk=person.pk).is_active
    assert make_user("gone@example.org").is_active


def test_nobody_is_erased_who_has_not_asked(office: Client) -> None:
    person = make_user("stays@example.org")
    office.post(reverse("desk:erase", args=[person.pk]))
    assert User.objects.get(pk=person.pk).email == "stays@example.org"


@pytest.mark.parametrize("make", [make_submitted, make_in_review])
def test_who_has_an_application_under_way_is_kept_with_a_reason(office: Client, make: Callable[[], Any]) -> None:
    application = make()
    person = application.owner
    actions.ask_for_erasure(person)
    answer = office.post(reverse("desk:erase", args=[person.pk]), follow=True)
    assert application.reference in answer.content.decode()
    assert User.objects.get(pk=person.pk).erased_at is None


def test_the_reason_betrays_no_decision_that_is_not_visible(administrator: User) -> None:
    application = make_in_review()
    before = reasons_to_keep(application.owner)
    decide(application)
    assert reasons_to_keep(application.owner) == before


def test_who_holds_a_role_is_kept(administrator: User) -> None:
    officer = make_user(None, Role.OFFICER)
    actions.ask_for_erasure(officer)
    with pytest.raises(StillNeeded, match="Officer"):
        erase_person(officer, by=administrator)


def test_a_refusal_is_told_with_its_reason_and_settles_the_request(office: Client, committed: Committed) -> None:
    person = make_user("stays@example.org")
    actions.ask_for_erasure(person)
    with committed(execute=True):
        office.post(reverse("desk:refuse_erasure", args=[person.pk]), {"reason": "An agreement is still to be signed."})
    assert "An agreement is still to be signed." in mail.outbox[0].body
    assert not person.awaits_erasure()
    actions.ask_for_erasure(person)
    assert person.awaits_erasure()


@pytest.mark.parametrize("roles", [(), (Role.OFFICER,), (Role.APPROVER,), (Role.EXPERT,), (Role.CURATOR,)])
def test_only_an_administrator_erases(client: Client, roles: tuple[Role, ...]) -> None:
    person = make_user()
    actions.ask_for_erasure(person)
    somebody = make_user(None, *roles, second_factor=True)
    client.force_login(somebody)
    prove_again(client, somebody)
    for name in ("desk:erase", "desk:refuse_erasure"):
        assert client.post(reverse(name, args=[person.pk]), {"reason": "x"}).status_code == 403
    assert person.awaits_erasure()


def test_an_administrator_proves_who_they_are_first(client: Client) -> None:
    person = make_user()
    actions.ask_for_erasure(person)
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    answer = client.post(reverse("desk:erase", args=[person.pk]))
    assert "reauthenticate" in answer["Location"]
    assert User.objects.get(pk=person.pk).erased_at is None


def test_nobody_erases_themselves(office: Client, administrator: User) -> None:
    actions.ask_for_erasure(administrator)
    assert office.post(reverse("desk:erase", args=[administrator.pk])).status_code == 403
    with pytest.raises(actions.OwnAccount):
        actions.erase_account(administrator, by=administrator)


# --- A lost second factor -------------------------------------------------------------------------------------------------


def test_a_lost_second_factor_is_removed_logged_and_told(office: Client, administrator: User, committed: Committed) -> None:
    officer = make_user("officer@example.org", Role.OFFICER)
    Authenticator.objects.create(user=officer, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    away = Client()
    away.force_login(officer)
    with committed(execute=True):
        office.post(reverse("accounts:remove_second_factor", args=[officer.pk]))
    assert not Authenticator.objects.filter(user=officer).exists()
    assert away.get(reverse("accounts:profile"))["Location"].startswith(reverse("account_login"))
    change = AccountChange.objects.get()
    assert (change.user, change.kind, change.by) == (officer, "factors_removed", administrator)
    assert "second factor of your account was removed" in mail.outbox[0].subject
    assert mail.outbox[0].to == ["officer@example.org"]
    assert "Second factor removed" in office.get(reverse("accounts:person", args=[officer.pk])).content.decode()


def test_nobody_removes_their_own_second_factor_this_way(office: Client, administrator: User) -> None:
    office.post(reverse("accounts:remove_second_factor", args=[administrator.pk]))
    assert Authenticator.objects.filter(user=administrator).exists()
    assert not AccountChange.objects.exists()


def test_removing_a_second_factor_asks_for_a_second_proof_and_for_the_role(client: Client) -> None:
    officer = make_user(None, Role.OFFICER)
    client.force_login(make_user(None, Role.ADMINISTRATOR))
    assert "reauthenticate" in client.post(reverse("accounts:remove_second_factor", args=[officer.pk]))["Location"]
    stranger = Client()
    sign_in(stranger, make_user())
    stranger.post(reverse("accounts:remove_second_factor", args=[officer.pk]))
    assert Authenticator.objects.filter(user=officer).exists()
