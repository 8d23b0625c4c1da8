"""A handful of kills through announce and publish; `script/drill` does it two hundred times."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

KILLS = 5


@pytest.mark.faults
def test_kills_of_web_worker_database_and_queue_leave_one_letter_for_each_decision() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO", "EMAIL", "MEDIA"))}
    command = [sys.executable, "-m", "lunarloans.tests.drill", "--kills", str(KILLS), "--seed", "7"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    assert f"{KILLS} kills" in done.stdout
