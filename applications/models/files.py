"""The files that go with an application. A file is written once under a random name; versions point at it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User

if TYPE_CHECKING:
    from applications.models.application import Application
    from applications.models.version import Version


class Purpose(models.TextChoices):
    """What a file is for."""

    PLAN = "plan", _("Research plan with figures")
    CV = "cv", _("Curriculum vitae and publications")
    FACILITY = "facility", _("Laboratory, storage and security")
    LETTER = "letter", _("Letter of support or endorsement")
    CLEARANCE = "clearance", _("Clearance of your country")
    OTHER = "other", _("Something else")


class Scan(models.TextChoices):
    """What the malware scanner said. A file that waits for it or was found out is shown to nobody but the applicant's team."""

    WAITING = "waiting", _("Waiting for the virus check")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Virus found")
    NONE = "none", _("Not checked for viruses")  # this installation has no scanner; the sweep checks it once there is one


class Drawing(models.TextChoices):
    """How far the worker is with drawing the pages of a file for the experts and the office."""

    QUEUED = "queued", _("Waiting to be drawn")
    RUNNING = "running", _("Being drawn")
    DONE = "done", _("Drawn")
    FAILED = "failed", _("Cannot be shown as pages")


SHOWN_TO_OTHERS = (Scan.CLEAN, Scan.NONE)
TONES = {Scan.WAITING: "now", Scan.CLEAN: "good", Scan.INFECTED: "bad", Scan.NONE: ""}

# What the copy for reviewers leaves out, by the names that the examination gives (applications/files/cleaning.py).
REMOVED: dict[str, Promise] = {
    "author": _("author"),
    "title": _("title"),
    "subject": _("subject"),
    "keywords": _("keywords"),
    "company": _("company"),
    "program": _("program it was made with"),
    "dates": _("dates of making and change"),
    "xmp": _("description inside the file (XMP)"),
    "private": _("private data of programs"),
    "thumbnails": _("preview pictures"),
    "notes": _("names of people who made notes"),
    "signature": _("digital signature (it would no longer be valid)"),
    "paths": _("links to files on your computer"),
    "pictures": _("camera, place and author in photographs"),
    "id": _("identification number of the file"),
    "other": _("other properties"),
}


class UploadQuerySet(models.QuerySet["Upload"]):
    def to_scan(self) -> Self:
        """What the scanner has not judged yet: waiting ones first, then those that came while there was no scanner."""
        return self.filter(scan__in=(Scan.WAITING, Scan.NONE)).order_by("-scan", "pk")

    def to_draw(self) -> Self:
        """Files that were handed in, may be shown to others, and whose pages are not drawn: never begun, or left by a worker that is gone."""
        waits = Q(drawing=Drawing.QUEUED) | Q(drawing=Drawing.RUNNING, drawing_until__lt=timezone.now())
        handed_in = Attachment.objects.filter(upload=models.OuterRef("pk"), version__submitted_at__isnull=False)
        return self.filter(waits, models.Exists(handed_in), scan__in=SHOWN_TO_OTHERS).order_by("pk")

    def unrung(self, before: datetime) -> Self:
        """Those for whose drawing nobody rang since a moment."""
        return self.filter(Q(drawing_rung_at__isnull=True) | Q(drawing_rung_at__lt=before))

    def of_last_day(self, user: User) -> Self:
        return self.filter(by=user, at__gt=timezone.now() - timedelta(days=1))

    def orphans(self, before: datetime) -> Self:
        """Files that no version names any more and nothing else keeps, uploaded before a moment."""
        return self.filter(attachments__isnull=True, kept_at__isnull=True, at__lt=before)


class Upload(models.Model):
    """One checked file. `stored` and `cleaned` are random names in the store; `cleaned` is the copy without author metadata for reviewers."""

    stored = models.CharField(max_length=80, unique=True)
    digest = models.CharField(_("digest"), max_length=64)  # SHA-256 of the file as it came; what is served must still have it
    size = models.PositiveIntegerField(_("size in bytes"))
    pages = models.PositiveIntegerField(_("pages"))
    cleaned = models.CharField(max_length=80, blank=True)
    cleaned_digest = models.CharField(max_length=64, blank=True)
    # Pairs of what the copy leaves out and the words that stood there; for the applicant's team alone.
    removed: "models.JSONField[list[list[str]], list[list[str]]]" = models.JSONField(_("removed metadata"), default=list, blank=True)
    scan = models.CharField(_("virus check"), max_length=10, choices=Scan.choices, default=Scan.WAITING)
    scanned_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=200, blank=True)
    drawing = models.CharField(_("pages as pictures"), max_length=10, choices=Drawing.choices, default=Drawing.QUEUED)
    drawing_until = models.DateTimeField(null=True, blank=True)  # the lease of the worker that draws
    drawing_attempts = models.PositiveSmallIntegerField(default=0)
    drawing_rung_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("uploaded"), default=timezone.now)
    kept_at = models.DateTimeField(null=True, blank=True)  # handed in for something else than a version (slides of a hearing): never cleared away

    objects: ClassVar = UploadQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(scan__in=Scan.values), name="scan_is_known"),
            models.CheckConstraint(condition=Q(drawing__in=Drawing.values), name="drawing_is_known"),
        )
        indexes = (
            models.Index(fields=("by", "-at"), name="uploads_of_a_person"),
            models.Index(fields=("id",), condition=Q(drawing__in=("queued", "running")), name="uploads_to_draw"),
        )

    def __str__(self) -> str:
        return self.stored

    @property
    def is_shown_to_others(self) -> bool:
        return self.scan in SHOWN_TO_OTHERS

    @property
    def is_drawn(self) -> bool:
        return self.drawing == Drawing.DONE

    @property
    def is_being_drawn(self) -> bool:
        return self.drawing in (Drawing.QUEUED, Drawing.RUNNING)

    @property
    def is_clean(self) -> bool:
        return self.scan == Scan.CLEAN

    @property
    def is_infected(self) -> bool:
        return self.scan == Scan.INFECTED

    @property
    def tone(self) -> str:
        return TONES.get(Scan(self.scan), "")

    def removed_words(self) -> list[str]:
        """What the copy for reviewers leaves out, in the reader's language."""
        return [str(REMOVED.get(kind, REMOVED["other"])) + (f": {words}" if words else "") for kind, words in self.removed]


class DrawnPage(models.Model):
    """One page of a file as a picture, with its text: drawn from the clean copy, for those who may open that."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="drawn_pages")
    number = models.PositiveSmallIntegerField(_("page"))
    stored = models.CharField(max_length=80, unique=True)
    digest = models.CharField(_("digest"), max_length=64)
    width = models.PositiveSmallIntegerField(_("width in pixels"))
    height = models.PositiveSmallIntegerField(_("height in pixels"))
    text = models.TextField(_("text"), blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("upload", "number"), name="a_page_is_drawn_once"),)

    def __str__(self) -> str:
        return self.stored


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def for_list(self) -> Self:
        return self.select_related("upload__by").order_by("position", "pk")

    def of_version(self, version: "Version | None") -> Self:
        return self.filter(version=version) if version else self.none()

    def of_application(self, application: "Application") -> Self:
        return self.filter(version__application=application)

    def handed_in(self, application: "Application") -> Self:
        """Those of the version handed in last: what the office and the experts read."""
        return self.filter(version=application.current_id).select_related("upload")

    def visible_to(self, user: User) -> Self:
        """Those of all applications in which the person takes part."""
        mine = Q(version__application__owner=user)
        members = Q(version__application__members__user=user, version__application__members__accepted_at__isnull=False)
        return self.filter(mine | members & Q(version__application__members__ended_at__isnull=True)).distinct()

    def with_origin(self) -> Self:
        """Newest first, with the application that each belongs to."""
        return self.select_related("upload", "version__application__round").order_by("-version_id", "position", "pk")

    def not_in(self, version: "Version") -> Self:
        """Files that the version does not name yet and that may be attached again."""
        return self.exclude(upload__in=Upload.objects.filter(attachments__version=version)).exclude(upload__scan=Scan.INFECTED)


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
