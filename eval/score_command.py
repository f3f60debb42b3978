"""What `coproduce eval score` does: read judgements and a run, print what it is worth, and keep it where asked to."""

from pathlib import Path
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.quoting.visible import visible
from assistant.serving.terminal.console import err, out
from corpus.errors import CaseError
from eval import trec
from eval.beir_search import without_own
from eval.command import warn
from eval.fingerprint import sha256_of
from eval.folder import begin
from eval.judgements import Judgements, read_judgements
from eval.measures import MEASURES
from eval.ranking_run import run_of_rankings, start_ranking, write_ranking_run
from eval.schema import OWN_LEFT_OUT, ConfigValue
from eval.score import Mean, Score, parse_measures, score_ranking
from eval.wording import counted

#: What is shown of a run of answers where nothing else is asked for.
_OF_RUNS = (
    *("recall@1", "recall@5", "recall@10", "nDCG@10"),
    *("evidence_shown", "first_citation", "answerable_refused", "refusal_recall", "verbatim"),
)
_REFUSED = "refusal_recall"
_FIRST = 12  # characters for the first column, at least
_ROOM = 48  # characters for the columns of measures, in a terminal of 80


def score_files(
    judgements: Path,
    run: Path | None,
    measures: str | None,
    queries: Path | None,
    folder: Path | None,
    *,
    ignore_missing: bool,
    strict: bool,
    leave_out_own: bool | None,
    per_query: bool,
    as_json: bool,
) -> None:
    """Score a run, print it, and write a run folder if one is asked for.

    Raises:
        CaseError, UnknownName: a file is broken, or there is no such measure.
    """
    judged = read_judgements(judgements, queries)
    wanted, known = _split(measures, judged if run is None else None)
    if run is None and not (judgements / "run.trec").is_file():
        raise CaseError(f"which run? Give a TREC run after {judgements}.")
    path = run or judgements / "run.trec"
    name = path.name if run is not None else judgements.resolve().name
    rankings = judged.own(trec.read_run(path))
    leaves_out = judged.own_ids and judged.knows_documents if leave_out_own is None else leave_out_own
    if leaves_out:
        rankings = without_own(rankings)
    scored = score_ranking(
        judged, rankings, name, wanted, leave_out_missing=ignore_missing, strict=strict, warn=warn, known=known
    )
    if as_json:
        typer.echo(scored.model_dump_json(indent=1))
    else:
        show_score(out, scored, per_query=per_query, own_left_out=leaves_out)
    if folder is not None:
        config: dict[str, ConfigValue] = {
            "imported": path.name,
            "run_sha256": sha256_of(sorted((query, list(ranking)) for query, ranking in rankings.items())),
            OWN_LEFT_OUT: leaves_out,
            "documents": len(judged.texts) if judged.knows_documents else None,
        }
        started = start_ranking(folder.resolve().name, judged, config)
        begin(folder, started, judged.cases)
        write_ranking_run(folder, judged, rankings, run_of_rankings(judged, rankings, started))
        err.print(Text(f"Written to {folder}. To read: {folder / 'report.html'}"), soft_wrap=True)


def _split(measures: str | None, of_run: Judgements | None) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Part what is to be computed from what a run has measured already: those values, by query and name."""
    if of_run is None or of_run.run is None:
        return parse_measures(measures), {}
    values = {row.case_id: row.measures for row in of_run.run.rows}
    if of_run.run.summary.measures.get(_REFUSED) is not None:  # a mean as well: over what the documents do not answer
        values |= {
            row.case_id: {**row.measures, _REFUSED: float(row.refused)} for row in of_run.run.rows if not row.answerable
        }
    has = [name for name in MEASURES if any(of_case.get(name) is not None for of_case in values.values())]
    default = [name for name in _OF_RUNS if name in has] if "recall@5" in has else None
    names = [name.strip() for name in measures.split(",")] if measures else default
    if names is None:
        return parse_measures(None), {}
    spelt = {name.casefold(): name for name in has}
    kept = [spelt[name.casefold()] for name in names if name.casefold() in spelt]
    others = [name for name in names if name.casefold() not in spelt]
    known = {
        case: {name: value for name in kept if (value := of_case.get(name)) is not None}
        for case, of_case in values.items()
    }
    return parse_measures(",".join(others)) if others else {}, known


def show_score(console: Console, score: Score, *, per_query: bool = False, own_left_out: bool = False) -> None:
    """Print the means with their intervals, then by kind, then query by query if wanted."""
    table = _table(
        f"{score.run} by {score.judgements}: {counted(score.queries, 'query', 'queries')}",
        "measure",
        ["value", "95% interval", "queries"],
    )
    for name, mean in score.measures.items():
        table.add_row(name, f"{mean.value:.4f}", _interval(mean), str(mean.queries))
    console.print(table)
    for note in score.notes:
        console.print(Text(visible(note)))
    if own_left_out:
        console.print(
            "The document with a query's own id is left out, as BEIR does: --keep-own counts it.", markup=False
        )
    for names in _parted(list(score.measures)):
        if score.kinds:
            by_kind = _table("By kind of query", "kind", ["queries", *names])
            for kind, means in score.kinds.items():
                shown = ("–" if name not in means else _with_interval(means[name]) for name in names)
                by_kind.add_row(Text(visible(kind)), str(score.kind_sizes[kind]), *shown)
            console.print(by_kind)
    for names in _parted(list(score.measures)) if per_query else ():
        by_query = _table("By query", "query", names)
        for query, values in score.per_query.items():
            by_query.add_row(
                Text(visible(query)), *(f"{values[name]:.4f}" if name in values else "–" for name in names)
            )
        console.print(by_query)


def _table(title: str, first: str, columns: list[str]) -> Table:
    table = Table(title=Text(visible(title)), title_justify="left", box=SIMPLE_HEAD, collapse_padding=True)
    table.add_column(first, overflow="fold", min_width=_FIRST)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _interval(mean: Mean) -> str:
    return "–" if mean.interval is None else f"{mean.interval[0]:.4f} to {mean.interval[1]:.4f}"


def _with_interval(mean: Mean) -> str:
    """Write a mean with its interval below it."""
    short = "" if mean.interval is None else f"\n{mean.interval[0]:.2f}–{mean.interval[1]:.2f}"
    return f"{mean.value:.4f}{short}"


def _parted(names: list[str]) -> list[list[str]]:
    """Part measures into as many tables as it takes for each to fit."""
    parts: list[list[str]] = [[]]
    for name in names:
        if sum(_width(one) for one in [*parts[-1], name]) > _ROOM:
            parts.append([])
        parts[-1].append(name)
    return parts


def _width(name: str) -> int:
    return max(len(name), len("0.00–1.00")) + 2
