"""What the decision letter says, in both languages: approved in whole or in part, in reserve, declined."""

from collections.abc import Mapping

from django.db.models import prefetch_related_objects

from applications.words import addressee, facts, form_of, institution_of, values
from letters.models import written
from letters.texts import Kind, Wording
from letters.words import NOTHING, Pair, Section, Text, Words
from reviews.letter_tables import OUTCOMES, awards_table
from reviews.models import Award, Decision
from reviews.texts import APPROVED, DECLINED, KIND_LABELS, PARTLY_APPROVED, RESERVE
from reviews.workflow import Outcome
from rounds.models import Kind as Purpose
from rounds.models import Round
from samples.masses import spell_mg

RENEWAL_DAYS = {Purpose.RESEARCH: "30", Purpose.PUBLIC_WELFARE: "15"}  # Art. 17, 19
DURATION_ARTICLES = {Purpose.RESEARCH: Pair("Art. 17", "第十七条"), Purpose.PUBLIC_WELFARE: Pair("Art. 19", "第十九条")}


def kind_of(decision: Decision) -> Kind:
    """Which of the four letters tells of a decision."""
    if decision.outcome == Outcome.APPROVED:
        is_whole = all(award.outcome == Outcome.APPROVED for award in decision.awards.all())
        return APPROVED if is_whole else PARTLY_APPROVED
    return RESERVE if decision.outcome == Outcome.RESERVE else DECLINED


def _row(award: Award) -> tuple[str | Pair, ...]:
    request = award.request
    return (
        request.sample.number,
        form_of(request.sample),
        spell_mg(request.mass_ug),
        OUTCOMES[award.outcome],
        spell_mg(award.mass_ug) if award.mass_ug else "–",
    )


def _total(awards: list[Award]) -> Pair:
    """What is approved in all, as one line."""
    granted = [award for award in awards if award.is_granted]
    mass, count = spell_mg(sum(award.mass_ug for award in granted)), len(granted)
    return Pair(f"{mass} mg of {count} sample{'' if count == 1 else 's'}", f"{count}件样品，共{mass} mg")


def loan_values(decision: Decision, awards: list[Award]) -> Mapping[str, Text]:
    """What fills the placeholders of a letter that speaks of a loan."""
    round = decision.application.round
    purpose = Purpose(round.kind)
    return {
        "total": _total(awards),
        "signing_days": str(round.signing_days),
        "loan_months": str(round.loan_months),
        "renewal_months": str(round.renewal_months),
        "renewal_days": RENEWAL_DAYS[purpose],
        "duration_article": DURATION_ARTICLES[purpose],
    }


def purpose_of(round: Round) -> Pair:
    return Pair("research", "科学研究") if round.kind == Purpose.RESEARCH else Pair("exhibition and education", "公益展示与科普教育")


def _loan_facts(decision: Decision, awards: list[Award]) -> tuple[tuple[Pair, Text], ...]:
    """What a dean or a customs officer looks for first."""
    round = decision.application.round
    days = f"{round.signing_days} working day{'' if round.signing_days == 1 else 's'} of the date of this letter"
    months = f"{round.loan_months} month{'' if round.loan_months == 1 else 's'}"
    return (
        (Pair("Borrower", "借用单位"), institution_of(decision.application.current)),
        (Pair("Purpose of the loan", "借用用途"), purpose_of(round)),
        (Pair("Approved in all", "批准总量"), _total(awards)),
        (Pair("Agreement to be signed within", "协议签署期限"), Pair(days, f"自本函之日起{round.signing_days}个工作日内")),
        (Pair("Length of the loan", "借用期限"), Pair(months, f"{round.loan_months}个月")),
    )


def decided(decision: Decision, *, wording: Wording | None = None) -> Words:
    """One letter for one decision: each sample with its outcome and mass, the conditions or reasons, and how to go on."""
    prefetch_related_objects([decision], "awards__request__sample")
    application, kind = decision.application, kind_of(decision)
    awards = list(decision.awards.all())
    said = Pair(decision.conditions_en, decision.conditions_zh)
    heading = Pair("Conditions", "条件") if decision.is_granting else Pair("Reasons", "理由")
    frame = Words(
        kind=KIND_LABELS[kind.word],
        title=NOTHING,
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(),
        facts=facts(application) + (_loan_facts(decision, awards) if decision.is_granting else ()),
        table=awards_table(tuple(_row(award) for award in awards)),
        closing=_notes(awards) if decision.is_granting else (),
        sections=(Section(heading, (said,)),) if said.en or said.zh else (),
    )
    fillings = values(application)
    if decision.is_granting:
        fillings = {**fillings, **loan_values(decision, awards)}
    return written(kind, frame, fillings, wording=wording)


def _notes(awards: list[Award]) -> tuple[Pair, ...]:
    """What has to be said of the other samples of an application that is approved in part."""
    if any(award.outcome == Outcome.RESERVE for award in awards):
        return (
            Pair(
                "For samples in reserve nothing is set aside at present; if they become available in this round, we shall write to you again.",
                "列为候补的样品目前未予预留；如本批次有样品可供借用，我们将另行通知。",
            ),
        )
    return ()
