"""The journey through Django's test client, as a process in the environment of the embedded default."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lunarloans.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from lunarloans.tests.journey import walk  # noqa: E402
from lunarloans.tests.walkers import ClientWalker  # noqa: E402
from rounds.models import Round  # noqa: E402


def main(slug: str) -> None:
    def pass_the_closing() -> None:
        Round.objects.filter(slug=slug).update(closes_at=timezone.now(), recall_minutes=0)

    print(walk(ClientWalker, slug, pass_the_closing))


if __name__ == "__main__":
    main(sys.argv[1])
