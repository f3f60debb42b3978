"""What single questions and whole runs are worth, against numbers worked out by hand."""

import pytest

from assistant.quoting.cite import make_citation
from corpus.errors import UnknownName
from corpus.load import load_library
from corpus.schema import Kind
from eval import judge
from eval.measures import MEASURES, chosen_measures
from eval.rank import RANK_MEASURES
from eval.schema import Fingerprint, Outcome, Started

STARTED = Started(
    name="mine",
    created="2026-01-01T00:00:00+00:00",
    version="0",
    source="mine.jsonl",
    fingerprint=Fingerprint(cases_sha256="a", corpus_sha256="b", config_sha256="c"),
    config={},
)


def judged(*outcomes):
    return judge.judge(outcomes, load_library().documents)


def summary(*outcomes):
    return judge.summarise(judged(*outcomes), STARTED)


# --- the answer


def test_only_the_first_six_citations_count(make):
    case = make.case([(90, 95)])
    early = [make.citation(start, start + 5) for start in (0, 10, 20, 30, 40)]
    evidence = make.citation(90, 95)
    assert judge.is_supported(case, [*early, evidence])
    assert not judge.is_supported(case, [make.citation(50, 55), *early, evidence])
    [row] = judged(make.outcome(case, citations=(make.citation(50, 55), *early, evidence)))
    assert (row.measures["evidence_shown"], row.measures["citation_recall"]) == (0, 0)


def test_an_unanswerable_case_is_never_supported(make):
    assert not judge.is_supported(make.case(), [make.citation(0, 100)])


def test_verbatim_only_if_every_character_is(make):
    [document] = load_library().documents
    passage = next(passage for passage in document.passages if passage.kind is Kind.INTERVIEW and "not" in passage.text)
    true = make_citation(1, passage, document)
    by_id = {document.id: document}
    assert judge.is_verbatim(true, by_id)
    for change in (
        {"quoted_text": true.quoted_text.replace("not", "", 1)},
        {"quoted_text": true.quoted_text + " "},
        {"speaker": "Academic Researcher 99"},
        {"start": true.start + 1},
        {"document_id": "elsewhere"},
    ):
        assert not judge.is_verbatim(true.model_copy(update=change), by_id), change
    [row] = judged(make.outcome(make.case([(0, 5)]), citations=(true, make.citation(0, 5), make.citation(5, 9), true)))
    assert row.measures["verbatim"] == 0.5  # document "d" is not in the library


def test_right_voice(make):
    partner = make.citation(0, 5, speaker="Public partner B", role="public")
    other = make.citation(10, 15, speaker="Public partner C", role="public")
    academic = make.citation(20, 25, speaker="Academic Researcher 1", role="academic")
    report = make.citation(30, 35)
    by_speaker, by_role = make.case([(0, 5)], speaker="Public partner B"), make.case([(0, 5)], role="public")
    assert judge.is_right_voice(by_speaker, [partner, report])  # the authors' own words are nobody's quote
    assert not judge.is_right_voice(by_speaker, [partner, other])
    assert not judge.is_right_voice(by_speaker, [report])
    assert not judge.is_right_voice(by_speaker, [])
    assert judge.is_right_voice(by_role, [partner, other])
    assert not judge.is_right_voice(by_role, [partner, academic])


@pytest.mark.parametrize(
    ("wanted", "right"), [("B.1", 1), ("Part B", 1), ("B", 0), ("B.2", 0), ("B.11", 0), ("B.4", 0), ("Part A", 0)]
)
def test_the_section_is_right_if_some_citation_stands_in_it(make, wanted, right):
    """Citations of the makers stand in B.1 of the document d, which is in Part B there."""
    [document] = load_library().documents
    outcome = make.outcome(make.case([(0, 5)], section=wanted), citations=(make.citation(0, 5),))
    [row] = judge.judge([outcome], [document.model_copy(update={"id": "d"})])
    assert row.measures["section"] == right


@pytest.mark.parametrize(("wanted", "right"), [("B.1", 1), ("Part B", 0), ("B.2", 0)])
def test_of_a_document_that_is_not_here_only_the_section_itself_is_known(make, wanted, right):
    [row] = judged(make.outcome(make.case([(0, 5)], section=wanted), citations=(make.citation(0, 5),)))
    assert row.measures["section"] == right


# --- single questions


def test_measures_of_evidence_apply_to_answerable_questions_only(make):
    [yes, no] = judged(make.outcome(make.case([(0, 5)], id="a")), make.outcome(make.case(id="u")))
    shown = {"evidence_shown", "first_citation", "citation_precision"}
    evidence = {*RANK_MEASURES, "recall@1", "span_iou@5", *shown, "answerable_refused"}
    assert all(yes.measures[name] is not None for name in evidence)
    assert all(no.measures[name] is None for name in evidence)
    assert yes.measures["speaker"] is yes.measures["section"] is yes.measures["verbatim"] is None
    assert list(yes.measures) == [name for name, measure in MEASURES.items() if measure.per_question]


@pytest.mark.parametrize("error", [None, "the lamp broke"])
def test_a_question_without_an_answer_has_the_worst_of_every_measure_that_applies(make, error):
    case = make.case([(0, 5)], speaker="Public partner B", section="B.1")
    [row] = judged(Outcome(case=case, answer=None, error=error))
    assert row.status == ("missing" if error is None else "error")
    assert (row.has_answer, row.refused, row.supported, row.confidence, row.latency_ms) == (
        False,
        False,
        False,
        0,
        None,
    )
    for name, value in row.measures.items():
        if name in ("verbatim", "citations", "words", "over_300"):
            assert value is None  # nothing was cited
        else:
            assert value == (0 if MEASURES[name].higher_is_better is not False else 1), name


def test_measures_of_one_question_by_hand(make):
    """Evidence (10, 20) and (90, 95). Hits: (40, 80), (0, 40). One citation: (5, 20)."""
    case = make.case([(10, 20)], [(90, 95)], section="B.1")
    [row] = judged(
        make.outcome(
            case,
            hits=(make.hit(40, 80, 1), make.hit(0, 40, 2)),
            citations=(make.citation(5, 20, words="one two three"),),
            confidence=0.65,
            latency_ms=20,
        ).model_copy(update={"leakage": 0.25})
    )
    assert (row.status, row.supported, row.refused, row.words, row.latency_ms) == ("answered", True, False, 3, 20)
    expected = {
        "recall@1": 0,
        "recall@5": 0.5,
        "recall@10": 0.5,
        "span_recall@5": 10 / 15,
        "span_precision@5": 10 / 80,
        "span_iou@5": 10 / 85,
        "evidence_shown": 0.5,
        "first_citation": 1,
        "citation_precision": 10 / 15,
        "citation_recall": 10 / 15,
        "verbatim": 0,  # the library has no document "d"
        "section": 1,
        "filter_leakage": 0.25,
        "answerable_refused": 0,
        "citations": 1,
        "words": 3,
        "over_300": 0,
    }
    assert {name: row.measures[name] for name in expected} == pytest.approx(expected)


def test_only_what_is_shown_of_a_citation_is_judged(make):
    cited = make.citation(0, 40, words="aaaa bbbb cccc dddd eeee ffff gggg hhhh ")
    part = cited.model_copy(update={"answer_span": (10, 20)})
    cases = [make.case([span], id=f"{span}") for span in ((10, 20), (20, 30))]
    shown, folded = judged(*(make.outcome(case, citations=(part,)) for case in cases))
    names = ("evidence_shown", "first_citation", "citation_precision", "citation_recall")
    assert [shown.measures[name] for name in names] == [1, 1, 1, 1]
    assert [folded.measures[name] for name in names] == [0, 0, 0, 0]
    assert (shown.supported, folded.supported, shown.words) == (True, False, 2)


def test_the_first_citation_counts_for_itself(make):
    [row] = judged(make.outcome(make.case([(0, 5)]), citations=(make.citation(50, 60), make.citation(0, 5))))
    assert (row.measures["evidence_shown"], row.measures["first_citation"], row.measures["citations"]) == (1, 0, 2)


# --- whole runs


def test_summary_by_hand(make):
    """Two answerable cases, two unanswerable ones, one error, one missing; each number is worked out beside it."""
    right = make.outcome(
        make.case([(10, 20)], id="a1"),
        hits=(make.hit(0, 40),),
        citations=(make.citation(10, 25, words="one two three"),),
        confidence=0.85,
        latency_ms=10,
    )
    half = make.outcome(
        make.case([(10, 20)], [(90, 95)], id="a2", role="public"),
        hits=(make.hit(40, 80, 1), make.hit(0, 40, 2)),
        citations=(make.citation(5, 20, words="word " * 301, speaker="Public partner B", role="public"),),
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
    missing = Outcome(case=make.case(id="u3", kind="unanswerable"), answer=None)
    found = summary(right, half, refused, wrong, broken, missing)

    assert (found.cases, found.answerable, found.errors, found.missing) == (6, 3, 1, 1)
    assert found.kind_sizes == {"factual": 3, "unanswerable": 3}
    assert found.latency_ms == pytest.approx({"p50": 25, "p95": 38.5, "p99": 39.7})  # of 10, 20, 30, 40
    measures = found.measures
    assert measures["recall@1"] == pytest.approx((1 + 0 + 0) / 3)
    assert measures["recall@5"] == measures["recall@10"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert measures["evidence_shown"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert measures["nDCG@10"] == 0  # the library has no document "d"
    assert measures["verbatim"] == 0
    assert measures["speaker"] == 0.5  # a2 is right, a3 shows nothing
    assert measures["filter_leakage"] == 1  # a2's was not measured; a3 has no answer
    assert measures["answerable_refused"] == pytest.approx(1 / 3)  # the error
    assert measures["refusal_precision"] == pytest.approx(1 / 3)  # u1; the error and the missing one count as wrong
    assert measures["refusal_recall"] == pytest.approx(1 / 3)  # u1 of u1, u2, u3
    assert measures["AUROC"] == pytest.approx(3 / 9)  # 0.85 beats u1 and u2, 0.65 beats u1; a3 and u3 lose all
    # Each answer has a bin of its own: |0.85-1|, |0.65-1|, 0.15, 0.75; the error and the missing one have 1 each.
    assert measures["ECE"] == pytest.approx((0.15 + 0.35 + 0.15 + 0.75 + 1 + 1) / 6)
    assert measures["words"] == pytest.approx((3 + 301 + 5) / 3)
    assert measures["over_300"] == pytest.approx(1 / 3)
    assert measures["latency_p95"] == pytest.approx(38.5)
    assert sum(one.count for one in found.reliability) == 4
    assert found.kinds["unanswerable"]["refusal_recall"] == pytest.approx(1 / 3)
    assert found.kinds["unanswerable"]["recall@1"] is None
    assert list(measures) == list(MEASURES)


def test_none_where_there_is_nothing_to_judge(make):
    measures = summary(make.outcome(make.case())).measures
    assert measures["recall@1"] is measures["nDCG@10"] is measures["verbatim"] is measures["speaker"] is None
    assert measures["words"] is measures["AUROC"] is measures["answerable_refused"] is None
    assert measures["refusal_recall"] == 1


def test_dropping_questions_never_helps(make):
    """Whatever a question was worth, without its answer no measure is better."""
    outcomes = [
        make.outcome(make.case([(0, 5)], id="a"), citations=(make.citation(0, 5),), confidence=0.6),
        make.outcome(make.case([(0, 5)], id="b"), confidence=0.4),
        make.outcome(make.case(id="u"), confidence=0.5),
        make.outcome(make.case(id="v"), citations=(make.citation(0, 5),), confidence=0.7),
    ]
    whole = summary(*outcomes).measures
    for dropped in range(len(outcomes)):
        left = list(outcomes)
        left[dropped] = Outcome(case=outcomes[dropped].case, answer=None)
        found = summary(*left).measures
        for name, value in whole.items():
            better = MEASURES[name].higher_is_better
            if better is None or value is None or name in ("verbatim", "over_300") or name.startswith("latency"):
                continue
            assert (found[name] <= value) if better else (found[name] >= value), (name, dropped)


def test_an_answer_of_exactly_300_words_is_not_over(make):
    [row] = judged(make.outcome(make.case([(0, 5)]), citations=(make.citation(0, 5, words="w " * 300),)))
    assert row.measures["over_300"] == 0


def test_a_summary_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one question"):
        judge.summarise((), STARTED)


def test_reasons_for_failure(make):
    right = make.citation(10, 20, speaker="Public partner B", role="public")
    answerable = make.case([(10, 20)], [(90, 95)], role="public")
    one = make.case([(10, 20)])
    reasons = judge.reasons_for_failure
    assert reasons(make.outcome(one, citations=(right,))) == ()
    assert reasons(make.outcome(make.case())) == ()
    assert reasons(make.outcome(answerable, citations=(right,))) == ("1 of 2 pieces of evidence shown",)
    assert reasons(make.outcome(answerable, citations=(make.citation(0, 100),))) == (
        "not, or not only, the words of those asked for",
    )
    assert reasons(make.outcome(one)) == ("refused, though the report says",)
    assert reasons(make.outcome(make.case(), citations=(right,))) == ("answered, though the documents do not say",)
    assert reasons(make.outcome(one, error="no")) == ("ended in an error",)
    assert reasons(Outcome(case=one, answer=None)) == ("is missing from the run",)
    leaky = make.outcome(one, citations=(right,)).model_copy(update={"leakage": 0.1})
    assert reasons(leaky) == ("filters let through what they forbid",)


# --- the list of measures


def test_measures_are_found_by_name_and_unknown_ones_list_the_known():
    assert [measure.name for measure in chosen_measures(" ndcg@10,Recall@5")] == ["nDCG@10", "recall@5"]
    assert [measure.name for measure in chosen_measures("R@5")] == ["R@5"]
    assert len(chosen_measures(None)) == len(MEASURES)
    with pytest.raises(UnknownName, match=r"no measure 'F1'\. There are: recall@1, recall@5, .*latency_p99"):
        chosen_measures("AP,F1")


def test_each_measure_has_a_label_of_its_own_and_writes_its_values():
    assert len({measure.label for measure in MEASURES.values()}) == len(MEASURES)
    assert MEASURES["recall@5"].show(0.95) == "95.0%"
    assert MEASURES["nDCG@10"].show(None) == "–"
    assert MEASURES["latency_p50"].show(12.34) == "12.3 ms"
