"""The administrator's pages of a round: prepare, revise until it opens, extend while it is open."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import UserRequest
from rounds import permissions
from rounds.actions import NotAnExtension, NotOfferable, RoundFrozen, SlugTaken, StaleRound, extend_round, prepare_round, revise_round
from rounds.forms import MOST_CRITERIA, CriterionFormSet, ExtensionForm, RoundForm, criteria_of, with_usual_months
from rounds.history import lines_of_change
from rounds.models import Round
from rounds.rule_forms import RuleForms


@require_http_methods(["GET", "POST"])
@login_required
def new(request: UserRequest) -> HttpResponse:
    """Prepare a round."""
    if not permissions.may_prepare_rounds(request.user):
        raise PermissionDenied
    return _write(request, None)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: UserRequest, slug: str) -> HttpResponse:
    """Revise a round that has not opened; afterwards the page shows its rules and the way to extend it."""
    round = _round(request, slug)
    if round.has_opened():
        status = 409 if request.method == "POST" else 200
        return _frozen(request, round, problem=str(RoundFrozen()) if status == 409 else "", status=status)
    return _write(request, round)


@require_http_methods(["GET", "POST"])
@login_required
def extend(request: UserRequest, slug: str) -> HttpResponse:
    """A later closing, with its notice."""
    round = _round(request, slug)
    if request.method != "POST":
        return _frozen(request, round) if round.has_opened() else redirect("rounds:edit", slug=slug)
    form = ExtensionForm(request.POST, round=round)
    if form.is_valid():
        try:
            extend_round(round, by=request.user, **form.cleaned_data)
        except NotAnExtension as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The round is extended. Its page shows the notice."))
            return redirect("rounds:edit", slug=slug)
    return _frozen(request, round, form=form, status=422)


def _round(request: UserRequest, slug: str) -> Round:
    round: Round = get_object_or_404(Round.objects.visible_to(request.user).for_edit(), slug=slug)
    if not permissions.may_prepare_rounds(request.user):
        raise PermissionDenied
    return round


def _write(request: UserRequest, round: Round | None) -> HttpResponse:
    """The form, empty, as it stands, with other rows, or refused; or the round, saved."""
    if request.method != "POST":
        return _form(request, round, RoundForm(round=round), CriterionFormSet(initial=criteria_of(round), prefix="criteria"), RuleForms(round=round))
    form, criteria = RoundForm(request.POST, round=round), CriterionFormSet(request.POST, prefix="criteria")
    rules = RuleForms(request.POST, round=round)
    step = request.POST.get("step", "save")
    if step != "save":
        typed, rows = _after_step(step, form, criteria)
        rules = RuleForms(round=round, typed=rules.as_typed())
        return _form(request, round, RoundForm(initial=typed, round=round), CriterionFormSet(initial=rows, prefix="criteria"), rules)
    if not (form.is_valid() & criteria.is_valid() & rules.is_valid()):
        return _form(request, round, form, criteria, rules, status=422)
    try:
        saved = _save(request, round, form, criteria, rules)
    except RoundFrozen as refusal:
        assert round is not None
        return _frozen(request, _round(request, round.slug), problem=str(refusal), status=409)
    except SlugTaken as refusal:
        form.add_error("slug", str(refusal))
    except NotOfferable as refusal:
        form.add_error("samples", str(refusal))
    except StaleRound as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(request, _("The round is saved."))
        return redirect("rounds:edit", slug=saved.slug)
    return _form(request, round, form, criteria, rules, status=422)


def _save(request: UserRequest, round: Round | None, form: RoundForm, criteria: Any, rules: RuleForms) -> Round:
    words = {"samples": form.cleaned_data["samples"], "criteria": criteria.drafts(), "rules": rules.drafts(), "by": request.user, **form.round_fields}
    if round is None:
        return prepare_round(**words)
    revise_round(round, seen_revision=form.cleaned_data["revision"] or 0, **words)
    return round


def _after_step(step: str, form: RoundForm, criteria: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What stands on the page after one of its small buttons: a row more or less, all samples ticked or none, the samples that fit."""
    typed, rows = form.as_typed(), criteria.as_typed()
    if step == "add":
        rows = [*rows, {"weight": 1}][:MOST_CRITERIA]
    elif step.startswith("remove-"):
        rows = [row for index, row in enumerate(rows) if step != f"remove-{index}"]
    elif step == "all":
        typed["samples"] = [sample.number for sample, _is_ticked in form.offer_rows]
    elif step == "none":
        typed["samples"] = []
    elif step == "fit":
        typed = with_usual_months(typed)
    return typed, rows


def _form(request: UserRequest, round: Round | None, form: RoundForm, criteria: Any, rules: RuleForms, *, status: int = 200) -> HttpResponse:
    context = {"round": round, "form": form, "criteria": criteria, "may_add": criteria.total_form_count() < MOST_CRITERIA, "history": _history(round)}
    context["rules"] = rules
    return render(request, "rounds/form.html", context, status=status)


def _frozen(request: UserRequest, round: Round, *, form: ExtensionForm | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    if form is None and round.is_open():
        form = ExtensionForm(round=round)
    context: dict[str, Any] = {"round": round, "form": form, "problem": problem, "is_open": round.is_open(), "history": _history(round)}
    context["rules_on"] = [rule for rule in round.rules.all() if rule.is_on]
    return render(request, "rounds/frozen.html", context, status=status)


def _history(round: Round | None) -> Sequence[tuple[Any, Any]]:
    """Newest first: each change with its lines; a preparation changed nothing that stood before."""
    if round is None:
        return ()
    changes = sorted(round.changes.all(), key=lambda change: change.pk, reverse=True)
    return [(change, lines_of_change(change) if change.is_revision else ()) for change in changes]
