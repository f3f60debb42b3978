"""The command `coproduce bench`: how long answering takes, beside encoding a question and importing numpy.

Times say little on a machine with other work; ratios taken in turn in one run say more. So everything is measured in
rounds, one after the other, and the medians are compared. It joins through the entry point `coproduce.commands`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from assistant.serving.terminal.arguments import AsJson, DataDir
from assistant.serving.terminal.console import err, out
from corpus.errors import CoproduceError
from corpus.frozen import Frozen

_SPLIT = "people_dev"
_IMPORT = [sys.executable, "-c", "import numpy"]
_COMMAND = [sys.executable, "-m", "assistant.serving.terminal.cli"]
_ASKED = "What do public partners say about confidence?"
_SERVER_S = 120  # so long may a server take to answer first
_LOOK_S = 0.02

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class Row(Frozen):
    """One line of the table: what was measured, beside what, and the shares of it."""

    what: str
    p50_ms: float
    p99_ms: float | None = None
    beside: str = ""
    ratio: float | None = None
    """Median by median of what it stands beside, of the same run."""


class Bench(Frozen):
    """What `--json` prints."""

    questions: int
    rounds: int
    cores: int
    rows: tuple[Row, ...]
    memory_mb: float | None
    """Of a process that has answered every question once: its largest resident set; None where that is not told."""
    index_mb: float


@app.callback(invoke_without_command=True)
def bench(
    questions: Annotated[int, typer.Option("--questions", min=1, help="How many questions to ask.")] = 100,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often each thing is measured.")] = 3,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Measure how long searching, answering, starting and serving take, beside encoding a question and importing numpy.

    The ratios are what to compare: both sides are measured in turn, in one run. Close other programs first.

    Example: coproduce bench --rounds 5
    """
    found = measure(questions, rounds, data_dir)
    if as_json:
        out.print_json(found.model_dump_json())
    else:
        out.print(table_of(found))
        out.print(
            f"{found.questions} questions, {found.rounds} rounds, {found.cores} cores. "
            f"Memory after them: {'not known' if found.memory_mb is None else f'{found.memory_mb:.0f} MB'}. "
            f"Index: {found.index_mb:.0f} MB."
        )


def table_of(found: Bench) -> Table:
    """Lay the rows out for a terminal."""
    table = Table("what", "p50 ms", "p99 ms", "ratio", "beside")
    for row in found.rows:
        table.add_row(
            row.what,
            f"{row.p50_ms:.1f}",
            "" if row.p99_ms is None else f"{row.p99_ms:.1f}",
            "" if row.ratio is None else f"{row.ratio:.2f}",
            row.beside,
        )
    return table


def measure(questions: int, rounds: int, data_dir: Path | None) -> Bench:
    """Measure everything. Raises CoproduceError where a process that is measured fails."""
    from assistant import open_assistant  # noqa: PLC0415 - `coproduce --help` loads this file
    from assistant.keeping.exported import load_encoder  # noqa: PLC0415
    from assistant.keeping.store import WantedIndex  # noqa: PLC0415
    from assistant.pipeline import Assistant  # noqa: PLC0415
    from assistant.schema import Query  # noqa: PLC0415
    from assistant.settings import load_settings  # noqa: PLC0415
    from eval.cases import load_cases, split_path  # noqa: PLC0415

    settings = load_settings(data_dir=data_dir) if data_dir else load_settings()
    open_assistant(settings)  # builds what is missing
    cases = load_cases(split_path(_SPLIT))[:questions]
    asked = [Query(question=case.question) for case in cases]
    encoder = load_encoder(settings, WantedIndex.from_settings(settings))
    encoder.encode([asked[0].question])
    environment = {**os.environ, "COPRODUCE_DATA_DIR": str(settings.data_dir)}
    of_questions: dict[str, list[list[float]]] = {
        name: [[] for _ in range(rounds)] for name in ("encode", "search", "answer")
    }
    of_processes: dict[str, list[float]] = {"import": [], "ask": [], "ready": [], "served": []}
    for number in range(rounds):
        err.print(f"Round {number + 1} of {rounds}", highlight=False)
        # Each is opened anew: what an assistant remembers of a question would make the next round quicker.
        searching, answering = Assistant.from_settings(settings), Assistant.from_settings(settings)
        for one in asked:
            of_questions["encode"][number].append(_timed(partial(encoder.encode, [one.question])))
            of_questions["search"][number].append(_timed(partial(searching.search, one)))
            of_questions["answer"][number].append(_timed(partial(answering.ask, one)))
        of_processes["import"].append(_timed(partial(_run, _IMPORT)))
        of_processes["ask"].append(_timed(partial(_run, [*_COMMAND, "ask", _ASKED], environment)))
        with _serving(environment) as (ready, served):
            of_processes["ready"].append(ready)
            of_processes["served"].append(served)
    return Bench(
        questions=len(asked),
        rounds=rounds,
        cores=os.cpu_count() or 1,
        rows=tuple(_rows(of_questions, of_processes)),
        memory_mb=_memory(environment, len(asked)),
        index_mb=sum(path.stat().st_size for path in settings.data_dir.rglob("*") if path.is_file()) / 2**20,
    )


def _rows(of_questions: dict[str, list[list[float]]], of_processes: dict[str, list[float]]) -> Iterator[Row]:
    """Make the rows: medians over rounds of each round's median, and of its slowest in a hundred."""
    p50 = {name: median(median(times) for times in rounds) for name, rounds in of_questions.items()}
    p99 = {name: median(float(np.percentile(times, 99)) for times in rounds) for name, rounds in of_questions.items()}
    yield Row(what="encode a question, one thread", p50_ms=p50["encode"], p99_ms=p99["encode"])
    for name, what in (("search", "search"), ("answer", "the whole answer")):
        yield Row(
            what=what, p50_ms=p50[name], p99_ms=p99[name], beside="encode", ratio=round(p50[name] / p50["encode"], 2)
        )
        slow = round(p99[name] / p50[name], 2)
        yield Row(what=f"{what}, the slowest of a hundred", p50_ms=p99[name], beside="its p50", ratio=slow)
    once = {name: median(times) for name, times in of_processes.items()}
    yield Row(what='python -c "import numpy"', p50_ms=once["import"])
    for name, what in (
        ("ask", "coproduce ask, cold"),
        ("ready", "coproduce serve, its first page of health"),
        ("served", "coproduce serve, its first answer"),
    ):
        yield Row(what=what, p50_ms=once[name], beside="import numpy", ratio=round(once[name] / once["import"], 2))


def _timed(call: Callable[[], object]) -> float:
    """Give the milliseconds that a call takes."""
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise CoproduceError(
            f"{' '.join(command)} ended with exit code {done.returncode}: {done.stderr[-500:].strip()}"
        )
    return done.stdout


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[tuple[float, float]]:
    """Start a server, give the milliseconds until it answers at all and until it answers a question, and stop it."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    command = [*_COMMAND, "serve", "--host", "127.0.0.1", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    start = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)  # noqa: S603
    try:
        _until_answered(server, f"{address}/healthz", start)
        ready = 1000 * (time.perf_counter() - start)
        body = json.dumps({"question": _ASKED}).encode()
        request = urllib.request.Request(f"{address}/api/ask", body, {"Content-Type": "application/json"})  # noqa: S310
        _until_answered(server, request, start)
        yield ready, 1000 * (time.perf_counter() - start)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _until_answered(server: "subprocess.Popen[bytes]", asked: str | urllib.request.Request, start: float) -> None:
    while time.perf_counter() - start < _SERVER_S:
        if server.poll() is not None:
            raise CoproduceError(f"coproduce serve ended with exit code {server.returncode} before it answered.")
        with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(asked, timeout=_SERVER_S):  # noqa: S310
            return
        time.sleep(_LOOK_S)
    raise CoproduceError(f"coproduce serve did not answer within {_SERVER_S} seconds.")


_ANSWER_ALL = """
from pathlib import Path
from itertools import islice
from assistant import open_assistant
from assistant.schema import Query
from eval.cases import load_cases, split_path
assistant = open_assistant()
for case in islice(load_cases(split_path({split!r})), {questions}):
    assistant.ask(Query(question=case.question))
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def _memory(environment: dict[str, str], questions: int) -> float | None:
    """Give the largest resident set, in MB, of a process that answers questions; None where Linux does not tell it.

    `getrusage` would give this process's own, where that is larger: a new process inherits it.
    """
    if not Path("/proc/self/status").is_file():
        return None
    program = _ANSWER_ALL.format(split=_SPLIT, questions=questions)
    return round(int(_run([sys.executable, "-c", program], environment)) / 2**10)
