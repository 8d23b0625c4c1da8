"""The applicant's pages: whose they are, what they say, and what they cost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.make import make_user
from applications.actions import choose_institution, restore_answers, revise_application, start_application, start_version, submit_application
from applications.models import Application
from applications.questions import parts_of
from applications.tests.make import form_words, make_at, make_draft, make_returned, make_submitted, the_draft
from applications.workflow import Status
from institutions.actions import merge_institutions
from institutions.models import Institution, Kind
from institutions.tests.make import make_country, make_institution, make_membership
from letters.models import Letter
from letters.post import print_letter
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.tests.make import make_sample

CLOSING = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
SECTIONS = tuple(parts_of("research"))
MOST_STATEMENTS = 24  # of any page of an application
pytestmark = pytest.mark.django_db


def url(name: str, application: Application, *more: str) -> str:
    return reverse(f"applications:{name}", args=[application.reference, *more])


def addresses(reference: str) -> list[str]:
    """Every address that names an application."""
    pages = [reverse(f"applications:{name}", args=[reference]) for name in ("application", "check", "submit", "receipt", "withdraw")]
    return pages + [reverse("applications:edit", args=[reference, section]) for section in SECTIONS]


def text(answer: Any) -> str:
    return str(answer.content.decode())


# --- Whose it is ----------------------------------------------------------------------------------------------------------


def test_an_application_of_somebody_else_is_404_like_one_that_does_not_exist(client: Client) -> None:
    application = make_submitted()
    start_version(application, by=application.owner)
    client.force_login(make_user())
    for theirs, nobodys in zip(addresses(application.reference), addresses("LSA-2026-99999"), strict=True):
        for method, words in (("get", {}), ("post", {"key": str(uuid4()), "start": "yes"})):
            answers = [getattr(client, method)(address, words) for address in (theirs, nobodys)]
            assert [answer.status_code for answer in answers] == [405, 405] if method == "get" and "/submit/" in theirs else [404, 404]
            bodies = [TOKEN.sub("", text(answer)) for answer in answers]
            assert bodies[0].replace(application.reference, "") == bodies[1].replace("LSA-2026-99999", "")
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    application = make_draft()
    for address in (*addresses(application.reference), reverse("applications:list"), reverse("applications:new")):
        answer = client.post(address) if "/submit/" in address else client.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/")


def test_the_list_holds_the_own_applications_only(client: Client) -> None:
    round = make_round()
    own, other = make_draft(round, title="Mine alone"), make_draft(round, title="Somebody else's")
    client.force_login(own.owner)
    page = text(client.get(reverse("applications:list")))
    assert "Mine alone" in page
    assert "Somebody else" not in page
    assert other.reference not in page


# --- What it costs --------------------------------------------------------------------------------------------------------


def test_the_list_costs_the_same_with_one_and_with_three_rows(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    round, owner = make_round(), make_user()
    client.force_login(owner)
    client.get(reverse("applications:list"))
    make_submitted(round, owner=owner)
    with django_assert_num_queries(4):
        client.get(reverse("applications:list"))
    make_draft(round, owner=owner)
    start_version(make_submitted(round, owner=owner), by=owner)
    with django_assert_num_queries(4):
        client.get(reverse("applications:list"))


def test_every_page_of_an_application_costs_the_same_however_long_its_life(client: Client) -> None:
    samples = [make_sample(number, mass_ug=100_000) for number in ("CE5C0600", "CE5C0400", "CE5C0800")]
    round, owner = make_round(*samples), make_user()
    client.force_login(owner)
    short = make_submitted(round, owner=owner, lines=[(samples[0], 1_000)])
    long = make_submitted(round, owner=owner, lines=[(sample, 1_000) for sample in samples])
    for _version in range(2):
        start_version(long, by=owner)
        submit_application(long, by=owner, key=uuid4())
        long.refresh_from_db()
    for application in (short, long):
        start_version(application, by=owner)
    pages = [("application", ()), ("check", ()), ("receipt", ()), ("team", ()), *(("edit", (part,)) for part in SECTIONS)]
    client.get(url("application", short))
    client.get(url("edit", short, "samples"))  # the first reader of an hour counts what is asked for
    for name, more in pages:
        costs = []
        for application in (short, long):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(name, application, *more)).status_code == 200
            costs.append(len(captured))
        assert costs[0] == costs[1], (name, more, costs)
        assert costs[0] <= MOST_STATEMENTS, (name, more, costs)


def test_fifty_rows_make_a_page_and_the_next_begins_behind_them(client: Client) -> None:
    round, owner = make_round(), make_user()
    Application.objects.bulk_create([Application(reference=f"LSA-2025-{number:05d}", round=round, owner=owner) for number in range(1, 53)])
    client.force_login(owner)
    first = client.get(reverse("applications:list"))
    assert [row["application"].reference for row in first.context["rows"]][:2] == ["LSA-2025-00052", "LSA-2025-00051"]
    second = client.get(reverse("applications:list") + first.context["next_url"])
    assert [row["application"].reference for row in second.context["rows"]] == ["LSA-2025-00002", "LSA-2025-00001"]
    assert second.context["next_url"] == ""


# --- What it says ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_word_its_next_step_and_a_timeline_on_every_page(client: Client, status: Status) -> None:
    application = make_at(status)
    client.force_login(application.owner)
    page = client.get(url("application", application))
    assert str(status.label) in text(page)
    assert page.context["next"].text
    assert page.context["steps"][0].label == "Started"
    for name in ("check", "receipt", "withdraw"):
        assert str(status.label) in text(client.get(url(name, application), follow=True))
    assert str(status.label) in text(client.get(reverse("applications:list")))


def test_a_draft_shows_how_far_each_part_is_and_the_deadline_in_three_zones(client: Client) -> None:
    with time_machine.travel(CLOSING - timedelta(days=3), tick=False):
        owner = make_user(time_zone="Europe/Paris")
        client.force_login(owner)
        client.post(reverse("applications:new"), {"round": make_round(closes_at=CLOSING).slug})
        application = Application.objects.get()
        revise_application(the_draft(application), by=owner, seen_revision=0, title="Half")
        page = text(client.get(url("application", application)))
    assert page.count("Not started") == 9
    assert "In progress" in page
    assert "22 December 2026, 24:00 Beijing time (UTC+8)" in page
    assert "22 December 2026, 16:00 UTC" in page
    assert "your time: 22 December 2026, 17:00 (Europe/Paris)" in page


def test_a_version_beside_the_submitted_one_is_named_on_every_page(client: Client) -> None:
    application = make_submitted()
    start_version(application, by=application.owner)
    client.force_login(application.owner)
    for address in (url("application", application), url("check", application), url("edit", application, "research"), reverse("applications:list")):
        page = text(client.get(address))
        assert "Submitted" in page
        assert "Version 2 not submitted" in page


def test_the_receipt_page_proves_what_was_handed_in(client: Client) -> None:
    application = make_submitted()
    client.force_login(application.owner)
    receipt = application.receipts.get()
    page = text(client.get(url("receipt", application)))
    for word in (receipt.number, receipt.digest, receipt.canonical_at, "Pick beads in nitrogen", "10.0\xa0mg", "Waiting to be printed"):
        assert word in page
    letter = Letter.objects.get()
    print_letter(letter.pk)
    assert reverse("letters:pdf", args=[letter.number]) in text(client.get(url("receipt", application)))


def test_an_earlier_receipt_stays_and_says_that_it_is_replaced(client: Client) -> None:
    application = make_submitted()
    draft = start_version(application, by=application.owner)
    revise_application(draft, by=application.owner, seen_revision=0, plan="Another plan.")
    submit_application(application, by=application.owner, key=uuid4())
    client.force_login(application.owner)
    first, last = text(client.get(url("receipt", application) + "?version=1")), text(client.get(url("receipt", application)))
    assert "A later version has replaced this one." in first
    assert "Pick beads in nitrogen" in first
    assert "Another plan." in last
    assert "Changed against the version before: Plan" in " ".join(last.split())
    assert client.get(url("receipt", application) + "?version=3").status_code == 404


# --- Starting -------------------------------------------------------------------------------------------------------------


def test_only_open_rounds_can_be_chosen_and_the_named_one_is_chosen_first(client: Client) -> None:
    sample = make_sample()
    closed, opened, other = close_round(make_round(sample)), make_round(sample), make_round(sample)
    client.force_login(make_user())
    page = client.get(reverse("applications:new") + f"?round={opened.slug}")
    assert [round.slug for round in page.context["rounds"]] == [round.slug for round in Round.objects.open().for_list()]
    assert page.context["chosen"] == opened.slug
    assert closed.slug not in text(page)
    assert other.slug in text(page)
    assert "does not take applications at the moment" in text(client.get(reverse("applications:new") + f"?round={closed.slug}"))
    refused = client.post(reverse("applications:new"), {"round": closed.slug})
    assert refused.status_code == 422
    assert Application.objects.count() == 0


def test_a_start_without_a_round_says_so(client: Client) -> None:
    make_round()
    client.force_login(make_user())
    answer = client.post(reverse("applications:new"), {})
    assert answer.status_code == 422
    assert "Choose a round." in text(answer)
    assert "<title>Error:" in text(answer)


def test_without_an_open_round_the_page_says_so(client: Client) -> None:
    client.force_login(make_user())
    assert "No round is open at the moment." in text(client.get(reverse("applications:new")))


def test_a_double_click_on_start_leads_to_one_draft_with_the_own_institution(client: Client) -> None:
    round, owner, home = make_round(), make_user(), make_institution()
    make_membership(owner, home)
    client.force_login(owner)
    addresses = {client.post(reverse("applications:new"), {"round": round.slug}).headers["Location"] for _click in range(2)}
    assert len(addresses) == 1
    assert the_draft(Application.objects.get()).institution == home


# --- The research part ----------------------------------------------------------------------------------------------------


def research(application: Application, **words: str) -> dict[str, str]:
    """What the browser sends from the research part as it stands now, with these words typed."""
    return form_words(application, "research", **({"title": "T", "research_question": "Q", "plan": "P"} | words))


def test_a_draft_is_saved_with_gaps_and_the_reader_returns_to_where_the_link_was(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    address = url("edit", application, "research")
    assert client.post(address, research(application, plan="", save="yes")).headers["Location"] == url("application", application)
    assert the_draft(application).plan == ""
    assert client.post(address, research(application, next="yes")).headers["Location"] == url("edit", application, "samples")
    assert 'name="back" value="check"' in text(client.get(address + "?back=check"))
    assert client.post(address, research(application, back="check", save="yes")).headers["Location"] == url("check", application)
    assert "Saved. Nothing is submitted yet." in text(client.get(url("check", application)))


def test_line_ends_and_scripts_of_every_kind_are_kept(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    client.post(url("edit", application, "research"), research(application, plan="one\r\ntwo\rthree\n<b>四</b>"))
    assert the_draft(application).plan == "one\ntwo\nthree\n<b>四</b>"
    assert "&lt;b&gt;四&lt;/b&gt;" in text(client.get(url("check", application)))


def test_a_title_that_is_too_long_is_kept_and_marked_with_the_reason(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    page = text(client.post(url("edit", application, "research"), research(application, title="x" * 301, save="yes"), follow=True))
    assert the_draft(application).title == "x" * 301
    assert "This is 1 character too long: at most 300 are possible." in page
    assert "<title>Error:" in page
    assert "#id_title" in page
    assert "Title: This is 1 character too long" in text(client.get(url("check", application)))


def test_two_people_at_one_answer_see_both_texts_and_none_is_lost(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    typed = research(application, plan="Typed in the older tab")
    revise_application(the_draft(application), by=application.owner, seen_revision=2, plan="Stored by the newer tab")
    answer = client.post(url("edit", application, "research"), typed)
    assert answer.status_code == 409
    assert "Typed in the older tab" in text(answer)
    assert "Stored by the newer tab" in text(answer)
    assert (the_draft(application).plan, the_draft(application).title) == ("Stored by the newer tab", "T")
    aside = the_draft(application).savings.get(is_aside=True)
    assert aside.answers == {"plan": "Typed in the older tab"}
    shown = dict(re.findall(r'name="(base-[^"]+)" value="([^"]*)"', text(answer)))
    client.post(url("edit", application, "research"), typed | shown)
    assert the_draft(application).plan == "Typed in the older tab"


def test_two_people_at_different_answers_do_not_disturb_each_other(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    typed = form_words(application, "research", title="Mine")
    revise_application(the_draft(application), by=application.owner, seen_revision=2, plan="Theirs")
    assert client.post(url("edit", application, "research"), typed).status_code == 302
    assert (the_draft(application).title, the_draft(application).plan) == ("Mine", "Theirs")


def test_the_script_saves_right_and_wrong_and_is_told_what_is_wrong(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    words = form_words(application, "schedule", loan_months="99", schedule="Week by week")
    answer = client.post(url("edit", application, "schedule"), words, headers={"X-Autosave": "yes"}).json()
    assert answer["wrong"] == {"loan_months": "A loan of this round lasts at most 12 months."}
    assert answer["conflicts"] == {}
    assert the_draft(application).answers["loan_months"] == "99"
    again = words | {f"base-{name}": base for name, base in answer["bases"].items()} | {"schedule": "Day by day"}
    assert client.post(url("edit", application, "schedule"), again, headers={"X-Autosave": "yes"}).json()["conflicts"] == {}
    assert the_draft(application).answers["schedule"] == "Day by day"


def test_the_script_learns_of_another_text_with_its_writer(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    words = form_words(application, "storage", storage="Mine")
    revise_application(the_draft(application), by=application.owner, seen_revision=2, storage="Theirs")
    answer = client.post(url("edit", application, "storage"), words, headers={"X-Autosave": "yes"}).json()
    assert answer["conflicts"]["storage"]["text"] == "Theirs"
    assert answer["conflicts"]["storage"]["by"] == str(application.owner)
    assert "storage" not in answer["bases"]
    assert the_draft(application).answers["storage"] == "Theirs"


def test_every_saved_state_can_be_read_and_put_back(client: Client) -> None:
    application = make_draft()
    client.force_login(application.owner)
    the_draft(application).savings.update(began_at=timezone.now() - timedelta(hours=2))
    revise_application(the_draft(application), by=application.owner, seen_revision=2, storage="In the first safe")
    the_draft(application).savings.update(began_at=timezone.now() - timedelta(hours=1))
    revise_application(
        the_draft(application),
        by=application.owner,
        seen_revision=3,
        storage="In the second safe, which is the better one",
        security="Two keys, a guard and a camera",
    )
    page = text(client.get(url("earlier", application, "storage")))
    assert "In the first safe" in page
    assert "In the second safe" in page
    first = next(saving for saving in the_draft(application).savings.all() if saving.answers.get("storage") == "In the first safe")
    answer = client.post(url("restore", application, "storage"), {"saving": first.pk}, follow=True)
    assert "The earlier text is back." in text(answer)
    assert the_draft(application).answers["storage"] == "In the first safe"
    assert any(saving.answers.get("storage", "").startswith("In the second safe") for saving in the_draft(application).savings.all())


def test_an_earlier_state_still_has_the_representative_who_stood_in_the_register(client: Client) -> None:
    round, owner, place = make_round(), make_user(), make_institution(legal_representative="Ada Register")
    application = start_application(round, by=owner, institution=place)
    for revision, storage in enumerate(("First safe", "Second safe")):
        the_draft(application).savings.update(began_at=timezone.now() - timedelta(hours=2 - revision))
        revise_application(the_draft(application), by=owner, seen_revision=revision, storage=storage)
    revise_application(the_draft(application), by=owner, seen_revision=2, legal_representative="Somebody Else")
    first = the_draft(application).savings.get(revision=1)
    restore_answers(the_draft(application), by=owner, saving=first, names=["storage", "legal_representative"])
    assert the_draft(application).answers["storage"] == "First safe"
    assert the_draft(application).answers["legal_representative"] == "Ada Register"


def test_a_post_after_the_session_ended_comes_back_after_signing_in(client: Client) -> None:
    application = make_draft()
    words = form_words(application, "research", plan="Written while the session ended")
    answer = client.post(url("edit", application, "research"), words)
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.headers["Location"]
    client.post(answer.headers["Location"], {"login": application.owner.email, "password": "lunar-demo"})
    page = client.get(url("edit", application, "research"), follow=True)
    assert the_draft(application).plan == "Written while the session ended"
    assert page.status_code == 200


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_typed_after_the_closing_is_shown_again_with_the_reason(client: Client, section: str) -> None:
    with time_machine.travel(CLOSING - timedelta(hours=1), tick=False) as clock:
        application = make_draft(make_round(closes_at=CLOSING))
        client.force_login(application.owner)
        institution = the_draft(application).institution
        assert institution is not None
        typed = form_words(application, section) | {"institution": str(institution.pk)}
        name = next((name for name in typed if f"base-{name}" in typed and typed[name] not in ("yes", "no", "none", "wanted")), "")
        typed[name] = "12.7"
        clock.move_to(CLOSING)
        answer = client.post(url("edit", application, section), typed)
        assert answer.status_code == 409
        assert "22 December 2026, 24:00 Beijing time" in text(answer)
        assert "What you typed still stands below" in text(answer)
        assert "12.7" in text(answer) or not name
        assert the_draft(application).revision == 2
        page = client.get(url("edit", application, section), follow=True)
        assert "Too late" in text(page)


def test_a_page_left_open_over_the_submission_is_told_so_and_keeps_the_text(client: Client) -> None:
    application = make_draft()
    typed = research(application, plan="After the fact")
    submit_application(application, by=application.owner, key=uuid4())
    client.force_login(application.owner)
    answer = client.post(url("edit", application, "research"), typed)
    assert answer.status_code == 409
    assert "submitted already" in text(answer)
    assert "After the fact" in text(answer)


def test_a_new_version_begins_with_a_button_and_only_by_post(client: Client) -> None:
    application = make_submitted()
    client.force_login(application.owner)
    assert client.get(url("edit", application, "research")).headers["Location"] == url("application", application)
    assert application.versions.count() == 1
    client.post(url("edit", application, "research"), {"start": "yes"})
    assert application.versions.count() == 2
    assert client.get(url("edit", application, "research")).status_code == 200


def test_a_correction_is_started_written_and_submitted_through_the_pages(client: Client) -> None:
    application = make_returned()
    client.force_login(application.owner)
    client.post(url("edit", application, "research"), {"start": "yes"})
    client.post(url("edit", application, "research"), research(application, plan="Corrected"))
    page = client.get(url("check", application))
    assert "Submit correction" in text(page)
    assert "Changed since the version submitted last: Title, Research question, Plan" in " ".join(text(page).split())
    words = {name: str(page.context["form"][name].value()) for name in ("key", "seen_revision")}
    assert "Your application has been received" in text(client.post(url("submit", application), words, follow=True))


# --- The institution part -------------------------------------------------------------------------------------------------


def choose(client: Client, application: Application, institution: Institution, **words: str) -> Any:
    revision = str(the_draft(application).revision)
    return client.post(
        url("edit", application, "institution"), {"institution": str(institution.pk), "seen_revision": revision, "choose": "yes"} | words
    )


def enter(client: Client, application: Application, **words: str) -> Any:
    revision = str(the_draft(application).revision)
    fields = {"name_en": "Atlantis University", "name_local": "", "kind": "university", "country": "GR", "seen_revision": revision} | words
    return client.post(url("edit", application, "institution"), {"enter": "yes"} | {f"new-{name}": value for name, value in fields.items()})


@pytest.fixture
def draft(client: Client) -> Application:
    application = make_draft()
    client.force_login(application.owner)
    return application


def test_ones_own_institutions_are_offered_and_others_are_found_by_name(client: Client, draft: Application) -> None:
    home, other = make_institution(name_en="Home Institute"), make_institution(name_en="Far University", name_local="遥远大学")
    make_membership(draft.owner, home)
    page = client.get(url("edit", draft, "institution"))
    assert home.name in text(page)
    assert other.name not in text(page)
    found = client.get(url("edit", draft, "institution") + "?q=遥远")
    assert other.name in text(found)
    choose(client, draft, other)
    assert the_draft(draft).institution == other


def test_a_merged_institution_is_chosen_as_its_survivor(client: Client, draft: Application) -> None:
    old, new = make_institution(name_en="Old Name Institute"), make_institution(name_en="New Name Institute")
    merge_institutions(old, new, by=None)
    page = client.get(url("edit", draft, "institution") + "?q=Old Name")
    assert [row.name for row, _id, _chosen in page.context["institution_form"].options()][-1] == "New Name Institute"


def test_what_another_applicant_entered_is_not_found_before_the_office_has_verified_it(client: Client, draft: Application) -> None:
    hidden = make_institution(name_en="Secret Rival Laboratory", is_verified=False, by=make_user())
    own = make_institution(name_en="Rival of My Own", is_verified=False, by=draft.owner)
    page = text(client.get(url("edit", draft, "institution") + "?q=Rival"))
    assert hidden.name not in page
    assert own.name in page
    assert choose(client, draft, hidden, q="Rival").status_code == 422


def test_a_new_institution_is_entered_unverified_and_chosen(client: Client, draft: Application) -> None:
    assert "enter it below" in text(client.get(url("edit", draft, "institution") + "?q=Atlantis"))
    enter(client, draft, name_local="Πανεπιστήμιο Ατλαντίδας")
    institution = the_draft(draft).institution
    assert institution is not None
    assert (institution.name_en, institution.country_id, institution.is_verified, institution.created_by) == (
        "Atlantis University",
        "GR",
        False,
        draft.owner,
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"name_en": ""}, "This field is required."),
        ({"country": ""}, "Choose a country or region, or none for an international organisation."),
        ({"country": "none"}, "Only an international organisation has no country or region"),
        ({"kind": Kind.ORGANISATION.value}, "An international organisation has no country or region"),
        ({"kind": "club"}, "Select a valid choice"),
    ],
)
def test_an_institution_that_cannot_be_is_refused_at_the_field(client: Client, draft: Application, words: dict[str, str], sentence: str) -> None:
    before = Institution.objects.count()
    answer = enter(client, draft, **words)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert Institution.objects.count() == before


def test_an_international_organisation_has_no_country(client: Client, draft: Application) -> None:
    enter(client, draft, name_en="Moon Agency of Nations", kind=Kind.ORGANISATION.value, country="none")
    institution = the_draft(draft).institution
    assert institution is not None
    assert institution.country is None


def test_entering_what_the_register_has_points_at_the_entry(client: Client, draft: Application) -> None:
    known = make_institution(name_en="University of Nowhere", country=make_country("GR"))
    answer = enter(client, draft, name_en="university of  NOWHERE")
    assert answer.status_code == 422
    assert "is in the register already" in text(answer)
    assert known in [row for row, _id, _chosen in answer.context["institution_form"].options()]
    assert Institution.objects.filter(name_en__iexact="university of nowhere").count() == 1


def test_an_institution_entered_in_an_older_tab_is_not_left_behind(client: Client, draft: Application) -> None:
    seen = the_draft(draft).revision
    choose_institution(the_draft(draft), by=draft.owner, seen_revision=seen, institution=make_institution(name_en="Chosen in the Newer Tab"))
    before = Institution.objects.count()
    answer = enter(client, draft, seen_revision=str(seen))
    assert answer.status_code == 422
    assert "Nothing was overwritten" in text(answer)
    assert "Atlantis University" in text(answer)
    assert Institution.objects.count() == before


# --- A page of its own ----------------------------------------------------------------------------------------------------


def test_an_unknown_part_is_404(client: Client, draft: Application) -> None:
    assert client.get(url("edit", draft, "budget")).status_code == 404


def test_the_letters_of_the_application_are_listed_to_its_reader(client: Client) -> None:
    application = make_returned()
    client.force_login(application.owner)
    page = text(client.get(url("application", application)))
    for letter in Letter.objects.filter(reference=application.reference):
        assert letter.number in page
    assert "Please correct application" in page


def test_the_page_speaks_chinese_with_the_rounds_chinese_title(client: Client) -> None:
    owner: User = make_user(language="zh-hans")
    application = make_draft(make_round(title_zh="嫦娥五号第二批"), owner=owner)
    client.force_login(owner)
    client.cookies["django_language"] = "zh-hans"
    page = text(client.get(url("application", application)))
    assert '<html lang="zh-Hans">' in page
    assert "嫦娥五号第二批" in page


def test_after_the_round_has_closed_a_draft_says_that_it_is_too_late(client: Client) -> None:
    application = make_draft()
    close_round(application.round)
    client.force_login(application.owner)
    page = text(client.get(url("application", application)))
    assert "The round closed before this draft was submitted." in page
    check = text(client.get(url("check", application)))
    assert "Too late" in check
    assert url("submit", application) not in check


def test_in_the_last_hours_the_page_says_how_long_it_is(client: Client) -> None:
    with time_machine.travel(CLOSING - timedelta(days=3), tick=False) as clock:
        application = make_draft(make_round(closes_at=CLOSING))
        client.force_login(application.owner)
        assert "left when this page was opened" not in text(client.get(url("check", application)))
        clock.move_to(CLOSING - timedelta(minutes=10))
        client.force_login(application.owner)
        for name in ("application", "check"):
            assert "10\xa0minutes left when this page was opened." in text(client.get(url(name, application)))
