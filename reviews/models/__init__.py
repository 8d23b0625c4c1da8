"""Experts' conflicts and reviews, the committee's votes, the decisions and their announcement."""

from reviews.models.check import CheckMark, Finding
from reviews.models.committee import Bid, Expertise, Plan, Seat, SeatQuerySet, Wish
from reviews.models.conflict import SHUTTING_OUT, Conflict, Declaration, Standing
from reviews.models.decision import Announcement, AnnouncementChange, AnnouncementItem, Award, Decision, DecisionChange, DecisionQuerySet
from reviews.models.discussion import Filing, Remark, Shortlisted
from reviews.models.hearing import Attendance, Deck, Departure, Hearing, Meeting, Slot, SlotChange, Way
from reviews.models.reads import (
    assignable_experts,
    cases_visible_to,
    letters_visible_to,
    may_vote_on,
    requests_with_votes,
    vote_on,
    with_decisions,
    with_review_counts,
)
from reviews.models.review import HIGHEST_SCORE, LOWEST_SCORE, Review, ReviewChange, ReviewQuerySet, Score
from reviews.models.vote import Vote

__all__ = [
    "HIGHEST_SCORE",
    "LOWEST_SCORE",
    "SHUTTING_OUT",
    "Announcement",
    "AnnouncementChange",
    "AnnouncementItem",
    "Attendance",
    "Award",
    "Bid",
    "CheckMark",
    "Conflict",
    "Decision",
    "DecisionChange",
    "DecisionQuerySet",
    "Deck",
    "Declaration",
    "Departure",
    "Expertise",
    "Filing",
    "Finding",
    "Hearing",
    "Meeting",
    "Plan",
    "Remark",
    "Review",
    "ReviewChange",
    "ReviewQuerySet",
    "Score",
    "Seat",
    "SeatQuerySet",
    "Shortlisted",
    "Slot",
    "SlotChange",
    "Standing",
    "Vote",
    "Way",
    "Wish",
    "assignable_experts",
    "cases_visible_to",
    "letters_visible_to",
    "may_vote_on",
    "requests_with_votes",
    "vote_on",
    "with_decisions",
    "with_review_counts",
]
