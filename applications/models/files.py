"""The files that go with an application. A file is written once under a random name; versions point at it."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """What a file is for."""

    PLAN = "plan", _("Research plan with figures")
    CV = "cv", _("Curriculum vitae and publications")
    FACILITY = "facility", _("Laboratory, storage and security")
    LETTER = "letter", _("Letter of support or endorsement")
    CLEARANCE = "clearance", _("Clearance of your country")
    OTHER = "other", _("Something else")


class Scan(models.TextChoices):
    """What the malware scanner said. Only a clean file is shown to others than the applicant's team."""

    WAITING = "waiting", _("Waiting for the virus check")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Virus found")


class UploadQuerySet(models.QuerySet["Upload"]):
    def waiting(self) -> Self:
        return self.filter(scan=Scan.WAITING).order_by("pk")

    def orphans(self, before: datetime) -> Self:
        """Files that no version names any more, uploaded before a moment."""
        return self.filter(attachments__isnull=True, at__lt=before)


class Upload(models.Model):
    """One checked file. `stored` and `cleaned` are random names in the store; `cleaned` is the copy without author metadata for reviewers."""

    stored = models.CharField(max_length=80, unique=True)
    digest = models.CharField(_("digest"), max_length=64)  # SHA-256 of the file as it came; what is served must still have it
    size = models.PositiveIntegerField(_("size in bytes"))
    pages = models.PositiveIntegerField(_("pages"))
    cleaned = models.CharField(max_length=80, blank=True)
    cleaned_digest = models.CharField(max_length=64, blank=True)
    removed: "models.JSONField[list[str], list[str]]" = models.JSONField(_("removed metadata"), default=list, blank=True)
    scan = models.CharField(_("virus check"), max_length=10, choices=Scan.choices, default=Scan.WAITING)
    scanned_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("uploaded"), default=timezone.now)

    objects: ClassVar = UploadQuerySet.as_manager()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(scan__in=Scan.values), name="scan_is_known"),)

    def __str__(self) -> str:
        return self.stored

    @property
    def is_shown_to_others(self) -> bool:
        return self.scan == Scan.CLEAN


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def for_list(self) -> Self:
        return self.select_related("upload__by").order_by("position", "pk")


class Attachment(models.Model):
    """A file as one version names it. A new version starts with the files of the one before."""

    version = models.ForeignKey("applications.Version", on_delete=models.CASCADE, related_name="attachments")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="attachments")
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    name = models.CharField(_("name"), max_length=200)  # as shown and as saved by a reader: cleaned, never a path
    position = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("version", "upload"), name="a_version_names_a_file_once"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="purpose_is_known"),
        )

    def __str__(self) -> str:
        return self.name
