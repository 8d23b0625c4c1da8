"""The applications that an expert judges, for reading away from the portal: PDFs with an outline, the reader's name on every page.

They hold what the review page shows, in both languages, but for the attached files, which stay on the portal. Nothing of it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from applications.words import answers, institution_of, samples_asked
from letters.words import Pair, Words
from reviews.models import Review
from rounds.models import Round

AT_ONCE = 5  # applications in one PDF: it is made while the reader waits


@dataclass(frozen=True)
class Copy:
    """One PDF of a round: the reviews whose applications it holds, and which these are among the reader's own."""

    number: int
    first: int
    reviews: Sequence[Review]

    @property
    def last(self) -> int:
        return self.first + len(self.reviews) - 1


def copies_of(reviews: Sequence[Review]) -> list[Copy]:
    """The PDFs of one round, in the order in which the expert goes through it: only what has opened and is still in review."""
    open_ones = sorted((row for row in reviews if not row.awaits_declaration and row.application.is_shown_in_review), key=lambda row: row.pk)
    return [Copy(start // AT_ONCE + 1, start + 1, open_ones[start : start + AT_ONCE]) for start in range(0, len(open_ones), AT_ONCE)]


def copy_for(user: User, round: Round, number: int) -> Copy | None:
    rows = Review.objects.visible_to(user).in_round(round).with_answers()
    return next((copy for copy in copies_of(list(rows)) if copy.number == number), None)


def words_of(copy: Copy) -> list[Words]:
    """What each application says. No letter: it has no number and no code."""
    return [_words(review) for review in copy.reviews]


def _words(review: Review) -> Words:
    application = review.application
    version = application.current
    assert version is not None
    return Words(
        kind=Pair("Application", "申请书"),
        title=Pair(f"{application.reference} {version.title}", f"{application.reference} {version.title}"),
        paragraphs=(),
        facts=(
            (Pair("Applicant", "申请人"), str(application.owner)),
            (Pair("Institution", "申请单位"), institution_of(version)),
            (Pair("Round", "批次"), Pair(application.round.title_en, application.round.title_zh)),
            (Pair("Version", "版本"), str(version.number)),
        ),
        table=samples_asked(version),
        sections=answers(version),
        signature=(),
        is_quoting=True,
    )
