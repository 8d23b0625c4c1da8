"""Loads the demonstration: the real catalogue and public record, and openly fictional people, institutions and rounds."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.actions import create_account, create_demonstration_account
from accounts.models import Role, User
from applications.actions import (
    accept_application,
    accept_invitation,
    attach_file,
    invite_member,
    revise_application,
    revise_requests,
    start_application,
    submit_application,
)
from applications.demonstration import ANSWERS, line_answers, plan_pdf
from applications.models import Application, Part, Purpose, draft_version
from desk.actions import fold_finished_days
from desk.management.after_the_vote import Office, bind_borrowers, correct_letters, count_votes, seat_committee, tell_round
from desk.management.past import set_back
from institutions.actions import add_membership, create_institution, verify_institution
from institutions.models import Country, Institution, Kind
from reviews.actions import (
    AwardDraft,
    HearingDates,
    assign_experts,
    confirm_hearing,
    declare_no_conflict,
    enter_vote,
    file_review,
    invite_to_hearing,
    propose_awards,
    record_decision,
    save_expertise,
    save_review,
    set_hearing,
)
from reviews.models import USUAL_STEEPNESS, Way
from reviews.workflow import Outcome
from rounds.actions import prepare_round
from rounds.models import Audience, Round
from rounds.usual_rules import usual_rules
from samples.models import Mission, Sample

ACCOUNTS: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("applicant", "Ada Applicant", "", ()),
    ("signatory", "Sam Signatory", "", ()),
    ("officer", "Olive Officer", "欧丽芙（虚构）", (Role.OFFICER,)),
    ("officer2", "Oscar Officer", "欧斯卡（虚构）", (Role.OFFICER,)),
    *((f"expert{n}", f"Expert {name}", "", (Role.EXPERT,)) for n, name in enumerate(("Amber", "Birch", "Cedar", "Dune", "Elm", "Fern"), start=1)),
    ("chair", "Chair Coral", "", (Role.EXPERT,)),
    ("approver", "Avery Approver", "", (Role.APPROVER,)),
    ("approver2", "Alex Approver", "", (Role.APPROVER,)),
    ("curator", "Chris Curator", "", (Role.CURATOR,)),
    ("administrator", "Adrian Administrator", "", (Role.ADMINISTRATOR,)),
)

# Openly fictional: no such place exists, and each is marked synthetic.
INSTITUTIONS: tuple[tuple[str, str, str | None, Kind], ...] = (
    ("Fictional University of Selenia", "", "FR", Kind.UNIVERSITY),
    ("Fictional Institute of Planetary Dust", "", "DE", Kind.INSTITUTE),
    ("Fictional Museum of the Sky", "", "IT", Kind.MUSEUM),
    ("Fictional Space Agency of Lunaria", "", "BR", Kind.AGENCY),
    ("Fictional College of Regolith", "", "GB", Kind.UNIVERSITY),
    ("Fictional University of Tranquility", "", "US", Kind.UNIVERSITY),
    ("Fictional Observatory of the South", "", "ZA", Kind.INSTITUTE),
    ("Fictional Joint Organisation for Moon Studies", "", None, Kind.ORGANISATION),
    ("Fictional Academy of Basalt", "虚构玄武岩学院", "CN", Kind.INSTITUTE),
)

PROPOSALS: tuple[tuple[str, str, str], ...] = (
    (
        "Water in glass beads from drilled soil",
        (
            "How much solar-wind water do impact glasses keep, and for how long? Drilled soil from a known depth lets us separate exposure age "
            "from composition, which no scooped soil can do."
        ),
        (
            "Beads are hand-picked in nitrogen, mounted without epoxy, mapped by FTIR before any beam touches them, and only then measured for "
            "hydrogen isotopes in line profiles of 2 µm steps."
        ),
    ),
    (
        "Age of the youngest basalts by lead isotopes",
        "Was the mantle below Oceanus Procellarum still melting two billion years ago everywhere, or only in places?",
        "Zirconium-bearing phases are found by electron microscopy and dated in place by ion probe; each spot consumes less than a nanogram.",
    ),
    (
        "Noble gases and the exposure of young soil",
        "How long did single grains lie at the surface before they were covered?",
        "Stepwise heating of single grains to 1,400 °C, gases measured in sequence; all consumption is filmed.",
    ),
    (
        "Space weathering at mid latitudes",
        "Do rims on grains from 43° N differ from those of the Apollo sites near the equator?",
        "Electron-transparent sections of selected grains, imaged at atomic resolution; the remainder returns untouched.",
    ),
    (
        "Oxygen isotopes of single clasts",
        "Do the clasts share one magma, or were they thrown in from afar?",
        "Laser fluorination of fragments below half a milligram, after non-destructive mapping of the whole clast.",
    ),
    (
        "Magnetic record of a late dynamo",
        "Did a weak lunar field persist two billion years ago?",
        "Stepwise demagnetisation in a shielded room, followed by palaeointensity measurements; entirely non-destructive.",
    ),
)


BEGINNING = 90.0  # days before today: people, institutions and stock are there from then on
LINE_UG = 40_000


class Told(NamedTuple):
    """An application of the round that is told: of which institution, for which samples, and what became of it."""

    institution: int
    samples: tuple[str, ...]
    outcome: Outcome
    then: str = ""


# Enough of them that the published figures say something, and few enough in most countries that some are left out.
TOLD: tuple[Told, ...] = (
    Told(0, ("CE5C0800YJYX038",), Outcome.RESERVE),
    Told(1, ("CE5C0400", "CE5Z0107YJ"), Outcome.APPROVED, "signed"),
    Told(2, ("CE5C0800YJYX038",), Outcome.APPROVED, "lapsed"),
    Told(3, ("CE5C0400", "CE5C0800YJYX014GP"), Outcome.APPROVED, "signed too"),
    Told(4, ("CE5Z0107YJ", "CE5C0900YJFM001GP"), Outcome.APPROVED, "extended"),
    Told(5, ("CE5C0400",), Outcome.APPROVED),
    *(Told(1, samples, Outcome.DECLINED) for samples in (("CE5C0400",), ("CE5C0400",), ("CE5C0400",), ("CE5C0800YJYX014GP",))),
    *(Told(institution, ("CE5Z0107YJ",), Outcome.DECLINED) for institution in (2, 2, 4)),
    Told(4, ("CE5Z0107YJ", "CE5C0000YJYX104"), Outcome.DECLINED),
    Told(6, ("CE5C0900YJFM001GP",), Outcome.DECLINED),
)


# What the demonstration's experts know: fields, techniques, own words.
KNOWLEDGE: tuple[tuple[list[str], list[str], str], ...] = (
    (["volatiles", "space_weathering"], ["sims", "tem"], "solar wind, water, impact glass"),
    (["petrology", "geochemistry"], ["epma", "sem", "icp_ms"], "basalt, pyroxene, 玄武岩"),
    (["chronology"], ["dating", "sims"], "young basalts, zircon, 定年"),
    (["physical", "geophysics"], ["magnetic", "thermal"], "grain size, palaeomagnetism"),
    (["impacts", "petrology"], ["raman", "xrd"], "glass beads, breccia, shock"),
    (["remote_sensing", "resources"], ["infrared", "mossbauer"], "spectra, 太空风化, sintering"),
)


class Command(BaseCommand):
    help = "Load the demonstration. Run again, it changes nothing. Refuses outside DEBUG unless PORTAL_DEMO=1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--close", metavar="ROUND", help="load nothing; end this round of the demonstration now, as if its last day were over")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEBUG or settings.PORTAL_DEMO):
            raise CommandError("The demonstration is for trying things out: set PORTAL_DEMO=1 if you mean it.")
        if options["close"]:
            self.close(options["close"])
        else:
            self.load()

    def close(self, slug: str) -> None:
        """So that a person can walk the whole path in one sitting."""
        found = Round.objects.open().filter(slug=slug, is_synthetic=True).first()
        if found is None:
            raise CommandError(f"{slug} is no round of the demonstration that is open.")
        close(found)
        self.stdout.write(f"{slug} is closed: the office can check what was handed in.")

    def load(self) -> None:
        if Round.objects.filter(is_synthetic=True).exists():
            self.load_record()
            self.stdout.write("The demonstration's rounds are there already.")
            return
        with set_back(days=BEGINNING):
            self.load_record()
            people = load_people()
        with transaction.atomic():
            weighed = load_rounds(people)
        propose_awards(weighed, by=people["officer"], steepness=USUAL_STEEPNESS)
        fold_finished_days(now=timezone.now())
        self.stdout.write("The demonstration is loaded.")

    def load_record(self) -> None:
        """What is real: the catalogue and the public record."""
        data = settings.BASE_DIR / "data"
        call_command("load_samples", str(data / "samples.csv"), demonstration_stock=True, stdout=self.stdout)
        call_command(
            "load_results",
            str(data / "approved_2025.csv"),
            round="2023-international",
            title="First international round for Chang’e-5 samples",
            title_zh="嫦娥五号月球样品首次国际借用申请",
            announced="2025-04-24",
            total_mg="2180",
            source="https://hkcd.com/hkcdweb/content/2025/04/24/content_8691763.html ; "
            "total: https://www.friendsofnasa.org/2025/08/china-distributes-12542-grams-of-lunar.html",
            stdout=self.stdout,
        )
        call_command("load_batches", str(data / "domestic_batches.csv"), stdout=self.stdout)


def load_people() -> dict[str, User]:
    return {
        name: create_demonstration_account(f"{name}@example.org", full_name=full_name, native_name=native_name, roles=roles)
        for name, full_name, native_name, roles in ACCOUNTS
    }


def load_institutions(officer: User) -> list[Institution]:
    institutions = []
    for name_en, name_local, code, kind in INSTITUTIONS:
        country = Country.objects.get(pk=code) if code else None
        institution = create_institution(name_en=name_en, name_local=name_local, kind=kind, country=country, is_synthetic=True)
        verify_institution(institution, by=officer)
        institutions.append(institution)
    return institutions


def beijing_midnight(days: int) -> datetime:
    """The exclusive end of a day in Beijing, so many days from today: 24:00 there is 16:00 UTC."""
    today = timezone.localdate()
    return datetime(today.year, today.month, today.day, 16, tzinfo=UTC) + timedelta(days=days)


def load_rounds(people: dict[str, User]) -> Round:
    """Five rounds: open, in review, voted on, ready to announce, told. Everything in them is made by the actions that people use.

    Returns the one that was voted on: its awards are proposed outside the transaction.
    """
    officer, administrator = people["officer"], people["administrator"]
    with set_back(days=BEGINNING):
        institutions = load_institutions(officer)
        add_membership(people["applicant"], institutions[0], by=officer)
        add_membership(people["signatory"], institutions[0], may_sign=True, by=officer)
        for number, institution in zip((1, 2, 3), (institutions[8], institutions[6], institutions[0]), strict=True):
            add_membership(people[f"expert{number}"], institution, by=officer)
        applicants = [load_applicant(number, institution) for number, institution in enumerate(institutions[1:8], start=1)]
        experts = [people[f"expert{number}"] for number in range(1, 7)]
        for expert, (fields, techniques, words) in zip(experts, KNOWLEDGE, strict=True):
            save_expertise(by=expert, fields=fields, techniques=techniques, words=words)

    mission = Mission.objects.get(slug="change-5")
    powder = list(
        Sample.objects.filter(number__in=("CE5C0400", "CE5C0600", "CE5Z0107YJ", "CE5Z0303YJ", "CE5Z0403YJ", "CE5Z0709YJ")).order_by("number")
    )
    pieces = list(
        Sample.objects.filter(number__in=("CE5C0000YJYX129", "CE5C0000YJYX040", "CE5C0800YJYX132GP", "CE5C0800YJYX001GP")).order_by("number")
    )
    now = timezone.now()
    common: dict[str, Any] = {"mission": mission, "audience": Audience.BOTH, "is_synthetic": True, "by": administrator, "recall_minutes": 1}
    common["rules"] = [draft | {"is_on": draft["is_on"] or draft["code"] == "share-panel"} for draft in usual_rules()]

    weighed = load_weighed(people, applicants, common)
    load_told(people, institutions, common)
    opened = prepare_round(
        slug="demo-open",
        title_en="Demonstration round: open for applications",
        title_zh="演示批次：正在接受申请",
        opens_at=now - timedelta(days=2),
        closes_at=beijing_midnight(30),
        corrections_close_at=beijing_midnight(50),
        reviews_due_at=beijing_midnight(80),
        samples=powder + pieces,
        **common,
    )
    reviewed = prepare_round(
        slug="demo-review",
        title_en="Demonstration round: in review",
        title_zh="演示批次：评审中",
        opens_at=now - timedelta(days=60),
        closes_at=now + timedelta(hours=1),
        corrections_close_at=beijing_midnight(10),
        reviews_due_at=beijing_midnight(14),
        samples=powder[:4] + pieces[:2],
        **common,
    )
    decided = prepare_round(
        slug="demo-announce",
        title_en="Demonstration round: ready to announce",
        title_zh="演示批次：待公布结果",
        opens_at=now - timedelta(days=150),
        closes_at=now + timedelta(hours=1),
        corrections_close_at=now + timedelta(hours=1),
        samples=powder[3:] + pieces[2:],
        **common,
    )
    load_draft(opened, people["applicant"], people["signatory"], institutions[0])
    in_review = [load_application(reviewed, applicants[6], 4, [(pieces[0], pieces[0].total_ug)])]
    in_review += [load_application(reviewed, applicants[n], n, [(powder[n % 3], 20_000 + 10_000 * n)]) for n in range(4)]
    waiting = [load_application(decided, applicants[n], n + 2, [(powder[4], 40_000), (powder[5], 30_000)]) for n in range(3)]
    close(reviewed, decided)
    for number, application in enumerate(in_review[:3]):
        load_reviews(application, experts[number % 3 : number % 3 + 2], by=officer, score=3 + number % 3)
    load_hearing(reviewed, in_review[:2], by=officer)
    for number, application in enumerate(waiting):
        load_reviews(application, experts[3:5], by=officer, score=5 - number)
        load_decision(application, number, by=officer)
    return weighed


def load_told(people: dict[str, User], institutions: list[Institution], common: dict[str, Any]) -> None:
    """A round that is announced and published, with agreements in every state."""
    offered = {sample.number: sample for sample in Sample.objects.filter(number__in={number for row in TOLD for number in row.samples})}
    with set_back(days=BEGINNING - 5):
        round = prepare_round(
            slug="demo-published",
            title_en="Demonstration round: announced and published",
            title_zh="演示批次：结果已公布",
            opens_at=timezone.now(),
            closes_at=beijing_midnight(40),
            corrections_close_at=beijing_midnight(42),
            reviews_due_at=beijing_midnight(50),
            samples=list(offered.values()),
            **common,
        )
        seats = seat_committee(round, [people[f"expert{number}"] for number in range(1, 7)], people["chair"], by=people["officer"])
        own = (people["applicant"], institutions[0])
        applicants = [
            own if row.institution == 0 else load_applicant(number, institutions[row.institution]) for number, row in enumerate(TOLD, start=8)
        ]
    with set_back(days=60):
        cases = [
            load_application(round, applicant, number, [(offered[sample], LINE_UG) for sample in row.samples])
            for number, (row, applicant) in enumerate(zip(TOLD, applicants, strict=True), start=1)
        ]
    with set_back(days=42):
        for number, case in enumerate(cases):
            load_reviews(case, pair_of(people, number), by=people["officer"], score=5 - number % 4, is_finished=True)
    office = Office(people["officer"], people["approver"], people["administrator"])
    told = [Application.objects.with_case().get(pk=case.pk) for case in cases]
    tell_round(round, {case: [AwardDraft(row.outcome)] * len(row.samples) for row, case in zip(TOLD, told, strict=True)}, seats, office)
    in_state = {row.then: case for row, case in zip(TOLD, told, strict=True)}
    bind_borrowers(round, office, signed=[in_state["signed"], in_state["signed too"]], extended=in_state["extended"], lapsed=in_state["lapsed"])
    correct_letters(office, replaced=in_state["signed too"], revoked=told[-1])


def load_weighed(people: dict[str, User], applicants: list[tuple[User, Institution]], common: dict[str, Any]) -> Round:
    """A round whose votes are counted and whose awards are not decided: more is asked for than there is."""
    powder = Sample.objects.get(number="CE5Z0906YJ")
    clast = Sample.objects.get(number="CE5Z0709YJYX002")
    with set_back(days=BEGINNING - 5):
        round = prepare_round(
            slug="demo-decide",
            title_en="Demonstration round: voted on, awards to be decided",
            title_zh="演示批次：已表决，待分配样品",
            opens_at=timezone.now(),
            closes_at=beijing_midnight(28),
            corrections_close_at=beijing_midnight(40),
            reviews_due_at=beijing_midnight(75),
            samples=[powder, clast],
            **common,
        )
        seats = seat_committee(round, [people[f"expert{number}"] for number in range(1, 7)], people["chair"], by=people["officer"])
    with set_back(days=61):
        lines = [[(powder, LINE_UG)], [(powder, 2 * LINE_UG), (clast, clast.total_ug)], [(powder, 3 * LINE_UG)]]
        cases = [load_application(round, applicant, number, lines[number % 3]) for number, applicant in enumerate(applicants[:6], start=1)]
    with set_back(days=15):
        for number, case in enumerate(cases):
            load_reviews(case, pair_of(people, number), by=people["officer"], score=5 - number % 4, is_finished=True)
    with set_back(days=2):
        voted = [Application.objects.with_case().get(pk=case.pk) for case in cases]
        count_votes({case: case is not voted[-1] for case in voted}, seats, round, by=people["officer"])
    return round


def pair_of(people: dict[str, User], number: int) -> list[User]:
    """Two of the experts who are tied to nobody, in turns."""
    free = [people[f"expert{each}"] for each in (4, 5, 6)]
    return [free[number % 3], free[(number + 1) % 3]]


def load_applicant(number: int, institution: Institution) -> tuple[User, Institution]:
    user = create_account(f"synthetic{number}@example.org", full_name=f"Synthetic Applicant {number}", is_verified=True, is_synthetic=True)
    add_membership(user, institution)
    return user, institution


def load_draft(round: Round, applicant: User, signatory: User, institution: Institution) -> None:
    """A draft with a signatory in which only the samples, their methods and the declarations are left to be filled in."""
    application = start_application(round, by=applicant, institution=institution)
    version = draft_version(application)
    assert version is not None
    title, question, plan = PROPOSALS[1]
    answers = {name: text for name, text in ANSWERS[round.kind].items() if not name.startswith("declared_")}
    revise_application(version, by=applicant, seen_revision=0, title=f"Almost complete: {title}", research_question=question, plan=plan, **answers)
    accept_invitation(invite_member(application, by=applicant, email=signatory.email, part=Part.SIGN), by=signatory)


def load_application(round: Round, applicant: tuple[User, Institution], number: int, lines: list[tuple[Sample, int]]) -> Application:
    user, institution = applicant
    title, question, plan = PROPOSALS[number % len(PROPOSALS)]
    application = start_application(round, by=user, institution=institution)
    version = draft_version(application)
    assert version is not None
    about = ANSWERS[round.kind] | line_answers(sample for sample, _mass in lines)
    revise_application(version, by=user, seen_revision=0, title=title, research_question=question, plan=plan, **about)
    revise_requests(version, by=user, seen_revision=1, lines=lines)
    if number == 0:  # one with a file, whose pages the worker draws
        attach_file(version, by=user, data=io.BytesIO(plan_pdf()), name="Research plan (fictional).pdf", purpose=Purpose.PLAN.value)
    submit_application(application, by=user, key=uuid4())
    return application


def close(*rounds: Round) -> None:
    """End the demonstration's rounds now: what was handed in so far was in time. Only here; a real closing never moves earlier."""
    Round.objects.filter(pk__in=[round.pk for round in rounds], is_synthetic=True).update(closes_at=timezone.now())


def load_reviews(application: Application, experts: list[User], *, by: User, score: int, is_finished: bool = False) -> None:
    """Accept, assign, and let the first expert file; the second has begun, or has filed as well."""
    application = Application.objects.with_case().get(pk=application.pk)
    accept_application(application, by=by)
    for position, review in enumerate(assign_experts(application, experts, by=by)):
        criteria = list(application.round.criteria.all())
        scores = {criterion: max(1, min(5, score - index % 2)) for index, criterion in enumerate(criteria)}
        words = {
            "remarks_to_applicant": "Synthetic remark: a clear question.",
            "remarks_to_committee": "Synthetic remark: the amount could be smaller.",
        }
        declare_no_conflict(review, by=review.expert)
        if position == 0 or is_finished:
            file_review(review, by=review.expert, seen_revision=0, scores=scores, **words)
        else:
            save_review(review, by=review.expert, seen_revision=0, scores=dict(list(scores.items())[:3]), **words)


def load_hearing(round: Round, applications: list[Application], *, by: User) -> None:
    """Two applications are invited; the first has confirmed."""
    morning = beijing_midnight(24) + timedelta(hours=9)
    hearing = set_hearing(
        round,
        by=by,
        said=HearingDates(
            starts_at=morning,
            place_en="Fictional lecture hall, Wuhan",
            place_zh="武汉（虚构）报告厅",
            talk_minutes=8,
            question_minutes=7,
            pause_minutes=5,
            confirm_by=beijing_midnight(10),
            slides_due_at=beijing_midnight(20) - timedelta(hours=8),
        ),
    )
    cases = [Application.objects.with_case().get(pk=application.pk) for application in applications]
    first, _second = invite_to_hearing(hearing, cases, by=by)
    confirm_hearing(first, by=first.application.owner, way=Way.ONLINE, speaker=str(first.application.owner))


def load_decision(application: Application, number: int, *, by: User) -> None:
    application = Application.objects.with_case().get(pk=application.pk)
    assert application.current is not None
    requests = list(application.current.requests.select_related("sample", "version__application"))
    outcomes = (
        (AwardDraft(Outcome.APPROVED), AwardDraft(Outcome.REDUCED, 20_000)),
        (AwardDraft(Outcome.APPROVED), AwardDraft(Outcome.DECLINED)),
        (AwardDraft(Outcome.DECLINED), AwardDraft(Outcome.DECLINED)),
    )[number % 3]
    for request, draft in zip(requests, outcomes, strict=True):
        yes = 8 if draft.outcome != Outcome.DECLINED else 3
        enter_vote(request, by=by, present=9, recused=0, yes=yes, no=9 - yes)
    record_decision(
        application,
        awards=dict(zip(requests, outcomes, strict=True)),
        by=by,
        conditions_en="Destructive tests only after non-destructive mapping.",
        conditions_zh="须先完成无损测试，方可进行有损测试。",
    )
