"""What ROR, the public registry of research organisations, says besides names: whose part an institution is, its domains; and the files read."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from institutions.models.register import Institution


class RorParent(models.Model):
    """ROR says that the institution is part of the one with this ROR id, which the register may not have (yet)."""

    institution = models.ForeignKey(Institution, verbose_name=_("institution"), on_delete=models.CASCADE, related_name="ror_parents")
    parent_ror_id = models.CharField(_("ROR id of the parent"), max_length=40, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["institution", "parent_ror_id"], name="one_parent_per_institution_and_ror_id"),)

    def __str__(self) -> str:
        return self.parent_ror_id


class MailDomain(models.Model):
    """A domain that ROR gives for the institution; several institutions may share one."""

    institution = models.ForeignKey(Institution, verbose_name=_("institution"), on_delete=models.CASCADE, related_name="mail_domains")
    domain = models.CharField(_("domain"), max_length=253, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["institution", "domain"], name="one_domain_per_institution_and_name"),)

    def __str__(self) -> str:
        return self.domain


class RorLoadQuerySet(models.QuerySet["RorLoad"]):
    def of_file(self, digest: str) -> Self:
        return self.filter(digest=digest)


class RorLoad(models.Model):
    """One file of ROR and how far it was read, so that a load that was killed goes on and a finished one is not done again."""

    digest = models.CharField(_("SHA-256"), max_length=64, unique=True)
    file_name = models.CharField(_("file"), max_length=255)
    done = models.PositiveIntegerField(_("organisations read"), default=0)
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    not_offered = models.PositiveIntegerField(_("closed or withdrawn"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    started_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects: ClassVar[RorLoadQuerySet] = RorLoadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("file of ROR")
        verbose_name_plural = _("files of ROR")
        ordering = ("-started_at", "-pk")

    def __str__(self) -> str:
        return self.file_name
