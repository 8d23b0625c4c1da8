"""What has happened to an application and what is to come, with dates: steps, versions, letters, questions and endorsements in one place.

Everything here reads the shown status and the visible history, so a decision that is not visible yet leaves no trace on a page.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.templatetags.portal import beijing
from applications import workflow as steps
from applications.models import Application, ApplicationChange, Endorsement, Enquiry
from applications.workflow import Status
from letters.models import Letter


@dataclass(frozen=True)
class TimelineStep:
    """One line of the timeline. `at` when it happened, `until` when it ends at the latest; `url` where to read it."""

    label: str
    at: datetime | None = None
    until: datetime | None = None
    note: str = ""
    is_done: bool = False
    is_current: bool = False
    url: str = ""


HAPPENED: dict[str, str | Promise] = {
    steps.SUBMIT.name: gettext_lazy("Submitted"),
    steps.REPLACE.name: gettext_lazy("New version submitted"),
    steps.RETURN.name: gettext_lazy("Returned for changes"),
    steps.RESUBMIT.name: gettext_lazy("Correction submitted"),
    steps.ACCEPT.name: gettext_lazy("Formal check passed"),
    steps.REFUSE.name: gettext_lazy("Formally refused"),
    steps.INVITE.name: gettext_lazy("Invited to the hearing"),
    steps.APPROVE.name: gettext_lazy("Approved"),
    steps.PUT_IN_RESERVE.name: gettext_lazy("Put in reserve"),
    steps.DECLINE.name: gettext_lazy("Declined"),
    steps.WITHDRAW.name: gettext_lazy("Withdrawn"),
    steps.EXPIRE.name: gettext_lazy("Not submitted in time"),
    steps.LAPSE.name: gettext_lazy("Lapsed: the agreement was not signed in time"),
    steps.SIGN.name: gettext_lazy("Loan Agreement signed"),
    steps.HAND_OVER.name: gettext_lazy("Handed over to another applicant"),
}
TOLD = (steps.RETURN.name, steps.REFUSE.name, steps.WITHDRAW.name, steps.HAND_OVER.name)  # steps whose note is written to or by the applicant


def _when(change: ApplicationChange, application: Application) -> datetime:
    """A decision counts for the applicant from the moment it became visible, which is the same for the whole round."""
    if change.is_decision and application.visible_at and change.to_status == application.status:
        return application.visible_at
    return change.at


def timeline(application: Application, letters: Iterable[Letter] = (), enquiries: Sequence[Enquiry] = ()) -> list[TimelineStep]:
    """What happened in its order, where it lies now, and what is still to come. Never empty."""
    done = [
        TimelineStep(_("Started"), at=application.started_at),
        *_steps(application),
        *_extensions(application),
        *_endorsements(application),
        *_questions(application, enquiries),
        *_letters(letters),
    ]
    done.sort(key=lambda step: step.at or application.started_at)
    open_questions = [enquiry for enquiry in enquiries if not enquiry.is_answered]
    return [replace(step, is_done=True) for step in done] + ahead(application, open_questions)


def _steps(application: Application) -> Iterator[TimelineStep]:
    receipts = {receipt.at: receipt for receipt in application.receipts.all()}
    for change in application.visible_history():
        receipt = receipts.get(change.at)
        label, url = str(HAPPENED[change.move]), ""
        if receipt is not None and change.move in HANDED_IN:
            label = _("%(step)s: version %(number)s") % {"step": label, "number": receipt.version.number}
            url = f"{reverse('applications:receipt', args=[application.reference])}?version={receipt.version.number}"
        yield TimelineStep(label, at=_when(change, application), note=change.note if change.move in TOLD else "", url=url)


HANDED_IN = (steps.SUBMIT.name, steps.REPLACE.name, steps.RESUBMIT.name)


def _extensions(application: Application) -> Iterator[TimelineStep]:
    for extension in application.round.extensions.all():
        if extension.at > application.started_at:
            yield TimelineStep(_("Deadline extended to %(moment)s") % {"moment": beijing(extension.closes_at)}, at=extension.at)


def _endorsements(application: Application) -> Iterator[TimelineStep]:
    for endorsement in Endorsement.objects.filter(version__application=application).select_related("by", "version"):
        words = {"number": endorsement.version.number, "name": endorsement.by}
        yield TimelineStep(_("Version %(number)s endorsed for the institution by %(name)s") % words, at=endorsement.at)


def _questions(application: Application, enquiries: Sequence[Enquiry]) -> Iterator[TimelineStep]:
    for enquiry in enquiries:
        url = reverse("applications:answer", args=[application.reference, enquiry.pk])
        yield TimelineStep(_("Question of the office"), at=enquiry.asked_at, url=url)
        if enquiry.answered_at:
            yield TimelineStep(_("Question answered"), at=enquiry.answered_at, url=url)


def _letters(letters: Iterable[Letter]) -> Iterator[TimelineStep]:
    for letter in letters:
        kind = letter.kind_zh if (get_language() or "en").startswith("zh") else letter.kind_en
        yield TimelineStep(_("Letter: %(kind)s") % {"kind": kind}, at=letter.visible_at, url=reverse("letters:letter", args=[letter.number]))


def ahead(application: Application, questions: Sequence[Enquiry] = ()) -> list[TimelineStep]:
    """Where it lies now and what is still to come, with the date where the round publishes one. Questions come first: they wait for the reader."""
    status, until = application.shown_status, application.deadline() if application.is_editable() else None
    corrections = application.round.corrections_close_at if not application.correct_by else None
    check = TimelineStep(_("Formal check by the office; if something has to be corrected, the office writes with a date"), until=None)
    if corrections and status in (Status.DRAFT, Status.SUBMITTED):
        check = TimelineStep(_("Formal check by the office; corrections, if it asks for any"), until=corrections)
    review, decision = TimelineStep(_("Review by experts, vote of the committee")), TimelineStep(_("Decision by letter"))
    closing = TimelineStep(_("The round closes; until then the application may be replaced"), until=until)
    stages: dict[str, list[TimelineStep]] = {
        Status.DRAFT: [TimelineStep(_("Write and submit"), until=until), check, review, decision],
        Status.SUBMITTED: [closing, check, review, decision] if until else [check, review, decision],
        Status.RETURNED: [TimelineStep(_("Correct and submit again"), until=until), check, review, decision],
        Status.IN_REVIEW: [review, decision],
        Status.INVITED: [TimelineStep(_("Hearing")), decision],
        Status.RESERVE: [TimelineStep(_("In reserve"))],
        Status.APPROVED: [] if application.is_signed else [TimelineStep(_("Sign the Loan Agreement"), url=reverse("loans:list"))],
    }
    if status in (Status.DRAFT, Status.RETURNED) and until is None:
        return []
    to_come = stages.get(status, [])
    to_answer = [_to_answer(application, enquiry) for enquiry in questions] if status not in steps.CLOSED else []
    return [replace(step, is_current=place == 0) for place, step in enumerate([*to_answer, *to_come])]


def _to_answer(application: Application, enquiry: Enquiry) -> TimelineStep:
    url = reverse("applications:answer", args=[application.reference, enquiry.pk])
    return TimelineStep(_("Answer the question of the office"), until=enquiry.answer_by, url=url)
