"""Make a run of rankings alone, whoever made them: of a BEIR corpus, or of two TREC files. It is kept as any run is."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from assistant.schema import Answer, Hit
from corpus.schema import Kind
from eval.failing import FIRST_RANKED, HIT_CHARACTERS
from eval.fingerprint import installed_version, sha256_of
from eval.folder import write_run
from eval.judge import summarise
from eval.judgements import Judgements
from eval.measures import MEASURES
from eval.page import write_page
from eval.rank import RANK_MEASURES
from eval.schema import ConfigValue, Fingerprint, LocatedCase, QueryRow, Run, RunSummary, Started
from eval.score import measure_queries
from eval.trec import Rankings


def start_ranking(name: str, judged: Judgements, config: Mapping[str, ConfigValue]) -> Started:
    """Say what a run of rankings is made from; two of the same judgements can be compared."""
    return Started(
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=installed_version(),
        source=judged.source,
        fingerprint=Fingerprint(
            cases_sha256=judged.cases_sha256, corpus_sha256=judged.corpus_sha256, config_sha256=sha256_of(dict(config))
        ),
        config=dict(config),
    )


def run_of_rankings(judged: Judgements, rankings: Rankings, started: Started) -> Run:
    """Measure rankings as a run.

    Of each ranking the run keeps the first hits, for people; `run.trec` in its folder has all. It has no `recall@k`,
    which counts pieces of evidence: `R@k` is the share of the relevant documents.

    Args:
        judged: What they are judged by.
        rankings: Query id → document ids with their scores, best first. A query that is missing scores zero.
        started: What the run was made from: see `start_ranking`.
    """
    ids = {query: [document for document, _ in ranking] for query, ranking in rankings.items()}
    values = measure_queries(judged.qrels, ids, RANK_MEASURES)
    answers = {
        case.id: ranking_answer(case, [_hit(number, *one, judged) for number, one in enumerate(ranking, start=1)])
        for case in judged.cases
        if (ranking := rankings.get(case.id, ())[:FIRST_RANKED])
    }
    rows = tuple(_row(case, values.get(case.id, {}), answers.get(case.id)) for case in judged.cases)
    summary = summarise(rows, started)
    return Run(summary=of_hits(summary, RANK_MEASURES), rows=rows, answers=answers, cases=judged.cases)


def write_ranking_run(folder: Path, judged: Judgements, rankings: Rankings, run: Run) -> None:
    """Write a run of rankings as a run folder with its page."""
    asked = {case.id: rankings[case.id] for case in judged.cases if case.id in rankings}
    write_run(folder, run, (), qrels=judged.qrels, rankings=asked)
    write_page(run, folder / "report.html")


def of_hits(summary: RunSummary, names: Iterable[str]) -> RunSummary:
    """Leave in a summary only the measures that were measured: those of hits."""
    kept = set(names)

    def only(values: Mapping[str, float | None]) -> dict[str, float | None]:
        return {name: value if name in kept else None for name, value in values.items()}

    return summary.model_copy(
        update={
            "measures": only(summary.measures),
            "kinds": {kind: only(values) for kind, values in summary.kinds.items()},
            "reliability": (),
        }
    )


def ranking_answer(case: LocatedCase, hits: Iterable[Hit]) -> Answer:
    """Give hits in the form of an answer, one that quotes nothing."""
    return Answer(
        id=case.id, question=case.question, status="answered", confidence=0.0, text="", citations=(), hits=tuple(hits),
        notices=("A ranking alone; no answer was given.",), suggestions=(),
    )  # fmt: skip


def _hit(rank: int, document: str, score: float, judged: Judgements) -> Hit:
    text = judged.texts.get(document, "")
    return Hit(
        rank=rank, score=score, passage_id=document, document_id=document, section=document, start=0,
        end=max(len(text), 1), text=text[: 2 * HIT_CHARACTERS] or document, kind=Kind.REPORT, speaker=None, role=None,
    )  # fmt: skip


def _row(case: LocatedCase, values: Mapping[str, float], answer: Answer | None) -> QueryRow:
    found: dict[str, float | None] = {}
    if case.answerable:
        found = {**dict.fromkeys(RANK_MEASURES, 0.0), **values}
    return QueryRow(
        case_id=case.id,
        question=case.question,
        kind=case.kind,
        answerable=case.answerable,
        status="answered" if answer else "missing",
        confidence=0.0,
        supported=False,
        refused=False,
        latency_ms=None,
        words=0,
        measures={name: found.get(name) for name, measure in MEASURES.items() if measure.per_question},
    )
