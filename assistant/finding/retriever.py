"""Find passages: score all of them, keep what may be shown, and measure how well the best cover the question."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.finding.covered import covered_log_odds
from assistant.finding.encoder import Encoder, Vectors
from assistant.finding.index import ChunkIndex, Scores
from assistant.finding.score import WEIGHTS, WEIGHTS_WITHOUT_QUESTIONS, Scorer
from assistant.finding.signals import Signals, measure_contrasts, measure_signals
from assistant.keeping.store import StoredIndex
from assistant.reading.question import ParsedQuery, allows
from assistant.reading.spelling import Speller
from assistant.reading.tokenize import tokenize
from assistant.schema import Hit
from corpus.expand import NotCovered
from corpus.schema import Chunk, Passage

#: Added for a quote of the speaker who is named, of the role or any quote where one is asked for, and where a voice is.
NAMED, QUOTED, VOICED = 1.0, 0.6, 0.3
_VOTERS = 12
_AS_GOOD = 0.2  # of a score
_NEAR = 0.55  # the cosine from which a question may be said to be of the same sort as another,
_SAME = 0.7  # and from which its topic may be named


@dataclass(frozen=True)
class Candidate:
    """A passage with its score, the parts that make it up, and how near each of its sentences is to the question."""

    passage: Passage
    score: float
    parts: dict[str, float]
    has_questions: bool  # whether its document comes with questions that it is known to answer
    sentences: tuple[float, ...]

    def raised_to(self, score: float) -> "Candidate":
        """Give it another score: what is added is shown as part of what was asked for."""
        parts = {**self.parts, "asked for": self.parts["asked for"] + score - self.score}
        return replace(self, score=score, parts=parts)


@dataclass(frozen=True)
class Evidence:
    """Passages, best first, and what tells whether they answer the question: see `answering/confidence.py`."""

    passages: list[Candidate]
    signals: Signals
    parts: tuple[
        tuple[str, "Evidence"], ...
    ] = ()  # what was found for each part of a question that asks several things
    theme: Passage | None = None  # what is nearest whoever speaks, where somebody's words are asked for
    uncovered: NotCovered | None = None  # what the question is nearest to, of what the documents do not cover


class Retriever(Protocol):
    """Finds passages for a question."""

    def search(self, asked: ParsedQuery, limit: int) -> Evidence:
        """Give the best passages, best first, at most `limit` of them."""
        ...


class HybridRetriever:
    """Scores passages by FAISS and BM25 together."""

    def __init__(
        self,
        stored: StoredIndex,
        index: ChunkIndex,
        encoder: Encoder,
        weights: Mapping[str, float] = WEIGHTS,
        weights_without_questions: Mapping[str, float] = WEIGHTS_WITHOUT_QUESTIONS,
    ) -> None:
        self._index = index
        self._encoder = encoder
        self.passages = [passage for document in stored.documents for passage in document.passages]
        self.scorer = Scorer(self.passages, stored.chunks, weights, weights_without_questions)
        self.contested = stored.contested
        self._not_covered: list[NotCovered] = [topic for topic in stored.not_covered for _ in topic.questions]
        self._speakers = np.array([passage.speaker or "" for passage in self.passages])
        self._parts, self._sentence_of = _sentences_of(stored.chunks, self.passages, self.scorer)
        self._first_sentence = np.cumsum([0, *(len(passage.sentences) for passage in self.passages)])

    def search(self, asked: ParsedQuery, limit: int) -> Evidence:
        """Give the best passages, best first, at most `limit` of them; filters and the voice asked for hold."""
        topic = asked.topic or asked.text
        own = asked.own or topic
        embeddings = self._encoder.encode([*asked.rewrites, topic, *([own] if own != topic else [])])
        own_embedding = embeddings[-1:]
        embeddings = embeddings[: len(asked.rewrites) + 1]
        by_variant = [self._index.score_by_meaning(row[None, :]) for row in embeddings]
        cosines = np.max(by_variant[:-1], axis=0)
        words = np.max([self._index.score_by_words(tokenize(variant)) for variant in asked.rewrites], axis=0)
        parts = self.scorer.parts(cosines, words)
        plain = self.scorer.total(parts)
        wanted = self._asked_for(asked)
        score = plain + wanted
        allowed = self._allowed(asked)
        order = [int(position) for position in np.argsort(-score, kind="stable") if allowed[position]][:limit]
        if not order:
            return Evidence([], {})
        sentences = np.full(self._first_sentence[-1], -1, dtype=np.float32)  # -1 where no chunk begins
        np.maximum.at(sentences, self._sentence_of, cosines[self._parts])
        found = [
            Candidate(
                passage=self.passages[position],
                score=float(score[position]),
                parts={
                    **{name: float(part[position]) for name, part in parts.items()},
                    "asked for": float(wanted[position]),
                },
                has_questions=bool(self.scorer.has_questions[position]),
                sentences=tuple(
                    sentences[self._first_sentence[position] : self._first_sentence[position + 1]].tolist()
                ),
            )
            for position in order
        ]
        quotes_only = asked.wants_quotes or asked.speakers
        counted = allowed & (self._speakers != "") if quotes_only else allowed
        counted = counted if counted.any() else allowed
        if asked.filters.section and not quotes_only and plain[allowed].max() >= plain.max() - _AS_GOOD:
            counted = np.ones_like(allowed)  # the section holds what is best of all: nothing is lost by the filter
        shown = np.where(counted, plain, -np.inf).astype(np.float32)
        signals = measure_signals(topic, parts, shown, self._index)
        if self.scorer.has_questions[order[0]]:
            signals |= measure_contrasts(embeddings[-1:], by_variant[-1], parts, shown, self._index, self.scorer)
            # A follow-up may be near to what is answered only by what it takes from the question before.
            signals["learned_own"] = covered_log_odds(own_embedding)
        theme = None
        if asked.role or asked.speakers:
            fitting = [asked.filters.allow(passage) for passage in self.passages]
            theme = self.passages[int(np.where(fitting, plain, -np.inf).argmax())]
        return Evidence(found, signals, theme=theme, uncovered=self._nearest_uncovered(embeddings[-1:]))

    def _nearest_uncovered(self, embedding: Vectors) -> NotCovered | None:
        """Name the topic that a question, float32 (1, dim), is near to, of those that are not covered.

        Its nearest questions vote, so that one that happens to be near decides nothing.
        """
        cosines = self._index.score_not_covered(embedding)
        if not len(cosines) or cosines.max() < _NEAR:
            return None
        votes: dict[str, float] = {}
        nearest = np.argsort(-cosines)[:_VOTERS]
        for number in nearest:
            topic = self._not_covered[number].topic
            votes[topic] = votes.get(topic, 0) + max(float(cosines[number]) - _NEAR / 2, 0)
        winner = max(votes, key=lambda topic: votes[topic])
        topics: dict[str, NotCovered] = {
            self._not_covered[number].topic: self._not_covered[number] for number in nearest
        }
        named = topics[winner]
        is_same = cosines.max() >= _SAME or named.kind in ("practical", "far", "instruction")
        return named if is_same else None

    def _allowed(self, asked: ParsedQuery) -> NDArray[np.bool_]:
        """Tell which passages may be shown: bool (n_passages,)."""
        return np.array(
            [
                asked.filters.allow(passage) and allows(asked, passage.kind, passage.speaker, passage.role)
                for passage in self.passages
            ],
            dtype=bool,
        )

    def _asked_for(self, asked: ParsedQuery) -> Scores:
        """Raise the quotes of whoever is asked for: float32 (n_passages,)."""
        if asked.speakers:
            return np.where(np.isin(self._speakers, asked.speakers), NAMED, 0).astype(np.float32)
        raised = QUOTED if asked.wants_quotes else VOICED if asked.role else 0
        return np.where(self._speakers != "", raised, 0).astype(np.float32)

    def repair(self, question: str) -> str:
        """Give a question with its misspelt words repaired."""
        return self._speller.repair(question)[0]

    @cached_property
    def _speller(self) -> Speller:
        """Know the words of the passages, and of the questions that they answer; one token of the model is a word."""
        written = " ".join(text for one in self.passages for text in (one.text, one.speaker or "", *one.path))
        own = frozenset(re.findall(r"[^\W\d_]+", written.casefold()))
        return Speller(
            [word for word in self._index.spellings if word in own],
            [word for word in self._index.spellings if word not in own],
            lambda word: self._encoder.count(word) == 1,
        )


def _sentences_of(
    chunks: Sequence[Chunk], passages: Sequence[Passage], scorer: Scorer
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the chunks that are less than a passage, and for each the sentence that it begins in.

    Sentences are numbered through all passages, in order.
    """
    parts = np.array([number for number, chunk in enumerate(chunks) if chunk.view != "passage"], dtype=np.int64)
    owners = np.repeat(np.arange(len(passages)), [len(passage.sentences) for passage in passages])
    starts = np.array([start for passage in passages for start, _ in passage.sentences], dtype=np.int64)
    span = int(starts.max(initial=0)) + 1  # so that owner and start become one ascending number
    where = scorer.owner[parts] * span + np.array([chunks[number].start for number in parts], dtype=np.int64)
    sentence_of = np.searchsorted(owners * span + starts, where, side="right") - 1
    return parts, np.asarray(sentence_of, dtype=np.int64)


def hits_of(found: list[Candidate]) -> tuple[Hit, ...]:
    """Number the passages found."""
    return tuple(
        Hit(
            rank=rank,
            score=round(scored.score, 6),
            passage_id=scored.passage.id,
            document_id=scored.passage.document_id,
            section=scored.passage.section,
            start=scored.passage.start,
            end=scored.passage.end,
            text=scored.passage.text,
            kind=scored.passage.kind,
            speaker=scored.passage.speaker,
            role=scored.passage.role,
        )
        for rank, scored in enumerate(found, start=1)
    )
