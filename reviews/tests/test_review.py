"""One review: declaration first, then scores and remarks, kept against every second window, filed once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import end_role
from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from reviews.actions import ReviewsClosed, StaleReview, announce_decisions, file_review, remove_review, run_announcements, save_review
from reviews.models import Conflict, Review, Score
from reviews.tests.make import browser_of, decide, file, make_case, make_review, seen_again
from reviews.workflow import ReviewStatus
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db
PLAN = "Pick beads in nitrogen and map them before any beam touches them."


@pytest.fixture
def expert() -> User:
    return make_user(None, Role.EXPERT, full_name="Expert Amber")


@pytest.fixture
def client(expert: User) -> Client:
    return browser_of(expert)


def page_of(review: Review) -> str:
    return reverse("reviews:review", args=[review.pk])


def typed(review: Review, score: int | None = 4, **words: Any) -> dict[str, Any]:
    """What the form sends: a score for each criterion and words."""
    scores = {f"criterion_{criterion.pk}": score for criterion in review.application.round.criteria.all()} if score else {}
    return {"seen_revision": review.revision, "remarks_to_applicant": "", "remarks_to_committee": "", "save": "yes"} | scores | words


def test_before_the_declaration_the_plan_stays_closed(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert, is_open=False)
    page = client.get(page_of(review)).content.decode()
    assert "Do you have a conflict of interest?" in page
    assert review.application.owner.full_name in page
    assert PLAN not in page
    assert "criterion_" not in page


def test_scores_posted_before_the_declaration_are_not_stored(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert, is_open=False)
    assert "Do you have a conflict of interest?" in client.post(page_of(review), typed(review, file="yes")).content.decode()
    review.refresh_from_db()
    assert review.status == ReviewStatus.ASSIGNED
    assert not Score.objects.exists()


def test_whoever_declares_no_conflict_reads_the_application(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert, is_open=False)
    answer = client.post(reverse("reviews:declare", args=[review.pk]), follow=True)
    page = answer.content.decode()
    assert PLAN in page
    assert "How much solar-wind water do impact glasses keep?" in page
    assert "10.0" in page


def test_a_second_declaration_says_that_it_is_done(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    answer = client.post(reverse("reviews:declare", args=[review.pk]), follow=True)
    assert "This is not possible any more" in answer.content.decode()
    review.refresh_from_db()
    assert (review.status, review.version) == (ReviewStatus.OPEN, 1)


def test_a_declared_conflict_hands_the_application_back_with_its_reason(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert, is_open=False)
    answer = client.post(reverse("reviews:conflict", args=[review.pk]), {"note": "We publish together."}, follow=True)
    assert "Your conflict is noted" in answer.content.decode()
    review.refresh_from_db()
    assert review.status == ReviewStatus.HANDED_BACK
    assert Conflict.objects.get().note == "We publish together."


def test_a_conflict_without_a_reason_is_asked_back(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    answer = client.post(reverse("reviews:conflict", args=[review.pk]), {"note": " "})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "This field is required." in page
    assert "I have no conflict" not in page, "it was declared already"
    assert not Conflict.objects.shutting_out().exists()


def test_scores_and_remarks_are_saved_and_shown_again(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    criteria = list(review.application.round.criteria.all())
    answer = client.post(page_of(review), typed(review, 5, remarks_to_applicant="Clear.", remarks_to_committee="Too much powder."), follow=True)
    page = answer.content.decode()
    assert "Saved, not filed." in page
    assert "Clear." in page
    assert "Too much powder." in page
    assert page.count("checked") == len(criteria)
    review.refresh_from_db()
    assert (review.status, review.revision) == (ReviewStatus.OPEN, 1)
    assert set(review.scores.values_list("value", flat=True)) == {5}


def test_a_score_taken_back_is_gone(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    client.post(page_of(review), typed(review, 3))
    review.refresh_from_db()
    client.post(page_of(review), typed(review, None))
    assert not Score.objects.exists()


def test_a_score_that_the_scale_does_not_know_is_refused(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    criteria = [key for key in typed(review) if key.startswith("criterion")]
    for score in ("0", "6", "-1", "4.5", "best", "９９"):
        assert client.post(page_of(review), typed(review) | dict.fromkeys(criteria, score)).status_code == 422, score
    assert not Score.objects.exists()


def test_an_older_tab_keeps_what_was_typed_and_stores_nothing(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    client.post(page_of(review), typed(review, 5, remarks_to_committee="From the first window"))
    answer = client.post(page_of(review), typed(review, 2, remarks_to_committee="From the second window"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A newer text was saved in another window." in page
    assert "From the second window" in page
    review.refresh_from_db()
    assert review.remarks_to_committee == "From the first window"
    assert set(review.scores.values_list("value", flat=True)) == {5}


def test_a_tab_with_a_senseless_revision_stores_nothing(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    for revision in ("", "x", "-1", "99999999999999999999"):
        assert client.post(page_of(review), typed(review, seen_revision=revision)).status_code == 422, revision
    assert not Score.objects.exists()


def test_filing_needs_every_score_and_names_what_is_missing(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    first, second, *rest = review.application.round.criteria.all()
    words = typed(review, file="yes", remarks_to_committee="Half done")
    del words[f"criterion_{first.pk}"], words[f"criterion_{second.pk}"]
    answer = client.post(page_of(review), words)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give each criterion a score before you file the review." in page
    assert f"{first.title_en}: No score yet." in page
    assert f"{second.title_en}: No score yet." in page
    assert rest
    assert all(f"{other.title_en}: No score yet." not in page for other in rest)
    assert "Half done" in page
    assert "Saved, not filed." not in page, "nothing was"
    review.refresh_from_db()
    assert (review.status, review.revision) == (ReviewStatus.OPEN, 0)
    assert not Score.objects.exists()


def test_a_filed_review_can_be_read_and_not_changed(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    answer = client.post(page_of(review), typed(review, 4, file="yes", remarks_to_applicant="Clear question."), follow=True)
    page = answer.content.decode()
    assert "The review is filed." in page
    assert "Clear question." in page
    assert 'name="remarks_to_applicant"' not in page.partition("<main")[2]
    review.refresh_from_db()
    assert review.status == ReviewStatus.FILED
    assert review.filed_at is not None


def test_a_tab_left_open_after_filing_changes_nothing_and_loses_no_words(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    client.post(page_of(review), typed(review, 5, file="yes", remarks_to_committee="As filed"))
    review.refresh_from_db()
    answer = client.post(page_of(review), typed(review, 1, file="yes", remarks_to_committee="Afterthought"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not possible any more" in page
    assert "As filed" in page
    assert "What you typed just now was not saved" in page
    assert "Afterthought" in page
    assert "<dd>1</dd>" not in page, "the filed scores are shown, not the typed ones"
    review.refresh_from_db()
    assert review.remarks_to_committee == "As filed"
    assert set(review.scores.values_list("value", flat=True)) == {5}


def test_a_conflict_after_filing_comes_too_late(client: Client, expert: User) -> None:
    review = file(make_review(make_case(), expert))
    answer = client.post(reverse("reviews:conflict", args=[review.pk]), {"note": "late"}, follow=True)
    assert "This is not possible any more" in answer.content.decode()
    assert not Conflict.objects.shutting_out().exists()


def test_two_experts_on_one_application_learn_nothing_of_each_other() -> None:
    application = make_case()
    amber, birch = (make_user(None, Role.EXPERT, full_name=f"Expert {name}") for name in ("Amber", "Birch"))
    mine, theirs = make_review(application, amber), make_review(application, birch)
    before = {url: browser_of(amber).get(url).content for url in (page_of(mine), reverse("reviews:queue"), reverse("desk:desk"))}
    scores = dict.fromkeys(application.round.criteria.all(), 1)
    file_review(theirs, by=birch, seen_revision=0, scores=scores, remarks_to_applicant="Weak words", remarks_to_committee="Decline this")
    for url, content in before.items():
        after = browser_of(amber).get(url).content.decode()
        assert "Birch" not in after
        assert "Weak words" not in after
        assert "Decline this" not in after
        assert len(after) == len(content.decode()), f"{url} changed with the review of another"
    for url in (page_of(theirs), f"/rounds/{application.round.slug}/office/cases/{application.reference}/"):
        assert browser_of(amber).get(url).status_code in (403, 404)
    assert browser_of(amber).post(page_of(theirs), typed(theirs)).status_code == 404


def test_an_officer_who_still_has_to_judge_does_not_read_the_other_reviews() -> None:
    application = make_case()
    both = make_user(None, Role.EXPERT, Role.OFFICER)
    theirs = make_review(application)
    mine = make_review(application, both)
    file(theirs)
    case = reverse("desk:case", args=[application.round.slug, application.reference])
    experts = reverse("reviews:experts", args=[application.round.slug])
    assert browser_of(both).get(case).status_code == 404
    assert application.reference not in browser_of(both).get(experts).content.decode()
    file(mine)
    assert browser_of(both).get(case).status_code == 200
    assert application.reference in browser_of(both).get(experts).content.decode()


def test_markup_in_titles_plans_and_remarks_is_shown_as_text(client: Client, expert: User) -> None:
    evil = "<script>alert(1)</script>"
    review = make_review(make_case(title=f"Title {evil}", plan=f"Plan {evil}"), expert, is_open=False)
    pages = [client.get(page_of(review)).content.decode()]
    client.post(reverse("reviews:declare", args=[review.pk]))
    client.post(page_of(review), typed(review, remarks_to_applicant=f"</textarea>{evil}", remarks_to_committee=evil))
    pages.append(client.get(page_of(review)).content.decode())
    review.refresh_from_db()
    client.post(page_of(review), typed(review, file="yes", remarks_to_applicant=evil, remarks_to_committee=evil))
    pages += [client.get(url).content.decode() for url in (page_of(review), reverse("reviews:queue"))]
    for page in pages:
        assert evil not in page
        assert "&lt;script&gt;" in page


def test_a_save_that_arrives_after_the_removal_is_refused(expert: User) -> None:
    review = make_review(make_case(), expert)
    copy = Review.objects.get(pk=review.pk)
    remove_review(review, by=make_user())
    with pytest.raises(NotPossibleNow):
        save_review(copy, by=expert, seen_revision=0, scores={}, remarks_to_applicant="Late", remarks_to_committee="")
    copy.refresh_from_db()
    assert (copy.status, copy.remarks_to_applicant) == (ReviewStatus.REMOVED, "")


def test_a_filing_that_arrives_after_the_removal_is_refused(expert: User) -> None:
    review = make_review(make_case(), expert)
    copy = Review.objects.get(pk=review.pk)
    remove_review(review, by=make_user())
    scores = dict.fromkeys(review.application.round.criteria.all(), 3)
    with pytest.raises(NotPossibleNow):
        file_review(copy, by=expert, seen_revision=0, scores=scores, remarks_to_applicant="", remarks_to_committee="")
    assert not Score.objects.exists()


def test_a_filed_review_cannot_be_removed(expert: User) -> None:
    review = file(make_review(make_case(), expert))
    with pytest.raises(NotPossibleNow):
        remove_review(review, by=make_user())


def test_of_two_saves_of_one_revision_the_second_is_stale(expert: User) -> None:
    review = make_review(make_case(), expert)
    copy = Review.objects.get(pk=review.pk)
    save_review(review, by=expert, seen_revision=0, scores={}, remarks_to_applicant="One", remarks_to_committee="")
    with pytest.raises(StaleReview):
        save_review(copy, by=expert, seen_revision=0, scores={}, remarks_to_applicant="Two", remarks_to_committee="")
    review.refresh_from_db()
    assert review.remarks_to_applicant == "One"


def test_nothing_is_saved_once_the_application_is_withdrawn(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    withdraw_application(Application.objects.get(pk=review.application_id), by=review.application.owner)
    assert client.post(page_of(review), typed(review, file="yes", remarks_to_committee="In vain")).status_code == 404
    with pytest.raises(ReviewsClosed):
        save_review(Review.objects.get(pk=review.pk), by=expert, seen_revision=0, scores={}, remarks_to_applicant="", remarks_to_committee="x")
    assert not Score.objects.exists()


def test_a_decision_that_is_not_visible_yet_changes_nothing_for_an_expert_who_has_not_filed(expert: User, monkeypatch: pytest.MonkeyPatch) -> None:
    application = make_case()
    review = make_review(application, expert)
    decide(application)
    save_review(review, by=expert, seen_revision=0, scores={}, remarks_to_applicant="Early", remarks_to_committee="")
    announce_decisions(application.round, by=make_user(None, Role.APPROVER), count=1)
    with monkeypatch.context() as dying:
        dying.setattr("reviews.actions.announcing._finish", _die)
        with pytest.raises(KeyboardInterrupt):
            run_announcements()
    assert seen_again(application).status == "approved"
    review = Review.objects.get(pk=review.pk)
    assert not review.is_over
    save_review(review, by=expert, seen_revision=1, scores={}, remarks_to_applicant="Still early", remarks_to_committee="")
    run_announcements()
    review = Review.objects.get(pk=review.pk)
    assert review.is_over
    with pytest.raises(ReviewsClosed):
        save_review(review, by=expert, seen_revision=2, scores={}, remarks_to_applicant="Too late", remarks_to_committee="")


def _die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_who_is_no_expert_any_more_opens_no_review(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    end_role(expert, Role.EXPERT, by=None)
    assert client.get(page_of(review)).status_code == 403
    assert client.post(page_of(review), typed(review)).status_code == 403
    assert not Score.objects.exists()
