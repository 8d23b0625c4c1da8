"""What the rules of the round say to the applicant, live and before submission, without betraying what others ask for."""

import json

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.make import make_user
from applications.actions import revise_application
from applications.models import Application, Part
from applications.questions import line_name
from applications.tests.make import form_words, make_draft, make_member, make_submitted, the_draft
from applications.weighing import weigh_for_team
from institutions.tests.make import make_institution
from rounds.models import Round, Rule
from rounds.tests.make import make_round
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    return user


def round_with(code: str, **limit: int) -> Round:
    round = make_round(make_sample("CE5C0600", mass_ug=100_000))
    Rule.objects.filter(round=round, code=code).update(is_on=True, **limit)
    return round


def draft_of(owner: User, round: Round, mass_ug: int = 31_000) -> Application:
    return make_draft(round, owner=owner, lines=[(round.samples.get(), mass_ug)])


def test_the_picker_says_what_the_rules_find_and_what_they_are(client: Client, applicant: User) -> None:
    application = draft_of(applicant, round_with("share-panel"))
    page = client.get(f"/applications/{application.reference}/edit/samples/").content.decode()
    assert "is 31 % of what is left; the rule is at most 30 %." in page
    assert "Needs the panel" in page
    assert "A request for more than 30 % of what is left" in page


def test_the_saving_of_the_page_answers_with_the_findings(client: Client, applicant: User) -> None:
    application = draft_of(applicant, round_with("share-panel"))
    words = form_words(application, "samples", **{line_name("CE5C0600", "mass"): "45"})
    answer = client.post(f"/applications/{application.reference}/edit/samples/", words, headers={"X-Autosave": "yes"})
    (found,) = json.loads(answer.content)["findings"]["CE5C0600"]
    assert found["sentence"] == "45.0\N{NO-BREAK SPACE}mg is 45 % of what is left; the rule is at most 30 %."
    assert (found["label"], found["tone"], found["mark"]) == ("Needs the panel", "warn", "Rule of this round")
    words = form_words(application, "samples", **{line_name("CE5C0600", "mass"): "30"})
    answer = client.post(f"/applications/{application.reference}/edit/samples/", words, headers={"X-Autosave": "yes"})
    assert json.loads(answer.content)["findings"] == {"": []}


def test_the_check_page_says_it_and_submits_all_the_same(client: Client, applicant: User) -> None:
    application = draft_of(applicant, round_with("share-most", limit_ppm=200_000))
    page = client.get(f"/applications/{application.reference}/check/").content.decode()
    assert "What the rules of this round say" in page
    assert "Not awarded" in page
    assert "You can submit all the same" in page
    assert "Submit application" in page


def test_destructive_use_is_reminded_of_the_article(applicant: User) -> None:
    application = draft_of(applicant, make_round(make_sample("CE5C0600", mass_ug=100_000)))
    version = the_draft(application)
    about = {line_name("CE5C0600", "destructive"): "yes", line_name("CE5C0600", "loss"): "2.5"}
    revise_application(version, by=applicant, seen_revision=version.revision, **about)
    (found,) = weigh_for_team(the_draft(application), applicant).all
    assert (found.sentence, found.mark, found.severity) == ("2.5\N{NO-BREAK SPACE}mg would be used up.", "Art. 18 of the Measures", "advice")


def test_own_applications_are_summed_and_those_of_others_at_the_institution_are_not(applicant: User) -> None:
    round, institution = round_with("institution-most", limit_ug=50_000), make_institution()
    Rule.objects.filter(round=round, code="person-most").update(is_on=True, limit_ug=50_000)
    lines = [(round.samples.get(), 31_000)]
    make_submitted(round, institution=institution, lines=lines)
    own = make_draft(round, owner=applicant, institution=institution, lines=lines)
    assert weigh_for_team(the_draft(own), applicant).together == []
    make_submitted(round, owner=applicant, institution=institution, lines=lines)
    found = weigh_for_team(the_draft(own), applicant).together
    assert [finding.sentence.split(" for ")[0] for finding in found] == ["Together it is 62.0\N{NO-BREAK SPACE}mg"] * 2


def test_a_member_of_the_team_does_not_learn_what_else_the_applicant_asks_for(applicant: User) -> None:
    round = round_with("person-most", limit_ug=50_000)
    make_submitted(round, owner=applicant, lines=[(round.samples.get(), 31_000)])
    application = draft_of(applicant, round)
    member = make_member(application, Part.EDIT)
    assert weigh_for_team(the_draft(application), member).together == []
    assert len(weigh_for_team(the_draft(application), applicant).together) == 1
