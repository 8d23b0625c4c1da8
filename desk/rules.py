"""The rules as the rules page prints them: the articles in short, and the tables of moves, read from the code that obeys them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications import workflow as applications
from reviews import workflow as reviews
from workflow.transitions import Move


@dataclass(frozen=True)
class Article:
    number: str
    text: str | Promise


@dataclass(frozen=True)
class Rule:
    """One line of a table of moves: who takes which step, from where to where."""

    label: str | Promise
    sources: list[str]
    target: str
    who: str | Promise


ARTICLES = (
    Article(
        "9",
        _("The borrower is a legal entity. It bears liability for damage, contamination or loss by fault, and names a person in charge of safe use."),
    ),
    Article("10", _("Samples serve one of four purposes: permanent storage, backup permanent storage, research, public welfare.")),
    Article("13", _("A loan is for research, non-destructive or destructive, or for public welfare; then the sample returns.")),
    Article("14", _("The borrower needs suitable security and storage, and for research the ability to do it.")),
    Article("16", _("Applications are reviewed together; the Loan Agreement is signed; then the main curatorial agency issues the samples.")),
    Article("17", _("A research loan normally lasts at most one year, with one renewal of at most six months, asked for at least 30 days before.")),
    Article("18", _("Samples are used sparingly; destructive tests are as few as possible and argued in detail.")),
    Article("19", _("A loan for public welfare usually lasts at most two months, with one renewal of at most one month, asked for 15 days before.")),
    Article("20", _("The main curatorial agency prepares and hands out within 30 days of the written notice.")),
    Article("21", _("The whole use is recorded; destructive tests are filmed.")),
    Article("23", _("Samples are not passed on. Tests by a third party only if the application named them.")),
    Article("25", _("Within five working days after the loan ends, everything that is left returns with the record of its use.")),
    Article("27", _("Papers and talks give the sample number and the words “Lunar Sample Provided by CNSA”.")),
    Article("28", _("Papers and filings are registered within three months.")),
    Article("30", _("Commercial use needs written consent.")),
    Article("32", _("A loss is reported to the police and the office at once, contamination or damage in writing within 24 hours.")),
)

CLOCK, APPLICANT, OFFICER, EXPERT, APPROVER = _("the clock"), _("applicant"), _("officer"), _("expert"), _("approver")

WHO_OF_MOVE: dict[str, str | Promise] = {
    applications.SUBMIT.name: APPLICANT,
    applications.REPLACE.name: APPLICANT,
    applications.RESUBMIT.name: APPLICANT,
    applications.WITHDRAW.name: APPLICANT,
    applications.HAND_OVER.name: APPLICANT,
    applications.RETURN.name: OFFICER,
    applications.ACCEPT.name: OFFICER,
    applications.REFUSE.name: OFFICER,
    applications.INVITE.name: OFFICER,
    applications.RECORD.name: OFFICER,
    applications.RETRACT.name: OFFICER,
    applications.APPROVE.name: APPROVER,
    applications.PUT_IN_RESERVE.name: APPROVER,
    applications.DECLINE.name: APPROVER,
    applications.EXPIRE.name: CLOCK,
    applications.LAPSE.name: OFFICER,
    applications.SIGN.name: OFFICER,
}
WHO_IN_REVIEW: dict[str, str | Promise] = {
    reviews.DECLARE.name: EXPERT,
    reviews.FILE.name: EXPERT,
    reviews.REFILE.name: EXPERT,
    reviews.HAND_BACK.name: EXPERT,
    reviews.REMOVE.name: OFFICER,
}
NOT_YET = (applications.INVITE.name,)  # a step whose page came with the hearing


def _labels(step: Move, choices: Iterable[tuple[str, str | Promise]]) -> list[str]:
    return [str(label) for value, label in choices if value in step.sources]


def application_rules() -> list[Rule]:
    """Every step that an application can take, in the order of its life."""
    choices = applications.Status.choices
    names = dict(choices)
    return [
        Rule(step.label, _labels(step, choices), str(names.get(step.to, _("stays"))), WHO_OF_MOVE[step.name])
        for step in applications.MOVES
        if step.name not in NOT_YET
    ]


def review_rules() -> list[Rule]:
    choices = reviews.ReviewStatus.choices
    names = dict(choices)
    return [Rule(step.label, _labels(step, choices), str(names.get(step.to, _("stays"))), WHO_IN_REVIEW[step.name]) for step in reviews.REVIEW_MOVES]
