"""What the letters about a loan say, in both languages: the certificate of what is lent, and that an approval has lapsed."""

from collections.abc import Mapping
from datetime import date, timedelta

from applications.words import addressee, facts, form_of, institution_of, moment, values
from letters.models import written
from letters.texts import Wording
from letters.words import NOTHING, Pair, Section, Table, Text, Words
from loans.letter_tables import SAMPLES_LENT, SAMPLES_LET_GO, samples_table
from loans.models import Agreement
from loans.texts import CERTIFICATE, CERTIFICATE_LABEL, LAPSED, LAPSED_LABEL, signed_agreement
from reviews.models import Award
from reviews.words import loan_values, purpose_of
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


def _granted(agreement: Agreement) -> list[Award]:
    return [award for award in agreement.decision.awards.select_related("request__sample") if award.is_granted]


def _samples(caption: Pair, awards: list[Award]) -> Table:
    rows = tuple((award.request.sample.number, form_of(award.request.sample), spell_mg(award.mass_ug)) for award in awards)
    return samples_table(caption, rows, spell_mg(sum(award.mass_ug for award in awards)))


def _values(agreement: Agreement, awards: list[Award]) -> Mapping[str, Text]:
    """What fills the placeholders that both letters know."""
    return {**values(agreement.application), **loan_values(agreement.decision, awards), "agreement": agreement.reference}


def certificate(agreement: Agreement, *, wording: Wording | None = None) -> Words:
    """Which samples are lent to whom, for how long, and what stands in every publication. Written when the signature is recorded."""
    application, awards = agreement.application, _granted(agreement)
    round = application.round
    assert agreement.signed_on is not None
    signed_on, hand_out_by = spelled_day(agreement.signed_on), spelled_day(agreement.signed_on + timedelta(days=HAND_OUT_DAYS))
    frame = Words(
        kind=CERTIFICATE_LABEL,
        title=NOTHING,
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(),
        facts=(
            (Pair("Loan Agreement", "借用协议"), signed_agreement(agreement.reference, signed_on)),
            (Pair("Legal representative", "法定代表人"), agreement.legal_representative),
            (Pair("Responsible user", "使用责任人"), agreement.responsible_user),
            (Pair("Purpose of the loan", "借用用途"), purpose_of(round)),
            (Pair("Mission", "任务"), Pair(round.mission.name_en, round.mission.name_zh)),
            (Pair("Loan period", "借用期限"), _period(round.loan_months, round.renewal_months)),
        ),
        table=_samples(SAMPLES_LENT, awards),
    )
    fillings = {
        **_values(agreement, awards),
        "signed_on": signed_on,
        "hand_out_by": hand_out_by,
        "legal_representative": agreement.legal_representative,
        "responsible_user": agreement.responsible_user,
    }
    return written(CERTIFICATE, frame, fillings, wording=wording)


def lapsed(agreement: Agreement, *, note: str, wording: Wording | None = None) -> Words:
    """The day that has passed, what it means for which samples, and what the office adds."""
    application, awards = agreement.application, _granted(agreement)
    sign_by = moment(agreement.deadline)
    frame = Words(
        kind=LAPSED_LABEL,
        title=NOTHING,
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(),
        facts=(
            *facts(application),
            (Pair("Loan", "借用编号"), agreement.reference),
            (Pair("The agreement was to be signed by", "协议签署截止"), sign_by),
        ),
        table=_samples(SAMPLES_LET_GO, awards),
        sections=(Section(Pair("Note of the office", "办公室说明"), (note,)),) if note else (),
    )
    return written(LAPSED, frame, {**_values(agreement, awards), "sign_by": sign_by}, wording=wording)
