"""Kill a session's process with -9 at random moments, and hold what is left against what was acknowledged.

    python -m tests.assistant.room_kills --kills 200
    python -m tests.assistant.room_kills --kills 20 --naive     a room in memory, which must fail

A child process opens the session, takes changes, several threads at once, and acknowledges each. The parent kills it,
starts it again, sends again what was not acknowledged, with the same keys, and goes on. In the end every change that
was ever acknowledged must be there, once, and so must every change that was sent.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from assistant.room.changes import Joined, Opened, RuleWritten
from assistant.room.store import RoomFile
from corpus.errors import DataFolderError
from tests.assistant.room_plans import made

#: Asks the child for all that it holds.
ALL = "?"
FRESH = 12
RULES = 60


def child(path: Path, naive: bool, wire: Connection) -> None:
    """Take changes until the end of this process."""
    if naive:
        file = RoomFile.make(None, made())
    else:
        try:
            file = RoomFile.open(path) if path.exists() else RoomFile.make(path, made())
        except DataFolderError:  # it was killed before the session was made, which nobody was told of
            path.unlink()
            file = RoomFile.make(path, made())
    if file.room.phase_of_life == "made":
        file.do("lead", "open", Opened())
    if not file.room.people:
        file.do("app", "join", Joined(person="p1", token="t"))
    answering = threading.Lock()

    def take(key: str) -> None:
        file.do("lead", key, RuleWritten(rule=f"r{int(key[1:]) % RULES}", text=key))
        with answering:
            wire.send(key)

    with ThreadPoolExecutor(4) as pool:
        while True:
            try:
                key = wire.recv()
            except EOFError:
                return
            if key == ALL:
                pool.shutdown()
                rows = file._connection.execute(
                    "SELECT key FROM changes WHERE who = 'lead' AND key <> 'open'"
                ).fetchall()
                wire.send([row[0] for row in rows])
                return
            pool.submit(take, key)


def kill_often(kills: int, *, naive: bool = False, seed: int = 1) -> list[str]:
    """Run the harness and say what went wrong; nothing where all is well."""
    chance = random.Random(seed)
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload(["assistant.room.store"])
    acknowledged: list[str] = []
    unsent: list[str] = []
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "room.sqlite"
        for kill in range(kills + 1):
            ours, theirs = context.Pipe()
            process = context.Process(target=child, args=(path, naive, theirs))
            process.start()
            theirs.close()
            sending = [*unsent, *(f"k{number + one}" for one in range(FRESH))]
            number += FRESH
            chance.shuffle(sending)
            heard: list[str] = []
            is_last = kill == kills
            wanted = len(sending) if is_last else chance.randint(0, len(sending))  # killed after about so many
            try:
                for key in sending:
                    ours.send(key)
                while len(heard) < wanted:
                    heard.append(ours.recv())
                if is_last:
                    ours.send(ALL)
                    there = Counter(ours.recv())
                else:
                    time.sleep(chance.random() * 0.004)
                    process.kill()
                    while True:
                        heard.append(ours.recv())
            except (EOFError, ConnectionError):
                pass
            process.join(60)
            ours.close()
            acknowledged += heard
            unsent = [key for key in sending if key not in set(heard)]
    faults = [f"{key} was acknowledged, and is lost" for key in acknowledged if key not in there]
    faults += [f"{key} is there {count} times" for key, count in there.items() if count > 1]
    return faults + [f"k{one} was sent, and is not there" for one in range(number) if f"k{one}" not in there]


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--naive", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    faults = kill_often(given.kills, naive=given.naive, seed=given.seed)
    print(f"{given.kills} kills in {time.monotonic() - began:.0f} s: {len(faults)} faults", *faults[:5], sep="\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
