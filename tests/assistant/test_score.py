"""Scores by hand: what each part is, and how they add up, with and without known questions."""

import math

import numpy as np
import pytest

from assistant.finding.score import AROUND, WEIGHTS, WEIGHTS_WITHOUT_QUESTIONS, Scorer, weights_for
from corpus.schema import Chunk, Kind, Passage


def passage(name: str, document: str = "d") -> Passage:
    return Passage(
        id=name,
        document_id=document,
        start=0,
        end=1,
        text="x",
        kind=Kind.REPORT,
        section="1",
        section_title="t",
        path=(),
        lines=(1, 1),
        sentences=((0, 1),),
    )


def chunk(passage_id: str, view: str, document: str = "d") -> Chunk:
    return Chunk.model_validate(
        {
            "id": f"{passage_id} {view}",
            "passage_id": passage_id,
            "document_id": document,
            "start": 0,
            "end": 1,
            "embedded_text": "x",
            "view": view,
        }
    )


def test_each_part_is_what_it_says() -> None:
    views = [
        ("a", "passage"),
        ("a", "sentence"),
        ("a", "sentence"),
        ("a", "question"),
        ("a", "question"),
        ("b", "passage"),
    ]
    scorer = Scorer([passage("a"), passage("b")], tuple(chunk(*view) for view in views))
    cosines = np.array([0.5, 0.2, 0.6, 0.9, 0.7, 0.4], dtype=np.float32)
    parts = scorer.parts(scorer.everything, cosines, np.array([1.0, 0.25], dtype=np.float32))
    assert parts["passage"].tolist() == pytest.approx([0.5, 0.4])
    assert parts["sentence"].tolist() == pytest.approx([0.6, 0.4])  # b has one sentence only
    assert parts["question"].tolist() == pytest.approx([0.9, 0.4])
    crowd = math.log(math.exp(10 * (0.9 - 1)) + math.exp(10 * (0.7 - 1))) / 10
    assert parts["questions"].tolist() == pytest.approx([crowd, 0.4 - 1], abs=1e-5)
    assert parts["words"].tolist() == pytest.approx([1.0, 0.25])
    by_hand = 0.1 * 0.5 + 0.3 * 0.6 + 0.4 * 0.9 + 0.8 * crowd + 0.3 * 1.0
    assert scorer.total(scorer.everything, parts)[0] == pytest.approx(by_hand, abs=1e-5)


def test_a_document_without_questions_is_scored_by_what_stands_around_it() -> None:
    passages = [passage("a"), passage("b"), passage("c", "other")]
    chunks = tuple(chunk(one.id, "passage", one.document_id) for one in passages)
    scorer = Scorer(passages, chunks)
    pool = scorer.everything
    assert not scorer.has_questions(pool).any()
    parts = scorer.parts(pool, np.array([0.8, 0.4, 0.6], dtype=np.float32), np.zeros(3, dtype=np.float32))
    own = [(0.38 + 0.89) * cosine for cosine in (0.8, 0.4, 0.6)]
    assert parts["around"].tolist() == pytest.approx([own[1], own[0], 0], abs=1e-5)  # c stands alone in its document
    assert scorer.total(scorer.everything, parts).tolist() == pytest.approx(
        [own[0] + AROUND * own[1], own[1] + AROUND * own[0], own[2]], abs=1e-5
    )


def test_both_sorts_of_weights_add_up_to_as_much() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(sum(WEIGHTS_WITHOUT_QUESTIONS.values()), abs=0.01)
    assert set(weights_for(True)) == {*WEIGHTS, "boost"}


def test_a_pool_scores_its_passages_as_the_whole_does() -> None:
    passages = [passage(f"p{number}") for number in range(20)]
    chunks = [chunk(one.id, "passage") for one in passages]
    scorer = Scorer(passages, chunks)
    cosines = np.random.default_rng(0).uniform(size=20).astype(np.float32)
    words = np.random.default_rng(1).uniform(size=20).astype(np.float32)
    whole = scorer.total(scorer.everything, scorer.parts(scorer.everything, cosines, words))
    pool = scorer.pool(scorer.with_neighbours(np.array([4, 10])))
    assert pool.passages.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    part = scorer.total(pool, scorer.parts(pool, cosines[pool.chunks], words[pool.passages]))
    assert part[[3, 9]] == pytest.approx(whole[[4, 10]], abs=1e-6)


def test_neighbours_stay_in_their_document() -> None:
    passages = [passage(f"p{number}", "d" if number < 3 else "e") for number in range(6)]
    scorer = Scorer(passages, [chunk(one.id, "passage", one.document_id) for one in passages])
    assert scorer.with_neighbours(np.array([2])).tolist() == [0, 1, 2]
