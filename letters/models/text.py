"""The wording of a kind of letter: each change is a version of its own, and the newest one is used by the next letter."""

import logging
from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from letters.texts import Kind, Wording
from letters.words import Pair, Text, Words
from workflow.models import AppendOnlyModel

log = logging.getLogger(__name__)


class TextVersionQuerySet(models.QuerySet["TextVersion"]):
    def of(self, kind: Kind) -> Self:
        """The versions of a kind of letter with who wrote them, newest first."""
        return self.filter(kind=kind.word).select_related("by").order_by("-number")

    def newest(self) -> "dict[str, TextVersion]":
        """The version that the next letter of each kind will use, as far as the office has changed any."""
        last = self.order_by().values("kind").annotate(last=Max("number")).values_list("kind", "last")
        wanted = Q(pk=None)
        for kind, number in last:
            wanted |= Q(kind=kind, number=number)
        return {version.kind: version for version in self.filter(wanted).select_related("by")}


class TextVersion(AppendOnlyModel):
    """One version of the words of a kind of letter, written once (migration 0004): letters frozen with an older one stay as they are."""

    kind = models.CharField(_("kind"), max_length=30)
    number = models.PositiveIntegerField(_("version"))
    title_en = models.CharField(_("title in English"), max_length=300)
    title_zh = models.CharField(_("title in Chinese"), max_length=300)
    opening_en = models.TextField(_("text before the facts in English"))
    opening_zh = models.TextField(_("text before the facts in Chinese"))
    closing_en = models.TextField(_("text after the facts in English"), blank=True)
    closing_zh = models.TextField(_("text after the facts in Chinese"), blank=True)
    restores = models.PositiveIntegerField(_("version that was restored"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("written by"), null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written"), default=timezone.now)

    objects: ClassVar = TextVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a letter text")
        verbose_name_plural = _("versions of letter texts")
        constraints = (
            models.UniqueConstraint(fields=("kind", "number"), name="text_version_numbered_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="text_versions_count_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"

    @property
    def is_restored(self) -> bool:
        """Whether it repeats an older version, or (0) the words that come with the portal."""
        return self.restores is not None

    @property
    def wording(self) -> Wording:
        return Wording(
            title=Pair(self.title_en, self.title_zh),
            opening=Pair(self.opening_en, self.opening_zh),
            closing=Pair(self.closing_en, self.closing_zh),
        )


def standing_wording(kind: Kind) -> Wording:
    """The words for the next letter of this kind: the newest version, or what comes with the portal while there is none.

    A version that no longer fits, because the kind has lost a placeholder since, is passed over: a receipt may not fail for it. The
    editor says so.
    """
    newest = TextVersion.objects.of(kind).first()
    if newest is None:
        return kind.default
    if kind.misfits(newest.wording):
        log.error("Version %s of the text %s does not fit its placeholders any more; the portal's own words are used", newest.number, kind.word)
        return kind.default
    return newest.wording


def written(kind: Kind, frame: Words, values: Mapping[str, Text], *, wording: Wording | None = None) -> Words:
    """The words of a letter of this kind, in the standing wording or, for a preview, in another."""
    return kind.write(wording or standing_wording(kind), frame, values)
