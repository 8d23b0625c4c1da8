"""The administrator's pages of a round."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from rounds.forms import end_of_day
from rounds.history import lines_of_change
from rounds.models import Extension, Round, RoundChange
from rounds.tests.make import close_round, make_round
from rounds.tests.test_forms import criteria, words
from samples.models import Sample
from samples.tests.make import make_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user(None, Role.ADMINISTRATOR)
    client.force_login(user)
    return user


@pytest.fixture
def sample() -> Sample:
    return make_sample("CE5C0600")


def sent(**changed: Any) -> dict[str, Any]:
    return words(**changed) | criteria(("Question", "问题", "2"), ("Plan", "方案", "1"))


def coming_round(*samples: Sample, **fields: Any) -> Round:
    now = timezone.now()
    return make_round(*samples, opens_at=now + timedelta(days=2), closes_at=end_of_day(timezone.localdate() + timedelta(days=30)), **fields)


@pytest.mark.usefixtures("administrator", "sample")
def test_a_new_round_comes_with_the_usual_figures_and_criteria(client: Client) -> None:
    page = client.get("/rounds/new/").content.decode()
    assert page.count("Remove criterion") == 6
    assert 'value="Scientific question"' in page
    assert 'name="loan_months" value="12"' in page
    assert 'name="renewal_months" value="6"' in page


@pytest.mark.usefixtures("sample")
def test_the_administrator_prepares_a_round(client: Client, administrator: User) -> None:
    response = client.post("/rounds/new/", sent())
    assert response.status_code == 302
    assert response.headers["Location"] == "/rounds/2027-1/edit/"
    round = Round.objects.get(slug="2027-1")
    assert round.closes_at == end_of_day(timezone.localdate() + timedelta(days=30))
    assert [sample.number for sample in round.samples.all()] == ["CE5C0600"]
    assert [(criterion.title_en, criterion.weight) for criterion in round.criteria.all()] == [("Question", 2), ("Plan", 1)]
    assert round.changes.get().by == administrator
    assert f'value="{timezone.localdate() + timedelta(days=30)}"' in client.get("/rounds/2027-1/edit/").content.decode()


@pytest.mark.usefixtures("administrator", "sample")
def test_a_refused_form_keeps_every_word(client: Client) -> None:
    response = client.post("/rounds/new/", sent(slug="new", title_zh="保留的标题", closes_at="whenever"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in page
    assert "保留的标题" in page
    assert 'value="whenever"' in page
    assert 'value="CE5C0600" checked' in page
    assert 'value="Question"' in page
    assert not Round.objects.exists()


@pytest.mark.usefixtures("administrator", "sample")
def test_rows_are_added_and_removed_without_javascript_and_nothing_is_judged_or_lost(client: Client) -> None:
    page = client.post("/rounds/new/", sent(step="add", closes_at="whenever")).content.decode()
    assert page.count("Remove criterion") == 3
    assert "There is a problem" not in page
    assert 'value="whenever"' in page
    page = client.post("/rounds/new/", sent(step="remove-0")).content.decode()
    assert page.count("Remove criterion") == 1
    assert 'value="Plan"' in page
    assert 'value="Question"' not in page
    assert 'value="CE5C0600" checked' in page


@pytest.mark.usefixtures("administrator", "sample")
def test_samples_are_ticked_all_or_none_by_a_button(client: Client) -> None:
    make_sample("CE5C0400")
    assert client.post("/rounds/new/", sent(step="all")).content.decode().count(" checked") == 2
    assert client.post("/rounds/new/", sent(step="none")).content.decode().count(" checked") == 0


@pytest.mark.usefixtures("administrator", "sample")
def test_the_usual_months_follow_the_kind_of_loan(client: Client) -> None:
    page = client.post("/rounds/new/", sent(step="fit", kind="public_welfare")).content.decode()
    assert 'name="loan_months" value="2"' in page
    assert 'name="renewal_months" value="1"' in page
    page = client.post("/rounds/new/", sent(step="fit", kind="public_welfare", loan_months="5")).content.decode()
    assert 'name="loan_months" value="5"' in page


@pytest.mark.usefixtures("administrator", "sample")
def test_a_round_can_open_at_once(client: Client) -> None:
    assert client.post("/rounds/new/", sent(opens_now="on", opens_at_day="", opens_at_time="")).status_code == 302
    assert Round.objects.get(slug="2027-1").is_open()


def test_a_round_is_revised_until_it_opens_and_the_change_is_remembered(client: Client, administrator: User, sample: Sample) -> None:
    round = coming_round(sample)
    response = client.post(f"/rounds/{round.slug}/edit/", sent(slug="renamed", revision="0", vote_numerator="3", vote_denominator="4"))
    assert response.headers["Location"] == "/rounds/renamed/edit/"
    round.refresh_from_db()
    assert (round.vote_numerator, round.vote_denominator, round.revision) == (3, 4, 1)
    change = round.changes.get(what=RoundChange.What.REVISED)
    assert change.by == administrator
    assert change.changes["slug"] == ["test-" + change.changes["slug"][0].removeprefix("test-"), "renamed"]
    page = client.get("/rounds/renamed/edit/").content.decode()
    assert "What was changed" in page
    assert "<ins>renamed</ins>" in page


@pytest.mark.usefixtures("administrator")
def test_one_summary_names_every_problem_with_the_row_it_stands_in(client: Client, sample: Sample) -> None:
    rows = criteria(("Question", "问题", "1"), ("Plan", "", "0"))
    page = client.post("/rounds/new/", words(closes_at="") | rows).content.decode()
    assert page.count("There is a problem") == 1
    assert "Last day for applications: This field is required." in page
    assert "Criterion 2, Criterion in Chinese: This field is required." in page
    assert "Criterion 2, Weight: Ensure this value is greater than or equal to 1." in page


def test_the_history_tells_only_what_reads_differently(client: Client, administrator: User, sample: Sample) -> None:
    round = coming_round(sample, make_sample("CE5C0400", mass_ug=1_000), slug="told")
    assert round.opens_at is not None
    same = {"slug": "told", "title_en": round.title_en, "title_zh": round.title_zh, "audience": "both", "recall_minutes": "0", "revision": "0"}
    client.post("/rounds/told/edit/", sent(**same))
    told = {line.label: (line.before, line.after) for line in lines_of_change(round.changes.get(what="revised"))}
    assert told["samples offered"] == ("CE5C0400", "")
    assert "Effect on other studies × 1" in told["criteria"][0]
    assert told["criteria"][1] == "Question × 2; Plan × 1"
    assert "title in English" not in told


def test_a_changed_meaning_of_a_score_is_told_and_an_opened_round_keeps_its_own(client: Client, administrator: User, sample: Sample) -> None:
    round = coming_round(sample, slug="meant")
    meanings = {f"criteria-0-anchor_{language}_{score}": f"{language} {score}" for language in ("en", "zh") for score in range(1, 6)}
    client.post("/rounds/meant/edit/", sent(slug="meant", revision="0"))
    client.post("/rounds/meant/edit/", sent(slug="meant", revision="1") | meanings)
    told = {line.label: (line.before, line.after) for line in lines_of_change(round.changes.filter(what="revised").latest("pk"))}
    assert told["criteria"] == ("Question × 2", "Question × 2 [en 1 | en 2 | en 3 | en 4 | en 5]")
    Round.objects.filter(pk=round.pk).update(opens_at=timezone.now())
    assert client.post("/rounds/meant/edit/", sent(slug="meant", revision="2", reviews_per_application="9")).status_code == 409
    round.refresh_from_db()
    assert round.reviews_per_application == 3
    assert round.criteria.all()[0].anchors[0] == ["en 1", "zh 1"]


@pytest.mark.usefixtures("administrator")
def test_an_older_tab_overwrites_nothing(client: Client, sample: Sample) -> None:
    round = coming_round(sample)
    assert client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision="0")).status_code == 302
    response = client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision="0", title_en="From an older tab"))
    assert response.status_code == 422
    assert "Somebody else has revised this round" in response.content.decode()
    assert "From an older tab" in response.content.decode()
    round.refresh_from_db()
    assert round.title_en == "Third international round"


@pytest.mark.usefixtures("administrator")
def test_a_round_that_opens_between_the_page_and_the_button_is_frozen(client: Client, sample: Sample) -> None:
    round = coming_round(sample)
    assert 'name="title_en"' in client.get(f"/rounds/{round.slug}/edit/").content.decode()
    Round.objects.filter(pk=round.pk).update(opens_at=timezone.now())
    response = client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision="0"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "its rules stand as they were published" in page
    assert "Nothing of what you entered was saved" in page
    assert 'name="title_en"' not in page
    assert round.title_en in page
    round.refresh_from_db()
    assert round.title_en != "Third international round"


@pytest.mark.usefixtures("administrator")
def test_an_open_round_shows_its_rules_and_the_extension(client: Client, sample: Sample) -> None:
    round = make_round(sample)
    page = client.get(f"/rounds/{round.slug}/edit/").content.decode()
    assert 'name="title_en"' not in page
    assert "Extend the round" in page
    assert client.get(f"/rounds/{round.slug}/extend/").status_code == 200
    close_round(round)
    page = client.get(f"/rounds/{round.slug}/edit/").content.decode()
    assert "can no longer be extended" in page
    assert 'name="notice_en"' not in page


def extension(days: int) -> dict[str, str]:
    return {"closes_at": (timezone.localdate() + timedelta(days=days)).isoformat(), "notice_en": "Power cut.", "notice_zh": "停电。"}


def test_an_open_round_is_extended_with_a_notice(client: Client, administrator: User, sample: Sample) -> None:
    round = make_round(sample)
    before, corrections = round.closes_at, round.corrections_close_at
    assert before is not None
    assert corrections is not None
    assert client.post(f"/rounds/{round.slug}/extend/", extension(20)).status_code == 302
    round.refresh_from_db()
    assert round.closes_at == end_of_day(timezone.localdate() + timedelta(days=20))
    assert round.corrections_close_at == corrections + (round.closes_at - before), "nobody loses time for corrections"
    row = Extension.objects.get(round=round)
    assert (row.closed_at_before, row.closes_at, row.by) == (before, round.closes_at, administrator)
    page = client.get(f"/rounds/{round.slug}/edit/").content.decode()
    assert "Power cut." in page
    assert "24:00 Beijing time" in page


@pytest.mark.parametrize(
    ("changed", "sentence"), [({"closes_at": "2021-01-01"}, "later than"), ({"notice_zh": ""}, "required"), ({"closes_at": ""}, "required")]
)
@pytest.mark.usefixtures("administrator")
def test_an_extension_is_later_and_has_a_notice_in_both_languages(client: Client, sample: Sample, changed: dict[str, str], sentence: str) -> None:
    round = make_round(sample)
    response = client.post(f"/rounds/{round.slug}/extend/", extension(20) | changed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Power cut." in response.content.decode()
    assert not Extension.objects.exists()


@pytest.mark.usefixtures("administrator")
def test_a_round_is_not_extended_before_it_opens_or_after_it_closed(client: Client, sample: Sample) -> None:
    coming = coming_round(sample)
    response = client.post(f"/rounds/{coming.slug}/extend/", extension(60))
    assert response.status_code == 422
    closed = make_round(sample)
    close_round(closed)
    response = client.post(f"/rounds/{closed.slug}/extend/", extension(60))
    assert response.status_code == 422
    assert "Only an open round can be extended" in response.content.decode()
    assert not Extension.objects.exists()


def test_preparing_is_for_administrators(client: Client, sample: Sample) -> None:
    coming, opened = coming_round(sample), make_round(sample)
    for path in ("/rounds/new/", f"/rounds/{opened.slug}/edit/", f"/rounds/{opened.slug}/extend/"):
        assert client.get(path).status_code == 302
    for role in (Role.OFFICER, Role.APPROVER):
        client.force_login(make_user(None, role))
        assert client.get("/rounds/new/").status_code == 403
        assert client.get(f"/rounds/{coming.slug}/edit/").status_code == 403
    client.force_login(make_user(None, Role.EXPERT))
    assert client.get(f"/rounds/{opened.slug}/edit/").status_code == 403
    assert client.get(f"/rounds/{coming.slug}/edit/").status_code == 404, "a round that is being prepared does not exist yet"
    assert client.post("/rounds/new/", sent()).status_code == 403


@pytest.mark.usefixtures("administrator")
def test_a_round_of_the_public_record_has_no_form(client: Client, sample: Sample) -> None:
    record = make_round(sample, is_public_record=True)
    assert client.get(f"/rounds/{record.slug}/edit/").status_code == 404
    assert client.get("/rounds/nothing/edit/").status_code == 404


@pytest.mark.usefixtures("administrator")
def test_more_rows_need_no_more_queries(client: Client, django_assert_num_queries: Any) -> None:
    first = coming_round(make_sample("CE5C0600"))
    many = coming_round(*(make_sample(f"CE5C0{n}00", mass_ug=1_000) for n in (1, 2, 3)))
    client.post(f"/rounds/{first.slug}/edit/", sent(slug=first.slug, revision="0"))
    for change in range(3):
        client.post(f"/rounds/{many.slug}/edit/", sent(slug=many.slug, revision=str(change), samples=["CE5C0100"], loan_months=str(change + 3)))
    assert many.changes.count() == 4
    for round in (first, many):
        client.get(f"/rounds/{round.slug}/edit/")
        with django_assert_num_queries(12):
            client.get(f"/rounds/{round.slug}/edit/")


@pytest.mark.usefixtures("administrator")
def test_the_endorsement_is_asked_for_or_not_until_the_round_opens(client: Client, sample: Sample) -> None:
    round = coming_round(sample)
    assert client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision="0", needs_endorsement="on")).status_code == 302
    round.refresh_from_db()
    assert round.needs_endorsement
    told = {line.label: (line.before, line.after) for line in lines_of_change(round.changes.get(what="revised"))}
    assert told["the institution must endorse"] == ("no", "yes")
    assert 'name="needs_endorsement"' in client.get(f"/rounds/{round.slug}/edit/").content.decode()
    Round.objects.filter(pk=round.pk).update(opens_at=timezone.now())
    assert client.post(f"/rounds/{round.slug}/edit/", sent(slug=round.slug, revision="1")).status_code == 409
    page = client.get(f"/rounds/{round.slug}/edit/").content.decode()
    assert "signatory must endorse the application" in page
    assert 'name="needs_endorsement"' not in page
    assert "signatory must endorse the application" in Client().get(f"/rounds/{round.slug}/").content.decode()
    round.refresh_from_db()
    assert round.needs_endorsement
