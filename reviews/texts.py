"""The kinds of letters about hearing and decision whose wording the office may edit: what fills their gaps, and the words to begin with."""

from django.utils.translation import gettext_lazy as _

from applications.texts import ABOUT_APPLICATION, EXAMPLE_ADDRESSEE, EXAMPLE_FACTS, EXAMPLE_INSTITUTION, EXAMPLE_TIME
from letters.texts import Kind, Placeholder, Wording
from letters.words import NOTHING, Pair, Section, Text, Words
from reviews.letter_tables import OUTCOMES, awards_table
from reviews.workflow import Outcome

# --- The hearing ---------------------------------------------------------------------------------------------------------------

CONFIRM_BY = Placeholder("confirm_by", _("until when taking part must be confirmed"), EXAMPLE_TIME, is_required=True)
HEARING_TIME = Placeholder(
    "time", _("the own time in the hearing"), Pair("20 January 2027, 09:30 (UTC+8), until 09:45", "2027年1月20日09:30（UTC+8），至09:45")
)
PLACE = Placeholder("place", _("where the hearing is"), Pair("Meeting room 1, Beijing (invented)", "北京 第一会议室（虚构）"))
_HEARING_FACTS: tuple[tuple[Pair, Text], ...] = (
    *EXAMPLE_FACTS,
    (Pair("Your time", "您的时间"), HEARING_TIME.example),
    (Pair("Place", "地点"), PLACE.example),
    (Pair("Confirm by", "请于此前确认"), EXAMPLE_TIME),
)
_HOW_TO_TAKE_PART = Pair(
    "Please confirm on the portal before {confirm_by} that you take part, in which way and who speaks, and hand in your slides there. "
    "With a recorded video, give its address there as well.\n\n"
    "The speaker answers the questions of the experts. Participants bear their own costs. "
    "Not taking part in the hearing counts as withdrawal of the application.",
    "请于{confirm_by}之前登录系统确认是否参加、参加方式及报告人，并在系统中提交演示文稿；以录制视频方式参加的，还须填写视频地址。\n\n"
    "报告人须回答专家提问。参加答辩的费用由申请方自理。未参加答辩的，视为撤回申请。",
)


def _hearing_example(kind: Pair) -> Words:
    return Words(kind=kind, title=kind, paragraphs=(), institution=EXAMPLE_INSTITUTION, addressee=EXAMPLE_ADDRESSEE, facts=_HEARING_FACTS)


INVITED = Kind(
    word="invited",
    name=_("Invited to the hearing"),
    when=_("When an applicant is invited to the hearing."),
    placeholders=(*ABOUT_APPLICATION, CONFIRM_BY, HEARING_TIME, PLACE),
    default=Wording(
        title=Pair("Invitation to the hearing", "答辩邀请函"),
        opening=Pair(
            "After the correspondence review, the Lunar Sample Management Office invites you to present your application to the expert committee "
            "on lunar samples and to answer its questions.",
            "经函审，月球样品管理办公室邀请您参加答辩，向月球样品专家委员会报告申请内容并回答提问。",
        ),
        closing=_HOW_TO_TAKE_PART,
    ),
    example=_hearing_example(Pair("Invitation to the hearing", "答辩邀请函")),
)

INVITED_AGAIN = Kind(
    word="invited_again",
    name=_("Hearing changed"),
    when=_("When time, place or ways of a hearing change after the invitation."),
    placeholders=(*ABOUT_APPLICATION, CONFIRM_BY, HEARING_TIME, PLACE),
    default=Wording(
        title=Pair("Changed: invitation to the hearing", "答辩安排变更通知"),
        opening=Pair(
            "The arrangements for your hearing have changed. This letter takes the place of the one before. If you have confirmed, your confirmation "
            "stays valid; if you cannot come at the new time, please tell us on the portal.",
            "您的答辩安排有变更，以本函为准，此前的邀请函作废。已经确认的，确认继续有效；如无法按新的时间参加，请在系统中告知我们。",
        ),
        closing=_HOW_TO_TAKE_PART,
    ),
    example=_hearing_example(Pair("Invitation to the hearing", "答辩邀请函")),
)

MISSED = Kind(
    word="missed",
    name=_("Hearing missed"),
    when=_("When the office confirms that an applicant did not take part in the hearing, which counts as withdrawal."),
    placeholders=(*ABOUT_APPLICATION, HEARING_TIME),
    default=Wording(
        title=Pair("Your application counts as withdrawn", "您的申请视为撤回"),
        opening=Pair(
            "You did not take part in the hearing to which you were invited. As the invitation said, this counts as withdrawal of the application.",
            "您未参加受邀的答辩。按照邀请函的说明，视为撤回申请。",
        ),
        closing=Pair("You may apply again in a later round.", "您可在今后的批次中重新申请。"),
    ),
    example=_hearing_example(Pair("Withdrawal", "撤回通知")),
    last_heading=NOTHING,
)

# --- The decision --------------------------------------------------------------------------------------------------------------

KIND_LABELS: dict[str, Pair] = {
    "approved": Pair("Approval of a loan", "借用批准通知书"),
    "partly_approved": Pair("Approval of a loan in part", "借用部分批准通知书"),
    "reserve": Pair("Notice of reserve", "候补通知书"),
    "declined": Pair("Decision not to approve", "不予批准通知书"),
}

SIGNING_DAYS = Placeholder("signing_days", _("working days in which the agreement must be signed"), Pair("10", "10"), is_required=True)
TOTAL = Placeholder("total", _("approved mass and number of samples"), Pair("52.4 mg of 2 samples", "2件样品，共52.4 mg"))
LOAN_MONTHS = Placeholder("loan_months", _("months of the loan"), Pair("12", "12"))
RENEWAL_MONTHS = Placeholder("renewal_months", _("months of the one renewal"), Pair("6", "6"))
RENEWAL_DAYS = Placeholder("renewal_days", _("days before the end in which a renewal must be asked for"), Pair("30", "30"))
DURATION_ARTICLE = Placeholder("duration_article", _("article of the Measures on the length of the loan"), Pair("Art. 17", "第十七条"))
_GRANTED = (*ABOUT_APPLICATION, SIGNING_DAYS, TOTAL, LOAN_MONTHS, RENEWAL_MONTHS, RENEWAL_DAYS, DURATION_ARTICLE)

_HOW_TO_GO_ON = Pair(
    "To accept, sign the Loan Agreement with the Lunar Exploration and Space Engineering Center within {signing_days} working days of the date of "
    "this letter (Art. 16 of the Measures). The agreement follows through the portal. If it is not signed in time, the approval lapses.\n\n"
    "To collect: once the agreement is signed, the samples are prepared within 30 days (Art. 20). The responsible user collects them in person "
    "at the National Astronomical Observatories, Chinese Academy of Sciences, in Beijing, and returns them there; the sample certificate comes "
    "with them.\n\n"
    "The loan lasts {loan_months} months and can be renewed once for at most {renewal_months} months; ask for the renewal at least "
    "{renewal_days} days before the end ({duration_article}). Use the samples sparingly and only for the approved plan (Art. 18), keep a record "
    "of all use (Art. 21), and pass nothing on to others (Art. 23). Everything that is left is returned within 5 working days after the end "
    "(Art. 25).\n\n"
    "Publications and talks name the sample number and state: Lunar Sample Provided by CNSA (Art. 27); they are registered on the portal within "
    "three months (Art. 28). Articles are those of the Measures for the Management of Lunar Samples.",
    "如接受借用，请自本函之日起{signing_days}个工作日内与探月与航天工程中心签署《月球样品借用协议》（《月球样品管理办法》第十六条）。"
    "协议将通过系统发送；逾期未签署的，本批准失效。\n\n"
    "领取：协议签署后，样品将于30日内制备完成（第二十条）。使用责任人须本人到中国科学院国家天文台（北京）领取并交还样品；样品证书随样品一并发放。\n\n"
    "借用期限为{loan_months}个月，可续借一次，续借期不超过{renewal_months}个月，须于期满{renewal_days}日前提出申请（{duration_article}）。"
    "请节约使用样品，仅用于批准的研究方案（第十八条），做好使用全过程记录（第二十一条），不得转借第三方（第二十三条）。"
    "借用期满后5个工作日内返还全部剩余样品（第二十五条）。\n\n"
    "发表成果或作报告时应注明样品编号，并标注“月球样品由国家航天局提供”（第二十七条），并于三个月内在系统登记（第二十八条）。"
    "以上条款均指《月球样品管理办法》。",
)


def _decision_example(word: str, *rows: tuple[Text, ...], extra: tuple[tuple[Pair, Text], ...] = (), heading: Pair = NOTHING) -> Words:
    return Words(
        kind=KIND_LABELS[word],
        title=KIND_LABELS[word],
        paragraphs=(),
        institution=EXAMPLE_INSTITUTION,
        addressee=EXAMPLE_ADDRESSEE,
        facts=(*EXAMPLE_FACTS, *extra),
        table=awards_table(rows),
        sections=(Section(heading, (Pair("What the decision says stands here.", "此处为审批决定的内容。"),)),) if heading.en else (),
    )


_POWDER, _CLAST = Pair("powder", "粉末"), Pair("clast, lent whole", "岩屑（整件借用）")
_LOAN_EXAMPLE: tuple[tuple[Pair, Text], ...] = (
    (Pair("Approved in all", "批准总量"), TOTAL.example),
    (Pair("Agreement to be signed within", "协议签署期限"), Pair("10 working days of this letter", "自本函之日起10个工作日内")),
)

APPROVED = Kind(
    word="approved",
    name=_("Approved in whole"),
    when=_("When an announcement tells that all samples asked for are approved in full."),
    placeholders=_GRANTED,
    default=Wording(
        title=Pair("Your application is approved", "您的申请已获批准"),
        opening=Pair(
            "After review by the expert committee on lunar samples and by decision of the China National Space Administration, "
            "the loan of all samples that you asked for is approved: {total}.",
            "经月球样品专家委员会评审、国家航天局审定，批准借用您申请的全部样品：{total}。",
        ),
        closing=_HOW_TO_GO_ON,
    ),
    example=_decision_example(
        "approved",
        ("CE5-EXAMPLE-1", _POWDER, "40.0", OUTCOMES[Outcome.APPROVED], "40.0"),
        ("CE5-EXAMPLE-2", _CLAST, "12.4", OUTCOMES[Outcome.APPROVED], "12.4"),
        extra=_LOAN_EXAMPLE,
        heading=Pair("Conditions", "条件"),
    ),
    last_heading=Pair("How to sign and collect", "签署与领取"),
)

PARTLY_APPROVED = Kind(
    word="partly_approved",
    name=_("Approved in part"),
    when=_("When an announcement tells that some samples are approved, or less of them than asked for."),
    placeholders=_GRANTED,
    default=Wording(
        title=Pair("Your application is approved in part", "您的申请获部分批准"),
        opening=Pair(
            "After review by the expert committee on lunar samples and by decision of the China National Space Administration, "
            "your application is approved in part: {total}. The table says what is approved for each sample.",
            "经月球样品专家委员会评审、国家航天局审定，部分批准您的申请：{total}。各样品的审批结果见下表。",
        ),
        closing=_HOW_TO_GO_ON,
    ),
    example=_decision_example(
        "partly_approved",
        ("CE5-EXAMPLE-1", _POWDER, "60.0", OUTCOMES[Outcome.REDUCED], "40.0"),
        ("CE5-EXAMPLE-2", _CLAST, "12.4", OUTCOMES[Outcome.APPROVED], "12.4"),
        ("CE5-EXAMPLE-3", _POWDER, "25.0", OUTCOMES[Outcome.DECLINED], "–"),
        extra=_LOAN_EXAMPLE,
        heading=Pair("Conditions", "条件"),
    ),
    last_heading=Pair("How to sign and collect", "签署与领取"),
)

RESERVE = Kind(
    word="reserve",
    name=_("In reserve"),
    when=_("When an announcement puts an application in reserve."),
    placeholders=ABOUT_APPLICATION,
    default=Wording(
        title=Pair("Your application is in reserve", "您的申请列为候补"),
        opening=Pair(
            "After review by the expert committee on lunar samples, your application is placed in reserve. No sample is set aside for it at present. "
            "If samples become available in this round, we shall write to you again.",
            "经月球样品专家委员会评审，您的申请列为候补，目前未为其预留样品。如本批次有样品可供借用，我们将另行通知。",
        ),
        closing=Pair(
            "You need do nothing for it. You may withdraw the application on the portal at any time.",
            "您无需办理其他手续。您可随时在系统中撤回申请。",
        ),
    ),
    example=_decision_example("reserve", ("CE5-EXAMPLE-1", _POWDER, "40.0", OUTCOMES[Outcome.RESERVE], "–"), heading=Pair("Reasons", "理由")),
    last_heading=NOTHING,
)

DECLINED = Kind(
    word="declined",
    name=_("Declined"),
    when=_("When an announcement declines an application; the reasons follow under their own heading."),
    placeholders=ABOUT_APPLICATION,
    default=Wording(
        title=Pair("Your application is declined", "您的申请未获批准"),
        opening=Pair(
            "After review by the expert committee on lunar samples, your application is not approved. "
            "We thank you for your proposal and your work on it.",
            "经月球样品专家委员会评审，您的申请未获批准。感谢您的申请与付出。",
        ),
        closing=Pair("You may apply again in a later round.", "您可在今后的批次中重新申请。"),
    ),
    example=_decision_example("declined", ("CE5-EXAMPLE-1", _POWDER, "40.0", OUTCOMES[Outcome.DECLINED], "–"), heading=Pair("Reasons", "理由")),
    last_heading=NOTHING,
)

KINDS = (INVITED, INVITED_AGAIN, MISSED, APPROVED, PARTLY_APPROVED, RESERVE, DECLINED)
