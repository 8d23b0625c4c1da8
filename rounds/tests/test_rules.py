"""The rules of a round: what they find, what they bound, and what the database keeps."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.tests.make import make_user
from rounds.actions import RoundFrozen, prepare_round, revise_round
from rounds.models import Overruling, Round, Rule
from rounds.rules import (
    BY_MASS,
    BY_SHARE,
    OF_SUMS,
    WHOLE_PPM,
    Limit,
    LineFacts,
    RuleKind,
    Severity,
    SumFacts,
    caps_of,
    findings_of_line,
    findings_of_sums,
    is_kept,
    most_of,
    share_ppm,
    spell_share,
)
from rounds.tests.make import make_round
from rounds.usual_rules import EXAMPLES, STANDING, usual_rules
from workflow.models import AppendOnly

masses = st.integers(min_value=0, max_value=3_000_000_000)


def limit(kind: RuleKind, *, ppm: int | None = None, ug: int | None = None, severity: Severity = Severity.REFUSED) -> Limit:
    return Limit("rule", kind, severity, ppm, ug)


def powder(mass_ug: int, left_ug: int = 100_000, **facts: Any) -> LineFacts:
    facts = {"lendable_ug": left_ug, "total_ug": left_ug, "is_divisible": True, "asked_ug": mass_ug} | facts
    return LineFacts("CE5C0600", mass_ug, left_ug, **facts)


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    kind = draw(st.sampled_from(RuleKind))
    ppm = draw(st.integers(1, WHOLE_PPM)) if kind in BY_SHARE else None
    ug = draw(masses) if kind in BY_MASS else None
    return Limit("rule", kind, draw(st.sampled_from(Severity)), ppm, ug, "mark")


@st.composite
def lines(draw: st.DrawFn) -> LineFacts:
    asked_ug, left_ug = draw(st.integers(1, 3_000_000_000)), draw(masses)
    return LineFacts(
        "CE5C0600",
        draw(st.one_of(st.just(asked_ug), st.integers(0, asked_ug))),
        left_ug,
        draw(st.integers(0, left_ug)),
        left_ug + draw(masses),
        draw(st.booleans()),
        draw(masses),
        draw(st.integers(0, asked_ug)),
        asked_ug,
    )


# --- The pure part --------------------------------------------------------------------------------------------------------


@given(limits(), lines())
def test_a_rule_finds_exactly_what_is_more_than_its_most(rule: Limit, line: LineFacts) -> None:
    most_ug = most_of(rule, line)
    if rule.kind == RuleKind.WHOLE_PIECES:
        expected = line.is_divisible or line.mass_ug in (0, line.piece_ug)
    else:
        expected = line.mass_ug == 0 or most_ug is None or line.mass_ug <= most_ug
    assert is_kept(rule, line) == expected
    assert bool(findings_of_line([rule], line)) == (rule.kind not in OF_SUMS and not expected)


@given(limits(), lines())
def test_every_finding_says_a_sentence_with_its_figures_and_where_it_comes_from(rule: Limit, line: LineFacts) -> None:
    for finding in findings_of_line([rule], line):
        assert "mg" in finding.sentence or "%" in finding.sentence
        assert "%(" not in finding.sentence
        assert (finding.mark, finding.number) == ("mark", "CE5C0600")


@given(st.lists(limits(), max_size=6), lines())
def test_what_the_caps_allow_no_refusing_rule_forbids(rules: list[Limit], line: LineFacts) -> None:
    caps = caps_of(rules)
    bounds = [caps.of_request_ug(line), caps.of_sample_ug(lendable_ug=line.lendable_ug, total_ug=line.total_ug, is_divisible=line.is_divisible)]
    mass_ug = min([line.mass_ug, *(bound for bound in bounds if bound is not None)])
    if not line.is_divisible:
        mass_ug = line.piece_ug if mass_ug >= line.piece_ug else 0
    allowed = LineFacts(
        line.number, mass_ug, line.left_ug, line.lendable_ug, line.total_ug, line.is_divisible, line.piece_ug, line.loss_ug, line.asked_ug
    )
    assert [finding for finding in findings_of_line(rules, allowed) if finding.is_refusing] == []


@given(st.integers(1, WHOLE_PPM // 1000).map(lambda tenths: tenths * 1000), masses, st.integers(1, 3_000_000_000))
def test_what_is_more_than_a_limit_also_reads_as_more(limit_ppm: int, mass_ug: int, left_ug: int) -> None:
    found = findings_of_line([limit(RuleKind.SHARE_OF_LEFT, ppm=limit_ppm)], powder(mass_ug, left_ug))
    if found and mass_ug <= left_ug:
        said, allowed = (float(spell_share(ppm).removesuffix(" %")) for ppm in (share_ppm(mass_ug, left_ug), limit_ppm))
        assert said > allowed


@given(masses, masses, st.one_of(st.none(), masses), st.one_of(st.none(), masses))
def test_sums_of_a_person_and_an_institution_are_bounded_apart(person_ug: int, institution_ug: int, one: int | None, other: int | None) -> None:
    rules = [limit(kind, ug=ug) for kind, ug in ((RuleKind.PERSON_MASS, one), (RuleKind.INSTITUTION_MASS, other)) if ug is not None]
    found = {finding.kind for finding in findings_of_sums(rules, SumFacts(person_ug, institution_ug))}
    assert (RuleKind.PERSON_MASS in found) == (one is not None and person_ug > one)
    assert (RuleKind.INSTITUTION_MASS in found) == (other is not None and institution_ug > other)
    assert (caps_of(rules).person_ug, caps_of(rules).institution_ug) == (one, other)


def test_the_sentences_name_the_share_and_the_rule() -> None:
    (found,) = findings_of_line([limit(RuleKind.SHARE_OF_LEFT, ppm=300_000, severity=Severity.PANEL)], powder(31_000))
    assert found.sentence == "31.0\N{NO-BREAK SPACE}mg is 31 % of what is left; the rule is at most 30 %."
    assert (found.label, found.tone, found.is_refusing) == ("Needs the panel", "warn", False)
    assert findings_of_line([limit(RuleKind.SHARE_OF_LEFT, ppm=300_000)], powder(30_000)) == []
    (found,) = findings_of_line([limit(RuleKind.SHARE_OF_LEFT, ppm=300_000)], powder(30_100))
    assert "30.1 %" in found.sentence


def test_the_gravest_comes_first_and_what_is_refused_needs_no_panel() -> None:
    advice = limit(RuleKind.USED_UP_MASS, ug=0, severity=Severity.ADVICE)
    panel, most = limit(RuleKind.SHARE_OF_LEFT, ppm=300_000, severity=Severity.PANEL), limit(RuleKind.SHARE_OF_LEFT, ppm=600_000)
    found = findings_of_line([advice, panel, most], powder(70_000, loss_ug=1_000))
    assert [finding.severity for finding in found] == [Severity.REFUSED, Severity.ADVICE]
    assert [finding.severity for finding in findings_of_line([panel, most], powder(50_000))] == [Severity.PANEL]


def test_what_is_kept_back_is_a_part_of_all_that_was_taken_in() -> None:
    rule = limit(RuleKind.KEEP_BACK_SHARE, ppm=200_000)
    assert findings_of_line([rule], powder(30_000, 50_000, total_ug=100_000)) == []
    (found,) = findings_of_line([rule], powder(30_100, 50_000, total_ug=100_000))
    assert found.sentence.startswith("30.1\N{NO-BREAK SPACE}mg is more than the 30.0\N{NO-BREAK SPACE}mg that can be lent")
    (found,) = findings_of_line([rule], powder(5_000, 50_000, total_ug=100_000, lendable_ug=24_900))
    assert "4.9\N{NO-BREAK SPACE}mg" in found.sentence, "the office counts what it has set aside"


def test_a_piece_is_whole_and_shares_are_for_powder() -> None:
    rules = [limit(RuleKind.WHOLE_PIECES), limit(RuleKind.SHARE_OF_LEFT, ppm=1_000), limit(RuleKind.KEEP_BACK_SHARE, ppm=WHOLE_PPM)]
    piece = LineFacts("CE5C0800YJYX013GP", 12_400, 12_400, 12_400, 12_400, is_divisible=False, piece_ug=12_400)
    assert findings_of_line(rules, piece) == []
    part = LineFacts("CE5C0800YJYX013GP", 6_000, 12_400, 12_400, 12_400, is_divisible=False, piece_ug=12_400)
    assert [found.kind for found in findings_of_line(rules, part)] == [RuleKind.WHOLE_PIECES]


def test_what_is_used_up_is_measured_as_mass_of_the_award_and_as_share_of_what_was_asked() -> None:
    mass, share = limit(RuleKind.USED_UP_MASS, ug=5_000), limit(RuleKind.USED_UP_SHARE, ppm=500_000)
    assert [found.kind for found in findings_of_line([mass, share], powder(10_000, loss_ug=8_000))] == [RuleKind.USED_UP_MASS, RuleKind.USED_UP_SHARE]
    assert [found.kind for found in findings_of_line([mass, share], powder(5_000, loss_ug=8_000, asked_ug=10_000))] == [RuleKind.USED_UP_SHARE]
    (advice,) = findings_of_line([limit(RuleKind.USED_UP_MASS, ug=0, severity=Severity.ADVICE)], powder(10_000, loss_ug=8_000))
    assert advice.sentence == "8.0\N{NO-BREAK SPACE}mg would be used up."


# --- The rows -------------------------------------------------------------------------------------------------------------


def test_only_what_stands_in_the_measures_or_a_notice_is_in_force_from_the_beginning() -> None:
    assert all(draft["is_on"] and (draft["article"] or draft["source"]) for draft in STANDING)
    assert not any(draft["is_on"] or draft["article"] or draft["source"] for draft in EXAMPLES)
    assert {draft["basis"] for draft in EXAMPLES} == {"round"}


def test_a_rule_with_a_figure_says_it_in_both_languages() -> None:
    for draft in EXAMPLES:
        assert "{limit}" in draft["text_en"]
        assert "{limit}" in draft["text_zh"]


@pytest.mark.django_db
def test_a_new_round_has_the_usual_rules_and_one_of_the_public_record_none() -> None:
    round = make_round()
    assert [rule.code for rule in round.rules.on()] == ["whole-pieces", "sparing-use"]
    assert round.rules.count() == len(usual_rules())
    assert make_round(is_public_record=True).rules.count() == 0


@pytest.mark.django_db
def test_a_rule_says_the_figure_that_it_is_evaluated_with() -> None:
    rule = make_round().rules.get(code="share-panel")
    assert "{limit}" not in rule.words_en
    assert "30 %" in rule.words_en
    assert (rule.mark, rule.limit.limit_ppm) == ("Rule of this round", 300_000)
    with translation.override("zh-hans"):
        assert "30" in rule.words_zh


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"limit_ppm": None},
        {"limit_ppm": 0},
        {"limit_ppm": WHOLE_PPM + 1},
        {"limit_ug": 5},
        {"kind": RuleKind.PERSON_MASS},
        {"kind": "anything"},
        {"severity": "anything"},
        {"basis": "measures"},
        {"basis": "notice"},
        {"article": "18"},
        {"text_zh": ""},
        {"code": "whole-pieces"},
        {"severity": Severity.REFUSED},
    ],
    ids=str,
)
def test_the_database_keeps_what_a_rule_is(changed: dict[str, Any]) -> None:
    rules = Rule.objects.filter(pk=make_round().rules.get(code="share-panel").pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rules.update(**changed)


@pytest.mark.django_db
def test_what_comes_from_an_article_is_never_switched_off() -> None:
    round = make_round()
    with pytest.raises(IntegrityError), transaction.atomic():
        Rule.objects.filter(round=round, code="sparing-use").update(is_on=False)


@pytest.mark.django_db
def test_an_opened_round_keeps_its_rules() -> None:
    round = make_round()
    with pytest.raises(RoundFrozen):
        revise_round(round, seen_revision=0, samples=list(round.samples.all()), criteria=[], rules=[], by=make_user())
    assert Round.objects.get(pk=round.pk).rules.count() == len(usual_rules())


@pytest.mark.django_db
def test_an_overruled_rule_has_its_reason_and_stands_for_good() -> None:
    rule = make_round().rules.get(code="share-most")
    words: dict[str, Any] = {"rule": rule, "reference": "LSA-2027-00001", "decision": 1, "found_en": "Too much.", "found_zh": "过多。"}
    row = Overruling(**words, reason="The only laboratory that can measure it.", by=make_user())
    row.save()
    with pytest.raises(AppendOnly):
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Overruling.objects.filter(pk=row.pk).update(reason="Another.")
    for again in ({"reason": "Twice."}, {"reason": "", "decision": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Overruling(**words | again, by=make_user()).save()


@pytest.mark.django_db
def test_a_round_can_be_prepared_with_rules_of_its_own_or_none() -> None:
    round = make_round()
    bare = prepare_round(
        slug="bare",
        title_en="Bare",
        title_zh="空",
        mission=round.mission,
        opens_at=round.opens_at,
        closes_at=round.closes_at,
        corrections_close_at=round.corrections_close_at,
        samples=list(round.samples.all()),
        rules=[],
        by=None,
    )
    assert list(bare.rules.on()) == []
