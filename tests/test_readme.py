"""The README says what is so: its Python runs, its example answers, its commands and settings exist."""

import re
import subprocess
import sys
from pathlib import Path

from assistant.pipeline import Assistant
from assistant.schema import Query
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, f"the README has no {language} block"
    return found[1]


def test_python_example_runs_as_printed(settings_built: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-c", block("python")],
        capture_output=True,
        text=True,
        check=False,
        env={"COPRODUCE_DATA_DIR": str(settings_built.data_dir), "PATH": "", "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("answered The DRINK trial")
    assert len(block("python").strip().splitlines()) <= 6


def test_terminal_example_shows_what_is_answered(assistant_built: Assistant) -> None:
    example = block("console")
    question = re.search(r'coproduce ask "(.*?)"', example)
    assert question
    answer = assistant_built.ask(Query(question=question[1]))
    shown = " ".join(example.split())
    assert " ".join(answer.citations[0].quoted_text.split()) in shown
    assert f"{answer.citations[0].speaker}, {answer.citations[0].section}" in shown


def test_commands_of_the_table_exist() -> None:
    from typer.main import get_command

    from assistant.cli import app

    group = get_command(app)
    named = set(re.findall(r"^\| `coproduce (\w+)", README, re.MULTILINE))
    assert named == set(group.list_commands(None))  # type: ignore[attr-defined, arg-type]


def test_make_targets_and_links_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for link in re.findall(r"\]\((?!http)([^)#]+)\)|src=\"([^\"]+)\"", README):
        assert (ROOT / (link[0] or link[1])).exists(), link


def test_decisions_are_under_a_page() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert len(page.read_text(encoding="utf-8").splitlines()) <= 60, page.name
