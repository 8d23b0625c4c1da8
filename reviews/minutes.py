"""The minutes of the committee, in both languages, for one reader: only the cases that this reader may see."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import translation
from django.utils.formats import date_format

from accounts.models import Role, User
from applications.models import Application, Request
from applications.words import moment
from letters.words import Pair, Section, Text, Words, both
from reviews.letter_tables import OUTCOMES
from reviews.models import Decision, Departure, Meeting, Slot, Vote, Way, cases_in_minutes, hearings_visible_to, vote_on
from reviews.workflow import SlotStatus
from rounds.models import Round
from samples.masses import spell_mg

Facts = tuple[tuple[Pair, Text], ...]

HEARD: dict[str, Pair] = {
    SlotStatus.INVITED: Pair("invited, not answered", "已邀请，未答复"),
    SlotStatus.CONFIRMED: Pair("confirmed", "已确认"),
    SlotStatus.HEARD: Pair("heard", "已答辩"),
    SlotStatus.CANCELLED: Pair("cancelled by the applicant", "申请人取消"),
    SlotStatus.ABSENT: Pair("did not take part; counts as withdrawal", "未参加，视为撤回申请"),
}
WAYS: dict[str, Pair] = {
    Way.ON_SITE: Pair("on site", "现场"),
    Way.ONLINE: Pair("by video call", "视频连线"),
    Way.RECORDED: Pair("by recorded video", "录制视频"),
}
SHARES = {(1, 2): Pair("a half", "二分之一"), (2, 3): Pair("two thirds", "三分之二"), (3, 4): Pair("three quarters", "四分之三")}


def minutes_for(user: User, round: Round, *, at: datetime) -> Words | None:
    """None while no meeting was noted. Recorded decisions stand in it for officers only."""
    meetings = list(Meeting.objects.of_round(round).with_people().order_by("held_on", "pk"))
    if not meetings:
        return None
    cases = cases_in_minutes(user, round)
    slots = {slot.application_id: slot for hearing in hearings_visible_to(user, round) for slot in hearing.slots.all()}
    left: dict[int, list[str]] = {}
    for departure in Departure.objects.filter(application__in=cases).select_related("user").order_by("pk"):
        left.setdefault(departure.application_id, []).append(str(departure.user))
    decisions = _decisions(cases) if user.has_role(Role.OFFICER) else {}
    made = moment(at, "start")
    return Words(
        kind=Pair("Minutes", "会议纪要"),
        title=Pair("Minutes of the expert committee on lunar samples", "月球样品专家委员会会议纪要"),
        paragraphs=(
            Pair(
                f"Made for {user}, {made.en}. These minutes hold only the applications that this reader may see.",
                f"本纪要供 {user} 使用，生成于{made.zh}，仅包含该读者有权查看的申请。",
            ),
        ),
        facts=((Pair("Round", "批次"), Pair(round.title_en, round.title_zh)), *_rule(round)),
        sections=(
            *(_meeting(meeting) for meeting in meetings),
            *(_case(case, round, slots.get(case.pk), left.get(case.pk, []), decisions.get(case.pk)) for case in cases),
        ),
    )


def _rule(round: Round) -> Facts:
    numerator, denominator = round.vote_numerator, round.vote_denominator
    share = SHARES.get((numerator, denominator), both(f"{numerator}/{denominator}"))
    return (
        (
            Pair("Rule of the vote", "表决规则"),
            Pair(
                f"An award needs at least {share.en} of those present and not recused; abstaining counts as present.",
                f"须经出席且未回避者{share.zh}以上赞成；弃权者计入出席人数。",
            ),
        ),
    )


def _day(day: date) -> Pair:
    with translation.override("en"):
        english = date_format(day, "DATE_FORMAT")
    with translation.override("zh-hans"):
        return Pair(english, date_format(day, "DATE_FORMAT"))


def _names(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names) or "–"


def _meeting(meeting: Meeting) -> Section:
    people = list(meeting.attendances.all())
    members = [f"{row.seat.user} (chair 主任)" if row.seat.is_chair else row.seat.user for row in people if not row.is_invited]
    day = _day(meeting.held_on)
    return Section(
        Pair(f"Meeting of {day.en}", f"{day.zh}会议"),
        facts=(
            (Pair("Place", "地点"), Pair(meeting.place_en, meeting.place_zh)),
            (Pair(f"Members present ({len(members)})", f"出席委员（{len(members)}人）"), _names(members)),
            (Pair("Invited experts", "特邀专家"), _names(row.seat.user for row in people if row.is_invited)),
        ),
    )


def _case(case: Application, round: Round, slot: Slot | None, left: list[str], decision: Decision | None) -> Section:
    assert case.current is not None
    facts: list[tuple[Pair, Text]] = [
        (Pair("Applicant", "申请人"), f"{case.owner}, {case.institution.name_en if case.institution else ''}"),
    ]
    if slot is not None:
        begins, how, state = moment(slot.starts_at, "start"), WAYS.get(slot.way), HEARD[slot.status]
        way = Pair(f", {how.en}", f"，{how.zh}") if how else Pair("", "")
        facts.append((Pair("Hearing", "答辩"), Pair(f"{begins.en}: {state.en}{way.en}", f"{begins.zh}：{state.zh}{way.zh}")))
        if slot.speaker:
            facts.append((Pair("Speaker", "报告人"), slot.speaker))
    facts.append((Pair("Left the room", "回避离场"), _names(left)))
    facts += [_vote(line, round, decision) for line in case.current.requests.all()]
    if decision is not None:
        facts.append((Pair("Decision recorded", "已记录的决定"), _decided(decision)))
    return Section(Pair(f"{case.reference} {case.current.title}", f"{case.reference} {case.current.title}"), facts=tuple(facts))


def _vote(line: Request, round: Round, decision: Decision | None) -> tuple[Pair, Text]:
    label = both(f"{line.sample.number}, {spell_mg(line.mass_ug)} mg")
    vote = vote_on(line, round, decision)
    return label, _count(vote) if vote else Pair("not voted on", "未表决")


def _count(vote: Vote) -> Pair:
    sign = "≥" if vote.is_carried else "<"
    sum_ = f"{vote.yes} × {vote.denominator} {sign} {vote.numerator} × {vote.eligible}"
    less = Pair(f"; at most {spell_mg(vote.mass_ug)} mg", f"；不超过{spell_mg(vote.mass_ug)} mg") if vote.mass_ug else Pair("", "")
    return Pair(
        f"present {vote.present}, recused {vote.recused}, yes {vote.yes}, no {vote.no}, abstained {vote.abstained}: {sum_}, "
        f"{'carried' if vote.is_carried else 'not carried'}{less.en}.",
        f"出席{vote.present}人，回避{vote.recused}人，赞成{vote.yes}票，反对{vote.no}票，弃权{vote.abstained}票：{sum_}，"
        f"{'通过' if vote.is_carried else '未通过'}{less.zh}。",
    )


def _decisions(cases: list[Application]) -> dict[int, Decision]:
    """The decision that stands for each, by application."""
    return {row.application_id: row for row in Decision.objects.standing_for(cases)}


def _decided(decision: Decision) -> Pair:
    awards = list(decision.awards.all())
    parts = [(award.request.sample.number, OUTCOMES[award.outcome], f" {spell_mg(award.mass_ug)} mg" if award.mass_ug else "") for award in awards]
    title = OUTCOMES[decision.outcome]
    return Pair(
        f"{title.en}: " + "; ".join(f"{number} {outcome.en}{mass}" for number, outcome, mass in parts),
        f"{title.zh}：" + "；".join(f"{number} {outcome.zh}{mass}" for number, outcome, mass in parts),
    )
