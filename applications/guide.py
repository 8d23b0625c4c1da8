"""How an application stands, in the applicant's words: how far each part is, what has happened, what comes next.

Everything here reads the shown status and the visible history, so a decision that is not visible yet leaves no trace on a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications import workflow as steps
from applications.actions import Problem, missing_parts
from applications.models import Application, ApplicationChange, Version
from applications.questions import LINE_QUESTIONS, Kind, Part, asked_lines, parts_of, split_line_name
from applications.workflow import Status

ABOUT_METHODS = {question.name for question in LINE_QUESTIONS if question.section == "methods"}

# --- How far each part is -------------------------------------------------------------------------------------------------


class Progress(TextChoices):
    COMPLETED = "completed", gettext_lazy("Completed")
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    NOT_STARTED = "not_started", gettext_lazy("Not started")


TONE_OF_PROGRESS = {Progress.COMPLETED: "good", Progress.IN_PROGRESS: "warn", Progress.NOT_STARTED: ""}


@dataclass(frozen=True)
class Section:
    """One part of the form on the task list, with what is still to be mended in it."""

    name: str
    title: str | Promise
    progress: Progress
    problems: Sequence[Problem]

    @property
    def tone(self) -> str:
        """The colour of the progress."""
        return TONE_OF_PROGRESS[self.progress]


def _is_started(version: Version, part: Part) -> bool:
    if part.name == "institution" and version.institution_id is not None:
        return True
    if part.name == "samples":
        return any(asked_lines(version.answers))
    if part.name == "attachments" and version.attachments.all():
        return True
    if part.name == "methods" and any((split := split_line_name(name)) and split[1] in ABOUT_METHODS for name in version.answers):
        return True
    return any(version.answer(question.name) for question in part.questions if question.kind is not Kind.COLUMN)


def sections_of(version: Version) -> list[Section]:
    """The parts of a draft version in the order of the form."""
    problems = missing_parts(version)
    sections = []
    for part in parts_of(version.application.round.kind).values():
        mine = [problem for problem in problems if problem.section == part.name]
        started = Progress.IN_PROGRESS if _is_started(version, part) else Progress.NOT_STARTED
        sections.append(Section(part.name, part.title, started if mine else Progress.COMPLETED, mine))
    return sections


def changes_between(old: Version, new: Version) -> list[str]:
    """Which answers differ between two versions, by their labels."""
    changed = []
    for part in parts_of(new.application.round.kind).values():
        for question in part.questions:
            if question.name == "institution":
                is_changed = old.institution_id != new.institution_id
            elif question.name == "lines":
                is_changed = _lines_of(old, part.name) != _lines_of(new, part.name)
            else:
                is_changed = old.answer(question.name) != new.answer(question.name)
            if is_changed:
                changed.append(str(question.label))
        if part.name == "methods" and _lines_of(old, part.name) != _lines_of(new, part.name):
            changed.append(str(part.title))
        if part.name == "attachments" and _files_of(old) != _files_of(new):
            changed.append(str(part.title))
    return changed


def _lines_of(version: Version, section: str) -> dict[str, str | int]:
    """What is said about the samples in one part."""
    names = {question.name for question in LINE_QUESTIONS if question.section == section}
    said: dict[str, str | int] = {name: text for name, text in version.answers.items() if (split := split_line_name(name)) and split[1] in names}
    if section == "samples":
        said |= {f"mass of {line.sample.number}": line.mass_ug for line in version.requests.all()}
    return said


def _files_of(version: Version) -> list[tuple[str, str]]:
    return [(row.purpose, row.upload.digest) for row in version.attachments.all()]


# --- What comes next ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NextStep:
    """One sentence, and the one strong button of the page if there is something to do. `starts_version`: the button is a POST."""

    text: str
    url: str = ""
    label: str = ""
    starts_version: bool = False


def next_in_short(application: Application) -> str:
    """The next step as a few words for the list."""
    status, is_editable = application.shown_status, application.is_editable()
    if status == Status.DRAFT:
        return _("Complete and submit") if is_editable else _("Too late to submit")
    if status == Status.RETURNED:
        return _("Correct and submit again") if is_editable else _("Too late to correct")
    if status == Status.SUBMITTED and is_editable:
        return _("Submit the new version") if application.draft else _("Nothing to do; may be replaced")
    if status in steps.DECIDED:
        return _("Read the decision letter")
    if status in (Status.SUBMITTED, Status.IN_REVIEW, Status.INVITED):
        return _("Nothing to do; the office writes")
    return ""


def next_step(application: Application, sections: Sequence[Section]) -> NextStep:
    """What the applicant does next; `sections` are those of the version being written, none when none is."""
    if application.is_editable():
        return _next_while_editable(application, sections)
    return NextStep(_where_it_lies(application))


def _next_while_editable(application: Application, sections: Sequence[Section]) -> NextStep:
    status, draft = application.shown_status, application.draft
    if draft is None:
        if status == Status.RETURNED:
            return NextStep(
                _("The office asks you to correct the application. Make the change and submit it again in time."),
                reverse("applications:edit", args=[application.reference, "research"]),
                _("Start the correction"),
                starts_version=True,
            )
        return NextStep(_("Nothing to do. The application is submitted; you may still replace it by a new version until the round closes."))
    to_mend = next((section for section in sections if section.problems), None)
    if to_mend is None:
        texts = {
            Status.DRAFT: _("All parts are filled in, but nothing has been submitted yet. Check your answers and submit."),
            Status.RETURNED: _("The correction is written, but not submitted yet. Check your answers and submit it."),
            Status.SUBMITTED: _("The new version is not submitted yet. Until you submit it, the one submitted before stands."),
        }
        return NextStep(texts[status], reverse("applications:check", args=[application.reference]), _("Check and submit"))
    count = sum(1 for section in sections if section.problems)
    text = ngettext("%(count)d part is still to be completed.", "%(count)d parts are still to be completed.", count) % {"count": count}
    url = reverse("applications:edit", args=[application.reference, to_mend.name])
    return NextStep(text, url, _("Continue: %(part)s") % {"part": to_mend.title})


def _where_it_lies(application: Application) -> str:
    """Whose turn it is when the applicant can write nothing."""
    texts: dict[str, str] = {
        Status.DRAFT: _("The round closed before this draft was submitted. It cannot be submitted any more."),
        Status.SUBMITTED: _("Nothing to do. The office makes the formal check and writes to you."),
        Status.RETURNED: _("The date for the correction has passed. It cannot be submitted any more."),
        Status.REFUSED: _("The application did not pass the formal check. The letter gives the reason."),
        Status.IN_REVIEW: _("Nothing to do. Experts review the application, the committee votes, and the decision comes by letter."),
        Status.INVITED: _("You are invited to the hearing. The office writes to you about date and place."),
        Status.APPROVED: _(
            "The letter says what was approved. The office writes to you about the Loan Agreement, to be signed within %(days)s working days."
        )
        % {"days": application.round.signing_days},
        Status.RESERVE: _("The application is in reserve: it may still be approved if samples become free. The letter says more."),
        Status.DECLINED: _("The application was not approved. The letter gives the reasons."),
        Status.WITHDRAWN: _("You have withdrawn this application. While a round is open you can start a new one."),
        Status.NOT_SUBMITTED: _("It was not submitted in time and cannot be considered. While a round is open you can start a new one."),
        Status.LAPSED: _("The Loan Agreement was not signed in time, so the approval has lapsed."),
    }
    return texts[application.shown_status]


@dataclass(frozen=True)
class Submission:
    """The words around the one button that submits."""

    label: str
    text: str


def submission(application: Application) -> Submission:
    receipt = _("You see a receipt with number and time at once, and a letter with the full text goes to you by mail.")
    until_closing = _("Until the round closes you can still replace the application by a new version, or withdraw it.")
    if application.shown_status == Status.RETURNED:
        return Submission(_("Submit correction"), receipt)
    label = _("Submit application") if application.shown_status == Status.DRAFT else _("Submit new version")
    return Submission(label, f"{receipt} {until_closing}")


# --- What came before --------------------------------------------------------------------------------------------------------


def reason_for_return(application: Application) -> ApplicationChange | None:
    """The officer's step that gave the application back, while the correction is due."""
    if application.shown_status != Status.RETURNED:
        return None
    return next((change for change in reversed(application.visible_history()) if change.move == steps.RETURN.name), None)
