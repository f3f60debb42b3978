"""Runs are compared question by question, by numbers worked out by hand, and never with runs of something else."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from corpus.errors import CoproduceError
from eval import whole
from eval.changes import gain_of
from eval.compare import compare_runs
from eval.compare_report import show_comparison
from eval.confidence import corpus_measures
from eval.measures import MEASURES
from eval.page import render_page
from eval.paired import RunsDiffer, complete, paired_values
from eval.sweep_file import Configuration
from eval.verdict import judge_pair
from eval.wording import CHANGES, VERDICTS, interval_of, p_of, say_cut, signed


@pytest.fixture
def two(make):
    """Runs of so many questions: in the first every evidence is hit 2, in the second the first so many are hit 1."""

    def two(questions, better, name="second"):
        cases = [make.case([(0, 5)], id=f"q{number:03}") for number in range(questions)]
        wrong, right = make.hit(50, 60), make.hit(0, 10)
        before = [make.outcome(case, hits=(wrong, right)) for case in cases]
        after = [make.outcome(case, hits=(right, wrong)) for case in cases[:better]] + before[better:]
        return make.run(*before, name="first"), make.run(*after, name=name)

    return two


def found(comparison, name, pair=0):
    [one] = [one for one in comparison.pairs[pair].measures if one.name == name]
    return one


def printed(comparison, **options):
    console = Console(width=100)
    with console.capture() as capture:
        show_comparison(console, comparison, **options)
    return capture.get()


def test_a_clear_win_by_hand(two):
    """9 of 10 questions won: 9 + 1 zero, so p = 2/2⁹. What was decided on is not corrected."""
    comparison = compare_runs(two(10, 9), by=MEASURES["recall@1"])
    one = found(comparison, "recall@1")
    assert (one.first, one.second, one.difference) == (0, 0.9, 0.9)
    assert (one.wins, one.losses, one.ties, one.verdict) == (9, 0, 1, "better")
    assert one.p == pytest.approx(2 / 2**9)
    assert one.p_holm == one.p
    assert one.interval[0] > 0
    assert found(comparison, "recall@5").verdict == "same"
    pair = comparison.pairs[0]
    assert (pair.won, pair.lost, pair.level) == (tuple(f"q{number:03}" for number in range(9)), (), ("q009",))
    assert pair.words[0].startswith("Better by recall@1: 0.0% before, 90.0% after; +90.0%, 95% interval ")
    assert "By recall@1, of 10 questions 0 were lost, 9 won and 1 level. Won: q000, " in pair.words[1]


def test_families_are_counted_not_measures_that_are_the_same_thing(make):
    """recall@1 and all that goes with it is won by 8 questions, and cited evidence by one: two families.

    Within the first, every measure is won by the same questions, so p is that of one: 2/2⁸, for two families twice
    that. Counted one by one, as eight measures and four, it would be 12 · 2/2⁸ and not believed.
    """
    cases = [make.case([(0, 5)], id=f"q{number}") for number in range(10)]
    right, wrong, other = make.hit(0, 10), make.hit(50, 60), make.citation(50, 60)
    before = [make.outcome(case, hits=(wrong,) * 11 + (right,), citations=(other,)) for case in cases]
    after = [make.outcome(case, hits=(right, wrong), citations=(make.citation(0, 5),)) for case in cases[:1]]
    after += [make.outcome(case, hits=(right, wrong), citations=(other,)) for case in cases[1:8]]
    comparison = compare_runs([make.run(*before), make.run(*after, *before[8:])], by=MEASURES["ECE"])
    one = found(comparison, "recall@1")
    assert one.p == pytest.approx(2 / 2**8)
    assert one.p_holm == pytest.approx(2 * 2 / 2**8, rel=0.4)  # by signs that were drawn
    assert one.verdict == found(comparison, "recall@10").verdict == "better"
    assert found(comparison, "evidence_shown").verdict == "could be chance"
    assert found(comparison, "answerable_refused").p_holm == 1


def test_the_table_fits_a_terminal_of_80_columns(two):
    console = Console(width=80)
    with console.capture() as capture:
        show_comparison(console, compare_runs(two(40, 1), by=MEASURES["recall@1"]), questions=0)
    rows = [line for line in capture.get().splitlines() if line.strip().startswith("recall@1 ")]
    assert [row.split()[-1] for row in rows] == ["few"]
    assert "…" not in capture.get()


def test_many_wins_are_better_and_turned_round_they_are_worse(two):
    first, second = two(40, 30)
    one, other = found(compare_runs([first, second]), "recall@1"), found(compare_runs([second, first]), "recall@1")
    assert (one.verdict, other.verdict) == ("better", "worse")
    assert other.difference == -one.difference
    assert (other.wins, other.losses) == (one.losses, one.wins)
    assert other.p == one.p
    assert other.interval == pytest.approx([-end for end in reversed(one.interval)], abs=0.03)


def test_too_few_to_tell_says_how_many_would_do(two):
    """Four of 115 lost and none won: p = 2/2⁴. Six must be lost to be believed, and are in 4 of 5 tries of 227."""
    better, worse = two(115, 4)[::-1]
    comparison = compare_runs([better, worse], by=MEASURES["recall@1"])
    one = found(comparison, "recall@1")
    assert (one.verdict, one.p) == ("too few questions", pytest.approx(2 / 16))
    assert one.needed == pytest.approx(227, abs=4)
    assert "about 230 questions would do; there are 115." in comparison.pairs[0].words[0]
    assert "about 230 questions would do" in " ".join(printed(comparison).split())


@pytest.mark.parametrize(("lost", "p", "verdict"), [(8, 2 / 2**8, "worse"), (6, 2 / 2**6, "worse")])
def test_what_was_decided_on_is_tested_at_five_per_cent(two, lost, p, verdict):
    one = found(compare_runs(two(115, lost)[::-1], by=MEASURES["recall@1"]), "recall@1")
    assert (one.p_holm, one.level, one.verdict) == (pytest.approx(p), 0.05, verdict)


def test_two_questions_of_two_are_not_believed(two):
    """The interval of two equal differences is a point, and does not hold zero; p knows better."""
    one = found(compare_runs(two(2, 2), by=MEASURES["recall@1"]), "recall@1")
    assert one.interval == (1, 1)
    assert one.verdict == "too few questions"
    assert one.needed == 6


def test_a_run_compared_with_itself_is_the_same(two):
    first, _ = two(12, 3)
    comparison = compare_runs([first, first])
    assert {one.verdict for one in comparison.pairs[0].measures} <= {"same", "not judged"}
    assert comparison.pairs[0].changed == ()
    assert (comparison.baseline, comparison.pairs[0].name) == ("first (1)", "first (2)")
    assert comparison.pairs[0].words[0].startswith("The same by recall@5: ")
    assert "No question changed by any measure." in printed(comparison)


def test_the_same_runs_give_the_same_comparison(two):
    runs = two(30, 11)
    assert compare_runs(runs) == compare_runs(runs)


def test_less_is_better_where_a_measure_says_so(make):
    cases = [make.case([(0, 5)], id=f"q{number}") for number in range(10)]
    answered = [make.outcome(case, citations=(make.citation(0, 5),)) for case in cases]
    refused = [make.outcome(case) for case in cases]
    one = found(compare_runs([make.run(*answered), make.run(*refused)]), "answerable_refused")
    assert (one.difference, one.wins, one.losses, one.verdict) == (1, 0, 10, "worse")


def test_a_measure_is_compared_over_questions_that_have_it_in_both(make):
    """Of three questions two are refused in one run or the other: only the third was quoted from in both."""
    cases = [make.case([(0, 5)], id=one) for one in "abc"]
    shown = [make.outcome(case, citations=(make.citation(0, 5, words="one two"),)) for case in cases]
    longer = make.outcome(cases[2], citations=(make.citation(0, 5, words="one two three"),))
    first = make.run(make.outcome(cases[0]), shown[1], shown[2])
    second = make.run(shown[0], make.outcome(cases[1]), longer)
    one = found(compare_runs([first, second]), "words")
    assert (one.questions, one.first, one.second, one.verdict) == (1, 2, 3, "not judged")
    assert one.wins is None


def test_a_question_that_a_run_does_not_hold_is_the_worst_there(two):
    first, _ = two(10, 0)
    short = first.model_copy(update={"rows": first.rows[:7]})
    whole_run = complete(short)
    assert [row.status for row in whole_run.rows[7:]] == ["missing"] * 3
    assert whole_run.summary.missing == 3
    assert whole_run.summary.measures["recall@5"] == pytest.approx(0.7)
    comparison = compare_runs([first, short])
    assert found(comparison, "recall@5").difference == pytest.approx(-0.3)
    assert found(comparison, "answerable_refused").second >= found(comparison, "answerable_refused").first
    assert comparison.pairs[0].lost == ("q007", "q008", "q009")
    lost = [one for one in comparison.pairs[0].changed if one.second.status == "missing"]
    assert [one.case_id for one in lost] == ["q007", "q008", "q009"]
    assert all(one.change == "worse" for one in lost)


def test_what_a_run_did_not_measure_is_not_compared(make):
    """A ranking from elsewhere says nothing of refusing: it did not answer what should be refused."""
    cases = [make.case([(0, 5)], id="a"), make.case([(0, 5)], id="b"), make.case(id="u"), make.case(id="v")]
    ours = make.run(*(make.outcome(case, hits=(make.hit(0, 10),)) for case in cases))
    shown = [make.outcome(case, hits=(make.hit(0, 10),), citations=(make.citation(0, 5),)) for case in cases]
    theirs = make.run(*shown)
    silent = dict.fromkeys(whole.COMPUTE)
    summary = theirs.summary.model_copy(update={"measures": {**theirs.summary.measures, **silent}})
    both = compare_runs([ours, theirs]).pairs[0]
    assert {"AUROC", "refusal_recall"} <= {one.name for one in both.measures}
    assert {"u", "v"} <= {one.case_id for one in both.changed}
    pair = compare_runs([ours, theirs.model_copy(update={"summary": summary})]).pairs[0]
    assert not set(whole.COMPUTE) & {one.name for one in pair.measures}
    assert not {"u", "v"} & {one.case_id for one in pair.changed}
    assert "recall@1" in {one.name for one in pair.measures}


def test_dropping_questions_never_pays(two):
    first, _ = two(10, 0)
    short = first.model_copy(update={"rows": first.rows[:7]})
    for one in compare_runs([first, short]).pairs[0].measures:
        if MEASURES[one.name].higher_is_better is not None and not one.name.startswith("latency"):
            assert gain_of(one.name, one.first, one.second) <= 0, one.name


def test_changed_questions_are_side_by_side_with_what_was_lost_first(make):
    cases = [make.case([(0, 5)], id="won"), make.case([(0, 5)], id="lost"), make.case(id="lured", kind="unanswerable")]
    right, wrong = make.hit(0, 10), make.hit(50, 60)
    first = make.run(
        make.outcome(cases[0], hits=(wrong,)),
        make.outcome(cases[1], hits=(right,), citations=(make.citation(0, 10, words="the very words"),)),
        make.outcome(cases[2]),
        name="before",
    )
    second = make.run(
        make.outcome(cases[0], hits=(right,), citations=(make.citation(0, 10),)),
        make.outcome(cases[1], hits=(wrong,), citations=(make.citation(50, 60, words="\x1b[31mother words"),)),
        make.outcome(cases[2], hits=(wrong,), citations=(make.citation(50, 60),)),
        name="after",
    )
    comparison = compare_runs([first, second])
    changed = comparison.pairs[0].changed
    assert [(one.case_id, one.change) for one in changed] == [("lost", "worse"), ("lured", "worse"), ("won", "better")]
    assert changed[0].first.citations[0].holds_evidence
    assert not changed[0].second.citations[0].holds_evidence
    assert changed[1].measures["refused"] == (1, 0)
    text = printed(comparison)
    assert "✓ 1. B.1" in text
    assert "the very words" in text
    assert "other words" in text
    assert "\x1b[31m" not in text
    assert "changed by some measure: 3 (2 lost, 1 won)." in text
    assert "1 of the 3 questions that changed are shown" in printed(comparison, questions=1)


def test_more_than_two_runs_are_each_compared_with_the_first_and_corrected_for_how_many(two):
    """Two that changed, and one that did not, which was not tested: 7 of 20 won, 2/2⁷ each, twice that for two."""
    first, second = two(20, 7)
    comparison = compare_runs([first, first, second, second], by=MEASURES["recall@1"])
    assert [pair.name for pair in comparison.pairs] == ["first (2)", "second (1)", "second (2)"]
    assert found(comparison, "recall@1", 0).verdict == "same"
    for pair in (1, 2):
        one = found(comparison, "recall@1", pair)
        assert (one.p, one.p_holm, one.verdict) == (pytest.approx(2 / 2**7), pytest.approx(4 / 2**7), "better")
    assert "p = 0.031, corrected for 2 runs." in comparison.pairs[1].words[0]
    assert "corrected for how many they are" in " ".join(printed(comparison).split())


@pytest.mark.parametrize("name", ["words", "latency_p50"])
def test_what_does_not_say_better_cannot_decide(two, name):
    with pytest.raises(CoproduceError, match=f"{name} says what is more, not what is better"):
        compare_runs(two(3, 1), by=MEASURES[name])


@pytest.mark.parametrize("field", ["cases_sha256", "corpus_sha256"])
def test_runs_of_other_cases_or_documents_are_refused(two, field):
    first, second = two(3, 1)
    fingerprint = second.summary.fingerprint.model_copy(update={field: "f" * 64})
    other = second.model_copy(update={"summary": second.summary.model_copy(update={"fingerprint": fingerprint})})
    with pytest.raises(RunsDiffer, match=r"not made from the same (cases|documents): .* ffffffffffff") as caught:
        compare_runs([first, other])
    assert "'first'" in str(caught.value)
    assert "'second'" in str(caught.value)
    assert caught.value.exit_code == 2


def test_other_settings_are_what_comparing_is_for(two):
    first, second = two(3, 1)
    fingerprint = second.summary.fingerprint.model_copy(update={"config_sha256": "f" * 64})
    compare_runs(
        [first, second.model_copy(update={"summary": second.summary.model_copy(update={"fingerprint": fingerprint})})]
    )


def test_it_is_said_what_differs_between_runs(two):
    first, second = two(3, 1)

    def made_with(run, **config):
        return run.model_copy(update={"summary": run.summary.model_copy(update={"config": config})})

    one = made_with(first, hits=10, code_sha256="a" * 64, model="m")
    other = made_with(second, hits=5, code_sha256="b" * 64, model="m", citations=None, extra=True)
    comparison = compare_runs([one, other])
    assert comparison.pairs[0].settings == {"hits": (10, 5), "code_sha256": ("a" * 64, "b" * 64), "extra": (None, True)}
    swept = made_with(other, **one.summary.config, **Configuration(name="x", chunk_tokens=64).described)
    assert compare_runs([one, swept]).pairs[0].settings == {"chunk_tokens": (None, 64)}
    theirs = [made_with(first, imported=name) for name in ("a.run", "b.run")]
    assert compare_runs([one, theirs[0]]).pairs[0].settings == {"imported": (None, "a.run")}
    assert compare_runs(theirs).pairs[0].settings == {"imported": ("a.run", "b.run")}
    text = " ".join(printed(comparison).split())
    assert "between first and second: hits 10 → 5, code_sha256 aaaaaaaa → bbbbbbbb, extra none → True." in text
    assert "nothing: the same settings" in printed(compare_runs([one, one]))


def test_fewer_than_two_runs_are_refused(two):
    with pytest.raises(RunsDiffer, match="found one run to compare; expected two"):
        compare_runs(two(3, 1)[:1])
    with pytest.raises(RunsDiffer, match="found no run"):
        compare_runs([])


outcomes = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["answered", "refused", "error"]),
        st.sampled_from([0, 0.05, 0.1, 0.3, 0.7, 1]),
        st.booleans(),
        st.integers(1, 90),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(outcomes)
def test_the_fast_measures_of_whole_runs_are_the_readable_ones(make, drawn):
    made = []
    for number, (answerable, what, confidence, right, latency) in enumerate(drawn):
        case = make.case(*([[(0, 5)]] if answerable else []), id=f"q{number:02}")
        citations = (make.citation(0, 10) if right else make.citation(50, 60),) if what == "answered" else ()
        made.append(
            make.outcome(
                case,
                citations=citations,
                confidence=confidence,
                latency_ms=latency,
                error="it broke" if what == "error" else None,
            )
        )
    run = make.run(*made)
    columns = whole.Columns.from_run(run)
    readable = corpus_measures(run.rows)
    assert set(whole.COMPUTE) == {name for name, measure in MEASURES.items() if not measure.per_question}
    for name, compute in whole.COMPUTE.items():
        value = compute(columns, columns.every)
        assert value == (None if readable[name] is None else pytest.approx(readable[name])), name


def test_auroc_is_compared_with_an_interval(make):
    """The second run is sure of the wrong ones: its AUROC is 0, and every draw says so."""
    answerable = [make.case([(0, 5)], id=f"a{number}") for number in range(6)]
    others = [make.case(id=f"u{number}") for number in range(6)]

    def run(high, low, name):
        yes = [make.outcome(case, citations=(make.citation(0, 5),), confidence=high) for case in answerable]
        return make.run(*yes, *(make.outcome(case, confidence=low) for case in others), name=name)

    both = [run(0.9, 0.1, "x"), run(0.1, 0.9, "y")]
    one = found(compare_runs(both, by=MEASURES["AUROC"]), "AUROC")
    assert (one.first, one.second, one.interval, one.verdict) == (1, 0, (-1, -1), "worse")
    # Swapped answers give as much only where every question of a sort is swapped alike: 2/2¹² or so.
    assert one.p == one.p_holm < 0.005
    assert one.wins is None
    assert compare_runs(both, by=MEASURES["AUROC"]).pairs[0].words[0].startswith("Worse by AUROC: 1.000 before, 0.000")


def test_a_small_change_of_a_whole_run_is_too_small_to_tell(make):
    """One of eight unanswerable questions is refused that was not: 0.125, and draws without it show no difference."""
    cases = [make.case(id=f"u{number}") for number in range(8)]
    refused = [make.outcome(case) for case in cases]
    lured = make.outcome(cases[0], citations=(make.citation(0, 5),))
    runs = [make.run(lured, *refused[1:]), make.run(*refused)]
    one = found(compare_runs(runs, by=MEASURES["refusal_recall"]), "refusal_recall")
    assert one.p == 1  # one question: either sign is as far from zero
    assert one.difference == 0.125
    assert one.verdict == "too few questions"
    assert one.needed > 8


def test_paired_values_are_by_case(two):
    first, second = two(3, 1)
    assert paired_values(first, second, MEASURES["recall@1"]) == {"q000": (0, 1), "q001": (0, 0), "q002": (0, 0)}


class Five:
    """A run of sixty questions of which twelve cannot be answered, and five to hold against it."""

    def __init__(self, make):
        self.make = make
        self.cases = [make.case([(0, 5)], id=f"q{number:02}") for number in range(48)]
        self.cases += [make.case(id=f"u{number:02}", kind="unanswerable") for number in range(12)]
        self.before = self.run("before")

    def outcome(self, case, rank, hits=10, latency=10):
        """One whose evidence is found at a rank, and shown if that is first or second; u00 and u01 are answered."""
        lure, make = case.id in ("u00", "u01"), self.make
        found = [
            make.hit(0, 10, rank=at) if at == rank else make.hit(20 * at, 20 * at + 9, rank=at)
            for at in range(1, hits + 1)
        ]
        shown = (make.citation(0, 10),) if case.answerable and rank <= 2 and rank <= hits else (make.citation(50, 60),)
        shown = shown if case.answerable or lure else ()
        return make.outcome(case, hits=tuple(found), citations=shown, confidence=0.9 / rank, latency_ms=latency)

    def run(self, name, rank=lambda number: 1 + number % 7, **options):
        return self.make.run(
            *(self.outcome(case, rank(number), **options) for number, case in enumerate(self.cases)), name=name
        )

    def after(self, what):
        if what == "nothing changed":
            return self.run("after", latency=90)
        if what == "fewer hits":
            return self.run("after", hits=5)
        if what == "other weights":
            return self.run("after", lambda number: 1 + (number * 5 + 3) % 7)
        if what == "eight questions lost":
            return self.run("after", lambda number: 9 if number % 6 == 0 else 1 + number % 7)
        whole_run = self.run("after")
        return whole_run.model_copy(update={"rows": whole_run.rows[:24]})


@pytest.mark.parametrize(
    ("what", "first_words"),
    [
        ("nothing changed", "The same by recall@5"),
        ("fewer hits", "The same by recall@5"),
        ("other weights", "No more than could be chance by recall@5"),
        ("eight questions lost", "Worse by recall@5"),
        ("a cut run", "Worse by recall@5"),
    ],
)
def test_the_page_and_the_comparison_say_the_same_of_a_pair(make, what, first_words):
    """The same words, the same figures, the same questions; and neither judges times."""
    five = Five(make)
    before, after = five.before, five.after(what)
    comparison = compare_runs([before, after])
    [pair] = comparison.pairs
    assert pair.words[0].startswith(first_words)
    page = Text(render_page(after, before)).words
    terminal = " ".join(printed(comparison, questions=100).split())
    for sentence in pair.words:
        assert sentence in page
        assert sentence in terminal
    # The same questions, each with its change: in the page's table, and one after the other in the terminal.
    table = page.partition("before → after")[2].partition("Charts")[0]
    for one in pair.changed:
        assert f"{one.case_id} {one.question} {CHANGES[one.change]} " in table
        assert f"{one.case_id} ({one.kind}), {CHANGES[one.change]}: {one.question}" in terminal
    assert table.count("?") == len(pair.changed)
    assert {*pair.won, *pair.lost} <= {one.case_id for one in pair.changed}
    for found in pair.measures:
        if found.verdict not in ("same", "not judged"):
            figures = (signed(found.name, found.difference), VERDICTS[found.verdict], interval_of(found), p_of(found))
            assert " ".join(figures) in page
    assert all(one.verdict in ("same", "not judged") for one in pair.measures if one.name.startswith("latency"))
    if what == "nothing changed":
        assert (pair.won, pair.lost, pair.changed) == ((), (), ())
        assert "latency p50 90 ms 10 ms +80 ms +80 to +80 ms –" in page
    if what == "fewer hits":
        assert "Lists of hits are cut at 10 before and 5 after: what would come later counts as not found, in" in page


@pytest.mark.parametrize(
    ("config", "hits", "expected"),
    [
        ({"hits": 10}, 6, None),  # six passages are all there are
        ({"hits": 6}, 6, "6: what would come later counts as not found, in recall@10, R@10, nDCG@10, RR@10, AP."),
        ({"hits": 10}, 10, "10: what would come later counts as not found, in AP."),
        ({"imported": "theirs"}, 6, "6: what would come later counts as not found, in recall@10, R@10, nDCG@10"),
        ({"hits": 10, "own_document_left_out": False}, 6, None),  # search in a BEIR folder of six documents
        ({"own_document_left_out": False, "documents": 6}, 6, None),
        ({"own_document_left_out": True, "documents": 7}, 6, None),
        ({"own_document_left_out": False, "documents": 60}, 6, "6: "),
        ({"own_document_left_out": False}, 10, None),  # run.trec has more than the first ten
    ],
)
def test_lists_are_said_to_be_cut_only_where_there_may_be_more(make, config, hits, expected):
    five = Five(make)
    run = five.run("run", hits=hits)
    said = say_cut(run.model_copy(update={"summary": run.summary.model_copy(update={"config": config})}))
    assert (said == ()) if expected is None else said[0].startswith(f"Lists of hits are cut at {expected}")


def test_three_questions_that_all_change_alike_have_no_interval_of_no_width(make):
    cases = [make.case([(0, 5)], id=f"q{number}") for number in range(3)]
    before, after = (make.run(*(make.outcome(one, hits=(make.hit(at, at + 9),)) for one in cases)) for at in (0, 50))
    found = judge_pair(before, after).primary
    assert (found.p, interval_of(found), found.verdict) == (0.25, "–", "too few questions")


def test_only_measures_that_both_runs_have_are_named_as_cut(make):
    """Another system's run has no R@10 and no AP, so these are not what is blind."""
    five = Five(make)
    ours, theirs = five.run("ours"), five.run("theirs", hits=3)
    kept = {name: value for name, value in theirs.summary.measures.items() if name in ("recall@5", "RR@10")}
    theirs = theirs.model_copy(update={"summary": theirs.summary.model_copy(update={"measures": kept})})
    words = "Lists of hits are cut at 10 before and 3 after: what would come later counts as not found, in RR@10, "
    assert say_cut(ours, theirs) == (f"{words}recall@5.",)


class Text(HTMLParser):
    """What a page says, style and script aside."""

    def __init__(self, page):
        super().__init__()
        self._said, self._inside = [], ""
        self.feed(page)
        self.words = " ".join(" ".join(self._said).split())

    def handle_starttag(self, tag, attrs):
        self._inside = tag

    def handle_data(self, data):
        if self._inside not in ("style", "script"):
            self._said.append(data)
