"""How well questions are read is counted right, on a writer that nothing was learned from; each act is told well."""

import json
from collections import Counter

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant.reading.intents import IntentModel, Slot, load_intents
from assistant.serving.terminal.cli import app
from corpus.errors import CoproduceError, UnknownName
from eval.cases import load_cases, split_path
from eval.fit_reading import _best_threshold
from eval.lint import normalise
from eval.reading import FOLDER, HELD_OUT, LEARNED_FROM, Example, IntentScore, Seen, load_examples, score

WRITERS = sorted(path.stem.removeprefix("writer-") for path in FOLDER.glob("writer-*.jsonl"))


@pytest.fixture
def reading(assistant_built):
    def reading(*arguments):
        data_dir = str(assistant_built.settings.data_dir)
        return CliRunner().invoke(app, ["eval", "reading", *arguments, "--data-dir", data_dir])

    return reading


# --- scores


def test_precision_and_recall_are_shares_of_those_told_and_wanted():
    one = IntentScore("act", "greets", wanted=4, told=5, right=3)
    assert (one.precision, one.recall) == (0.6, 0.75)
    assert IntentScore("act", "greets", wanted=4, told=0, right=0).precision is None
    assert IntentScore("act", "greets", wanted=0, told=5, right=0).recall is None


def slot(*names):
    """A slot that reads an intent's margin off the place of its name."""
    nothing = np.zeros(len(names), dtype=np.float32)
    return Slot(names, np.eye(len(names), dtype=np.float32), nothing, nothing)


def seen(slot, margins, *intents):
    return Seen(Example(slot=slot, text="x"), np.array(margins, dtype=np.float32), (), frozenset(intents))


def test_one_act_and_leaning_is_told_and_every_form_and_voice_above_its_threshold():
    slots = {
        "act": slot("asks", "greets"),
        "form": slot("count", "short"),
        "lean": slot("more", "new"),
        "voice": slot("asked"),
    }
    examples = [
        seen("act", [2, 1], "asks"),
        seen("act", [-2, -1], "asks"),  # greets is nearer, though below its threshold
        seen("act", [0, 1], "greets"),
        seen("form", [1, 1], "count"),
        seen("form", [-1, -1], "short"),
        seen("form", [1, 1], "count", "short"),
        seen("lean", [1, 0], "new"),
        seen("voice", [1], "asked"),
        seen("voice", [-1]),
        seen("voice", [1]),
    ]
    found = score(IntentModel(slots, uses_vectors=False), examples)
    assert [(one.slot, one.intent, one.wanted, one.told, one.right) for one in found] == [
        ("act", "asks", 2, 1, 1),
        ("act", "greets", 1, 2, 1),
        ("form", "count", 2, 2, 2),
        ("form", "short", 2, 2, 1),
        ("lean", "more", 0, 1, 0),
        ("lean", "new", 1, 0, 0),
        ("voice", "asked", 1, 2, 1),
    ]


# --- thresholds


def threshold(odds, labels, shares):
    return _best_threshold(np.array(odds, dtype=float), np.array(labels, dtype=bool), np.array(shares, dtype=float))


def test_the_threshold_stands_where_f1_is_best():
    # The first n by their odds, 3 2 1 0, hold 1 1 2 2 of both that are right: F1 is 2/3, 2/4, 4/5, 4/6.
    assert threshold([0, 3, 1, 2], [False, True, True, False], [1, 1, 1, 1]) == 0.5
    # A wrong one that weighs four, and a right one that weighs a half: F1 is 2/2.5, 2/6.5, 3/7, 3/8.
    assert threshold([0, 3, 1, 2], [False, True, True, False], [1, 1, 0.5, 4]) == 2.5
    # All are right: F1 is 2/3, then 4/4, and nothing follows.
    assert threshold([1, 2], [True, True], [1, 1]) == 1


# --- examples


def test_the_held_out_writer_is_not_learned_from_and_shares_no_text_with_those_that_are():
    assert HELD_OUT not in LEARNED_FROM
    assert sorted([*LEARNED_FROM, HELD_OUT]) == WRITERS
    learned = {normalise(one.text) for writer in LEARNED_FROM for one in load_examples(writer)}
    shared = {one.text for one in load_examples(HELD_OUT) if normalise(one.text) in learned}
    assert not shared, f"{len(shared)} texts of writer {HELD_OUT} are learned from as well: {sorted(shared)}"


def test_every_intent_has_at_least_sixty_examples():
    examples = [one for writer in WRITERS for one in load_examples(writer) if one.slot in ("act", "form", "lean")]
    counts = Counter((one.slot, name) for one in examples for name in {one.intent, *one.intents} - {None})
    learned = load_intents().with_vectors.slots
    assert set(counts) == {(slot, name) for slot in ("act", "form", "lean") for name in learned[slot].names}
    assert {pair: count for pair, count in counts.items() if count < 60} == {}


# --- the command


def test_every_act_of_the_held_out_writer_is_told_well(reading):
    result = reading("--json")
    assert result.exit_code == 0, result.output
    acts = {row["intent"]: row for row in json.loads(result.stdout) if row["slot"] == "act"}
    assert set(acts) == set(load_intents().with_vectors.slots["act"].names)
    wanted = Counter(one.intent for one in load_examples(HELD_OUT) if one.slot == "act")
    assert {name: row["wanted"] for name, row in acts.items()} == wanted
    shares = {name: (row["precision"], row["recall"]) for name, row in acts.items()}
    assert {name: pair for name, pair in shares.items() if min(pair) < 0.8} == {}  # writer k is far from the others


def test_whole_questions_are_scored_in_their_conversations(reading):
    """Each case is read once: its act is wanted of every case, whose words of those that ask and are taken to."""
    result = reading("--split", "people_test", "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    cases = load_cases(split_path("people_test"))
    wanted = {slot: sum(row["wanted"] for row in rows if row["slot"] == slot) for slot in ("act", "speaker", "lean")}
    [asks] = [row for row in rows if (row["slot"], row["intent"]) == ("act", "asks")]
    assert {row["intent"]: row["wanted"] for row in rows if row["slot"] == "act"} == Counter(case.act for case in cases)
    assert (wanted["act"], wanted["speaker"]) == (len(cases), asks["right"])
    assert 0 < wanted["lean"] <= sum(case.act == "asks" and bool(case.lean and case.history) for case in cases)


def test_people_see_a_table_and_what_does_not_fit_is_refused(reading):
    shown = reading("--writer", LEARNED_FROM[-1])
    assert shown.exit_code == 0, shown.output
    assert all(word in shown.stdout for word in ("precision", "recall", "about_tool", "points_back", "asked"))
    unknown = reading("--writer", "z")
    assert isinstance(unknown.exception, UnknownName)
    assert f"There are: {', '.join(WRITERS)}." in str(unknown.exception)
    both = reading("--writer", HELD_OUT, "--split", "people_dev")
    assert isinstance(both.exception, CoproduceError)
    assert "not both" in str(both.exception)
