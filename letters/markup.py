"""A letter's markup as the typesetter reads it: what WeasyPrint does for every document and no letter needs is left out.

Nothing of it changes what is printed (letters/tests/test_markup.py).
"""

from weasyprint import HTML
from weasyprint.urls import URLFetcher

LANGUAGES = frozenset({"en", "zh-Hans"})  # those of which the letters' stylesheet knows


class Markup(HTML):
    """A document of which the letters' stylesheet says all, also what a paragraph or a table is."""

    def __init__(self, html: str, fetcher: URLFetcher) -> None:
        super().__init__(string=html, url_fetcher=fetcher)
        self._share_styles()

    def _ua_stylesheets(self, forms: bool = False) -> list[object]:
        """None: WeasyPrint's own prepares six notes and markers for each element."""
        return []

    def _share_styles(self) -> None:
        """Say languages by classes: WeasyPrint computes the style of elements with the same classes once, but anew for each with `lang`."""
        root = self.etree_element
        for element in root.iter():
            language = element.get("lang")
            if language in LANGUAGES and element is not root:
                del element.attrib["lang"]
                element.set("class", f"{element.get('class', '')} in-{language}".lstrip())
