"""The table of samples in a certificate and in the letter of a lapse."""

from letters.words import Pair, Table, Text

SAMPLES_LENT = Pair("Samples lent", "借出的样品")
SAMPLES_LET_GO = Pair("Samples no longer kept", "不再保留的样品")


def samples_table(caption: Pair, rows: tuple[tuple[Text, ...], ...], total: Text) -> Table:
    """Number, form and mass of each sample, and the mass of all."""
    return Table(
        caption=caption,
        headers=(Pair("Sample", "样品编号"), Pair("Form", "类型"), Pair("Mass (mg)", "质量（mg）")),
        rows=(*rows, (Pair("Total", "合计"), "", total)),
        numbers=frozenset({2}),
    )
