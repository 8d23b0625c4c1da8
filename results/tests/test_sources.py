"""Sources become safe links."""

import pytest

from results.sources import SourcePart, parts_of


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("", []),
        ("https://a.org/x", [("a.org", "https://a.org/x")]),
        (
            "https://a.org/x ; http://www.b.org/y?z=1 (amount not stated)",
            [("a.org", "https://a.org/x"), ("b.org", "http://www.b.org/y?z=1"), ("(amount not stated)", "")],
        ),
        ("see https://a.org/x.", [("see", ""), ("a.org", "https://a.org/x"), (".", "")]),
        ("https://a.org/wiki/Moon_(rock)", [("a.org", "https://a.org/wiki/Moon_(rock)")]),
        ("(https://a.org/x)", [("(", ""), ("a.org", "https://a.org/x"), (")", "")]),
        ("javascript:alert(1) ; data:text/html,x", [("javascript:alert(1) ; data:text/html,x", "")]),
        ("https:// nothing", [("https:// nothing", "")]),
        ("https://[broken/ then words", [("https://[broken/ then words", "")]),
        ('https://a.org/"><script>x</script>', [("a.org", "https://a.org/"), ('"><script>x</script>', "")]),
        ("Record China / nordot item 118", [("Record China / nordot item 118", "")]),
    ],
)
def test_only_web_addresses_become_links(source: str, parts: list[tuple[str, str]]) -> None:
    assert parts_of(source) == [SourcePart(*part) for part in parts]
