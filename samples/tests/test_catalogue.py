"""The catalogue: what everybody sees, finds and never learns."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Role
from accounts.tests.make import make_user
from samples.actions import earmark, hold_earmarked, release_holds, show_holds
from samples.models import Form, Purpose, Sample
from samples.tests.make import make_mission, make_sample

pytestmark = pytest.mark.django_db

A = "LSA-2026-00001"


@pytest.fixture(autouse=True)
def missions() -> None:
    make_mission("change-5")
    make_mission("change-6")


def numbers(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/samples/{query}").content.decode()
    return re.findall(r'<a class="number" href="/samples/([^/]+)/">', page)


def words(text: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))).replace("\u00a0", " ")


def test_everybody_sees_number_state_and_what_is_left_held_and_on_loan(client: Client) -> None:
    make_sample("CE5C0600", mass_ug=4_350_000)
    make_sample("CE5C0000YJYX031", mass_ug=9_900)
    text = words(client.get("/samples/").content.decode())
    assert "CE5C0600 Powder · Scooped Left 4,350.0 mg 0.0 mg 0.0 mg" in text
    assert "CE5C0000YJYX031 Clast · Scooped · lent whole Left 9.9 mg" in text
    assert "How much is really left today is not published." in text


def test_an_unknown_mass_says_so_and_demonstration_stock_is_marked(client: Client) -> None:
    make_sample("CE5C0800YJYX013GP", mass_ug=None)
    assert "Mass not published Not published, so not offered" in words(client.get("/samples/").content.decode())
    assert "synthetic" not in client.get("/samples/").content.decode()
    make_sample("CE5C0600", is_synthetic_stock=True)
    assert "synthetic" in client.get("/samples/").content.decode()


def test_a_mission_without_published_numbers_has_an_honest_empty_list(client: Client) -> None:
    make_sample("CE5C0600")
    text = words(client.get("/samples/?mission=change-6").content.decode())
    assert "No sample number of Chang’e-6 has been published." in text
    assert "1 sample in the catalogue" in text


def test_the_sums_of_a_mission_leave_daughters_out(client: Client) -> None:
    make_sample("CE5C0400", mass_ug=7_700_000)
    make_sample("CE5C0400YJFM00901", mass_ug=500_000)
    text = words(client.get("/samples/").content.decode())
    assert "left 7,700.0 mg held 0.0 mg on loan 0.0 mg 2 samples in the catalogue" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["CE5C0000YJYX031", "CE5C0600", "CE5C0800YJYX013GP", "CE5Z0107YJ"]),
        ("?q=0600", ["CE5C0600"]),
        ("?q=ce5 z 01 07", ["CE5Z0107YJ"]),
        ("?q=GLASS", ["CE5C0600"]),
        ("?q=玻璃", ["CE5C0600"]),
        ("?q=%25", []),
        ("?q=_", []),
        ("?method=drilled", ["CE5Z0107YJ"]),
        ("?form=clast", ["CE5C0000YJYX031"]),
        ("?form=section&method=scooped", ["CE5C0800YJYX013GP"]),
        ("?mission=change-5&available=1", ["CE5C0000YJYX031", "CE5C0600", "CE5Z0107YJ"]),
        ("?available=on&form=section", []),
        ("?after=notakey", ["CE5C0000YJYX031", "CE5C0600", "CE5C0800YJYX013GP", "CE5Z0107YJ"]),
    ],
)
def test_search_and_filters_find_what_they_name(client: Client, query: str, found: list[str]) -> None:
    make_sample("CE5C0600", note_en="Rich in glass beads", note_zh="富含玻璃珠")
    make_sample("CE5C0000YJYX031", mass_ug=9_900)
    make_sample("CE5Z0107YJ", mass_ug=500_000)
    make_sample("CE5C0800YJYX013GP", mass_ug=None)
    assert numbers(client, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "?earmarked_ug__gt=0",
        "?holds__reference__startswith=LSA",
        "?order=earmarked_ug",
        "?sort=-vault_ug",
        "?free=1",
        "?unseen_ug=30000",
        "?state=earmarked",
        "?mission=apollo",
        "?method=shovelled&form=dust",
        "?q=" + "x" * 500,
        "?available=maybe&nonsense=1",
        "?mission__slug=change-6",
    ],
)
def test_unknown_and_hidden_parameters_change_nothing_in_both_worlds(client: Client, query: str) -> None:
    """S-08: with an earmark and without, the answer to a parameter that does not exist is that to none at all."""
    first, second = make_sample("CE5C0400", mass_ug=100_000), make_sample("CE5C0600", mass_ug=100_000)
    expected = ["CE5C0400", "CE5C0600"]
    assert numbers(client, query) == expected
    earmark(first, A, 100_000, by=None)
    assert numbers(client, query) == expected
    earmark(second, A, 30_000, by=None)
    assert numbers(client, query) == expected


READERS: dict[str, Callable[[], object]] = {
    "public": lambda: None,
    "applicant": make_user,
    "expert": lambda: make_user(None, Role.EXPERT),
    "administrator": lambda: make_user(None, Role.ADMINISTRATOR),
    "curator": lambda: make_user(None, Role.CURATOR),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("number", ["CE5C0400", "CE5C0000YJYX031"], ids=["powder", "whole piece"])
def test_an_earmark_and_an_unseen_hold_change_no_page_no_filter_and_no_tag(client: Client, settings: object, reader: str, number: str) -> None:
    """Everybody but officers and approvers: page, filters, sums and ETag are the same from the recording to the moment of visibility."""
    settings.PORTAL_DEMO = True  # type: ignore[attr-defined]  # no second factor in between
    person = READERS[reader]()
    if person:
        client.force_login(person)  # type: ignore[arg-type]
    sample = make_sample(number, mass_ug=100_000)
    make_sample("CE5C0600", mass_ug=500)

    def looks() -> list[object]:
        answers = []
        for path in ("/samples/", "/samples/?available=1", "/samples/?q=CE5C0", f"/samples/{number}/"):
            answer = client.get(path)
            text = re.sub(r"csrf\w*\W.{0,12}value=\W\w+|nonce=\W[^\"]+", "", answer.content.decode())
            answers += [answer.status_code, text, answer.headers.get("ETag")]
        return answers

    before = looks()
    earmark(sample, A, 100_000, by=None)
    assert looks() == before
    release_holds(A, reason="decision taken back", by=None)
    assert looks() == before
    earmark(sample, A, 100_000, by=None)
    hold_earmarked(A, by=None)
    assert looks() == before
    show_holds([A])
    assert looks() != before
    assert numbers(client, "?available=1") == ["CE5C0600"]
    assert "Held" in client.get(f"/samples/{number}/").content.decode()


def test_a_stranger_who_has_the_page_is_told_that_it_is_the_same(client: Client) -> None:
    sample = make_sample("CE5C0400", mass_ug=100_000)
    for path in ("/samples/", "/samples/CE5C0400/"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert client.get(path, headers={"If-None-Match": tag, "Accept-Language": "zh-hans"}).status_code == 200
    earmark(sample, A, 50_000, by=None)
    hold_earmarked(A, by=None)
    tags = {path: client.get(path).headers["ETag"] for path in ("/samples/", "/samples/CE5C0400/")}
    show_holds([A])
    for path, tag in tags.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_somebody_who_is_signed_in_always_gets_the_whole_page(client: Client) -> None:
    make_sample("CE5C0400")
    client.force_login(make_user())
    assert "ETag" not in client.get("/samples/").headers


def test_htmx_gets_the_table_alone_and_the_browsers_history_the_whole_page(client: Client) -> None:
    make_sample("CE5C0400")
    table = client.get("/samples/?form=powder", headers={"HX-Request": "true"})
    assert "<html" not in table.content.decode()
    assert "CE5C0400" in table.content.decode()
    assert "HX-Request" in table.headers["Vary"]
    whole = client.get("/samples/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.content.decode()


def test_a_long_catalogue_is_read_page_by_page_with_the_filters_kept(client: Client) -> None:
    mission = make_mission()
    Sample.objects.bulk_create(Sample(number=f"CE5C08{index:02d}", mission=mission, method="scooped", form=Form.POWDER) for index in range(61))
    Sample.objects.bulk_create([Sample(number="CE5C0000YJYX031", mission=mission, method="scooped", form=Form.CLAST)])
    first = client.get("/samples/?form=powder&q=CE5C08").content.decode()
    following = re.search(r'href="(\?[^"]+)"[^>]*>Next page|rel="next" href="(\?[^"]+)"', first)
    assert following is not None
    url = (following[1] or following[2]).replace("&amp;", "&")
    assert numbers(client, "?form=powder&q=CE5C08") == [f"CE5C08{index:02d}" for index in range(50)]
    assert numbers(client, url) == [f"CE5C08{index:02d}" for index in range(50, 61)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_catalogue_asks_two_questions_however_long_it_is(client: Client, django_assert_num_queries: Callable[[int], object], count: int) -> None:
    for number in ("CE5C0400", "CE5C0600", "CE5C0000YJYX031")[:count]:
        make_sample(number)
    client.get("/samples/")
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        client.get("/samples/")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", ["/samples/", "/samples/?mission=change-6", "/samples/?q=nothing", "/samples/CE5C0400/"])
def test_every_page_opens_in_both_languages(client: Client, language: str, path: str) -> None:
    make_sample("CE5C0400", purpose=Purpose.RESEARCH)
    assert client.get(path, headers={"Accept-Language": language}).status_code == 200
