"""Guards two processes at one data folder, and a build that is stopped: who waits says so, nothing is done twice."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from assistant.finding.encoder import OnnxEncoder, Vectors
from assistant.keeping import build
from assistant.keeping import store as store_module
from assistant.keeping.build import build_index, make_part
from assistant.keeping.store import Store, WantedIndex
from assistant.serving.mcp_server import BEING_BUILT, INSTRUCTIONS
from assistant.settings import Settings
from corpus.errors import DataFolderError
from corpus.load import load_library
from tests.assistant.test_store import write_document
from tests.loops import run_alone
from tests.web.serving import free_port

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "assistant.serving.terminal.cli"]
WAITING = "Waiting for another coproduce: Embedding the passages: 64 of 640"


@contextmanager
def while_another_builds(settings: Settings, data: Path) -> Iterator[None]:
    """Be the other process: hold a data folder that lacks its part of the index; put the part there at the end."""
    real, other = Store(settings.data_dir), Store(data)
    wanted = WantedIndex.from_settings(settings)
    for folder in (real.encoder_folder(wanted.encoder), real.entry_folder(wanted.entries[0])):
        there = data / folder.relative_to(real.root)
        there.parent.mkdir(parents=True)
        there.symlink_to(folder, target_is_directory=True)
    with other.lock(lambda *_: pytest.fail("nobody else is here")) as tell_others:
        tell_others("Embedding the passages", 64, 640)
        yield
        shutil.copytree(real.part_folder(wanted.parts[0]), other.part_folder(wanted.parts[0]))


@pytest.mark.parametrize(
    ("arguments", "prints"), [(["ask", "trust", "--json"], '"status":"answered"'), (["serve"], "The web chat is ready")]
)
def test_a_command_says_that_it_waits_for_another_build_and_goes_on_after_it(
    settings_built: Settings, tmp_path: Path, arguments: list[str], prints: str
) -> None:
    more = ["--port", str(free_port())] if arguments == ["serve"] else []
    with while_another_builds(settings_built, tmp_path / "data"):
        process = subprocess.Popen(
            [*COMMAND, *arguments, *more, "--data-dir", str(tmp_path / "data")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert process.stdout and process.stderr
        assert process.stderr.readline().rstrip("\n") == WAITING
        assert process.poll() is None
    try:
        assert prints in process.stdout.readline()
        process.terminate()
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()


def test_mcp_answers_at_once_and_says_that_the_index_is_being_built(settings_built: Settings, tmp_path: Path) -> None:
    started = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], "mcp", "--data-dir", str(tmp_path / "data")], cwd=str(ROOT)
    )
    ask = ("ask_the_report", {"question": "What is said about trust?"})

    async def connect() -> tuple[Any, ...]:
        with ExitStack() as other:
            other.enter_context(while_another_builds(settings_built, tmp_path / "data"))
            async with Client(stdio_client(started)) as client:
                said = client.instructions
                meanwhile = await client.call_tool("list_quotes", {"role": "public"})
                resources = await client.list_resources()
                refused = await client.call_tool(*ask)
                while "Waiting" not in refused.content[0].text:
                    refused = await client.call_tool(*ask)
                other.close()
                answered = await client.call_tool(*ask)
                while answered.is_error:
                    answered = await client.call_tool(*ask)
                return said, meanwhile, resources, refused, answered

    said, meanwhile, resources, refused, answered = run_alone(connect)
    assert said == INSTRUCTIONS + BEING_BUILT
    assert meanwhile.structured_content["total"] == 18
    assert len(resources.resources) == 1
    assert refused.is_error
    assert refused.content[0].text == (
        "the index is being built: Waiting for another coproduce: Embedding the passages, 64 of 640. "
        "That takes some minutes, once. Please ask again then."
    )
    assert answered.structured_content["status"] == "answered"


def test_mcp_says_of_an_index_that_cannot_be_opened_why(settings_built: Settings, tmp_path: Path) -> None:
    data = Path(shutil.copytree(settings_built.data_dir, tmp_path / "data"))
    path = Store(data).part_folder(WantedIndex.from_settings(settings_built).parts[0]) / "words.json"
    path.write_bytes(b"")
    started = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], "mcp", "--data-dir", str(data)], cwd=str(ROOT)
    )

    async def connect() -> Any:
        async with Client(stdio_client(started)) as client:
            return client.instructions, await client.call_tool("ask_the_report", {"question": "trust"})

    said, refused = run_alone(connect)
    assert said == INSTRUCTIONS
    assert refused.is_error
    assert refused.content[0].text.startswith(f"the index file {path} is damaged: 0 bytes found")


def test_who_waits_gives_up_on_a_build_that_does_not_get_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_LOCK_TIMEOUT_S", 0)
    told: list[tuple[str, int, int]] = []
    with (
        Store(tmp_path).lock(lambda *_: None),
        pytest.raises(DataFolderError, match="without getting on"),
        Store(tmp_path).lock(lambda *one: told.append(one)),
    ):
        pytest.fail("it is held")
    assert told[0] == ("Waiting for another coproduce: building the index", 0, 1)  # the other has told nothing yet
    with Store(tmp_path).lock(lambda *_: pytest.fail("it is free")) as tell_others:
        tell_others("Reading the report", 0, 1)
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == []


#: Builds the index of a small library, and is killed once it has embedded the first texts.
KILLED = """
import os, signal, sys
from pathlib import Path
from assistant.keeping import build, store
from assistant.settings import Settings
from corpus.load import load_library
library = Path(sys.argv[1])
store.library_folders = lambda: sorted(library.iterdir())
build.load_library = lambda: load_library.__wrapped__(library)
def report(what, done, total):
    if what == "Embedding the passages" and done:
        os.kill(os.getpid(), signal.SIGKILL)
build.build_index(Settings(data_dir=Path(sys.argv[2])), report)
"""


@pytest.mark.skipif(os.name == "nt", reason="kills a process as POSIX does")
def test_a_build_that_was_killed_goes_on_from_what_it_had_embedded(
    tmp_path: Path, settings_built: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, store = tmp_path / "library", Store(tmp_path / "data")
    text = "".join(f"Bee {number} flew {number * 7} yards to find honey for winter.\n\n" for number in range(150))
    write_document(library / "bees", f"1 Bees\n{text}")
    settings = settings_built.model_copy(update={"data_dir": store.root})
    monkeypatch.setattr(store_module, "library_folders", lambda: sorted(library.iterdir()))
    monkeypatch.setattr(build, "load_library", lambda: load_library.__wrapped__(library))
    wanted = WantedIndex.from_settings(settings)
    encoder = store.encoder_folder(wanted.encoder)
    encoder.parent.mkdir(parents=True)
    real = WantedIndex.from_settings(settings_built)
    known = next(iter((settings_built.data_dir / "encoders").iterdir()))
    assert real.encoder.model == wanted.encoder.model
    encoder.symlink_to(known, target_is_directory=True)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(library), str(store.root)], cwd=ROOT, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert store.embedded.is_file()

    embedded: list[str] = []

    class Counting(OnnxEncoder):
        def encode(self, texts: list[str]) -> Vectors:
            embedded.extend(texts)
            return super().encode(texts)

    monkeypatch.setattr(build, "OnnxEncoder", Counting)
    assert build_index(settings, lambda *_: None)
    loaded, index = store.load(wanted)
    assert len(embedded) == len(index.chunks) - 64 > 64
    assert not store.embedded.exists()
    # What was kept stands with its own text: the part is what a build that is never stopped makes.
    whole = make_part(loaded.entries[0], OnnxEncoder(known, for_many=True))
    assert whole.chunks == index.chunks
    assert np.allclose(whole.vectors.all(), index.vectors.all(), atol=1e-5)
