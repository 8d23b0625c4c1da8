"""The processes of a production installation, started here so that they can be killed."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent.parent.parent


class Failed(Exception):
    """What the drill is there to find."""


def load_services() -> ModuleType:
    spec = importlib.util.spec_from_file_location("services", ROOT / "script" / "services.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Machine:
    """The four kinds of process of a production installation, each of which can be killed and comes back."""

    def __init__(self, folder: Path) -> None:
        self.services, self.folder, self.running = load_services(), folder, dict[str, subprocess.Popen[bytes]]()
        self.web_port, self.redis_port = self.services.free_port(), self.services.free_port()
        self.site = f"http://127.0.0.1:{self.web_port}"
        self.running["postgresql"], database_url = self.services.start_postgresql(folder, is_durable=True)
        self.running["redis"] = self.services.run_redis(folder, self.redis_port, is_durable=True)
        var = folder / "var"
        for name in ("queue", "queue-control", "mail", "media", "static"):
            (var / name).mkdir(parents=True)
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "PORTAL_VAR": str(var),
            "PORTAL_DEMO": "1",
            "DEBUG": "0",
            "SECRET_KEY": "only-for-a-drill-" * 4,
            "SITE_URL": self.site,
            "ALLOWED_HOSTS": "127.0.0.1",
            "EMAIL_URL": "filemail://",
        }

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"manage.py {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name: str) -> None:
        if name == "postgresql":
            self.running[name] = self.revived(lambda: self.services.run_postgresql(self.folder, is_durable=True))
        elif name == "redis":
            self.running[name] = self.revived(lambda: self.services.run_redis(self.folder, self.redis_port, is_durable=True))
        else:
            web = ["gunicorn", "lunarloans.wsgi", "-b", f"127.0.0.1:{self.web_port}", "-w", "2", "--no-control-socket"]
            worker = ["celery", "-A", "lunarloans", "worker", "-P", "prefork", "-c", "2", "-l", "WARNING", "--without-gossip", "--without-mingle"]
            with (self.folder / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    [sys.executable, "-m", *(web if name == "web" else worker)],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=self.services.die_with_parent,  # noqa: PLW1509 (no thread runs beside it)
                )

    def revived(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        """A killed server's children may still hold its place for a moment."""
        for _attempt in range(20):
            try:
                return start()
            except SystemExit:
                time.sleep(0.3)
        raise Failed("a server did not come back")

    def kill(self, name: str) -> None:
        """At once, with everything that it started."""
        process = self.running[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.start(name)

    def stop(self) -> None:
        for name in ("web", "worker", "redis", "postgresql"):
            if name in self.running:
                process = self.running[name]
                process.send_signal(signal.SIGQUIT if name == "postgresql" else signal.SIGTERM)
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def machine() -> Iterator[Machine]:
    folder = Path(tempfile.mkdtemp(prefix="lunar-drill-"))
    folder.chmod(0o711)
    here = Machine(folder)
    try:
        yield here
    finally:
        here.stop()
        shutil.rmtree(folder, ignore_errors=True)
