"""The mails that carry letters and news, one to each address."""

import re
from collections.abc import Collection
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from letters.models.letter import RING_AGAIN, Letter, Printing
from letters.workflow import Status


class Sending(models.TextChoices):
    QUEUED = "queued", _("Waiting to be sent")
    RUNNING = "running", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")


class MailQuerySet(models.QuerySet["Mail"]):
    def deliverable(self) -> Self:
        """Mails that may go out as far as their letter is concerned: valid, visible and printed, or no letter at all."""
        ready = Letter.objects.filter(pk=OuterRef("letter_id"), status=Status.VALID, visible_at__lte=timezone.now(), printing=Printing.PRINTED)
        return self.filter(Q(letter=None) | Exists(ready))  # no join: a claim by UPDATE must see its conditions on the row itself

    def to_send(self) -> Self:
        """Mails that a worker may claim now."""
        now = timezone.now()
        return self.deliverable().filter(Q(state=Sending.QUEUED, next_at__lte=now) | Q(state=Sending.RUNNING, lease_until__lt=now))

    def unheard(self) -> Self:
        """Mails for which the bell must be rung, not again for those for which it just was; the longest waiting first."""
        return self.to_send().filter(Q(rung_at=None) | Q(rung_at__lt=timezone.now() - RING_AGAIN)).order_by("next_at", "pk")

    def in_trouble(self) -> Self:
        """Mails that nobody will send without a hand."""
        return self.filter(state=Sending.FAILED).order_by("pk")

    def undelivered(self) -> Self:
        """Mails that did not reach their reader: refused, given up, or sent back. Not those of a letter that is replaced or revoked."""
        valid = Letter.objects.filter(pk=OuterRef("letter_id"), status=Status.VALID)
        gone = Q(state=Sending.FAILED) | Q(bounced_at__isnull=False)
        return self.filter(gone, Q(letter=None) | Exists(valid)).select_related("letter", "user").order_by("-pk")

    def carrying(self, letter: Letter, user: User) -> "Mail | None":
        """The mail that brought a letter to this reader."""
        return self.filter(letter=letter, user=user).first()

    def of_references(self, references: Collection[str] | models.QuerySet[Any, Any]) -> Self:
        """Mails about these applications."""
        return self.filter(thread__in=references)


class Mail(models.Model):
    """One mail to one address, sent at most once as far as a mail server lets us know."""

    key = models.CharField(_("key"), max_length=150, unique=True)
    letter = models.ForeignKey(Letter, verbose_name=_("letter"), null=True, blank=True, on_delete=models.PROTECT, related_name="mails")
    # Who is meant, if it is a person with an account: sent again, it goes to the address that the account has by then.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recipient = models.EmailField(_("recipient"), max_length=254)
    language = models.CharField(_("language"), max_length=10)
    thread = models.CharField(_("thread"), max_length=40, blank=True)
    subject = models.CharField(_("subject"), max_length=400)
    body = models.TextField(_("body"))
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=Sending.choices, default=Sending.QUEUED)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    rung_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.TextField(_("problem"), blank=True)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("came back"), null=True, blank=True)  # a mail server took it and could not deliver it

    user_id: int | None
    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = (models.Index(fields=("next_at",), condition=Q(state__in=("queued", "running")), name="mails_to_send"),)
        constraints = (
            models.UniqueConstraint(fields=("letter", "recipient"), condition=Q(letter__isnull=False), name="one_mail_per_letter_and_recipient"),
            models.CheckConstraint(condition=Q(state__in=Sending.values), name="mail_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True), name="sent_mail_has_its_moment"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(problem=""), name="failed_mail_names_its_problem"),
            models.CheckConstraint(condition=~Q(state="running") | Q(lease_until__isnull=False), name="running_mail_has_a_lease"),
            models.CheckConstraint(condition=Q(bounced_at__isnull=True) | Q(state="sent") & ~Q(problem=""), name="only_a_sent_mail_comes_back"),
        )

    def __str__(self) -> str:
        return self.message_id

    @property
    def has_come_back(self) -> bool:
        return self.bounced_at is not None

    @property
    def masked_recipient(self) -> str:
        """The address as it may be shown to whoever need not know it: k…@example.org."""
        name, _at, host = self.recipient.rpartition("@")
        return f"{name[:1]}…@{host}"

    @property
    def masked_problem(self) -> str:
        """What the mail server said, without the address that it repeats."""
        return re.sub(re.escape(self.recipient), self.masked_recipient, self.problem, flags=re.IGNORECASE)

    @property
    def has_new_address(self) -> bool:
        """Whether the person has another address by now."""
        return self.user is not None and self.user.email != self.recipient
