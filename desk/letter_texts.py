"""The texts of the letters that the office may edit: all kinds, how they stand, and what a letter would say about a real case."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import Role, User
from applications import texts as application_texts
from applications import words as application_words
from applications.differences import Passage, mark
from applications.models import Application
from letters.models import TextVersion
from letters.texts import Kind, Wording
from letters.words import Words
from loans import texts as loan_texts
from loans import words as loan_words
from loans.models import Agreement, AgreementQuerySet
from loans.workflow import AgreementStatus
from reviews import hearing_words
from reviews import texts as review_texts
from reviews import words as decision_words
from reviews.models import Decision, Slot, cases_visible_to

KINDS: tuple[Kind, ...] = (*application_texts.KINDS, *review_texts.KINDS, *loan_texts.KINDS)
TRIED = 40  # of the newest cases, when no case is named for a preview
NO_REASON = "［示例理由，非真实内容］ [A made-up reason, for this preview only]"


@dataclass(frozen=True)
class Row:
    """A kind of letter with the version that the next letter uses, if the office has changed the portal's own words."""

    kind: Kind
    version: TextVersion | None

    @property
    def is_misfit(self) -> bool:
        """Whether the version no longer fits, so that the portal's own words are used."""
        return self.version is not None and bool(self.kind.misfits(self.version.wording))


def rows() -> list[Row]:
    newest = TextVersion.objects.newest()
    return [Row(kind, newest.get(kind.word)) for kind in KINDS]


# --- Differences ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One of the six texts with what was taken out and put in."""

    field: str
    passages: list[Passage]

    @property
    def language(self) -> str:
        return "zh-Hans" if self.field.endswith("zh") else "en"


def differences(before: Wording, after: Wording) -> list[Change]:
    old, new = before.fields(), after.fields()
    return [Change(field, mark(old[field], new[field])) for field in old if old[field] != new[field]]


# --- Previews ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    words: Words
    reference: str
    is_example: bool  # an invented letter, because no real case is at hand


def preview(kind: Kind, wording: Wording, *, reference: str, by: User) -> Preview | None:
    """The letter about the named case, or about the newest that this person may see; else the invented one. None if the named case
    cannot be seen, or would get no such letter."""
    found = _about(kind, wording, _cases(by, reference))
    if found is not None:
        return found
    if reference:
        return None
    return Preview(kind.write_example(wording), "LSA-0000-00000", is_example=True)


def _cases(user: User, reference: str) -> list[Application]:
    """Cases of the officer alone: an administrator looks after texts, not after cases."""
    if not user.has_role(Role.OFFICER):
        return []
    cases = cases_visible_to(user).with_case()
    if reference:
        cases = cases.filter(reference=reference)
    return list(cases.order_by("-pk")[:TRIED])


def _about(kind: Kind, wording: Wording, cases: list[Application]) -> Preview | None:
    if kind in DECISIONS:
        return _about_decision(kind, wording, cases)
    write = WRITERS[kind.word]
    for case in cases:
        words = write(case, wording)
        if words is not None:
            return Preview(words, case.reference, is_example=False)
    return None


def _about_decision(kind: Kind, wording: Wording, cases: list[Application]) -> Preview | None:
    by_case = {case.pk: case for case in cases}
    standing = {decision.application_id: decision for decision in Decision.objects.standing_for(cases)}
    for pk in sorted(standing, reverse=True):
        decision = standing[pk]
        decision.application = by_case[pk]
        if decision_words.kind_of(decision) is kind:
            return Preview(decision_words.decided(decision, wording=wording), decision.application.reference, is_example=False)
    return None


def _receipt(case: Application, wording: Wording) -> Words | None:
    receipt = case.receipts.select_related("version").order_by("-pk").first()
    if receipt is None:
        return None
    receipt.application = case
    return application_words.receipt(receipt, wording=wording)


def _returned(case: Application, wording: Wording) -> Words:
    return application_words.returned(case, note=NO_REASON, correct_by=timezone.now() + timedelta(days=7), wording=wording)


def _refused(case: Application, wording: Wording) -> Words:
    return application_words.refused(case, note=NO_REASON, wording=wording)


def _slot_of(case: Application) -> Slot | None:
    return Slot.objects.filter(application=case).select_related("hearing").first()


def _invited(case: Application, wording: Wording) -> Words | None:
    slot = _slot_of(case)
    return hearing_words.invited(slot, wording=wording) if slot else None


def _invited_again(case: Application, wording: Wording) -> Words | None:
    slot = _slot_of(case)
    return hearing_words.invited(slot, is_changed=True, wording=wording) if slot else None


def _missed(case: Application, wording: Wording) -> Words | None:
    slot = _slot_of(case)
    return hearing_words.missed(slot, note="", wording=wording) if slot else None


def _agreements_of(case: Application) -> AgreementQuerySet:
    return Agreement.objects.for_page().filter(decision__application=case).order_by("-pk")


def _certificate(case: Application, wording: Wording) -> Words | None:
    agreement = _agreements_of(case).filter(status=AgreementStatus.SIGNED).first()
    return loan_words.certificate(agreement, wording=wording) if agreement else None


def _lapsed(case: Application, wording: Wording) -> Words | None:
    agreement = _agreements_of(case).exclude(status=AgreementStatus.SIGNED).first()
    return loan_words.lapsed(agreement, note=NO_REASON, wording=wording) if agreement else None


DECISIONS = (review_texts.APPROVED, review_texts.PARTLY_APPROVED, review_texts.RESERVE, review_texts.DECLINED)
WRITERS: dict[str, Callable[[Application, Wording], Words | None]] = {
    application_texts.RECEIVED.word: _receipt,
    application_texts.RETURNED.word: _returned,
    application_texts.REFUSED.word: _refused,
    review_texts.INVITED.word: _invited,
    review_texts.INVITED_AGAIN.word: _invited_again,
    review_texts.MISSED.word: _missed,
    loan_texts.CERTIFICATE.word: _certificate,
    loan_texts.LAPSED.word: _lapsed,
}
