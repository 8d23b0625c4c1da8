"""The mails to experts. None names an applicant, a title or an application: only the round, the date and where to look."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.templatetags.portal import in_language
from applications.mails import Said, link, spelled
from rounds.models import Round


def assigned(round: Round, *, to: User) -> Said:
    """Applications were given to the person; one mail for however many."""
    with translation.override(to.language):
        lines = [
            _("The office asks you to review applications of the round “%(round)s”.") % {"round": in_language(round, "title")},
            _("Before an application opens, please say whether you have a conflict of interest."),
            *_due(round, to),
            *_where(),
        ]
        return Said(_("applications for you to review"), "\n\n".join(lines))


def reminder(round: Round, *, to: User, unfiled: int, now: datetime) -> Said:
    """Reviews of the person that are not filed: how many, until when, where."""
    with translation.override(to.language):
        left = ngettext(
            "%(count)s review that you were asked for in the round “%(round)s” is not filed yet.",
            "%(count)s reviews that you were asked for in the round “%(round)s” are not filed yet.",
            unfiled,
        ) % {"count": unfiled, "round": in_language(round, "title")}
        is_late = round.reviews_due_at is not None and round.reviews_due_at <= now
        after = [_("If you cannot do it, please hand the application back on its page, so that the office can ask somebody else.")]
        subject = _("your reviews are late") if is_late else _("your reviews are due soon") if round.reviews_due_at else _("your reviews")
        return Said(subject, "\n\n".join([left, *_due(round, to), *_where(), *after]))


def _due(round: Round, to: User) -> Iterator[str]:
    if round.reviews_due_at:
        yield _("Reviews are due by:") + "\n" + spelled(round.reviews_due_at, to)


def _where() -> Iterator[str]:
    yield _("Your reviews:") + "\n" + link("reviews:queue")
