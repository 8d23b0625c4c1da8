"""A whole portal for a test: a database of its own with the demonstration, a web server, a worker and the clock."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from django.conf import settings

PATIENCE = 90  # seconds
CLOSE = (
    "from django.utils import timezone; from rounds.models import Round; "
    "Round.objects.filter(slug='demo-open').update(closes_at=timezone.now(), recall_minutes=0)"
)


@dataclass
class Portal:
    """Where it answers, and the environment of its processes."""

    site: str
    environment: dict[str, str]

    def manage(self, *words: str) -> str:
        """`manage.py` in this portal's environment; its output."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pass_the_closing(self) -> None:
        """As if the open round's time had just passed; its announcements need not wait."""
        self.manage("shell", "-v", "0", "-c", CLOSE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of(folder: Path, port: int, changes: Mapping[str, str]) -> dict[str, str]:
    """What the processes see: nothing of the test run's own database, queue or mail."""
    var = folder / "var"
    for name in ("queue", "queue-control", "mail", "media"):
        (var / name).mkdir(parents=True)
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO_ALLOW", "EMAIL", "MEDIA", "DATABASE", "BROKER"))
    }
    return {
        **kept,
        "PORTAL_VAR": str(var),
        "PORTAL_DEMO": "1",
        "SECRET_KEY": "only-for-a-journey-" * 4,
        "SITE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_URL": "filemail://",
        **changes,
    }


@contextmanager
def portal(folder: Path, *, pool: str, web: bool, **changes: str) -> Iterator[Portal]:
    """Migrate, load the demonstration, start everything; stop it whatever happens."""
    port = free_port()
    here = Portal(f"http://127.0.0.1:{port}", environment_of(folder, port, changes))
    here.manage("migrate", "-v", "0")
    here.manage("load_demo")
    here.manage("collectstatic", "--no-input", "-v", "0")
    celery = [sys.executable, "-m", "celery", "-A", "lunarloans"]
    commands = [[*celery, "worker", "-P", pool, "-c", "2", "-l", "WARNING"], [*celery, "beat", "-l", "WARNING"]]
    if web:
        commands.append([sys.executable, "-m", "gunicorn", "lunarloans.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2", "--no-control-socket"])
    running = []
    with (folder / "log").open("wb") as log:
        try:
            running = [subprocess.Popen(command, cwd=settings.BASE_DIR, env=here.environment, stdout=log, stderr=log) for command in commands]
            if web:
                await_web(here.site)
            yield here
        finally:
            for process in running:
                process.terminate()
            for process in running:
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()


def await_web(site: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(f"{site}/healthz/ready", timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.2)
