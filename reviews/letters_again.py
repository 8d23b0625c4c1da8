"""The words of a letter that is written again: the same facts as the portal knows them now, in the words that stand now."""

from dataclasses import replace

from applications import words as application_words
from applications.models import Application, Receipt
from applications.workflow import REFUSE, Status
from letters.models import Letter
from letters.words import Pair, Words
from reviews import hearing_words
from reviews import words as decision_words
from reviews.models import Decision, Slot
from reviews.workflow import MISS, DecisionStatus


def words_again(letter: Letter) -> Words | None:
    """What the letter would say today, and which one it replaces. None where the portal no longer holds what it was made of."""
    application = Application.objects.with_case().filter(reference=letter.reference).first()
    words = _words_of(letter, application) if application else None
    if words is None:
        return None
    english = f"letter {letter.number} of {letter.dated_on.day} {letter.dated_on:%B %Y}, which no longer holds"
    chinese = f"{letter.dated_on.year}年{letter.dated_on.month}月{letter.dated_on.day}日第{letter.number}号函，该函作废"
    return replace(words, facts=((Pair("Replaces", "取代"), Pair(english, chinese)), *words.facts))


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
