"""What happens to a round: it is prepared, revised before its opening, and extended at most while it is open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from rounds.models import Criterion, Extension, Kind, Round, RoundSample
from samples.models import Purpose, Sample

# The committee's published criteria (domestic round 1, 2021): question, plan, amount, team, storage, effect on other studies.
USUAL_CRITERIA: tuple[tuple[str, str, str, str], ...] = (
    ("Scientific question", "科学问题", "The question is important and clearly put.", "科学问题重要、明确。"),
    ("Plan", "研究方案", "The plan is feasible.", "研究方案可行。"),
    ("Amount asked for", "申请用量", "The amount asked for is reasonable.", "申请用量合理。"),
    ("Team", "研究团队", "The team is able to do the work.", "研究团队有能力完成工作。"),
    ("Storage and testing", "保存与测试条件", "The institution can store and test the samples.", "单位具备样品保存与测试条件。"),
    ("Effect on other studies", "对其他研究的影响", "What the use of the sample means for other studies.", "样品使用对其他研究的影响。"),
)


class RoundFrozen(Exception):
    """The round has opened; only its closing can still be extended. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This round has opened, so its rules stand as they were published. Only the closing time can be extended, with a notice."))


class NotAnExtension(Exception):
    """The new closing is not later, or the round is not open. The text may be shown."""


class NotOfferable(Exception):
    """A sample does not fit the round's kind, or its mass is unknown. The text may be shown."""


class CriterionDraft(TypedDict):
    title_en: str
    title_zh: str
    text_en: str
    text_zh: str
    weight: int


PURPOSE_OF_KIND = {Kind.RESEARCH.value: Purpose.RESEARCH.value, Kind.PUBLIC_WELFARE.value: Purpose.PUBLIC_WELFARE.value}


def _usual_criteria() -> list[CriterionDraft]:
    return [CriterionDraft(title_en=a, title_zh=b, text_en=c, text_zh=d, weight=1) for a, b, c, d in USUAL_CRITERIA]


def _offer(round: Round, samples: Sequence[Sample]) -> None:
    """Replace what the round offers; Art. 10: a round offers only samples kept for its purpose, and only of known mass."""
    for sample in samples:
        if sample.purpose != PURPOSE_OF_KIND[round.kind]:
            raise NotOfferable(_("%(number)s is not kept for this kind of loan (Art. 10).") % {"number": sample.number})
        if not sample.is_mass_known:
            raise NotOfferable(_("%(number)s has no known mass, so it cannot be offered.") % {"number": sample.number})
        if sample.mission_id != round.mission_id:
            raise NotOfferable(_("%(number)s belongs to another mission.") % {"number": sample.number})
    RoundSample.objects.filter(round=round).delete()
    RoundSample.objects.bulk_create([RoundSample(round=round, sample=sample) for sample in samples])


def _set_criteria(round: Round, criteria: Sequence[CriterionDraft]) -> None:
    Criterion.objects.filter(round=round).delete()
    Criterion.objects.bulk_create([Criterion(round=round, position=position, **draft) for position, draft in enumerate(criteria)])


@transaction.atomic
def prepare_round(*, samples: Sequence[Sample], criteria: Sequence[CriterionDraft] | None = None, by: User | None, **fields: Any) -> Round:
    """A new round; without criteria it takes the committee's published ones."""
    round = Round(**fields)
    round.save(force_insert=True)
    _offer(round, samples)
    _set_criteria(round, criteria if criteria is not None else _usual_criteria())
    return round


@transaction.atomic
def revise_round(round: Round, *, samples: Sequence[Sample], criteria: Sequence[CriterionDraft], by: User, **fields: Any) -> None:
    """Change a round that has not opened yet. One conditional statement, so that an opening in the same second wins."""
    if not Round.objects.filter(pk=round.pk, is_public_record=False, opens_at__gt=timezone.now()).update(**fields):
        raise RoundFrozen
    round.refresh_from_db()
    _offer(round, samples)
    _set_criteria(round, criteria)


@transaction.atomic
def extend_round(round: Round, *, closes_at: datetime, notice_en: str, notice_zh: str, by: User) -> Extension:
    """Move the closing later while the round is open. Corrections close no earlier than the round itself."""
    now = timezone.now()
    if closes_at <= now:
        raise NotAnExtension(_("The new closing time has passed already."))
    open_now = Round.objects.filter(pk=round.pk, opens_at__lte=now, closes_at__gt=now, closes_at=round.closes_at, closes_at__lt=closes_at)
    later = {"corrections_close_at": closes_at} if round.corrections_close_at and round.corrections_close_at < closes_at else {}
    if not open_now.update(closes_at=closes_at, **later):
        raise NotAnExtension(_("Only an open round can be extended, and only to a later time."))
    extension = Extension(round=round, closed_at_before=round.closes_at, closes_at=closes_at, notice_en=notice_en, notice_zh=notice_zh, by=by, at=now)
    extension.save(force_insert=True)
    round.refresh_from_db()
    return extension
