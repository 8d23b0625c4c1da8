"""The kinds of letters about a loan whose wording the office may edit: what fills their gaps, and the words to begin with."""

from django.utils.translation import gettext_lazy as _

from applications.texts import ABOUT_APPLICATION, EXAMPLE_ADDRESSEE, EXAMPLE_FACTS, EXAMPLE_INSTITUTION, EXAMPLE_TIME
from letters.texts import Kind, Placeholder, Wording
from letters.words import NOTHING, Pair, Table, Text, Words, both
from loans.letter_tables import SAMPLES_LENT, SAMPLES_LET_GO, samples_table
from reviews.texts import DURATION_ARTICLE, LOAN_MONTHS, RENEWAL_DAYS, RENEWAL_MONTHS, TOTAL

CERTIFICATE_LABEL = Pair("Lunar sample certificate", "月球样品证书")
LAPSED_LABEL = Pair("Lapse of approval", "批准失效通知")

AGREEMENT = Placeholder("agreement", _("number of the Loan Agreement"), Pair("LSB-0000-00000", "LSB-0000-00000"))
SIGNED_ON = Placeholder("signed_on", _("day on which the agreement was signed"), Pair("14 December 2026", "2026年12月14日"))
HAND_OUT_BY = Placeholder("hand_out_by", _("until when the samples are ready"), Pair("13 January 2027", "2027年1月13日"))
LEGAL_REPRESENTATIVE = Placeholder("legal_representative", _("who signed as legal representative"), Pair("Dean Example", "Dean Example"))
RESPONSIBLE_USER = Placeholder("responsible_user", _("who is responsible for the samples"), Pair("Zoë Example", "Zoë Example"))
SIGN_BY = Placeholder("sign_by", _("until when the agreement was to be signed"), EXAMPLE_TIME)


def signed_agreement(number: str, day: Pair) -> Pair:
    """The agreement with the day on which it was signed, in one row: its number stands once, before both languages."""
    return Pair(f"signed on {day.en}", f"{number}，{day.zh}签署")


def _example(kind: Pair, table: Table, *facts: tuple[Pair, Text]) -> Words:
    return Words(kind=kind, title=kind, paragraphs=(), institution=EXAMPLE_INSTITUTION, addressee=EXAMPLE_ADDRESSEE, facts=facts, table=table)


def _example_table(caption: Pair) -> Table:
    powder, clast = Pair("powder", "粉末"), Pair("clast, lent whole", "岩屑（整件借用）")
    return samples_table(caption, (("CE5-EXAMPLE-1", powder, "40.0"), ("CE5-EXAMPLE-2", clast, "12.4")), "52.4")


CERTIFICATE = Kind(
    word="certificate",
    name=_("Sample certificate"),
    when=_("When the signature of a Loan Agreement is recorded."),
    placeholders=(
        *ABOUT_APPLICATION,
        AGREEMENT,
        SIGNED_ON,
        HAND_OUT_BY,
        LEGAL_REPRESENTATIVE,
        RESPONSIBLE_USER,
        TOTAL,
        LOAN_MONTHS,
        RENEWAL_MONTHS,
        RENEWAL_DAYS,
        DURATION_ARTICLE,
    ),
    default=Wording(
        title=CERTIFICATE_LABEL,
        opening=Pair(
            "This is to certify that the China National Space Administration lends {institution} the lunar samples listed below, {total}, under "
            "Loan Agreement {agreement}.",
            "兹证明，根据借用协议（{agreement}），国家航天局向{institution}借出下列月球样品：{total}。",
        ),
        closing=Pair(
            "They are ready for hand-out by {hand_out_by} (Art. 20 of the Measures for the Management of Lunar Samples), are not passed on to third "
            "parties (Art. 23), and what is left is returned within 5 working days after the loan (Art. 25). Publications and talks name the sample "
            "numbers and state: Lunar Sample Provided by CNSA (Art. 27).",
            "样品于{hand_out_by}前备妥待领（《月球样品管理办法》第二十条）；不得转借第三方（第二十三条）；借用期满后5个工作日内返还全部剩余样品"
            "（第二十五条）。发表成果或作报告时应注明样品编号，并标注“月球样品由国家航天局提供”（第二十七条）。",
        ),
    ),
    example=_example(
        CERTIFICATE_LABEL,
        _example_table(SAMPLES_LENT),
        (Pair("Loan Agreement", "借用协议"), signed_agreement("LSB-0000-00000", both(SIGNED_ON.example))),
        (Pair("Legal representative", "法定代表人"), LEGAL_REPRESENTATIVE.example),
        (Pair("Responsible user", "使用责任人"), RESPONSIBLE_USER.example),
        (Pair("Purpose of the loan", "借用用途"), Pair("research", "科学研究")),
        (Pair("Mission", "任务"), Pair("Chang’e-5", "嫦娥五号")),
        (Pair("Loan period", "借用期限"), Pair("12 months from the day of hand-out", "自领取之日起12个月")),
    ),
)

LAPSED = Kind(
    word="lapsed",
    name=_("Approval lapsed"),
    when=_("When an officer confirms that a Loan Agreement was not signed in time; the officer’s note follows under its own heading."),
    placeholders=(*ABOUT_APPLICATION, AGREEMENT, SIGN_BY, TOTAL),
    default=Wording(
        title=Pair("Your approval has lapsed", "批准您借用的决定已失效"),
        opening=Pair(
            "Loan Agreement {agreement} was to be signed by {sign_by} (Art. 16 of the Measures for the Management of Lunar Samples) and was not "
            "signed in time. The approval of your application has therefore lapsed, and the samples below are no longer kept for you.",
            "借用协议（{agreement}）应于{sign_by}之前签署（《月球样品管理办法》第十六条），逾期未签署。"
            "批准您借用的决定因此失效，不再为您保留下列样品。",
        ),
        closing=Pair("You may apply again in a later round.", "您可在今后的批次中重新申请。"),
    ),
    example=_example(
        LAPSED_LABEL,
        _example_table(SAMPLES_LET_GO),
        *EXAMPLE_FACTS,
        (Pair("Loan", "借用编号"), AGREEMENT.example),
        (Pair("The agreement was to be signed by", "协议签署截止"), EXAMPLE_TIME),
    ),
    last_heading=NOTHING,
)

KINDS = (CERTIFICATE, LAPSED)
