"""Guards what was acknowledged against SIGKILL at any moment; the same harness catches a naive writer."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL and no fork")


def killed(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the harness in a process of its own: it forks."""
    return subprocess.run(
        [sys.executable, "-m", "tests.killing", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=300,
        check=False,
    )


def test_nothing_acknowledged_is_lost_and_nothing_is_half_there() -> None:
    done = killed("--kills", "20", "--seed", "7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("20 kills")


def test_naive_writer_is_caught() -> None:
    done = killed("--kills", "200", "--seed", "7", "--naive")
    assert done.returncode == 1
    assert "FAILED" in done.stdout
