"""The life of a publication that was set for an instant."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflow.transitions import Move, move


class PublicationStatus(models.TextChoices):
    SET = "set", _("Set, can be recalled")
    PUBLISHED = "published", pgettext_lazy("publication", "Published")
    RECALLED = "recalled", _("Recalled")
    REFUSED = "refused", pgettext_lazy("publication", "Not published")


P = PublicationStatus
PUBLISH = move("publish", _("Publish"), P.SET, to=P.PUBLISHED)  # by clock, judged again at the instant
RECALL = move("recall", _("Recall"), P.SET, to=P.RECALLED)  # until the instant
REFUSE = move("refuse", _("Do not publish"), P.SET, to=P.REFUSED)  # by clock: what was previewed may not, or no longer, be published
PUBLICATION_MOVES: tuple[Move, ...] = (PUBLISH, RECALL, REFUSE)
