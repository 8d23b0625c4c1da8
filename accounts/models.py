"""Who is signed in. Roles are facts about a person: membership in the groups named in `Role`."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are none


class Role(models.TextChoices):
    """The groups; an applicant, a signatory and a chair are no group but a fact about an application, an institution, a round."""

    OFFICER = "officer", _("Officer")
    EXPERT = "expert", _("Expert")
    APPROVER = "approver", _("Approver")
    CURATOR = "curator", _("Curator")
    ADMINISTRATOR = "administrator", _("Administrator")


class JoinedNames(models.Aggregate):
    """The values of a column in one string with commas between, on both databases."""

    template = "%(function)s(%(expressions)s, ',')"
    output_field = models.TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="GROUP_CONCAT", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, function="STRING_AGG", **context)


class UserQuerySet(models.QuerySet["User"]):
    def for_session(self) -> Self:
        """All that every request asks about the person who is signed in, in one query: the row, the roles, the second factor."""
        factors = Authenticator.objects.filter(user=models.OuterRef("pk"), type__in=SECOND_FACTORS)
        return self.annotate(role_names=JoinedNames("groups__name"), has_second_factor=models.Exists(factors))

    def for_list(self) -> Self:
        """What one row of the list of people shows."""
        return self.annotate(role_names=JoinedNames("groups__name")).order_by("full_name", "pk")

    def search(self, text: str) -> Self:
        """People whose name, name in their own script or address contains the text."""
        if not text:
            return self
        return self.filter(models.Q(full_name__icontains=text) | models.Q(native_name__icontains=text) | models.Q(email__icontains=text))

    def holding(self, role: str) -> Self:
        """People who hold a role; everybody when none is named."""
        return self.filter(pk__in=User.groups.through.objects.filter(group__name=role).values("user_id")) if role else self

    def with_role(self, role: Role) -> Self:
        """The active people who hold a role now, by name."""
        return self.holding(role.value).filter(is_active=True).order_by("full_name", "email")

    def awaiting_erasure(self) -> Self:
        """People whose last word about erasing their account is the request itself; the longest waiting first."""
        about_erasure = AccountChange.objects.filter(user=models.OuterRef("pk"), kind__in=ERASURE).order_by("-pk")
        latest = self.annotate(
            latest_erasure=models.Subquery(about_erasure.values("kind")[:1]), erasure_asked_at=models.Subquery(about_erasure.values("at")[:1])
        )
        return latest.filter(latest_erasure=AccountChange.Kind.ERASURE_ASKED).order_by("erasure_asked_at", "pk")


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def for_session(self) -> UserQuerySet:
        return self.get_queryset().for_session()

    def for_list(self) -> UserQuerySet:
        return self.get_queryset().for_list()

    def at_address(self, email: str) -> "User | None":
        """The active person with this sign-in name."""
        return self.get_queryset().filter(email__iexact=email.strip(), is_active=True).first()

    def of_anybody_at(self, email: str) -> "User | None":
        """The account with this sign-in name, active or not."""
        return self.get_queryset().filter(email__iexact=email.strip()).first()

    def with_role(self, role: Role) -> UserQuerySet:
        return self.get_queryset().with_role(role)

    def awaiting_erasure(self) -> UserQuerySet:
        return self.get_queryset().awaiting_erasure()


class User(AbstractBaseUser, PermissionsMixin):
    """A person, named by e-mail address. Rights come from roles alone: nobody is a superuser in this portal."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    full_name = models.CharField(_("full name"), max_length=200, blank=True)
    native_name = models.CharField(_("name in your own script"), max_length=200, blank=True)
    language = models.CharField(_("language of mails"), max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")], default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_synthetic = models.BooleanField(_("demonstration account"), default=False)
    joined_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("joined"), default=timezone.now)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)  # then nothing says any more who it was
    session_epoch = models.PositiveIntegerField(default=0, editable=False)  # raised to end every session of the person

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="nobody_is_superuser"),
        )
        indexes = (models.Index(fields=["full_name", "id"], name="people_by_name"),)

    def __str__(self) -> str:
        if self.erased_at:
            return str(_("Erased account %(number)s") % {"number": self.pk})
        return self.full_name or self.email

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None

    @cached_property
    def roles_on_paper(self) -> frozenset[str]:
        """The names of the roles written down, read once per request."""
        if "role_names" in self.__dict__:
            return frozenset((self.__dict__["role_names"] or "").split(",")) - {""}
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def roles(self) -> frozenset[str]:
        """The names of the roles held. Who is not active holds none."""
        return self.roles_on_paper if self.is_active else frozenset()

    def has_role(self, *roles: Role) -> bool:
        return any(role.value in self.roles for role in roles)

    def forget_roles(self) -> None:
        """Read the roles anew at the next question, after they were changed."""
        self.__dict__.pop("roles_on_paper", None)
        self.__dict__.pop("role_names", None)

    @property
    def labels_on_paper(self) -> list[str]:
        """The roles written down as words, in the order of `Role`."""
        return [str(role.label) for role in Role if role.value in self.roles_on_paper]

    @property
    def awaits_password(self) -> bool:
        """Invited, and no password set yet. Who signed in without one came with an ORCID iD."""
        return not self.has_usable_password() and self.last_login is None and not self.is_erased

    @cached_property
    def has_second_factor(self) -> bool:
        return bool(Authenticator.objects.filter(user_id=self.pk, type__in=SECOND_FACTORS).exists())

    @property
    def is_in_office(self) -> bool:
        return self.has_role(Role.OFFICER, Role.APPROVER)

    @property
    def is_officer(self) -> bool:
        return self.has_role(Role.OFFICER)

    @property
    def is_approver(self) -> bool:
        return self.has_role(Role.APPROVER)

    @property
    def is_administrator(self) -> bool:
        return self.has_role(Role.ADMINISTRATOR)

    @property
    def is_staff(self) -> bool:
        """Django's admin asks for this; only administrators enter it."""
        return self.has_role(Role.ADMINISTRATOR)

    def changes(self) -> "list[RoleChange | AccountChange]":
        """All that was changed about the account, newest first."""
        rows: list[RoleChange | AccountChange] = [*self.role_changes.select_related("by"), *self.account_changes.select_related("by")]
        return sorted(rows, key=lambda change: change.at, reverse=True)

    def awaits_erasure(self) -> bool:
        return User.objects.awaiting_erasure().filter(pk=self.pk).exists()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session ends with the password that opened it, and with the epoch (deactivation)."""
        return salted_hmac("accounts.session", f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256").hexdigest()


class WrittenOnce(Exception):
    """A row of the log was about to be changed or deleted."""


class LogRow(models.Model):
    """A row that is written once; the database refuses too (migration 0003)."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise WrittenOnce
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise WrittenOnce


class RoleChange(LogRow):
    """Somebody gave or ended a role. An empty role means the account itself: deactivated, or active again.

    `by` is empty where no person acted: the demonstration, the first administrator.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="role_changes")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, blank=True)
    given = models.BooleanField(_("given"))

    class Meta:
        ordering = ("-at", "-pk")

    @property
    def words(self) -> str:
        if not self.role:
            return str(_("Account active again") if self.given else _("Account deactivated"))
        label = self.get_role_display()
        return str(_("Role given: %(role)s") if self.given else _("Role ended: %(role)s")) % {"role": label}


class AccountChange(LogRow):
    """What happened to an account besides its roles. `by` is the person themselves where they asked for something."""

    class Kind(models.TextChoices):
        FACTORS_REMOVED = "factors_removed", _("Second factor removed")
        ERASURE_ASKED = "erasure_asked", _("Erasure asked for")
        ERASURE_REFUSED = "erasure_refused", _("Erasure refused")
        ERASED = "erased", _("Account erased")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="account_changes")
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering = ("-at", "-pk")

    @property
    def words(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}" if self.reason else str(self.get_kind_display())


ERASURE = (AccountChange.Kind.ERASURE_ASKED, AccountChange.Kind.ERASURE_REFUSED, AccountChange.Kind.ERASED)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of_the_last_day(self, by: User) -> Self:
        return self.filter(by=by, at__gt=timezone.now() - timedelta(days=1))


class Invitation(LogRow):
    """Somebody was invited: an account without a password and one mail."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="invitations")

    objects: ClassVar[models.Manager["Invitation"]] = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
