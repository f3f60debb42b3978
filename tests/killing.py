"""Kill a process with SIGKILL at random moments while it adds, updates and removes documents, and look what is left.

    python -m tests.killing --kills 1000 --seed 1
    python -m tests.killing --kills 40 --naive      # a writer that rewrites one file in place: it must fail

Each round changes some files, starts a process that does one thing, kills it, and opens the library again. Whatever
was acknowledged is there; of the file in hand the old is there or the new; every value fits its hash; no byte of the
data folder holds words that no document has any more. Parsing, SQLite and files are real; vectors need no model.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from assistant.keeping.added.adding import Adder
from assistant.keeping.added.database import Database, library_path
from assistant.keeping.added.shelf import Shelf
from tests.added import bytes_of, contents_of, fake_embedder

Acknowledge = Callable[[str, str], None]
#: The state of each place: its text; nothing for one that is not there.
State = dict[str, str]
_NAMES = [f"{folder}file{number}.txt" for folder in ("", "a/", "b/") for number in range(5)]
_FEWEST, _MOST = 3, 6000  # words of a file


class Writer(Protocol):
    """What is killed."""

    def do(self, data: Path, operation: str, argument: str, acknowledge: Acknowledge) -> None:
        """Do one thing; `acknowledge` is told each place that is done, and what became of it."""
        ...

    def state(self, data: Path) -> State:
        """Open the library and give what it holds. Raises where something is wrong with it."""
        ...


class _Acknowledged(list[Any]):
    """Results that are told as they come."""

    def __init__(self, acknowledge: Acknowledge) -> None:
        super().__init__()
        self._acknowledge = acknowledge

    def append(self, result: Any) -> None:
        """Keep a result, and tell it."""
        super().append(result)
        self._acknowledge(result.path, result.outcome)


class Ours:
    """The library."""

    def do(self, data: Path, operation: str, argument: str, acknowledge: Acknowledge) -> None:
        """Add a folder, update, or remove a document by its place."""
        adder = Adder(data, fake_embedder())
        adder.results = _Acknowledged(acknowledge)
        if operation == "add":
            adder.add([Path(argument)])
        elif operation == "update":
            adder.update(remove_missing=True)
        else:
            with Database(library_path(data)) as database:
                shelf = Shelf(database)
                shelf.remove(shelf.find(argument).id)
                acknowledge(argument, "removed")

    def state(self, data: Path) -> State:
        """Every value is checked against its hash; no trace of anything else is left."""
        if not library_path(data).exists():
            return {}
        held = contents_of(data)
        found = {path: text for text, places in held.items() for path, _ in places}
        stored = bytes_of(data)
        for word in _words_in(stored) - {text.split()[0] for text in held}:
            raise AssertionError(f"a trace of {word}")
        return found


class Naive:
    """Writes all documents into one JSON file, in place, as a first attempt would."""

    def do(self, data: Path, operation: str, argument: str, acknowledge: Acknowledge) -> None:
        """Rewrite the file for each document."""
        data.mkdir(exist_ok=True)
        file = data / "library.json"
        held = json.loads(file.read_text()) if file.exists() else {}
        if operation == "remove":
            held.pop(argument, None)
            file.write_text(json.dumps(held))
            acknowledge(argument, "removed")
            return
        known = held if operation == "update" else map(str, Path(argument).rglob("*.txt"))
        for path in sorted(known):
            if Path(path).exists():
                held[path] = Path(path).read_text()
                outcome = "added"
            else:
                held.pop(path)
                outcome = "removed"
            file.write_text(json.dumps(held))
            acknowledge(path, outcome)

    def state(self, data: Path) -> State:
        """Read the file."""
        file = data / "library.json"
        found: State = json.loads(file.read_text()) if file.exists() else {}
        return found


def _words_in(stored: bytes) -> set[str]:
    return {one.decode() for one in re.findall(rb"zq\d{8}", stored)}


def rounds(writer: Writer, kills: int, seed: int, seconds: float = float("inf")) -> str:
    """Kill so many times, or as often as there is time. Give what happened in words.

    Raises AssertionError, or what opening the library raised.
    """
    chance = random.Random(seed)
    root = Path(tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)).resolve()
    try:
        return _rounds(writer, kills, chance, root, time.monotonic() + seconds)
    finally:
        shutil.rmtree(root)


def _rounds(writer: Writer, kills: int, chance: random.Random, root: Path, until: float) -> str:
    files, data = root / "files", root / "data"
    files.mkdir()
    took = {"add": 0.4, "update": 0.4, "remove": 0.1}
    before: State = {}
    killed, whole, acknowledged, in_hand, serial = 0, 0, 0, 0, 0
    while killed < kills and time.monotonic() < until:
        serial = _change_files(files, chance, serial)
        operation = chance.choice(["add", "add", "update", "remove"] if before else ["add"])
        argument = chance.choice(sorted(before)) if operation == "remove" else str(files)
        began = time.monotonic()
        told, ended = _run(writer, data, operation, argument, chance.uniform(0, 1.3 * took[operation]))
        if ended:
            took[operation] = 0.5 * took[operation] + 0.5 * (time.monotonic() - began)
            whole += 1
        else:
            took[operation] *= 1.02  # a busy machine needs longer to come anywhere
            killed += 1
        on_disk = {str(path): path.read_text() for path in files.rglob("*.txt")}
        after = writer.state(data)
        in_hand += _check(operation, argument, before, on_disk, told, after, ended=ended)
        acknowledged += len(told)
        before = after
    return (
        f"{killed} kills and {whole} rounds that ended first; {acknowledged} files acknowledged, {in_hand} changed and "
        f"not yet acknowledged; {len(before)} files in the library at the end; nothing lost, nothing half there"
    )


def _change_files(files: Path, chance: random.Random, serial: int) -> int:
    for _ in range(chance.randint(1, 5)):
        path = files / chance.choice(_NAMES)
        path.parent.mkdir(exist_ok=True)
        what = chance.random()
        if what < 0.7 or not path.exists():
            serial += 1
            path.write_text(f"zq{serial:08d} " * chance.choice([_FEWEST, 300, _MOST]))
        elif what < 0.85:
            path.unlink()
        else:
            other = files / chance.choice(_NAMES)
            other.parent.mkdir(exist_ok=True)
            path.replace(other)
    return serial


def _run(
    writer: Writer, data: Path, operation: str, argument: str, after_s: float
) -> tuple[list[tuple[str, str]], bool]:
    """Do something in a process that is killed after a while. Give what it acknowledged, and whether it ended first."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            writer.do(
                data, operation, argument, lambda *done: os.write(writing, (json.dumps(done) + "\n").encode()) and None
            )
            code = 0
        except BaseException as error:  # told to whoever runs this
            sys.stderr.write(f"{operation}: {error!r}\n")
        finally:
            os._exit(code)
    os.close(writing)
    until = time.monotonic() + after_s
    gone = status = 0
    while not gone and time.monotonic() < until:
        time.sleep(0.001)
        gone, status = os.waitpid(child, os.WNOHANG)
    if not gone:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        lines = [line for line in told.read().split("\n") if line.endswith("]")]
    ended = os.WIFEXITED(status)
    if ended and os.WEXITSTATUS(status):
        raise AssertionError(f"{operation} failed by itself")
    return [(path, outcome) for path, outcome in map(json.loads, lines)], ended


def _check(
    operation: str,
    argument: str,
    before: State,
    on_disk: State,
    told: list[tuple[str, str]],
    after: State,
    *,
    ended: bool,
) -> int:
    """Check what is left against what was acknowledged. Give how many files changed and were not acknowledged."""
    known = set(before) | set(on_disk) if operation == "add" else set(before)
    if operation == "remove":
        same = before.get(argument)  # all places of that content go with it
        wanted = {path: text for path, text in before.items() if text != same}
    else:
        wanted = {path: on_disk[path] for path in known if path in on_disk}
        if operation == "add":
            wanted |= {path: text for path, text in before.items() if path not in on_disk}
    done = {path for path, _ in told}
    if operation == "remove" and told:
        done = {path for path, text in before.items() if text == before.get(argument)}
    changed = 0
    for path in known | set(after):
        if path in done or ended:
            assert after.get(path) == wanted.get(path), (
                f"{operation}: {path} was acknowledged, and is not as it was told"
            )
        elif after.get(path) != before.get(path):
            assert after.get(path) == wanted.get(path), f"{operation}: {path} is neither the old nor the new"
            changed += 1
    most = len(known) if operation == "remove" else 1
    assert changed <= most, f"{operation}: {changed} files changed and were not acknowledged"
    return changed


def main() -> int:
    """Run it as a command; 1 where something was lost or half there."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="Stop after so long.")
    parser.add_argument("--naive", action="store_true")
    given = parser.parse_args()
    began = time.monotonic()
    try:
        said = rounds(Naive() if given.naive else Ours(), given.kills, given.seed, given.seconds)
    except Exception as error:  # whatever opening or checking raised is what this looks for
        sys.stdout.write(f"FAILED: {type(error).__name__}: {str(error)[:300]}\n")
        return 1
    sys.stdout.write(f"{said}; {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
