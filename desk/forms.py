"""Whether the words about one's own data are right."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


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
