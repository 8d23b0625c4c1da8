"""What the lunar sample certificate says, in both languages."""

from datetime import date, timedelta

from applications.words import addressee, form_of, institution_of
from letters.words import Pair, Table, Words
from loans.models import Agreement
from samples.masses import spell_mg

HAND_OUT_DAYS = 30  # Art. 20


def spelled_day(day: date) -> Pair:
    """A day as both languages write it."""
    return Pair(f"{day.day} {day:%B} {day.year}", f"{day.year}年{day.month}月{day.day}日")


def _period(loan_months: int, renewal_months: int) -> Pair:
    begun = Pair(f"{loan_months} months from the day of hand-out", f"自领取之日起{loan_months}个月")
    if not renewal_months:
        return begun
    return Pair(f"{begun.en}, renewable once for at most {renewal_months} months", f"{begun.zh}，可续借一次，续借期不超过{renewal_months}个月")


def certificate(agreement: Agreement) -> Words:
    """Which samples are lent to whom, for how long, and what stands in every publication. Written when the signature is recorded."""
    application = agreement.application
    round = application.round
    assert agreement.signed_on is not None
    awards = [award for award in agreement.decision.awards.select_related("request__sample") if award.is_granted]
    total = spell_mg(sum(award.mass_ug for award in awards))
    hand_out_by = spelled_day(agreement.signed_on + timedelta(days=HAND_OUT_DAYS))
    return Words(
        kind=Pair("Lunar sample certificate", "月球样品证书"),
        title=Pair("Lunar sample certificate", "月球样品证书"),
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(
            Pair(
                "This is to certify that the China National Space Administration lends the lunar samples named below to the institution named "
                "above, under the Loan Agreement that both parties have signed.",
                "兹证明，根据双方签署的借用协议，国家航天局向上述单位借出下列月球样品。",
            ),
        ),
        facts=(
            (Pair("Loan", "借用编号"), agreement.reference),
            (Pair("Application", "申请编号"), application.reference),
            (Pair("Round", "批次"), Pair(round.title_en, round.title_zh)),
            (Pair("Mission", "任务"), Pair(round.mission.name_en, round.mission.name_zh)),
            (Pair("Agreement signed on", "协议签署日期"), spelled_day(agreement.signed_on)),
            (Pair("Legal representative", "法定代表人"), agreement.legal_representative),
            (Pair("Responsible user", "使用责任人"), agreement.responsible_user),
            (
                Pair("Loan period", "借用期限"),
                _period(round.loan_months, round.renewal_months),
            ),
            (Pair("Ready for hand-out by", "样品备妥期限"), hand_out_by),
        ),
        table=Table(
            caption=Pair("Samples", "样品清单"),
            headers=(Pair("Sample", "样品编号"), Pair("Form", "类型"), Pair("Mass (mg)", "质量（mg）")),
            rows=(
                *((award.request.sample.number, form_of(award.request.sample), spell_mg(award.mass_ug)) for award in awards),
                (Pair("Total", "合计"), "", total),
            ),
            numbers=frozenset({2}),
        ),
        closing=(
            Pair(
                "The main curatorial agency (National Astronomical Observatories, Chinese Academy of Sciences) prepares the samples and hands "
                f"them out within {HAND_OUT_DAYS} days (Art. 20 of the Measures). The responsible user receives and returns them in person.",
                f"主存储机构（中国科学院国家天文台）在{HAND_OUT_DAYS}日内完成样品准备和发放（《月球样品管理办法》第二十条）。样品由使用责任人本人领取和返还。",
            ),
            Pair(
                "Publications and talks name the sample numbers and state: Lunar Sample Provided by CNSA (Art. 27). The samples are not passed on "
                "to third parties (Art. 23).",
                "发表成果应注明样品编号，并标注“月球样品由国家航天局提供”（第二十七条）。样品不得转借第三方（第二十三条）。",
            ),
        ),
    )
