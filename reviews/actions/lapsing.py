"""An approval lapses: the Loan Agreement was not signed in time."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from applications import workflow as application_steps
from reviews.models import Decision
from reviews.workflow import DecisionStatus
from samples.actions import release_holds
from workflow.transitions import NotPossibleNow


@transaction.atomic
def lapse_award(decision: Decision, *, by: User, note: str = "") -> None:
    """End an announced approval: the application lapses and its mass returns to the vault, or neither.

    Whether the time has passed the caller knows (loans), and tells the applicant: here only a signed or unannounced one is refused
    (NotPossibleNow).
    """
    application = decision.application
    if application.is_signed:
        raise NotPossibleNow(_("The Loan Agreement is signed, so the approval does not lapse."))
    if decision.status != DecisionStatus.ANNOUNCED or not application.is_decision_visible:
        raise NotPossibleNow
    # The application's row first, as everywhere: a withdrawal in this second wins or finds it lapsed, and no mass is freed twice.
    application.advance(application_steps.LAPSE, by=by, note=note)
    release_holds(application.reference, reason="lapsed", by=by)
