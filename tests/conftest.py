"""What tests share: the real index, built once and kept between runs, and a real browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
for name in [
    name for name in os.environ if name.startswith("COPRODUCE_") and not name.startswith("COPRODUCE_REQUIRE_")
]:
    del os.environ[name]  # a developer's own settings must not decide a test

from assistant.keeping.build import build_index
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.load import load_library
from corpus.schema import Document

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
#: The index that tests use; it is built again when the code or the report no longer fits it.
TEST_DATA = ROOT / ".cache" / "tests"

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def report() -> Document:
    """The bundled report."""
    return load_library().documents[0]


@pytest.fixture(scope="session")
def settings_built() -> Settings:
    """Settings whose data folder holds the real index."""
    settings = Settings(data_dir=TEST_DATA)
    build_index(settings, lambda *_: None)
    return settings


@pytest.fixture(scope="session")
def assistant_built(settings_built: Settings) -> Assistant:
    """The real assistant on the real index."""
    return Assistant.from_settings(settings_built)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium. Where it is missing a test says what to install; in CI it fails."""
    return _program("Chromium", "BROWSER", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def nginx() -> str:
    """The path of Debian's nginx. Where it is missing a test says what to install; in CI it fails."""
    return _program("nginx", "NGINX", "nginx", "/usr/sbin/nginx")


def _program(name: str, requirement: str, *commands: str) -> str:
    path = next((path for command in commands if (path := shutil.which(command))), None)
    if path is None:
        message = f"{name} is missing: apt-get install {commands[0]}"
        if os.environ.get(f"COPRODUCE_REQUIRE_{requirement}"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def browsing(chromium: str) -> "Iterator[Browser]":
    """One Chromium for all tests of a worker; each test opens a profile of its own in it (`new_context`)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture
def env_without_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment without any of our settings."""
    for name in [name for name in os.environ if name.startswith("COPRODUCE_")]:
        monkeypatch.delenv(name)
    yield monkeypatch
