"""docs/secrecy.md names, for each way in which such systems have leaked, tests that exist."""

import ast
import re

from django.conf import settings

PAGE = settings.BASE_DIR / "docs" / "secrecy.md"
NAMED = re.compile(r"`([a-z_]+(?:/[a-z_]+)+\.py)::(test_\w+)`")
ROWS = ["S-01", "S-02", "S-03", "S-04", "S-05", "S-06", "S-07", "S-08", "S-09", "S-10", "S-11", "S-12", "S-13", "S-14", "S-15", "S-16"]


def functions_in(path: str) -> set[str]:
    tree = ast.parse((settings.BASE_DIR / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_names_tests_and_every_named_test_exists() -> None:
    rows = {line.split("|")[1].strip(): line for line in PAGE.read_text().splitlines() if line.startswith("| S-")}
    assert list(rows) == ROWS
    for name, line in rows.items():
        named = NAMED.findall(line)
        assert named or name == "S-11", f"{name} names no test"  # timing is measured in script/bench, not asserted
        for path, test in named:
            assert test in functions_in(path), f"{name}: {path} has no {test}"
