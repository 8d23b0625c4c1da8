"""Who is signed in. Roles are facts about a person: membership in the groups named in `Role`."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The groups; an applicant, a signatory and a chair are no group but a fact about an application, an institution, a round."""

    OFFICER = "officer", _("Officer")
    EXPERT = "expert", _("Expert")
    APPROVER = "approver", _("Approver")
    CURATOR = "curator", _("Curator")
    ADMINISTRATOR = "administrator", _("Administrator")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def with_role(self, role: Role) -> "models.QuerySet[User]":
        """The people who hold a role now, by name."""
        return self.filter(groups__name=role.value, is_active=True).order_by("full_name", "email")


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

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (models.UniqueConstraint(Lower("email"), name="one_account_per_address"),)

    def __str__(self) -> str:
        return self.full_name or self.email

    @cached_property
    def roles(self) -> frozenset[str]:
        """The names of the roles held, read once per request."""
        return frozenset(self.groups.values_list("name", flat=True)) if self.is_active else frozenset()

    def has_role(self, *roles: Role) -> bool:
        return any(role.value in self.roles for role in roles)

    @property
    def is_staff(self) -> bool:
        """Django's admin asks for this; only administrators enter it."""
        return self.has_role(Role.ADMINISTRATOR)
