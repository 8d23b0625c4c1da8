"""The Atom feed: each version of a list is an entry, in both languages, with an identity that never changes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from accounts.templatetags.portal import in_language, mg
from results.models import ResultList

ENTRIES = 50
LISTS = UUID("6c1f2c0e-6a52-5d6b-9f57-3f1d8a1f6e27")  # the space in which versions are named; whatever the address of the portal
LANGUAGES = (("en", "en"), ("zh-hans", "zh-Hans"))  # Django's name and the document's


def identity(result_list: ResultList) -> str:
    return f"urn:uuid:{uuid5(LISTS, f'{result_list.round.slug}/{result_list.number}')}"


class BilingualFeed(Atom1Feed):
    """Django's Atom with words in both languages and the same list as files."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else datetime(1970, 1, 1, tzinfo=UTC)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for address, kind in item["files"]:
            handler.addQuickElement("link", "", {"rel": "alternate", "type": kind, "href": address})
        handler.startElement("content", {"type": "xhtml"})
        handler.startElement("div", {"xmlns": "http://www.w3.org/1999/xhtml"})
        for language, sentences in item["words"]:
            handler.startElement("div", {"xml:lang": language, "lang": language})
            for sentence in sentences:
                handler.addQuickElement("p", sentence)
            handler.endElement("div")
        handler.endElement("div")
        handler.endElement("content")


def feed_of(lists: Iterable[ResultList]) -> bytes:
    """The newest versions, with the figures of `for_list`."""
    site = settings.SITE_URL
    feed = BilingualFeed(
        title=" · ".join(_in_both(gettext_noop("Lists of approved institutions"))),
        link=site + reverse("results:list"),
        description="",
        feed_url=site + reverse("results:feed"),
        feed_guid=f"urn:uuid:{LISTS}",
        author_name=" · ".join(_in_both(gettext_noop("Lunar Sample Loans"))),
    )
    for one in lists:
        slug, version, words = one.round.slug, f"?version={one.number}", _words(one)
        feed.add_item(
            title=" · ".join(_titles(one)),
            link=f"{site}{reverse('results:round', args=[slug])}{version}",
            description=" ".join(sentence for _language, sentences in words for sentence in sentences),
            unique_id=identity(one),
            pubdate=one.published_at,
            updateddate=one.published_at,
            files=[
                (f"{site}{reverse('results:csv', args=[slug])}{version}", "text/csv"),
                (f"{site}{reverse('results:json', args=[slug])}{version}", "application/json"),
            ],
            words=words,
        )
    return feed.writeString("utf-8").encode()


def _in_both(text: str) -> list[str]:
    both = []
    for language, _name in LANGUAGES:
        with override(language):
            both.append(_(text))
    return both


def _titles(one: ResultList) -> list[str]:
    titles = []
    for language, _name in LANGUAGES:
        with override(language):
            said = {"title": in_language(one.round, "title"), "number": one.number}
            titles.append(_("%(title)s, version %(number)d") % said)
    return titles


def _words(one: Any) -> list[tuple[str, list[str]]]:
    words = []
    for language, name in LANGUAGES:
        with override(language):
            sentences = [_("%(rows)d rows, %(institutions)d institutions.") % {"rows": one.row_count, "institutions": one.institution_count}]
            if one.stated_total_ug is not None:
                sentences.append(_("Total as stated by the source: %(mass)s.") % {"mass": mg(one.stated_total_ug)})
            if one.known_ug:
                sentences.append(_("Sum of the masses published row by row: %(mass)s.") % {"mass": mg(one.known_ug)})
            if one.is_correction:
                sentences.append(_("A correction: it replaces version %(number)d, which stays readable.") % {"number": one.number - 1})
            if in_language(one, "note"):
                sentences.append(in_language(one, "note"))
            if one.round.is_synthetic:
                sentences.append(_("Synthetic: made up for demonstration."))
            words.append((name, sentences))
    return words
