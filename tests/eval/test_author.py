"""Evidence is cut from the passage exactly; cases and drafts are kept whole; the prompts lead to a case that loads."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from assistant.keeping.feedback import drafts_path
from assistant.schema import Query
from assistant.serving.terminal.cli import app as coproduce
from corpus.errors import CaseError, CoproduceError, DataFolderError
from corpus.load import load_library
from eval.author import MarkError, check_case, count_places, mark, next_id, sentences_of
from eval.cases import load_cases
from eval.drafts import append_case, finish_draft, ids_of, read_drafts
from eval.interview import finish_drafts, write_cases
from eval.schema import Case

EVIDENCE = "It was a deliberate strategy to not provide a definition of co-production"
CASE = Case(id="own-001", question="Was a definition given?", kind="factual", answerable=True, evidence=((EVIDENCE,),))


@pytest.fixture(scope="module")
def passage(report):
    """The passage that holds EVIDENCE; it has several sentences."""
    [found] = [one for one in report.passages if EVIDENCE in one.text]
    assert len(found.sentences) > 2
    return found


def test_sentences_are_marked_by_number(passage):
    first, second, third, *_ = sentences_of(passage)
    assert mark(passage, "1") == first
    assert mark(passage, " 2 - 3 ") == passage.text[passage.text.index(second) :][: len(mark(passage, "2–3"))]
    assert mark(passage, "2-3").startswith(second)
    assert mark(passage, "2-3").endswith(third)
    assert mark(passage, "all") == passage.text


def test_words_are_marked_by_the_first_and_last(passage):
    assert mark(passage, "It was a deliberate … definition of co-production") == EVIDENCE
    assert mark(passage, "it was a  DELIBERATE ... definition of co-production") == EVIDENCE
    assert mark(passage, EVIDENCE) == EVIDENCE


def test_quotation_marks_and_dashes_may_be_those_of_the_keyboard(report):
    [passage] = [one for one in report.passages if one.text.count("isn’t") == 1][:1]
    assert mark(passage, "isn't") == "isn’t"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0", "there is no sentence 0"),
        ("99", "there is no sentence 99: the passage has the sentences 1 to"),
        ("3-2", "there is no sentence 3-2"),
        ("", "nothing was marked"),
        ("It was an accidental … co-production", "“It was an accidental” does not stand in the passage"),
        ("It was a deliberate … of nothing", "“of nothing” does not stand after the first words"),
        ("the … co-production", "times in the passage: give more words"),
        ("deliberat", "“deliberat” does not stand in the passage"),
    ],
)
def test_a_wrong_mark_says_why(passage, typed, message):
    with pytest.raises(MarkError, match=r"sentence|stand|marked") as caught:
        mark(passage, typed)
    assert message in str(caught.value)


def test_any_stretch_of_words_that_is_marked_is_the_passages_own(report):
    """From every passage, by its ends or whole: what comes back is what was cut, to the character."""
    draw = random.Random(3)
    marked = 0
    for passage in report.passages:
        words = passage.text.split()
        if len(words) < 8:
            continue
        begin = draw.randrange(len(words) - 7)
        typed = f"{' '.join(words[begin : begin + 3])} … {' '.join(words[begin + 4 : begin + 7])}"
        try:
            cut = mark(passage, typed)
        except MarkError as error:
            assert "times in the passage" in str(error) or "…" in passage.text or "..." in passage.text
            continue
        assert cut in passage.text
        assert cut.split()[:3] == words[begin : begin + 3]
        marked += 1
    assert marked > 100


@given(typed=st.text(max_size=40))
def test_whatever_is_typed_gives_exact_words_or_a_clear_error(report, typed):
    passage = report.passages[30]
    with suppress(MarkError):
        assert mark(passage, typed) in passage.text


def test_places_are_counted(report):
    assert count_places(EVIDENCE, [report]) == 1
    assert count_places("it’s very hard for academics to get away from doing that", [report]) == 2
    assert count_places("never printed", [report]) == 0


def test_ids_go_on_from_the_highest():
    assert next_id([]) == "own-001"
    assert next_id(["own-002", "own-0x", "dv-999", "own-1000"]) == "own-1001"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"evidence": ()}, "is answerable but has no evidence"),
        ({"evidence": (("never printed",),)}, "does not stand in the report"),
        ({"speaker": "Dr Nobody"}, "names the speaker 'Dr Nobody'"),
        ({"section": "Z.1"}, "names the section 'Z.1'"),
        ({"role": "patient"}, "names the role 'patient'"),
        ({"answerable": False}, "is not answerable but has 1 groups"),
        ({"kind": " "}, "kind: string should have at least 1 character"),
    ],
)
def test_only_what_would_load_is_a_case(change, message):
    fields = dict(CASE)
    assert check_case(fields, load_library().documents).evidence == CASE.evidence
    with pytest.raises(CaseError, match="own-001") as caught:
        check_case({**fields, **change}, load_library().documents)
    assert message in str(caught.value)


# Drafts


def draft(question="Who paid for tea?", **fields):
    return json.dumps({"question": question, "note": "wrong person", **fields}).encode()


@pytest.fixture
def path(tmp_path):
    return drafts_path(tmp_path)


def test_cases_are_appended_and_load(path):
    append_case(path, CASE)
    append_case(path, CASE.model_copy(update={"id": "own-002", "question": "“Ja?” é"}))
    assert [case.id for case in load_cases(path)] == ids_of(path) == ["own-001", "own-002"]
    assert load_cases(path)[1].question == "“Ja?” é"
    assert path.read_bytes().endswith(b"}\n")


def test_a_case_goes_on_a_line_of_its_own_where_the_last_was_not_ended(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(draft())
    append_case(path, CASE)
    assert len(path.read_bytes().splitlines()) == 2


def test_writers_at_the_same_time_lose_nothing(path):
    cases = [CASE.model_copy(update={"id": f"own-{number:03}"}) for number in range(24)]
    with ThreadPoolExecutor(max_workers=6) as pool:
        list(pool.map(lambda case: append_case(path, case), cases))
    assert sorted(ids_of(path)) == [case.id for case in cases]
    assert {one.name for one in path.parent.iterdir()} <= {"drafts.jsonl", ".drafts.jsonl.lock"}


def test_an_id_that_is_taken_is_refused_and_the_file_stays(path):
    append_case(path, CASE)
    before = path.read_bytes()
    with pytest.raises(CaseError, match="has a case with the id 'own-001' already"):
        append_case(path, CASE)
    assert path.read_bytes() == before


def test_drafts_are_read_with_what_the_web_chat_adds_and_broken_lines_are_named(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\n".join([draft(history=["Before?"], status="answered"), b"", CASE.model_dump_json().encode()]))
    [(found, _)] = read_drafts(path)
    assert (found.question, found.note, found.history) == ("Who paid for tea?", "wrong person", ("Before?",))
    path.write_bytes(b"\n" + draft(question=" "))
    with pytest.raises(CaseError, match=r"drafts\.jsonl, line 2: question: "):
        read_drafts(path)
    assert read_drafts(path.with_name("absent.jsonl")) == ()


def test_a_finished_draft_makes_room_for_its_case_and_the_other_lines_stay(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\r\n".join([draft("One?"), draft("Two?"), draft("Three?")]))
    _, (_, line), _ = read_drafts(path)
    finish_draft(path, line, CASE)
    lines = [json.loads(one) for one in path.read_bytes().splitlines()]
    assert [one["question"] for one in lines] == ["One?", CASE.question, "Three?"]
    (_, line), _ = read_drafts(path)
    finish_draft(path, line, None)
    assert ids_of(path) == ["own-001"]
    assert [one.draft.question for one in read_drafts(path)] == ["Three?"]
    finish_draft(path, line, CASE.model_copy(update={"id": "own-002"}))  # gone already: the case is not lost
    assert ids_of(path) == ["own-001", "own-002"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cases").write_text("a file where the folder should be")
    with pytest.raises(DataFolderError, match="cannot be written"):
        append_case(drafts_path(tmp_path), CASE)


# The prompts, driven as a person types


@pytest.fixture(scope="module")
def type_lines(assistant_built):
    """Runs the interview with lines typed, and gives what was shown and the cases in the file."""

    def type_lines(path, *lines, of=write_cases):
        app = typer.Typer()

        @app.command()
        def new() -> None:
            of(assistant_built, path, Console(width=100))

        return CliRunner().invoke(app, input="\n".join(lines) + "\n")

    return type_lines


def number_of(assistant, question, history=()):
    """The number of the hit that holds EVIDENCE."""
    hits = assistant.search(Query(question=question, history=history))
    return str(next(number for number, hit in enumerate(hits, start=1) if EVIDENCE in hit.text))


QUESTION = "Did they define co-production for the people they interviewed?"


def test_a_case_is_written(type_lines, assistant_built, path):
    number = number_of(assistant_built, QUESTION)
    result = type_lines(
        path, QUESTION, "", "y", "99", number, "it was an accident",
        "It was a deliberate … definition of co-production", "n", "n", "definition", "", "", "", "", "y", "",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "There is no passage 99; expected 1 to 10." in result.output
    assert "does not stand in the passage" in result.output
    assert "1 case was added" in result.output
    [case] = load_cases(path)
    assert (case.id, case.question, case.kind, case.evidence) == ("own-001", QUESTION, "definition", ((EVIDENCE,),))
    assert (case.section, case.speaker, case.role) == ("B.3", None, None)
    assert (case.act, case.lean, case.forms) == ("asks", None, ())


def test_a_follow_up_with_two_pieces_of_evidence_and_an_alternative(type_lines, assistant_built, path):
    """Another passage is looked for by other words; a speaker that does not exist is asked for again."""
    number = number_of(assistant_built, "Was one given?", ("Is there a definition?",))
    result = type_lines(
        path, "Was one given?", "Is there a definition?", "", "y",
        number, EVIDENCE, "y", "taskforce to examine how these can be applied", "1", "1", "n",
        "y", "2", "all", "n", "n",
        "", "-", "Dr Nobody", "-", "", "", "-", "", "public", "mine", "y", "",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "That is not a case yet: the case own-001: own-001 names the speaker 'Dr Nobody'" in result.output
    [case] = load_cases(path)
    assert (case.id, case.kind, case.history, case.role) == ("mine", "follow_up", ("Is there a definition?",), "public")
    assert [len(group) for group in case.evidence] == [2, 1]
    assert case.section is None


def test_a_question_that_the_report_does_not_answer(type_lines, path):
    result = type_lines(path, "How do I descale a kettle?", "", "n", "", "", "", "", "", "y", "")
    assert result.exit_code == 0, result.output
    [case] = load_cases(path)
    assert (case.answerable, case.evidence, case.kind, case.section) == (False, (), "unanswerable", None)


def test_nothing_is_saved_where_it_is_left_or_declined(type_lines, path):
    left = type_lines(path, QUESTION, "", "y", "", "")
    assert "needs evidence; this one was left" in left.output
    declined = type_lines(path, "A kettle?", "", "n", "", "", "", "", "", "n", "")
    assert "0 cases were added" in declined.output
    refused = type_lines(path, "???", "", "")
    assert "That cannot be asked: there are no words in" in refused.output
    assert not path.exists()


def test_what_was_saved_stays_where_the_input_ends_in_the_middle(type_lines, path):
    result = type_lines(path, "A kettle?", "", "n", "", "", "", "", "", "y", QUESTION, "", "y")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert len(load_cases(path)) == 1


def test_an_id_that_is_taken_is_asked_for_again(type_lines, path):
    append_case(path, CASE)
    result = type_lines(path, "A kettle?", "", "n", "", "", "", "", "own-001", "", "", "", "", "", "y", "")
    assert "The id own-001 is taken." in result.output
    assert ids_of(path) == ["own-001", "own-002"]


def test_drafts_are_gone_through(type_lines, assistant_built, path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\n".join([draft("Skip me?"), draft("Delete me?"), draft(QUESTION), draft("Later?")]))
    number = number_of(assistant_built, QUESTION)
    result = type_lines(
        path, "s", "what", "delete", "case", "", "y", number, EVIDENCE, "n", "n", "", "", "", "", "", "y", "q",
        of=finish_drafts,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Draft 3 of 4" in result.output
    assert "note: wrong person" in result.output
    assert "Expected one of: case, skip, delete, quit." in result.output
    assert [one.draft.question for one in read_drafts(path)] == ["Skip me?", "Later?"]
    lines = path.read_bytes().splitlines()
    assert json.loads(lines[1])["id"] == "own-001"


def test_a_helpful_draft_offers_what_the_answer_showed_as_evidence(type_lines, assistant_built, passage, path):
    other = next(one for one in assistant_built.documents[0].passages if one.id != passage.id and one.sentences)
    cited = [{"document_id": one.document_id, "start": one.start, "end": one.end} for one in (passage, other)]
    gone = {"document_id": "gone", "start": 0, "end": 5}
    path.parent.mkdir(parents=True)
    path.write_bytes(
        b"\n".join([draft(QUESTION, helpful=True, cited=[*cited, gone]), draft("Two?", helpful=False, cited=cited)])
    )
    result = type_lines(
        path, "case", "", "y", "y", "n", "n", "", "", "", "", "", "y", "case", "", "y", "", "q", of=finish_drafts
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "shown, but not in the documents any more: 1" in result.output
    assert result.output.count("Is it evidence?") == 2  # what did not help is shown, but not offered
    case, _ = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert case["evidence"] == [[passage.text]]
    assert case["section"] == passage.section


@pytest.mark.parametrize(("all_of_them", "groups"), [("y", 2), ("n", 1)])
def test_several_places_that_helped_are_all_needed_or_any(
    type_lines, assistant_built, passage, path, all_of_them, groups
):
    other = next(one for one in assistant_built.documents[0].passages if one.speaker)
    cited = [{"document_id": one.document_id, "start": one.start, "end": one.end} for one in (passage, other)]
    path.parent.mkdir(parents=True)
    path.write_bytes(draft(QUESTION, helpful=True, cited=cited))
    result = type_lines(
        path, "case", "", "y", "y", "y", all_of_them, "n", "", "", "", "", "", "y", of=finish_drafts
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    [case] = load_cases(path)
    assert len(case.evidence) == groups
    assert [words for group in case.evidence for words in group] == [passage.text, other.text]


def test_the_command_writes_to_the_data_folder_or_to_a_file_that_is_named(assistant_built, tmp_path, monkeypatch):
    """The real command, with the index where it is and the cases elsewhere."""
    monkeypatch.setattr("assistant.keeping.feedback.drafts_path", lambda _: tmp_path / "cases" / "drafts.jsonl")
    typed = "A kettle?\n\nn\n\n\n\n\n\ny\n\n"
    command = ["eval", "new", "--data-dir", str(assistant_built.settings.data_dir)]
    assert CliRunner().invoke(coproduce, command, input=typed).exit_code == 0
    assert CliRunner().invoke(coproduce, [*command, "--file", str(tmp_path / "mine.jsonl")], input=typed).exit_code == 0
    for path in (tmp_path / "cases" / "drafts.jsonl", tmp_path / "mine.jsonl"):
        assert [case.question for case in load_cases(path)] == ["A kettle?"]
    assert CliRunner().invoke(coproduce, [*command, "--drafts"]).exit_code == 0


def test_without_drafts_it_is_said_where_they_come_from(type_lines, path):
    assert "There are no drafts in" in type_lines(path, of=finish_drafts).output


def test_an_error_of_ours_is_one_line():
    assert issubclass(MarkError, CoproduceError)
