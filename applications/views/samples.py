"""The samples of an application: those that are asked for, and what the round offers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.http import UserRequest
from accounts.keyset import page_after
from applications.actions import (
    MOST_LINES,
    NotAskable,
    RoundClosed,
    Saved,
    StaleTab,
    add_sample,
    base_of,
    count_demand,
    remove_sample,
)
from applications.forms import AnswersForm, PickerForm
from applications.models import Application, AskedSamples, Version, asked_samples, offered_samples
from applications.picker import lines_of_form, spell_found
from applications.questions import Part, asked_lines, line_name, line_questions, split_line_name
from applications.typical import SOURCE, SOURCE_ABROAD
from applications.weighing import weigh_for_team
from rounds.models import Audience, Round
from workflow.transitions import NotPossibleNow

ROWS = 12  # samples that a search shows at once
GO_ON = ("search", "after")


def lines_to_show(round: Round, part: Part, version: Version, typed: Mapping[str, str] | None) -> tuple[list[str], AskedSamples | None]:
    """The numbers that a part asks about: the stored ones, and those that a form was sent with, so that nothing typed is passed over."""
    if not line_questions(round.kind, part.name):
        return [], None
    stored = [number for number, _place in asked_lines(version.answers)]
    sent = {split[0] for key in typed or {} if (split := split_line_name(key))}
    numbers = [*stored, *sorted(sent - set(stored))][: max(MOST_LINES, len(stored))]
    return numbers, asked_samples(round, numbers)


def samples_page(request: UserRequest, application: Application, form: AnswersForm, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the part about the samples shows beside its errors: the lines, and what a search among the offered samples finds."""
    demand = count_demand(application.round)
    words = typed if typed is not None else request.GET
    picker = PickerForm(words)
    wanted = picker.chosen()
    rows = offered_samples(application.round).matching(q=wanted.get("q", ""), form=wanted.get("form", ""), available=not wanted.get("empty"))
    page = page_after(rows, words.get("after", ""), size=ROWS)
    rules = list(application.round.rules.on())
    weighed = weigh_for_team(form.version, request.user, limits=[rule.limit for rule in rules])
    return {
        "lines": lines_of_form(form, demand, weighed),
        "weighed": weighed,
        "rules": rules,
        "picker": picker,
        "found": list(spell_found(page.rows, form.lines, demand)),
        "next_after": page.next_after,
        "is_narrowed": bool(wanted),
        "is_later": bool(words.get("after")),
        "demand": demand,
        "source": SOURCE,
        "source_abroad": SOURCE_ABROAD if application.round.audience != Audience.DOMESTIC else "",
    }


def with_lost_lines(form: AnswersForm, saved: Saved) -> Saved:
    """What was saved; a sample that somebody else has taken out while this writer wrote about it is a difference to be settled."""
    lost = [number for number, questions in form.lines.items() if line_name(number, "place") in questions and _is_lost(number, form, saved)]
    return replace(saved, conflicts=saved.conflicts | {line_name(number, "place"): "" for number in lost})


def _is_lost(number: str, form: AnswersForm, saved: Saved) -> bool:
    texts, bases, place = form.texts(), form.bases(), line_name(number, "place")
    is_gone = bool(texts.get(place)) and place not in saved.conflicts and not saved.version.answer(place)
    return is_gone and any(base_of(texts[name]) != bases.get(name) for name in form.lines[number] if name in texts)


def change_lines(request: UserRequest, application: Application, form: AnswersForm, saved: Saved, typed: Mapping[str, str]) -> HttpResponse | None:
    """Take in or out the sample that a button names, or go on searching. What was typed is saved already; the reader stays here."""
    if "add" in typed:
        anchor = _change(request, application, saved, form, typed["add"], is_added=True)
    elif "remove" in typed:
        anchor = _change(request, application, saved, form, typed["remove"], is_added=False)
    elif any(name in typed for name in GO_ON):
        anchor = "find"
    else:
        return None
    words = PickerForm(typed).chosen() | {"back": typed.get("back", ""), "after": typed.get("after", "")}
    if anchor != "find":
        words["after"] = request.GET.get("after", "")  # the list stays where it was
    words = {name: value[:80] if isinstance(value, str) else value for name, value in words.items() if value}
    here, query = reverse("applications:edit", args=[application.reference, "samples"]), urlencode(words)
    return redirect(f"{here}?{query}#{anchor}" if query else f"{here}#{anchor}")


def _change(request: UserRequest, application: Application, saved: Saved, form: AnswersForm, number: str, *, is_added: bool) -> str:
    """Where on the page the reader goes on."""
    version = saved.version
    version.application = application
    try:
        if is_added:
            add_sample(version, by=request.user, number=number)
            return f"line-{number}"
        written = {name: base_of(text) for name, text in form.texts().items() if name not in saved.conflicts}
        remove_sample(version, by=request.user, number=number, bases=form.bases() | written)
        messages.success(request, _("%(number)s is not asked for any more.") % {"number": number[:40]})
    except StaleTab:
        messages.error(
            request, _("%(number)s was not removed: somebody else has written about it since you opened the page.") % {"number": number[:40]}
        )
    except (NotAskable, RoundClosed, NotPossibleNow) as problem:
        messages.error(request, str(problem))
    return "chosen"
