"""What people see: every measure explained, every failure with what was wanted and found, nothing read as markup."""

from io import StringIO

import pytest
from rich.console import Console

from corpus.load import load_library
from eval.measures import MEASURES, chosen_measures
from eval.report import show_failures, show_run
from eval.run import make_run
from eval.schema import Fingerprint, Outcome, Started

STARTED = Started(
    name="mine",
    created="2026-01-01T00:00:00+00:00",
    version="0",
    source="mine.jsonl",
    fingerprint=Fingerprint(cases_sha256="a", corpus_sha256="b", config_sha256="c"),
    config={},
)


@pytest.fixture
def shown():
    def shown(*outcomes, failures=False, measures="recall@1,verbatim"):
        console = Console(width=100, file=StringIO())
        run = make_run(outcomes, load_library().documents, STARTED)
        show_run(console, run, chosen_measures(measures))
        if failures:
            show_failures(console, run)
        return " ".join(console.file.getvalue().split())

    return shown


def test_every_measure_is_explained_and_which_recall_is_meant_is_said(make, shown):
    text = shown(make.outcome(make.case([(0, 5)])), measures=None)
    for measure in MEASURES.values():
        assert f"{measure.label} " in text
    assert "R@k: the share of all passages with evidence" in text


def test_headline_and_kinds(make, shown):
    text = shown(
        make.outcome(make.case([(0, 5)], id="a", kind="who_when_how_many"), hits=(make.hit(0, 9),)),
        make.outcome(make.case(id="b", kind="unanswerable")),
    )
    assert "Evaluation on mine.jsonl" in text
    assert "recall@1 100.0% of the evidence wanted" in text
    assert "verbatim – citations" in text  # nothing was shown: no share of nothing
    assert "how high passages with evidence stand" not in text  # nDCG@10 was not chosen
    assert "who_when_how_many 1 100.0% 100.0% 100.0% 0.0% 100.0%" in text
    assert "unanswerable 1 – – – – 100.0%" in text


def test_missing_questions_are_counted(make, shown):
    text = shown(make.outcome(make.case([(0, 5)], id="a")), Outcome(case=make.case(id="b"), answer=None), failures=True)
    assert "missing 1 questions of which the run holds nothing" in text
    assert "missing, confidence 0.00: is missing from the run" in text


def test_tables_fit_a_terminal_of_80_columns(make):
    console = Console(width=80, file=StringIO())
    show_run(console, make_run([make.outcome(make.case(kind="who_when_how_many"))], load_library().documents, STARTED))
    printed = console.file.getvalue()
    assert "who_when_how_many" in printed
    assert "…" not in printed


def test_failures_show_what_was_wanted_and_found(make, shown):
    case = make.case([(0, 5), (7, 9)], id="a", history=["Before?"])
    hits = tuple(make.hit(20 + rank, 30, rank) for rank in range(1, 6))
    text = shown(make.outcome(case, hits=hits, confidence=0.3), failures=True)
    assert "1 of 1 case went wrong" in text
    assert "a (factual): Question a? asked before: Before?" in text
    assert "not_in_corpus, confidence 0.30: refused, though the report says" in text
    assert "wanted: “words 0” or “words 7”" in text
    assert "hit 3 (B.1, 0.333): words of a hit" in text
    assert "hit 4" not in text


def test_a_case_that_went_well_is_no_failure(make, shown):
    text = shown(make.outcome(make.case([(0, 5)], id="a"), citations=(make.citation(0, 5),)), failures=True)
    assert "0 of 1 case went wrong" in text
    assert "Question a?" not in text


def test_an_error_and_a_wrong_answer_are_shown(make, shown):
    text = shown(
        make.outcome(make.case([(0, 5)], id="a"), error="the lamp [red]broke[/red]"),
        make.outcome(make.case(id="b"), citations=(make.citation(0, 5),)),
        failures=True,
    )
    assert "Error in a: the lamp [red]broke[/red]" in text  # shown as it is, not read as colour
    assert "wanted: a refusal" in text


def test_nothing_of_a_case_is_read_as_markup(make, shown):
    case = make.case([(0, 5)], id="a", question="[bold]is[/bold] [/nothing]?", kind="[red]odd")
    text = shown(make.outcome(case), failures=True)
    assert "[bold]is[/bold] [/nothing]?" in text
    assert "[red]odd 1" in text
