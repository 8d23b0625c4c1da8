"""The kinds of letters about an application whose wording the office may edit: what fills their gaps, and the words to begin with."""

from django.utils.translation import gettext_lazy as _

from letters.texts import Kind, Placeholder, Wording
from letters.words import Pair, Section, Table, Text, Words

# --- An openly invented application, for previews where no real one is at hand ---------------------------------------------------

EXAMPLE_INSTITUTION = Pair("Example University", "示例大学")
EXAMPLE_ADDRESSEE: tuple[Text, ...] = ("Zoë Example", EXAMPLE_INSTITUTION, Pair("Example Country", "示例国"))
EXAMPLE_FACTS: tuple[tuple[Pair, Text], ...] = (
    (Pair("Application", "申请编号"), "LSA-0000-00000"),
    (Pair("Round", "批次"), Pair("Example round (invented)", "示例批次（虚构）")),
    (Pair("Title", "题目"), Pair("Invented title of an application, for this preview only", "仅供预览的虚构申请题目")),
)
EXAMPLE_TIME = Pair("22 December 2026, 24:00 Beijing time", "2026年12月22日24:00（北京时间）")

ABOUT_APPLICATION = (
    Placeholder("applicant", _("name of the applicant"), Pair("Zoë Example", "Zoë Example")),
    Placeholder("institution", _("the applicant’s institution"), EXAMPLE_INSTITUTION),
    Placeholder("reference", _("number of the application"), Pair("LSA-0000-00000", "LSA-0000-00000")),
    Placeholder("title", _("title of the application"), Pair("Invented title of an application", "虚构的申请题目")),
    Placeholder("round", _("name of the round"), Pair("Example round (invented)", "示例批次（虚构）")),
)


def _example(kind: Pair, *facts: tuple[Pair, Text], sections: tuple[Section, ...] = (), table: Table | None = None) -> Words:
    return Words(
        kind=kind,
        title=kind,
        paragraphs=(),
        institution=EXAMPLE_INSTITUTION,
        addressee=EXAMPLE_ADDRESSEE,
        facts=(*facts, *EXAMPLE_FACTS),
        sections=sections,
        table=table,
    )


# --- The kinds -----------------------------------------------------------------------------------------------------------------

RECEIVED = Kind(
    word="receipt",
    name=_("Receipt"),
    when=_("When an application is submitted, replaced or corrected: the receipt with all answers."),
    placeholders=(*ABOUT_APPLICATION, Placeholder("receipt", _("number of the receipt"), Pair("LSA-0000-00000/1", "LSA-0000-00000/1"))),
    default=Wording(
        title=Pair("Receipt for application {reference}", "申请 {reference} 的回执"),
        opening=Pair(
            "We have received your application for the loan of lunar samples. Its full text as we received it follows below.",
            "我们已收到您的月球样品借用申请。下文为我们收到的申请全文。",
        ),
    ),
    example=_example(
        Pair("Receipt", "回执"),
        (Pair("Receipt number", "回执编号"), "LSA-0000-00000/1"),
        (Pair("Received", "收到时间"), Pair("1 December 2026, 09:30 Beijing time", "2026年12月1日09:30（北京时间）")),
        sections=(Section(Pair("Research plan", "研究方案"), (Pair("All answers stand here.", "此处为全部填报内容。"),)),),
    ),
)

RETURNED = Kind(
    word="returned",
    name=_("Returned for changes"),
    when=_("When the formal check returns an application; the officer’s reason follows under its own heading."),
    placeholders=(*ABOUT_APPLICATION, Placeholder("correct_by", _("until when the correction must be submitted"), EXAMPLE_TIME, is_required=True)),
    default=Wording(
        title=Pair("Please correct application {reference}", "请修改申请 {reference}"),
        opening=Pair(
            "The formal check found something that has to be changed before your application can be reviewed. "
            "Please make the change and submit the correction before {correct_by}; a correction that does not arrive in time cannot be considered.",
            "形式审查发现您的申请在评审前需要修改。请修改后于{correct_by}之前提交更正；逾期未提交的，申请将不予受理。",
        ),
    ),
    example=_example(
        Pair("Return for changes", "退回修改通知"),
        (Pair("Correct by", "更正截止时间"), EXAMPLE_TIME),
        sections=(Section(Pair("What has to be changed", "需要修改的内容"), ("The officer’s reason stands here. 此处为办公室填写的理由。",)),),
    ),
)

REFUSED = Kind(
    word="refused",
    name=_("Formally refused"),
    when=_("When the formal check refuses an application; the officer’s reason follows under its own heading."),
    placeholders=ABOUT_APPLICATION,
    default=Wording(
        title=Pair("Application {reference} cannot be considered", "申请 {reference} 不予受理"),
        opening=Pair(
            "Your application did not pass the formal check, so it will not be reviewed. The reason is given below.",
            "您的申请未通过形式审查，因此不进入评审。理由如下。",
        ),
    ),
    example=_example(
        Pair("Formal refusal", "不予受理通知"),
        sections=(Section(Pair("Reason", "理由"), ("The officer’s reason stands here. 此处为办公室填写的理由。",)),),
    ),
)

KINDS = (RECEIVED, RETURNED, REFUSED)
