"""What the corpus tests share: the bundled report as it is read, and a copy of its folder that may be spoilt."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from corpus.load import LIBRARY, load_document, read_manifest, read_vocabulary
from corpus.manifest import Manifest, SpeakerPattern
from corpus.readers.report import read_report
from corpus.schema import Document

# A busy machine is no failure, so no example is timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

FOLDER = LIBRARY / "involve-2017"


@pytest.fixture(scope="session")
def document() -> Document:
    """The bundled report."""
    return load_document(FOLDER)


@pytest.fixture(scope="session")
def source() -> str:
    """The bundled report's text, as it was supplied."""
    return (FOLDER / "source.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    """The bundled report's manifest."""
    return read_manifest(FOLDER)


@pytest.fixture(scope="session")
def families(manifest: Manifest) -> tuple[SpeakerPattern, ...]:
    """The families of speakers' labels."""
    return manifest.reader.speakers


@pytest.fixture(scope="session")
def read(manifest: Manifest) -> Callable[[str], Document]:
    """Reads a changed text as the bundled report is read."""
    vocabulary = read_vocabulary(FOLDER)
    return lambda text: read_report(text, manifest, vocabulary)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the library folder."""
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))
