"""Guards files that are kept: their names and types, and `coproduce ask --export`, which never writes over anything."""

from datetime import date
from pathlib import Path

import docx
import pytest

from assistant.quoting.export.collect import Collection
from assistant.quoting.export.files import FORMATS, check_target, find_format, make_file
from assistant.settings import Settings
from corpus.errors import CoproduceError
from tests.assistant.conftest import Run
from tests.assistant.test_export_collect import MINUTES, collect_items, item

QUESTION = "Who funded the DRINK trial?"


@pytest.fixture
def kept() -> Collection:
    return collect_items([item()], [MINUTES], date(2026, 12, 3))


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.id)
def test_each_format_holds_the_quotation_or_its_place(kept: Collection, kind: object) -> None:
    file = make_file(kept, find_format(kind.id))  # type: ignore[attr-defined]
    assert file.name == f"coproduce-quotations-kept-2026-12-03{kind.suffix}"  # type: ignore[attr-defined]
    if file.name.endswith(".docx"):
        assert file.content.startswith(b"PK")
    else:
        assert b"We met as equals." in file.content or b"Quoted: 1 Minutes, line 3" in file.content


def test_unknown_format_is_named_with_those_that_exist() -> None:
    with pytest.raises(CoproduceError, match=r"no format 'pdf'. There are: docx, html, md, csv, vancouver"):
        find_format("pdf")


def test_unknown_ending_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(CoproduceError, match=r"'a.pdf': the name must end in one of \.docx, \.html, \.md, \.csv"):
        check_target(Path("a.pdf"))
    assert check_target(Path("a.DOCX")).id == "docx"


def test_command_keeps_an_answer_and_never_writes_over_it(
    coproduce: Run, settings_built: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "answer.docx"
    ask = ("ask", QUESTION, "--export", target, "--data-dir", settings_built.data_dir)
    done = coproduce(*ask)
    assert done.returncode == 0, done.stderr
    assert "Kept in " in done.stderr and "The DRINK trial" in done.stdout
    texts = [one.text for one in docx.Document(str(target)).paragraphs]
    assert QUESTION in texts and any(text.startswith("The DRINK trial\nhttps://") for text in texts)
    before = target.read_bytes()
    again = coproduce(*ask)
    assert again.returncode == 1
    assert "--export would overwrite" in again.stderr and again.stdout == ""
    assert target.read_bytes() == before
