"""A decision keeps the rules of its round, or says why not."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Role
from accounts.tests.make import make_user
from applications.models import Application
from institutions.tests.make import make_institution
from reviews.actions import AwardDraft, DecisionDraft, pin_conflict, record_decision, record_decisions, retract_decision
from reviews.actions.situations import RulesBroken, SetNeedsReasons
from reviews.models import Decision
from reviews.tests.make import browser_of, carry, make_cases
from reviews.workflow import Outcome
from rounds.models import Overruling, Round, Rule
from rounds.tests.make import make_round
from samples.models import Sample
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


def switch_on(round: Round, code: str, **limit: int) -> Rule:
    rule: Rule = round.rules.get(code=code)
    Rule.objects.filter(pk=rule.pk).update(is_on=True, **limit)
    return rule


def carried(count: int = 1, *, mass_ug: int = 40_000, **fields: Any) -> list[Application]:
    """Cases that ask for powder out of 100 mg, each with its votes."""
    sample = Sample.objects.filter(number="CE5C0600").first() or make_sample("CE5C0600", mass_ug=100_000)
    cases = make_cases(count, make_round(sample), lines=[(sample, mass_ug)], **fields)
    for case in cases:
        carry(case, officer=make_user(None, Role.OFFICER))
    return cases


def draft_of(case: Application, **fields: Any) -> DecisionDraft:
    assert case.current is not None
    return DecisionDraft({request: AwardDraft(Outcome.APPROVED) for request in case.current.requests.select_related("sample")}, **fields)


def record(case: Application, **fields: Any) -> Decision:
    return record_decision(case, by=make_user(None, Role.OFFICER), **draft_of(case, **fields)._asdict())


def vault_ug() -> int:
    return Sample.objects.get(number="CE5C0600").vault_ug


def test_a_refusing_rule_stops_the_decision_and_nothing_is_set_aside() -> None:
    (case,) = carried()
    switch_on(case.round, "share-most", limit_ppm=300_000)
    with pytest.raises(RulesBroken, match="is 40 % of what is left; the rule is at most 30 %") as refusal:
        record(case)
    assert refusal.value.sample is not None
    assert refusal.value.sample.number == "CE5C0600"
    assert vault_ug() == 100_000
    assert not Decision.objects.exists()


def test_a_refusing_rule_is_overruled_with_a_reason_that_is_kept_in_both_languages() -> None:
    (case,) = carried()
    rule = switch_on(case.round, "share-most", limit_ppm=300_000)
    decision = record(case, overruled=" The only laboratory that can measure it. ")
    kept = Overruling.objects.get()
    assert (kept.rule, kept.reference, kept.decision, kept.number) == (rule, case.reference, decision.number, "CE5C0600")
    assert kept.reason == "The only laboratory that can measure it."
    assert "40 % of what is left" in kept.found_en
    assert "40" in kept.found_zh
    assert vault_ug() == 60_000


def test_what_needs_the_panel_or_is_advice_stops_no_decision() -> None:
    (case,) = carried()
    switch_on(case.round, "share-panel", limit_ppm=300_000)
    record(case)
    assert not Overruling.objects.exists()


def test_a_rule_that_is_off_finds_nothing() -> None:
    (case,) = carried()
    Rule.objects.filter(round=case.round, code="share-most").update(limit_ppm=1)
    record(case)


def test_what_is_kept_back_counts_what_the_office_has_set_aside() -> None:
    first, second = carried(2)
    switch_on(first.round, "keep-back-share", limit_ppm=300_000)
    record(first)
    with pytest.raises(RulesBroken, match=r"more than the 30\.0"):
        record(second)
    assert vault_ug() == 60_000


def test_the_masses_of_one_institution_are_summed_over_its_decisions() -> None:
    first, second = carried(2, institution=make_institution())
    switch_on(first.round, "institution-most", limit_ug=50_000)
    decision = record(first)
    with pytest.raises(RulesBroken, match=r"80\.0.mg for this institution"):
        record(second)
    retract_decision(decision, by=make_user(None, Role.OFFICER), note="Wrong line.")
    record(Application.objects.with_case().get(pk=second.pk))


def test_the_masses_of_one_person_are_summed_and_others_are_not() -> None:
    owner = make_user()
    first, second = carried(2, owner=owner)
    switch_on(first.round, "person-most", limit_ug=50_000)
    record(first)
    with pytest.raises(RulesBroken, match=r"80\.0.mg for this person"):
        record(second)


def test_a_sum_that_was_overruled_is_shown_without_its_figures() -> None:
    """Whoever reads the decision later may be shut out of a case that the sum counted (quality: S-13)."""
    officer = make_user(None, Role.OFFICER)
    first, second = carried(2, institution=make_institution())
    switch_on(first.round, "institution-most", limit_ug=50_000)
    record(first)
    record_decisions({second: draft_of(second, overruled="Both were wanted.")}, by=officer)
    assert "80.0" in Overruling.objects.get().found_en
    page = browser_of(officer).get(reverse("reviews:decisions_one", args=[second.round.slug, second.reference])).content.decode()
    assert "Both were wanted." in page
    assert Overruling.objects.get().rule.words_en in page
    assert "80.0" not in page


def test_a_set_of_decisions_is_refused_whole_and_names_each_case() -> None:
    first, second = carried(2)
    switch_on(first.round, "keep-back-share", limit_ppm=300_000)
    with pytest.raises(SetNeedsReasons, match="1 of these decisions") as refusal:
        record_decisions({case: draft_of(case) for case in (first, second)}, by=make_user(None, Role.OFFICER))
    assert [case.reference for case in refusal.value.findings] == [second.reference]
    assert not Decision.objects.exists()
    first, second = Application.objects.with_case().order_by("reference")
    record_decisions({first: draft_of(first), second: draft_of(second, overruled="Agreed by the committee.")}, by=make_user(None, Role.OFFICER))
    assert Overruling.objects.get().reference == second.reference


def test_the_reasons_of_a_set_are_asked_with_the_figures_that_are_kept() -> None:
    first, second, third = carried(3, institution=make_institution(), mass_ug=20_000)
    switch_on(first.round, "institution-most", limit_ug=30_000)
    drafts = {first: draft_of(first), second: draft_of(second, overruled="Both were wanted."), third: draft_of(third)}
    with pytest.raises(SetNeedsReasons) as refusal:
        record_decisions(drafts, by=make_user(None, Role.OFFICER))
    told = {case.reference: [finding.sentence for finding in found] for case, found in refusal.value.findings.items()}
    assert list(told) == [second.reference, third.reference]
    assert "40.0" in told[second.reference][0]
    assert "60.0" in told[third.reference][0]
    cases = Application.objects.with_case().order_by("reference")
    record_decisions({case: draft_of(case, overruled="All were wanted.") for case in cases}, by=make_user(None, Role.OFFICER))
    kept = {row.reference: [row.found_en] for row in Overruling.objects.all()}
    assert kept == told


def test_the_sum_of_others_is_not_counted_together() -> None:
    first, second = carried(2)
    switch_on(first.round, "person-most", limit_ug=50_000)
    record(first)
    record(second)


def test_a_refusal_betrays_no_award_of_a_case_that_is_hidden_from_the_recorder() -> None:
    first, second = carried(2, owner=make_user(), institution=make_institution())
    switch_on(first.round, "person-most", limit_ug=50_000)
    record(first)
    officer = make_user(None, Role.OFFICER)
    pin_conflict(officer, first, by=make_user(None, Role.OFFICER), note="Wrote a paper together.")
    record_decision(second, by=officer, **draft_of(second)._asdict())


def test_the_rules_are_told_while_a_mass_is_typed_and_nothing_is_recorded() -> None:
    (case,) = carried()
    switch_on(case.round, "share-most", limit_ppm=300_000)
    switch_on(case.round, "institution-most", limit_ug=35_000)
    line = case.current.requests.get() if case.current else None
    assert line is not None
    browser, address = browser_of(make_user(None, Role.OFFICER)), reverse("reviews:decisions_one", args=[case.round.slug, case.reference])

    def told(**typed: str) -> dict[str, list[str]]:
        answer = browser.post(address, {"weigh": "yes"} | {f"{name}_{line.pk}": text for name, text in typed.items()})
        return {number: [finding["sentence"] for finding in found] for number, found in answer.json()["findings"].items()}

    findings = told(outcome="approved")
    assert "is 40 % of what is left; the rule is at most 30 %" in findings["CE5C0600"][0]
    assert f"40.0{chr(160)}mg for this institution" in findings[""][0]
    assert list(told(outcome="reduced", mass="32")) == ["CE5C0600", ""]
    assert told() == told(outcome="declined") == told(outcome="reduced") == {"": []}
    for mass in ("much", "20"):
        assert told(outcome="reduced", mass=mass) == {"": []}
    assert not Decision.objects.exists()
    refused = browser.post(address, {"record": "yes", f"outcome_{line.pk}": "approved"}).content.decode()
    assert findings["CE5C0600"][0] in refused


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_cannot_both_pass_a_sum() -> None:
    cases = carried(2, institution=make_institution(), mass_ug=30_000)
    switch_on(cases[0].round, "institution-most", limit_ug=50_000)
    officers, refused, barrier = [make_user(None, Role.OFFICER) for _ in cases], [], threading.Barrier(2)

    def run(case: Application, officer: Any) -> None:
        try:
            draft = draft_of(case)
            barrier.wait()
            record_decision(case, by=officer, **draft._asdict())
        except RulesBroken as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(cases, officers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert vault_ug() == 70_000
