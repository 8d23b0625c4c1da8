"""The rules by which a round allots, evaluated: facts in, findings with their reasons out. Nothing here reads or writes the database.

The Measures set no cap on mass or number, so all limits but the first two kinds are rules that a round gives itself. Shares are whole
parts per million and masses whole micrograms; nothing is rounded before it is compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.portal import mg

WHOLE_PPM = 1_000_000
TENTH_PPM = 1_000  # a tenth of a percent: the step in which limits are set and shares are told


class RuleKind(models.TextChoices):
    """What a rule measures. The ending says in what: a share or a mass; the first kind has no figure."""

    WHOLE_PIECES = "whole_pieces", gettext_lazy("Whole pieces")
    KEEP_BACK_SHARE = "keep_back_share", gettext_lazy("Kept back of each sample, as a share")
    KEEP_BACK_MASS = "keep_back_mass", gettext_lazy("Kept back of each sample, as a mass")
    SHARE_OF_LEFT = "share_of_left", gettext_lazy("Largest share of what is left for one request")
    PERSON_MASS = "person_mass", gettext_lazy("Largest mass for one person in the round")
    INSTITUTION_MASS = "institution_mass", gettext_lazy("Largest mass for one institution in the round")
    USED_UP_SHARE = "used_up_share", gettext_lazy("Largest share that may be used up")
    USED_UP_MASS = "used_up_mass", gettext_lazy("Largest mass that may be used up")


BY_SHARE = (RuleKind.KEEP_BACK_SHARE, RuleKind.SHARE_OF_LEFT, RuleKind.USED_UP_SHARE)
BY_MASS = (RuleKind.KEEP_BACK_MASS, RuleKind.PERSON_MASS, RuleKind.INSTITUTION_MASS, RuleKind.USED_UP_MASS)
OF_SUMS = (RuleKind.PERSON_MASS, RuleKind.INSTITUTION_MASS)  # measured over several applications of a round


class Severity(models.TextChoices):
    """What follows when a rule is not kept."""

    ADVICE = "advice", gettext_lazy("To bear in mind")
    PANEL = "panel", gettext_lazy("Needs the panel")
    REFUSED = "refused", gettext_lazy("Not awarded")


class Basis(models.TextChoices):
    """Where a rule comes from. What a round gives itself is never called law."""

    MEASURES = "measures", gettext_lazy("The Measures")
    NOTICE = "notice", gettext_lazy("Published notice")
    ROUND = "round", gettext_lazy("Rule of this round")


GRAVITY = (Severity.REFUSED, Severity.PANEL, Severity.ADVICE)
TONES = {Severity.ADVICE: "", Severity.PANEL: "warn", Severity.REFUSED: "bad"}


@dataclass(frozen=True)
class Limit:
    """One rule as it is evaluated. Exactly one of the figures stands, by the kind; none for whole pieces. `code` is its id in the round."""

    code: str
    kind: RuleKind
    severity: Severity
    limit_ppm: int | None = None
    limit_ug: int | None = None
    mark: str = ""  # the article or source, as people read it

    @property
    def words(self) -> str:
        """The figure as people read it."""
        return spell_limit(self.limit_ppm, self.limit_ug)


@dataclass(frozen=True)
class LineFacts:
    """One request, as far as its reader may know it. What is left is the public figure; `lendable_ug` is what can still be promised:
    the same to everybody but those who record decisions. `asked_ug` differs from `mass_ug` only when less is awarded than was asked."""

    number: str
    mass_ug: int
    left_ug: int
    lendable_ug: int
    total_ug: int
    is_divisible: bool
    piece_ug: int = 0
    loss_ug: int = 0
    asked_ug: int = 0

    @property
    def used_up_ug(self) -> int:
        return min(self.loss_ug, self.mass_ug)

    @property
    def lost_of_asked_ug(self) -> int:
        """What the applicant estimates to lose of all that is asked for; never more than that."""
        return min(self.loss_ug, self.asked_ug or self.mass_ug)


@dataclass(frozen=True)
class SumFacts:
    """What one person and one institution ask for, or get, in the round altogether, as far as the reader may know it."""

    person_ug: int
    institution_ug: int


@dataclass(frozen=True)
class Finding:
    """A rule that is not kept: which, what follows, and the reason in the reader's language with the figures."""

    code: str
    kind: RuleKind
    severity: Severity
    sentence: str
    mark: str
    number: str = ""  # the sample; empty for what concerns several

    @property
    def label(self) -> str:
        return str(self.severity.label)

    @property
    def tone(self) -> str:
        return TONES[self.severity]

    @property
    def is_refusing(self) -> bool:
        return self.severity == Severity.REFUSED


# --- Figures --------------------------------------------------------------------------------------------------------------


def spell_share(ppm: int, *, is_cut: bool = False) -> str:
    """A share in percent. Rounded up to a tenth, so that what is more than a limit also reads as more; or cut."""
    tenths = ppm // TENTH_PPM if is_cut else -(-ppm // TENTH_PPM)
    whole, tenth = divmod(tenths, 10)
    return _("%(percent)s %%") % {"percent": f"{whole}.{tenth}" if tenth else f"{whole}"}


def spell_limit(limit_ppm: int | None, limit_ug: int | None) -> str:
    if limit_ppm is not None:
        return spell_share(limit_ppm)
    return mg(limit_ug)


def share_ppm(part: int, whole: int) -> int:
    """Parts per million, rounded up; nothing of nothing is nothing, something of nothing is more than all."""
    if whole <= 0:
        return 0 if part <= 0 else 2 * WHOLE_PPM
    return -(-part * WHOLE_PPM // whole)


def kept_back_ug(limit: Limit, total_ug: int) -> int:
    """How much of a sample a rule keeps back, of all that was ever taken in."""
    if limit.kind == RuleKind.KEEP_BACK_SHARE and limit.limit_ppm is not None:
        return -(-total_ug * limit.limit_ppm // WHOLE_PPM)
    if limit.kind == RuleKind.KEEP_BACK_MASS and limit.limit_ug is not None:
        return limit.limit_ug
    return 0


def most_of(limit: Limit, line: LineFacts) -> int | None:
    """The largest mass of this request that keeps the rule; None when the rule sets it no bound. A whole piece: itself."""
    kind = limit.kind
    if kind == RuleKind.WHOLE_PIECES:
        return None if line.is_divisible else line.piece_ug
    if kind in (RuleKind.KEEP_BACK_SHARE, RuleKind.KEEP_BACK_MASS):
        return max(line.lendable_ug - kept_back_ug(limit, line.total_ug), 0) if line.is_divisible else None
    if kind == RuleKind.SHARE_OF_LEFT and limit.limit_ppm is not None:
        return line.left_ug * limit.limit_ppm // WHOLE_PPM if line.is_divisible else None
    if kind == RuleKind.USED_UP_MASS and limit.limit_ug is not None:
        return limit.limit_ug if line.loss_ug > limit.limit_ug else None
    if kind == RuleKind.USED_UP_SHARE and limit.limit_ppm is not None:
        is_over = line.lost_of_asked_ug * WHOLE_PPM > limit.limit_ppm * (line.asked_ug or line.mass_ug)
        return 0 if is_over else None
    return None


def is_kept(limit: Limit, line: LineFacts) -> bool:
    """Whether a request keeps a rule. Nothing at all keeps every rule; a piece is whole or nothing."""
    if line.mass_ug <= 0:
        return True
    if limit.kind == RuleKind.WHOLE_PIECES:
        return line.is_divisible or line.mass_ug == line.piece_ug
    most_ug = most_of(limit, line)
    return most_ug is None or line.mass_ug <= most_ug


# --- Findings -------------------------------------------------------------------------------------------------------------


def findings_of_line(limits: Iterable[Limit], line: LineFacts) -> list[Finding]:
    """Which rules one request does not keep, the gravest first. What is refused needs no word of the panel about the same."""
    broken = [limit for limit in limits if limit.kind not in OF_SUMS and not is_kept(limit, line)]
    refused = {limit.kind for limit in broken if limit.severity == Severity.REFUSED}
    told = [limit for limit in broken if limit.severity != Severity.PANEL or limit.kind not in refused]
    return [_finding(limit, _sentence(limit, line), line.number) for limit in sorted(told, key=lambda limit: GRAVITY.index(limit.severity))]


def findings_of_sums(limits: Iterable[Limit], sums: SumFacts) -> list[Finding]:
    """Which rules about a person's and an institution's mass in the round are not kept."""
    return [_finding(limit, sentence) for limit in limits for sentence in _sentences_of_sums(limit, sums)]


def _finding(limit: Limit, sentence: str, number: str = "") -> Finding:
    return Finding(limit.code, limit.kind, limit.severity, sentence, limit.mark, number)


def _sentence(limit: Limit, line: LineFacts) -> str:
    said = {"mass": mg(line.mass_ug), "limit": limit.words, "used_up": mg(line.used_up_ug), "left": mg(line.left_ug)}
    kind = limit.kind
    if kind == RuleKind.WHOLE_PIECES:
        return _("A clast or a polished section is lent whole: %(piece)s or nothing, not %(mass)s.") % (said | {"piece": mg(line.piece_ug)})
    if kind in (RuleKind.KEEP_BACK_SHARE, RuleKind.KEEP_BACK_MASS):
        kept_ug = kept_back_ug(limit, line.total_ug)
        said |= {"kept": mg(kept_ug), "most": mg(most_of(limit, line) or 0)}
        return _("%(mass)s is more than the %(most)s that can be lent in this round: %(kept)s of the sample is kept back.") % said
    if kind == RuleKind.SHARE_OF_LEFT:
        if line.mass_ug > line.left_ug:
            return _("%(mass)s is more than the %(left)s that is left; the rule is at most %(limit)s of it.") % said
        said["share"] = spell_share(share_ppm(line.mass_ug, line.left_ug))
        return _("%(mass)s is %(share)s of what is left; the rule is at most %(limit)s.") % said
    if kind == RuleKind.USED_UP_SHARE:
        said["share"] = spell_share(share_ppm(line.lost_of_asked_ug, line.asked_ug or line.mass_ug))
        return _("%(share)s of what is asked for would be used up; the rule is at most %(limit)s.") % said
    if limit.limit_ug == 0:
        return _("%(used_up)s would be used up.") % said
    return _("%(used_up)s would be used up; the rule is at most %(limit)s.") % said


def _sentences_of_sums(limit: Limit, sums: SumFacts) -> Iterator[str]:
    if limit.limit_ug is None:
        return
    said = {"limit": limit.words}
    if limit.kind == RuleKind.PERSON_MASS and sums.person_ug > limit.limit_ug:
        yield _("Together it is %(mass)s for this person in the round; the rule is at most %(limit)s.") % (said | {"mass": mg(sums.person_ug)})
    if limit.kind == RuleKind.INSTITUTION_MASS and sums.institution_ug > limit.limit_ug:
        said["mass"] = mg(sums.institution_ug)
        yield _("Together it is %(mass)s for this institution in the round; the rule is at most %(limit)s.") % said


# --- Caps -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Caps:
    """The refusing rules of a round as bounds for a proposal of awards. None: the rules set no bound."""

    limits: tuple[Limit, ...]  # the refusing ones, in the order of the rules
    person_ug: int | None
    institution_ug: int | None

    def of_request_ug(self, line: LineFacts) -> int | None:
        """The most that one request may get, what is kept back apart (see of_sample_ug)."""
        return min((most for _limit, most in self.of_request(line)), default=None)

    def of_request(self, line: LineFacts) -> list[tuple[Limit, int]]:
        """Each rule that bounds one request, with its bound: to say what stood in the way. Whole pieces bound it to the piece."""
        bounds = ((limit, most_of(limit, line)) for limit in self.limits if not limit.kind.startswith("keep_back"))
        return [(limit, most_ug) for limit, most_ug in bounds if most_ug is not None]

    def of_sample_ug(self, *, lendable_ug: int, total_ug: int, is_divisible: bool) -> int:
        """The most that all requests together may get of a sample: what can be promised without what is kept back."""
        return max(lendable_ug - self.kept_back_ug(total_ug), 0) if is_divisible else lendable_ug

    def kept_back_ug(self, total_ug: int) -> int:
        return max((kept_back_ug(limit, total_ug) for limit in self.limits), default=0)


def caps_of(limits: Iterable[Limit]) -> Caps:
    """Only rules that refuse are bounds; what needs the panel is for the panel to weigh."""
    refusing = tuple(limit for limit in limits if limit.severity == Severity.REFUSED)
    return Caps(refusing, _least(refusing, RuleKind.PERSON_MASS), _least(refusing, RuleKind.INSTITUTION_MASS))


def _least(limits: Iterable[Limit], kind: RuleKind) -> int | None:
    return min((limit.limit_ug for limit in limits if limit.kind == kind and limit.limit_ug is not None), default=None)
