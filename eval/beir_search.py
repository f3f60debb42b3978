"""Measure search on a BEIR corpus as it is, without the report: the project's encoder and index, meaning and words.

This is plain search: neither the report's questions nor the map that was learned from them take part.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from assistant.finding.bm25 import WordCounts, WordScores
from assistant.finding.encoder import Encoder, OnnxEncoder, encode_many
from assistant.finding.vectors import FlatVectors, Numbers
from assistant.keeping.store import Store, WantedIndex
from assistant.quoting.export.cells import guard_cell
from assistant.reading.tokenize import tokenize
from assistant.settings import Settings
from corpus.errors import CaseError
from eval.beir import BeirFolder, read_beir
from eval.judge import mean
from eval.measures import MEASURES
from eval.rank import RANK_MEASURES, measure_rankings
from eval.schema import BeirMeasures
from eval.trec import write_qrels, write_run

#: Called with how many texts have been embedded, and how many there are.
Progress = Callable[[int, int], None]

_DEPTH = 1000  # as deep as trec_eval's AP is usually taken
_FUSION = 60  # the constant of reciprocal rank fusion


def measure_beir(folder: Path, settings: Settings, progress: Progress, out: Path | None = None) -> BeirMeasures:
    """Embed a BEIR folder's corpus, search it for every judged query, and compute the rank measures.

    With `out`, a folder that is not there yet, its run is kept: `run.trec`, `qrels.trec`, `per_query.csv` and
    `summary.json`.

    Raises:
        CaseError: the folder is not as it should be, nothing in it can be searched for, or `out` is there already.
        ModelError: the exported encoder cannot be loaded.
    """
    if out is not None and out.exists():
        raise CaseError(f"{out} is there already; a run needs a new folder.")
    found = read_beir(folder)
    if not found.texts or not found.qrels:
        raise CaseError(
            f"{folder}: found {len(found.texts)} documents and {len(found.qrels)} judged queries; need both."
        )
    encoder = OnnxEncoder(
        Store(settings.data_dir).encoder_folder(WantedIndex.from_settings(settings).encoder), for_many=True
    )
    rankings = search_beir(found, encoder, progress)
    ids = {query: [name for name, _ in ranked] for query, ranked in rankings.items()}
    values = measure_rankings(found.qrels, ids)
    measured = BeirMeasures(
        source=folder.resolve().name,
        documents=len(found.texts),
        queries=len(values),
        measures={name: mean(one[name] for one in values.values()) for name in MEASURES if name in RANK_MEASURES},
    )
    if out is not None:
        out.mkdir(parents=True)
        write_run(out / "run.trec", rankings, measured.source)
        write_qrels(out / "qrels.trec", found.qrels)
        names = list(measured.measures)
        with (out / "per_query.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["query", *names])
            rows.writerows([guard_cell(query), *(one[name] for name in names)] for query, one in values.items())
        (out / "summary.json").write_text(measured.model_dump_json(indent=1) + "\n", encoding="utf-8", newline="\n")
    return measured


def search_beir(found: BeirFolder, encoder: Encoder, progress: Progress) -> dict[str, list[tuple[str, float]]]:
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
        best = np.argsort(-fused, kind="stable")[:_DEPTH]
        rankings[query] = [(names[number], float(fused[number])) for number in best if fused[number] > 0]
    return rankings


def _best_by_words(words: WordScores, question: str) -> Numbers:
    """Give the numbers of the documents that share a word with a question, best first."""
    numbers, scores = words.score(tokenize(question))
    return numbers[np.argsort(-scores, kind="stable")[:_DEPTH]]
