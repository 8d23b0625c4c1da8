"""What the letters about a hearing say, in both languages: the invitation with the own time, and that not taking part counts as withdrawal."""

from accounts.templatetags.portal import BEIJING
from applications.words import addressee, facts, institution_of, moment
from letters.words import Pair, Section, Text, Words
from reviews.models import Hearing, Slot, Way

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


def invited(slot: Slot, *, is_changed: bool = False) -> Words:
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
    return Words(
        kind=Pair("Invitation to the hearing", "答辩邀请函"),
        title=Pair("Changed: invitation to the hearing", "答辩安排变更通知") if is_changed else Pair("Invitation to the hearing", "答辩邀请函"),
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(_changed() if is_changed else _opening(),),
        facts=facts(application) + details,
        closing=(
            Pair(
                "Please confirm on the portal that you take part, in which way and who speaks, and hand in your slides there. "
                "With a recorded video, give its address there as well.",
                "请登录系统确认是否参加、参加方式及报告人，并在系统中提交演示文稿；以录制视频方式参加的，还须填写视频地址。",
            ),
            Pair(
                "The speaker answers the questions of the experts. Participants bear their own costs. "
                "Not taking part in the hearing counts as withdrawal of the application.",
                "报告人须回答专家提问。参加答辩的费用由申请方自理。未参加答辩的，视为撤回申请。",
            ),
        ),
    )


def _opening() -> Pair:
    return Pair(
        "After the correspondence review, the Lunar Sample Management Office invites you to present your application to the expert committee "
        "on lunar samples and to answer its questions.",
        "经函审，月球样品管理办公室邀请您参加答辩，向月球样品专家委员会报告申请内容并回答提问。",
    )


def _changed() -> Pair:
    return Pair(
        "The arrangements for your hearing have changed. This letter takes the place of the one before. If you have confirmed, your confirmation "
        "stays valid; if you cannot come at the new time, please tell us on the portal.",
        "您的答辩安排有变更，以本函为准，此前的邀请函作废。已经确认的，确认继续有效；如无法按新的时间参加，请在系统中告知我们。",
    )


def missed(slot: Slot, *, note: str) -> Words:
    """Not taking part counts as withdrawal: said once the office has confirmed it."""
    application = slot.application
    return Words(
        kind=Pair("Withdrawal", "撤回通知"),
        title=Pair("Your application counts as withdrawn", "您的申请视为撤回"),
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(
            Pair(
                "You did not take part in the hearing to which you were invited. As the invitation said, this counts as withdrawal of the "
                "application.",
                "您未参加受邀的答辩。按照邀请函的说明，视为撤回申请。",
            ),
        ),
        facts=(*facts(application), (Pair("Hearing", "答辩"), _span(slot))),
        sections=(Section(Pair("Note of the office", "办公室说明"), (note,)),) if note else (),
        closing=(Pair("You may apply again in a later round.", "您可在今后的批次中重新申请。"),),
    )
