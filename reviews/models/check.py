"""The formal check: what the officer has found for each item of the checklist (reviews/checklist)."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Version


class Finding(models.TextChoices):
    MET = "met", _("Met")
    FAULT = "fault", _("Not met")
    NOT_APPLICABLE = "not_applicable", _("Does not apply")


class CheckMarkQuerySet(models.QuerySet["CheckMark"]):
    def of_version(self, version: Version) -> Self:
        return self.filter(version=version).select_related("by")

    def of_application(self, application: Application) -> Self:
        """Those of every version, the newest version first."""
        return self.filter(version__application=application).select_related("by", "version").order_by("-version__number", "pk")


class CheckMark(models.Model):
    """The officer's answer to one item for one version. A fault has words that go to the applicant."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="check_marks")
    item = models.CharField(_("item"), max_length=40)
    finding = models.CharField(_("finding"), max_length=20, choices=Finding.choices)
    note = models.TextField(_("what has to be changed"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("at"), default=timezone.now)

    objects: ClassVar = CheckMarkQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "item"), name="one_mark_per_version_and_item"),
            models.CheckConstraint(condition=Q(finding__in=Finding.values), name="check_finding_known"),
            models.CheckConstraint(condition=~Q(finding=Finding.FAULT) | ~Q(note=""), name="a_fault_has_words"),
        )
