"""The bundled cases load; a broken case file is named by file and line."""

import json
import re

import pytest

from corpus.errors import CaseError, CoproduceError, UnknownName
from corpus.load import load_library
from eval.cases import DATA, FoldedText, load_cases, split_path

SPLITS = sorted(path.stem for path in DATA.glob("*.jsonl"))
EVIDENCE = "It was a deliberate strategy to not provide a definition of co-production"
GOOD = {
    "id": "x-1",
    "question": "Was a definition given?",
    "history": [],
    "kind": "factual",
    "answerable": True,
    "evidence": [[EVIDENCE]],
    "section": "B.3",
    "speaker": None,
    "role": None,
}


@pytest.fixture
def write(tmp_path):
    def write(*lines):
        path = tmp_path / "mine.jsonl"
        path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
        return path

    return write


def test_the_bundled_cases_load_and_are_many():
    splits = {split: load_cases(split_path(split)) for split in ("train", "dev", "test", "people_dev", "people_test")}
    cases = [case for split in splits.values() for case in split]
    assert len(cases) >= 300
    assert sum(not case.answerable for case in cases) >= 20
    assert all(len([case for case in split if not case.answerable]) for split in splits.values())
    assert len({case.id for case in cases}) == len(cases)
    assert len({" ".join(case.question.casefold().split()) for case in cases if not case.history}) == len(
        [case for case in cases if not case.history]
    ), "a question stands in two splits"


def test_evidence_is_located_where_it_stands(write):
    [case] = load_cases(write(GOOD))
    [[span]] = case.groups
    [document] = load_library().documents
    assert span.document_id == document.id
    assert document.text[span.start : span.end] == EVIDENCE


def test_every_bundled_span_is_the_evidence_white_space_aside():
    text = {document.id: document.text for document in load_library().documents}
    for case in load_cases(split_path("dev")):
        for group, spans in zip(case.evidence, case.groups, strict=True):
            found = {" ".join(text[span.document_id][span.start : span.end].split()) for span in spans}
            assert found == {" ".join(words.split()) for words in group}


def test_white_space_is_folded_on_both_sides(write):
    [case] = load_cases(write({**GOOD, "evidence": [["It was a\n deliberate   strategy"]]}))
    [[span]] = case.groups
    [document] = load_library().documents
    assert document.text[span.start : span.end] == "It was a deliberate strategy"


def test_words_over_a_paragraph_break_are_located_whole():
    [document] = load_library().documents
    folded = FoldedText(document.model_copy(update={"text": "  one two\n\n\tthree four"}))
    [span] = folded.find_all("two three")
    assert (span.start, span.end) == (6, 17)


def test_all_occurrences_are_found_even_where_they_overlap():
    [document] = load_library().documents
    folded = FoldedText(document.model_copy(update={"text": "ha ha  ha"}))
    assert [(span.start, span.end) for span in folded.find_all("ha ha")] == [(0, 5), (3, 9)]


def test_optional_fields_may_be_left_out_and_empty_lines_stand_anywhere(write):
    short = {key: GOOD[key] for key in ("id", "question", "kind", "answerable", "evidence")}
    [case] = load_cases(write(b"\xef\xbb\xbf", short, b"  ", b""))
    assert (case.history, case.section, case.speaker, case.role) == ((), None, None, None)
    assert (case.act, case.lean, case.forms) == ("asks", None, ())


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"{not json", "expected a JSON object"),
        (b'"text"', "the line: input should be a valid dictionary"),
        (b'{"id": "\xff"}', "expected a JSON object"),
        (b"[" * 100_000, "expected a JSON object"),
        ({**GOOD, "history": ["\ud800"]}, "half a character (a lone surrogate) stands in it"),
        ({**GOOD, "extra": 1}, "extra: extra inputs are not permitted"),
        ({**GOOD, "id": " "}, "id: string should have at least 1 character"),
        ({**GOOD, "act": None}, "act: input should be a valid string"),
        ({**GOOD, "forms": "count"}, "forms: input should be a valid tuple"),
        ({**GOOD, "role": "patient"}, "names the role 'patient', which no document has"),
        ({key: value for key, value in GOOD.items() if key != "question"}, "question: field required"),
        ({**GOOD, "evidence": []}, "x-1 is answerable but has no evidence"),
        ({**GOOD, "evidence": [[]]}, "evidence.0: tuple should have at least 1 item"),
        ({**GOOD, "evidence": [["  "]]}, "evidence.0.0: string should have at least 1 character"),
        ({**GOOD, "evidence": [[EVIDENCE.replace(" not", "")]]}, "does not stand in the report: 'It was a deliberate"),
        ({**GOOD, "evidence": [[EVIDENCE, "never printed"]]}, "does not stand in the report: 'never printed'"),
        ({**GOOD, "evidence": [[EVIDENCE.upper()]]}, "does not stand in the report"),
        ({**GOOD, "answerable": False}, "x-1 is not answerable but has 1 groups of evidence; expected none"),
        ({**GOOD, "section": "C.9"}, "names the section 'C.9', which no document has"),
        ({**GOOD, "id": "x-0"}, "the id 'x-0' was used on line 1 already"),
    ],
)
def test_a_broken_line_is_named(write, bad, message):
    path = write({**GOOD, "id": "x-0"}, bad)
    with pytest.raises(CaseError) as caught:
        load_cases(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert message in str(caught.value)


def test_a_quoted_speaker_that_does_not_exist_is_refused_only_where_the_case_is_answerable(write):
    """“What did Academic Researcher 99 say?” is a fair question that must be refused."""
    nobody = {**GOOD, "speaker": "Academic Researcher 99"}
    with pytest.raises(CaseError, match="names the speaker 'Academic Researcher 99'"):
        load_cases(write(nobody))
    [case] = load_cases(write({**nobody, "answerable": False, "evidence": []}))
    assert case.speaker == "Academic Researcher 99"


def test_a_file_without_cases_or_none_at_all_is_refused(write, tmp_path):
    with pytest.raises(CaseError, match="no cases were found"):
        load_cases(write(b"", b"  "))
    with pytest.raises(CaseError, match=r"absent\.jsonl cannot be read: No such file"):
        load_cases(tmp_path / "absent.jsonl")


@pytest.mark.parametrize("split", ["exam", "", "../data/dev", "DEV"])
def test_an_unknown_split_names_those_that_exist(split):
    with pytest.raises(UnknownName, match=re.escape(f"There are: {', '.join(SPLITS)}.")) as caught:
        split_path(split)
    assert isinstance(caught.value, CoproduceError)


def test_straight_marks_are_offered_those_of_print(tmp_path, make):
    """The report writes ‘relevance gap’; keyboards write it straight. Only marks are offered, no other word."""
    typed = "Reflecting concerns about a 'relevance gap' and research"
    for words, offer in ((typed, True), (typed.replace("research", "science"), False)):
        line = {"id": "a", "question": "Why?", "kind": "x", "answerable": True, "evidence": [[words]]}
        (tmp_path / "mine.jsonl").write_text(json.dumps(line), encoding="utf-8")
        with pytest.raises(CaseError) as caught:
            load_cases(tmp_path / "mine.jsonl")
        offered = "With the marks that stand there it does: Reflecting concerns about a ‘relevance gap’ and research"
        assert (offered in str(caught.value)) is offer
