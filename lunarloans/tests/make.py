"""One small world for tests that cross apps: rounds in every stage, and a person for every role and tie."""

from dataclasses import dataclass, field
from uuid import uuid4

from django.test import Client

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_application, submit_application
from applications.models import Application, Attachment
from applications.tests.make import make_draft, make_in_review, make_submitted, the_draft
from applications.tests.pdfs import make_attachment, make_drawn_page
from institutions.models import Institution
from institutions.tests.make import make_institution, make_membership
from letters.models import Letter
from results.actions import publish_results
from reviews.models import Decision, Review
from reviews.tests.make import announce, decide, file, make_review
from rounds.models import Round
from rounds.tests.make import close_round, make_round
from samples.models import Sample
from samples.tests.make import make_sample


@dataclass
class World:
    """`reviewed` holds a case in review, one to check and one with a recorded decision; `published` has its list."""

    home: Institution  # the applicant's
    away: Institution
    opened: Round
    reviewed: Round
    published: Round
    powder: Sample
    draft: Application
    to_check: Application
    case: Application
    decided: Application
    heard: Application  # of another institution; invited to a hearing once furnished
    review: Review
    filed: Review
    decision: Decision
    letter: Letter
    draft_file: Attachment
    case_file: Attachment
    people: dict[str, User] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """A browser of this person; "public" is nobody."""
        client = Client(raise_request_exception=True)
        if role != "public":
            client.force_login(self.people[role])
        return client


def make_world() -> World:
    powder = make_sample("CE5C0600", mass_ug=1_000_000)
    clast = make_sample("CE5C0000YJYX129", mass_ug=197_300)
    home, away = make_institution(name_en="Home University"), make_institution(name_en="Away Institute")
    people = {
        "applicant": make_user("applicant@example.org"),
        "stranger": make_user("stranger@example.org"),
        "expert": make_user("expert@example.org", Role.EXPERT),
        "other_expert": make_user("other-expert@example.org", Role.EXPERT),
        "officer": make_user("officer@example.org", Role.OFFICER),
        "tied_officer": make_user("tied-officer@example.org", Role.OFFICER),
        "approver": make_user("approver@example.org", Role.APPROVER),
        "tied_approver": make_user("tied-approver@example.org", Role.APPROVER),
        "curator": make_user("curator@example.org", Role.CURATOR),
        "administrator": make_user("administrator@example.org", Role.ADMINISTRATOR),
    }
    applicant = people["applicant"]
    make_membership(applicant, home)
    for tied in ("tied_officer", "tied_approver"):
        make_membership(people[tied], home)

    published = make_round(powder, slug="published")
    first = make_in_review(published, owner=applicant, institution=home, lines=[(powder, 20_000)], officer=people["officer"])
    decide(first, officer=people["officer"])
    announce(published, people["approver"])
    publish_results(published, by=people["administrator"])

    reviewed = make_round(powder, clast, slug="reviewed")
    to_check = make_submitted(reviewed, owner=applicant, institution=home)
    case = make_draft(reviewed, owner=applicant, institution=home, lines=[(powder, 30_000), (clast, 197_300)])
    decided = make_draft(reviewed, owner=applicant, institution=home, lines=[(powder, 40_000)], title="Decided, not announced")
    elsewhere = make_draft(reviewed, owner=people["stranger"], institution=away, lines=[(powder, 10_000)], title="Another institution")
    case_file = make_attachment(the_draft(case))
    make_drawn_page(case_file)
    for application in (case, decided, elsewhere):
        submit_application(application, by=application.owner, key=uuid4())
    close_round(reviewed)
    for application in (case, decided, elsewhere):
        accept_application(Application.objects.with_case().get(pk=application.pk), by=people["officer"])
    case, decided, to_check, heard = (Application.objects.with_case().get(pk=application.pk) for application in (case, decided, to_check, elsewhere))
    review = make_review(case, people["expert"])
    filed = file(make_review(decided, people["expert"]))
    decision = decide(decided, officer=people["officer"])

    opened = make_round(powder, clast, slug="opened")
    draft = make_draft(opened, owner=applicant, institution=home)
    draft_file = make_attachment(the_draft(draft))
    letter = Letter.objects.visible_to(applicant).order_by("pk").first()
    assert letter is not None
    return World(
        home,
        away,
        opened,
        reviewed,
        published,
        powder,
        draft,
        to_check,
        case,
        decided,
        heard,
        review,
        filed,
        decision,
        letter,
        draft_file,
        case_file,
        people,
    )
