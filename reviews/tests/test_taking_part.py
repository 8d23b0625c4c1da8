"""An invited applicant sees the own time alone, answers, hands in slides until the deadline, and is reminded."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tests.make import make_user
from applications.actions import accept_invitation, clear_orphans, invite_member, withdraw_application
from applications.files.faults import FileRefused
from applications.models import Part, Upload
from applications.tests.pdfs import good, with_metadata
from letters.models import Mail
from reviews.actions import (
    TooLate,
    cancel_hearing,
    confirm_hearing,
    give_video_address,
    hand_in_slides,
    invite_to_hearing,
    miss_hearing,
    remind_of_hearings,
)
from reviews.models import Deck, Slot, Way
from reviews.tests.hearings import let_begin, let_pass, make_hearing, make_seat, make_slot, shut_out_of, slot_again
from reviews.tests.make import browser_of, file, make_case, make_cases, make_review, seen_again
from reviews.workflow import SlotStatus
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


def page_of(slot: Slot) -> str:
    return reverse("reviews:own_hearing", args=[slot.application.reference])


def pdf(words: str = "") -> io.BytesIO:
    return io.BytesIO(good(words=words))


# --- The page -------------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_own_time_and_nothing_of_the_others() -> None:
    first, second = make_cases(2)
    hearing = make_hearing(first.round)
    _one, two = invite_to_hearing(hearing, [first, second], by=make_user(None, Role.OFFICER))
    page = browser_of(second.owner).get(page_of(two)).content.decode()
    assert "Wuhan, Hall 2" in page
    assert "counts as withdrawal" in page
    assert first.reference not in page
    assert str(first.owner) not in page
    assert "position" not in page


def test_only_who_may_write_opens_it() -> None:
    slot = make_slot()
    writer, reader = make_user(), make_user()
    for person, part in ((writer, Part.EDIT), (reader, Part.READ)):
        accept_invitation(invite_member(seen_again(slot.application), by=slot.application.owner, email=person.email, part=part), by=person)
    answers = {name: browser_of(person).get(page_of(slot)).status_code for name, person in (
        ("applicant", slot.application.owner), ("writer", writer), ("reader", reader), ("stranger", make_user()),
        ("officer", make_user(None, Role.OFFICER)), ("nobody", None),
    )}  # fmt: skip
    assert answers == {"applicant": 200, "writer": 200, "reader": 404, "stranger": 404, "officer": 404, "nobody": 302}


def test_without_an_invitation_there_is_no_such_page_and_no_link() -> None:
    case = make_case()
    client = browser_of(case.owner)
    url = reverse("reviews:own_hearing", args=[case.reference])
    application_url = reverse("applications:application", args=[case.reference])
    assert client.get(url).status_code == 404
    assert url not in client.get(application_url).content.decode()
    make_slot(case)
    assert client.get(url).status_code == 200
    assert url in client.get(application_url).content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "Your hearing"), ("zh-hans", "8")])
def test_the_page_opens_in_both_languages(language: str, words: str) -> None:
    slot = make_slot()
    slot.application.owner.language = language
    slot.application.owner.save(update_fields=["language"])
    assert words in browser_of(slot.application.owner).get(page_of(slot)).content.decode()


# --- The answer -----------------------------------------------------------------------------------------------------------


def test_the_applicant_confirms_and_may_change_way_and_speaker() -> None:
    slot = make_slot()
    client = browser_of(slot.application.owner)
    assert client.post(page_of(slot), {"confirm": "yes", "speaker": ""}).status_code == 422
    page = client.post(page_of(slot), {"confirm": "yes", "way": "on_site", "speaker": "Ada"}, follow=True).content.decode()
    assert "you take part in the hearing" in page
    client.post(page_of(slot), {"confirm": "yes", "way": "recorded", "speaker": "Bea"})
    slot = slot_again(slot)
    assert (slot.status, slot.way, slot.speaker) == (SlotStatus.CONFIRMED, Way.RECORDED, "Bea")
    assert [change.move for change in slot.history.order_by("sequence")] == ["confirm", "confirm"]


def test_after_the_date_nobody_confirms() -> None:
    slot = make_slot()
    let_pass(slot.hearing, "confirm_by")
    with pytest.raises(TooLate):
        confirm_hearing(slot, by=slot.application.owner, way=Way.ON_SITE, speaker="Ada")
    answer = browser_of(slot.application.owner).post(page_of(slot), {"confirm": "yes", "way": "on_site", "speaker": "Ada"})
    assert answer.status_code == 409
    assert "The date to confirm has passed" in answer.content.decode()
    assert slot_again(slot).status == SlotStatus.INVITED


def test_who_will_not_come_is_withdrawn_only_by_the_office() -> None:
    slot, officer = make_slot(), make_user(None, Role.OFFICER)
    browser_of(slot.application.owner).post(page_of(slot), {"cancel": "yes", "cancel-note": "No visa."})
    assert slot_again(slot).status == SlotStatus.CANCELLED
    assert seen_again(slot.application).status == "invited"
    with pytest.raises(NotPossibleNow):
        confirm_hearing(slot_again(slot), by=slot.application.owner, way=Way.ONLINE, speaker="Ada")
    miss_hearing(slot_again(slot), by=officer)
    assert seen_again(slot.application).status == "withdrawn"
    assert browser_of(slot.application.owner).get(page_of(slot)).status_code == 200


@pytest.mark.parametrize("what", ["confirm", "cancel", "slides", "video"])
def test_a_withdrawn_application_answers_nothing_more(what: str) -> None:
    slot = make_slot()
    withdraw_application(seen_again(slot.application), by=slot.application.owner)
    by = slot.application.owner
    calls: dict[str, Callable[[], object]] = {
        "confirm": lambda: confirm_hearing(slot, by=by, way=Way.ON_SITE, speaker="Ada"),
        "cancel": lambda: cancel_hearing(slot, by=by),
        "slides": lambda: hand_in_slides(slot, by=by, data=pdf(), name="talk.pdf"),
        "video": lambda: give_video_address(slot, by=by, address="https://example.org/v"),
    }
    with pytest.raises(NotPossibleNow):
        calls[what]()
    assert (slot_again(slot).status, Upload.objects.count()) == (SlotStatus.INVITED, 0)


# --- Slides ---------------------------------------------------------------------------------------------------------------


def test_slides_are_checked_kept_and_replaced_and_the_earlier_ones_stay() -> None:
    slot = make_slot()
    client = browser_of(slot.application.owner)
    for name, words in (("first.pdf", "one"), ("second.pdf", "two")):
        sent = SimpleUploadedFile(name, good(words=words), "application/pdf")
        assert client.post(page_of(slot), {"slides": "yes", "file": sent}).status_code == 302
    first, second = Deck.objects.order_by("pk")
    assert slot_again(slot).slides == second.upload
    page = client.get(page_of(slot)).content.decode()
    assert page.rindex("second.pdf") < page.rindex("first.pdf")
    assert client.get(reverse("reviews:own_slides", args=[slot.application.reference, first.pk])).status_code == 200
    clear_orphans(now=timezone.now() + timedelta(days=3))
    assert client.get(reverse("reviews:own_slides", args=[slot.application.reference, first.pk])).status_code == 200, "slides are no orphans"


def test_the_committee_gets_the_copy_without_metadata() -> None:
    officer = make_user(None, Role.OFFICER)
    slot = make_slot(by=officer)
    hand_in_slides(slot, by=slot.application.owner, data=io.BytesIO(with_metadata()), name="talk.pdf")
    answer = browser_of(officer).get(
        reverse("reviews:office_slides", args=[slot.application.round.slug, slot.hearing_id, slot.application.reference])
    )
    assert answer.status_code == 200
    assert b"Jane Hidden" not in answer.content


def test_slides_after_the_deadline_are_refused_and_nothing_is_kept() -> None:
    slot = make_slot()
    deck = hand_in_slides(slot, by=slot.application.owner, data=pdf("in time"), name="talk.pdf")
    let_pass(slot.hearing, "slides_due_at")
    with pytest.raises(TooLate):
        hand_in_slides(slot, by=slot.application.owner, data=pdf("late"), name="late.pdf")
    with pytest.raises(TooLate):
        give_video_address(slot, by=slot.application.owner, address="https://example.org/late")
    client = browser_of(slot.application.owner)
    answer = client.post(page_of(slot), {"slides": "yes", "file": SimpleUploadedFile("late.pdf", good(), "application/pdf")})
    assert answer.status_code == 409
    assert "The date for slides has passed" in answer.content.decode()
    assert "talk.pdf" in answer.content.decode()
    assert (slot_again(slot).slides, Upload.objects.count()) == (deck.upload, 1)


def test_what_is_no_pdf_is_refused_with_the_reason() -> None:
    slot = make_slot()
    with pytest.raises(FileRefused):
        hand_in_slides(slot, by=slot.application.owner, data=io.BytesIO(b"PK\x03\x04 slides"), name="talk.pdf")
    answer = browser_of(slot.application.owner).post(page_of(slot), {"slides": "yes", "file": SimpleUploadedFile("talk.pptx", b"PK\x03\x04")})
    assert answer.status_code == 409
    assert ".pdf" in answer.content.decode()
    assert browser_of(slot.application.owner).post(page_of(slot), {"slides": "yes"}).status_code == 409
    assert not Deck.objects.exists()


@pytest.mark.parametrize(
    "address", ["http://example.org/v", "ftp://example.org/v", "javascript:alert(1)", "https://", "https://me:secret@example.org/v"]
)
def test_only_an_https_address_without_secrets_is_taken(address: str) -> None:
    slot = make_slot()
    client = browser_of(slot.application.owner)
    assert client.post(page_of(slot), {"video": "yes", "video-address": address}).status_code == 422
    assert slot_again(slot).video_address == ""
    assert client.post(page_of(slot), {"video": "yes", "video-address": "https://example.org/v"}).status_code == 302
    assert slot_again(slot).video_address == "https://example.org/v"


# --- Reminders ------------------------------------------------------------------------------------------------------------


def reminders() -> list[str]:
    return sorted(key.split(":")[0] for key in Mail.objects.filter(key__startswith="hearing-").values_list("key", flat=True))


def test_two_days_before_each_date_whoever_has_not_answered_hears_so_once() -> None:
    slot = make_slot()
    hearing, now = slot.hearing, timezone.now()
    assert remind_of_hearings(now=now) == 0
    for _twice in range(2):
        remind_of_hearings(now=hearing.confirm_by - timedelta(hours=47))
    assert reminders() == ["hearing-confirm"]
    remind_of_hearings(now=hearing.slides_due_at - timedelta(hours=47))
    assert reminders() == ["hearing-confirm", "hearing-slides"]
    mail = Mail.objects.get(key__startswith="hearing-slides")
    assert page_of(slot) in mail.body


def test_who_has_done_it_is_not_reminded() -> None:
    slot = make_slot()
    confirm_hearing(slot, by=slot.application.owner, way=Way.ON_SITE, speaker="Ada")
    hand_in_slides(slot_again(slot), by=slot.application.owner, data=pdf(), name="talk.pdf")
    for date in (slot.hearing.confirm_by, slot.hearing.slides_due_at):
        remind_of_hearings(now=date - timedelta(hours=1))
    assert reminders() == []


def test_a_promised_video_that_is_missing_is_asked_for() -> None:
    slot = make_slot()
    confirm_hearing(slot, by=slot.application.owner, way=Way.RECORDED, speaker="Ada")
    hand_in_slides(slot_again(slot), by=slot.application.owner, data=pdf(), name="talk.pdf")
    assert remind_of_hearings(now=slot.hearing.slides_due_at - timedelta(hours=1)) == 1


def test_who_withdrew_or_cancelled_is_not_reminded() -> None:
    gone, cancelled = make_slot(), make_slot()
    withdraw_application(seen_again(gone.application), by=gone.application.owner)
    cancel_hearing(cancelled, by=cancelled.application.owner)
    assert remind_of_hearings(now=gone.hearing.confirm_by - timedelta(hours=1)) == 0


# --- The experts ----------------------------------------------------------------------------------------------------------


def test_an_expert_reads_the_own_cases_in_order_and_no_times() -> None:
    first, second, third = make_cases(3)
    expert = make_user(None, Role.EXPERT)
    for case in (first, third):
        make_review(case, expert)
    invite_to_hearing(make_hearing(first.round), [seen_again(third), seen_again(second), seen_again(first)], by=make_user(None, Role.OFFICER))
    page = browser_of(expert).get(reverse("reviews:hearings")).content.decode()
    assert page.index(third.reference) < page.index(first.reference)
    assert second.reference not in page


def test_a_shut_out_expert_reads_the_page_as_if_that_case_were_not_heard() -> None:
    """The same page in two worlds: the case is heard between two others, or it is not heard at all."""
    pages = []
    for is_heard in (False, True):
        first, second, third = make_cases(3, title="Same title", owner=make_user(full_name="Same Owner"))
        expert = make_user(None, Role.EXPERT)
        reviews = [make_review(case, expert) for case in (first, second, third)]
        shut_out_of(expert, second)
        cases = [seen_again(case) for case in ((first, second, third) if is_heard else (first, third))]
        moment = timezone.now().replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=20)
        hearing = make_hearing(first.round, starts_at=moment)
        invite_to_hearing(hearing, cases, by=make_user(None, Role.OFFICER))
        page = browser_of(expert).get(reverse("reviews:hearings")).content.decode().split("<main")[1].split("</main>")[0]
        names = {
            first.reference: "A",
            third.reference: "B",
            f"/{reviews[0].pk}/": "/1/",
            f"/{reviews[2].pk}/": "/2/",
            f"hearing{hearing.pk}": "hearing",
        }
        assert first.institution is not None
        assert third.institution is not None
        names |= {str(first.institution.name_en): "I", str(third.institution.name_en): "I", first.round.title_en: "R"}
        for name, other in names.items():
            page = page.replace(name, other)
        pages.append(page)
    assert pages[0] == pages[1]


def test_slides_open_to_an_expert_once_the_own_review_is_filed() -> None:
    case = make_case()
    review = make_review(case)
    slot = make_slot(seen_again(case))
    hand_in_slides(slot, by=case.owner, data=pdf(), name="talk.pdf")
    client, url = browser_of(review.expert), reverse("reviews:slides", args=[review.pk])
    assert client.get(url).status_code == 404
    assert url not in client.get(reverse("reviews:hearings")).content.decode()
    review.refresh_from_db()
    review.application = seen_again(case)
    file(review)
    assert client.get(url).status_code == 200
    assert url in client.get(reverse("reviews:hearings")).content.decode()
    assert browser_of(make_user(None, Role.EXPERT)).get(url).status_code == 404
    shut_out_of(review.expert, case)
    assert client.get(url).status_code == 404


def test_only_experts_open_the_programme() -> None:
    slot = make_slot()
    let_begin(slot.hearing)
    make_seat(slot.application.round)
    url = reverse("reviews:hearings")
    roles = (Role.EXPERT, Role.OFFICER, Role.APPROVER, Role.CURATOR, Role.ADMINISTRATOR)
    assert [browser_of(make_user(None, role)).get(url).status_code for role in roles] == [200, 403, 403, 403, 403]
