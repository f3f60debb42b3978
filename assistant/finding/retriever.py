"""Find passages: pool what may answer, score it, keep what may be shown, and measure how well the best cover it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.finding.covered import CoveredNetwork
from assistant.finding.encoder import Encoder, Remembering, Vectors, encode_plain
from assistant.finding.index import Index
from assistant.finding.likely import Read, Sentence, weigh_sentences
from assistant.finding.passage_masks import PassageMasks
from assistant.finding.prepared import AskedFor, Match, beside_each_other
from assistant.finding.score import WEIGHTS, WEIGHTS_WITHOUT_QUESTIONS, Pool, Scorer
from assistant.finding.signals import Signals, measure_contrasts, measure_signals
from assistant.finding.vectors import Numbers, Scores
from assistant.reading.question import ParsedQuery
from assistant.reading.spelling import Speller
from assistant.reading.tokenize import tokenize
from assistant.schema import Hit
from corpus.expand import NotCovered
from corpus.filters import Filters
from corpus.library import Library
from corpus.schema import Passage

#: So many passages are pooled, at most, before all of them are scored exactly; a smaller library is pooled whole.
POOLED = 400
_CHUNKS_A_PASSAGE = 4  # nearest chunks that are looked at for each passage that is pooled
_VOTERS = 12
_WEIGHED, _LIKELY = 6, 2  # of so many candidates so many sentences are weighed
_AS_GOOD = 0.2  # of a score
_NEAR = 0.55  # the cosine from which a question may be said to be of the same sort as another,
_SAME = 0.7  # and from which it may be taken for one of them
_FEW_HOLDERS = 8  # passages that hold a word which is rare
_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 2  # letters of a word that names nothing
_SELDOM_ASKED = 3  # ways of asking with a word, at most, for it to say what a question is about
_MOST_UNSAID = 3


@dataclass(frozen=True)
class Candidate:
    """A passage with its score, the parts that make it up, and how near each of its sentences is to the question."""

    passage: Passage
    score: float
    parts: dict[str, float]
    has_questions: bool  # whether its document comes with questions that it is known to answer
    sentences: tuple[float, ...]

    @property
    def likely(self) -> list[int]:
        """The numbers of the sentences that are nearest to the question, the nearest first."""
        return sorted(range(len(self.sentences)), key=lambda number: -self.sentences[number])[:_LIKELY]

    def raised_to(self, score: float) -> "Candidate":
        """Give it another score: what is added is shown as a boost."""
        return replace(self, score=score, parts={**self.parts, "boost": self.parts["boost"] + score - self.score})


@dataclass(frozen=True)
class Evidence:
    """Candidates, best first, and what tells whether they answer the question: see `answering/confidence.py`."""

    candidates: list[Candidate]
    signals: Signals
    of_readings: tuple[Signals, ...] = ()  # the same of each other reading of the question
    parts: tuple[tuple[str, "Evidence"], ...] = ()  # of each part of a question that asks several things
    theme: Passage | None = None  # what is nearest whoever speaks, where somebody's words are asked for
    rare: frozenset[str] = frozenset()  # stems of the question that few passages hold
    uncovered: NotCovered | None = None  # what the question is nearest to, of what the documents do not cover
    sentences: tuple[Sentence, ...] = ()  # of the first candidates, the likeliest to answer first
    prepared: tuple[Match, ...] = ()  # the answers that were prepared and are nearest, the nearest first

    def is_rare(self, word: str) -> bool:
        """Tell whether few passages hold a word of the question."""
        return any(stem in self.rare for stem in tokenize(word))


class Reranker(Protocol):
    """Ranks candidates again; their scores change hands, so that what depends on how far apart they lie still holds."""

    def rerank(self, question: str, candidates: list[Candidate]) -> list[Candidate]:
        """Give candidates, best first, in a better order."""
        ...


class Retriever:
    """Finds passages by vectors and by words together."""

    def __init__(
        self,
        library: Library,
        index: Index,
        encoder: Encoder,
        network: CoveredNetwork | None = None,
        *,
        weights: Mapping[str, float] = WEIGHTS,
        weights_without_questions: Mapping[str, float] = WEIGHTS_WITHOUT_QUESTIONS,
        reranker: Reranker | None = None,
        pooled: int = POOLED,
    ) -> None:
        self._library = library
        self._index = index
        self._model = encoder
        self._encoder = Remembering(encoder)
        self._network = network
        self._reranker = reranker
        self._pooled = pooled
        self._scorer = Scorer(library.passages, index.chunks, weights, weights_without_questions)
        self._masks = PassageMasks(library)
        self._not_covered = [topic for topic in library.not_covered for _ in topic.questions]
        self._asked_for = AskedFor(library, index.asked, index.chunks)
        self._starts = np.array([chunk.start for chunk in index.chunks], dtype=np.int64)

    def search(self, parsed: ParsedQuery, limit: int) -> Evidence:
        """Give the best passages, best first, at most `limit` of them; filters and the voice asked for hold."""
        topic = parsed.topic or parsed.text
        own = parsed.own or topic
        in_turn = {"turn": parsed.in_turn, "own": own, "topic": topic, "before": parsed.before} if parsed.before else {}
        texts = list(dict.fromkeys([*parsed.rewrites, topic, own, *parsed.readings, *in_turn.values()]))  # once each
        vectors = dict(zip(texts, self._encoder.encode(texts), strict=True))
        words = [self._index.words.score(tokenize(rewrite)) for rewrite in parsed.rewrites]
        allowed_anywhere = self._masks.allowed(parsed)
        pool = self._pool(np.stack([vectors[one] for one in parsed.rewrites]), words, allowed_anywhere)
        by_text = self._index.vectors.similarities(np.stack(list(vectors.values())), _all(pool, self._index))
        row = {text: by_text[number] for number, text in enumerate(texts)}
        cosines = np.max([row[rewrite] for rewrite in parsed.rewrites], axis=0)
        parts = self._scorer.parts(pool, cosines, _shares(pool, words))
        plain = self._scorer.total(pool, parts)
        boost = self._masks.boost(pool.passages, parsed)
        score = plain + boost
        allowed = allowed_anywhere[pool.passages]
        best_first = np.argsort(-score, kind="stable")
        order = [int(place) for place in best_first[allowed[best_first]][:limit]]
        if not order:
            return Evidence([], {})
        candidates = [self._candidate(pool, place, score, {**parts, "boost": boost}, cosines) for place in order]
        if self._reranker is not None:
            candidates = self._reranker.rerank(parsed.text, candidates)
        shown = np.where(self._counted(pool, parsed, plain, allowed), plain, -np.inf).astype(np.float32)
        first = self._library.passages[pool.passages[order[0]]]
        has_questions = bool(self._scorer.has_questions(pool)[order[0]])
        network = self._network if self._network and first.document_id in self._network.documents else None

        def measure(about: str, own: str) -> Signals:
            """Measure what the pool says of one reading of the question."""
            signals = measure_signals(about, pool, parts, shown, self._index.words)
            if has_questions:
                uncovered = self._index.not_covered.similarities(vectors[about][None, :])[0]
                signals |= measure_contrasts(row[about], uncovered, pool, parts, shown, self._scorer.n_questions)
                if network is not None:
                    signals["network"] = network.log_odds(vectors[about][None, :])
                    # A follow-up may be near to what is answered only by what it takes from the question before.
                    signals["network_own"] = network.log_odds(vectors[own][None, :])
            return signals

        every_cosine = np.full(len(self._index.chunks), -1, dtype=np.float32)
        every_cosine[pool.chunks] = cosines
        # Of a follow-up not what went before alone: it would lead to the answer that was given.
        ways = [topic, own, *parsed.readings, *([parsed.in_turn] if parsed.before else parsed.rewrites)]
        nearest = self._asked_for.nearest(
            np.stack([vectors[one] for one in dict.fromkeys(ways)]),
            {name: vectors[text] for name, text in in_turn.items()},
            self._masks.quotable(parsed, allowed_anywhere),
            every_cosine,
            pool.passages,
            plain,
        )
        prepared = beside_each_other(nearest)
        sentences = weigh_sentences(
            [
                Read(one.passage, number, one.score, rank, one.sentences[number])
                for rank, one in enumerate(candidates[:_WEIGHED])
                for number in one.likely
            ]
        )
        shown_by = {"sentence": max((one.answers for one in sentences), default=0.0)}
        if parsed.filters == Filters():  # a filter leaves answers out, which says nothing of what is left
            shown_by["prepared"] = max((one.fits for one in prepared if not one.answer.lacks), default=0.0)
            shown_by["lacking"] = max((one.fits for one in prepared if one.answer.lacks), default=0.0)
        return Evidence(
            candidates,
            measure(topic, own) | shown_by,
            of_readings=tuple(measure(reading, reading) | shown_by for reading in parsed.readings),
            sentences=sentences,
            theme=self._theme(pool, parsed, plain),
            rare=frozenset(one for one in tokenize(topic) if 0 < self._index.words.holders(one) <= _FEW_HOLDERS),
            uncovered=self._nearest_uncovered(vectors[topic][None, :]),
            prepared=prepared,
        )

    def _pool(self, vectors: Vectors, words: list[tuple[Numbers, Scores]], allowed: NDArray[np.bool_]) -> Pool:
        """Pool the passages that may be among the best for any of several vectors or by words: of all, and of those
        allowed, for a filter must not hide what is near."""
        if len(self._library.passages) <= self._pooled:
            return self._scorer.everything
        near: list[Numbers] = []
        for numbers, scores in words:
            for among in (np.ones(len(numbers), dtype=bool), allowed[numbers]):
                near.append(numbers[among][np.argsort(-scores[among])[: self._pooled]])
        where = None if allowed.all() else self._scorer.chunks_of(np.flatnonzero(allowed))
        for vector in vectors:
            for inside in (None,) if where is None else (None, where):
                chunks, _ = self._index.vectors.nearest(vector, _CHUNKS_A_PASSAGE * self._pooled, inside)
                owners = self._scorer.owners(chunks)
                _, first = np.unique(owners, return_index=True)
                near.append(owners[np.sort(first)[: self._pooled]])
        return self._scorer.pool(self._scorer.with_neighbours(np.unique(np.concatenate(near))))

    def _candidate(self, pool: Pool, place: int, score: Scores, parts: dict[str, Scores], cosines: Scores) -> Candidate:
        passage = self._library.passages[pool.passages[place]]
        return Candidate(
            passage=passage,
            score=float(score[place]),
            parts={name: float(part[place]) for name, part in parts.items()},
            has_questions=bool(self._scorer.has_questions(pool)[place]),
            sentences=self._sentences(pool, place, passage, cosines),
        )

    def _sentences(self, pool: Pool, place: int, passage: Passage, cosines: Scores) -> tuple[float, ...]:
        """Say how near each sentence of a passage is: the best of the chunks that begin in it; -1 where none does."""
        own = pool.parts[place]
        best = np.full(len(passage.sentences), -1, dtype=np.float32)
        starts = [start for start, _ in passage.sentences]
        inside = np.searchsorted(starts, self._starts[pool.chunks[own]], side="right") - 1
        np.maximum.at(best, inside, cosines[own])
        return tuple(best.tolist())

    def _counted(self, pool: Pool, parsed: ParsedQuery, plain: Scores, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which passages of a pool tell whether a question is answered: bool (n,)."""
        quotes = allowed & self._masks.is_quote[pool.passages]
        near = bool(quotes.any() and plain[quotes].max() >= plain[allowed].max() - _AS_GOOD)
        if parsed.role and not parsed.speakers and "quotes" not in parsed.forms:
            quotes_only = not near  # what a side says on a theme answers as far as the theme is answered near it
        else:
            # A quote of whoever it may be is wanted: where the authors answer far better, theirs are the words meant.
            quotes_only = bool(
                parsed.speakers or parsed.role or (parsed.wants_quotes and near and not parsed.filters.section)
            )
        counted = quotes if quotes_only else allowed
        counted = counted if counted.any() else allowed
        if parsed.filters.section and not quotes_only and plain[allowed].max() >= plain.max() - _AS_GOOD:
            return np.ones_like(allowed)  # the section holds what is best of all: nothing is lost by the filter
        return counted

    def _theme(self, pool: Pool, parsed: ParsedQuery, plain: Scores) -> Passage | None:
        """Give what is nearest whoever speaks, where somebody's words are asked for."""
        if not (parsed.role or parsed.speakers):
            return None
        fitting = self._masks.fitting(parsed.filters)[pool.passages]
        nearest = int(np.where(fitting, plain, -np.inf).argmax())
        return self._library.passages[int(pool.passages[nearest])]

    def _nearest_uncovered(self, embedding: Vectors) -> NotCovered | None:
        """Name the topic that a question, float32 (1, dim), is near to, of those that are not covered.

        Its nearest questions vote, so that one that happens to be near decides nothing.
        """
        nearest, cosines = self._index.not_covered.nearest(embedding, _VOTERS)
        if not len(cosines) or cosines.max() < _NEAR:
            return None
        votes: dict[str, float] = {}
        for number, cosine in zip(nearest, cosines, strict=True):
            topic = self._not_covered[number].topic
            votes[topic] = votes.get(topic, 0) + max(float(cosine) - _NEAR / 2, 0)
        winner = max(votes, key=lambda topic: votes[topic])
        named = {self._not_covered[number].topic: self._not_covered[number] for number in nearest}[winner]
        is_same = cosines.max() >= _SAME or named.kind in ("practical", "far", "instruction")
        return named if is_same else None

    def repair(self, question: str) -> str:
        """Give a question with its misspelt words repaired."""
        return self._speller.repair(question)[0]

    def knows(self, word: str) -> bool:
        """Tell whether a lower-case word is one of the documents, or of what is asked about them."""
        return self._speller.knows(word)

    def unsaid(self, question: str) -> list[str]:
        """Give the words of a question that the documents do not have in any form, as they were asked, three at most.

        Words that often stand around a question are left out, and those that are only misspelt.
        """
        found: dict[str, str] = {}
        for word in _WORD.findall(question):
            stems = tokenize(word)
            asked = self._asked_with[word.casefold()]
            if (
                len(word) > _SHORT
                and stems
                and not any(self._index.words.holders(stem) for stem in stems)
                and asked <= _SELDOM_ASKED
                and (not word.islower() or self._speller.repair(word)[0] == word)
            ):
                found.setdefault(" ".join(stems), word)
        return list(found.values())[:_MOST_UNSAID]

    @cached_property
    def _asked_with(self) -> Counter[str]:
        """Count in how many ways of asking for answers each word stands: found out when first nothing is found."""
        ways = (way for answer in self._library.prepared for way in answer.ask)
        return Counter(word for way in ways for word in set(_WORD.findall(way.casefold())))

    @property
    def encoder(self) -> Encoder:
        """The model that questions are encoded by."""
        return self._model

    def works(self) -> bool:
        """Tell whether the model encodes and the index finds: the first chunk, by its own text."""
        text = self._index.chunks[0].embedded_text
        numbers, _ = self._index.vectors.nearest(self._model.encode([text]), 1)
        return self._index.chunks[int(numbers[0])].embedded_text == text

    def plain(self, texts: list[str]) -> Vectors:
        """Encode texts as the embedding model itself does, float32 (n_texts, dim): for reading, not for finding."""
        return encode_plain(self._encoder, texts)

    @cached_property
    def _speller(self) -> Speller:
        """Know the words of the passages, and of the questions that they answer; one token of the model is a word."""
        written = " ".join(text for one in self._library.passages for text in (one.text, one.speaker or "", *one.path))
        own = frozenset(re.findall(r"[^\W\d_]+", written.casefold()))
        spellings = self._index.words.spellings
        return Speller(
            [word for word in spellings if word in own],
            [word for word in spellings if word not in own],
            lambda word: self._encoder.count(word) == 1,
        )


def _all(pool: Pool, index: Index) -> Numbers | None:
    """Give the chunks of a pool; nothing where they are all there are, so that none need be picked out."""
    return None if len(pool.chunks) == index.vectors.size else pool.chunks


def _shares(pool: Pool, words: list[tuple[Numbers, Scores]]) -> Scores:
    """Give the best BM25 of the passages of a pool, as a share of the best there is: float32 (n,)."""
    found = np.zeros(len(pool.passages), dtype=np.float32)
    best = max((float(scores.max()) for _, scores in words if len(scores)), default=0.0)
    for numbers, scores in words:
        _, here, there = np.intersect1d(pool.passages, numbers, assume_unique=True, return_indices=True)
        found[here] = np.maximum(found[here], scores[there])
    return found / np.float32(max(best, 1e-6))


def hits_of(candidates: list[Candidate], *, added: bool = False) -> tuple[Hit, ...]:
    """Number the passages found; `added` says that they are of documents that somebody added."""
    return tuple(
        Hit(
            rank=rank,
            score=round(one.score, 6),
            passage_id=one.passage.id,
            document_id=one.passage.document_id,
            section=one.passage.section,
            start=one.passage.start,
            end=one.passage.end,
            text=one.passage.text,
            kind=one.passage.kind,
            speaker=one.passage.speaker,
            role=one.passage.role,
            added=added,
        )
        for rank, one in enumerate(candidates, start=1)
    )
