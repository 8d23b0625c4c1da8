"""A row of the catalogue, spelled out once: a long table is drawn from plain words, not worked out cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.templatetags.portal import StockShares, mg, stock_shares
from samples.models import Sample


@dataclass(frozen=True, slots=True)
class Row:
    """What everybody sees of one sample; no figures where the mass is not known."""

    number: str
    url: str
    kind: str
    state: str
    tone: str
    is_synthetic: bool
    left: str
    held: str
    on_loan: str
    bar: tuple[str, ...]  # width of what is left; beginning and width of what is held, and of what is lent; in hundredths


def spell_rows(samples: Sequence[Sample]) -> list[Row]:
    """The rows in the reader's language."""
    kinds: dict[tuple[str, str], str] = {}
    words: dict[str, str] = {}
    address = reverse("samples:sample", args=["NUMBER"])
    rows = []
    for sample in samples:
        standing = sample.standing
        key = (sample.form, sample.method)
        if key not in kinds:
            named = [sample.get_form_display(), sample.get_method_display()]
            kinds[key] = " · ".join(named if sample.is_divisible else [*named, _("lent whole")])
        if standing not in words:
            words[standing] = str(standing.label)
        left_ug, held_ug, on_loan_ug = sample.left_ug, sample.shown_held_ug, sample.on_loan_ug
        is_known = sample.is_mass_known
        rows.append(
            Row(
                number=sample.number,
                url=address.replace("NUMBER", sample.number),
                kind=kinds[key],
                state=words[standing],
                tone=sample.standing_tone,
                is_synthetic=sample.is_synthetic_stock,
                left=mg(left_ug) if is_known else "",
                held=mg(held_ug) if is_known else "",
                on_loan=mg(on_loan_ug) if is_known else "",
                bar=_bar(stock_shares(left_ug, held_ug, on_loan_ug, sample.total_ug)) if is_known else (),
            )
        )
    return rows


def _bar(shares: StockShares) -> tuple[str, ...]:
    return tuple(str(part) for part in (shares.left.width, *shares.held, *shares.lent))
