"""From the lapse to the promoted reserve: proposed by one, made by another, announced like any other, then a new version of the list."""

import pytest
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from applications.workflow import Status
from institutions.tests.make import make_institution, make_membership
from letters.models import Letter
from loans.actions import (
    PromotionImpossible,
    RulesBrokenSince,
    SamePerson,
    drop_promotion,
    lapse_agreement,
    make_agreements,
    make_promotion,
    propose_promotion,
)
from loans.models import Agreement, Promotion, reserve_beside_approval, reserve_of
from loans.tests.make import browser_long_ago, make_proposal, seen_again
from loans.workflow import PromotionStatus
from results.actions import DecisionsWait, publish_results
from results.models import ResultList
from reviews.actions import AwardDraft, record_decision
from reviews.models import Decision
from reviews.tests.make import announce, browser_of, carry, decide, make_cases
from reviews.tests.make import seen_again as case_again
from reviews.workflow import DecisionStatus, Outcome
from rounds.models import Overruling, Round, Rule
from rounds.tests.make import make_round
from samples.ledger import NotEnoughLeft
from samples.models import Hold, Sample
from samples.tests.make import make_sample
from workflow.transitions import NotPossibleNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_user(None, Role.OFFICER)


@pytest.fixture
def approver() -> User:
    return make_user(None, Role.APPROVER)


class Scene:
    """A clast for which two apply: one is approved, the other in reserve. Told long ago."""

    def __init__(self) -> None:
        self.clast = make_sample("CE5C0000YJYX129", mass_ug=197_300)
        self.round = make_round(self.clast)
        self.first, self.second = make_cases(2, self.round, lines=[(self.clast, 197_300)])
        decide(self.first)
        decide(self.second, outcome=Outcome.RESERVE)
        announce(self.round)
        Letter.objects.filter(kind="decision").update(visible_at=self.round.opens_at)
        Application.objects.filter(round=self.round).update(visible_at=self.round.opens_at)
        make_agreements()
        self.agreement: Agreement = seen_again(Agreement.objects.get())

    def lapse(self, by: User) -> None:
        lapse_agreement(self.agreement, by=by)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_before_the_lapse_nothing_can_be_proposed(scene: Scene, officer: User) -> None:
    (reserved,) = reserve_of(officer, scene.round)
    assert reserved.application == scene.second
    assert not reserved.is_possible
    with pytest.raises(PromotionImpossible):
        make_proposal(scene.second, officer)


def test_the_freed_piece_goes_to_the_reserve_and_the_list_gets_a_new_version(scene: Scene, officer: User, approver: User) -> None:
    administrator = make_user(None, Role.ADMINISTRATOR)
    publish_results(scene.round, by=administrator)
    scene.lapse(officer)
    promotion = make_proposal(scene.second, officer)
    assert not Hold.objects.open().of([scene.second.reference]).exists()
    decision = make_promotion(promotion, by=approver)
    assert (decision.number, decision.outcome, decision.recorded_by) == (2, Outcome.APPROVED, officer)
    assert Hold.objects.open().of([scene.second.reference]).exists()
    assert case_again(scene.second).shown_status == Status.RESERVE
    with pytest.raises(DecisionsWait):
        publish_results(scene.round, by=administrator, note_en="One lapsed.", note_zh="一项失效。")
    announce(scene.round, approver)
    assert case_again(scene.second).shown_status == Status.APPROVED
    publish_results(scene.round, by=administrator, note_en="One lapsed.", note_zh="一项失效。")
    assert [version.number for version in ResultList.objects.filter(round=scene.round).order_by("number")] == [1, 2]
    assert make_agreements() == 1
    assert Agreement.objects.get(decision=decision).is_open


def test_two_persons_are_needed(scene: Scene, officer: User) -> None:
    scene.lapse(officer)
    promotion = make_proposal(scene.second, officer)
    with pytest.raises(SamePerson):
        make_promotion(promotion, by=officer)
    assert Promotion.objects.get().status == PromotionStatus.PROPOSED


def test_one_proposal_waits_at_a_time_and_a_dropped_one_is_not_made(scene: Scene, officer: User, approver: User) -> None:
    scene.lapse(officer)
    promotion = make_proposal(scene.second, officer)
    with pytest.raises(NotPossibleNow):
        make_proposal(scene.second, officer)
    drop_promotion(promotion, by=approver, note="The plan is out of date.")
    with pytest.raises(NotPossibleNow):
        make_promotion(promotion, by=approver)
    make_promotion(make_proposal(scene.second, officer), by=approver)
    with pytest.raises(NotPossibleNow):
        make_proposal(scene.second, officer)


def test_too_much_or_of_another_application_is_not_proposed(scene: Scene, officer: User) -> None:
    scene.lapse(officer)
    (line,) = next(iter(reserve_of(officer, scene.round))).waiting
    for masses, reason in (
        ({line.request: line.request.mass_ug - 100}, "less of a piece"),
        ({}, "nothing"),
        ({line.request: line.request.mass_ug}, " "),
    ):
        with pytest.raises(PromotionImpossible):
            propose_promotion(scene.second, by=officer, masses_ug=masses, reason=reason)
    with pytest.raises(NotPossibleNow):
        propose_promotion(case_again(scene.first), by=officer, masses_ug={line.request: line.request.mass_ug}, reason="lapsed itself")


def test_of_powder_what_is_left_when_it_is_made_decides(officer: User, approver: User) -> None:
    powder = make_sample("CE5C0600", mass_ug=15_000)
    round = make_round(powder)
    first, second, third = make_cases(3, round, lines=[(powder, 10_000)])
    for case in (second, third):
        decide(case, outcome=Outcome.RESERVE)
    decide(first, outcome=Outcome.DECLINED)
    announce(round)
    one, two = make_proposal(second, officer), make_proposal(third, officer)
    decision = make_promotion(one, by=approver)
    assert decision.awards.get().outcome == Outcome.APPROVED
    with pytest.raises(NotEnoughLeft):
        make_promotion(two, by=approver)
    assert Promotion.objects.get(pk=two.pk).status == PromotionStatus.PROPOSED
    assert Decision.objects.filter(application=third, status=DecisionStatus.RECORDED).count() == 0
    assert Sample.objects.get(pk=powder.pk).vault_ug == 5_000
    drop_promotion(two, by=officer)
    reduced = make_promotion(make_proposal(third, officer), by=approver)
    assert (reduced.awards.get().outcome, reduced.awards.get().mass_ug) == (Outcome.REDUCED, 5_000)


def test_a_proposer_who_has_a_conflict_by_now_no_longer_counts(scene: Scene, officer: User, approver: User) -> None:
    scene.lapse(officer)
    promotion = make_proposal(scene.second, officer)
    institution = scene.second.institution
    assert institution is not None
    make_membership(officer, institution)
    with pytest.raises(PromotionImpossible):
        make_promotion(Promotion.objects.get(pk=promotion.pk), by=approver)


def in_reserve(count: int = 1, **fields: object) -> tuple[Round, list[Application]]:
    """Announced cases in reserve that ask for 40 mg of a powder of 100 mg."""
    powder = make_sample("CE5C0600", mass_ug=100_000)
    round = make_round(powder)
    cases = make_cases(count, round, lines=[(powder, 40_000)], **fields)
    for case in cases:
        decide(case, outcome=Outcome.RESERVE)
    announce(round)
    return round, [case_again(case) for case in cases]


def switch_on(round: Round, code: str, **limit: int) -> None:
    Rule.objects.of(round).filter(code=code).update(is_on=True, **limit)


def test_a_rule_in_the_way_of_a_promotion_is_overruled_by_the_officer_and_the_approver_sees_why(officer: User, approver: User) -> None:
    round, (case,) = in_reserve()
    switch_on(round, "share-most", limit_ppm=300_000)
    address = reverse("loans:propose_promotion", args=[round.slug, case.reference])
    (line,) = next(iter(reserve_of(officer, round))).waiting
    typed = {"reason": "Free again.", f"mass_{line.request.pk}": "40", "conditions_en": "Return the rest."}
    refused = browser_of(officer).post(address, typed)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "is 40 % of what is left; the rule is at most 30 %" in page
    for words in ("Free again.", "Return the rest.", 'value="40"', 'name="overruled"'):
        assert words in page
    assert not Promotion.objects.exists()
    assert browser_of(officer).post(address, typed | {"overruled": "The only laboratory."}).status_code == 302
    shown = browser_of(approver).get(reverse("loans:promotions", args=[round.slug])).content.decode()
    assert "Overruled rules" in shown
    assert "is 40 % of what is left; the rule is at most 30 %" in shown
    assert "The only laboratory." in shown
    assert browser_of(approver).post(reverse("loans:make_promotion", args=[round.slug, Promotion.objects.get().pk])).status_code == 302
    decision = Decision.objects.get(application=case, status=DecisionStatus.RECORDED)
    kept = Overruling.objects.get()
    assert (kept.reference, kept.decision, kept.reason, kept.by) == (case.reference, decision.number, "The only laboratory.", officer)
    assert "40" in kept.found_zh


def test_a_rule_that_is_first_broken_when_the_promotion_is_made_refuses_it(officer: User, approver: User) -> None:
    round, (first, second) = in_reserve(2)
    switch_on(round, "share-most", limit_ppm=300_000)
    switch_on(round, "keep-back-share", limit_ppm=300_000)
    one = make_proposal(first, officer, overruled="The only laboratory.")
    two = make_proposal(second, officer, overruled="The only laboratory.")
    make_promotion(one, by=approver)
    with pytest.raises(RulesBrokenSince, match=r"CE5C0600: 40\.0.mg is more than the 30\.0.mg that can be lent in this round"):
        make_promotion(two, by=approver)
    making = reverse("loans:make_promotion", args=[round.slug, two.pk])
    assert "have it proposed anew" in browser_of(approver).post(making, follow=True).content.decode()
    assert Promotion.objects.get(pk=two.pk).is_proposed
    assert Sample.objects.get().vault_ug == 60_000
    assert {row.reference for row in Overruling.objects.all()} == {first.reference}


def test_a_sum_over_cases_that_the_approver_may_not_know_is_told_by_its_rule_alone(officer: User, approver: User) -> None:
    round, (first, second) = in_reserve(2, institution=make_institution())
    switch_on(round, "institution-most", limit_ug=50_000)
    other = make_proposal(second, officer)
    make_promotion(make_proposal(first, officer), by=approver)
    with pytest.raises(RulesBrokenSince) as refusal:
        make_promotion(other, by=approver)
    drop_promotion(other, by=approver)
    make_proposal(second, officer, overruled="Both laboratories are needed.")
    page = browser_of(approver).get(reverse("loans:promotions", args=[round.slug])).content.decode()
    assert "Both laboratories are needed." in page
    for told in (page, str(refusal.value)):
        assert f"50.0{chr(160)}mg" in told
        assert f"80.0{chr(160)}mg" not in told


def test_the_pages_from_proposal_to_decision(scene: Scene, officer: User, approver: User) -> None:
    scene.lapse(officer)
    browser, other = browser_of(officer), browser_of(approver)
    slug = scene.round.slug
    overview = reverse("loans:promotions", args=[slug])
    assert f"Propose {scene.second.reference}" in browser.get(overview).content.decode()
    address = reverse("loans:propose_promotion", args=[slug, scene.second.reference])
    (line,) = next(iter(reserve_of(officer, scene.round))).waiting
    assert browser.post(address, {"reason": "Free again."}).status_code == 422
    assert browser.post(address, {"reason": "Free again.", f"mass_{line.request.pk}": "on"}).status_code == 302
    promotion = Promotion.objects.get()
    making = reverse("loans:make_promotion", args=[slug, promotion.pk])
    assert browser.post(making).status_code == 403
    assert "Make the promotion" not in browser.get(overview).content.decode()
    assert "Make the promotion" in other.get(overview).content.decode()
    assert other.post(making).status_code == 302
    assert Decision.objects.filter(application=scene.second, status=DecisionStatus.RECORDED).exists()
    assert other.post(reverse("loans:drop_promotion", args=[slug, promotion.pk]), {f"drop{promotion.pk}-note": "x"}).status_code == 302
    assert Promotion.objects.get().status == PromotionStatus.MADE


def test_an_approver_who_recorded_in_the_round_makes_none_and_a_fresh_sign_in_is_asked(scene: Scene, officer: User, approver: User) -> None:
    scene.lapse(officer)
    promotion = make_proposal(scene.second, officer)
    making = reverse("loans:make_promotion", args=[scene.round.slug, promotion.pk])
    asked = browser_long_ago(approver).post(making)
    assert "reauthenticate" in asked["Location"]
    assert Promotion.objects.get().is_proposed
    recorder = make_user(None, Role.OFFICER, Role.APPROVER)
    Decision.objects.filter(application=scene.first).update(recorded_by=recorder)
    assert browser_of(recorder).post(making).status_code == 403


def test_a_conflicted_person_sees_no_reserve_no_proposal_and_no_lapse(officer: User) -> None:
    home = make_institution(name_en="Home University")
    clast = make_sample("CE5C0000YJYX129", mass_ug=197_300)
    round: Round = make_round(clast)
    (second,) = make_cases(1, round, lines=[(clast, 197_300)], institution=home)
    decide(second, outcome=Outcome.RESERVE)
    announce(round)
    promotion = make_proposal(second, officer)
    for role in (Role.OFFICER, Role.APPROVER):
        tied = make_user(None, role)
        make_membership(tied, home)
        page = browser_of(tied).get(reverse("loans:promotions", args=[round.slug])).content.decode()
        assert second.reference not in page
        assert "No application is in reserve." in page
        proposing = browser_of(tied).post(reverse("loans:propose_promotion", args=[round.slug, second.reference]))
        assert proposing.status_code == (404 if role is Role.OFFICER else 403)
        assert browser_of(tied).post(reverse("loans:drop_promotion", args=[round.slug, promotion.pk])).status_code == 404


def test_a_sample_in_reserve_beside_an_approval_is_named_as_one_that_cannot_be_promoted(officer: User, approver: User) -> None:
    powder, clast = make_sample("CE5C0600", mass_ug=100_000), make_sample("CE5C0000YJYX129", mass_ug=197_300)
    round = make_round(powder, clast)
    mixed, other = make_cases(2, round, lines=[(powder, 10_000), (clast, 197_300)])
    carry(mixed, officer=officer)
    assert mixed.current is not None
    lines = {request.sample.number: request for request in mixed.current.requests.select_related("sample")}
    record_decision(mixed, awards={lines[powder.number]: AwardDraft(Outcome.APPROVED), lines[clast.number]: AwardDraft(Outcome.RESERVE)}, by=officer)
    decide(other, outcome=Outcome.RESERVE)
    address = reverse("loans:promotions", args=[round.slug])
    assert "beside an approval" not in browser_of(approver).get(address).content.decode()
    announce(round)
    page = browser_of(approver).get(address).content.decode()
    assert "tell the applicant to ask for them again in a new application" in page
    assert [(award.decision.application, award.request.sample) for award in reserve_beside_approval(officer, round)] == [(mixed, clast)]
    waiting = next(line for line in next(iter(reserve_of(officer, round))).waiting if line.request.sample == powder)
    case = case_again(other)
    make_promotion(propose_promotion(case, by=officer, masses_ug={waiting.request: waiting.request.mass_ug}, reason="Free again."), by=approver)
    announce(round)
    assert [award.decision.number for award in reserve_beside_approval(officer, round)] == [1, 2]
    tied = make_user(None, Role.OFFICER)
    assert mixed.institution is not None
    make_membership(tied, mixed.institution)
    assert mixed not in [award.decision.application for award in reserve_beside_approval(tied, round)]


def test_the_page_takes_the_same_queries_for_one_and_three_in_reserve(officer: User, django_assert_num_queries: object) -> None:
    powder = make_sample("CE5C0600", mass_ug=100_000)
    round = make_round(powder)
    cases = make_cases(3, round, lines=[(powder, 10_000)])
    decide(cases[0], outcome=Outcome.RESERVE)
    announce(round)
    browser = browser_of(officer)
    browser.get(reverse("loans:promotions", args=[round.slug]))
    with django_assert_num_queries(10):  # type: ignore[operator]
        browser.get(reverse("loans:promotions", args=[round.slug]))
    for case in cases[1:]:
        decide(case, outcome=Outcome.RESERVE)
    announce(round)
    assert len(reserve_of(officer, round)) == 3
    with django_assert_num_queries(10):  # type: ignore[operator]
        browser.get(reverse("loans:promotions", args=[round.slug]))
