"""The README says what is so: its Python runs, its example answers, its commands and settings exist."""

import json
import re
import subprocess
import sys
from pathlib import Path

from assistant.pipeline import Assistant
from assistant.schema import Query
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert len(found) > number, f"the README has {len(found)} {language} blocks"
    return str(found[number])


def run_python(code: str, settings: Settings, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"COPRODUCE_DATA_DIR": str(settings.data_dir), "PATH": "", "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python_example_runs_as_printed(settings_built: Settings) -> None:
    assert run_python(block("python"), settings_built, ROOT).startswith("answered The DRINK trial")
    assert len(block("python").strip().splitlines()) <= 6


def test_python_example_with_own_documents_runs_as_printed(settings_built: Settings, tmp_path: Path) -> None:
    (tmp_path / "minutes.md").write_text("# Minutes\n\n## Next\n\nWe meet on Friday.\n", encoding="utf-8")
    (tmp_path / "plan.txt").write_text("Paint the fence, then the gate.\n", encoding="utf-8")
    printed = run_python(block("python", 1), settings_built, tmp_path)
    assert printed == "minutes 1.1 20 38 We meet on Friday.\n"
    assert len(block("python", 1).strip().splitlines()) <= 6


def test_terminal_example_shows_what_is_answered(assistant_built: Assistant) -> None:
    example = block("console")
    question = re.search(r'coproduce ask "(.*?)"', example)
    assert question
    answer = assistant_built.ask(Query(question=question[1]))
    shown = " ".join(example.split())
    assert " ".join(answer.citations[0].answer_words.split()) in shown
    assert f"{answer.citations[0].speaker}, {answer.citations[0].section}" in shown


def test_examples_for_programs_fit_what_is_served(assistant_built: Assistant) -> None:
    [called] = re.findall(r"curl \S+(/api/\w+) .*?-d '(.*?)'", README, re.DOTALL)
    assert called[0] == "/api/ask"
    assert assistant_built.ask(Query.model_validate_json(called[1])).status == "answered"
    [server] = json.loads(block("json"))["mcpServers"].values()
    assert (Path(server["command"]).name, server["args"]) == ("coproduce", ["mcp"])


def test_commands_of_the_table_exist() -> None:
    from typer.main import get_command

    from assistant.serving.terminal.cli import app

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
