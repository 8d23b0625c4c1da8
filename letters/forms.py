"""The forms of the public check."""

import re

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


class FileForm(forms.Form):
    """Takes the digest of a file, as the page's script or a command of the reader's computer prints it."""

    digest = forms.CharField(
        label=_("SHA-256 digest of the file"),
        max_length=300,
        help_text=_("64 digits and letters from a to f. What sha256sum, shasum or certutil print may be pasted as it is."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def clean_digest(self) -> str:
        typed = str(self.cleaned_data["digest"]).lower()
        spaced = re.fullmatch(r"\s*((?:[0-9a-f]{2}[\s:]?){32})\s*", typed)  # certutil of older machines prints pairs
        found = [re.sub(r"[\s:]", "", spaced[1])] if spaced else re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", typed)
        if len(found) != 1:
            raise forms.ValidationError(_("This is not a SHA-256 digest: it has 64 digits and letters from a to f."))
        return str(found[0])
