"""Words that are safe in a spreadsheet, for every table that the portal gives out as a file."""

FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠﹦﹢﹣−")


def neutral(cell: str) -> str:
    """Words as they may stand in a spreadsheet: one that would begin a formula gets an apostrophe in front (OWASP: CSV injection)."""
    return f"'{cell}" if cell[:1] in FORMULA_STARTS or cell.lstrip(" \u00a0\u3000")[:1] in FORMULA_STARTS else cell
