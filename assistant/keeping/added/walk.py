"""Find the files of what a person names: files and folders, in order, nothing opened that is none.

No link inside a folder is followed. A pipe, a socket or a device is named and never opened: opening one may wait for
ever, or do something.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.keeping.added.shelf import Seen
from corpus.errors import CorpusError
from corpus.shown import shown_name

_AT_ONCE = 1 << 20
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
}


class Missing(CorpusError):
    """Nothing is at a place."""


@dataclass
class Found:
    """What was found: files to look at, and what cannot be one, with the reason."""

    files: list[Path] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    passed_over: int = 0
    """Hidden files, and files that a program keeps beside one that is open in it."""


def find_files(named: Sequence[Path], data_dir: Path) -> Found:
    """Find the files of files and folders, each once, in the order of their names.

    Links that are named themselves are followed: whoever names one means what it leads to. The data folder is left out.
    """
    found = Found()
    for one in named:
        place = Path(os.path.realpath(one))
        try:
            kind = stat.S_IFMT(place.stat().st_mode)
        except OSError as error:
            found.refused.append((place, _unreadable(error)))
            continue
        if kind == stat.S_IFDIR:
            _walk(place, Path(os.path.realpath(data_dir)), found)
        elif kind == stat.S_IFREG:
            found.files.append(place)
        else:
            found.refused.append((place, _no_file(kind)))
    found.files = list(dict.fromkeys(found.files))
    return found


def look_at(path: Path) -> Seen:
    """Hash a file, without waiting for anything.

    Raises:
        Missing: there is nothing.
        CorpusError: it is no file, or cannot be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        kind = stat.S_IFMT(path.lstat().st_mode)
        if kind != stat.S_IFREG:
            raise CorpusError(_no_file(kind))
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):  # it was put in the file's place just now
                raise CorpusError(_no_file(stat.S_IFMT(about.st_mode)))
            digest = hashlib.sha256()
            while part := file.read(_AT_ONCE):
                digest.update(part)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Missing(_unreadable(error)) from None
    except OSError as error:
        raise CorpusError(_unreadable(error)) from None
    return Seen(path, about.st_size, about.st_mtime_ns, digest.hexdigest())


def _walk(folder: Path, data_dir: Path, found: Found) -> None:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if here == data_dir:
            continue
        try:
            with os.scandir(here) as inside:
                entries = sorted(inside, key=lambda one: os.fsencode(one.name))
        except OSError as error:
            found.refused.append(
                (here, f"the folder cannot be read: {error.strerror or error}. Nothing in it was read.")
            )
            continue
        folders = []
        for one in entries:
            place = here / one.name
            if one.name.startswith((".", "~$")):
                found.passed_over += 1
            elif one.is_symlink():
                found.refused.append((place, _no_file(stat.S_IFLNK)))
            elif one.is_dir(follow_symlinks=False):
                folders.append(place)
            elif one.is_file(follow_symlinks=False):
                found.files.append(place)
            else:
                found.refused.append((place, _no_file(_kind_of(one))))
        waiting += reversed(folders)


def _kind_of(entry: "os.DirEntry[str]") -> int:
    try:
        return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)
    except OSError:
        return 0


def _no_file(kind: int) -> str:
    if kind == stat.S_IFLNK:
        return "it is a link, and links in folders are not followed. Add the file that it leads to, by its own name."
    what = _KINDS.get(kind, "something of another sort")
    return f"it is no file but {what}: it was not opened."


def _unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "there is nothing at this place. Check its name."
    if isinstance(error, PermissionError):
        return (
            "it may not be read, or is open in another program. Close it there or change who may read it, then "
            "run `coproduce update`."
        )
    return f"it cannot be read: {shown_name(error.strerror or str(error))}. Run `coproduce update` to try again."


def is_missing(path: Path) -> bool:
    """Tell whether nothing is at a place; one that cannot be looked at is not missing."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def sizes_of(files: Sequence[Path]) -> Iterator[int]:
    """Give the size of each file in bytes; 0 for one that cannot be looked at."""
    for one in files:
        try:
            yield one.lstat().st_size
        except OSError:
            yield 0
