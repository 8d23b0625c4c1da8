"""What the decision letter says, in both languages."""

from applications.words import addressee, facts, form_of, institution_of
from letters.words import Pair, Section, Table, Words
from reviews.models import Award, Decision
from reviews.workflow import Outcome
from samples.masses import spell_mg

OUTCOMES: dict[str, Pair] = {
    Outcome.APPROVED: Pair("approved", "批准"),
    Outcome.REDUCED: Pair("approved with less", "减量批准"),
    Outcome.RESERVE: Pair("in reserve", "列为候补"),
    Outcome.DECLINED: Pair("declined", "未批准"),
}

TITLES: dict[str, Pair] = {
    Outcome.APPROVED: Pair("Your application is approved", "您的申请已获批准"),
    Outcome.RESERVE: Pair("Your application is in reserve", "您的申请列为候补"),
    Outcome.DECLINED: Pair("Your application is declined", "您的申请未获批准"),
}


def _row(award: Award) -> tuple[str | Pair, ...]:
    request = award.request
    return (
        request.sample.number,
        form_of(request.sample),
        spell_mg(request.mass_ug),
        OUTCOMES[award.outcome],
        spell_mg(award.mass_ug) if award.mass_ug else "–",
    )


def _opening(decision: Decision) -> Pair:
    awards = list(decision.awards.all())
    if decision.outcome == Outcome.APPROVED and all(award.outcome == Outcome.APPROVED for award in awards):
        return Pair(
            "After review by the expert committee on lunar samples and by decision of the China National Space Administration, "
            "the loan of all samples that you asked for is approved.",
            "经月球样品专家委员会评审、国家航天局审定，批准借用您申请的全部样品。",
        )
    if decision.outcome == Outcome.APPROVED:
        return Pair(
            "After review by the expert committee on lunar samples and by decision of the China National Space Administration, "
            "your application is approved in part. The table says what is approved for each sample.",
            "经月球样品专家委员会评审、国家航天局审定，部分批准您的申请。各样品的审批结果见下表。",
        )
    if decision.outcome == Outcome.RESERVE:
        return Pair(
            "After review by the expert committee on lunar samples, your application is placed in reserve. "
            "If samples become available in this round, we shall write to you again.",
            "经月球样品专家委员会评审，您的申请列为候补。如本批次有样品可供借用，我们将另行通知。",
        )
    return Pair(
        "After review by the expert committee on lunar samples, your application is not approved. "
        "We thank you for your proposal and your work on it.",
        "经月球样品专家委员会评审，您的申请未获批准。感谢您的申请与付出。",
    )


def _next_steps(decision: Decision) -> tuple[Pair, ...]:
    if decision.outcome != Outcome.APPROVED:
        return ()
    round = decision.application.round
    days, loan, renewal = round.signing_days, round.loan_months, round.renewal_months
    return (
        Pair(
            f"Please sign the Loan Agreement within {days} working days of this letter. The responsible user collects the samples in person "
            "at the National Astronomical Observatories, Chinese Academy of Sciences, in Beijing.",
            f"请自本函之日起{days}个工作日内签署借用协议。使用责任人须本人到中国科学院国家天文台（北京）领取样品。",
        ),
        Pair(
            f"The loan lasts {loan} months and can be renewed once for at most {renewal} months. Use the samples sparingly and only for the approved "
            "plan (Art. 17, 18, 23 of the Measures). Publications name the sample number and state: Lunar Sample Provided by CNSA (Art. 27).",
            f"借用期限为{loan}个月，可续借一次，续借期不超过{renewal}个月。请节约使用样品，仅用于批准的研究方案（《月球样品管理办法》第十七、十八、二十三条）。"
            "成果应注明样品编号，并标注“月球样品由国家航天局提供”（第二十七条）。",
        ),
    )


def decided(decision: Decision) -> Words:
    """One letter for one decision: each sample with its outcome and mass, the conditions, and how to go on."""
    application = decision.application
    conditions = Pair(decision.conditions_en, decision.conditions_zh)
    heading = Pair("Conditions", "条件") if decision.outcome == Outcome.APPROVED else Pair("Reasons", "理由")
    return Words(
        kind=Pair("Decision", "审批决定"),
        title=TITLES[decision.outcome],
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(_opening(decision),),
        facts=facts(application),
        table=Table(
            caption=Pair("Decision for each sample", "各样品的审批结果"),
            headers=(
                Pair("Sample", "样品编号"),
                Pair("Form", "类型"),
                Pair("Asked for (mg)", "申请（mg）"),
                Pair("Decision", "结果"),
                Pair("Approved (mg)", "批准（mg）"),
            ),
            rows=tuple(_row(award) for award in decision.awards.select_related("request__sample")),
            numbers=frozenset({2, 4}),
        ),
        closing=_next_steps(decision),
        sections=(Section(heading, (conditions,)),) if conditions.en or conditions.zh else (),
    )
