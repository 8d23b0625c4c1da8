"""The mails about an application, each in the language of its reader. No mail carries an answer, a question or a secret: only where to look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.templatetags.portal import beijing
from applications.models import Application, Enquiry, Part, ReminderKind
from applications.workflow import Status


class Said(NamedTuple):
    """What a mail says; the reference of the application is put before the subject."""

    subject: str
    text: str


def writers_of(application: Application) -> list[User]:
    """The applicant, and the members of the team who may write."""
    members = application.members.taking_part().filter(part=Part.EDIT, user__is_active=True).select_related("user")
    people = (member.user for member in members if member.user_id != application.owner_id)
    return [application.owner, *(person for person in people if person is not None)]


def link(name: str, *args: object) -> str:
    return settings.SITE_URL + reverse(name, args=args)


def spelled(moment: datetime, to: User) -> str:
    """A deadline as pages state it: Beijing time, UTC, and the reader's own zone where the account knows one."""
    lines = [f"{beijing(moment)} (UTC+8)", _("%(moment)s UTC") % {"moment": _at(moment, ZoneInfo("UTC"))}]
    zone = _zone(to.time_zone)
    if zone is not None and moment.astimezone(zone).utcoffset() not in (timedelta(hours=8), timedelta(0)):
        lines.append(_("Your time: %(moment)s (%(zone)s)") % {"moment": _at(moment, zone), "zone": str(zone).replace("_", " ")})
    return "\n".join(lines)


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _title(application: Application) -> str:
    version = application.shown_version
    return version.title if version and version.title else _("Application without a title yet")


# --- Questions of the office ----------------------------------------------------------------------------------------------


def question(enquiry: Enquiry, *, to: User) -> Said:
    """Where the question stands and by when the office would like the answer."""
    application = enquiry.application
    with translation.override(to.language):
        paragraphs = [_("The office has a question about your application %(reference)s.") % {"reference": application.reference}]
        if enquiry.answer_by:
            paragraphs.append(_("Please answer by:") + "\n" + spelled(enquiry.answer_by, to))
        paragraphs.append(_("Read it and answer it here:") + "\n" + link("applications:answer", application.reference, enquiry.pk))
        return Said(_("a question of the office"), "\n\n".join(paragraphs))


# --- Reminders ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A draft that is not submitted, at the moment of a reminder. `missing` counts what stands between it and the submission; None when
    nothing was begun (a correction). `notice` is what the office said about an extension, in both languages."""

    application: Application
    kind: str
    deadline: datetime
    now: datetime
    missing: int | None
    notice: tuple[str, str] = ("", "")

    @property
    def is_complete(self) -> bool:
        return self.missing == 0

    @property
    def is_correction(self) -> bool:
        return self.application.correct_by is not None

    @property
    def is_replacement(self) -> bool:
        """A new version beside one that was handed in and stands."""
        return self.application.status == Status.SUBMITTED


def reminder(standing: Standing, *, to: User) -> Said:
    """How a draft stands, what is missing, until when, and where to go on."""
    with translation.override(to.language):
        if standing.kind == ReminderKind.CLOSED:
            return Said(_("it was NOT submitted"), "\n\n".join(_after(standing, to)))
        left = timeuntil(standing.deadline, standing.now, depth=2)
        if standing.kind == ReminderKind.EXTENDED:
            return Said(_("the deadline was extended"), "\n\n".join((*_extended(standing, to), *_how_it_stands(standing), *_where(standing))))
        deadline = _("Deadline:") + "\n" + spelled(standing.deadline, to) + "\n" + _("That is %(left)s from now.") % {"left": left}
        return Said(_subject(standing, left), "\n\n".join((*_how_it_stands(standing), deadline, *_where(standing))))


def _subject(standing: Standing, left: str) -> str:
    if standing.is_correction:
        return _("your correction is NOT submitted, %(left)s left") % {"left": left}
    if standing.is_replacement:
        return _("your new version is NOT submitted, %(left)s left") % {"left": left}
    if standing.is_complete:
        return _("complete, but NOT submitted, %(left)s left") % {"left": left}
    return _("your draft is not submitted, %(left)s left") % {"left": left}


def _extended(standing: Standing, to: User) -> Iterator[str]:
    yield _("The round now closes later. This is the new deadline:") + "\n" + spelled(standing.deadline, to)
    english, chinese = standing.notice
    notice = chinese if to.language.startswith("zh") else english
    if notice:
        yield _("The notice of the office:") + "\n" + notice


def _how_it_stands(standing: Standing) -> Iterator[str]:
    application = standing.application
    yield _("Application %(reference)s: %(title)s") % {"reference": application.reference, "title": _title(application)}
    if standing.is_correction:
        yield _("The office returned it for changes. The correction has NOT been submitted; without it the application cannot be considered.")
    elif standing.is_replacement:
        yield _("A new version is written but NOT submitted. Unless you submit it, the version submitted before stands.")
    elif standing.is_complete:
        yield _(
            "It is complete, but it has NOT been submitted. As it stands now, nobody at the office will see it. "
            "To submit it, open the page below, read your answers and press the button at its end."
        )
    else:
        yield _("It is a draft and has not been submitted. As it stands now, nobody at the office will see it.")
    if standing.missing is None:
        yield _("The correction has not been begun.")
    elif standing.missing:
        text = ngettext(
            "%(count)d thing is still missing; the page lists it.", "%(count)d things are still missing; the page lists them.", standing.missing
        )
        yield text % {"count": standing.missing}


def _where(standing: Standing) -> Iterator[str]:
    page = "check" if standing.is_complete else "application"
    lead = _("Check and submit it here:") if standing.is_complete else _("Go on here:")
    yield lead + "\n" + link(f"applications:{page}", standing.application.reference)
    yield _("What counts is the moment in which the submission arrives at the portal. Only a receipt number proves that it did.")


def _after(standing: Standing, to: User) -> Iterator[str]:
    application = standing.application
    yield _("Application %(reference)s: %(title)s") % {"reference": application.reference, "title": _title(application)}
    if standing.is_correction:
        yield _("The correction was NOT submitted before the date that the office had set, so the application cannot be considered:")
    elif standing.is_replacement:
        yield _("The new version was NOT submitted before the deadline. The version submitted before stands, and the office considers that one:")
    else:
        yield _("The application was NOT submitted before the deadline, so it cannot be considered in this round:")
    yield spelled(standing.deadline, to)
    yield (
        _("What you wrote is kept and can be copied into an application to a later round:")
        + "\n"
        + link("applications:application", application.reference)
    )
