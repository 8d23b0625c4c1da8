"""What happens to people: invited, given a role, taken out of one, deactivated."""

from collections.abc import Iterable
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccountChange, Invitation, Role, RoleChange, User
from accounts.names import tidy_name
from accounts.post import invitation_words, words_in_mail
from accounts.tasks import send_after_commit

DEMONSTRATION_PASSWORD = "lunar-demo"  # noqa: S105 (public: it is printed at the start of the demonstration)
INVITATIONS_A_DAY = 20


class AlreadyHasAccount(Exception):
    def __init__(self) -> None:
        super().__init__(_("Somebody has an account with this address already. Find them in the list of people."))


class TooManyInvitations(Exception):
    def __init__(self) -> None:
        super().__init__(_("You have sent %(limit)s invitations within a day. Send the next one tomorrow.") % {"limit": INVITATIONS_A_DAY})


class OwnAccount(Exception):
    def __init__(self) -> None:
        super().__init__(_("Nobody changes their own roles or closes their own account. Ask another administrator."))


class AccountClosed(Exception):
    def __init__(self) -> None:
        super().__init__(_("This account is deactivated. Activate it first."))


class PasswordIsSet(Exception):
    def __init__(self) -> None:
        super().__init__(_("This person has set a password already. Whoever forgets it asks for a new one on the sign-in page."))


class NoSecondFactor(Exception):
    def __init__(self) -> None:
        super().__init__(_("This person has no second factor."))


class AccountErased(Exception):
    def __init__(self) -> None:
        super().__init__(_("This account was erased. It cannot be opened again; the person may sign up anew."))


class NothingAsked(Exception):
    def __init__(self) -> None:
        super().__init__(_("This person has not asked for the erasure of their account, or it is settled already."))


@transaction.atomic
def create_account(
    email: str, *, full_name: str, native_name: str = "", language: str = "en", is_verified: bool = False, is_synthetic: bool = False
) -> User:
    """A person who did not sign up alone. Nobody signs in until a password is set, through a link."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, full_name=tidy_name(full_name), native_name=tidy_name(native_name), language=language, is_synthetic=is_synthetic
            )
    except IntegrityError as problem:
        raise AlreadyHasAccount from problem
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_verified)
    return user


@transaction.atomic
def invite_person(email: str, *, full_name: str, native_name: str = "", language: str = "en", roles: Iterable[Role] = (), by: User | None) -> User:
    """Make an account with its roles and send one mail with a link that sets the password. Nobody invites the first administrator."""
    user = create_account(email, full_name=full_name, native_name=native_name, language=language)
    for role in roles:
        give_role(user, role, by=by)
    send_invitation(user, by=by)
    return user


@transaction.atomic
def send_invitation(user: User, *, by: User | None) -> None:
    """The mail of an invitation; it may be sent again while no password has been set."""
    if not user.awaits_password:
        raise PasswordIsSet
    if by is not None and Invitation.objects.of_the_last_day(by).count() >= INVITATIONS_A_DAY:
        raise TooManyInvitations
    Invitation.objects.create(user=user, by=by)
    subject, body = invitation_words(user)
    send_after_commit(subject, body, user.email)


@transaction.atomic
def give_role(user: User, role: Role, *, by: User | None) -> None:
    """Takes effect with the person's next request. A second time changes nothing and leaves no trace."""
    if by is not None and by.pk == user.pk:
        raise OwnAccount
    if not user.is_active:
        raise AccountClosed
    group, _ = Group.objects.get_or_create(name=role.value)
    _, is_new = User.groups.through.objects.get_or_create(user=user, group=group)
    if is_new:
        RoleChange.objects.create(user=user, role=role, given=True, by=by)
    user.forget_roles()


@transaction.atomic
def end_role(user: User, role: Role, *, by: User | None) -> None:
    """Takes effect with the person's next request."""
    if by is not None and by.pk == user.pk:
        raise OwnAccount
    ended, _ = User.groups.through.objects.filter(user=user, group__name=role.value).delete()
    if ended:
        RoleChange.objects.create(user=user, role=role, given=False, by=by)
    user.forget_roles()


@transaction.atomic
def deactivate_person(user: User, *, by: User | None) -> None:
    """Nobody signs in any more, and every open session of the person is over for good. The roles stay written down."""
    if by is not None and by.pk == user.pk:
        raise OwnAccount
    changed = User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, session_epoch=user.session_epoch + 1)
    if changed:
        RoleChange.objects.create(user=user, given=False, by=by)
    user.refresh_from_db()
    user.forget_roles()


@transaction.atomic
def reactivate_person(user: User, *, by: User | None) -> None:
    """The account opens again, with the roles it had."""
    if by is not None and by.pk == user.pk:
        raise OwnAccount
    if user.is_erased:
        raise AccountErased
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        RoleChange.objects.create(user=user, given=True, by=by)
    user.refresh_from_db()
    user.forget_roles()


@transaction.atomic
def remove_second_factor(user: User, *, by: User) -> None:
    """For somebody who lost app, keys and recovery codes: all of them go, every session ends, the person is told. They sign in by
    password and add a new factor at once if their role asks for one."""
    if by.pk == user.pk:
        raise OwnAccount
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise NoSecondFactor
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    AccountChange.objects.create(user=user, kind=AccountChange.Kind.FACTORS_REMOVED, by=by)
    subject, body = words_in_mail(user, "second_factor_removed")
    send_after_commit(subject, body, user.email)


@transaction.atomic
def ask_for_erasure(user: User) -> None:
    """The person asks the office to erase their account. Asking again while the request is open changes nothing."""
    if not User.objects.awaiting_erasure().filter(pk=user.pk).exists():
        AccountChange.objects.create(user=user, kind=AccountChange.Kind.ERASURE_ASKED, by=user)


@transaction.atomic
def refuse_erasure(user: User, *, by: User, reason: str) -> None:
    """The request is settled with a reason, which the person gets by mail. They may ask again."""
    if by.pk == user.pk:
        raise OwnAccount
    if not User.objects.awaiting_erasure().filter(pk=user.pk).exists():
        raise NothingAsked
    AccountChange.objects.create(user=user, kind=AccountChange.Kind.ERASURE_REFUSED, reason=reason, by=by)
    subject, body = words_in_mail(user, "erasure_refused", reason=reason)
    send_after_commit(subject, body, user.email)


@transaction.atomic
def erase_account(user: User, *, by: User) -> None:
    """Nothing of the account says any more who it was: names, addresses, password, factors and iD go, every session ends, for good.

    The row stays, because histories and letters name its number; their chains stay valid. Whether the person may go yet is judged by
    the caller, who knows of applications and loans (desk.actions.erase_person). A last mail goes to the address that is forgotten.
    """
    if by.pk == user.pk:
        raise OwnAccount
    if not User.objects.awaiting_erasure().filter(pk=user.pk).exists():
        raise NothingAsked
    subject, body = words_in_mail(user, "erased")
    send_after_commit(subject, body, user.email)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    user.email, user.full_name, user.native_name, user.time_zone = pseudonym_of(user), "", "", ""
    user.is_active, user.erased_at, user.session_epoch = False, timezone.now(), user.session_epoch + 1
    user.set_unusable_password()
    user.save(
        update_fields=["email", "full_name", "native_name", "time_zone", "is_active", "erased_at", "session_epoch", "password"],
    )
    AccountChange.objects.create(user=user, kind=AccountChange.Kind.ERASED, by=by)


def pseudonym_of(user: User) -> str:
    """What stands in the place of an erased person's address: it leads nowhere (RFC 2606)."""
    return f"erased-{user.pk}@erased.invalid"


@transaction.atomic
def revise_profile(user: User, *, full_name: str, native_name: str, language: str, time_zone: str = "") -> None:
    """The person's own words about themselves."""
    user.full_name, user.native_name = tidy_name(full_name), tidy_name(native_name)
    user.language, user.time_zone = language, time_zone
    user.save(update_fields=["full_name", "native_name", "language", "time_zone"])


@cache
def _public_password() -> str:
    """Made once for all of them: it is slow on purpose, and no secret."""
    return make_password(DEMONSTRATION_PASSWORD)


@transaction.atomic
def create_demonstration_account(email: str, *, full_name: str, roles: Iterable[Role] = (), native_name: str = "", language: str = "en") -> User:
    """A made-up person with the public password. A second time finds the same account and leaves it as it is."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = create_account(email, full_name=full_name, native_name=native_name, language=language, is_verified=True, is_synthetic=True)
        user.password = _public_password()
        user.save(update_fields=["password"])
        for role in roles:
            give_role(user, role, by=None)
    return user
