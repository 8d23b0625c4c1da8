"""The words of a letter about an application that is written again."""

from applications import words as application_words
from applications.models import Application, Receipt
from applications.workflow import REFUSE, Status
from letters.again import writes_again
from letters.models import Letter
from letters.words import Words
from reviews import hearing_words
from reviews import words as decision_words
from reviews.models import Decision, Slot
from reviews.workflow import MISS, DecisionStatus


@writes_again("decision", "receipt", "refused", "returned", "invitation", "missed")
def about_application(letter: Letter) -> Words | None:
    application = Application.objects.with_case().filter(reference=letter.reference).first()
    return _words_of(letter, application) if application else None


def _words_of(letter: Letter, application: Application) -> Words | None:
    if letter.kind == "decision":
        return _decision(letter, application)
    if letter.kind == "receipt":
        return _receipt(letter, application)
    if letter.kind == "refused":
        refusal = application.history.filter(move=REFUSE.name).order_by("-sequence").first()
        return application_words.refused(application, note=refusal.note) if refusal else None
    if letter.kind == "returned":
        return _returned(letter, application)
    slot = Slot.objects.filter(application=application).select_related("hearing").first()
    if slot is None or letter.kind not in ("invitation", "missed"):
        return None
    slot.application = application
    if letter.kind == "invitation":
        return hearing_words.invited(slot, is_changed=letter.supersedes_id is not None)
    missing = slot.history.filter(move=MISS.name).order_by("-sequence").first()
    return hearing_words.missed(slot, note=missing.note if missing else "")


def _part(letter: Letter, place: int) -> str:
    """A part of the letter's key: `decision:<reference>:<number>`."""
    parts = letter.key.split(":")
    return parts[place] if place < len(parts) else ""


def _decision(letter: Letter, application: Application) -> Words | None:
    number = _part(letter, 2)
    decisions = Decision.objects.filter(application=application, status=DecisionStatus.ANNOUNCED)
    decision = decisions.filter(number=int(number)).first() if number.isdecimal() else None
    if decision is None:
        return None
    decision.application = application
    return decision_words.decided(decision)


def _receipt(letter: Letter, application: Application) -> Words | None:
    receipt = Receipt.objects.select_related("version").filter(application=application, number=_part(letter, 1)).first()
    if receipt is None:
        return None
    receipt.application = application
    return application_words.receipt(receipt)


def _returned(letter: Letter, application: Application) -> Words | None:
    """Only while the correction is awaited: the date of an earlier return is not kept beside its reason."""
    current = _part(letter, 2) == str(application.version)
    if application.status != Status.RETURNED or application.correct_by is None or not current:
        return None
    step = application.history.order_by("-sequence").first()
    return application_words.returned(application, note=step.note if step else "", correct_by=application.correct_by)
