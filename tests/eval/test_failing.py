"""What is said of a case that went wrong: what became of each piece of evidence, by hand-made spans."""

import pytest

from eval.failing import (
    FIRST_HITS,
    HIT_CHARACTERS,
    RIGHT_BEFORE,
    can_compare_cases,
    failing_cases,
    is_ranking,
)
from eval.run import make_run
from eval.schema import Fingerprint, Started

STARTED = Started(
    name="now", created="2026-11-23T00:00:00Z", version="1", source="mine.jsonl", config={},
    fingerprint=Fingerprint(cases_sha256="a", corpus_sha256="b", config_sha256="c"),
)  # fmt: skip


def run_of(*outcomes):
    return make_run(outcomes, (), STARTED)


def only(*outcomes, baseline=None):
    [case] = failing_cases(run_of(*outcomes), baseline)
    return case


@pytest.mark.parametrize(
    ("hits", "citations", "fate"),
    [
        ([(0, 5)], [(50, 60)], "not among the 1 hits"),
        ([(0, 5), (8, 25)], [(50, 60)], "found as hit 2, but not shown"),
        ([(0, 5), (15, 25)], [(50, 60)], "hit 2 holds part of it, none the whole"),
        ([(20, 30)], [(50, 60)], "not among the 1 hits"),  # it starts where the evidence ends
        ([], [(50, 60)], "not found: there were no hits"),
        ([(8, 25)], [(50, 60)] * 6 + [(8, 25)], "shown, but only as passage 7: people read 6"),
        ([(8, 25)], [], "found as hit 1, but not shown, as nothing was"),
    ],
)
def test_fate_of_evidence_that_was_lost(make, hits, citations, fate):
    found = only(
        make.outcome(
            make.case([(10, 20)]),
            hits=tuple(make.hit(*span, rank=rank) for rank, span in enumerate(hits, start=1)),
            citations=tuple(make.citation(*span) for span in citations),
        )
    )
    [wanted] = found.wanted
    assert (wanted.fate, wanted.is_met, wanted.alternatives) == (fate, False, ("words 10",))


def test_one_piece_shown_and_one_lost(make):
    found = only(
        make.outcome(
            make.case([(10, 20), (80, 85)], [(30, 40)]),
            hits=(make.hit(5, 45),),
            citations=(make.citation(0, 5), make.citation(79, 90)),
        )
    )
    assert [piece.fate for piece in found.wanted] == [
        "shown, as passage 2 of the answer",
        "found as hit 1, but not shown",
    ]
    assert [piece.is_met for piece in found.wanted] == [True, False]
    assert found.hits[0].holds == (1, 2)
    assert found.reasons == ("1 of 2 pieces of evidence shown",)


def test_rankings_without_answers_are_judged_by_their_hits(make):
    """As `eval.exchange.import_run` makes them: "answered", and nothing shown."""

    def ranked(id, *spans, groups=([(10, 20)], [(30, 40)])):
        hits = tuple(make.hit(*span, rank=rank) for rank, span in enumerate(spans, start=1))
        outcome = make.outcome(make.case(*groups, id=id), hits=hits)
        return outcome.model_copy(update={"answer": outcome.answer.model_copy(update={"status": "answered"})})

    run = run_of(
        ranked("whole", (0, 5), (8, 45)),
        ranked("half", (0, 5), (8, 25)),
        ranked("late", *[(0, 5)] * 10, (8, 45)),
        ranked("not judged", (0, 5), groups=()),
    )
    assert is_ranking(run)
    half, late = failing_cases(run)
    assert (half.id, half.reasons) == ("half", ("1 of 2 pieces of evidence among the first 10 hits",))
    assert [(piece.is_met, piece.fate) for piece in half.wanted] == [
        (True, "found as hit 2"), (False, "not among the 2 hits"),
    ]  # fmt: skip
    assert [(piece.is_met, piece.fate) for piece in late.wanted] == [(False, "found as hit 11")] * 2
    answers = run_of(
        make.outcome(make.case([(10, 20)], id="half"), hits=(make.hit(8, 25),), citations=(make.citation(60, 70),))
    )
    assert not is_ranking(answers)
    assert failing_cases(run, answers)[0].before == RIGHT_BEFORE, "its hits held the evidence, whatever it showed"
    assert can_compare_cases(run, answers)
    assert not can_compare_cases(answers, run)


def test_what_went_right_is_left_out_and_kinds_stand_together(make):
    right = make.outcome(make.case([(10, 20)], id="right"), citations=(make.citation(0, 50),))
    wrong = [make.outcome(make.case([(10, 20)], id=f"w{number}", kind="ba"[number % 2])) for number in range(4)]
    found = failing_cases(run_of(right, *wrong))
    assert [(case.number, case.id, case.kind) for case in found] == [
        (1, "w1", "a"), (2, "w3", "a"), (3, "w0", "b"), (4, "w2", "b"),
    ]  # fmt: skip


def test_errors_missing_questions_and_answers_to_what_cannot_be_answered(make):
    error = only(make.outcome(make.case([(10, 20)]), error="there are no words"))
    assert (error.status, error.error, error.reasons) == (
        "ended in an error", "there are no words", ("ended in an error",),
    )  # fmt: skip
    assert not error.has_answer
    missing = only(make.outcome(make.case([(10, 20)]), error="x").model_copy(update={"error": None}))
    assert missing.status == "missing from the run"
    answered = only(make.outcome(make.case(), citations=(make.citation(0, 5),)))
    assert (answered.wanted, answered.answerable) == ((), False)
    assert answered.reasons == ("answered, though the documents do not say",)


def test_long_lists_and_long_hits_are_cut(make):
    hits = tuple(make.hit(0, 5, rank=rank).model_copy(update={"text": "word " * 500}) for rank in range(1, 11))
    found = only(make.outcome(make.case([(10, 20)]), hits=hits))
    assert (len(found.hits), found.all_hits) == (FIRST_HITS, 10)
    assert len(found.hits[0].text) <= HIT_CHARACTERS + 2


def test_baseline_says_what_is_new(make):
    def outcome(id, right):
        return make.outcome(make.case([(10, 20)], id=id), citations=(make.citation(0, 50),) if right else ())

    before = run_of(outcome("lost", True), outcome("still", False), outcome("won", False))
    now = run_of(outcome("lost", False), outcome("still", False), outcome("won", True), outcome("other", False))
    found = {case.id: (case.before, case.change) for case in failing_cases(now, before, {"lost": "worse"})}
    assert found == {
        "lost": ("went right before", "worse"),
        "still": ("went wrong before too", None),
        "other": ("not asked before", None),
    }
    assert all(case.before is None for case in failing_cases(now))
