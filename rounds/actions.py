"""What happens to a round: it is prepared, revised before its opening, and extended at most while it is open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from rounds.history import changes_between, state_of
from rounds.models import Criterion, Extension, Kind, Overruling, Round, RoundChange, RoundSample, Rule
from rounds.rules import OF_SUMS, Finding, Limit
from rounds.usual_rules import RuleDraft, usual_rules
from samples.models import Purpose, Sample

# The committee's published criteria (domestic round 1, 2021): question, plan, amount, team, storage, effect on other studies. What each
# score means is the portal's proposal, to be changed in the round's form.
USUAL_CRITERIA: tuple[tuple[str, str, str, str], ...] = (
    ("Scientific question", "科学问题", "The question is important and clearly put.", "科学问题重要、明确。"),
    ("Plan", "研究方案", "The plan is feasible.", "研究方案可行。"),
    ("Amount asked for", "申请用量", "The amount asked for is reasonable.", "申请用量合理。"),
    ("Team", "研究团队", "The team is able to do the work.", "研究团队有能力完成工作。"),
    ("Storage and testing", "保存与测试条件", "The institution can store and test the samples.", "单位具备样品保存与测试条件。"),
    ("Effect on other studies", "对其他研究的影响", "What the use of the sample means for other studies.", "样品使用对其他研究的影响。"),
)
USUAL_ANCHORS: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("No clear question, or it is answered already", "问题不清楚，或已有答案"),
        ("A clear question of minor interest", "问题清楚，但意义有限"),
        ("A sound question that adds to what is known", "问题合理，可补充现有认识"),
        ("An important question that lunar samples can answer", "问题重要，月球样品能够回答"),
        ("A leading question that only these samples can answer", "前沿问题，且只有这些样品能够回答"),
    ),
    (
        ("The methods cannot answer the question", "方法无法回答所提问题"),
        ("Essential steps are missing or untested", "关键步骤缺失或未经验证"),
        ("Feasible, with risks that are not addressed", "可行，但风险未得到应对"),
        ("Feasible and well thought out", "可行，考虑周全"),
        ("Proven on comparable material, with a plan for what may fail", "已在同类样品上验证，并有应对失败的预案"),
    ),
    (
        ("Not justified, or far more than is needed", "没有依据，或远超所需"),
        ("More than the methods need", "多于方法所需"),
        ("Plausible; somewhat less would do", "大体合理，可适当减少"),
        ("Justified step by step", "逐项说明，依据充分"),
        ("The least that can answer the question, used sparingly", "为回答问题所需的最少量，使用节约"),
    ),
    (
        ("No experience with such work", "没有相关工作经验"),
        ("Little experience, no support named", "经验较少，且未说明支持力量"),
        ("Experienced in parts of the work", "在部分工作上有经验"),
        ("Experienced in all of the work", "在全部工作上有经验"),
        ("Leading in this work, with rare samples before", "在该领域领先，并使用过珍稀样品"),
    ),
    (
        ("Cannot store or test the samples safely", "不能安全保存或测试样品"),
        ("Essential equipment or protection is missing", "缺少关键设备或防护"),
        ("Sufficient, with conditions", "基本满足，需附加条件"),
        ("Good: clean, secured, recorded", "良好：洁净、安全、有记录"),
        ("Made for such samples, and proven", "专为此类样品建设，并经实践检验"),
    ),
    (
        ("Would spoil the sample for other studies", "会使样品无法用于其他研究"),
        ("Uses up more than it gives back", "消耗多于回报"),
        ("Neither hinders nor helps other studies", "对其他研究既无妨碍也无帮助"),
        ("Leaves most of the sample usable", "大部分样品仍可继续使用"),
        ("Leaves the sample whole, or gives others data and material", "样品完整保留，或为他人提供数据与材料"),
    ),
)


# Art. 17 and 19 of the Measures: months of a loan and of its one renewal, unless a round says otherwise.
USUAL_MONTHS: dict[str, tuple[int, int]] = {Kind.RESEARCH.value: (12, 6), Kind.PUBLIC_WELFARE.value: (2, 1)}
RESERVED_SLUGS = frozenset({"new", "schema"})  # /rounds/new/ and /results/schema.json are addresses of their own


class RoundFrozen(Exception):
    """The round has opened; only its closing can still be extended. The text may be shown."""

    def __init__(self) -> None:
        super().__init__(_("This round has opened, so its rules stand as they were published. Only the closing time can be extended, with a notice."))


class StaleRound(Exception):
    """Somebody else revised the round since this page was opened. The text may be shown; nothing was overwritten."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else has revised this round since you opened this page. Nothing was saved, and what you entered still stands below: "
                "copy what you need, then reload the page."
            )
        )


class SlugTaken(Exception):
    """Another round has this address, or it is a page of its own. The text may be shown."""

    def __init__(self, slug: str) -> None:
        super().__init__(_("The address “%(slug)s” is already in use. Choose another one.") % {"slug": slug})


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
    anchors: list[list[str]]  # what the scores from 1 to 5 mean, in English and Chinese; empty: the usual words


PURPOSE_OF_KIND = {Kind.RESEARCH.value: Purpose.RESEARCH.value, Kind.PUBLIC_WELFARE.value: Purpose.PUBLIC_WELFARE.value}


def usual_criteria() -> list[CriterionDraft]:
    """The committee's published criteria, each with the same weight."""
    return [
        CriterionDraft(title_en=a, title_zh=b, text_en=c, text_zh=d, weight=1, anchors=[list(pair) for pair in anchors])
        for (a, b, c, d), anchors in zip(USUAL_CRITERIA, USUAL_ANCHORS, strict=True)
    ]


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


def _set_rules(round: Round, rules: Sequence[RuleDraft]) -> None:
    Rule.objects.of(round).delete()
    Rule.objects.bulk_create([Rule(round=round, position=position, **draft) for position, draft in enumerate(rules)])


def _remember(round: Round, what: RoundChange.What, before: dict[str, Any], *, by: User | None) -> None:
    RoundChange(round=round, what=what, changes=changes_between(before, state_of(round)), by=by).save(force_insert=True)


@transaction.atomic
def prepare_round(
    *,
    samples: Sequence[Sample],
    criteria: Sequence[CriterionDraft] | None = None,
    rules: Sequence[RuleDraft] | None = None,
    by: User | None,
    **fields: Any,
) -> Round:
    """A new round; without criteria it takes the committee's published ones, without rules the usual ones (usual_rules.py).

    SlugTaken, NotOfferable: nothing was made.
    """
    round = Round(**fields)
    if round.slug in RESERVED_SLUGS:
        raise SlugTaken(round.slug)
    try:
        with transaction.atomic():
            round.save(force_insert=True)
    except IntegrityError:
        if Round.objects.filter(slug=round.slug).exists():
            raise SlugTaken(round.slug) from None
        raise
    _offer(round, samples)
    _set_criteria(round, criteria if criteria is not None else usual_criteria())
    if not round.is_public_record:  # nothing is known of the rules of rounds before this portal
        _set_rules(round, rules if rules is not None else usual_rules())
    _remember(round, RoundChange.What.PREPARED, {}, by=by)
    return round


@transaction.atomic
def revise_round(
    round: Round,
    *,
    seen_revision: int,
    samples: Sequence[Sample],
    criteria: Sequence[CriterionDraft],
    rules: Sequence[RuleDraft] | None = None,
    by: User,
    **fields: Any,
) -> None:
    """Change a round that has not opened yet: RoundFrozen once it has, StaleRound when somebody else was faster. None leaves the rules.

    One conditional statement, and the clock is asked again at the end, so that an opening in the same second wins.
    """
    opens_at = round.opens_at
    before = state_of(round)
    if fields.get("slug", round.slug) in RESERVED_SLUGS:
        raise SlugTaken(fields["slug"])
    unopened = Round.objects.filter(pk=round.pk, is_public_record=False, opens_at__gt=timezone.now())
    try:
        with transaction.atomic():
            is_revised = unopened.filter(revision=seen_revision, opens_at=opens_at).update(revision=F("revision") + 1, **fields)
    except IntegrityError:
        if Round.objects.filter(slug=fields.get("slug", "")).exclude(pk=round.pk).exists():
            raise SlugTaken(fields["slug"]) from None
        raise
    if not is_revised:
        raise StaleRound if unopened.exists() else RoundFrozen
    round.refresh_from_db()
    _offer(round, samples)
    _set_criteria(round, criteria)
    if rules is not None:
        _set_rules(round, rules)
    _remember(round, RoundChange.What.REVISED, before, by=by)
    if opens_at is not None and opens_at <= timezone.now():
        raise RoundFrozen


def take_turn(round: Round) -> list[Limit]:
    """The rules in force, for a decision that is about to be weighed; the first thing in its transaction.

    A sum over several decisions cannot be held by a condition on one row: where such a rule is in force, decisions of the round wait here
    for each other until the one before them is done.
    """
    rules = list(round.rules.on())
    first = next((rule for rule in rules if rule.kind in OF_SUMS), None)
    if first is not None:
        Rule.objects.filter(pk=first.pk).update(weighed=F("weighed") + 1)
    return [rule.limit for rule in rules]


@transaction.atomic
def overrule_rules(round: Round, findings: Sequence[tuple[Finding, Finding]], *, reference: str, decision: int, reason: str, by: User) -> None:
    """Keep why a decision does not keep rules of its round: each finding in English and in Chinese, with the reason. Stands for good."""
    rules = {rule.code: rule for rule in round.rules.all()}
    for english, chinese in findings:
        Overruling(
            rule=rules[english.code],
            reference=reference,
            decision=decision,
            number=english.number,
            found_en=english.sentence,
            found_zh=chinese.sentence,
            reason=reason,
            by=by,
        ).save(force_insert=True)


@transaction.atomic
def retitle_public_record(round: Round, *, title_en: str, title_zh: str) -> bool:
    """Correct the title of a round of the public record; whether it was another one."""
    other = Q(title_en=title_en, title_zh=title_zh)
    return bool(Round.objects.filter(pk=round.pk, is_public_record=True).exclude(other).update(title_en=title_en, title_zh=title_zh))


@transaction.atomic
def extend_round(round: Round, *, closes_at: datetime, notice_en: str, notice_zh: str, by: User) -> Extension:
    """Move the closing later while the round is open. The dates for corrections and reviews move by as much, so nobody loses time."""
    now = timezone.now()
    before, closed_at_before = state_of(round), round.closes_at
    if closes_at <= now:
        raise NotAnExtension(_("The new closing time has passed already."))
    if not round.is_open(now) or closed_at_before is None:
        raise NotAnExtension(_("Only an open round can be extended."))
    if closes_at <= closed_at_before:
        raise NotAnExtension(_("The new closing must be later than the present one."))
    by_as_much = {
        name: getattr(round, name) + (closes_at - closed_at_before) for name in ("corrections_close_at", "reviews_due_at") if getattr(round, name)
    }
    still = Round.objects.filter(pk=round.pk, is_public_record=False, opens_at__lte=now, closes_at__gt=now, closes_at=closed_at_before)
    if not still.update(closes_at=closes_at, revision=F("revision") + 1, **by_as_much):
        raise NotAnExtension(_("Somebody else has extended this round in the meantime, or it has closed. Reload the page to see how it stands."))
    extension = Extension(
        round=round, closed_at_before=closed_at_before, closes_at=closes_at, notice_en=notice_en, notice_zh=notice_zh, by=by, at=now
    )
    extension.save(force_insert=True)
    round.refresh_from_db()
    _remember(round, RoundChange.What.EXTENDED, before, by=by)
    if closed_at_before <= timezone.now():
        raise NotAnExtension(_("The round closed while this was being saved."))
    return extension
