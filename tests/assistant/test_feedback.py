"""Feedback becomes drafts that `coproduce eval new --drafts` reads; nothing is lost, nothing half-written."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.keeping import feedback as module
from assistant.keeping.feedback import Feedback, drafts_path, keep_feedback
from assistant.schema import Query
from corpus.errors import DataFolderError
from eval.author import cited_passages
from eval.drafts import append_case, finish_draft, read_drafts
from eval.schema import Case

ROOT = Path(__file__).parents[2]
QUESTION = "Quote Public partner B"


@pytest.fixture(scope="module")
def answer(assistant_built):
    return assistant_built.ask(Query(question=QUESTION))


def said(number: int = 0, *, helpful: bool = False, reason: str = "") -> Feedback:
    return Feedback(question=f"Question {number}?", helpful=helpful, reason=reason)


def test_what_was_said_is_a_draft_with_what_the_answer_showed(tmp_path, assistant_built, answer):
    given = {"question": f" {QUESTION}\n", "history": ["Power?"], "filters": {"role": "public"}}
    keep_feedback(tmp_path, Feedback(**given, helpful=False, reason=" The wrong side.\nTwice. "), answer)
    [(draft, line)] = read_drafts(drafts_path(tmp_path))
    assert (draft.question, draft.history) == (QUESTION, ("Power?",))
    assert draft.note == "Somebody found the answer not helpful. The wrong side.\nTwice."
    assert draft.helpful is False
    words = [words for _, words in cited_passages(assistant_built.documents, draft.cited)]
    assert words == [citation.quoted_text for citation in answer.citations]
    assert len(words) > 1
    raw = json.loads(line)
    assert set(raw) == {"question", "note", "history", "helpful", "status", "filters", "cited", "when"}
    assert (raw["status"], raw["filters"]) == (answer.status, {"role": "public"})
    assert abs((datetime.now(UTC) - datetime.fromisoformat(raw["when"])).total_seconds()) < 60


def test_helpful_feedback_says_so_and_a_draft_is_finished_as_any_other(tmp_path, answer):
    for number in range(3):
        keep_feedback(tmp_path, said(number, helpful=True), answer)
    _, second, _ = read_drafts(drafts_path(tmp_path))
    assert second.draft.note == "Somebody found the answer helpful."
    finish_draft(drafts_path(tmp_path), second.line, None)
    assert [one.draft.question for one in read_drafts(drafts_path(tmp_path))] == ["Question 0?", "Question 2?"]


def test_a_line_that_was_not_ended_by_hand_is_not_run_into(tmp_path, answer):
    drafts_path(tmp_path).parent.mkdir()
    drafts_path(tmp_path).write_text('{"question": "By hand?", "note": ""}')
    keep_feedback(tmp_path, said(1), answer)
    assert [one.draft.question for one in read_drafts(drafts_path(tmp_path))] == ["By hand?", "Question 1?"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX systems have such rights")
def test_only_the_owner_may_read_what_was_said(tmp_path, answer):
    path = drafts_path(tmp_path)

    def rights() -> int:
        return path.stat().st_mode & 0o777

    keep_feedback(tmp_path, said(0), answer)
    assert rights() == 0o600
    path.chmod(0o644)  # as older versions made it
    keep_feedback(tmp_path, said(1), answer)
    assert rights() == 0o600
    first, second = read_drafts(path)
    finish_draft(path, first.line, None)
    assert rights() == 0o600
    path.chmod(0o640)  # somebody lets a group read it until more is said
    finish_draft(path, second.line, None)
    assert rights() == 0o640
    path.unlink()
    append_case(path, Case(id="own", question="Power?", kind="factual", answerable=True, evidence=(("power",),)))
    assert rights() == 0o600
    assert [one.name for one in path.parent.iterdir() if one.name.endswith(".new")] == []


def test_lengths_are_bounded(tmp_path):
    assert said(reason="x" * 1000).reason
    for wrong in ({"reason": "x" * 1001}, {"history": ["a"] * 101}, {"reason": "\ud83d"}, {"colour": "red"}):
        with pytest.raises(ValidationError):
            Feedback.model_validate({"question": "a", "helpful": True, **wrong})


def test_a_full_file_is_told_and_stays_as_it_is(tmp_path, answer, monkeypatch):
    keep_feedback(tmp_path, said(), answer)
    before = drafts_path(tmp_path).read_bytes()
    monkeypatch.setattr(module, "MAX_BYTES", 2 * len(before) - 1)
    with pytest.raises(DataFolderError, match=r"full.*coproduce eval new --drafts"):
        keep_feedback(tmp_path, said(), answer)
    assert drafts_path(tmp_path).read_bytes() == before
    monkeypatch.setattr(module, "MAX_BYTES", 2 * len(before))
    keep_feedback(tmp_path, said(), answer)


def test_an_unwritable_folder_is_told(tmp_path, answer):
    (tmp_path / "cases").write_text("a file where the folder should be")
    with pytest.raises(DataFolderError, match="was not saved: the data folder cannot be written"):
        keep_feedback(tmp_path, said(), answer)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from assistant.keeping.feedback import Feedback, keep_feedback
from assistant.schema import Answer
from corpus.errors import DataFolderError
folder, answer = Path(sys.argv[1]), Answer.model_validate_json(sys.stdin.read())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = (folder / "cases" / "drafts.jsonl").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, size + 20))  # the system writes 20 bytes, then no more
try:
    keep_feedback(folder, Feedback(question="Lost?", helpful=True), answer)
except DataFolderError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is one of POSIX systems")
def test_a_disk_that_is_full_in_the_middle_of_a_line_is_told_and_leaves_no_half_line(tmp_path, answer):
    keep_feedback(tmp_path, said(), answer)
    before = drafts_path(tmp_path).read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        input=answer.model_dump_json(), capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the feedback was not saved: the data folder cannot be written (")
    assert drafts_path(tmp_path).read_bytes() == before


WRITER = """
import sys
from pathlib import Path
from assistant.keeping.feedback import Feedback, keep_feedback
from assistant.schema import Answer
answer = Answer.model_validate_json(sys.stdin.read())
for number in range(20):
    keep_feedback(Path(sys.argv[1]), Feedback(question=f"{sys.argv[2]} {number}?", helpful=True), answer)
"""


def test_threads_and_processes_at_once_lose_nothing(tmp_path, answer):
    others = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name], stdin=subprocess.PIPE, text=True, cwd=ROOT
        )
        for name in ("One", "Two")
    ]
    for other in others:
        assert other.stdin
        other.stdin.write(answer.model_dump_json())
        other.stdin.close()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: keep_feedback(tmp_path, said(number), answer), range(30)))
    assert [other.wait(timeout=120) for other in others] == [0, 0]
    asked = [one.draft.question for one in read_drafts(drafts_path(tmp_path))]
    expected = [f"{name} {number}?" for name in ("One", "Two") for number in range(20)]
    assert sorted(asked) == sorted(expected + [f"Question {number}?" for number in range(30)])
