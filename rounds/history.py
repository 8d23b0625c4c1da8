"""What a round said before and after a change, and how that is told."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _

from accounts.templatetags.portal import beijing
from rounds.models import Round, RoundChange
from rounds.rules import Severity, spell_limit
from workflow.models import canonical

TOLD = (
    "title_en",
    "title_zh",
    "slug",
    "audience",
    "kind",
    "opens_at",
    "closes_at",
    "corrections_close_at",
    "reviews_due_at",
    "needs_endorsement",
    "signing_days",
    "loan_months",
    "renewal_months",
    "vote_numerator",
    "vote_denominator",
    "recall_minutes",
    "reviews_per_application",
    "discussion",
)


TOLD_OF_RULE = ("code", "kind", "severity", "limit_ppm", "limit_ug", "text_en", "text_zh", "is_on")


def state_of(round: Round) -> dict[str, Any]:
    """Everything that the administrator can set, as values that fit into JSON and look the same on every database."""
    state: dict[str, Any] = {name: getattr(round, name) for name in TOLD}
    state = {name: canonical(value) if isinstance(value, datetime) else value for name, value in state.items()}
    state["mission"] = round.mission.code
    state["samples"] = sorted(round.samples.values_list("number", flat=True))
    rows = round.criteria.values_list("title_en", "title_zh", "text_en", "text_zh", "weight", "anchors")
    state["criteria"] = [list(row) for row in rows]
    state["rules"] = [list(row) for row in round.rules.values_list(*TOLD_OF_RULE)]
    return state


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


class ChangeLine(NamedTuple):
    """One changed value in the reader's words."""

    label: str
    before: str
    after: str


def lines_of_change(change: RoundChange) -> list[ChangeLine]:
    """Values that read the same before and after (seconds that no page shows) are left out."""
    return [line for line in _lines(change.changes) if line.before != line.after]


def _lines(changes: dict[str, list[Any]]) -> Iterator[ChangeLine]:
    for name, (before, after) in changes.items():
        if name == "samples":
            gone, come = set(before or ()) - set(after or ()), set(after or ()) - set(before or ())
            yield ChangeLine(_("samples offered"), ", ".join(sorted(gone)), ", ".join(sorted(come)))
        elif name == "criteria":
            old, new = before or [], after or []
            yield ChangeLine(_("criteria"), _titles(row for row in old if row not in new), _titles(row for row in new if row not in old))
        elif name == "rules":
            old, new = before or [], after or []
            yield ChangeLine(_("rules"), _rules(row for row in old if row not in new), _rules(row for row in new if row not in old))
        else:
            field = Round._meta.get_field(name)
            assert isinstance(field, models.Field)
            yield ChangeLine(str(field.verbose_name), _value(field, before), _value(field, after))


def _titles(rows: Iterable[list[Any]]) -> str:
    """Each criterion with its weight; explanation and meaning of the scores as well, so that a change of them can be seen."""
    return "; ".join(f"{row[0]} × {row[4]}" + (f" ({row[2]})" if row[2] else "") + _meanings(row[5] if len(row) > 5 else []) for row in rows)


def _meanings(anchors: list[list[str]]) -> str:
    """As short as it can be told; rounds that were changed before scores had a meaning have none."""
    return f" [{' | '.join(pair[0] for pair in anchors)}]" if anchors else ""


def _rules(rows: Iterable[list[Any]]) -> str:
    """Each rule as it was said, whether it was in force, and what followed from it."""
    told = []
    for code, _kind, severity, limit_ppm, limit_ug, text_en, _text_zh, is_on in rows:
        state = _("in force") if is_on else _("off")
        text = text_en.replace("{limit}", spell_limit(limit_ppm, limit_ug))
        told.append(f"{code} ({state}, {Severity(severity).label}): {text}")
    return "; ".join(told)


def _value(field: "models.Field[Any, Any]", value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateTimeField):
        return beijing(datetime.fromisoformat(value), "start" if field.name == "opens_at" else "end")
    return str(dict(field.flatchoices).get(value, value))
