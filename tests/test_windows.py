"""What Windows asks for, as far as another system can show it: line ends, names, open files, ports and paths."""

import errno
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import pytest

from assistant.finding.vectors import FlatVectors
from assistant.keeping.feedback import hold_drafts
from assistant.keeping.store import MadeFrom, Store
from assistant.serving.web.server import listen
from assistant.settings import Settings
from eval.drafts import _put
from tests.web.serving import free_port

ROOT = Path(__file__).parent.parent
#: Names that Windows has for devices, whatever ending they have; characters that it takes in no name.
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
NOT_IN_NAMES = re.compile(r'[<>:"\\|?*\x00-\x1f]|[ .]$')


@pytest.fixture(scope="module")
def files() -> list[str]:
    """The paths of every file of ours."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no checkout: git knows which files are ours")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [path for path in listed.stdout.decode().split("\0") if path and (ROOT / path).exists()]


def refused(path: str) -> bool:
    """Tell whether Windows refuses a path."""
    return any(DEVICES.fullmatch(name) or NOT_IN_NAMES.search(name) for name in path.split("/"))


def test_names_of_files_are_legal_there(files: list[str]) -> None:
    assert [path for path in files if refused(path)] == []
    assert len({path.casefold() for path in files}) == len(files)  # case does not tell two files apart there
    assert max(map(len, files)) < 150  # of 260 with the folder that they are put in
    for bad in ("a/aux.py", "CON", "what?.md", "a:b", "end.", "com1.txt"):
        assert refused(bad)


def test_a_checkout_there_has_the_same_bytes(files: list[str], tmp_path: Path) -> None:
    # Git for Windows sets this: without our .gitattributes it would change what the hashes of data were taken of.
    subprocess.run(
        ["git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", "checkout-index", "--all", f"--prefix={tmp_path}/"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    source = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in (".png", ".bin", ".npz")]
    assert len(source) > 100
    with_windows_ends = {path.relative_to(tmp_path).as_posix() for path in source if b"\r\n" in path.read_bytes()}
    assert with_windows_ends <= {path for path in files if b"\r\n" in (ROOT / path).read_bytes()}


def flush_as_windows_does(number: int) -> None:
    """Refuse a file that was opened for reading."""
    fcntl = pytest.importorskip("fcntl")
    if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def test_what_is_flushed_to_the_disk_was_opened_for_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", flush_as_windows_does)
    with Path(__file__).open("rb") as read, pytest.raises(OSError, match="Bad file"):
        os.fsync(read.fileno())
    store, made_from = Store(tmp_path), MadeFrom(document="bees")
    store.write(store.part_folder(made_from), made_from, lambda new: (new / "a").write_text("b") and None)
    store.check(store.part_folder(made_from))
    drafts = tmp_path / "cases" / "drafts.jsonl"
    with hold_drafts(drafts):
        _put(drafts, [b"{}"])
    assert drafts.read_bytes() == b"{}\n"


def test_faiss_is_given_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(name: str) -> Callable[..., object]:
        its_own = getattr(faiss, name)

        def given(*things: object) -> object:
            if any(isinstance(one, str) for one in things):
                raise RuntimeError("could not open: FAISS opens no path outside ASCII there")
            return its_own(*things)

        return given

    for name in ("read_index", "write_index"):
        monkeypatch.setattr(faiss, name, refusing(name))
    path = tmp_path / "Zoë 共同制作" / "vectors.faiss"
    path.parent.mkdir()
    unit = np.array([[1, 0], [0, 1]], dtype=np.float32)
    FlatVectors.from_vectors(unit).save(path)
    assert FlatVectors.load(path).all().tolist() == unit.tolist()


def test_a_port_is_taken_for_one_program_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(port=free_port())
    # Elsewhere it only means that a port can be taken again at once.
    for platform, shared in (("win32", False), ("linux", True)):
        monkeypatch.setattr(sys, "platform", platform)
        with listen(settings) as listener:
            monkeypatch.undo()
            assert bool(listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)) is shared
