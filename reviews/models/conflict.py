"""Conflicts between a person and an application."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application


class Conflict(models.Model):
    """A declared conflict between a person and an application. Ties through an institution are found, not stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="conflicts")
    note = models.TextField(_("reason"), blank=True)
    declared_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(_("declared"), default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "application"), name="a_conflict_is_declared_once"),)
