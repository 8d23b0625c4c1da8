"""What the letters about a hearing say, in both languages: the invitation with the own time, and that not taking part counts as withdrawal."""

from accounts.templatetags.portal import BEIJING
from applications.words import addressee, facts, institution_of, moment, values
from letters.models import written
from letters.texts import Wording
from letters.words import NOTHING, Pair, Section, Text, Words
from reviews.models import Hearing, Slot, Way
from reviews.texts import INVITED, INVITED_AGAIN, MISSED

WAYS: dict[str, Pair] = {
    Way.ON_SITE: Pair("on site, at your own cost", "现场参加（费用自理）"),
    Way.ONLINE: Pair("by video call", "视频连线参加"),
    Way.RECORDED: Pair("recorded video together with the slides", "提交录制视频并附演示文稿"),
}


def _span(slot: Slot) -> Pair:
    """The own time as a notice writes it: day, from, to, in Beijing time."""
    begins, ends = moment(slot.starts_at, "start"), slot.ends_at.astimezone(BEIJING).strftime("%H:%M")
    return Pair(f"{begins.en} (UTC+8), until {ends}", f"{begins.zh}（UTC+8），至{ends}")


def _length(hearing: Hearing) -> Pair:
    talk, questions = hearing.talk_minutes, hearing.question_minutes
    return Pair(f"at most {talk} minutes, then {questions} minutes of questions", f"报告不超过{talk}分钟，提问{questions}分钟")


def _place(hearing: Hearing) -> Pair:
    return Pair(hearing.place_en, hearing.place_zh)


def invited(slot: Slot, *, is_changed: bool = False, wording: Wording | None = None) -> Words:
    """The invitation to one applicant: the own time alone, never who else is heard or how many."""
    hearing, application = slot.hearing, slot.application
    ways = " / ".join(way.en for way in WAYS.values()), "；".join(way.zh for way in WAYS.values())
    details: tuple[tuple[Pair, Text], ...] = (
        (Pair("Your time", "您的时间"), _span(slot)),
        (Pair("Talk and questions", "报告与提问"), _length(hearing)),
        (Pair("Place", "地点"), _place(hearing)),
        (Pair("Ways to take part", "参加方式"), Pair(*ways)),
        (Pair("Confirm by", "请于此前确认"), moment(hearing.confirm_by)),
        (Pair("Slides (PDF) by", "演示文稿（PDF）提交截止"), moment(hearing.slides_due_at)),
    )
    frame = Words(
        kind=Pair("Invitation to the hearing", "答辩邀请函"),
        title=NOTHING,
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(),
        facts=facts(application) + details,
    )
    fillings = {**values(application), "time": _span(slot), "place": _place(hearing), "confirm_by": moment(hearing.confirm_by)}
    return written(INVITED_AGAIN if is_changed else INVITED, frame, fillings, wording=wording)


def missed(slot: Slot, *, note: str, wording: Wording | None = None) -> Words:
    """Not taking part counts as withdrawal: said once the office has confirmed it."""
    application = slot.application
    frame = Words(
        kind=Pair("Withdrawal", "撤回通知"),
        title=NOTHING,
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(),
        facts=(*facts(application), (Pair("Hearing", "答辩"), _span(slot))),
        sections=(Section(Pair("Note of the office", "办公室说明"), (note,)),) if note else (),
    )
    return written(MISSED, frame, {**values(application), "time": _span(slot)}, wording=wording)
