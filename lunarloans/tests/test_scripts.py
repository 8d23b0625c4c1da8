"""The scripts that start servers end them again, and the watch ends a silent worker."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from lunarloans.celery import GRACE, SILENCE, app

SCRIPTS = settings.BASE_DIR / "script"


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like a worker and says nothing."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "celery"])
    yield process
    process.kill()
    process.wait()


def watch(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, SCRIPTS / "watch"], env={"PORTAL_VAR": str(folder)}, stdout=subprocess.DEVNULL)


@pytest.mark.faults
def test_a_worker_that_is_silent_for_too_long_is_ended(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    (tmp_path / "worker-alive-until").write_text(f"{worker.pid} {time.time() - 1:.0f}\n")
    watching = watch(tmp_path)
    try:
        assert worker.wait(timeout=20) == -9
    finally:
        watching.kill()
        watching.wait()


@pytest.mark.faults
def test_a_worker_that_may_still_be_silent_is_left_alone(tmp_path: Path, worker: subprocess.Popen[bytes]) -> None:
    (tmp_path / "worker-alive-until").write_text(f"{worker.pid} {time.time() + 60:.0f}\n")
    watching = watch(tmp_path)
    time.sleep(1)
    watching.kill()
    watching.wait()
    assert worker.poll() is None


def test_a_worker_says_before_a_task_how_long_it_may_take_and_afterwards_that_it_lives(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path
    heard: list[str] = []

    @app.task(name="lunarloans.tests.listen", time_limit=500)
    def listen() -> None:
        heard.append((tmp_path / "worker-alive-until").read_text())

    listen.apply()
    heard.append((tmp_path / "worker-alive-until").read_text())
    during, afterwards = (line.split() for line in heard)
    assert during[0] == afterwards[0] == str(os.getpid())
    assert float(during[1]) == pytest.approx(time.time() + 500 + GRACE, abs=30)
    assert float(afterwards[1]) == pytest.approx(time.time() + SILENCE, abs=30)


@pytest.mark.faults
def test_the_servers_of_a_command_end_with_it_and_its_status_is_passed_on(tmp_path: Path) -> None:
    report = tmp_path / "report"
    command = [str(SCRIPTS / "with_services"), "sh", "-c", f'echo "$PORTAL_VAR" > {report}; exit 7']
    assert subprocess.run(command, check=False).returncode == 7
    folder = Path(report.read_text().strip()).parent
    assert folder.name.startswith("lunar-")
    assert not folder.exists()
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not any(str(folder).encode() in line for line in running)
