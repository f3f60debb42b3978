"""Everything that lint looks for is found in a file that has it, at its line, and not in one that has not."""

import json

import pytest
from rich.console import Console

from corpus.errors import CaseError
from corpus.load import load_library
from eval import lint
from eval.lint import has_errors, lint_cases, normalise, show_findings

EVIDENCE = "It was a deliberate strategy to not provide a definition of co-production"
OTHER = "we recommend that the NIHR consider establishing a co-production taskforce"
#: Words that the report prints in two places.
TWICE = "it’s very hard for academics to get away from doing that"


def case(id, question, **fields):
    return {"id": id, "question": question, "kind": "factual", "answerable": True, "evidence": [[EVIDENCE]], **fields}


@pytest.fixture
def write(tmp_path):
    def write(*lines, name="mine.jsonl"):
        path = tmp_path / name
        path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
        return path

    return write


@pytest.fixture
def many(monkeypatch):
    """Kinds may be small: that rule has a test of its own."""
    monkeypatch.setattr(lint, "FEWEST_OF_A_KIND", 1)


def said(*paths):
    return [(one.severity, one.rule, one.line, one.case_id) for one in lint_cases(paths)]


GOOD = (
    case("a", "Was a definition given to the people interviewed?"),
    case("b", "Who should set up a taskforce?", evidence=[[OTHER]]),
    case("c", "How do I boil an egg?", answerable=False, evidence=[], kind="unanswerable"),
)


def test_a_good_file_has_no_findings(write, many):
    path = write(*GOOD, case("e", "Hello!", answerable=False, evidence=[], act="greets", lean="new", forms=["short"]))
    assert lint_cases([path]) == ()


def test_the_bundled_splits_have_no_errors():
    found = lint_cases()
    assert not has_errors(found), [one.message for one in found if one.severity == "error"]
    assert {one.rule for one in found} <= {"evidence", "kind", "near-duplicate", "near-leakage"}


def test_the_same_question_twice_is_an_error_whatever_its_capitals_and_punctuation(write, many):
    path = write(GOOD[0], case("d", "  was a definition given, to the people “interviewed”"), GOOD[1])
    assert said(path) == [("error", "duplicate", 2, "d")]
    [finding] = lint_cases([path])
    assert "is the question of line 1 (a)" in finding.message


def test_the_same_question_after_other_questions_is_another(write, many):
    follow_up = case("d", "And the public partners?", history=["How were academics chosen?"])
    other = case("e", "And the public partners?", history=["Who found the interviews tiring or upsetting?"])
    assert said(write(follow_up, other)) == []
    same = {**other, "history": ["how were academics chosen"]}
    assert said(write(follow_up, same)) == [("error", "duplicate", 2, "e")]


def test_a_question_in_two_splits_is_leakage(write, many):
    train, test = write(*GOOD, name="train.jsonl"), write(case("x", GOOD[0]["question"].upper()), name="test.jsonl")
    assert said(train, test) == [("error", "leakage", 1, "x")]
    [finding] = lint_cases([train, test])
    assert finding.file == str(test)
    assert "is the question of train.jsonl, line 1 (a)" in finding.message


def test_a_word_changed_is_a_warning(write, many):
    near = case("d", "Was a definition given to the persons interviewed?")
    assert said(write(GOOD[0], near)) == [("warning", "near-duplicate", 2, "d")]
    assert said(write(GOOD[0], name="one.jsonl"), write(near, name="two.jsonl")) == [
        ("warning", "near-leakage", 1, "d")
    ]
    assert said(write(GOOD[0], case("d", "Was a definition given to the public?"))) == []


def test_another_speaker_or_number_is_another_question(write, many):
    """“Public partner B” and “Public partner C” differ by one letter and by everything."""
    partners = [case(one, f"What did Public partner {one} say about power?") for one in "BC"]
    assert said(write(*partners)) == []
    numbers = [case(f"n{one}", f"What did Academic Researcher {one} say about power?") for one in (1, 12)]
    assert said(write(*numbers)) == []


def test_near_duplicates_are_found_across_blocks(write, many, monkeypatch):
    monkeypatch.setattr(lint, "_ROWS_AT_ONCE", 2)
    lines = [case(f"c{number}", f"{word} " * 8) for number, word in enumerate(["apple", "pear", "plum", "fig", "kiwi"])]
    assert said(write(*lines, {**lines[1], "id": "again"})) == [("error", "duplicate", 6, "again")]


def test_evidence_that_stands_nowhere_is_an_error(write, many):
    path = write(GOOD[0], case("d", "Something else?", evidence=[[EVIDENCE.replace(" not", "")]]))
    assert said(path) == [("error", "evidence", 2, "d")]
    assert "stands nowhere in the report" in lint_cases([path])[0].message


def test_evidence_that_stands_in_two_places_is_a_warning_that_gives_both(write, many):
    path = write(case("d", "Something else?", evidence=[[TWICE]]))
    [finding] = lint_cases([path])
    assert (finding.severity, finding.rule, finding.line) == ("warning", "evidence", 1)
    [document] = load_library().documents
    for start in (document.text.index(TWICE), document.text.rindex(TWICE)):
        assert f"line {document.line_of(start)}" in finding.message


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"{not json", "expected a JSON object"),
        (case("d", "No?", answerable=False), "d is not answerable but has 1 groups of evidence"),
        (case("d", "No?", evidence=[]), "d is answerable but has no evidence"),
        (case("d", "No?", speaker="Dr Nobody"), "d names the speaker 'Dr Nobody'"),
        (case("d", "No?", section="Z.9"), "d names the section 'Z.9'"),
        ({"id": "d"}, "question: field required"),
    ],
)
def test_a_broken_line_is_an_error_and_the_others_are_still_looked_at(write, many, bad, message):
    path = write(bad, case("e", "Was it so?", evidence=[["never printed"]]))
    first, second = lint_cases([path])
    assert (first.severity, first.rule, first.line) == ("error", "broken", 1)
    assert first.message.startswith(message)
    assert (second.rule, second.line) == ("evidence", 2)


def test_an_id_used_twice_is_an_error(write, many):
    assert said(write(GOOD[0], {**GOOD[1], "id": "a"})) == [("error", "same-id", 2, "a")]


def test_a_kind_with_fewer_than_ten_cases_is_a_warning(write):
    """Nine of one kind and ten of another; the words are so different that no two are alike."""
    words = ["apple", "bread", "cloud", "drum", "eagle", "forest", "grape", "house", "igloo", "jungle"]
    rare = [case(f"r{word}", f"{word} " * 6, kind="rare") for word in words[:9]]
    common = [case(f"c{word}", f"{word[::-1]} " * 5, kind="common") for word in words]
    path = write(*common, *rare)
    assert said(path) == [("warning", "kind", 11, "rapple")]
    assert "only 9 cases of the kind 'rare'" in lint_cases([path])[0].message


def test_a_draft_is_a_warning(write, many):
    assert said(write(*GOOD, {"question": "Why?", "note": "that was wrong"})) == [("warning", "draft", 4, None)]


def test_an_empty_file_is_an_error_and_one_that_is_not_there_is_refused(write, tmp_path):
    assert said(write(b"")) == [("error", "broken", 1, None)]
    with pytest.raises(CaseError, match=r"absent\.jsonl cannot be read"):
        lint_cases([tmp_path / "absent.jsonl"])


def test_a_file_given_twice_is_read_once(write, many):
    path = write(*GOOD)
    assert lint_cases([path, path]) == ()


def test_findings_are_printed_with_file_and_line_and_counted(write, many):
    path = write(GOOD[0], {**GOOD[0], "id": "d", "question": "\u202ewas A definition given to the people interviewed"})
    console = Console(width=60)
    with console.capture() as capture:
        show_findings(console, lint_cases([path]))
    first, last = capture.get().strip().split("\n")
    assert first.startswith(f"{path}:2: error duplicate: ")
    assert "\u202e" not in first
    assert last == "1 error, 0 warnings."
    with console.capture() as capture:
        show_findings(console, ())
    assert capture.get() == "Nothing was found.\n"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who  funded the DRINK trial?!", "who funded the drink trial"),
        ("Straße", "strasse"),
        ("ﬁve", "five"),
        ("???", "???"),
        ("", ""),
    ],
)
def test_normalise(question, expected):
    assert normalise(question) == expected
