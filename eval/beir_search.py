"""Measure search on a BEIR corpus as it is, without the report: the project's encoder and index, meaning and words.

This is plain search: neither the report's questions nor the map that was learned from them take part. What is embedded
is kept in the data folder, so that a run that was stopped goes on, and a second one embeds nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.finding.bm25 import WordCounts, WordScores
from assistant.finding.encoder import Encoder, OnnxEncoder, encode_many
from assistant.finding.vectors import FlatVectors, Numbers
from assistant.keeping.build import prepare_encoder
from assistant.keeping.embed_cache import CachedEncoder, EmbeddingCache
from assistant.keeping.store import Store, WantedIndex
from assistant.reading.tokenize import tokenize
from assistant.settings import Settings
from corpus.errors import CaseError
from eval.beir import BeirFolder, read_beir
from eval.documents import KEPT_FILE
from eval.fingerprint import config_of
from eval.folder import begin, resume_run
from eval.judgements import from_beir
from eval.rank import RANK_MEASURES
from eval.ranking_run import run_of_rankings, start_ranking, write_ranking_run
from eval.schema import OWN_LEFT_OUT, BeirMeasures
from eval.trec import Rankings

#: Called with how many texts have been embedded, and how many there are.
Progress = Callable[[int, int], None]

_DEPTH = 1000  # as deep as trec_eval's AP is usually taken
_FUSION = 60  # the constant of reciprocal rank fusion


@dataclass(frozen=True)
class BeirOptions:
    """How a BEIR folder is measured."""

    out: Path | None = None
    """The run's folder; nothing is kept but embeddings if left out."""
    resume: bool = False
    """Whether a run in that folder that was stopped goes on."""
    strict: bool = False
    """Whether judgements of queries or documents that there are not are an error."""
    leave_out_own: bool | None = None
    """Whether a query's own document is left out, as BEIR does; if None, where some query has the id of a document."""


def measure_beir(
    folder: Path, settings: Settings, progress: Progress, options: BeirOptions = BeirOptions()
) -> BeirMeasures:
    """Embed a BEIR folder's corpus, search it for every judged query, and compute the rank measures.

    With a folder for it, the run is kept as any other: it can be compared, gated and reported.

    Raises:
        CaseError: the folder is not as it should be, nothing in it can be searched for, or the run's folder holds
            another run or something else.
        ModelError: the embedding model cannot be loaded.
        DataFolderError: the data folder cannot be written.
    """
    found = read_beir(folder)
    if not found.texts or not found.qrels:
        raise CaseError(
            f"{folder}: found {len(found.texts)} documents and {len(found.qrels)} judged queries; need both."
        )
    if options.strict and found.notes:
        raise CaseError(f"{folder}: {found.notes[0]} Without --strict this is a warning.")
    judged = from_beir(found, folder.resolve().name)
    leaves_out = judged.own_ids if options.leave_out_own is None else options.leave_out_own
    name = options.out.resolve().name if options.out else judged.source
    started = start_ranking(name, judged, {**config_of(settings), OWN_LEFT_OUT: leaves_out})
    if options.out is not None:
        if options.resume:
            started, _ = resume_run(options.out, started, judged.cases)
        else:
            begin(options.out, started, judged.cases)
    prepare_encoder(settings)
    wanted = WantedIndex.from_settings(settings)
    encoder = OnnxEncoder(Store(settings.data_dir).encoder_folder(wanted.encoder), for_many=True)
    with EmbeddingCache(settings.data_dir / KEPT_FILE) as cache:
        keeping = CachedEncoder(cache, wanted.encoder.key, encoder)
        rankings = search_beir(found, keeping, progress, leave_out_own=leaves_out)
    run = run_of_rankings(judged, rankings, started)
    if options.out is not None:
        write_ranking_run(options.out, judged, rankings, run)
    return BeirMeasures(
        source=judged.source,
        documents=len(found.texts),
        queries=len(found.qrels),
        own_document_left_out=leaves_out,
        notes=found.notes,
        embedded=keeping.embedded,
        from_kept=keeping.from_cache,
        measures={name: run.summary.measures[name] for name in RANK_MEASURES},
    )


def search_beir(
    found: BeirFolder, encoder: Encoder, progress: Progress, *, leave_out_own: bool = False
) -> dict[str, list[tuple[str, float]]]:
    """Rank the documents for each judged query: query id → document ids with their scores, best first.

    Meaning and words are joined by reciprocal rank fusion, which needs no weights tuned to a corpus.

    Source: Cormack, Clarke and Büttcher (2009).
    """
    names, texts = list(found.texts), list(found.texts.values())
    queries = {query: found.queries[query] for query in found.qrels}
    vectors = encode_many(encoder, [*texts, *queries.values()], progress)
    index, words = FlatVectors.from_vectors(vectors[: len(texts)]), WordScores([WordCounts.from_texts(texts)])
    rankings = {}
    for (query, question), embedding in zip(queries.items(), vectors[len(texts) :], strict=True):
        fused = np.zeros(len(names))
        for order in (index.nearest(embedding, _DEPTH)[0], _best_by_words(words, question)):
            fused[order] += 1 / (_FUSION + 1 + np.arange(len(order)))
        best = np.argsort(-fused, kind="stable")[: _DEPTH + 1]
        rankings[query] = [(names[number], float(fused[number])) for number in best if fused[number] > 0]
    return {
        query: ranking[:_DEPTH] for query, ranking in (without_own(rankings) if leave_out_own else rankings).items()
    }


def without_own(rankings: Rankings) -> dict[str, list[tuple[str, float]]]:
    """Leave out of each ranking the document that has the query's own id: a question does not answer itself.

    Source: `ignore_identical_ids` of Thakur et al., BEIR (2021).
    """
    return {query: [one for one in ranking if one[0] != query] for query, ranking in rankings.items()}


def _best_by_words(words: WordScores, question: str) -> Numbers:
    """Give the numbers of the documents that share a word with a question, best first."""
    numbers, scores = words.score(tokenize(question))
    return numbers[np.argsort(-scores, kind="stable")[:_DEPTH]]
