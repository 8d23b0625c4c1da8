"""Are the words right: the officer's marks in the formal check. Forms never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.actions import Mark
from reviews.checklist import Checklist, Line
from reviews.forms import LONGEST_REMARK, OfficeForm
from reviews.models import Finding


class MarkForm(OfficeForm):
    """One item. Nothing chosen leaves the item to the machine, or without an answer."""

    use_required_attribute = False
    finding = forms.ChoiceField(
        label=gettext_lazy("Your mark"),
        required=False,
        choices=[("", gettext_lazy("No mark")), *Finding.choices],
        widget=forms.RadioSelect,
        show_hidden_initial=True,  # what was changed is told by what the page showed, so that nobody undoes another officer's mark
    )
    note = forms.CharField(
        label=gettext_lazy("To the applicant: what has to be changed"),
        required=False,
        max_length=LONGEST_REMARK,
        widget=forms.Textarea(attrs={"rows": 2}),
        show_hidden_initial=True,
    )

    def __init__(self, data: Any, *, line: Line) -> None:
        self.line = line
        mark = line.mark
        initial = {"finding": mark.finding, "note": mark.note} if mark is not None else {}
        super().__init__(data, prefix=line.item.key, initial=initial)

    def clean(self) -> dict[str, Any]:
        super().clean()
        finding, note = self.cleaned_data.get("finding"), self.cleaned_data.get("note")
        if finding == Finding.FAULT and not note:
            self.add_error("note", _("Say what the applicant has to change."))
        if note and not finding and "finding" not in self.errors:
            self.add_error("finding", _("Choose a mark for your words."))
        return self.cleaned_data

    def shown(self) -> list[tuple[str, str]]:
        """Names and values by which the page remembers what it showed."""
        return [(self[name].html_initial_name, str(self[name].initial or "")) for name in self.fields]

    @property
    def is_open(self) -> bool:
        """Whether the marks stand unfolded: where the officer is needed, has spoken, or has typed something wrong."""
        return self.line.mark is not None or not self.line.says_met or bool(self.errors)

    def mark(self) -> Mark:
        finding = self.cleaned_data["finding"]
        return Mark(Finding(finding) if finding else None, self.cleaned_data["note"] if finding == Finding.FAULT else "")


class MarkForms:
    """The forms of all items."""

    def __init__(self, data: Any, checklist: Checklist) -> None:
        self.forms = [MarkForm(data, line=line) for line in checklist.lines]

    def __iter__(self) -> Any:
        return iter(self.forms)

    @property
    def wrong(self) -> list[MarkForm]:
        return [form for form in self.forms if form.errors]

    def marks(self) -> dict[str, Mark]:
        """What was changed on the page; a mark that somebody else set meanwhile and that was not touched here stays."""
        return {form.line.item.key: form.mark() for form in self.forms if form.has_changed()}
