"""The page of the proposal: what it shows and to whom, an officer's changes with their reasons, and that it is recorded exactly once."""

import csv
import io
import json
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application, Request
from institutions.tests.make import make_institution
from reviews.actions import (
    AwardImpossible,
    CountChanged,
    PlanOutdated,
    ReasonNeeded,
    SetRefused,
    change_award,
    propose_awards,
    retract_decision,
    take_award_plan,
)
from reviews.actions.declaring import Declared, declare_standings
from reviews.awarding import Problem, digest_of_answer, digest_of_input, propose
from reviews.models import AwardChange, AwardPlan, Decision, Standing, read_asked
from reviews.tests.make import browser_of, carry, decide, file, make_cases, make_review
from reviews.workflow import Outcome
from rounds.models import Overruling, Round, Rule
from rounds.tests.make import make_round
from samples.models import Sample
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(db: None) -> User:
    return make_user(None, Role.OFFICER, full_name="Officer Oak")


def judged(count: int = 3, *, there_ug: int = 25_000, **fields: object) -> tuple[Round, list[Application]]:
    """Cases that ask for 10 mg each of one sample, the first the best."""
    round = make_round(make_sample("CE5C0600", mass_ug=there_ug))
    cases = make_cases(count, round, **fields)
    people = [make_user(None, Role.EXPERT) for _ in range(2)]
    for at, case in enumerate(cases):
        for person in people:
            file(make_review(case, person), max(1, 5 - at))
    return round, cases


def plan_of(round: Round, officer: User, steepness: int = 10) -> AwardPlan:
    return propose_awards(round, by=officer, steepness=steepness)


def url(round: Round, name: str = "proposal", *more: object) -> str:
    return reverse(f"reviews:{name}", args=[round.slug, *more])


def shown(user: User, round: Round, query: str = "") -> str:
    answer = browser_of(user).get(url(round) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def line_of(case: Application) -> Request:
    assert case.current is not None
    return case.current.requests.select_related("sample").get()


def make_rule(round: Round, kind: str, **limit: int) -> Rule:
    Rule.objects.of(round).delete()
    return Rule.objects.create(round=round, code="own", kind=kind, severity="refused", text_en="{limit}.", text_zh="{limit}。", is_on=True, **limit)


def shut_out(person: User, case: Application) -> None:
    declare_standings(case.round, {case: Declared(Standing.CONFLICT, "We publish together.")}, by=person)


def test_an_officer_makes_it_and_it_says_who_gets_what_and_why_not(officer: User) -> None:
    round, cases = judged()
    browser = browser_of(officer)
    assert "No proposal has been made." in browser.get(url(round)).content.decode()
    assert browser.post(url(round), {"make": "yes", "steepness": "10"}).status_code == 302
    plan = AwardPlan.objects.get()
    assert plan.masses == [10_000, 10_000, 0]
    assert plan.by_rank == [10_000, 10_000, 0]
    assert plan.bound >= plan.objective > 0
    page = shown(officer, round)
    assert f"5.0{chr(160)}mg are lacking after what is proposed for {cases[0].reference} (place 1), {cases[1].reference} (place 2)." in page
    assert f"a smallest useful mass of 5.0{chr(160)}mg, which is 5.0{chr(160)}mg less" in page
    assert plan.input_digest in page
    assert plan.answer_digest in page
    assert "not voted on yet" in page
    assert not Decision.objects.exists()


def test_the_same_state_gets_the_same_digests_and_whoever_has_the_input_gets_the_same_answer(officer: User) -> None:
    round, _cases = judged(2)
    first, second = plan_of(round, officer), plan_of(round, make_user(None, Role.OFFICER))
    assert (first.input_digest, first.answer_digest) == (second.input_digest, second.answer_digest)
    problem = Problem.read(json.loads(browser_of(officer).get(url(round, "proposal_json")).content))
    assert digest_of_input(problem) == first.input_digest
    assert digest_of_answer(propose(problem).masses) == first.answer_digest


def test_the_votes_and_the_rules_bind_it(officer: User) -> None:
    round, cases = judged(3, there_ug=100_000)
    carry(cases[0], officer=officer, yes=1)
    make_rule(round, "keep_back_share", limit_ppm=850_000)
    plan = plan_of(round, officer)
    assert plan.masses == [0, 10_000, 0]
    page = shown(officer, round)
    assert "vote did not carry it" in page
    assert f"5.0{chr(160)}mg are lacking after what is proposed for" in page
    assert f"5.0{chr(160)}mg less kept back" in page


def test_a_persons_cap_counts_what_the_person_has_already(officer: User) -> None:
    owner = make_user()
    round, cases = judged(3, there_ug=100_000, owner=owner)
    make_rule(round, "person_mass", limit_ug=15_000)
    decision = decide(cases[0], officer=officer)
    assert plan_of(round, officer).masses == [0, 0]
    assert f"A rule of the round leaves too little: 15.0{chr(160)}mg." in shown(officer, round)
    retract_decision(decision, by=officer, note="Too early.")
    assert sorted(plan_of(round, officer).masses) == [0, 0, 10_000]


def test_what_a_hidden_case_asks_and_holds_changes_nothing(officer: User) -> None:
    round, cases = judged(3)
    shut = make_user(None, Role.OFFICER)
    shut_out(shut, cases[0])
    before = read_asked(round, shut, 10)
    assert cases[0].reference not in json.dumps(before.problem.spelled())
    decide(cases[0], officer=officer)
    assert read_asked(round, shut, 10).digest == before.digest
    assert read_asked(round, officer, 10).problem.stock["CE5C0600"].free_ug == 15_000


def test_a_proposal_with_a_hidden_case_does_not_exist_for_who_is_shut_out_even_if_it_is_ones_own(officer: User) -> None:
    round, cases = judged(2)
    approver = make_user(None, Role.APPROVER)
    plan = plan_of(round, officer)
    assert cases[0].reference in shown(approver, round)
    shut_out(approver, cases[0])
    shut_out(officer, cases[0])
    for person in (approver, officer):
        page = shown(person, round)
        assert "No proposal has been made." in page
        assert cases[0].reference not in page
        assert browser_of(person).get(url(round, "proposal_csv")).status_code == 404
        assert browser_of(person).get(url(round, "proposal_json")).status_code == 404
    assert browser_of(officer).get(url(round, "proposal_line", plan.pk, line_of(cases[1]).pk)).status_code == 404
    plan_of(round, officer)
    assert cases[1].reference in shown(approver, round)


def test_only_officers_make_change_and_record_and_only_the_office_reads(officer: User) -> None:
    round, cases = judged(1)
    plan, approver = plan_of(round, officer), make_user(None, Role.APPROVER)
    assert 'name="make"' not in shown(approver, round)
    assert browser_of(approver).post(url(round), {"make": "yes", "steepness": "10"}).status_code == 403
    assert browser_of(approver).get(url(round, "proposal_line", plan.pk, line_of(cases[0]).pk)).status_code == 403
    for reader in (make_user(None), make_user(None, Role.EXPERT), make_user(None, Role.ADMINISTRATOR)):
        for name in ("proposal", "proposal_csv", "proposal_json"):
            assert browser_of(reader).get(url(round, name)).status_code == 403


def test_a_change_is_kept_with_its_reason_and_shown_with_the_proposed_mass(officer: User) -> None:
    round, cases = judged()
    plan, browser, line = plan_of(round, officer), browser_of(officer), line_of(cases[0])
    address = url(round, "proposal_line", plan.pk, line.pk)
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"outcome": "reduced", "mass": "4.5", "reason": " "}).status_code == 422
    assert browser.post(address, {"outcome": "reduced", "mass": "", "reason": "Less will do."}).status_code == 422
    assert browser.post(address, {"outcome": "reduced", "mass": "12", "reason": "More."}).status_code == 409
    assert not AwardChange.objects.exists()
    assert browser.post(address, {"outcome": "reduced", "mass": "4.5", "reason": "Less will do."}).status_code == 302
    assert browser.post(address, {"outcome": "reserve", "mass": "", "reason": "The laboratory moves."}).status_code == 302
    page = shown(officer, round, "?part=changed")
    assert "The laboratory moves." in page
    assert f"Changed by Officer Oak; proposed was 10.0{chr(160)}mg." in page
    assert cases[1].reference not in page.split('id="samples"')[0].split("<tbody")[2]
    earlier = browser.get(address).content.decode()
    assert earlier.index("The laboratory moves.") < earlier.index("Less will do.")
    assert AwardPlan.objects.get().masses[0] == 10_000


def test_changes_that_cannot_be_meant_are_refused(officer: User) -> None:
    round, cases = judged(1)
    plan, line = plan_of(round, officer), line_of(cases[0])
    with pytest.raises(ReasonNeeded):
        change_award(plan, line, by=officer, outcome=Outcome.RESERVE, mass_ug=0, reason="  ")
    with pytest.raises(AwardImpossible):
        change_award(plan, line, by=officer, outcome=Outcome.REDUCED, mass_ug=line.mass_ug, reason="All of it.")
    other = line_of(make_cases(1, make_round())[0])
    with pytest.raises(PlanOutdated):
        change_award(plan, other, by=officer, outcome=Outcome.RESERVE, mass_ug=0, reason="Another round.")


def test_what_is_written_once_stays_in_the_database_as_well(officer: User) -> None:
    round, cases = judged(1)
    plan = plan_of(round, officer)
    change_award(plan, line_of(cases[0]), by=officer, outcome=Outcome.RESERVE, mass_ug=0, reason="Wait.")
    with pytest.raises(IntegrityError), transaction.atomic():
        AwardPlan.objects.update(bound=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        AwardChange.objects.update(reason="Something else.")


def test_it_is_recorded_as_decisions_once_with_its_changes(officer: User) -> None:
    round, cases = judged()
    for case in cases:
        carry(case, officer=officer)
    plan = plan_of(round, officer)
    change_award(plan, line_of(cases[1]), by=officer, outcome=Outcome.REDUCED, mass_ug=4_000, reason="Less will do.")
    browser = browser_of(officer)
    assert browser.post(url(round), {"take": plan.pk, "count": "2", "rest": "reserve"}).status_code == 409
    assert not Decision.objects.exists()
    assert browser.post(url(round), {"take": plan.pk, "count": "3", "rest": "reserve"}).status_code == 302
    outcomes = [(award.outcome, award.mass_ug) for case in cases for award in Decision.objects.get(application=case).awards.all()]
    assert outcomes == [("approved", 10_000), ("reduced", 4_000), ("reserve", 0)]
    assert Sample.objects.get(number="CE5C0600").earmarked_ug == 14_000
    with pytest.raises(PlanOutdated, match="recorded already"):
        take_award_plan(plan, by=officer, count=3)
    with pytest.raises(PlanOutdated, match="recorded already"):
        change_award(plan, line_of(cases[0]), by=officer, outcome=Outcome.RESERVE, mass_ug=0, reason="Late.")
    page = shown(officer, round)
    assert "Recorded" in page
    assert 'name="take"' not in page


def test_nothing_is_recorded_when_one_cannot_be_or_anything_has_changed(officer: User) -> None:
    round, cases = judged()
    carry(cases[0], officer=officer)
    plan = plan_of(round, officer)
    with pytest.raises(CountChanged):
        take_award_plan(plan, by=officer, count=2)
    with pytest.raises(SetRefused, match=cases[1].reference):
        take_award_plan(plan, by=officer, count=3)
    carry(cases[1], officer=officer, yes=1)
    with pytest.raises(PlanOutdated, match="has changed"):
        take_award_plan(plan, by=officer, count=3)
    assert not Decision.objects.exists()
    assert not AwardPlan.objects.exclude(taking=None).exists()
    assert "It can be read, not recorded." in shown(officer, round)


def against_a_rule(officer: User) -> tuple[Round, list[Application], AwardPlan]:
    """Two carried cases; an officer has raised the second line beyond what one institution may get."""
    round, cases = judged(2, there_ug=100_000, institution=make_institution())
    make_rule(round, "institution_mass", limit_ug=15_000)
    for case in cases:
        carry(case, officer=officer)
    plan = plan_of(round, officer)
    assert sorted(plan.masses) == [0, 10_000]
    for case in cases:
        change_award(plan, line_of(case), by=officer, outcome=Outcome.APPROVED, mass_ug=0, reason="Both measure it.")
    return round, cases, plan


def test_a_rule_in_the_way_of_a_proposal_is_overruled_with_a_reason_for_each_application(officer: User) -> None:
    round, cases, plan = against_a_rule(officer)
    browser, field = browser_of(officer), f"overruled_{cases[1].reference}"
    pressed = {"take": plan.pk, "count": "2", "rest": "reserve"}
    assert "overruled_" not in browser.get(url(round)).content.decode()
    refused = browser.post(url(round), pressed)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f"Together it is 20.0{chr(160)}mg for this institution in the round; the rule is at most 15.0{chr(160)}mg." in page
    assert f'name="{field}"' in page
    assert f'name="overruled_{cases[0].reference}"' not in page
    assert f"{cases[1].reference} · Why a rule of this round is overruled: Write the reason." in page
    assert 'value="2"' in page
    assert '<option value="reserve" selected>' in page
    assert not Decision.objects.exists()
    assert browser.post(url(round), pressed | {field: "  "}).status_code == 422
    assert browser.post(url(round), pressed | {field: " The only two laboratories. "}).status_code == 302
    kept = Overruling.objects.get()
    assert (kept.reference, kept.reason, kept.by) == (cases[1].reference, "The only two laboratories.", officer)
    assert "20.0" in kept.found_en
    assert Decision.objects.count() == 2


def test_a_reason_that_was_typed_comes_back_whatever_else_stands_in_the_way(officer: User) -> None:
    round, cases, plan = against_a_rule(officer)
    browser = browser_of(officer)
    pressed = {"take": plan.pk, "count": "2", "rest": "declined", f"overruled_{cases[1].reference}": "The only two laboratories."}
    assert "The only two laboratories." in browser.post(url(round), pressed | {"count": ""}).content.decode()
    assert "The only two laboratories." in browser.post(url(round), pressed | {"count": "1"}).content.decode()
    decide(cases[0], officer=officer)
    outdated = browser.post(url(round), pressed)
    page = outdated.content.decode()
    assert outdated.status_code == 409
    assert "What you had written" in page
    assert "The only two laboratories." in page
    assert not Overruling.objects.exists()


def test_a_refused_proposal_does_not_read_as_recorded(officer: User) -> None:
    round, _cases = judged(1)
    plan = plan_of(round, officer)
    refused = browser_of(officer).post(url(round), {"take": plan.pk, "count": "1", "rest": "declined"})
    assert refused.status_code == 409
    assert 'name="take"' in refused.content.decode()


FILLED_IN = "Outcomes and masses are filled in from the proposal"


def deciding(case: Application) -> str:
    return reverse("reviews:decisions_one", args=[case.round.slug, case.reference])


def test_the_page_of_a_decision_is_filled_in_from_the_proposal_and_its_changes(officer: User) -> None:
    round, cases = judged()
    for case in cases:
        carry(case, officer=officer)
    plan = plan_of(round, officer)
    change_award(plan, line_of(cases[1]), by=officer, outcome=Outcome.REDUCED, mass_ug=4_500, reason="Less will do.")
    browser = browser_of(officer)
    pages = [browser.get(deciding(case)).content.decode() for case in cases]
    for page, outcome in zip(pages, ("approved", "reduced", "declined"), strict=True):
        assert FILLED_IN in page
        assert plan.answer_digest in page
        assert f'href="{url(round)}"' in page
        assert re.findall(r'<input type="radio"[^>]* value="(\w+)"[^>]* checked', page) == [outcome]
    assert 'value="4.5"' in pages[1]
    assert not Decision.objects.exists()


def test_what_the_officer_has_typed_wins_over_the_proposal(officer: User) -> None:
    round, cases = judged()
    carry(cases[0], officer=officer)
    plan_of(round, officer)
    line = line_of(cases[0])
    answer = browser_of(officer).post(deciding(cases[0]), {"record": "yes", f"outcome_{line.pk}": "reduced", f"mass_{line.pk}": "12"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.findall(r'<input type="radio"[^>]* value="(\w+)"[^>]* checked', page) == ["reduced"]
    assert 'value="12"' in page
    assert FILLED_IN not in page


def test_an_outdated_a_hidden_or_a_recorded_proposal_fills_in_nothing(officer: User) -> None:
    round, cases = judged()
    for case in cases:
        carry(case, officer=officer)
    plan_of(round, officer)
    shut = make_user(None, Role.OFFICER)
    shut_out(shut, cases[1])
    assert "roposal names" not in browser_of(shut).get(deciding(cases[0])).content.decode()
    carry(cases[2], officer=officer, yes=1)
    page = browser_of(officer).get(deciding(cases[0])).content.decode()
    assert "its figures are not filled in" in page
    assert FILLED_IN not in page
    assert " checked" not in page
    plan = plan_of(round, officer)
    (first, *_others) = take_award_plan(plan, by=officer, count=3)
    assert FILLED_IN not in browser_of(officer).get(deciding(cases[0])).content.decode()
    retract_decision(first, by=officer, note="Too early.")
    page = browser_of(officer).get(deciding(cases[0])).content.decode()
    assert "Record the decision" in page
    assert FILLED_IN not in page
    assert "its figures are not filled in" not in page


def test_an_older_page_records_no_newer_proposal(officer: User) -> None:
    round, _cases = judged(1)
    older = plan_of(round, officer)
    plan_of(round, officer)
    answer = browser_of(officer).post(url(round), {"take": older.pk, "count": "1", "rest": "declined"})
    assert answer.status_code == 409
    assert "A newer proposal was made meanwhile" in answer.content.decode()


def test_a_round_without_waiting_applications_gets_no_proposal(officer: User) -> None:
    round, cases = judged(1)
    decide(cases[0], officer=officer)
    answer = browser_of(officer).post(url(round), {"make": "yes", "steepness": "10"})
    assert answer.status_code == 409
    assert "No application waits for a decision." in answer.content.decode()


def test_the_file_has_a_row_for_each_line_and_no_formula(officer: User) -> None:
    round, cases = judged(2, title="=1+1")
    plan_of(round, officer)
    text = browser_of(officer).get(url(round, "proposal_csv")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[1] for row in rows[1:]] == [case.reference for case in cases]
    assert [row[7] for row in rows[1:]] == ["10.0", "10.0"]


def test_the_page_asks_as_much_for_three_as_for_one(officer: User) -> None:
    counts = []
    for many in (1, 3):
        round, _cases = judged(many) if many == 1 else other_round(many)
        plan = plan_of(round, officer)
        change_award(plan, line_of(Application.objects.get(pk=plan.cases[0])), by=officer, outcome=Outcome.RESERVE, mass_ug=0, reason="Wait.")
        browser = browser_of(officer)
        browser.get(url(round))
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url(round)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1], counts


def other_round(count: int) -> tuple[Round, list[Application]]:
    round = make_round(make_sample("CE5C0700", mass_ug=25_000))
    cases = make_cases(count, round)
    expert = make_user(None, Role.EXPERT)
    for at, case in enumerate(cases):
        file(make_review(case, expert), 5 - at)
    return round, cases
