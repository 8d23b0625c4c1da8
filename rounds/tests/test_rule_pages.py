"""The rules on the administrator's page of a round, and on the round's public page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from rounds.history import lines_of_change
from rounds.models import Round, Rule
from rounds.tests.make import make_round
from rounds.tests.test_pages import coming_round, sent
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(None, Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def rule_words(code: str = "share-panel", **typed: str) -> dict[str, str]:
    """What the page sends for one rule."""
    words = {"limit": "30", "severity": "panel", "text_en": "More than {limit} is weighed.", "text_zh": "超过{limit}的须审议。"} | typed
    return {f"rule-{code}-{name}": value for name, value in words.items()}


def save(client: Client, round: Round, **typed: str) -> Any:
    return client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision=str(round.revision)) | rule_words(**typed))


@pytest.mark.usefixtures("administrator")
def test_a_rule_is_switched_on_with_another_figure_and_its_own_words_and_the_change_is_remembered(client: Client) -> None:
    round = coming_round(make_sample("CE5C0600"))
    assert save(client, round, is_on="on", limit="12.5").status_code == 302
    rule = round.rules.get(code="share-panel")
    assert (rule.is_on, rule.limit_ppm, rule.words_en) == (True, 125_000, "More than 12.5 % is weighed.")
    assert round.rules.count() == 10, "the rows that were not sent stand as they were"
    told = {line.label: (line.before, line.after) for line in lines_of_change(round.changes.get(what="revised"))}
    assert told["rules"] == (
        "share-panel (off, Needs the panel): A request for more than 30 % of what is left of a powder is weighed by the panel.",
        "share-panel (in force, Needs the panel): More than 12.5 % is weighed.",
    )
    page = client.get(f"/rounds/{round.slug}/edit/").content.decode()
    assert 'name="rule-share-panel-limit" value="12.5"' in page
    assert 'name="rule-person-most-limit" value="2000.0"' in page


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"limit": ""}, "This field is required"),
        ({"limit": "0"}, "greater than or equal to 0.1"),
        ({"limit": "100.1"}, "less than or equal to 100"),
        ({"limit": "12.55"}, "no more than 1 decimal place"),
        ({"limit": "NaN"}, "Enter a number"),
        ({"text_en": "More than 30 % is weighed."}, "where the figure stands"),
        ({"text_zh": ""}, "This field is required"),
        ({"severity": "advice"}, "Select a valid choice"),
        ({"severity": "refused"}, "Another rule measures the same"),
    ],
    ids=str,
)
def test_what_cannot_be_a_rule_is_said_and_nothing_is_saved(client: Client, typed: dict[str, str], sentence: str) -> None:
    round = coming_round(make_sample("CE5C0600"))
    response = save(client, round, is_on="on", **typed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Rule share-panel" in response.content.decode()
    round.refresh_from_db()
    assert round.revision == 0
    assert not round.rules.get(code="share-panel").is_on


@pytest.mark.usefixtures("administrator")
def test_a_mass_is_read_as_milligrams(client: Client) -> None:
    round = coming_round(make_sample("CE5C0600"))
    typed = rule_words("person-most", is_on="on", limit="1 500", severity="refused", text_en="At most {limit}.", text_zh="不超过{limit}。")
    assert client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision="0") | typed).status_code == 302
    assert round.rules.get(code="person-most").limit_ug == 1_500_000
    typed["rule-person-most-limit"] = "a little"
    response = client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision="1") | typed)
    assert response.status_code == 422
    assert "is not a mass" in response.content.decode()


@pytest.mark.usefixtures("administrator")
def test_small_buttons_keep_what_was_typed_about_rules(client: Client) -> None:
    make_sample("CE5C0600")
    page = client.post("/rounds/new/", sent(step="add") | rule_words(is_on="on", limit="whatever")).content.decode()
    assert 'name="rule-share-panel-limit" value="whatever"' in page
    assert "More than {limit} is weighed." in page


@pytest.mark.usefixtures("administrator")
def test_an_opened_round_keeps_its_rules_and_shows_those_in_force(client: Client) -> None:
    round = coming_round(make_sample("CE5C0600"))
    save(client, round, is_on="on")
    Round.objects.filter(pk=round.pk).update(opens_at=timezone.now() - timedelta(hours=1))
    round.refresh_from_db()
    assert save(client, round, limit="99").status_code == 409
    assert round.rules.get(code="share-panel").limit_ppm == 300_000
    page = client.get(f"/rounds/{round.slug}/edit/").content.decode()
    assert "More than 30 % is weighed." in page
    assert "One person gets at most" not in page, "what is off is no rule"


def test_the_public_page_says_the_rules_in_both_languages_and_where_they_come_from() -> None:
    round = make_round(make_sample("CE5C0600"))
    Rule.objects.filter(round=round, code="share-panel").update(is_on=True)
    page = Client().get(f"/rounds/{round.slug}/").content.decode()
    assert "A request for more than 30 % of what is left of a powder is weighed by the panel." in page
    assert "须经专家委员会专门审议" in page
    assert "Rule of this round" in page
    assert "Art. 18 of the Measures" in page
    assert "One institution gets at most" not in page


def test_the_public_page_of_a_round_of_the_public_record_has_no_rules() -> None:
    round = make_round(make_sample("CE5C0600"), is_public_record=True)
    assert "How samples are allotted" not in Client().get(f"/rounds/{round.slug}/").content.decode()
