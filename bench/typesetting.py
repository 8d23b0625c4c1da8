"""What setting a letter costs the typesetter itself: CPU a letter, and its memory from the first hundred to the last.

A process of its own, as in a worker: `python -m bench.typesetting letter.html 1000` prints one line of JSON.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from letters.typesetter import Typesetter

ROOT = Path(__file__).resolve().parent.parent
STYLESHEET = ROOT / "templates" / "letters" / "letter.css"
WARM_UP = 100  # letters after which fonts and caches have their size


@dataclass(frozen=True)
class Typesetting:
    letters: int
    cpu_ms: float  # a letter
    warm_mib: float
    end_mib: float


def memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2


def set_letters(html: str, count: int) -> Typesetting:
    """In this process; each letter has another number, as in life."""
    typesetter = Typesetter(STYLESHEET)
    gc.collect()
    gc.freeze()
    warm, began = 0.0, 0.0
    for number in range(WARM_UP + count):
        if number == WARM_UP:
            warm, began = memory_mib(), time.process_time()
        typesetter.set(html.replace("LSL-0000-00000", f"LSL-2026-{number:05d}"))
    return Typesetting(count, (time.process_time() - began) * 1000 / count, warm, memory_mib())


def typesetting(html: str, count: int) -> Typesetting:
    """The same in a process of its own, which holds nothing of the portal."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(html)
        file.flush()
        command = [sys.executable, "-m", "bench.typesetting", file.name, str(count)]
        answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return Typesetting(**json.loads(answer))


if __name__ == "__main__":
    print(json.dumps(vars(set_letters(Path(sys.argv[1]).read_text(encoding="utf-8"), int(sys.argv[2])))))
