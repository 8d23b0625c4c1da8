"""Taking a sample into an application and out of it again."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications.actions.situations import StaleTab
from applications.actions.writing import base_of, revise_application
from applications.models import Version, offered_samples
from applications.questions import LINE_QUESTIONS, WANTED, asked_lines, line_name

MOST_LINES = 30  # samples of one application; the largest known one asked for three


class NotAskable(Exception):
    """The sample cannot be taken into the application. The text may be shown."""


@transaction.atomic
def add_sample(version: Version, *, by: User, number: str) -> None:
    """Ask for a sample, as a wanted one; nothing happens if it is asked for already. Raises NotAskable."""
    sample = offered_samples(version.application.round).filter(number=number.replace("\x00", "")).first()
    if sample is None:
        raise NotAskable(_("%(number)s is not offered in this round.") % {"number": number[:40]})
    if not sample.left_ug:
        raise NotAskable(_("Nothing of %(number)s is left.") % {"number": sample.number})
    stored = Version.objects.get(pk=version.pk)
    asked = dict(asked_lines(stored.answers))
    if number in asked:
        return
    if len(asked) >= MOST_LINES:
        raise NotAskable(_("An application can name at most %(most)s samples.") % {"most": MOST_LINES})
    revise_application(version, by=by, seen_revision=stored.revision, **{line_name(number, "place"): WANTED})


@transaction.atomic
def remove_sample(version: Version, *, by: User, number: str, bases: Mapping[str, str]) -> None:
    """Ask for a sample no more. All that was said about it stays among the earlier texts only.

    Raises StaleTab when somebody has written about it since the page with these `bases` was opened (see save_answers).
    """
    stored = Version.objects.get(pk=version.pk)
    names = [line_name(number, question.name) for question in LINE_QUESTIONS]
    if any(name in bases and base_of(stored.answer(name)) != bases[name] for name in names):
        raise StaleTab(stored)
    said = {name: "" for name in names if stored.answer(name)}
    if said:
        revise_application(version, by=by, seen_revision=stored.revision, **said)
