"""What happens to people: invited, given a role, taken out of one, deactivated."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Invitation, Role, RoleChange, User
from accounts.names import tidy_name
from accounts.post import invitation_words
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


@transaction.atomic
def create_account(
    email: str, *, full_name: str, native_name: str = "", language: str = "en", password: str | None = None, is_verified: bool = False,
    is_synthetic: bool = False,
) -> User:  # fmt: skip
    """A person who did not sign up alone. Without a password nobody signs in until one is set through a link."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, password, full_name=tidy_name(full_name), native_name=tidy_name(native_name), language=language, is_synthetic=is_synthetic
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
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        RoleChange.objects.create(user=user, given=True, by=by)
    user.refresh_from_db()
    user.forget_roles()


@transaction.atomic
def revise_profile(user: User, *, full_name: str, native_name: str, language: str, time_zone: str = "") -> None:
    """The person's own words about themselves."""
    user.full_name, user.native_name = tidy_name(full_name), tidy_name(native_name)
    user.language, user.time_zone = language, time_zone
    user.save(update_fields=["full_name", "native_name", "language", "time_zone"])


@transaction.atomic
def create_demonstration_account(email: str, *, full_name: str, roles: Iterable[Role] = (), native_name: str = "", language: str = "en") -> User:
    """A made-up person with the public password. A second time finds the same account and leaves it as it is."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = create_account(
            email, full_name=full_name, native_name=native_name, language=language,
            password=DEMONSTRATION_PASSWORD, is_verified=True, is_synthetic=True,
        )  # fmt: skip
        for role in roles:
            give_role(user, role, by=None)
    return user
