"""How every form is drawn: labels above, hints and errors tied to their input, "(optional)" in words, a summary that links."""

import re

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Row, Submit
from django import forms
from django.template import Context, Template
from django.utils import translation


class Request(forms.Form):
    title = forms.CharField(label="Title", help_text="At most 200 characters.")
    mass = forms.CharField(label="Best amount", required=False)
    form = forms.ChoiceField(
        label="Form", choices=[("powder", "Powder"), ("clast", "Clast")], widget=forms.RadioSelect, help_text="Powder is divisible."
    )
    tests = forms.MultipleChoiceField(label="Tests", choices=[("a", "NanoSIMS"), ("b", "FTIR")], widget=forms.CheckboxSelectMultiple, required=False)
    rules = forms.BooleanField(label="I have read the rules.")
    key = forms.CharField(widget=forms.HiddenInput, required=False)


def draw(form: object, template: str = "{{ form|crispy }}") -> str:
    html = Template("{% load crispy_forms_tags %}" + template).render(Context({"form": form, "csrf_token": "token"}))
    return " ".join(html.split())


def tag(html: str, element: str, **having: str) -> str:
    found = [
        match
        for match in re.findall(rf"<{element}\b[^>]*>", html)
        if all(f'{name.replace("_", "-")}="{value}"' in match for name, value in having.items())
    ]
    assert len(found) == 1, (element, having, found)
    return str(found[0])


def test_an_input_has_a_label_and_is_described_by_its_hint() -> None:
    html = draw(Request())
    assert '<label for="id_title">Title</label>' in html
    assert 'aria-describedby="id_title_helptext"' in tag(html, "input", id="id_title")
    assert '<div class="hint" id="id_title_helptext">At most 200 characters.</div>' in html


def test_what_is_optional_says_so_in_words_and_nothing_has_a_star() -> None:
    html = draw(Request())
    assert '<label for="id_mass">Best amount <span class="optional">(optional)</span></label>' in html
    assert html.count("(optional)") == 2
    assert "*" not in html


def test_a_fault_is_tied_to_its_input_and_linked_from_the_summary() -> None:
    html = draw(Request({}))
    title = tag(html, "input", id="id_title")
    assert 'aria-invalid="true"' in title
    assert 'aria-describedby="id_title_helptext id_title_error"' in title
    assert '<div class="error" id="id_title_error"><p><span class="visually-hidden">Error:</span> This field is required.</p></div>' in html
    assert '<a href="#id_title">Title: This field is required.</a>' in html
    assert html.index("error-summary") < html.index('id="id_title"')


def test_the_summary_links_to_the_first_choice_of_a_group() -> None:
    html = draw(Request({}))
    assert '<a href="#id_form_0">Form: This field is required.</a>' in html
    assert tag(html, "input", id="id_form_0")


@pytest.mark.parametrize(("name", "kind"), [("form", "radio"), ("tests", "checkbox")])
def test_choices_stand_in_a_fieldset_with_a_legend_and_a_label_each(name: str, kind: str) -> None:
    html = draw(Request())
    assert "<fieldset" in tag(html, "fieldset", id=f"div_id_{name}")
    assert f'type="{kind}"' in tag(html, "input", id=f"id_{name}_1")
    assert f'<label for="id_{name}_1">' in html


def test_a_group_is_described_by_its_hint_and_errors() -> None:
    assert 'aria-describedby="id_form_helptext id_form_error"' in tag(draw(Request({})), "fieldset", id="div_id_form")


def test_every_id_is_there_once_and_every_reference_leads_somewhere() -> None:
    html = draw(Request({}))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for referred in re.findall(r'(?:aria-describedby|for)="([^"]+)"', html):
        assert set(referred.split()) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_nothing_is_styled_or_scripted_in_place() -> None:
    html = draw(Request({}))
    assert "style=" not in html
    assert "onclick" not in html


def test_typed_markup_stays_text() -> None:
    html = draw(Request({"title": "<script>1</script>"}))
    assert "<script>" not in html


def test_a_layout_with_fieldset_row_and_button_is_drawn() -> None:
    form = Request({})
    form.helper = FormHelper()  # type: ignore[attr-defined]
    form.helper.layout = Layout(Fieldset("What", Row("title", "mass")), Div("form", "tests", "rules", css_class="group"), Submit("save", "Save"))  # type: ignore[attr-defined]
    html = draw(form, "{% crispy form %}")
    assert "<legend>What</legend>" in html
    assert "novalidate" in tag(html, "form", method="post")
    assert re.search(r'<button class="button[^"]*" type="submit" name="save" value="Save"', html)
    assert "csrfmiddlewaretoken" in html
    assert "error-summary" in html


def test_a_set_of_forms_is_drawn_with_one_summary() -> None:
    forms_of = forms.formset_factory(Request, extra=0, min_num=2, validate_min=True)
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-title": "x", "form-1-title": "y"}
    html = draw(forms_of(data))
    assert html.count('class="error-summary"') == 1
    assert '<a href="#id_form-1-form_0">' in html
    assert "form-TOTAL_FORMS" in html
    whole = draw(forms_of(data), "{% crispy form %}")
    assert whole.count('class="error-summary"') == 1


def test_the_summary_speaks_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert "This field is required." not in draw(Request({}))
