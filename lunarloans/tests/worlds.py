"""One reviewed round with a person for every standing, and the secrets in which two such worlds can differ (quality: S-01).

A secret is two short stories told on the same world: one happened in this world, the other in that one. Whatever else is the same, to
the primary keys, the moments and the random codes, so that whoever may not know of the difference must fetch the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_application, submit_application
from applications.models import Application, Part
from applications.tests.make import make_draft, make_member
from institutions.tests.make import make_membership
from lunarloans.tests.make import World, make_world
from lunarloans.tests.test_access import furnished
from reviews import workflow as steps
from reviews.actions import (
    AwardDraft,
    announce_decisions,
    assign_experts,
    decisions_to_announce,
    declare_conflict,
    declare_no_conflict,
    file_review,
    record_decision,
    remove_review,
    save_review,
)
from reviews.models import (
    Attendance,
    Bid,
    CheckMark,
    Conflict,
    Declaration,
    Departure,
    Expertise,
    Filing,
    Finding,
    Hearing,
    Meeting,
    Plan,
    Remark,
    Review,
    Seat,
    Shortlisted,
    Slot,
    Standing,
    Wish,
)
from reviews.tests.make import carry, decide, file, make_review
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import close_round

# People beside those of make_world, by what each of them is to `case`.
PEOPLE: dict[str, tuple[Role, ...]] = {
    "co_applicant": (),
    "signatory": (),
    "neighbour": (),  # of the applicant's institution, with an application of their own that nobody has seen yet
    "colleague": (Role.EXPERT,),  # judges the same case
    "second_colleague": (Role.EXPERT,),
    "declared_expert": (Role.EXPERT,),  # has declared a conflict with the case
    "removed_expert": (Role.EXPERT,),  # was taken off the case
    "tied_expert": (Role.EXPERT,),  # of the applicant's institution
    "pinned_officer": (Role.OFFICER,),  # a conflict that the office has set
    "tied_administrator": (Role.ADMINISTRATOR,),
}


@dataclass(frozen=True)
class Secret:
    """What happened in this world and what in that one."""

    name: str
    this: Callable[[World], None]
    that: Callable[[World], None]


def make_secret_world() -> World:
    """make_world() with a colleague in the committee and every kind of person who is shut out of the case."""
    world = furnished(make_world())
    world.people |= {name: make_user(f"{name.replace('_', '-')}@example.org", *roles) for name, roles in PEOPLE.items()}
    people, case, officer = world.people, world.case, world.people["officer"]
    for name in ("co_applicant", "signatory"):
        make_member(case, Part.SIGN if name == "signatory" else Part.READ, people[name])
    for name in ("neighbour", "tied_expert", "tied_administrator"):
        make_membership(people[name], world.home)
    make_review(case, people["declared_expert"], is_open=False)
    declare_conflict(review_of(world, "declared_expert"), by=people["declared_expert"], note="We write a paper together.")
    make_review(case, people["removed_expert"])
    remove_review(review_of(world, "removed_expert"), by=officer)
    shut_out(case, people["pinned_officer"], by=officer)
    file(make_review(elsewhere(world), people["other_expert"]))
    for name in ("colleague", "second_colleague", "tied_expert"):
        Seat.objects.create(round=world.reviewed, user=people[name], added_by=officer)
    Round.objects.filter(pk=world.reviewed.pk).update(recall_minutes=30)
    _reopen(world.reviewed)
    make_draft(world.reviewed, owner=people["neighbour"], institution=world.home, lines=[(world.powder, 50_000)], title="Nobody knows of it")
    close_round(world.reviewed)
    return again(world)


def again(world: World) -> World:
    """The rows of the world as the database has them now: what was read in another world must not be gone on with."""
    cases = Application.objects.with_case()
    world.case, world.decided, world.to_check = (cases.get(pk=one.pk) for one in (world.case, world.decided, world.to_check))
    world.reviewed.refresh_from_db()
    world.powder.refresh_from_db()
    return world


def elsewhere(world: World) -> Application:
    """The case of another institution in the same round: nobody here is shut out of it."""
    return Application.objects.with_case().get(round=world.reviewed, owner=world.people["stranger"])


def hidden_case(world: World) -> Application:
    """The neighbour's application: a draft, unless the story hands it in."""
    return Application.objects.select_related("round", "owner").get(round=world.reviewed, owner=world.people["neighbour"])


def review_of(world: World, name: str) -> Review:
    return Review.objects.with_case().get(application=world.case, expert=world.people[name])


def shut_out(application: Application, person: User, *, by: User, standing: Standing = Standing.PINNED) -> None:
    """As the office sets it, or as the person declares it without having been asked to judge."""
    words: dict[str, Any] = {"user": person, "application": application, "standing": standing, "note": "Thesis adviser of the applicant."}
    Conflict.objects.create(**words, set_by=by if standing == Standing.PINNED else None)
    Declaration(**words, by=by).save(force_insert=True)


def _reopen(round: Round) -> None:
    Round.objects.filter(pk=round.pk).update(closes_at=timezone.now() + timedelta(hours=1))


# --- The stories -----------------------------------------------------------------------------------------------------------


def nothing(world: World) -> None:
    """Nothing more happens."""


def assigned(world: World, who: str, *, is_open: bool = True) -> Review:
    (review,) = assign_experts(world.case, [world.people[who]], by=world.people["officer"])
    if is_open:
        declare_no_conflict(review, by=world.people[who])
    return review


def judged(
    who: str = "colleague", *, score: int = 4, to_applicant: str = "Clear.", to_committee: str = "Strong.", is_filed: bool = True
) -> Callable[[World], None]:
    def story(world: World) -> None:
        review = assigned(world, who)
        words = {"remarks_to_applicant": to_applicant, "remarks_to_committee": to_committee}
        scores = dict.fromkeys(world.reviewed.criteria.all(), score)
        (file_review if is_filed else save_review)(review, by=review.expert, seen_revision=0, scores=scores, **words)

    return story


def told(*stories: Callable[[World], None]) -> Callable[[World], None]:
    """One story after the other."""

    def story(world: World) -> None:
        for each in stories:
            each(again(world))

    return story


def asked_only(world: World) -> None:
    assigned(world, "colleague", is_open=False)


def stepped_back(world: World) -> None:
    declare_conflict(assigned(world, "colleague", is_open=False), by=world.people["colleague"], note="My former student.")


def officer_shut_out(world: World) -> None:
    shut_out(elsewhere(world), world.people["officer"], by=world.people["administrator"])


def voted(yes: int) -> Callable[[World], None]:
    return lambda world: carry(world.case, officer=world.people["officer"], yes=yes)


def decided(outcome: Outcome) -> Callable[[World], None]:
    def story(world: World) -> None:
        decide(world.case, officer=world.people["officer"], outcome=outcome)

    return story


def awarded_less(world: World) -> None:
    """Another mass earmarked for the same outcome."""
    carry(world.case, officer=world.people["officer"])
    assert world.case.current is not None
    lines = world.case.current.requests.select_related("sample", "version__application")
    drafts = {line: AwardDraft(Outcome.REDUCED, 10_000) if line.sample.is_divisible else AwardDraft(Outcome.APPROVED) for line in lines}
    record_decision(world.case, awards=drafts, by=world.people["officer"])


def announcement_waits(world: World) -> None:
    count = len(decisions_to_announce(world.reviewed, by=world.people["approver"]))
    announce_decisions(world.reviewed, by=world.people["approver"], count=count)


def remarked(world: World) -> None:
    Remark(application=world.case, by=world.people["colleague"], text="The method is not new.").save(force_insert=True)


def refiled(world: World) -> None:
    """After the discussion the colleague thinks otherwise."""
    review = review_of(world, "colleague")
    review.scores.update(value=2)
    Review.objects.filter(pk=review.pk).update(remarks_to_committee="Weaker than I thought.")
    review.refresh_from_db()
    review.advance(steps.REFILE, by=review.expert)
    scores = {str(score.criterion_id): score.value for score in review.scores.all()}
    Filing(review=review, number=2, scores=scores, remarks_to_committee=review.remarks_to_committee, reason="The discussion.").save(force_insert=True)


def shortlisted(world: World) -> None:
    Shortlisted.objects.create(application=world.case, by=world.people["officer"])


def bid(world: World) -> None:
    Bid.objects.create(user=world.people["colleague"], application=world.case, wish=Wish.EAGER)


def knows(world: World) -> None:
    """The colleague says what they are an expert of."""
    Expertise.objects.create(user=world.people["colleague"], fields=["petrology"], techniques=["sims"], words="Water in impact glasses")


def planned(world: World) -> None:
    pair: list[object] = [world.case.pk, world.people["colleague"].pk, 1000, []]
    Plan.objects.create(round=world.reviewed, made_by=world.people["officer"], settings={"reviews": 3}, pairs=[pair], seen_digest="0" * 64)


def checked(world: World) -> None:
    marks: dict[str, Any] = {"version": world.to_check.current, "by": world.people["officer"]}
    CheckMark.objects.create(**marks, item="legal_entity", finding=Finding.MET)
    CheckMark.objects.create(**marks, item="storage", finding=Finding.FAULT, note="Say where it is kept.")


def handed_in(world: World) -> None:
    """A case more, of an institution that some of the office belong to."""
    application, closed = hidden_case(world), Round.objects.filter(pk=world.reviewed.pk).values("opens_at", "closes_at")[0]
    _reopen(world.reviewed)
    submit_application(application, by=application.owner, key=uuid4())
    Round.objects.filter(pk=world.reviewed.pk).update(**closed)
    accept_application(Application.objects.with_case().get(pk=application.pk), by=world.people["officer"])


def met(world: World) -> None:
    meeting = Meeting.objects.create(round=world.reviewed, held_on=timezone.localdate(), place_en="Beijing", noted_by=world.people["officer"])
    for seat in Seat.objects.filter(round=world.reviewed, user=world.people["colleague"]):
        Attendance.objects.create(meeting=meeting, seat=seat)


def left_the_room(world: World) -> None:
    Departure(application=world.case, user=world.people["declared_expert"], noted_by=world.people["officer"]).save(force_insert=True)


def heard(world: World) -> None:
    """The neighbour's case is called to a hearing."""
    begin = timezone.now() + timedelta(days=30)
    hearing = Hearing.objects.create(
        round=world.reviewed,
        starts_at=begin,
        place_en="Beijing",
        place_zh="北京",
        confirm_by=begin - timedelta(days=10),
        slides_due_at=begin - timedelta(days=5),
        set_by=world.people["officer"],
    )
    Slot.objects.create(hearing=hearing, application=world.case, position=0)


JUDGED, DECLINED, APPROVED = judged(), decided(Outcome.DECLINED), decided(Outcome.APPROVED)  # one story, told once for all who need it
IN_RESERVE = decided(Outcome.RESERVE)
SECRETS = (
    Secret("reviewer", JUDGED, judged("second_colleague")),
    Secret("number_of_reviewers", nothing, asked_only),
    Secret("score", JUDGED, judged(score=2)),
    Secret("words_to_committee", JUDGED, judged(to_committee="Weak, and the team is new to it.")),
    Secret("words_to_applicant", JUDGED, judged(to_applicant="Please name the laboratory.")),
    Secret("filed", judged(is_filed=False), JUDGED),
    Secret("changed_after_filing", JUDGED, told(JUDGED, refiled)),
    Secret("conflict_of_an_expert", asked_only, stepped_back),
    Secret("conflict_of_an_officer", nothing, officer_shut_out),
    Secret("remark", JUDGED, told(JUDGED, remarked)),
    Secret("shortlist", JUDGED, told(JUDGED, shortlisted)),
    Secret("bid", nothing, bid),
    Secret("expertise", nothing, knows),
    Secret("plan", nothing, planned),
    Secret("check_mark", nothing, checked),
    Secret("case", nothing, handed_in),
    Secret("meeting", nothing, met),
    Secret("departure", heard, told(heard, left_the_room)),
    Secret("hearing", nothing, heard),
    Secret("vote", voted(yes=8), voted(yes=6)),
    Secret("decision", nothing, DECLINED),
    Secret("outcome", DECLINED, IN_RESERVE),
    Secret("approval", IN_RESERVE, APPROVED),
    Secret("earmark", APPROVED, awarded_less),
    Secret("announcement", APPROVED, told(APPROVED, announcement_waits)),
)
