"""Everything of mine: the file holds all that is mine and nothing that is somebody else's secret (U-73)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Member, Part, Saving
from applications.tests.make import make_draft, make_in_review
from desk.mine import SECTIONS, everything_of
from institutions.tests.make import make_institution, make_membership
from letters.models import Mail
from loans.actions import extend_agreement, make_agreements, make_promotion, sign_agreement
from loans.tests.make import make_agreement, make_proposal, make_reserve, seen_again, sign_words
from reviews.models import Review
from reviews.tests.make import announce, decide, file, make_review
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db
DOWNLOAD = "desk:download_my_data"


def downloaded(client: Client, user: User) -> dict[str, Any]:
    client.force_login(user)
    answer = client.get(reverse(DOWNLOAD))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="lunar-sample-loans-my-data-')
    assert {part.strip() for part in answer["Cache-Control"].split(",")} >= {"private", "no-store"}
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_the_file_holds_account_institutions_roles_and_mails(client: Client) -> None:
    person = make_user("me@example.org", full_name="Kentaro Terada", native_name="寺田健太郎")
    make_membership(person, make_institution(name_en="Home University"))
    SocialAccount.objects.create(user=person, provider="orcid", uid="0000-0002-1825-0097")
    for state, subject in (("sent", "The code"), ("queued", "Not yet")):
        moment = timezone.now() if state == "sent" else None
        Mail.objects.create(
            key=subject, message_id=subject, recipient="me@example.org", language="en", subject=subject, body="x", state=state, sent_at=moment
        )
    found = downloaded(client, person)
    assert set(found) == {"portal", "made_at", "about", *(name for name, _title, _read in SECTIONS)}
    assert (found["account"]["native_name"], found["account"]["orcid"]) == ("寺田健太郎", "0000-0002-1825-0097")
    assert [row["institution"] for row in found["institutions"]] == ["Home University"]
    assert [row["subject"] for row in found["mails"]] == ["The code"]
    assert found["applications"] == found["reviews"] == found["letters"] == []


def test_the_file_holds_no_password_and_no_secret_of_a_factor(client: Client) -> None:
    officer = make_user(None, Role.OFFICER)
    client.force_login(officer)
    text = client.get(reverse(DOWNLOAD)).content.decode()
    assert "JBSWY3DPEHPK3PXP" not in text
    assert officer.password not in text
    assert '"totp"' in text
    assert "Role given: Officer" in text


def test_applications_come_with_every_version_and_without_what_others_wrote_or_decided(client: Client) -> None:
    application = make_in_review()
    draft = make_draft(owner=application.owner)
    expert = make_user(None, Role.EXPERT, full_name="Secret Expert")
    review = file(make_review(application, expert))
    Review.objects.filter(pk=review.pk).update(remarks_to_applicant="A secret remark", remarks_to_committee="A secret doubt")
    decide(application)
    client.force_login(application.owner)
    text = client.get(reverse(DOWNLOAD)).content.decode()
    found = json.loads(text)
    assert {row["reference"] for row in found["applications"]} == {application.reference, draft.reference}
    shown = next(row for row in found["applications"] if row["reference"] == application.reference)
    assert shown["status"] == "In review"
    assert shown["versions"][0]["digest"]
    assert application.current is not None
    assert application.current.title in text
    assert {row["what"] for row in shown["history"]} == {"Submit", "Accept for review"}
    for secret in ("Secret Expert", "secret remark", "secret doubt", "Record the decision", "award"):
        assert secret not in text, secret


def test_a_team_member_takes_along_what_they_typed_and_where_they_were_invited(client: Client) -> None:
    application, person = make_draft(), make_user("member@example.org")
    Member.objects.create(
        application=application, email=person.email, user=person, part=Part.EDIT, invited_by=application.owner, accepted_at=timezone.now()
    )
    version = application.versions.get()
    for author, words in ((person, "My own words"), (application.owner, "Their words")):
        Saving.objects.create(version=version, revision=7, by=author, answers={"plan": words})
    found = downloaded(client, person)
    assert [row["application"] for row in found["teams"]] == [application.reference]
    assert [row["answers"] for row in found["savings"]] == [{"plan": "My own words"}]
    Member.objects.update(ended_at=timezone.now())
    left = downloaded(client, person)
    assert left["applications"] == left["savings"] == []
    assert len(left["teams"]) == 1


def test_an_expert_takes_their_own_reviews_along_and_no_others(client: Client) -> None:
    application = make_in_review()
    mine, other = make_user(None, Role.EXPERT), make_user(None, Role.EXPERT)
    for expert, words in ((mine, "My words"), (other, "Their words")):
        Review.objects.filter(pk=file(make_review(application, expert)).pk).update(remarks_to_committee=words)
    found = downloaded(client, mine)
    assert [row["remarks_to_committee"] for row in found["reviews"]] == ["My words"]
    assert found["reviews"][0]["scores"]
    assert found["applications"] == []


def test_a_borrower_takes_the_agreement_along_with_its_letters_and_nobody_elses(client: Client) -> None:
    officer = make_user(None, Role.OFFICER)
    agreement = make_agreement()
    make_agreement()
    extend_agreement(agreement, by=officer, due_on=agreement.due_on + timedelta(days=9), reason="The dean was travelling.")
    agreement = seen_again(agreement)
    sign_agreement(agreement, by=officer, **sign_words(agreement))  # type: ignore[arg-type]
    found = downloaded(client, agreement.application.owner)
    (shown,) = found["agreements"]
    assert (shown["agreement"], shown["status"], shown["came_from_the_reserve"]) == (agreement.reference, "Signed", False)
    assert shown["legal_representative"] == "Dean Zhang"
    assert [more["reason"] for more in shown["extensions"]] == ["The dean was travelling."]
    assert [reminder["what"] for reminder in shown["reminders"]] == ["The agreement is to be signed", "More time to sign"]
    assert {"Lunar sample certificate"} <= {letter["title_en"] for letter in found["letters"]}
    assert downloaded(client, officer)["agreements"] == []


def test_a_promotion_is_with_whoever_proposed_it_and_the_applicant_reads_of_it_only_when_it_is_announced(client: Client) -> None:
    officer, approver = make_user(None, Role.OFFICER), make_user(None, Role.APPROVER)
    reserved = make_reserve(make_round())
    make_promotion(make_proposal(reserved, officer), by=approver)
    (proposed,) = downloaded(client, officer)["promotions"]
    assert (proposed["application"], proposed["reason"]) == (reserved.reference, "Mass is free again.")
    assert downloaded(client, approver)["promotions"] == []
    before = downloaded(client, reserved.owner)
    assert before["promotions"] == before["agreements"] == []
    announce(reserved.round, approver)
    make_agreements()
    after = downloaded(client, reserved.owner)
    assert [row["came_from_the_reserve"] for row in after["agreements"]] == [True]
    assert after["promotions"] == []


def test_the_file_of_one_person_says_nothing_of_another(client: Client) -> None:
    make_in_review()
    found = downloaded(client, make_user())
    assert all(found[name] == [] for name in ("applications", "letters", "mails", "reviews", "institutions"))


def test_the_file_is_the_same_in_every_language_of_the_page() -> None:
    application = make_in_review()
    assert everything_of(application.owner)["applications"][0]["status"] == "In review"


def test_three_applications_are_on_the_page_at_the_cost_of_one(client: Client, django_assert_num_queries: Any) -> None:
    person = make_user()
    client.force_login(person)
    make_draft(owner=person)
    client.get(reverse("desk:my_data"))
    with django_assert_num_queries(4):  # session, person, request, applications
        client.get(reverse("desk:my_data"))
    make_draft(owner=person)
    make_draft(owner=person)
    with django_assert_num_queries(4):
        client.get(reverse("desk:my_data"))
