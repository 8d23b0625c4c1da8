"""What the demonstration shows of the time after the vote: counted votes, a told round, its agreements, its published list.

Everything is done by the actions that people use, at the moment at which they would have done it; nothing waits for a worker.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from accounts.models import User
from applications.models import Application, Request
from desk.management.past import set_back
from letters.models import Letter
from loans.actions import extend_agreement, lapse_agreement, make_agreements, make_promotion, propose_promotion, sign_agreement
from loans.models import Agreement, reserve_of
from loans.workdays import beijing_date
from results.actions import publish_results
from reviews.actions import (
    AwardDraft,
    add_seat,
    announce_decisions,
    decisions_to_announce,
    enter_vote,
    note_meeting,
    record_decision,
    reissue_letter,
    revoke_with_notice,
    run_announcements,
)
from reviews.models import Meeting, Seat, sitting_on
from reviews.workflow import GRANTED, Outcome
from rounds.models import Round

# When it happened, in days before today. Ten working days to sign end within 24 days, whatever holidays lie in between.
VOTED, ANNOUNCED, PUBLISHED, SIGNED, EXTENDED, LAPSED, PROMOTED, PUBLISHED_AGAIN = 34.0, 32.0, 29.0, 25.0, 20.0, 7.0, 5.0, 4.0
REVOKED, REISSUED = 55.0, 3.0  # the letters keep the order of their numbers
MORE_DAYS = 20  # that the extended agreement has left


class Office(NamedTuple):
    """Who acts."""

    officer: User
    approver: User
    administrator: User


def seat_committee(round: Round, members: Sequence[User], chair: User, *, by: User) -> list[Seat]:
    return [*(add_seat(round, member, by=by) for member in members), add_seat(round, chair, by=by, is_chair=True)]


def count_votes(applications: Mapping[Application, bool], seats: Sequence[Seat], round: Round, *, by: User) -> None:
    """One meeting of all seats. What is not carried got a single yes."""
    meeting = note_meeting(
        round, seats, by=by, held_on=timezone.localdate(), place_en="Fictional meeting room, Beijing", place_zh="北京（虚构）会议室"
    )
    for application, is_carried in applications.items():
        for request in requests_of(application):
            _count(request, application, meeting, is_carried=is_carried, by=by)


def _count(request: Request, application: Application, meeting: Meeting, *, is_carried: bool, by: User) -> None:
    sitting = sitting_on(application, meeting)
    yes = sitting.entitled if is_carried else 1
    enter_vote(request, by=by, present=sitting.present, recused=len(sitting.recused), yes=yes, no=sitting.entitled - yes, meeting=meeting)


def requests_of(application: Application) -> list[Request]:
    assert application.current is not None
    return list(application.current.requests.select_related("sample", "version__application"))


# --- A round that is told -------------------------------------------------------------------------------------------------


def tell_round(round: Round, outcomes: Mapping[Application, Sequence[AwardDraft]], seats: Sequence[Seat], office: Office) -> None:
    """Vote, decide, announce and publish."""
    carried = (*GRANTED, Outcome.RESERVE)
    with set_back(days=VOTED):
        count_votes({case: any(draft.outcome in carried for draft in drafts) for case, drafts in outcomes.items()}, seats, round, by=office.officer)
        for application, drafts in outcomes.items():
            record_decision(application, awards=dict(zip(requests_of(application), drafts, strict=True)), by=office.officer)
    announce(round, office.approver, days=ANNOUNCED)
    with set_back(days=PUBLISHED):
        publish_results(round, by=office.administrator)


def announce(round: Round, approver: User, *, days: float) -> None:
    """Confirmed, carried out after the recall window, and the agreements made, as the clock does it."""
    with set_back(days=days):
        announce_decisions(round, by=approver, count=len(decisions_to_announce(round, by=approver)))
    with set_back(days=days, minutes=-round.recall_minutes - 1):
        run_announcements()
        make_agreements()


def bind_borrowers(round: Round, office: Office, *, signed: Sequence[Application], extended: Application, lapsed: Application) -> None:
    """Signed, extended, lapsed; what lapsed goes to the reserve, and the list says so. Whatever is left has passed its day or has time."""
    with set_back(days=SIGNED):
        for application in signed:
            sign(agreement_of(application), by=office.officer)
    last_day = beijing_date(timezone.now()) + timedelta(days=MORE_DAYS)
    with set_back(days=EXTENDED):
        extend_agreement(agreement_of(extended), by=office.officer, due_on=last_day, reason="Synthetic reason: the dean returns next month.")
    with set_back(days=LAPSED):
        lapse_agreement(agreement_of(lapsed), by=office.officer, note="Synthetic note: the institution has not answered.")
    promote(round, office)
    with set_back(days=PUBLISHED_AGAIN):
        publish_results(
            round,
            by=office.administrator,
            note_en="One approval lapsed; the sample went to the next application in reserve (synthetic).",
            note_zh="一项批准失效，样品转由候补申请借用（虚构）。",
        )


def correct_letters(office: Office, *, replaced: Application, revoked: Application) -> None:
    """One letter of each state that the public check knows: a decision written again, and a receipt that no longer holds."""
    with set_back(days=REVOKED):
        revoke_with_notice(
            letter_of(revoked, "receipt"),
            by=office.officer,
            note="Synthetic reason: the receipt named an institution that has changed its name. The application itself stands.",
        )
    with set_back(days=REISSUED):
        reissue_letter(
            letter_of(replaced, "decision"), by=office.officer, note="Synthetic reason: the English text is clearer now; the decision is the same."
        )


def letter_of(application: Application, kind: str) -> Letter:
    found: Letter = Letter.objects.of_reference(application.reference).get(kind=kind)
    return found


def agreement_of(application: Application) -> Agreement:
    found: Agreement = Agreement.objects.for_page().get(decision__application=application)
    return found


def sign(agreement: Agreement, *, by: User) -> None:
    sign_agreement(
        agreement,
        by=by,
        signed_on=beijing_date(timezone.now()),
        legal_representative="Prof. Example President",
        responsible_user=str(agreement.application.owner),
    )


def promote(round: Round, office: Office) -> None:
    """The officer proposes, the approver makes and announces it."""
    with set_back(days=PROMOTED, hours=2):
        for reserved in reserve_of(office.officer, round):
            masses = {line.request: min(line.most_ug, line.left_ug) for line in reserved.waiting if line.is_possible}
            promotion = propose_promotion(
                reserved.application, by=office.officer, masses_ug=masses, reason="Synthetic reason: the clast is free again."
            )
            make_promotion(promotion, by=office.approver)
    announce(round, office.approver, days=PROMOTED)
