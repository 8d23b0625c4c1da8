"""What kind of words an application uses, kept as numbers, so that five thousand texts are matched with the experts in a moment."""

from django.db import models

from applications.models import Version
from reviews import matching


class WordingQuerySet(models.QuerySet["Wording"]):
    def usable(self) -> "WordingQuerySet":
        """Those made by the present method; others are made anew."""
        return self.filter(method=matching.METHOD)


class Wording(models.Model):
    """The words, techniques and fields of a version that was handed in (it never changes). Only a memory: it can be made again at any time."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="wording")
    method = models.PositiveSmallIntegerField()
    numbers = models.BinaryField()  # see matching.numbers_of

    objects = WordingQuerySet.as_manager()


def wording_of(title: str, question: str, plan: str, answers: dict[str, str]) -> bytes:
    """The numbers of a version: its title, what it wants to know, how, and the technique named for each sample."""
    said = [answers.get("significance", ""), *(text for name, text in sorted(answers.items()) if name.endswith("technique"))]
    return matching.numbers_of("\n".join((title, question, plan, *said)), field=answers.get("field", ""))
