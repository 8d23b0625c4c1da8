"""A proposal of awards in words: what stood in the way of a line, and what would help it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.portal import mg
from reviews.awarding import Help, Line, Problem, Reason

NAMED = 3  # of those that have the sample
SHOWN = 2  # of the changes that would help: the smallest first


def why_not(problem: Problem, at: int, reason: Reason, rules: Mapping[str, str]) -> str:
    """One sentence: why this line gets nothing."""
    said = {"mass": mg(reason.lacking_ug), "holders": _holders(problem, reason), "rule": rules.get(reason.rule, reason.rule)}
    if reason.code == "short":
        if not reason.holders:  # other limits left it to nobody
            return _("%(mass)s are lacking.") % said
        return _("%(mass)s are lacking after what is proposed for %(holders)s.") % said
    sentences = {
        "vote": _("The committee’s vote did not carry it."),
        "rule": _("A rule of the round forbids it: %(rule)s"),
        "none": _("Nothing of this sample can be lent now."),
        "kept": _("%(mass)s are lacking because a part of the sample is kept back."),
        "small": _("All that is there is %(mass)s less than the smallest useful mass."),
        "piece": _("The piece is proposed for %(holders)s."),
        "cap": _("A rule of the round leaves too little: %(rule)s"),
        "instead": _("A fall-back sample is proposed in its place."),
        "spare": _("Not needed: a sample is proposed for every wanted one or in its place."),
    }
    return sentences[reason.code] % said


def _holders(problem: Problem, reason: Reason) -> str:
    lines = [problem.lines[at] for at in reason.holders]
    names = [_("%(reference)s (place %(place)s)") % {"reference": line.application, "place": line.place} for line in lines[:NAMED]]
    if len(lines) > NAMED:
        names.append(ngettext("%(count)s more", "%(count)s more", len(lines) - NAMED) % {"count": len(lines) - NAMED})
    return ", ".join(names)


def passed_over(problem: Problem, at: int, reason: Reason) -> int:
    """How many of those that get something of the sample stand behind this line's application."""
    return sum(problem.lines[other].place > problem.lines[at].place for other in reason.holders) if reason.code in ("piece", "short", "kept") else 0


def would_help(line: Line, reason: Reason) -> list[str]:
    """The changes that would suffice alone, all other awards as they stand; the least that would have to change first."""
    return [_help(line, help_) for help_ in reason.helps[:SHOWN]]


def _help(line: Line, help_: Help) -> str:
    said = {"mass": mg(help_.mass_ug), "useful": mg(line.least_ug - help_.mass_ug)}
    if help_.what == "cap":
        if help_.samples:
            return _("one sample more under this rule")
        return _("%(mass)s more under this rule") % said
    sentences = {
        "least": _("a smallest useful mass of %(useful)s, which is %(mass)s less"),
        "kept": _("%(mass)s less kept back"),
        "room": _("%(mass)s less for the others; each of them would keep its smallest useful mass"),
        "stock": _("%(mass)s more of the sample"),
    }
    return sentences[help_.what] % said
