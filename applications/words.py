"""What the letters about an application say, in both languages: received, returned for changes, formally refused."""

from datetime import datetime

from django.utils import translation

from accounts.templatetags.portal import beijing
from applications.models import Application, Receipt, Request, Version
from letters.words import Pair, Section, Table, Words
from samples.masses import spell_mg
from samples.models import Sample

FORMS = {
    "powder": Pair("powder", "粉末"),
    "clast": Pair("clast, lent whole", "岩屑（整件借用）"),
    "section": Pair("polished section, lent whole", "光片（整件借用）"),
}


def moment(at: datetime, kind: str = "end") -> Pair:
    """A moment in Beijing time as both languages write it."""
    with translation.override("en"):
        english = beijing(at, kind)
    with translation.override("zh-hans"):
        return Pair(english, beijing(at, kind))


def form_of(sample: Sample) -> Pair:
    return FORMS[sample.form]


def institution_of(version: Version | None) -> Pair:
    """The institution as both columns name it: outside China the English name stands in both."""
    if version is None or version.institution is None:
        return Pair("", "")
    return Pair(version.institution.name_en, version.institution.name_zh)


def addressee(application: Application) -> tuple[str | Pair, ...]:
    institution = institution_of(application.current)
    country = application.institution.country if application.institution else None
    return (str(application.owner), institution, Pair(country.name_en, country.name_zh) if country else "")


def facts(application: Application) -> tuple[tuple[Pair, str | Pair], ...]:
    version = application.current
    return (
        (Pair("Application", "申请编号"), application.reference),
        (Pair("Round", "批次"), Pair(application.round.title_en, application.round.title_zh)),
        (Pair("Title", "题目"), version.title if version else ""),
    )


def samples_asked(version: Version) -> Table:
    lines: list[Request] = list(version.requests.all())
    return Table(
        caption=Pair("Samples asked for", "申请的样品"),
        headers=(Pair("Sample", "样品编号"), Pair("Form", "类型"), Pair("Mass asked for (mg)", "申请质量（mg）")),
        rows=tuple((line.sample.number, form_of(line.sample), spell_mg(line.mass_ug)) for line in lines),
        numbers=frozenset({2}),
    )


def receipt(receipt: Receipt) -> Words:
    """The receipt carries the full text and its digest, so that the applicant can prove what was handed in, and when."""
    application, version = receipt.application, receipt.version
    return Words(
        kind=Pair("Receipt", "回执"),
        title=Pair(f"Receipt for application {application.reference}", f"申请 {application.reference} 的回执"),
        institution=institution_of(version),
        addressee=(str(application.owner), institution_of(version)),
        paragraphs=(
            Pair(
                "We have received your application for the loan of lunar samples. Its full text as we received it follows below.",
                "我们已收到您的月球样品借用申请。下文为我们收到的申请全文。",
            ),
        ),
        facts=(
            (Pair("Receipt number", "回执编号"), receipt.number),
            (Pair("Received", "收到时间"), moment(receipt.at, "start")),
            (Pair("Exact moment (UTC)", "精确时间（UTC）"), receipt.canonical_at),
            (Pair("Version", "版本"), str(version.number)),
            *facts(application),
            (Pair("Digest of the answers (SHA-256)", "内容摘要（SHA-256）"), receipt.digest),
        ),
        table=samples_asked(version),
        closing=(
            Pair(
                "Until the round closes you may replace the application by a new version; this one stands until the new one is submitted. "
                "After the closing the office makes the formal check and writes to you.",
                "截止时间之前，您可以提交新版本替换本申请；新版本提交之前，本版本持续有效。截止后，办公室将进行形式审查并书面通知您。",
            ),
        ),
        sections=(
            Section(Pair("Research question", "科学问题"), (version.research_question,)),
            Section(Pair("Plan", "研究方案"), (version.plan,)),
        ),
    )


def returned(application: Application, *, note: str, correct_by: datetime) -> Words:
    return Words(
        kind=Pair("Return for changes", "退回修改通知"),
        title=Pair(f"Please correct application {application.reference}", f"请修改申请 {application.reference}"),
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(
            Pair(
                "The formal check found something that has to be changed before your application can be reviewed. "
                "Please make the change and submit the correction by the date below; a correction that does not arrive in time cannot be considered.",
                "形式审查发现您的申请在评审前需要修改。请修改后于下列时间之前提交更正；逾期未提交的，申请将不予受理。",
            ),
        ),
        facts=((Pair("Correct by", "更正截止时间"), moment(correct_by)), *facts(application)),
        sections=(Section(Pair("What has to be changed", "需要修改的内容"), (note,)),),
    )


def refused(application: Application, *, note: str) -> Words:
    return Words(
        kind=Pair("Formal refusal", "不予受理通知"),
        title=Pair(f"Application {application.reference} cannot be considered", f"申请 {application.reference} 不予受理"),
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(
            Pair(
                "Your application did not pass the formal check, so it will not be reviewed. The reason is given below.",
                "您的申请未通过形式审查，因此不进入评审。理由如下。",
            ),
        ),
        facts=facts(application),
        sections=(Section(Pair("Reason", "理由"), (note,)),),
    )
