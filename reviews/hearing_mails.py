"""The mails about a hearing, each in the language of its reader: only what to do, until when, and where."""

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from applications.mails import Said, link, spelled
from reviews.models import Slot


def hearing_reminder(slot: Slot, about: str, *, to: User) -> Said:
    """`about` is "confirm" or "slides"."""
    reference = slot.application.reference
    with translation.override(to.language):
        lead = _("Application %(reference)s is invited to a hearing.") % {"reference": reference}
        page = _("Do it here:") + "\n" + link("reviews:own_hearing", reference)
        if about == "confirm":
            ask = _("You have not said yet whether you take part. Please confirm by:") + "\n" + spelled(slot.hearing.confirm_by, to)
            warning = _("Not taking part counts as withdrawal of the application.")
            return Said(_("please confirm that you take part in the hearing"), f"{lead}\n\n{ask}\n\n{page}\n\n{warning}")
        ask = _("No slides have been handed in yet. They are due by:") + "\n" + spelled(slot.hearing.slides_due_at, to)
        warning = _("Later ones cannot be taken.")
        return Said(_("your slides for the hearing are missing"), f"{lead}\n\n{ask}\n\n{warning}\n\n{page}")
