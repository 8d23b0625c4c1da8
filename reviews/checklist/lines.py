"""The checklist of one case: each item with the machine's word, the officer's mark, and what has changed since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from applications.actions import missing_parts
from applications.differences import Change, PartChanges
from applications.models import Application, Version
from reviews.checklist.items import ITEMS, Case, Item, Says, Verdict, is_about
from reviews.models.check import CheckMark, Finding
from rounds.models import Round


@dataclass
class Line:
    """One item of one case: the machine's word, the officer's mark, what earlier versions were told, and what has changed since."""

    item: Item
    verdict: Verdict
    mark: CheckMark | None = None
    earlier: Sequence[CheckMark] = ()
    changes: Sequence[Change] = field(default=())

    @property
    def is_settled(self) -> bool:
        """Whether somebody, or the machine, has an answer."""
        return self.mark is not None or self.verdict.says is not Says.UNSURE

    @property
    def is_fault(self) -> bool:
        """Whether something stands in the way. The officer's word counts above the machine's."""
        return self.mark.finding == Finding.FAULT if self.mark is not None else self.verdict.says is Says.NOT_MET

    @property
    def is_good(self) -> bool:
        return self.is_settled and not self.is_fault

    @property
    def fault(self) -> str:
        """What the applicant is told."""
        return self.mark.note if self.mark is not None else self.verdict.why

    @property
    def is_overruled(self) -> bool:
        return self.mark is not None and self.verdict.says is not Says.UNSURE and self.is_fault != (self.verdict.says is Says.NOT_MET)

    @property
    def state(self) -> str:
        if not self.is_settled:
            return _("Needs your mark")
        if self.mark is not None:
            return self.mark.get_finding_display()
        return str(Finding.FAULT.label if self.is_fault else Finding.MET.label)

    @property
    def tone(self) -> str:
        if not self.is_settled:
            return "warn"
        return "bad" if self.is_fault else "good"

    @property
    def says_met(self) -> bool:
        return self.verdict.says is Says.MET

    @property
    def says_not_met(self) -> bool:
        return self.verdict.says is Says.NOT_MET


@dataclass(frozen=True)
class Checklist:
    """The check of one version."""

    lines: Sequence[Line]

    @property
    def unsettled(self) -> list[Line]:
        return [line for line in self.lines if not line.is_settled]

    @property
    def faults(self) -> list[Line]:
        return [line for line in self.lines if line.is_fault]

    @property
    def is_passed(self) -> bool:
        return not self.unsettled and not self.faults

    @property
    def good_count(self) -> int:
        return sum(line.is_good for line in self.lines)

    @property
    def is_opened_anew(self) -> bool:
        """Whether an earlier version was found wanting."""
        return any(line.earlier for line in self.lines)


def items_for(round: Round) -> list[Item]:
    return [item for item in ITEMS if round.kind in item.kinds and item.is_asked(round)]


def checklist_of(application: Application, *, changes: Sequence[PartChanges] = ()) -> Checklist:
    """The list for the version handed in last; read the application with its case. The machine's words are worked out anew each time."""
    version, round = application.current, application.round
    if version is None:
        return Checklist(())
    version.application = application
    case = Case(
        version,
        round,
        problems=missing_parts(version),
        requests=list(version.requests.all()),
        offered=frozenset(round.offers.values_list("sample_id", flat=True)),
    )
    marks, earlier = _marks(application, version)
    changed = [change for part in changes for change in part.changes]
    return Checklist(
        [
            Line(
                item,
                item.judge(case),
                mark=marks.get(item.key),
                earlier=earlier.get(item.key, ()),
                changes=[change for change in changed if is_about(change.name, item.questions)],
            )
            for item in items_for(round)
        ]
    )


def _marks(application: Application, version: Version) -> tuple[Mapping[str, CheckMark], Mapping[str, list[CheckMark]]]:
    marks: dict[str, CheckMark] = {}
    earlier: dict[str, list[CheckMark]] = {}
    for mark in CheckMark.objects.of_application(application):
        if mark.version_id == version.pk:
            marks[mark.item] = mark
        elif mark.finding == Finding.FAULT and mark.version.number < version.number:
            earlier.setdefault(mark.item, []).append(mark)
    return marks, earlier
