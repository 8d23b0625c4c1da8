"""What the letter says when an approval lapses because the Loan Agreement was not signed in time, in both languages."""

from datetime import date

from applications.words import addressee, facts, institution_of, moment
from letters.words import Pair, Section, Words
from reviews.models import Decision
from rounds.forms import end_of_day


def lapsed(decision: Decision, *, due_on: date, note: str) -> Words:
    """The day that has passed, what it means for the samples, and what the office adds."""
    application = decision.application
    return Words(
        kind=Pair("Lapse of approval", "批准失效通知"),
        title=Pair("Your approval has lapsed", "批准您借用的决定已失效"),
        institution=institution_of(application.current),
        addressee=addressee(application),
        paragraphs=(
            Pair(
                "The Loan Agreement (Art. 16 of the Measures) was not signed in time. The approval of your application has therefore lapsed, and "
                "the samples are no longer kept for you.",
                "借用协议（《月球样品管理办法》第十六条）未在期限内签署，批准您借用的决定因此失效，不再为您保留样品。",
            ),
        ),
        facts=(*facts(application), (Pair("The agreement was to be signed by", "协议签署截止"), moment(end_of_day(due_on)))),
        sections=(Section(Pair("Note of the office", "办公室说明"), (note,)),) if note else (),
        closing=(Pair("You may apply again in a later round.", "您可在今后的批次中重新申请。"),),
    )
