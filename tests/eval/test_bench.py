"""Guards that `coproduce bench` measures what it says: real processes, a real server, and ratios of its own numbers."""

import json

import pytest
from typer.testing import CliRunner

from assistant.settings import Settings
from eval.bench import app


def test_every_line_is_measured_and_every_ratio_is_of_two_of_them(settings_built: Settings) -> None:
    ran = CliRunner().invoke(
        app, ["--questions", "2", "--rounds", "1", "--json", "--data-dir", str(settings_built.data_dir)]
    )
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    rows = {row["what"]: row for row in found["rows"]}
    assert len(rows) == 9 and found["questions"] == 2
    encode, search = rows["encode a question, one thread"], rows["search"]
    assert search["ratio"] == pytest.approx(search["p50_ms"] / encode["p50_ms"], abs=0.01)
    started = rows['python -c "import numpy"']["p50_ms"]
    for name in (
        "coproduce ask, cold",
        "coproduce serve, its first page of health",
        "coproduce serve, its first answer",
    ):
        assert rows[name]["ratio"] == pytest.approx(rows[name]["p50_ms"] / started, abs=0.01)
    assert all(row["p50_ms"] > 0 for row in rows.values())
    assert found["memory_mb"] is None or 100 < found["memory_mb"] < 2000
