"""Who opens which page of the committee: every page and every role, and nobody with a tie finds a row, a number or a gap."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.models import Application
from applications.tests.make import make_submitted
from institutions.actions import merge_institutions
from institutions.tests.make import make_institution, make_membership
from letters.models import Letter
from reviews.actions import announce_decisions
from reviews.models import Conflict, Review
from reviews.tests.make import browser_of, decide, file, make_cases, make_review, seen_again
from rounds.tests.make import make_round

pytestmark = pytest.mark.django_db
LISTS = ("check", "experts", "votes", "decisions", "letters")
CASES = ("check_one", "experts_one", "votes_one", "decisions_one")
# officer and approver read the lists; only the officer works on a case; only the approver announces
WHO = ("nobody", "stranger", "applicant", "expert", "other expert", "officer", "approver", "curator", "administrator")
SHUT = {"nobody": 302, "stranger": 403, "applicant": 403, "expert": 403, "other expert": 403, "curator": 403, "administrator": 403}
MATRIX = {
    **dict.fromkeys(LISTS, SHUT | {"officer": 200, "approver": 200}),
    **dict.fromkeys(CASES, SHUT | {"officer": 200, "approver": 403}),
    "announce": SHUT | {"officer": 403, "approver": 200},
    "letter_pdf": SHUT | {"officer": 404, "approver": 404},
    "queue": SHUT | {"officer": 403, "approver": 403, "expert": 200, "other expert": 200},
    "review": dict.fromkeys(WHO, 404) | {"nobody": 302, "expert": 200},
}


@pytest.fixture
def case() -> Application:
    """In review, with an expert's open review."""
    (application,) = make_cases(1, owner=make_user(full_name="Ada Applicant"))
    make_review(application)
    return application


def people_of(application: Application) -> dict[str, User | None]:
    return {
        "nobody": None,
        "stranger": make_user(),
        "applicant": application.owner,
        "expert": Review.objects.get().expert,
        "other expert": make_user(None, Role.EXPERT),
        "officer": make_user(None, Role.OFFICER),
        "approver": make_user(None, Role.APPROVER),
        "curator": make_user(None, Role.CURATOR),
        "administrator": make_user(None, Role.ADMINISTRATOR),
    }


def url_of(name: str, application: Application) -> str:
    slug = application.round.slug
    if name == "queue":
        return reverse("reviews:queue")
    if name == "review":
        return reverse("reviews:review", args=[Review.objects.get(application=application).pk])
    if name == "letter_pdf":
        return reverse("reviews:letter_pdf", args=[slug, Letter.objects.get(reference=application.reference).number])
    return reverse(f"reviews:{name}", args=[slug] if name in (*LISTS, "announce") else [slug, application.reference])


def test_every_page_answers_every_role_as_the_matrix_says(case: Application) -> None:
    found = {name: {who: browser_of(person).get(url_of(name, case)).status_code for who, person in people_of(case).items()} for name in MATRIX}
    assert found == MATRIX


def test_a_post_by_a_wrong_role_is_refused_and_changes_nothing(case: Application) -> None:
    words = {"step": "accept", "assign": "yes", "enter": "yes", "record": "yes", "announce": "yes", "count": 1, "save": "yes"}
    for who, person in people_of(case).items():
        for name in ("check_one", "experts_one", "votes_one", "decisions_one", "announce", "review"):
            if MATRIX[name][who] != 200:
                assert browser_of(person).post(url_of(name, case), words).status_code == MATRIX[name][who], f"{name} by {who}"
    assert seen_again(case).version == case.version


def test_a_reference_of_another_round_does_not_exist_here(case: Application) -> None:
    other = make_round(*case.round.samples.all())
    client = browser_of(make_user(None, Role.OFFICER))
    for name in CASES:
        assert client.get(reverse(f"reviews:{name}", args=[other.slug, case.reference])).status_code == 404
        assert client.get(reverse(f"reviews:{name}", args=["no-such-round", case.reference])).status_code == 404
        assert client.get(reverse(f"reviews:{name}", args=[case.round.slug, "LSA-2001-00001"])).status_code == 404


def tied(person: User, application: Application) -> None:
    assert application.institution is not None
    make_membership(person, application.institution)


def tied_by_a_merger(person: User, application: Application) -> None:
    """The person's institution and the applicant's turn out to be parts of a third."""
    assert application.institution is not None
    own = make_institution()
    make_membership(person, own)
    if application.institution.merged_into is None:
        merge_institutions(application.institution, make_institution(), by=None)
    application.institution.refresh_from_db()
    merge_institutions(own, application.institution.survivor, by=None)


def declared(person: User, application: Application) -> None:
    Conflict.objects.create(user=person, application=application)


def applying(person: User, application: Application) -> None:
    Application.objects.filter(pk=application.pk).update(owner=person)


Barrier = Callable[[User, Application], None]
BARRIERS: list[Barrier] = [tied, tied_by_a_merger, declared, applying]


@pytest.mark.parametrize("barrier", BARRIERS)
def test_an_officer_with_a_tie_finds_no_page_of_the_case_and_can_post_to_none(case: Application, barrier: Barrier) -> None:
    officer = make_user(None, Role.OFFICER)
    barrier(officer, case)
    client = browser_of(officer)
    for name in (*CASES, "letter_pdf"):
        assert client.get(url_of(name, case)).status_code == 404, name
    for name in CASES:
        words = {"step": "accept", "assign": "yes", "enter": "yes", "record": "yes"}
        assert client.post(url_of(name, case), words).status_code == 404, name
    assert client.get(reverse("desk:case", args=[case.round.slug, case.reference])).status_code == 404
    assert seen_again(case).version == case.version


def office_pages(person: User, slug: str) -> dict[str, str]:
    """What the office shows to this person, without what differs from one answer to the next."""
    names = [*LISTS, *(["announce"] if person.has_role(Role.APPROVER) else [])]
    urls = [*(reverse(f"reviews:{name}", args=[slug]) for name in names), reverse("desk:office", args=[slug]), reverse("desk:desk")]
    client = browser_of(person)
    tokens = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')
    return {url: tokens.sub("", client.get(url).content.decode()) for url in urls}


def test_with_a_tie_every_list_and_figure_is_as_if_the_case_did_not_exist() -> None:
    """Two worlds: what a tied person reads with a decided case must equal what was there before it was handed in."""
    round = make_round()
    roles = (Role.OFFICER, Role.APPROVER)
    quiet = {role: office_pages(make_user(None, role), round.slug) for role in roles}
    waiting = make_submitted(round)
    (decided,) = make_cases(1, round)
    file(make_review(decided))
    decide(decided)
    for role in roles:
        assert any(decided.reference in page for page in office_pages(make_user(None, role), round.slug).values()), "the test could prove nothing"
        for barrier in BARRIERS:
            person = make_user(None, role)
            for application in (waiting, decided):
                barrier(person, Application.objects.select_related("institution").get(pk=application.pk))
            pages = office_pages(person, round.slug)
            if barrier is applying:  # own applications stand on the own desk
                pages.pop(reverse("desk:desk"))
            for url, page in pages.items():
                assert decided.reference not in page, (role, barrier, url)
                assert _figures(page) == _figures(quiet[role][url]), (role, barrier, url)


def _figures(page: str) -> list[str]:
    """Every number on the page but those of dates: the round is open before and closed after."""
    main = re.sub(r"<[^>]*>", " ", page.partition("<main")[2].partition("</main>")[0])
    main = re.sub(r"\d{1,2} \w+ \d{4}(, \d\d:\d\d)?|UTC\+\d", " ", main)
    return re.findall(r"\d+", main)


def test_an_expert_is_shown_no_office_link_and_no_office_figure(case: Application) -> None:
    expert = Review.objects.get().expert
    for url in (reverse("desk:desk"), reverse("reviews:queue"), url_of("review", case), reverse("desk:round", args=[case.round.slug])):
        assert "/office/" not in browser_of(expert).get(url).content.decode()


def test_an_announcement_is_not_counted_for_an_approver_with_a_tie(case: Application) -> None:
    decide(case)
    approver = make_user(None, Role.APPROVER)
    tied(approver, case)
    page = browser_of(approver).get(url_of("announce", case)).content.decode()
    assert "No decision waits for an announcement." in page
    announce_decisions(case.round, by=make_user(None, Role.APPROVER), count=1)
    assert case.reference not in browser_of(approver).get(url_of("announce", case)).content.decode()
