"""Measures of hits and answers against numbers worked out by hand, and those of ranks against ir_measures."""

import math

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cite import make_citation
from corpus.load import load_library
from corpus.schema import Kind, Role
from eval import measures
from eval.schema import Span


def spans(*offsets):
    return [Span(document_id="d", start=start, end=end) for start, end in offsets]


# --- recall over evidence groups


def test_recall_counts_groups_not_alternatives():
    groups = [spans((10, 20), (50, 60)), spans((90, 95))]
    hits = spans((0, 40), (40, 80), (80, 100))
    assert measures.recall_at(groups, hits, 1) == 0.5  # one alternative of the first group is enough
    assert measures.recall_at(groups, hits, 2) == 0.5  # the other alternative adds nothing
    assert measures.recall_at(groups, hits, 3) == 1.0


def test_recall_differs_from_success_and_from_recall_of_qrels():
    """The docstring says that it is neither. Here Success@1 is 1 and R@1 is 1/3, and our recall@1 is 1/2."""
    groups = [spans((10, 20), (50, 60)), spans((90, 95))]
    hits = spans((0, 40))
    qrels = [ir_measures.Qrel("q", passage, 1) for passage in ("p0", "p40", "p80")]
    theirs = ir_measures.calc_aggregate(
        [ir_measures.Success @ 1, ir_measures.R @ 1], qrels, [ir_measures.ScoredDoc("q", "p0", 1.0)]
    )
    assert theirs[ir_measures.Success @ 1] == 1
    assert theirs[ir_measures.R @ 1] == pytest.approx(1 / 3)
    assert measures.recall_at(groups, hits, 1) == 0.5


@pytest.mark.parametrize(
    ("hit", "held"),
    [((10, 20), True), ((9, 21), True), ((11, 20), False), ((10, 19), False), ((12, 15), False), ((20, 30), False)],
)
def test_a_span_is_held_only_whole(hit, held):
    """An overlap is not enough: a broken `holds` that asked for one would pass the last but two."""
    assert measures.recall_at([spans((10, 20))], spans(hit), 1) == float(held)


def test_the_same_offsets_in_another_document_hold_nothing():
    assert measures.recall_at([spans((10, 20))], [Span(document_id="other", start=0, end=99)], 1) == 0


def test_evidence_split_over_two_hits_is_not_found():
    assert measures.recall_at([spans((10, 20))], spans((0, 15), (15, 30)), 2) == 0


ten_cells = st.lists(st.integers(0, 14), max_size=12, unique=True)
wanted_cells = st.sets(st.integers(0, 14), min_size=1, max_size=6)


@given(ranking=ten_cells, wanted=wanted_cells, k=st.integers(1, 12))
def test_recall_agrees_with_ir_measures_where_each_group_has_one_passage(ranking, wanted, k):
    """Passages are cells of ten characters. One group a cell: R@k. All cells in one group: Success@k."""
    cell = {number: spans((10 * number, 10 * number + 10))[0] for number in range(15)}
    inner = {number: spans((10 * number + 2, 10 * number + 7))[0] for number in range(15)}
    hits = [cell[number] for number in ranking]
    qrels = [ir_measures.Qrel("q", str(number), 1) for number in wanted]
    run = [ir_measures.ScoredDoc("q", str(number), float(-rank)) for rank, number in enumerate(ranking)]
    theirs = ir_measures.calc_aggregate([ir_measures.R @ k, ir_measures.Success @ k], qrels, run)
    one_each = [[inner[number]] for number in wanted]
    assert measures.recall_at(one_each, hits, k) == pytest.approx(theirs[ir_measures.R @ k])
    together = [[inner[number] for number in wanted]]
    assert measures.recall_at(together, hits, k) == theirs[ir_measures.Success @ k]


# --- nDCG@10


def test_ndcg_by_hand(make):
    """Relevant passages: p0 and p40. Found at ranks 1 and 3: (1 + 1/log2 4) / (1 + 1/log2 3) = 1.5 / 1.6309."""
    case = make.case([(10, 20), (50, 60)])
    passages = [make.hit(start, start + 40, passage_id=f"p{start}") for start in (0, 40, 80)]
    hits = [make.hit(0, 40), make.hit(80, 100), make.hit(40, 80)]
    [found] = ndcg([case], {"c1": hits}, passages)
    assert found == pytest.approx(1.5 / (1 + 1 / math.log2(3)))


def test_ndcg_of_a_case_without_hits_is_zero(make):
    """A mean over the cases that have hits would be 1 here; it must be 0.5."""
    cases = [make.case([(10, 20)], id="c1"), make.case([(10, 20)], id="c2")]
    passages = [make.hit(0, 40)]
    assert ndcg(cases, {"c1": [make.hit(0, 40)]}, passages) == [1.0, 0.0]
    assert ndcg(cases, {}, passages) == [0.0, 0.0]


def test_ndcg_of_evidence_that_no_passage_holds_is_zero(make):
    """ir_measures leaves a query without qrels out; it must not fall out of the mean."""
    assert ndcg([make.case([(30, 50)])], {"c1": [make.hit(0, 40)]}, [make.hit(0, 40), make.hit(40, 80)]) == [0.0]


def test_ndcg_of_no_cases_is_nothing():
    assert measures.ndcg_at_10([], {}, []) == []


@given(ranking=ten_cells, wanted=wanted_cells)
def test_ndcg_agrees_with_the_formula(make, ranking, wanted):
    case = make.case(*([(10 * number + 2, 10 * number + 7)] for number in sorted(wanted)))
    passages = [make.hit(10 * number, 10 * number + 10) for number in range(15)]
    hits = [make.hit(10 * number, 10 * number + 10) for number in ranking]
    gain = sum(1 / math.log2(rank + 2) for rank, number in enumerate(ranking[:10]) if number in wanted)
    best = sum(1 / math.log2(rank + 2) for rank in range(min(len(wanted), 10)))
    assert ndcg([case], {"c1": hits}, passages) == [pytest.approx(gain / best)]


def ndcg(cases, hits, passages):
    """Number passages by id: hits stand in for passages, which have the same `id` under another name."""
    return measures.ndcg_at_10(cases, hits, [Passage(one) for one in passages])


class Passage:
    """As much of a passage as nDCG looks at."""

    def __init__(self, hit):
        self.id, self.document_id, self.start, self.end = hit.passage_id, hit.document_id, hit.start, hit.end


# --- the answer


def test_only_the_first_six_citations_count(make):
    case = make.case([(90, 95)])
    early = [make.citation(start, start + 5) for start in (0, 10, 20, 30, 40)]
    evidence = make.citation(90, 95)
    assert measures.is_supported(case, [*early, evidence])
    assert not measures.is_supported(case, [make.citation(50, 55), *early, evidence])


def test_an_unanswerable_case_is_never_supported(make):
    assert not measures.is_supported(make.case(), [make.citation(0, 100)])


def test_verbatim_only_if_every_character_is(make):
    [document] = load_library()
    passage = next(passage for passage in document.passages if passage.kind is Kind.INTERVIEW and "not" in passage.text)
    true = make_citation(1, passage, document)
    by_id = {document.id: document}
    assert measures.is_verbatim(true, by_id)
    for change in (
        {"quoted_text": true.quoted_text.replace("not", "", 1)},
        {"quoted_text": true.quoted_text + " "},
        {"speaker": "Academic Researcher 99"},
        {"start": true.start + 1},
        {"document_id": "elsewhere"},
    ):
        assert not measures.is_verbatim(true.model_copy(update=change), by_id), change


def test_right_voice(make):
    partner = make.citation(0, 5, speaker="Public partner B", role=Role.PUBLIC)
    other = make.citation(10, 15, speaker="Public partner C", role=Role.PUBLIC)
    academic = make.citation(20, 25, speaker="Academic Researcher 1", role=Role.ACADEMIC)
    report = make.citation(30, 35)
    by_speaker, by_role = make.case([(0, 5)], speaker="Public partner B"), make.case([(0, 5)], role=Role.PUBLIC)
    assert measures.is_right_voice(by_speaker, [partner, report])  # the authors' own words are nobody's quote
    assert not measures.is_right_voice(by_speaker, [partner, other])
    assert not measures.is_right_voice(by_speaker, [report])
    assert not measures.is_right_voice(by_speaker, [])
    assert measures.is_right_voice(by_role, [partner, other])
    assert not measures.is_right_voice(by_role, [partner, academic])


# --- all together


def test_measure_by_hand(make):
    """Two answerable cases, two unanswerable ones, one error; every number below is worked out in the comment."""
    whole = make.outcome(
        make.case([(10, 20)], id="a1"),
        hits=(make.hit(0, 40),),
        citations=(make.citation(10, 25, words="one two three"),),
        confidence=0.85,
        latency_ms=10,
    )
    half = make.outcome(
        make.case([(10, 20)], [(90, 95)], id="a2", role="public"),
        hits=(make.hit(40, 80, 1), make.hit(0, 40, 2)),
        citations=(make.citation(5, 20, words="word " * 301, speaker="Public partner B", role=Role.PUBLIC),),
        confidence=0.65,
        latency_ms=20,
    )
    refused = make.outcome(make.case(id="u1", kind="unanswerable"), confidence=0.15, latency_ms=30)
    wrong = make.outcome(
        make.case(id="u2", kind="unanswerable"),
        citations=(make.citation(0, 9, words="five words stand right here"),),
        confidence=0.75,
        latency_ms=40,
    )
    broken = make.outcome(make.case([(10, 20)], id="a3", speaker="Public partner B"), latency_ms=9999, error="no")
    found = measures.measure([whole, half, refused, wrong, broken], load_library())

    assert (found.cases, found.answerable, found.errors) == (5, 3, 1)
    assert found.recall_at_1 == pytest.approx((1 + 0 + 0) / 3)
    assert found.recall_at_5 == found.recall_at_10 == pytest.approx((1 + 0.5 + 0) / 3)
    assert found.evidence_in_answer == pytest.approx((1 + 0.5 + 0) / 3)
    assert found.ndcg_at_10 == 0  # the library has no document "d"
    assert found.verbatim_rate == 0  # and so none of the three citations can be verified
    assert found.speaker_accuracy == 0.5  # a2 is right, a3 shows nothing
    assert found.refused == pytest.approx(2 / 5)  # u1 and the error
    assert found.refused_unanswerable == 0.5
    assert found.refused_answerable == pytest.approx(1 / 3)
    assert found.confidence_auroc == pytest.approx(3 / 6)  # 0.85 beats both, 0.65 beats 0.15, the error's 0 none
    # Each case has a bin of its own: |0.85-1|, |0.65-1|, 0.15, 0.75 and 0 for the error.
    assert found.calibration_error == pytest.approx((0.15 + 0.35 + 0.15 + 0.75 + 0) / 5)
    assert found.answer_words_median == 5  # of 3, 301 and 5
    assert found.answers_over_300_words == pytest.approx(1 / 3)
    assert found.latency_ms_p50 == 25  # of 10, 20, 30, 40; the error is left out
    assert found.latency_ms_p95 == pytest.approx(38.5)  # 30 + 0.85 · 10


def test_measure_gives_none_where_there_is_nothing_to_judge(make):
    found = measures.measure([make.outcome(make.case())], load_library())
    assert found.recall_at_1 is found.ndcg_at_10 is found.verbatim_rate is found.speaker_accuracy is None
    assert found.answer_words_median is found.confidence_auroc is found.refused_answerable is None
    assert found.refused_unanswerable == 1


def test_an_answer_of_exactly_300_words_is_not_over(make):
    at = make.outcome(make.case([(0, 5)], id="a"), citations=(make.citation(0, 5, words="w " * 300),))
    assert measures.measure([at], load_library()).answers_over_300_words == 0


def test_measure_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one outcome"):
        measures.measure([], load_library())


def test_reasons_for_failure(make):
    right = make.citation(10, 20, speaker="Public partner B", role=Role.PUBLIC)
    answerable = make.case([(10, 20)], [(90, 95)], role="public")
    one = make.case([(10, 20)])
    assert measures.reasons_for_failure(make.outcome(one, citations=(right,))) == ()
    assert measures.reasons_for_failure(make.outcome(make.case())) == ()
    assert measures.reasons_for_failure(make.outcome(answerable, citations=(right,))) == (
        "1 of 2 pieces of evidence shown",
    )
    assert measures.reasons_for_failure(make.outcome(answerable, citations=(make.citation(0, 100),))) == (
        "not, or not only, the words of those asked for",
    )
    assert measures.reasons_for_failure(make.outcome(one)) == ("refused, though the report says",)
    assert measures.reasons_for_failure(make.outcome(make.case(), citations=(right,))) == (
        "answered, though the report does not say",
    )
    assert measures.reasons_for_failure(make.outcome(one, error="no")) == ("ended in an error",)
