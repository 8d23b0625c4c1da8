"""The dry run of a round's rules on earlier rounds, before they are in force."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from reviews.trial import MOST_ROWS, past_rounds
from rounds.models import Round, Rule
from rounds.permissions import may_prepare_rounds
from rounds.rule_forms import figure_of, limit_field
from rounds.rules import BY_SHARE, Limit, RuleKind


class TrialForm(forms.Form):
    """One rule of the round, and another figure to try it with."""

    def __init__(self, data: Any, *, rule: Rule) -> None:
        super().__init__(data if data and data.get("limit") else None, initial={"limit": figure_of(rule.limit_ppm, rule.limit_ug)})
        self.rule = rule
        self.fields["limit"] = limit_field(rule.kind)

    def limit(self) -> Limit:
        """The rule with the figure that was typed; as it stands when nothing was, or nothing that can be meant."""
        if not self.is_bound or not self.is_valid():
            return self.rule.limit
        name = "limit_ppm" if self.rule.kind in BY_SHARE else "limit_ug"
        return replace(self.rule.limit, **{name: self.cleaned_data["limit"]})


@require_safe
@login_required
def rules_tried(request: UserRequest, slug: str) -> HttpResponse:
    """How often each rule of a round would have found something in earlier rounds; the lines of the one that is named."""
    round = get_object_or_404(Round.objects.visible_to(request.user).for_edit(), slug=slug)
    if not may_prepare_rounds(request.user):
        raise PermissionDenied
    rules = list(round.rules.all())
    chosen = next((rule for rule in rules if rule.code == request.GET.get("rule")), None)
    form = TrialForm(request.GET, rule=chosen) if chosen and chosen.kind != RuleKind.WHOLE_PIECES else None
    past = past_rounds(request.user, but=round)
    context = {
        "round": round,
        "past": [(each.round, len(each.lines)) for each in past],
        "rows": [(rule, [len(each.try_rule(rule.limit)) for each in past]) for rule in rules],
        "chosen": chosen,
        "form": form,
        "has_lines": any(each.lines for each in past),
    }
    if chosen:
        limit = form.limit() if form else chosen.limit
        context["figure"] = limit.words
        context["tried"] = [
            (each.round, found[:MOST_ROWS], len(found), max(len(found) - MOST_ROWS, 0)) for each in past if (found := each.try_rule(limit))
        ]
    return render(request, "reviews/rules_tried.html", context)
