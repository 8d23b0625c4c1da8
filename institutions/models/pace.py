"""How fast a person searches the register."""

from django.conf import settings
from django.db import models


class SearchPace(models.Model):
    """How many questions a person has asked in the minute of the last one; nothing of what was asked."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    minute = models.PositiveBigIntegerField()  # since 1970
    questions = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "pace of searching"
        verbose_name_plural = "pace of searching"
