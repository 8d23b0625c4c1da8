"""The review page while one works: every text kept for itself, files as pages, hidden before filing, discussed and changed after it
(quality: S-06, S-10, S-13, S-41, U-31 to U-40)."""

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_application, attach_file, base_of, submit_application
from applications.files.drawing import draw_upload
from applications.models import Application, Attachment, Drawing, Scan, Upload
from applications.tests import pdfs
from applications.tests.make import make_draft, the_draft
from reviews.actions import (
    ReasonNeeded,
    ReviewsClosed,
    Unscored,
    add_remark,
    declare_conflict,
    hand_back_review,
    keep_review,
    refile_review,
    remove_review,
)
from reviews.models import Conflict, Filing, HandBackReason, Remark, Review, Score, Seat
from reviews.tests.make import announce, browser_of, decide, file, make_case, make_cases, make_review
from reviews.workflow import ReviewStatus
from rounds.models import Discussion, Round
from rounds.tests.make import close_round
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Autosave": "yes"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def expert() -> User:
    return make_user(None, Role.EXPERT, full_name="Expert Amber")


@pytest.fixture
def client(expert: User) -> Client:
    return browser_of(expert)


def page_of(review: Review) -> str:
    return reverse("reviews:review", args=[review.pk])


def first_score(review: Review) -> str:
    return f"criterion_{review.application.round.criteria.all()[0].pk}"


def text(client: Client, url: str) -> str:
    return str(client.get(url).content.decode())


# --- Kept while it is typed ---------------------------------------------------------------------------------------------------


def typed(client: Client, review: Review, texts: dict[str, str], seen: dict[str, str] | None = None) -> Any:
    """What the script of the page sends: the changed texts, and the fingerprints of what it saw."""
    bases = {f"base-{name}": base_of(text) for name, text in ((seen or {}) | {name: (seen or {}).get(name, "") for name in texts}).items()}
    return client.post(page_of(review), texts | bases, headers=SCRIPT)


def test_what_is_typed_is_kept_and_nothing_is_filed(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    answer = typed(client, review, {first_score(review): "4", "remarks_to_committee": "Strong  \n"})
    assert answer.status_code == 200
    assert answer.json()["conflicts"] == {}
    review.refresh_from_db()
    assert (review.status, review.remarks_to_committee) == (ReviewStatus.OPEN, "Strong  \n")
    assert list(review.scores.values_list("value", flat=True)) == [4]
    assert not Filing.objects.exists()


def test_two_windows_that_write_in_different_places_disturb_nothing(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    typed(client, review, {"remarks_to_committee": "From one"})
    assert typed(client, review, {"remarks_to_applicant": "From two"}).json()["conflicts"] == {}
    review.refresh_from_db()
    assert (review.remarks_to_committee, review.remarks_to_applicant) == ("From one", "From two")


def test_two_windows_that_write_in_one_place_are_shown_both_texts(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    typed(client, review, {"remarks_to_committee": "From one"})
    answer = typed(client, review, {"remarks_to_committee": "From two", first_score(review): "2"}).json()
    assert answer["conflicts"]["remarks_to_committee"]["text"] == "From one"
    review.refresh_from_db()
    assert review.remarks_to_committee == "From one"
    assert list(review.scores.values_list("value", flat=True)) == [2], "what is not in conflict is kept"
    page = client.post(
        page_of(review), {"remarks_to_committee": "From two", "base-remarks_to_committee": base_of(""), "save": "yes", "seen_revision": 0}
    )
    assert page.status_code == 422
    shown = page.content.decode()
    assert "From one" in shown
    assert "From two" in shown


def test_a_window_follows_what_another_one_saved_where_it_was_not_touched(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    typed(client, review, {"remarks_to_committee": "From the script"})
    form = {f"base-{name}": base_of("") for name in ("remarks_to_committee", "remarks_to_applicant")}
    client.post(page_of(review), form | {"remarks_to_committee": "", "remarks_to_applicant": "By the button", "seen_revision": 0, "save": "yes"})
    review.refresh_from_db()
    assert (review.remarks_to_committee, review.remarks_to_applicant) == ("From the script", "By the button")


def test_what_the_form_does_not_know_is_passed_over_and_what_is_wrong_is_said(client: Client, expert: User) -> None:
    review, other = make_review(make_case(), expert), make_review(make_case(), expert)
    answer = typed(client, review, {first_score(review): "9", first_score(other): "5", "status": "filed", "remarks_to_applicant": "x" * 10_001})
    assert set(answer.json()["wrong"]) == {first_score(review), "remarks_to_applicant"}
    review.refresh_from_db()
    assert (review.status, review.remarks_to_applicant) == (ReviewStatus.OPEN, "")
    assert not Score.objects.exists()


def test_what_comes_after_the_filing_is_refused_in_words(client: Client, expert: User) -> None:
    review = file(make_review(make_case(), expert))
    answer = typed(client, review, {"remarks_to_applicant": "Late"})
    assert answer.status_code == 409
    assert answer.json()["refusal"]
    with pytest.raises(NotPossibleNow):
        keep_review(review, by=expert, texts={"remarks_to_applicant": "Late"}, bases={})


def test_a_session_that_ended_keeps_the_text_until_the_sign_in(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    client.logout()
    answer = client.post(page_of(review), {"remarks_to_committee": "Typed too late", "save": "yes", "seen_revision": 0})
    assert "/accounts/login/" in answer["Location"]
    client.force_login(expert)
    client.get(page_of(review))
    review.refresh_from_db()
    assert review.remarks_to_committee == "Typed too late"


# --- Shut out later (S-06) -----------------------------------------------------------------------------------------------------


def shut_out(review: Review, how: str) -> None:
    if how == "removed":
        remove_review(review, by=make_user())
    elif how == "conflicted":
        declare_conflict(review, by=review.expert, note="We publish together.")
    else:
        hand_back_review(review, by=review.expert, reason=HandBackReason.NO_TIME)


@pytest.mark.parametrize("how", ["removed", "conflicted", "handed back"])
def test_who_is_shut_out_later_finds_nothing_and_saves_nothing(client: Client, expert: User, how: str) -> None:
    review, _row = make_review_with_file(expert)
    page = Upload.objects.get().drawn_pages.first()
    assert page is not None
    shut_out(review, how)
    for name, arguments in (
        ("reviews:review", [review.pk]),
        ("reviews:change", [review.pk]),
        ("reviews:remark", [review.pk]),
        ("reviews:page", [review.pk, page.upload_id, 1]),
        ("desk:facts", [review.pk]),
    ):
        assert client.get(reverse(name, args=arguments)).status_code == 404, name
    assert typed(client, review, {"remarks_to_committee": "From an old tab"}).status_code == 404
    for name in ("review", "change", "remark", "hand_back"):
        assert client.post(reverse(f"reviews:{name}", args=[review.pk]), {"text": "Old tab", "save": "yes"}).status_code == 404, name
    review.refresh_from_db()
    assert review.remarks_to_committee == ""
    assert not Remark.objects.exists()


# --- Hidden before filing (S-10), discussed after it ---------------------------------------------------------------------------


def make_pair(discussion: Discussion = Discussion.AFTER_OWN) -> tuple[Review, Review]:
    application = make_case()
    Round.objects.filter(pk=application.round_id).update(discussion=discussion)
    application.round.refresh_from_db()
    amber, birch = (make_user(None, Role.EXPERT, full_name=f"Expert {name}") for name in ("Amber", "Birch"))
    mine, theirs = make_review(application, amber), make_review(application, birch)
    return Review.objects.get(pk=mine.pk), Review.objects.get(pk=theirs.pk)


ASKED = ("", "?order=score", "?sort=-mean", "?scores__value__gte=4", "?reviewer=2", "?discussion=1", "?expert=2", "?filed=1")


def test_before_the_own_review_is_filed_nothing_of_the_others_shows_however_it_is_asked_for() -> None:
    mine, theirs = make_pair()
    reader = browser_of(mine.expert)
    urls = [page_of(mine), reverse("reviews:queue"), reverse("desk:facts", args=[mine.pk]), reverse("desk:desk")]
    before = {url + query: len(text(reader, url + query)) for url in urls for query in ASKED}
    file(theirs, 2)
    add_remark(theirs.application, by=theirs.expert, text="Weak plan, says Birch")
    for url, length in before.items():
        page = text(reader, url)
        assert "Birch" not in page, url
        assert "Weak plan" not in page, url
        assert len(page) == length, url
    assert reader.get(reverse("reviews:remark", args=[mine.pk])).status_code == 404
    assert reader.post(reverse("reviews:remark", args=[mine.pk]), {"text": "Peeping"}).status_code == 404
    assert reader.get(reverse("reviews:change", args=[mine.pk])).status_code == 302


def test_after_the_own_filing_the_others_are_read_and_answered() -> None:
    mine, theirs = make_pair()
    file(theirs, 2)
    file(mine, 4)
    page = text(browser_of(mine.expert), page_of(mine))
    assert "Expert Birch" in page
    assert 'class="mine"' in page, "the own dot is a ring"
    assert "3.00" in page, "the mean of 2 and 4"
    answer = browser_of(mine.expert).post(reverse("reviews:remark", args=[mine.pk]), {"text": "Why so low?"}, follow=True)
    assert "Why so low?" in answer.content.decode()
    assert "Why so low?" in text(browser_of(theirs.expert), page_of(theirs))


def test_after_all_means_after_all() -> None:
    mine, theirs = make_pair(Discussion.AFTER_ALL)
    file(mine, 4)
    page = text(browser_of(mine.expert), page_of(mine))
    assert "It opens when all reviews of this application are filed." in page
    assert "Birch" not in page
    file(theirs, 2)
    assert "Expert Birch" in text(browser_of(mine.expert), page_of(mine))


def test_never_means_never_for_experts_and_not_for_officer_and_chair() -> None:
    mine, theirs = make_pair(Discussion.NEVER)
    file(mine, 4)
    file(theirs, 2)
    assert "Birch" not in text(browser_of(mine.expert), page_of(mine))
    case = reverse("desk:case", args=[mine.application.round.slug, mine.application.reference])
    assert browser_of(mine.expert).get(case).status_code == 403
    Seat.objects.filter(user=mine.expert).update(is_chair=True)
    chair = text(browser_of(mine.expert), case)
    assert "Expert Birch" in chair
    assert "Receipts" not in chair, "what belongs to the office stays there"
    assert "Expert Birch" in text(browser_of(make_user(None, Role.OFFICER)), case)


def test_a_chair_who_still_has_to_judge_reads_no_other_review() -> None:
    mine, theirs = make_pair()
    Seat.objects.filter(user=mine.expert).update(is_chair=True)
    file(theirs, 2)
    case = reverse("desk:case", args=[mine.application.round.slug, mine.application.reference])
    assert browser_of(mine.expert).get(case).status_code == 404
    assert browser_of(mine.expert).post(reverse("reviews:case_remark", args=case.split("/")[2:6:3]), {"text": "x"}).status_code == 404
    assert not Remark.objects.exists()


def test_the_discussion_ends_when_the_decision_is_visible_and_not_before() -> None:
    mine, _theirs = make_pair()
    file(mine)
    decide(mine.application)
    add_remark(Application.objects.get(pk=mine.application_id), by=mine.expert, text="Still open")
    announce(mine.application.round)
    with pytest.raises(ReviewsClosed):
        add_remark(Application.objects.get(pk=mine.application_id), by=mine.expert, text="Closed")
    assert "the discussion is closed" in text(browser_of(mine.expert), page_of(mine))


def test_a_remark_without_words_is_none() -> None:
    mine, _theirs = make_pair()
    file(mine)
    with pytest.raises(ReasonNeeded):
        add_remark(mine.application, by=mine.expert, text=" \n")
    assert browser_of(mine.expert).post(reverse("reviews:remark", args=[mine.pk]), {"text": " "}).status_code == 422


# --- Filed anew ----------------------------------------------------------------------------------------------------------------


def changed(review: Review, score: int = 5, **words: Any) -> dict[str, Any]:
    scores = {f"criterion_{criterion.pk}": score for criterion in review.application.round.criteria.all()}
    return (
        {"seen_revision": review.revision, "seen_version": review.version, "remarks_to_applicant": "New", "remarks_to_committee": ""} | scores | words
    )


def test_a_changed_review_is_filed_anew_and_the_earlier_one_stays() -> None:
    mine, theirs = make_pair()
    file(theirs)
    file(mine, 2)
    reader = browser_of(mine.expert)
    answer = reader.post(reverse("reviews:change", args=[mine.pk]), changed(mine, reason="The answer convinced me."), follow=True)
    assert "The changed review is filed." in answer.content.decode()
    first, second = mine.filings.all()
    assert (first.number, set(first.scores.values()), first.remarks_to_applicant) == (1, {2}, "Clear.")
    assert (second.number, set(second.scores.values()), second.reason) == (2, {5}, "The answer convinced me.")
    others = text(browser_of(theirs.expert), page_of(theirs))
    assert "Earlier states of the review of Expert Amber" in others
    assert "The answer convinced me." in others


def test_a_change_needs_a_reason_every_score_and_the_newest_state() -> None:
    mine, _theirs = make_pair()
    file(mine, 2)
    reader, url = browser_of(mine.expert), reverse("reviews:change", args=[mine.pk])
    assert reader.post(url, changed(mine, reason=" ")).status_code == 422
    words: dict[str, Any] = {"remarks_to_applicant": "", "remarks_to_committee": ""}
    scores = dict.fromkeys(mine.application.round.criteria.all(), 3)
    with pytest.raises(ReasonNeeded):
        refile_review(mine, by=mine.expert, seen_version=mine.version, scores=scores, reason="", **words)
    with pytest.raises(Unscored):
        refile_review(mine, by=mine.expert, seen_version=mine.version, scores={}, reason="Why", **words)
    with pytest.raises(NotPossibleNow):
        refile_review(mine, by=mine.expert, seen_version=mine.version - 1, scores=scores, reason="Why", **words)
    assert mine.filings.count() == 1


def test_an_open_review_is_not_filed_anew_and_a_closed_one_neither() -> None:
    mine, theirs = make_pair()
    scores = dict.fromkeys(mine.application.round.criteria.all(), 3)
    words: dict[str, Any] = {"remarks_to_applicant": "", "remarks_to_committee": "", "reason": "Why", "scores": scores}
    with pytest.raises(NotPossibleNow):
        refile_review(mine, by=mine.expert, seen_version=mine.version, **words)
    file(theirs)
    decide(mine.application)
    announce(mine.application.round)
    theirs = Review.objects.get(pk=theirs.pk)
    with pytest.raises(ReviewsClosed):
        refile_review(theirs, by=theirs.expert, seen_version=theirs.version, **words)


# --- Handed back ---------------------------------------------------------------------------------------------------------------


def test_an_application_is_handed_back_with_a_reason_and_without_a_conflict(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    url = reverse("reviews:hand_back", args=[review.pk])
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"back-reason": "conflict"}).status_code == 422, "a conflict has to be described"
    assert client.post(url, {"back-reason": "not_my_field", "back-note": "Organics."}).status_code == 302
    review.refresh_from_db()
    assert review.status == ReviewStatus.HANDED_BACK
    assert review.history.latest("sequence").spelled_note == "It is not my field. Organics."
    assert not Conflict.objects.shutting_out().exists()


def test_a_conflict_found_late_shuts_out(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    client.post(reverse("reviews:hand_back", args=[review.pk]), {"back-reason": "conflict", "back-note": "My former student."})
    assert Conflict.objects.shutting_out().get().user == expert


def test_a_filed_review_is_not_handed_back(expert: User) -> None:
    review = file(make_review(make_case(), expert))
    with pytest.raises(NotPossibleNow):
        hand_back_review(review, by=expert, reason=HandBackReason.NO_TIME)


# --- Files as pages ------------------------------------------------------------------------------------------------------------


def make_review_with_file(expert: User, *, is_drawn: bool = True) -> tuple[Review, Attachment]:
    draft = make_draft()
    attach_file(the_draft(draft), by=draft.owner, data=io.BytesIO(pdfs.written("Beads in nitrogen", "Second")), name="Plan.pdf", purpose="plan")
    submit_application(draft, by=draft.owner, key=uuid4())
    close_round(draft.round)
    accept_application(Application.objects.with_case().get(pk=draft.pk), by=make_user())
    row = Attachment.objects.get()
    if is_drawn:
        assert draw_upload(row.upload_id)
    return make_review(Application.objects.with_case().get(pk=draft.pk), expert), row


def test_pages_are_shown_with_their_text_to_expert_and_office_alone(client: Client, expert: User) -> None:
    review, row = make_review_with_file(expert)
    application = review.application
    page = text(client, page_of(review))
    mine = reverse("reviews:page", args=[review.pk, row.upload_id, 2])
    office = reverse("reviews:case_page", args=[application.round.slug, application.reference, row.upload_id, 2])
    assert f'src="{mine}"' in page
    assert "Beads in nitrogen" in page
    for user, url in ((expert, mine), (make_user(None, Role.OFFICER), office), (make_user(None, Role.APPROVER), office)):
        answer = browser_of(user).get(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert browser_of(user).get(url, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}).status_code == 403
        assert browser_of(user).get(url, headers={"Sec-Fetch-Dest": "iframe"}).status_code == 403
    other = make_user(None, Role.EXPERT)
    assert browser_of(other).get(mine).status_code == 404
    assert browser_of(other).get(office).status_code == 403
    assert browser_of(application.owner).get(mine).status_code == 404
    assert browser_of(application.owner).get(office).status_code == 403
    assert client.get(reverse("reviews:page", args=[review.pk, row.upload_id, 3])).status_code == 404


def test_pages_of_another_application_or_an_infected_file_do_not_exist(client: Client, expert: User) -> None:
    review, row = make_review_with_file(expert)
    other = make_review(make_case(), expert)
    assert client.get(reverse("reviews:page", args=[other.pk, row.upload_id, 1])).status_code == 404
    Upload.objects.update(scan=Scan.INFECTED)
    assert client.get(reverse("reviews:page", args=[review.pk, row.upload_id, 1])).status_code == 404
    assert "Beads in nitrogen" not in text(client, page_of(review))


def test_before_the_declaration_no_page_is_shown(client: Client, expert: User) -> None:
    review, row = make_review_with_file(expert)
    Review.objects.filter(pk=review.pk).update(status=ReviewStatus.ASSIGNED)
    assert client.get(reverse("reviews:page", args=[review.pk, row.upload_id, 1])).status_code == 404
    assert client.get(reverse("desk:facts", args=[review.pk])).status_code == 404
    Review.objects.filter(pk=review.pk).update(status=ReviewStatus.OPEN)


def test_what_cannot_be_drawn_says_so_and_offers_the_download(client: Client, expert: User) -> None:
    review, row = make_review_with_file(expert, is_drawn=False)
    assert "The pages are being drawn." in text(client, page_of(review))
    Upload.objects.update(drawing=Drawing.FAILED)
    page = text(client, page_of(review))
    assert "This file cannot be shown as pages. Open it as a download." in page
    assert reverse("reviews:attachment", args=[review.pk, row.pk]) in page


# --- The page, its order and its queries ---------------------------------------------------------------------------------------


@pytest.fixture
def three(expert: User) -> list[Review]:
    return [make_review(application, expert) for application in make_cases(3)]


def test_one_goes_from_review_to_review_and_after_filing_to_the_first_that_waits(client: Client, three: list[Review]) -> None:
    first, second, third = three
    page = text(client, page_of(second))
    assert f'rel="prev" href="{page_of(first)}"' in page
    assert f'rel="next" href="{page_of(third)}"' in page
    assert "review 2 of 3" in page
    words = changed(second)
    answer = client.post(page_of(second), words | {"file": "next"})
    assert answer["Location"] == page_of(third)
    assert client.post(page_of(third), changed(third) | {"file": "next"})["Location"] == page_of(first)
    assert client.post(page_of(first), changed(first) | {"file": "next"})["Location"] == reverse("reviews:queue")


def test_the_list_says_how_much_is_done_and_where_to_go_on(client: Client, three: list[Review]) -> None:
    file(three[0])
    page = text(client, reverse("reviews:queue"))
    assert "1 of 3" in page
    assert f'href="{page_of(three[1])}" data-key="j"' in page


def test_the_meaning_of_each_score_and_the_weighted_mean_stand_on_the_page(client: Client, expert: User) -> None:
    review = make_review(make_case(), expert)
    first, *_rest = review.application.round.criteria.all()
    first.weight = 3
    first.save(update_fields=["weight"])
    names = [f"criterion_{criterion.pk}" for criterion in review.application.round.criteria.all()]
    typed(client, review, {names[0]: "5", names[1]: "1"})
    page = text(client, page_of(review))
    assert "A leading question that only these samples can answer" in page
    assert "weight 3" in page
    assert "<strong>4.00</strong>" in page, "(3 × 5 + 1 × 1) / 4"
    assert "2 of 6 scored" in page


def test_the_page_takes_the_same_few_queries_for_one_and_three_of_everything(client: Client, expert: User) -> None:
    review, _row = make_review_with_file(expert)

    def count(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    page, facts = count(page_of(review)), count(reverse("desk:facts", args=[review.pk]))
    for _number in range(2):
        make_review(make_case(round=None), expert)
    assert (count(page_of(review)), count(reverse("desk:facts", args=[review.pk]))) == (page, facts)
    assert page <= 13, [query["sql"][:90] for query in connection.queries_log]


def test_images_and_links_of_an_applicant_stay_text(client: Client, expert: User) -> None:
    evil = '<img src="https://evil.example/x.png"><a href="https://evil.example" ping="https://evil.example/p">x</a> url(https://evil.example)'
    review = make_review(make_case(plan=evil, title=f"Title {evil}"), expert)
    page = text(client, page_of(review))
    assert "evil.example" in page
    assert "<img src=" not in page
    assert 'href="https://evil' not in page
