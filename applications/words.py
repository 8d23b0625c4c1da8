"""What the letters about an application say, in both languages: received with all answers, returned for changes, formally refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import translation

from accounts.templatetags.portal import beijing
from applications.answers import PartAnswers, answers_of
from applications.models import Application, Purpose, Receipt, Request, Version
from applications.texts import RECEIVED, REFUSED, RETURNED
from letters.models import written
from letters.texts import Wording
from letters.words import NOTHING, Pair, Section, Table, Text, Words, both
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


def values(application: Application) -> Mapping[str, Text]:
    """What fills the placeholders that every letter about an application knows."""
    version = application.current
    return {
        "applicant": str(application.owner),
        "institution": institution_of(version),
        "reference": application.reference,
        "title": version.title if version else "",
        "round": Pair(application.round.title_en, application.round.title_zh),
    }


def place_of(line: Request) -> Pair:
    """Wanted, or the order in which the sample would be taken instead of a wanted one."""
    return Pair(f"fall-back {line.fallback}", f"备选{line.fallback}") if line.is_fallback else Pair("wanted", "首选")


def samples_asked(version: Version) -> Table:
    lines: list[Request] = list(version.requests.all())
    return Table(
        caption=Pair("Samples asked for", "申请的样品"),
        headers=(
            Pair("Sample", "样品编号"),
            Pair("Form", "类型"),
            Pair("Asked for as", "申请类别"),
            Pair("Mass asked for (mg)", "申请质量（mg）"),
            Pair("At least (mg)", "最低用量（mg）"),
        ),
        rows=tuple(
            (line.sample.number, form_of(line.sample), place_of(line), spell_mg(line.mass_ug), spell_mg(line.least_ug) if line.least_ug else "–")
            for line in lines
        ),
        numbers=frozenset({3, 4}),
    )


# --- All questions and answers --------------------------------------------------------------------------------------------

NOT_ANSWERED = Pair("–", "–")
LONGEST_PRINTED = 120_000  # characters of all answers; about sixty pages. More would take the typesetter longer than it is given
SHORT = 120  # characters of an answer that stands in a row beside its question; a longer one stands under it


def pair_of(label: object) -> Pair:
    """A label of the form in both languages."""
    with translation.override("en"):
        english = str(label)
    with translation.override("zh-hans"):
        return Pair(english, str(label))


def answers(version: Version) -> tuple[Section, ...]:
    """Every part of the form with every question and what was answered: labels in both languages, what was typed once."""
    kind = version.application.round.kind
    with translation.override("en"):
        english = answers_of(version, kind)
    with translation.override("zh-hans"):
        chinese = answers_of(version, kind)
    sections: list[Section] = []
    for one, other in zip(english, chinese, strict=True):
        if one.is_samples:
            continue  # they stand in the table
        sections += _part(version, one, other)
    return _shortened(sections)


def _shortened(sections: Sequence[Section]) -> tuple[Section, ...]:
    """As it is, or with the beginning of each long answer when all together are too much to be printed: a receipt must not fail for that."""
    lengths = [len(both(text).en) for section in sections for text in section.paragraphs]
    if sum(lengths) <= LONGEST_PRINTED:
        return tuple(sections)
    share = LONGEST_PRINTED // len(lengths)
    return tuple(replace(section, paragraphs=tuple(part for text in section.paragraphs for part in _beginning(text, share))) for section in sections)


def _beginning(text: Text, share: int) -> tuple[Text, ...]:
    typed = both(text).en
    if len(typed) <= share:
        return (text,)
    left_out = f"{len(typed) - share:,}"
    return (
        typed[:share],
        Pair(
            f"[{left_out} more characters are not printed here. The digest covers the whole text, which stands on the portal.]",
            f"[此处省略{left_out}个字符。内容摘要涵盖全文，全文可在平台查阅。]",
        ),
    )


def _part(version: Version, english: PartAnswers, chinese: PartAnswers) -> Iterator[Section]:
    facts: list[tuple[Pair, Text]] = []
    heading, is_minor = pair_of(english.title), False
    if english.is_institution:
        facts += _institution(version)
    for file in english.files:
        facts.append((pair_of(Purpose(file.purpose).label), f"{file.name} (SHA-256: {file.upload.digest})"))
    rows = [(Pair(str(one.label), str(other.label)), _said(one.text, other.text)) for one, other in zip(english.rows, chinese.rows, strict=True)]
    for label, text in rows:
        if is_short(text):
            facts.append((label, text))
            continue
        if facts or not is_minor:
            yield Section(heading, facts=tuple(facts))
            heading, facts, is_minor = NOTHING, [], True
        yield Section(label, (text,), is_minor=True)
    if facts or not is_minor:
        yield Section(heading, facts=tuple(facts))
    for one_line, other_line in zip(english.lines, chinese.lines, strict=True):
        yield Section(
            Pair(one_line.number, one_line.number),
            is_minor=True,
            facts=tuple(
                (Pair(str(one.label), str(other.label)), _said(one.text, other.text))
                for one, other in zip(one_line.rows, other_line.rows, strict=True)
            ),
        )


def _said(english: str, chinese: str) -> Pair:
    """What was typed stands once; a choice is said in both languages."""
    return Pair(english, chinese) if english.strip() else NOT_ANSWERED


def is_short(text: Pair) -> bool:
    return len(text.en) <= SHORT and "\n" not in text.en.strip()


def _institution(version: Version) -> Iterator[tuple[Pair, Text]]:
    """The institution and, where somebody has endorsed these very answers for it, who and when."""
    country = version.institution.country if version.institution else None
    yield Pair("Institution", "申请单位"), institution_of(version) if version.institution else NOT_ANSWERED
    yield Pair("Country or region", "国家或地区"), Pair(country.name_en, country.name_zh) if country else NOT_ANSWERED
    digest = version.expected_digest()
    for endorsement in version.endorsements.all():
        if endorsement.digest == digest:
            when = moment(endorsement.at, "start")
            said = Pair(f"{endorsement.by}, {endorsement.position}; {when.en}", f"{endorsement.by}，{endorsement.position}；{when.zh}")
            yield Pair("Endorsed for the institution by", "单位确认人"), said


def receipt(receipt: Receipt, *, wording: Wording | None = None) -> Words:
    """The receipt carries the full text and its digest, so that the applicant can prove what was handed in, and when."""
    application, version = receipt.application, receipt.version
    version.application = application
    frame = Words(
        kind=Pair("Receipt", "回执"),
        title=NOTHING,
        institution=institution_of(version),
        addressee=(str(application.owner), institution_of(version)),
        paragraphs=(),
        facts=(
            (Pair("Receipt number", "回执编号"), receipt.number),
            (Pair("Received", "收到时间"), moment(receipt.at, "start")),
            (Pair("Exact moment (UTC)", "精确时间（UTC）"), receipt.canonical_at),
            (Pair("Version", "版本"), str(version.number)),
            *facts(application),
            (Pair("Digest of the answers (SHA-256)", "内容摘要（SHA-256）"), receipt.digest),
            *_dates_ahead(application),
        ),
        table=samples_asked(version),
        closing=(_what_comes(application),),
        sections=answers(version),
        is_quoting=True,
    )
    return written(RECEIVED, frame, {**values(application), "receipt": receipt.number}, wording=wording)


def _dates_ahead(application: Application) -> Iterator[tuple[Pair, Text]]:
    """Until when the application may still be replaced, and the date of the round for corrections."""
    round = application.round
    if not round.is_closed() and round.closes_at:
        yield Pair("May be replaced until", "可替换至"), moment(round.closes_at)
    if round.corrections_close_at and not round.is_closed():
        yield Pair("Corrections, if the office asks for any, by", "如需更正，截止于"), moment(round.corrections_close_at)


def _what_comes(application: Application) -> Pair:
    if application.round.is_closed():
        return Pair(
            "The office makes the formal check and writes to you; then experts review the application, the committee votes, "
            "and the decision comes by letter.",
            "办公室将进行形式审查并书面通知您；随后由专家评审、委员会投票，并以书面函件通知审批结果。",
        )
    return Pair(
        "Until the round closes you may replace the application by a new version; this one stands until the new one is submitted. "
        "After the closing the office makes the formal check and writes to you; then experts review the application, the committee votes, "
        "and the decision comes by letter.",
        "截止时间之前，您可以提交新版本替换本申请；新版本提交之前，本版本持续有效。截止后，办公室将进行形式审查并书面通知您；"
        "随后由专家评审、委员会投票，并以书面函件通知审批结果。",
    )


def draft(version: Version, *, at: datetime) -> Words:
    """All answers of a version that is not submitted, for the applicant's own reading. No letter: it has no number and no code."""
    application = version.application
    return Words(
        kind=Pair("Draft, not submitted", "草稿，未提交"),
        title=Pair(f"Answers of application {application.reference}: not submitted", f"申请 {application.reference} 的内容：未提交"),
        paragraphs=(
            Pair(
                "This is what the application says at the moment. It has not been submitted, and this page is no proof that it was.",
                "本文件为申请的当前内容。该申请尚未提交，本文件不能作为已提交的证明。",
            ),
        ),
        facts=(
            (Pair("Application", "申请编号"), application.reference),
            (Pair("Version", "版本"), str(version.number)),
            (Pair("Round", "批次"), Pair(application.round.title_en, application.round.title_zh)),
            (Pair("Printed", "打印时间"), moment(at, "start")),
            (Pair("Deadline", "截止时间"), moment(application.deadline())),
        ),
        table=samples_asked(version) if version.requests.all() else None,
        sections=answers(version),
        signature=(),
        is_quoting=True,
    )


def returned(application: Application, *, note: str, correct_by: datetime, wording: Wording | None = None) -> Words:
    frame = Words(
        kind=Pair("Return for changes", "退回修改通知"),
        title=NOTHING,
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(),
        facts=((Pair("Correct by", "更正截止时间"), moment(correct_by)), *facts(application)),
        sections=(Section(Pair("What has to be changed", "需要修改的内容"), (note,)),),
    )
    return written(RETURNED, frame, {**values(application), "correct_by": moment(correct_by)}, wording=wording)


def refused(application: Application, *, note: str, wording: Wording | None = None) -> Words:
    frame = Words(
        kind=Pair("Formal refusal", "不予受理通知"),
        title=NOTHING,
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(),
        facts=facts(application),
        sections=(Section(Pair("Reason", "理由"), (note,)),),
    )
    return written(REFUSED, frame, values(application), wording=wording)
