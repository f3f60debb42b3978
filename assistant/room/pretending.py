"""Pretend participants, for trying a plan out: they answer each step as it comes, and leave nothing behind."""

import threading

from assistant.room import changes as to
from assistant.room.activities import prompts_of
from assistant.room.keys import new_key
from assistant.room.state import Room
from assistant.room.store import NotNow, RoomFile

NAMES = tuple(f"pretend-{number}" for number in range(1, 7))
WORDS = "A pretend answer, so that you see where answers stand."


def pretend(file: RoomFile) -> None:
    """Let pretend participants in, and have them answer whenever the session moves."""
    for name in NAMES:
        file.do("app", new_key(), to.Joined(person=name))
    file.listeners.append(lambda: threading.Thread(target=_answer, args=(file,), daemon=True).start())
    _answer(file)


def _answer(file: RoomFile) -> None:
    with file.reading:
        wanted = list(_wanted(file.room))
    for key, change in wanted:
        try:
            file.do("app", key, change)
        except NotNow:  # it moved on meanwhile
            return


def _wanted(room: Room) -> list[tuple[str, to.Change]]:
    if room.phase_of_life != "open" or not room.round or room.paused:
        return []
    changes: list[tuple[str, to.Change]] = []
    for number, name in enumerate(NAMES):
        if room.response_of(name, room.now.id, room.round) is not None:
            continue
        fields = {
            one.key: one.options[(number + position) % len(one.options)].key if one.options else WORDS
            for position, one in enumerate(prompts_of(room.now))
        }
        if fields:
            answer = to.Responded(person=name, step=room.now.id, round=room.round, fields=fields)
            changes.append((f"{name} {room.now.id} {room.round}", answer))
    return changes
