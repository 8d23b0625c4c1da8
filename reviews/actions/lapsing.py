"""An approval lapses: the Loan Agreement was not signed in time."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications import workflow as application_steps
from letters.actions import write_letter
from reviews import lapse_words as words
from reviews.models import Decision
from reviews.workflow import DecisionStatus
from samples.actions import release_holds
from workflow.transitions import NotPossibleNow


@transaction.atomic
def lapse_award(decision: Decision, *, by: User, due_on: date, note: str = "") -> None:
    """End an announced approval: the application lapses, its mass returns to the vault, the letter tells the applicant. All or nothing.

    Whether the time has passed the caller knows (loans): here only a signed or unannounced one is refused (NotPossibleNow).
    """
    application = decision.application
    if application.is_signed:
        raise NotPossibleNow(_("The Loan Agreement is signed, so the approval does not lapse."))
    if decision.status != DecisionStatus.ANNOUNCED or not application.is_decision_visible:
        raise NotPossibleNow
    # The application's row first, as everywhere: a withdrawal in this second wins or finds it lapsed, and no mass is freed twice.
    application.advance(application_steps.LAPSE, by=by, note=note)
    release_holds(application.reference, reason="lapsed", by=by)
    write_letter(
        key=f"lapsed:{application.reference}:{decision.number}",
        kind="lapsed",
        reference=application.reference,
        words=words.lapsed(decision, due_on=due_on, note=note),
        readers=[application.owner],
        by=by,
    )
