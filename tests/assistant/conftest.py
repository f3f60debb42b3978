"""What the tests of the assistant share: the real command, run as a person runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from assistant.pipeline import Assistant
from assistant.reading.clean import clean_question
from assistant.reading.grammar import Grammar
from assistant.reading.meaning import Meaning
from assistant.reading.question import ParsedQuery, read_question
from corpus.load import load_library

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def grammar() -> Grammar:
    """Reads questions about the bundled report."""
    return Grammar(load_library())


@pytest.fixture(scope="session")
def meaning(assistant_built: Assistant) -> Meaning:
    """Tells how texts are meant, with the real embedding model."""
    return assistant_built.reader.meaning


Read = Callable[[str], ParsedQuery]


@pytest.fixture(scope="session")
def read(grammar: Grammar, meaning: Meaning) -> Read:
    """Reads a question by itself."""
    return lambda question: read_question(clean_question(question, 2000), grammar, meaning)


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def coproduce() -> Run:
    """Runs `coproduce` in a process of its own, with no settings but those given as `env`."""

    def run(
        *arguments: str | bytes | Path, stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COPRODUCE_")}
        done = subprocess.run(
            [sys.executable, "-m", "assistant.serving.terminal.cli", *arguments],
            input=stdin,
            capture_output=True,
            cwd=ROOT,
            env={**clean, "COLUMNS": "100", **(env or {})},
            timeout=300,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
