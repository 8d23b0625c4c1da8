"""The formal check: items are marked, and the application is accepted, or returned with the reasons item by item."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from applications.actions import RoundStillOpen, accept_application, return_application
from applications.models import Application
from reviews.checklist import Checklist, Line, checklist_of, items_for
from reviews.models import CheckMark, Finding
from workflow.transitions import NotPossibleNow

BOTH_LANGUAGES = ("en", "zh-hans")


class Mark(NamedTuple):
    """What the officer found at one item; None takes the mark away."""

    finding: Finding | None
    note: str = ""


class ChecklistOpen(Exception):
    """Items have no answer yet, or a fault stands. The text may be shown."""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        sentences = []
        if unsettled := checklist.unsettled:
            text = ngettext("%(count)d item has no mark yet: %(titles)s.", "%(count)d items have no mark yet: %(titles)s.", len(unsettled))
            sentences.append(text % {"count": len(unsettled), "titles": _titles(unsettled)})
        if faults := checklist.faults:
            text = ngettext("%(count)d fault stands: %(titles)s.", "%(count)d faults stand: %(titles)s.", len(faults))
            sentences.append(text % {"count": len(faults), "titles": _titles(faults)})
        super().__init__(" ".join([_("Not accepted."), *sentences]))


class WordsMissing(Exception):
    """A fault without words for the applicant, or a return without any reason. The text may be shown."""

    def __init__(self, text: str) -> None:
        super().__init__(text)


def _titles(lines: Sequence[Line]) -> str:
    return _("; ").join(str(line.item.title) for line in lines)


@transaction.atomic
def mark_items(application: Application, marks: Mapping[str, Mark], *, by: User) -> None:
    """Keep what the officer found, for the version handed in last: all or none. What stays as it was keeps its author and moment."""
    _wait_for(application)
    version = application.current
    keys = {item.key for item in items_for(application.round)}
    earlier = {mark.item: mark for mark in CheckMark.objects.filter(version=version)}
    for key, mark in marks.items():
        if key not in keys:
            raise NotPossibleNow
        if mark.finding == Finding.FAULT and not mark.note.strip():
            raise WordsMissing(_("Say for each fault what the applicant has to change."))
        before = earlier.get(key)
        if mark.finding is None:
            CheckMark.objects.filter(version=version, item=key).delete()
        elif before is None or (before.finding, before.note) != (mark.finding, mark.note):
            words = {"finding": mark.finding, "note": mark.note, "by": by, "at": timezone.now()}
            CheckMark.objects.update_or_create(version=version, item=key, defaults=words)


@transaction.atomic
def mark_rest(application: Application, *, by: User) -> int:
    """Mark as met what neither the machine nor an officer has answered; how many. A fault stays a fault."""
    rest = {line.item.key: Mark(Finding.MET) for line in checklist_of(application).unsettled}
    mark_items(application, rest, by=by)
    return len(rest)


@transaction.atomic
def accept_checked(application: Application, *, by: User) -> None:
    """The formal check is passed: every item is answered and no fault stands, or ChecklistOpen."""
    _wait_for(application)
    checklist = checklist_of(application)
    if not checklist.is_passed:
        raise ChecklistOpen(checklist)
    accept_application(application, by=by)


@transaction.atomic
def return_checked(application: Application, *, by: User, correct_by: datetime, note: str = "") -> None:
    """Give it back with the faults item by item, each with its article in both languages, and what else the officer writes."""
    _wait_for(application)
    reasons = reasons_of(application, note)
    if not reasons:
        raise WordsMissing(_("Mark what is not met, or write what has to be changed."))
    return_application(application, by=by, note=reasons, correct_by=correct_by)


def reasons_of(application: Application, note: str = "") -> str:
    """The faults as the applicant reads them: the officer's words as they were written, the machine's in both languages."""
    faults: list[list[Line]] = []
    heads: list[list[str]] = []
    for language in BOTH_LANGUAGES:
        with translation.override(language):
            found = checklist_of(application).faults
            faults.append(found)
            heads.append([f"{line.item.title} ({line.item.article})" for line in found])
    entries = []
    for number, (lines, titles) in enumerate(zip(zip(*faults, strict=True), zip(*heads, strict=True), strict=True), 1):
        words = dict.fromkeys(line.fault for line in lines)
        entries.append("\n".join([f"{number}. {' · '.join(dict.fromkeys(titles))}", *words]))
    return "\n\n".join([*entries, *([note.strip()] if note.strip() else [])])


def _wait_for(application: Application) -> None:
    """Changes nothing, but lets two officers at one case come one after the other; only what waits for the check, as it was read."""
    if not application.round.is_closed():
        raise RoundStillOpen
    rows = Application.objects.awaiting_check().filter(pk=application.pk, current=application.current_id)
    if not rows.update(version=F("version")):
        raise NotPossibleNow
