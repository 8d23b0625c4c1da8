"""Experts' conflicts and reviews, the committee's votes, the decisions and their announcement."""

from reviews.models.conflict import Conflict
from reviews.models.decision import Announcement, AnnouncementChange, AnnouncementItem, Award, Decision, DecisionChange, DecisionQuerySet
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
    "Announcement",
    "AnnouncementChange",
    "AnnouncementItem",
    "Award",
    "Conflict",
    "Decision",
    "DecisionChange",
    "DecisionQuerySet",
    "Review",
    "ReviewChange",
    "ReviewQuerySet",
    "Score",
    "Vote",
    "assignable_experts",
    "cases_visible_to",
    "letters_visible_to",
    "may_vote_on",
    "requests_with_votes",
    "vote_on",
    "with_decisions",
    "with_review_counts",
]
