"""The situations in which an application refuses: each with a text that may be shown to the person who meets it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.portal import beijing
from applications import workflow as steps
from applications.models import Application, Version
from applications.questions import LONGEST_KEPT
from institutions.models import Institution
from workflow.transitions import NotPossibleNow


class RoundClosed(Exception):
    """The moment has passed, by the one clock that judges. The text may be shown and names the reason."""

    def __init__(self, deadline: datetime) -> None:
        self.deadline = deadline
        super().__init__(_("Too late: the time for this ended on %(moment)s. This attempt changed nothing.") % {"moment": beijing(deadline)})


class RoundNotOpen(Exception):
    """The round takes no applications now. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This round does not take applications at the moment."))


class RoundStillOpen(Exception):
    """The office waits until the closing: until then the applicant may replace the application. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(
            _("The round is still open, and the applicant may still replace the application. The formal check begins after the closing.")
        )


class Problem(NamedTuple):
    """What stands between a version and its submission: where it is mended, and a sentence that may be shown."""

    section: str
    name: str  # of the question, or empty
    text: str


class Incomplete(Exception):
    """Something needed is missing or wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        super().__init__(ngettext("%(count)d thing is missing.", "%(count)d things are missing.", count) % {"count": count})


class StaleTab(Exception):
    """Somebody saved a newer text since this page was opened; `stored` is that text. Nothing was overwritten."""

    def __init__(self, stored: Version) -> None:
        self.stored = stored
        super().__init__(_("A newer text was saved since you opened this page. Nothing was overwritten."))


class KeyUsed(Exception):
    """The key of a submission belongs to another application. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This form was already used. Reload the page and try again."))


class InstitutionKnown(Exception):
    """The institution that was to be entered stands in the register. The text may be shown."""

    def __init__(self, institution: Institution) -> None:
        self.institution = institution
        super().__init__(_("%(name)s is in the register already. It is listed above: choose it there.") % {"name": institution.name})


class CorrectionDateNeeded(Exception):
    """A return needs a date in the future. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("Give a date in the future by which the correction must arrive."))


class TooMuchText(Exception):
    """An answer is longer than anything that is kept. The text may be shown."""

    def __init__(self) -> None:
        text = _("One answer is longer than %(longest)d characters and was not saved. Shorten it, or attach it as a file.")
        super().__init__(text % {"longest": LONGEST_KEPT})


def too_late_or_moved(application: Application) -> RoundClosed | NotPossibleNow:
    """Why nothing can be written or handed in now: the clock, or that it was submitted, withdrawn or taken up meanwhile."""
    if application.is_editable():
        return NotPossibleNow(_("This version was submitted already. To change something, start a new version from the application's page."))
    if application.status in (*steps.EDITABLE, steps.Status.NOT_SUBMITTED):
        return RoundClosed(application.deadline())
    return NotPossibleNow(_("The application cannot be changed any more. Its page says how it stands."))
