"""Throw-away servers for tests, benchmarks and drills: PostgreSQL and Redis where nobody else can meet them. Standard library only."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

PATIENCE = 30  # seconds until a server that does not answer is given up


def give_up(text: str) -> NoReturn:
    print(f"services: {text}", file=sys.stderr)
    raise SystemExit(3)


def newest_postgresql() -> Path:
    """The folder with initdb and postgres; Debian keeps them off the PATH."""
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if folders:
        return max(folders, key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    found = shutil.which("initdb")
    if found is None:
        give_up("initdb is missing: install the package postgresql")
    return Path(found).resolve().parent


def die_with_parent() -> None:
    """Ask the kernel to stop this server should the wrapper be killed: to both servers this signal says at once."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def start(command: list[str], *, log: Path, user: str | None = None) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,  # Ctrl-C reaches the command first, then us, and the servers last
            preexec_fn=die_with_parent,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
        )


def await_answer(server: subprocess.Popen[bytes], probe: list[str], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while subprocess.run(probe, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            give_up(f"{server.args[0]} did not start:\n{log.read_text(errors='replace')}")  # type: ignore[index]
        time.sleep(0.03)


def postgresql_user() -> str | None:
    """PostgreSQL refuses to run as root, so root lends it the user that its package made."""
    return "postgres" if os.geteuid() == 0 else None


def run_postgresql(folder: Path, *, is_durable: bool = False) -> subprocess.Popen[bytes]:
    """The server on what `make_postgresql` made. Durable: what was acknowledged outlives a kill; otherwise quick, for tests."""
    home = folder / "postgresql"
    kept = "on" if is_durable else "off"
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(home),
        "max_connections": "200",
        "fsync": "off",  # nobody cuts the power: what a killed server has written is in the kernel's hands
        "synchronous_commit": kept,
        "full_page_writes": kept,
        "autovacuum": "on",
    }
    log = folder / "postgresql.log"
    programs = newest_postgresql()
    command = [str(programs / "postgres"), "-D", str(home / "data"), *(word for name, value in options.items() for word in ("-c", f"{name}={value}"))]
    server = start(command, log=log, user=postgresql_user())
    await_answer(server, [str(programs / "pg_isready"), "-q", "-h", str(home)], log)
    return server


def start_postgresql(folder: Path, *, is_durable: bool = False) -> tuple[subprocess.Popen[bytes], str]:
    """A new cluster with the database `portal`: the server and its address."""
    programs = newest_postgresql()
    user = postgresql_user()
    home = folder / "postgresql"
    home.mkdir()
    if user:
        shutil.chown(home, user)
    initdb = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(initdb, user=user, extra_groups=[] if user else None, cwd="/", capture_output=True, text=True, check=False)
    if made.returncode:
        give_up(made.stderr)
    server = run_postgresql(folder, is_durable=is_durable)
    subprocess.run([str(programs / "createdb"), "-h", str(home), "-U", "postgres", "portal"], check=True)
    return server, f"postgres://postgres@/{home}/portal"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_redis(folder: Path, port: int, *, is_durable: bool = False) -> subprocess.Popen[bytes]:
    """Redis on a port; durable: with its append-only file, as in production."""
    program = shutil.which("redis-server")
    if program is None:
        give_up("redis-server is missing: install the package redis-server")
    log = folder / "redis.log"
    kept = ["--appendonly", "yes", "--appendfsync", "everysec"] if is_durable else ["--appendonly", "no"]
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", *kept, "--maxmemory-policy", "noeviction", "--dir", str(folder)]
    server = start([program, *options], log=log)
    await_answer(server, ["redis-cli", "-p", str(port), "ping"], log)
    return server


def start_redis(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    return run_redis(folder, port), f"redis://127.0.0.1:{port}/0"


def stop(server: subprocess.Popen[bytes], with_signal: signal.Signals) -> None:
    if server.poll() is None:
        server.send_signal(with_signal)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
