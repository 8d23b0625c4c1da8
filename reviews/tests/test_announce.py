"""The approver's page: what would leave, the typed number, the recall, and what became of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from applications.workflow import Status
from institutions.tests.make import make_membership
from letters.models import Letter
from reviews.actions import run_announcements
from reviews.models import Announcement
from reviews.tests.make import announce, browser_of, decide, file, make_case, make_cases, make_review, seen_again
from reviews.tests.test_record import traces
from reviews.workflow import BEGIN, AnnouncementStatus, Outcome
from rounds.models import Round
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def approver() -> User:
    return make_user(None, Role.APPROVER)


@pytest.fixture
def client(approver: User) -> Client:
    return browser_of(approver)


def page_of(round: Round) -> str:
    return reverse("reviews:announce", args=[round.slug])


def decided(count: int, round: Round | None = None) -> tuple[Round, list[Application]]:
    """A round of which so many decisions wait, with half an hour to recall them."""
    cases = make_cases(count, round or make_round(recall_minutes=30))
    officer = make_user(None, Role.OFFICER)
    for application in cases:
        decide(application, officer=officer)
    return cases[0].round, [seen_again(application) for application in cases]


def past_the_window() -> None:
    Announcement.objects.update(starts_at=timezone.now() - timedelta(seconds=1))


def test_the_page_lists_what_would_leave_and_asks_for_the_number(client: Client) -> None:
    round, cases = decided(2)
    page = client.get(page_of(round)).content.decode()
    assert "2 letters will be written." in page
    assert "It begins after 30 minutes" in page
    for application in cases:
        row = page.partition(application.reference)[2].partition("</tr>")[0]
        assert "Approved" in row
        assert "CE5C0600" in row
        assert application.owner.full_name in row


def test_the_right_number_confirms_and_nothing_has_moved_yet(client: Client, approver: User) -> None:
    round, cases = decided(2)
    before = [traces(application) for application in cases]
    answer = client.post(page_of(round), {"announce": "yes", "count": 2}, follow=True)
    page = answer.content.decode()
    assert "The announcement is confirmed." in page
    assert "Recall the announcement" in page
    assert "No decision waits for an announcement." in page
    announcement = Announcement.objects.get()
    assert (announcement.by, announcement.status, announcement.items.count()) == (approver, AnnouncementStatus.SCHEDULED, 2)
    assert announcement.starts_at - announcement.confirmed_at == timedelta(minutes=30)
    assert run_announcements() == 0
    assert [traces(application) for application in cases] == before


WRONG_NUMBERS = [
    ("1", "The number of decisions has changed to 2."),
    ("3", "The number of decisions has changed to 2."),
    ("0", "Ensure this value is greater than or equal to 1."),
    ("", "This field is required."),
    ("two", "Enter a whole number."),
]


def test_another_number_is_asked_back_and_nothing_is_confirmed(client: Client) -> None:
    round, _ = decided(2)
    for count, sentence in WRONG_NUMBERS:
        answer = client.post(page_of(round), {"announce": "yes", "count": count})
        assert answer.status_code == 422, count
        assert sentence in answer.content.decode(), count
    assert not Announcement.objects.exists()


def test_where_nothing_waits_nothing_is_announced(client: Client) -> None:
    round = make_case().round
    assert "No decision waits for an announcement." in client.get(page_of(round)).content.decode()
    answer = client.post(page_of(round), {"announce": "yes", "count": 1})
    assert answer.status_code == 422
    assert not Announcement.objects.exists()


def test_who_recorded_a_decision_reads_why_another_has_to_announce(client: Client, approver: User) -> None:
    round, _ = decided(1)
    both = make_user(None, Role.OFFICER, Role.APPROVER)
    other_round = make_round(*round.samples.all(), recall_minutes=30)
    decide(make_case(other_round), officer=both)
    page = browser_of(both).get(page_of(other_round)).content.decode()
    assert "You have recorded a decision or filed a review in this round" in page
    assert 'name="announce"' not in page
    assert browser_of(both).post(page_of(other_round), {"announce": "yes", "count": 1}).status_code == 403
    assert not Announcement.objects.exists()
    assert browser_of(both).post(page_of(round), {"announce": "yes", "count": 1}).status_code == 302, "in another round the person may"


def test_who_filed_a_review_reads_why_another_has_to_announce() -> None:
    both = make_user(None, Role.EXPERT, Role.APPROVER)
    application = make_case(make_round(recall_minutes=30))
    file(make_review(application, both))
    decide(application)
    page = browser_of(both).get(page_of(application.round)).content.decode()
    assert "You have recorded a decision or filed a review in this round" in page
    assert browser_of(both).post(page_of(application.round), {"announce": "yes", "count": 1}).status_code == 403
    assert not Announcement.objects.exists()


def test_an_approver_with_a_tie_announces_the_rest_and_the_number_says_so(client: Client, approver: User) -> None:
    round, (tied, other) = decided(2)
    assert tied.institution is not None
    make_membership(approver, tied.institution)
    page = client.get(page_of(round)).content.decode()
    assert tied.reference not in page
    assert "1 letter will be written." in page
    assert client.post(page_of(round), {"announce": "yes", "count": 2}).status_code == 422
    client.post(page_of(round), {"announce": "yes", "count": 1})
    past_the_window()
    run_announcements()
    assert seen_again(other).status == Status.APPROVED
    assert seen_again(tied).status == Status.IN_REVIEW
    assert "1 letter will be written." in browser_of(make_user(None, Role.APPROVER)).get(page_of(round)).content.decode()


def test_within_the_window_a_recall_leaves_everything_as_it_was(client: Client) -> None:
    round, cases = decided(2)
    before = [traces(application) for application in cases]
    client.post(page_of(round), {"announce": "yes", "count": 2})
    answer = client.post(page_of(round), {"recall": Announcement.objects.get().pk}, follow=True)
    assert "The announcement is recalled. Nothing has moved." in answer.content.decode()
    past_the_window()
    assert run_announcements() == 0
    assert [traces(application) for application in cases] == before
    assert "2 letters will be written." in client.get(page_of(round)).content.decode()


def test_after_the_window_a_recall_is_refused_with_the_reason(client: Client) -> None:
    round, cases = decided(1)
    client.post(page_of(round), {"announce": "yes", "count": 1})
    announcement = Announcement.objects.get()
    past_the_window()
    assert "Recall the announcement" not in client.get(page_of(round)).content.decode()
    sentence = "The recall window has passed; the announcement is being carried out."
    assert sentence in client.post(page_of(round), {"recall": announcement.pk}, follow=True).content.decode()
    run_announcements()
    assert sentence in client.post(page_of(round), {"recall": announcement.pk}, follow=True).content.decode()
    assert seen_again(cases[0]).status == Status.APPROVED


def test_a_second_recall_and_the_recall_of_an_older_one_stop_nothing_else(client: Client) -> None:
    round, _ = decided(1)
    client.post(page_of(round), {"announce": "yes", "count": 1})
    first = Announcement.objects.get()
    client.post(page_of(round), {"recall": first.pk})
    client.post(page_of(round), {"announce": "yes", "count": 1})
    answer = client.post(page_of(round), {"recall": first.pk}, follow=True)
    assert "This is not possible any more" in answer.content.decode()
    assert Announcement.objects.get(status=AnnouncementStatus.SCHEDULED) != first


def test_a_senseless_recall_finds_nothing(client: Client) -> None:
    round, _ = decided(1)
    client.post(page_of(round), {"announce": "yes", "count": 1})
    for key in ("", "yes", "-1", "0", "99999999999999999999"):
        assert client.post(page_of(round), {"recall": key}).status_code == 404, key


def test_another_approver_neither_sees_nor_recalls_it(client: Client) -> None:
    round, cases = decided(1)
    client.post(page_of(round), {"announce": "yes", "count": 1})
    other = browser_of(make_user(None, Role.APPROVER))
    page = other.get(page_of(round)).content.decode()
    assert cases[0].reference not in page
    assert "Recall" not in page
    assert other.post(page_of(round), {"recall": Announcement.objects.get().pk}).status_code == 404
    assert other.post(page_of(round), {"announce": "yes", "count": 1}).status_code == 422


def test_a_running_announcement_is_stopped_and_goes_on_by_its_buttons(client: Client) -> None:
    round, cases = decided(1)
    client.post(page_of(round), {"announce": "yes", "count": "1"})
    announcement = Announcement.objects.get()
    announcement.advance(BEGIN, by=None)
    page = client.get(page_of(round)).content.decode()
    assert f'name="stop" value="{announcement.pk}"' in page
    assert 'name="recall"' not in page
    client.post(page_of(round), {"stop": announcement.pk})
    page = client.get(page_of(round)).content.decode()
    assert "Nothing of it is visible" in page
    assert run_announcements() == 0
    client.post(page_of(round), {"go_on": announcement.pk})
    assert run_announcements() == 1
    assert seen_again(cases[0]).shown_status == Status.APPROVED


def test_another_approver_stops_nothing(client: Client) -> None:
    round, _cases = decided(1)
    client.post(page_of(round), {"announce": "yes", "count": "1"})
    announcement = Announcement.objects.get()
    announcement.advance(BEGIN, by=None)
    assert browser_of(make_user(None, Role.APPROVER)).post(page_of(round), {"stop": announcement.pk}).status_code == 404
    announcement.refresh_from_db()
    assert announcement.status == AnnouncementStatus.RUNNING


def test_an_approver_proves_who_they_are_before_announcing_and_recalls_without(client: Client) -> None:
    round, _cases = decided(1)
    client.post(page_of(round), {"announce": "yes", "count": "1"})
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    assert client.get(page_of(round)).status_code == 200
    client.post(page_of(round), {"recall": Announcement.objects.get().pk})
    assert Announcement.objects.get().status == AnnouncementStatus.RECALLED
    answer = client.post(page_of(round), {"announce": "yes", "count": "1"})
    assert "reauthenticate" in answer["Location"]
    assert Announcement.objects.count() == 1


def test_the_list_says_how_each_status_changes_and_opens_each_letter(client: Client) -> None:
    round, (case,) = decided(1, make_round())
    page = client.get(page_of(round)).content.decode()
    assert "In review → Approved" in page
    address = reverse("reviews:announce_letter", args=[round.slug, case.reference])
    assert address in page
    letter = client.get(address).content.decode()
    assert "is approved" in letter
    assert "批准" in letter
    assert not Letter.objects.filter(kind="decision").exists()
    announce(round)
    assert client.get(address).status_code == 404


def test_a_second_confirmation_while_one_is_under_way_is_refused(client: Client) -> None:
    round = make_round(recall_minutes=30)
    first, second = make_cases(2, round)
    decide(first)
    client.post(page_of(first.round), {"announce": "yes", "count": 1})
    decide(second)
    answer = client.post(page_of(first.round), {"announce": "yes", "count": 1})
    assert answer.status_code == 422
    assert "An announcement of yours is already under way in this round." in answer.content.decode()
    assert Announcement.objects.count() == 1


def test_afterwards_the_page_says_since_when_it_is_visible_and_how_many_left(client: Client) -> None:
    round, _ = decided(2)
    client.post(page_of(round), {"announce": "yes", "count": 2})
    past_the_window()
    run_announcements()
    page = client.get(page_of(round)).content.decode()
    assert "Visible to everyone concerned since" in page
    assert "Recall the announcement" not in page
    assert Letter.objects.filter(kind="decision", status="valid").count() == 2


def test_a_withdrawn_application_is_listed_with_its_cause(client: Client) -> None:
    round, (gone, other) = decided(2)
    client.post(page_of(round), {"announce": "yes", "count": 2})
    withdraw_application(Application.objects.get(pk=gone.pk), by=gone.owner)
    past_the_window()
    run_announcements()
    page = client.get(page_of(round)).content.decode()
    assert "Not announced, with the cause" in page
    assert f'<span class="number">{gone.reference}</span>: The applicant has withdrawn the application.' in page
    assert seen_again(other).status == Status.APPROVED


def test_declined_and_reserve_are_announced_with_their_words(client: Client) -> None:
    declined, reserved = make_cases(2, make_round(recall_minutes=30))
    decide(declined, outcome=Outcome.DECLINED)
    decide(reserved, outcome=Outcome.RESERVE)
    page = client.get(page_of(declined.round)).content.decode()
    assert "Declined" in page.partition(declined.reference)[2].partition("</tr>")[0]
    assert "In reserve" in page.partition(reserved.reference)[2].partition("</tr>")[0]
    client.post(page_of(declined.round), {"announce": "yes", "count": 2})
    past_the_window()
    run_announcements()
    assert (seen_again(declined).status, seen_again(reserved).status) == (Status.DECLINED, Status.RESERVE)


def test_markup_in_titles_and_names_is_shown_as_text(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    application = make_case(make_round(recall_minutes=30), title=evil, owner=make_user(full_name=f"Name {evil}"))
    decide(application)
    page = client.get(page_of(application.round)).content.decode()
    assert evil not in page
    assert page.count("&lt;script&gt;") == 2
