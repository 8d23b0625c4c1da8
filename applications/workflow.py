"""The life of an application, on one page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflow.transitions import Move, move


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft, not submitted")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned for changes")
    REFUSED = "refused", _("Formally refused")
    IN_REVIEW = "in_review", _("In review")
    INVITED = "invited", _("Invited to the hearing")
    APPROVED = "approved", _("Approved")
    RESERVE = "reserve", _("In reserve")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NOT_SUBMITTED = "not_submitted", _("Not submitted in time")
    LAPSED = "lapsed", _("Lapsed")


S = Status

SUBMIT = move("submit", _("Submit"), S.DRAFT, to=S.SUBMITTED)  # judged by round.closes_at
REPLACE = move("replace", _("Submit new version"), S.SUBMITTED, to=S.SUBMITTED)  # before closing only
RETURN = move("return", _("Return for changes"), S.SUBMITTED, to=S.RETURNED)  # sets correct_by
RESUBMIT = move("resubmit", _("Submit correction"), S.RETURNED, to=S.SUBMITTED)  # judged by correct_by
ACCEPT = move("accept", _("Accept for review"), S.SUBMITTED, to=S.IN_REVIEW)
REFUSE = move("refuse", _("Refuse formally"), S.SUBMITTED, S.RETURNED, to=S.REFUSED)
INVITE = move("invite", _("Invite to hearing"), S.IN_REVIEW, to=S.INVITED)
APPROVE = move("approve", _("Approve"), S.IN_REVIEW, S.INVITED, S.RESERVE, to=S.APPROVED)
PUT_IN_RESERVE = move("reserve", _("Put in reserve"), S.IN_REVIEW, S.INVITED, to=S.RESERVE)
DECLINE = move("decline", _("Decline"), S.IN_REVIEW, S.INVITED, S.RESERVE, to=S.DECLINED)
WITHDRAW = move(
    "withdraw",
    _("Withdraw"),
    *(S.DRAFT, S.SUBMITTED, S.RETURNED, S.IN_REVIEW, S.INVITED, S.RESERVE, S.APPROVED),
    to=S.WITHDRAWN,
)
# A decline that is not visible yet must not be betrayed by a refusal: whoever still sees "In review" can still withdraw.
WITHDRAW_UNSEEN = move("withdraw", WITHDRAW.label, S.DECLINED, to=S.WITHDRAWN)
EXPIRE = move("expire", _("Not submitted"), S.DRAFT, S.RETURNED, to=S.NOT_SUBMITTED)  # by clock
LAPSE = move("lapse", _("Lapsed"), S.APPROVED, to=S.LAPSED)  # not signed in time
SIGN = move("sign", _("Loan Agreement signed"), S.APPROVED)  # from here on it neither lapses nor is withdrawn (signed_on)
# An officer records or retracts a decision: the status stays, but whoever saw the application before can no longer move it.
RECORD = move("record", _("Record the decision"), S.IN_REVIEW, S.INVITED, S.RESERVE)
RETRACT = move("retract", _("Retract the decision"), S.IN_REVIEW, S.INVITED, S.RESERVE)
# Another member of the team becomes the applicant; whoever saw the application before can no longer move it.
HAND_OVER = move("hand_over", _("Hand over"), S.DRAFT, S.SUBMITTED, S.RETURNED, S.IN_REVIEW, S.INVITED, S.RESERVE)
HAND_OVER_UNSEEN = move("hand_over", HAND_OVER.label, S.APPROVED, S.DECLINED)  # a decision that is not visible yet must not be betrayed

MOVES: tuple[Move, ...] = (
    SUBMIT,
    REPLACE,
    RETURN,
    RESUBMIT,
    ACCEPT,
    REFUSE,
    INVITE,
    APPROVE,
    PUT_IN_RESERVE,
    DECLINE,
    WITHDRAW,
    EXPIRE,
    LAPSE,
    SIGN,
    RECORD,
    RETRACT,
    HAND_OVER,
)
OFFICE_ONLY = (RECORD.name, RETRACT.name)  # never shown to the applicant

EDITABLE = (S.DRAFT, S.SUBMITTED, S.RETURNED)  # a new version may be written; the round's clock judges as well
JUDGED = (S.IN_REVIEW, S.INVITED)  # experts judge it
DECIDED = (S.APPROVED, S.RESERVE, S.DECLINED)
DECIDABLE = (S.IN_REVIEW, S.INVITED, S.RESERVE)
ASKABLE = (S.SUBMITTED, S.RETURNED, S.IN_REVIEW, S.INVITED, S.RESERVE)  # the office may put questions to the applicant
CLOSED = (S.REFUSED, S.DECLINED, S.WITHDRAWN, S.NOT_SUBMITTED, S.LAPSED)
NEVER_SUBMITTED = (S.DRAFT, S.NOT_SUBMITTED, S.WITHDRAWN)  # may lack a submitted version

# The colour that stands beside the word of a status, never without it.
TONES: dict[str, str] = {
    S.DRAFT: "warn",
    S.SUBMITTED: "good",
    S.RETURNED: "warn",
    S.REFUSED: "bad",
    S.IN_REVIEW: "now",
    S.INVITED: "now",
    S.APPROVED: "good",
    S.RESERVE: "now",
    S.DECLINED: "bad",
    S.NOT_SUBMITTED: "bad",
    S.LAPSED: "bad",
}
