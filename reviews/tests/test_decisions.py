"""The page of the decision: what is refused is said beside its sample, with everything that was typed, and leaves nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import withdraw_application
from applications.models import Application
from reviews.actions import AwardDraft, announce_decisions, record_decision, retract_decision
from reviews.models import Award, Decision
from reviews.tests.make import browser_of, carry, decide, make_case, make_cases, seen_again
from reviews.tests.test_record import outcomes, traces
from reviews.workflow import DecisionStatus, Outcome
from rounds.tests.make import make_round
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER, full_name="Olive Officer")


@pytest.fixture
def client(officer: User) -> Client:
    return browser_of(officer)


@pytest.fixture
def case(officer: User) -> Application:
    """Asks for 90 mg of powder and a whole clast, as another application does; both are carried."""
    powder, clast = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0000YJYX129", mass_ug=197_300)
    application, _other = make_cases(2, make_round(powder, clast), lines=[(powder, 90_000), (clast, 197_300)])
    carry(application, officer=officer)
    return seen_again(application)


def taken(application: Application, *choices: str, officer: User) -> None:
    """A decision on another application of the round, which asks for the same samples."""
    other = Application.objects.with_case().exclude(pk=application.pk).get()
    carry(other, officer=officer)
    browser_of(officer).post(page_of(other), chosen(other, *choices))
    assert Decision.objects.filter(application=other).exists()


def page_of(application: Application) -> str:
    return reverse("reviews:decisions_one", args=[application.round.slug, application.reference])


def lines_of(application: Application) -> list[int]:
    assert application.current is not None
    return list(application.current.requests.order_by("position").values_list("pk", flat=True))


def chosen(application: Application, *outcomes: str, **words: Any) -> dict[str, Any]:
    """What the page sends: an outcome for each sample ("reduced 12.4" with its mass) and the conditions."""
    sent: dict[str, Any] = {"record": "yes", "conditions_en": "Map before you cut.", "conditions_zh": "先成像后切割。"}
    for pk, choice in zip(lines_of(application), outcomes, strict=True):
        outcome, _, mass = choice.partition(" ")
        sent |= {f"outcome_{pk}": outcome, f"mass_{pk}": mass}
    return sent | words


def test_the_decision_is_recorded_with_its_awards_and_conditions(client: Client, case: Application, officer: User) -> None:
    answer = client.post(page_of(case), chosen(case, "reduced 12.4", "approved"), follow=True)
    page = answer.content.decode()
    assert "The decision is recorded. Nobody outside the office sees it" in page
    assert "Recorded by Olive Officer" in page
    assert "12.4" in page
    assert "Record the decision" not in page
    decision = Decision.objects.get()
    assert (decision.recorded_by, decision.conditions_en, decision.conditions_zh) == (officer, "Map before you cut.", "先成像后切割。")
    assert list(Award.objects.order_by("request__position").values_list("outcome", "mass_ug")) == [("reduced", 12_400), ("approved", 197_300)]


IMPOSSIBLE = [
    ("reduced 90", "approved", "Outcome for CE5C0600: Approving less of CE5C0600 means more than 0 mg and less than what was asked for."),
    ("reduced 90.1", "approved", "Outcome for CE5C0600: Approving less of CE5C0600 means more than 0 mg and less than what was asked for."),
    ("reduced 0", "approved", "Approved mass (mg), if less: A mass must be more than 0 mg."),
    ("reduced -5", "approved", "Approved mass (mg), if less: A mass must be more than 0 mg."),
    ("reduced", "approved", "Approved mass (mg), if less: Enter the approved mass."),
    ("reduced 1,5", "approved", "Is the comma a decimal point or a thousands mark?"),
    ("reduced 12.44", "approved", "Masses are given to a tenth of a milligram"),
    ("reduced much", "approved", "is not a mass."),
    ("approved 12.4", "approved", "Choose “Approved with less”, or leave the mass empty."),
    ("declined 12.4", "approved", "Choose “Approved with less”, or leave the mass empty."),
    ("approved", "", "Outcome for CE5C0000YJYX129: Choose an outcome."),
    ("", "approved", "Outcome for CE5C0600: Choose an outcome."),
    ("approved", "reduced", "Select a valid choice. reduced is not one of the available choices."),
    ("perhaps", "approved", "Select a valid choice. perhaps is not one of the available choices."),
]


def test_what_cannot_be_awarded_is_said_and_nothing_is_recorded(client: Client, case: Application) -> None:
    before = traces(case)
    for powder, clast, sentence in IMPOSSIBLE:
        answer = client.post(page_of(case), chosen(case, powder, clast))
        page = answer.content.decode()
        assert answer.status_code == 422, sentence
        assert sentence in page
        assert "Map before you cut." in page, sentence
        assert "先成像后切割。" in page, sentence
        assert traces(case) == before, sentence


def test_a_missing_mass_is_said_once(client: Client, case: Application) -> None:
    page = client.post(page_of(case), chosen(case, "reduced much", "approved")).content.decode()
    assert "Enter the approved mass." not in page


def test_without_a_vote_an_award_is_refused_beside_its_sample(client: Client, officer: User) -> None:
    application = make_case()
    assert "Not voted on yet" in client.get(page_of(application)).content.decode()
    before = traces(application)
    answer = client.post(page_of(application), chosen(application, "approved"))
    assert answer.status_code == 422
    assert "Outcome for CE5C0600: CE5C0600 cannot be awarded: the vote does not reach the share" in answer.content.decode()
    assert traces(application) == before


def test_below_the_share_an_award_is_refused(client: Client, officer: User) -> None:
    application = make_case()
    carry(application, officer=officer, yes=5)
    assert "Does not reach the share" in client.get(page_of(application)).content.decode()
    before = traces(application)
    assert client.post(page_of(application), chosen(application, "approved")).status_code == 422
    assert traces(application) == before


def test_more_than_is_left_is_refused_with_what_is_left_and_everything_typed_is_kept(client: Client, case: Application, officer: User) -> None:
    taken(case, "reduced 87.6", "declined", officer=officer)
    assert "12.4" in client.get(page_of(case)).content.decode()
    before = traces(case)
    answer = client.post(page_of(case), chosen(case, "reduced 12.5", "approved"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Outcome for CE5C0600: Only 12.4 mg left." in page
    assert 'value="12.5"' in page
    assert page.count("checked") == 2
    assert "Map before you cut." in page
    assert traces(case) == before
    client.post(page_of(case), chosen(case, "reduced 12.4", "approved"))
    assert Decision.objects.filter(application=case).exists()


def test_a_piece_that_another_application_has_is_refused_beside_its_sample(client: Client, case: Application, officer: User) -> None:
    taken(case, "declined", "approved", officer=officer)
    before = traces(case)
    answer = client.post(page_of(case), chosen(case, "approved", "approved"))
    assert answer.status_code == 422
    assert "Outcome for CE5C0000YJYX129: Only 0.0 mg left." in answer.content.decode()
    assert traces(case) == before


def test_a_second_officer_sees_who_was_faster_and_keeps_the_own_words(client: Client, case: Application, officer: User) -> None:
    opened = case.version
    record_decision(case, awards=outcomes(case, AwardDraft(Outcome.DECLINED), AwardDraft(Outcome.DECLINED)), by=officer)
    before = traces(case)
    answer = client.post(page_of(case), chosen(case, "reduced 12.4", "approved", seen=opened, conditions_en="My own conditions"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not possible any more" in page
    assert "Recorded by Olive Officer" in page
    assert "My own conditions" in page
    assert 'value="12.4"' in page
    assert traces(case) == before


def test_a_second_decision_by_hand_is_refused_while_one_stands(client: Client, case: Application, officer: User) -> None:
    decide(case, officer=officer)
    before = traces(case)
    answer = client.post(page_of(case), chosen(case, "declined", "declined"))
    assert answer.status_code == 422
    assert "A decision is already recorded. Retract it before you record another." in answer.content.decode()
    assert traces(case) == before


def test_a_withdrawn_application_is_not_decided(client: Client, case: Application) -> None:
    withdraw_application(Application.objects.get(pk=case.pk), by=case.owner)
    assert "Record the decision" not in client.get(page_of(case)).content.decode()
    before = traces(case)
    answer = client.post(page_of(case), chosen(case, "declined", "declined"))
    assert answer.status_code == 422
    assert "This is not possible any more" in answer.content.decode()
    assert traces(case) == before


def test_a_decision_is_retracted_with_its_reason_and_the_mass_is_back(client: Client, case: Application, officer: User) -> None:
    decide(case, officer=officer)
    assert client.post(page_of(case), {"retract": "yes", "retract-note": ""}).status_code == 422
    answer = client.post(page_of(case), {"retract": "yes", "retract-note": "The minutes say otherwise."}, follow=True)
    assert "The decision is retracted, and the mass is back in the vault." in answer.content.decode()
    assert "Record the decision" in answer.content.decode()
    decision = Decision.objects.get()
    assert decision.status == DecisionStatus.RETRACTED
    assert decision.history.get().note == "The minutes say otherwise."
    current = seen_again(case).current
    assert current is not None
    assert {(line.sample.earmarked_ug, line.sample.vault_ug) for line in current.requests.all()} == {(0, 100_000), (0, 197_300)}


def test_a_second_retraction_is_told_that_there_is_nothing_to_retract(client: Client, case: Application, officer: User) -> None:
    retract_decision(decide(case, officer=officer), by=officer, note="Wrong minutes.")
    answer = client.post(page_of(case), {"retract": "yes", "retract-note": "Wrong minutes."})
    assert answer.status_code == 422
    assert "This is not possible any more" in answer.content.decode()


def test_a_retraction_meant_for_an_earlier_decision_leaves_the_new_one(client: Client, case: Application, officer: User) -> None:
    first = decide(case, officer=officer)
    opened = seen_again(case).version
    retract_decision(first, by=officer, note="Wrong minutes.")
    second = decide(seen_again(case), officer=officer)
    answer = client.post(page_of(case), {"retract": "yes", "retract-note": "Wrong minutes.", "seen": opened})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is not possible any more" in page
    assert "Wrong minutes." in page
    second.refresh_from_db()
    assert second.status == DecisionStatus.RECORDED


def test_a_planned_decision_is_not_retracted(client: Client, officer: User) -> None:
    application = make_case(make_round(recall_minutes=30))
    decide(application, officer=officer)
    announce_decisions(application.round, by=make_user(None, Role.APPROVER), count=1)
    before = traces(application)
    answer = client.post(page_of(application), {"retract": "yes", "retract-note": "Too late?"})
    assert answer.status_code == 422
    assert "This decision stands in a confirmed announcement." in answer.content.decode()
    assert traces(application) == before


def test_the_list_says_how_far_each_application_is(client: Client, officer: User) -> None:
    unvoted, voted, decided = make_cases(3)
    carry(voted, officer=officer)
    decide(decided, officer=officer)
    page = client.get(reverse("reviews:decisions", args=[unvoted.round.slug])).content.decode()
    for application, words in ((decided, "Recorded, not announced"), (voted, "Voted, not recorded"), (unvoted, "No vote yet")):
        assert words in page.partition(application.reference)[2].partition("</tr>")[0]


def test_markup_in_titles_and_conditions_is_shown_as_text(client: Client, officer: User) -> None:
    evil = "<script>alert(1)</script>"
    application = make_case(title=evil)
    for url in (page_of(application), reverse("reviews:decisions", args=[application.round.slug])):
        assert evil not in client.get(url).content.decode()
    client.post(page_of(application), chosen(application, "declined", conditions_en=evil, conditions_zh=evil))
    for name in ("reviews:decisions_one", "desk:case"):
        page = client.get(reverse(name, args=[application.round.slug, application.reference])).content.decode()
        assert evil not in page
        assert "&lt;script&gt;" in page
