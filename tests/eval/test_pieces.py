"""What another system found in pieces of its own is placed by offsets or by words that stand once, and measured."""

import json

import pytest

from assistant.settings import Settings
from corpus.errors import CaseError
from corpus.readers.text import read_text
from eval.cases import locate_cases
from eval.exchange import OF_PIECES, import_run
from eval.fingerprint import start_run
from eval.folder import write_run
from eval.judgements import read_judgements
from eval.schema import Case

TEXT = "# Minutes\n\nBuses leave at nine. Lunch is at noon. Buses leave at nine.\n\nTaxis need a receipt."
DOCUMENTS = (read_text(TEXT, document_id="minutes", title="Minutes"),)
CASES = locate_cases(
    [
        (f"line {number}", Case(id=name, question="?", kind="k", answerable=True, evidence=((words,),)))
        for number, (name, words) in enumerate(
            {"c1": "Lunch is at noon", "c2": "Taxis need a receipt"}.items(), start=1
        )
    ],
    DOCUMENTS,
)
LUNCH, TAXIS = TEXT.index("Lunch"), TEXT.index("Taxis")


@pytest.fixture
def imported(tmp_path):
    def imported(*lines, strict=False):
        path = tmp_path / "found.jsonl"
        path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), encoding="utf-8")
        said = []
        started = start_run("theirs", "mine.jsonl", CASES, DOCUMENTS, Settings())
        return import_run(path, CASES, DOCUMENTS, started, strict=strict, warn=said.append), said

    return imported


def test_pieces_are_placed_by_offsets_and_by_words_that_stand_once(imported, tmp_path):
    """c1: the second piece holds the evidence. c2: half of the evidence, then all of it with white space changed."""
    run, said = imported(
        {"query": "c1", "score": 0.5, "document": "minutes", "start": LUNCH - 5, "end": LUNCH + 20, "more": 1},
        {"query": "c1", "score": 0.9, "text": "Taxis need"},
        {"query": "c2", "text": "Taxis need"},
        {"query": "c2", "text": "Taxis\n need  a receipt."},
    )
    assert said == []
    assert [(hit.start, hit.end, hit.passage_id) for hit in run.answers["c1"].hits] == [
        (TAXIS, TAXIS + 10, f"minutes:{TAXIS}-{TAXIS + 10}"),
        (LUNCH - 5, LUNCH + 20, f"minutes:{LUNCH - 5}-{LUNCH + 20}"),
    ]
    assert run.answers["c2"].hits[1].text == "Taxis need a receipt."
    found = run.summary.measures
    assert (found["recall@1"], found["recall@5"], found["RR@10"], found["Success@5"]) == (0, 1, 0.5, 1)
    assert {name for name, value in found.items() if value is not None} == OF_PIECES
    # Who has judged nothing but evidence cannot say what share of all pieces was found.
    write_run(tmp_path / "run", run, DOCUMENTS)
    with pytest.raises(CaseError, match="ranks pieces of its own, which nobody has judged"):
        read_judgements(tmp_path / "run")


def test_a_trec_run_may_name_pieces(imported):
    run, said = imported(f"c1 Q0 minutes:{LUNCH}-{LUNCH + 16} 1 2.5 t\nc2 Q0 minutes:0-9 1 2.5 t")
    assert said == []
    assert run.summary.measures["recall@1"] == 0.5


def test_words_that_stand_twice_or_nowhere_are_named_and_hold_nothing(imported):
    """c1's first two pieces are nowhere to be placed, and keep their ranks; c9 is no case."""
    lines = (
        {"query": "c1", "text": "Buses leave at nine."},
        {"query": "c1", "text": "Trams never leave."},
        {"query": "c1", "document": "agenda", "start": 0, "end": 4},
        {"query": "c1", "text": "Lunch is at noon."},
        {"query": "c9", "text": "Lunch is at noon."},
    )
    run, said = imported(*lines)
    assert run.rows[0].measures["RR@10"] == 0.25
    assert [row.status for row in run.rows] == ["answered", "missing"]
    assert "there is no case 'c9'" in said[0]
    assert "line 1: these words stand in 2 places; give document, start and end: 'Buses leave at nine.'" in said[1]
    assert "line 2: these words stand nowhere in the documents: 'Trams never leave.'" in said[2]
    assert "line 3: there is no document 'agenda'; there are 'minutes'" in said[3]
    for number in (4, 0, 1, 2):
        with pytest.raises(CaseError, match="Without --strict this is a warning"):
            imported(lines[number], lines[3], strict=True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"query": "c1"}', "line 1: the line: a piece needs document, start and end, or its text."),
        ('{"query": "c1", "document": "minutes"}', "line 1: the line: document, start and end go together."),
        ('{"query": "c1", "text": "x", "score": "high"}', "line 1: score: input should be a valid number"),
        ('{"query": "c1", "document": "minutes", "start": 5, "end": 5}', "line 1: 5 to 5 is no place in 'minutes'"),
        ('{"query": "c1", "document": "minutes", "start": 5, "end": 5000}', "which has 93 characters"),
        (
            '{"query": "c1", "text": "Taxis", "score": 1}\n{"query": "c1", "text": "noon"}',
            "line 2: this piece has no score",
        ),
        ('{"query": "c1", "text": "Taxis"}\n{"query": "c1", "text": "Taxis"}', "stands in the ranking of 'c1' twice"),
        ('{"query": "c1", ', "line 1: expected a JSON object"),
        ('{"query": "c8", "text": "Taxis"}', "it ranks for none of the cases"),
    ],
)
def test_a_broken_line_is_named(imported, line, message):
    with pytest.raises(CaseError) as caught:
        imported(line)
    assert message in str(caught.value)
