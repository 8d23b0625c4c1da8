"""The lives of a review, a decision and an announcement, on one page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications import workflow as application_steps
from workflow.transitions import Move, move


class ReviewStatus(models.TextChoices):
    ASSIGNED = "assigned", _("Assigned, conflict not declared")
    OPEN = "open", _("Open")
    FILED = "filed", _("Filed")
    HANDED_BACK = "handed_back", _("Handed back")
    REMOVED = "removed", _("Removed")


R = ReviewStatus
DECLARE = move("declare", _("I have no conflict"), R.ASSIGNED, to=R.OPEN)
FILE = move("file", _("File review"), R.OPEN, to=R.FILED)
HAND_BACK = move("hand_back", _("Hand back"), R.ASSIGNED, R.OPEN, to=R.HANDED_BACK)  # a conflict or no time
REMOVE = move("remove", _("Remove"), R.ASSIGNED, R.OPEN, to=R.REMOVED)  # by the office
REFILE = move("refile", _("File changed review"), R.FILED)  # after the discussion; the earlier filing stays
REVIEW_MOVES: tuple[Move, ...] = (DECLARE, FILE, REFILE, HAND_BACK, REMOVE)
UNFILED = (R.ASSIGNED, R.OPEN)
LIVE = (*UNFILED, R.FILED)


class SlotStatus(models.TextChoices):
    """An application's place in a hearing."""

    INVITED = "invited", _("Invited, not answered")
    CONFIRMED = "confirmed", _("Confirmed")
    HEARD = "heard", _("Heard")
    CANCELLED = "cancelled", _("Cancelled by the applicant")
    ABSENT = "absent", _("Did not take part")


T = SlotStatus
CONFIRM = move("confirm", _("Confirm"), T.INVITED, T.CONFIRMED, to=T.CONFIRMED)  # again to change the way or the speaker
CANCEL = move("cancel", _("Will not take part"), T.INVITED, T.CONFIRMED, to=T.CANCELLED)
HEAR = move("hear", _("Was heard"), T.INVITED, T.CONFIRMED, to=T.HEARD)  # by the office
MISS = move("miss", _("Did not take part"), T.INVITED, T.CONFIRMED, T.CANCELLED, to=T.ABSENT)  # by the office: counts as withdrawal
SLOT_MOVES: tuple[Move, ...] = (CONFIRM, CANCEL, HEAR, MISS)


class DecisionStatus(models.TextChoices):
    RECORDED = "recorded", _("Recorded, not announced")
    ANNOUNCED = "announced", _("Announced")
    RETRACTED = "retracted", _("Retracted")


D = DecisionStatus
ANNOUNCE_DECISION = move("announce", _("Announce"), D.RECORDED, to=D.ANNOUNCED)
RETRACT_DECISION = move("retract", _("Retract"), D.RECORDED, to=D.RETRACTED)
DECISION_MOVES: tuple[Move, ...] = (ANNOUNCE_DECISION, RETRACT_DECISION)


class AnnouncementStatus(models.TextChoices):
    SCHEDULED = "scheduled", _("Confirmed, can be recalled")
    RUNNING = "running", _("Being announced")
    DONE = "done", _("Announced")
    RECALLED = "recalled", _("Recalled")
    STOPPED = "stopped", _("Stopped")


A = AnnouncementStatus
BEGIN = move("begin", _("Begin"), A.SCHEDULED, to=A.RUNNING)  # by clock, after the recall window
FINISH = move("finish", _("Make visible"), A.RUNNING, to=A.DONE)  # by clock
RECALL = move("recall", _("Recall"), A.SCHEDULED, to=A.RECALLED)
STOP = move("stop", _("Stop"), A.RUNNING, to=A.STOPPED)  # in the middle: nothing has become visible
GO_ON = move("go_on", _("Go on"), A.STOPPED, to=A.RUNNING)
ANNOUNCEMENT_MOVES: tuple[Move, ...] = (BEGIN, FINISH, RECALL, STOP, GO_ON)
UNDER_WAY = (A.SCHEDULED, A.RUNNING, A.STOPPED)


class Outcome(models.TextChoices):
    """What becomes of one requested sample."""

    APPROVED = "approved", _("Approved")
    REDUCED = "reduced", _("Approved with less")
    RESERVE = "reserve", _("In reserve")
    DECLINED = "declined", _("Declined")


GRANTED = (Outcome.APPROVED, Outcome.REDUCED)
STEP_OF_OUTCOME: dict[Outcome, Move] = {  # what becomes of the application when it is announced
    Outcome.APPROVED: application_steps.APPROVE,
    Outcome.RESERVE: application_steps.PUT_IN_RESERVE,
    Outcome.DECLINED: application_steps.DECLINE,
}
