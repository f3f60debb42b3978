"""Read files in a process of their own, so that none can stop, fill or crash the program that asks for it.

The process is told bytes and gives a document back. It has limits on time, memory and output, may open no connection,
start no program and write no file, and is replaced when it dies. Run as a module, this file is that process.
"""

import atexit
import contextlib
import json
import math
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from corpus.errors import CorpusError
from corpus.frozen import Frozen

_HEAD = struct.Struct(">Q")
#: So many files one process reads; then another begins afresh, whatever a reader has left behind.
_FILES_A_PROCESS = 200
_ROOT = Path(__file__).parent.parent.parent
_START_SECONDS = 60.0  # to start Python on a busy machine
_SIGXCPU = getattr(signal, "SIGXCPU", 24)
_PATIENCE = 6.0 if os.name == "posix" else 1.0  # times its limit, by the clock, for a process that does not work
_PAGE_SECONDS = 0.3  # a whole PDF of many pages may take longer, by its pages
_FOR_PAGES = 0.6  # of a PDF's time goes to its pages; then it is put in order
_PAGE_BYTES = 1_000  # but only where a page has so many bytes of the file


class Limits(Frozen):
    """What the reading of one file may take."""

    seconds: float = 8.0
    """Of a processor's time, so that a busy machine refuses nothing; where the system cannot count it, of the clock's.
    A PDF of many pages, each of a real page's size, may take up to `most_seconds`."""
    most_seconds: float = 120.0
    memory_mb: int = 2_048
    """Of the reading process, Python and its libraries included."""
    max_bytes: int = 300_000_000
    """Of a file."""
    max_output: int = 400_000_000
    """Of what reading gives, as JSON."""


DEFAULT_LIMITS = Limits()


class _Gone(Exception):
    """The process died, or ran out of time."""


class IsolatedReader:
    """Keeps one reading process, and starts another when it died. One file at a time; threads wait for each other."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._files = 0

    def read(self, content: bytes, *, name: str, document_id: str) -> bytes:
        """Read a file's bytes; give `ReadFile` as JSON.

        Raises:
            CorpusError: the file cannot be read, or the process ran out of time or memory, or died.
        """
        with self._lock:
            try:
                return self._ask(content, name, document_id)
            finally:
                if self._files >= _FILES_A_PROCESS:
                    self._end()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def __enter__(self) -> "IsolatedReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, content: bytes, name: str, document_id: str) -> bytes:
        seconds = seconds_for(content, self.limits)
        request = {"name": name, "document_id": document_id, "seconds": seconds}
        head = json.dumps(request).encode("ascii")
        self._start()
        self._files += 1
        try:
            self._send(head, content)
            answer = self._wait(seconds * _PATIENCE)
        except _Gone:
            ended = self._process.poll() if self._process is not None else 0
            late = ended is None or ended == -_SIGXCPU
            self._end()
            if late:
                raise CorpusError(
                    f"it takes longer to read than the {seconds:.0f} seconds that one file may take. It may be "
                    "damaged. Save it as a new file, or in parts, and add that."
                ) from None
            raise CorpusError(
                "reading it failed: it is damaged, or needs more memory than the "
                f"{self.limits.memory_mb:,} MB that one file may take. Save it as a new file, or in parts, and add "
                "that."
            ) from None
        if answer[:1] == b"!":
            raise CorpusError(answer[1:].decode("utf-8", "replace"))
        return answer[1:]

    def _start(self) -> None:
        """Start the process where none runs, and wait until it is ready."""
        if self._process is not None and self._process.poll() is None:
            return
        self._end()
        self._answers = queue.Queue()
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
            **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "MALLOC_ARENA_MAX"), "1"),
            "PYTHONHASHSEED": "0",
        }
        self._process = subprocess.Popen(  # noqa: S603 - this file, by this Python
            [sys.executable, "-X", "utf8", "-m", "corpus.readers.isolated", self.limits.model_dump_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        self._files = 0
        assert self._process.stdout is not None
        threading.Thread(
            target=_listen, args=(self._process.stdout, self._answers, self.limits.max_output), daemon=True
        ).start()
        try:
            self._wait(_START_SECONDS)
        except _Gone:
            self._end()
            raise CorpusError("the process that reads files did not start. Try again.") from None

    def _send(self, head: bytes, content: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(_HEAD.pack(len(head)) + head + _HEAD.pack(len(content)))
            self._process.stdin.write(content)
            self._process.stdin.flush()
        except OSError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            raise _Gone from None

    def _wait(self, seconds: float) -> bytes:
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise _Gone from None
        if answer is None:
            assert self._process is not None
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            raise _Gone
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def seconds_for(content: bytes, limits: Limits) -> float:
    """Give how long a file may take: a whole PDF of many real pages has more time than anything else."""
    if b"%PDF-" not in content[:1024]:
        return limits.seconds
    pages = min(content.count(b"/Page") + 60 * content.count(b"/ObjStm"), len(content) // _PAGE_BYTES)
    return max(limits.seconds, min(pages * _PAGE_SECONDS, limits.most_seconds)) if pages > 20 else limits.seconds


def _listen(stream: IO[bytes], answers: "queue.Queue[bytes | None]", most: int) -> None:
    """Hand on what the process says; None when it has gone, or says more than it may."""
    try:
        while len(head := stream.read(_HEAD.size)) == _HEAD.size:
            (length,) = _HEAD.unpack(head)
            if length > most:
                break
            answer = stream.read(length)
            if len(answer) < length:
                break
            answers.put(answer)
    except (OSError, ValueError):
        pass
    answers.put(None)


_shared: dict[str, IsolatedReader] = {}
_shared_lock = threading.Lock()


def read_isolated(content: bytes, *, name: str, document_id: str, limits: Limits) -> bytes:
    """Read a file's bytes in the process that all callers with the same limits share. Raises CorpusError."""
    with _shared_lock:
        reader = _shared.setdefault(limits.model_dump_json(), IsolatedReader(limits))
    return reader.read(content, name=name, document_id=document_id)


def close_shared() -> None:
    """End the processes that are shared."""
    for reader in list(_shared.values()):
        reader.close()


atexit.register(close_shared)


# From here on: what runs in the process itself.

_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system", "os.exec",
    "os.posix_spawn", "os.spawn", "os.fork", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink",
    "os.truncate", "shutil.rmtree", "urllib.Request", "webbrowser.open",
)  # fmt: skip


def _forbid(event: str, args: tuple[Any, ...]) -> None:
    """Refuse connections, programs and written files, whatever asks for them."""
    if event in _FORBIDDEN:
        raise PermissionError(f"{event} is not allowed while a file is read")
    if event == "open":
        flags = args[2] if len(args) > 2 and isinstance(args[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            raise PermissionError("no file is written while a file is read")


def _limit_memory(megabytes: int) -> None:
    """Cap the memory of this process: by the system where it can, else by watching."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        resource = None  # type: ignore[assignment]
    if resource is not None and sys.platform != "darwin":
        most = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        return
    threading.Thread(target=_watch_memory, args=(megabytes,), daemon=True).start()


def _limit_time(seconds: float) -> None:
    """Let the system end this process when it has worked for so long from now on."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), hard))


def _watch_memory(megabytes: int) -> None:
    while True:
        if memory_used() > megabytes * 1024 * 1024:
            os._exit(9)
        time.sleep(0.05)


def memory_used() -> int:
    """Give the most memory that this process has used so far, in bytes."""
    if sys.platform == "win32":
        return _memory_used_windows()
    import resource  # noqa: PLC0415

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def _memory_used_windows() -> int:
    import ctypes  # noqa: PLC0415

    counters = (ctypes.c_size_t * 10)()
    windll: Any = ctypes.windll  # type: ignore[attr-defined,unused-ignore]
    windll.kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(windll.kernel32.GetCurrentProcess())
    windll.psapi.GetProcessMemoryInfo(process, counters, ctypes.sizeof(counters))
    return int(counters[1])


def _serve(limits: Limits) -> None:
    """Read files until nobody asks any more."""
    asks = sys.stdin.buffer
    says = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no answer
    _warm_up()
    _limit_memory(limits.memory_mb)
    sys.addaudithook(_forbid)
    _say(says, b".")
    while (head := _take(asks)) is not None and (content := _take(asks)) is not None:
        _say(says, _answer(head, content, limits))
        del content


def _warm_up() -> None:
    """Load what readers need, and what is found on disk, before limits hold."""
    from corpus.readers import read  # noqa: PLC0415

    for name, words in (("a.md", b"# Words\n\nSome of them. " + b"More of them. " * 80), ("a.html", b"<p>Some words.")):
        with contextlib.suppress(CorpusError):
            read.read_content(words, name=name, document_id="warm")
    import corpus.readers.pdf.reader  # noqa: F401, PLC0415


def _answer(head: bytes, content: bytes, limits: Limits) -> bytes:
    from corpus.readers.read import read_content  # noqa: PLC0415

    asked = json.loads(head)
    _limit_time(asked["seconds"])
    try:
        found = read_content(
            content, name=asked["name"], document_id=asked["document_id"], seconds=_FOR_PAGES * asked["seconds"]
        )
        answer = b"=" + found.model_dump_json().encode()
    except CorpusError as error:
        return b"!" + str(error).encode("utf-8", "replace")
    except MemoryError:
        return (
            f"!reading it needs more memory than the {limits.memory_mb:,} MB that one file may take. "
            "Save it as a new file, or in parts, and add that."
        ).encode()
    except RecursionError:
        return (
            b"!its parts stand inside each other more deeply than any document's. Save it as a new file, and add that."
        )
    except Exception as error:
        return (
            f"!it is damaged: reading it failed ({type(error).__name__}). Save it as a new file, and add that.".encode()
        )
    if len(answer) > limits.max_output:
        return b"!it holds more words than any document that can be searched here. Add it in parts."
    return answer


def _take(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    (length,) = _HEAD.unpack(head)
    content = stream.read(length)
    return content if len(content) == length else None


def _say(stream: IO[bytes], words: bytes) -> None:
    stream.write(_HEAD.pack(len(words)) + words)
    stream.flush()


if __name__ == "__main__":
    _serve(Limits.model_validate_json(sys.argv[1]))
