"""Published lists for tests, made by the same actions that people use."""

from collections.abc import Mapping
from pathlib import Path

from accounts.models import Role, User
from accounts.tests.make import make_user
from applications.actions import accept_application
from applications.models import Application
from applications.tests.make import make_submitted
from results.actions import ListHead, load_results, publish_results
from results.models import ResultList
from reviews.tests.make import announce, decide
from reviews.workflow import Outcome
from rounds.models import Round
from rounds.tests.make import close_round


def write_csv(folder: Path, *rows: str, head: str = "institution,country,pi,mass_mg,source", name: str = "list.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def make_record(folder: Path, *rows: str, slug: str = "record", **head: object) -> ResultList | None:
    return load_results(write_csv(folder, *rows), ListHead(slug=slug, **head))  # type: ignore[arg-type]


def make_decided(round: Round, *wanted: Mapping[str, object], outcome: Outcome = Outcome.APPROVED) -> list[Application]:
    """Applications of one round, handed in, accepted after the closing, and decided; nothing is announced."""
    handed_in = [make_submitted(round, **fields) for fields in wanted]
    close_round(round)
    cases = [Application.objects.with_case().get(pk=application.pk) for application in handed_in]
    for application in cases:
        accept_application(application, by=make_user(None, Role.OFFICER))
        decide(application, outcome=outcome)
    return [Application.objects.with_case().get(pk=application.pk) for application in cases]


def make_announced(round: Round, *wanted: Mapping[str, object]) -> list[Application]:
    applications = make_decided(round, *wanted)
    announce(round)
    return applications


def publish(round: Round, by: User | None = None, note: str = "") -> ResultList:
    return publish_results(round, by=by or make_user(None, Role.ADMINISTRATOR), note_en=note, note_zh=note and "更正。")
