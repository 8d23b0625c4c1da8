"""The form of the public check."""

from django import forms
from django.utils.translation import gettext_lazy as _

from letters.codes import normalised


class CheckForm(forms.Form):
    """Takes a check code in any grouping and case."""

    code = forms.CharField(
        label=_("Check code"),
        max_length=100,
        help_text=_("26 letters and digits, printed at the end of the letter. Spaces, hyphens and capital letters do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        code = normalised(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(_("This is not a check code: it has 26 letters and digits. Compare it with the letter."))
        return code
