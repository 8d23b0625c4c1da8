"""script/drill [--kills 200] [--seed 1]: web, worker, PostgreSQL and Redis are killed while rounds are announced and published.

Exit code 1 when a letter is missing or doubled, a list is wrong, an answer promised what is not there, or an invariant is broken.
"""

import argparse
import os
import sys

import django

from lunarloans.tests.drill.machine import Failed, machine


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/drill", description="Kill web, worker, PostgreSQL and Redis through announce and publish.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="the same seed kills the same things after the same pauses")
    options = parser.parse_args()
    with machine() as here:
        os.environ.update(here.environment)
        here.manage("migrate", "-v", "0")
        here.manage("collectstatic", "--no-input", "-v", "0")
        here.start("web")
        here.start("worker")
        django.setup()
        from lunarloans.tests.drill.rounds import Drill  # noqa: PLC0415 (the models exist only after django.setup)

        drill = Drill(here, seed=options.seed)
        try:
            drill.go(options.kills)
        except Failed as failure:
            print(f"FAILED after {sum(drill.kills.values())} kills: {failure}")
            return 1
        print(drill.report())
    return 0


if __name__ == "__main__":
    sys.exit(main())
