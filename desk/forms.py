"""Whether the words about one's own data, and the texts of letters, are right."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from letters.texts import LONGEST_TEXT, LONGEST_TITLE, Kind, Wording, wording_of


class ErasureRequestForm(forms.Form):
    """A word typed on purpose: nobody asks for the end of their account by a slip."""

    word = forms.CharField(
        label=_("Type “erase” to confirm"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
    )

    def clean_word(self) -> str:
        word = self.cleaned_data["word"].strip().strip("“”\"'").casefold()
        if word not in {"erase", gettext("erase").casefold()}:
            raise forms.ValidationError(gettext("Type the word exactly as it stands above, or leave this page."))
        return str(word)


class ErasureRefusalForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), help_text=_("The person gets it by mail."), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


TEXT_LABELS = {
    "title_zh": _("Title in Chinese"),
    "title_en": _("Title in English"),
    "opening_zh": _("Before the facts, in Chinese"),
    "opening_en": _("Before the facts, in English"),
    "closing_zh": _("After the facts, in Chinese"),
    "closing_en": _("After the facts, in English"),
}


class LetterTextForm(forms.Form):
    """The six texts of a kind of letter, and for which case they are previewed. The kind's own grammar judges them."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    case = forms.CharField(
        label=_("Preview with the case"),
        required=False,
        max_length=40,
        help_text=_("Its number, for example LSA-2026-00001. Left empty: the newest case that fits, or an invented one."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, kind: Kind, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        for name, label in TEXT_LABELS.items():
            is_title = name.startswith("title")
            language = "zh-Hans" if name.endswith("zh") else "en"
            self.fields[name] = forms.CharField(
                label=label,
                required=not name.startswith("closing"),
                # A little more than may stand: the kind says how many characters are too many.
                max_length=10 * (LONGEST_TITLE if is_title else LONGEST_TEXT),
                widget=forms.TextInput(attrs={"lang": language}) if is_title else forms.Textarea(attrs={"rows": 9, "lang": language}),
            )

    def clean_case(self) -> str:
        return str(self.cleaned_data["case"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        super().clean()
        if all(name in self.cleaned_data for name in TEXT_LABELS):
            for name, problems in self.kind.problems(self.wording()).items():
                for problem in problems:
                    self.add_error(name, problem)
        return self.cleaned_data

    def wording(self) -> Wording:
        return wording_of({name: self.cleaned_data.get(name, "") for name in TEXT_LABELS})
