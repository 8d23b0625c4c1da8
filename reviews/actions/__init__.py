"""What happens in the committee: experts are assigned and file, votes are entered, decisions recorded and announced."""

from reviews.actions.announcing import announce_decisions, decisions_to_announce, recall_announcement, run_announcements
from reviews.actions.assigning import assign_experts, remove_review
from reviews.actions.deciding import AwardDraft, is_carried, record_decision, retract_decision
from reviews.actions.declaring import declare_conflict, declare_no_conflict
from reviews.actions.reviewing import file_review, save_review
from reviews.actions.situations import (
    AlreadyPlanned,
    AwardImpossible,
    Conflicted,
    CountChanged,
    NotAnExpert,
    NotCarried,
    NothingToAnnounce,
    ReviewsClosed,
    StaleReview,
    Unscored,
    VoteImpossible,
)
from reviews.actions.voting import VoteCount, enter_vote, enter_votes

__all__ = [
    "AlreadyPlanned",
    "AwardDraft",
    "AwardImpossible",
    "Conflicted",
    "CountChanged",
    "NotAnExpert",
    "NotCarried",
    "NothingToAnnounce",
    "ReviewsClosed",
    "StaleReview",
    "Unscored",
    "VoteCount",
    "VoteImpossible",
    "announce_decisions",
    "assign_experts",
    "decisions_to_announce",
    "declare_conflict",
    "declare_no_conflict",
    "enter_vote",
    "enter_votes",
    "file_review",
    "is_carried",
    "recall_announcement",
    "record_decision",
    "remove_review",
    "retract_decision",
    "run_announcements",
    "save_review",
]
