"""Write a run as one page of HTML that opens from disk: no network, no JavaScript needed, nothing beside the file.

The page's policy (`Content-Security-Policy`) names its one style sheet and its one script by their hashes, so that
nothing that stands in a case or a document could run, whatever the escaping does.
"""

import base64
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.quoting.visible import visible
from corpus.errors import DataFolderError
from eval import charts
from eval.changes import Change, ChangedQuestion
from eval.charts import Bar, Chart, Point
from eval.difference import MeasureDifference
from eval.failing import FIRST_RANKED, FailingCase, can_compare_cases, failing_cases, is_ranking
from eval.measures import FAMILIES, FIRST_CITATIONS, MEASURES, PRIMARY, Measure
from eval.paired import complete
from eval.schema import Run, RunSummary
from eval.verdict import PairVerdict, check_measured, judge_pair
from eval.wording import CHANGES, HOW_TO_READ, VERDICTS, interval_of, p_of, say_cut, signed, written

TEMPLATES = Path(__file__).parent / "templates"
_BETTER = {True: "", False: "lower is better", None: "neither way is better"}
#: More failing cases than this and each kind starts folded.
OPEN_CASES = 25
#: Names of thresholds in a run's configuration, and how a chart names them.
THRESHOLDS = {"refuse_below": "refused below", "sure_above": "sure above"}
KIND_MEASURES = ("recall@1", "recall@5", "recall@10", "nDCG@10", "evidence_shown", "answerable_refused")


@dataclass(frozen=True)
class HeadlineRow:
    """One line of the table of measures."""

    label: str
    value: str
    meaning: str
    better: str
    before: str
    change: str
    interval: str
    p: str
    verdict: str
    is_primary: bool


@dataclass(frozen=True)
class HeadlinePart:
    """Measures that belong together."""

    title: str
    rows: tuple[HeadlineRow, ...]


@dataclass(frozen=True)
class ChangedRow:
    """One line of the table of questions that changed."""

    id: str
    question: str
    change: str
    values: tuple[str, ...]
    """What changed, and how: "recall@5 1.00 → 0.00"."""
    failing: int | None
    """The number of its failing case, if it went wrong."""


@dataclass(frozen=True)
class FailingKind:
    """The failing cases of one kind of question."""

    kind: str
    asked: int
    cases: tuple[FailingCase, ...]
    is_open: bool


def write_page(
    run: Run,
    path: Path,
    baseline: Run | None = None,
    sweep: Sequence[RunSummary] | None = None,
    quality: str = PRIMARY,
    by: Measure | None = None,
) -> None:
    """Write the report of a run; an older page is replaced whole, or not at all.

    Args:
        run: What to show.
        path: The file to write, for instance `report.html` in the run's folder.
        baseline: An older run to show beside it; what cannot be compared is said on the page.
        sweep: One summary for each configuration that was tried, for quality against latency and index size.
        quality: The measure of quality in that; a higher one is better.
        by: The measure that was decided on before, by which both runs are judged; the usual one if left out.

    Raises:
        CoproduceError: the measure does not say what is better.
        DataFolderError: the file cannot be written.
    """
    page = render_page(run, baseline, sweep, quality, by).encode()
    unfinished: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        unfinished = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(page)
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except OSError as error:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
        raise DataFolderError(
            f"{path} cannot be written: {error.strerror or error}. Give a folder that you may write to."
        ) from None


def render_page(
    run: Run,
    baseline: Run | None = None,
    sweep: Sequence[RunSummary] | None = None,
    quality: str = PRIMARY,
    by: Measure | None = None,
) -> str:
    """Give the page's HTML. The same run gives the same page.

    A question that a run does not hold counts as wrong, in the baseline too.
    """
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    run, baseline = complete(run), None if baseline is None else complete(baseline)
    obstacles = _obstacles(run, baseline)
    if by is not None and baseline and not obstacles:
        check_measured(by, baseline, [run])
    verdict = judge_pair(baseline, run, by) if baseline and not obstacles else None
    changes: dict[str, Change] = {one.case_id: one.change for one in verdict.changed} if verdict else {}
    failing = failing_cases(run, baseline if baseline and can_compare_cases(run, baseline) else None, changes)
    numbers = {case.id: case.number for case in failing}
    return (
        _environment()
        .get_template("report.html")
        .render(
            run=run,
            summary=run.summary,
            style=Markup(style),  # noqa: S704 - our own file, not anybody's text
            script=Markup(script),  # noqa: S704
            policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
            "form-action 'none'",
            baseline=baseline,
            obstacles=obstacles,
            verdict=verdict,
            how_to_read=HOW_TO_READ,
            cut=say_cut(run),
            changed=[_changed_row(one, numbers) for one in verdict.changed] if verdict else [],
            headline=headline(run.summary.measures, baseline.summary.measures if baseline else None, verdict),
            charts=draw_charts(run, failing, sweep, quality),
            kind_head=[MEASURES[name].label for name in KIND_MEASURES],
            kinds=_kind_rows(run, failing),
            first_citations=FIRST_CITATIONS,
            failing=failing,
            failing_kinds=_failing_kinds(run, failing),
            first_of_kind={case.kind: case.number for case in reversed(failing)},
            is_ranking=is_ranking(run),
            judged=run.summary.answerable if is_ranking(run) else run.summary.cases,
            first_ranked=FIRST_RANKED,
        )
    )


def headline(
    measures: Mapping[str, float | None],
    before: Mapping[str, float | None] | None,
    verdict: PairVerdict | None = None,
) -> tuple[HeadlinePart, ...]:
    """Give the table of measures: those that the run has, parted by what they judge.

    Without a verdict nothing is said to be better or worse, and differences stand by themselves.
    """
    placed = {name for names in FAMILIES.values() for name in names}
    parts = {**FAMILIES, "Other": tuple(name for name in MEASURES if name not in placed)}
    found = {one.name: one for one in verdict.measures} if verdict else {}
    rows = {
        title: tuple(
            _compared_row(MEASURES[name], found[name])
            if name in found
            else _headline_row(MEASURES[name], measures[name], before.get(name) if before else None)
            for name in names
            if name in measures and name in MEASURES
        )
        for title, names in parts.items()
    }
    return tuple(HeadlinePart(title, lines) for title, lines in rows.items() if lines)


def draw_charts(
    run: Run, failing: Sequence[FailingCase], sweep: Sequence[RunSummary] | None = None, quality: str = PRIMARY
) -> tuple[Chart, ...]:
    """Draw every chart that the run has something to show in."""
    answered = [row for row in run.rows if row.has_answer]
    config = run.summary.config
    limits = {words: value for name, words in THRESHOLDS.items() if isinstance(value := config.get(name), float | int)}
    drawn = [
        charts.draw_bars(
            "by-kind", "Which kinds of question go right", ["went right", "recall@10"], _bars(run, failing)
        )
    ]
    if not is_ranking(run):
        yes, no = ([row.confidence for row in answered if row.answerable is side] for side in (True, False))
        drawn.append(charts.draw_confidence("confidence", yes, no, limits))
        drawn.append(charts.draw_reliability("reliability", run.summary.reliability))
    latencies = [row.latency_ms for row in answered if row.latency_ms is not None]
    if latencies:
        drawn.append(charts.draw_latency("latency", latencies, run.summary.latency_ms))
    return (*drawn, *_sweep_charts(sweep or (), quality))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    return environment


def _finalize(value: object) -> object:
    """Make every text that the template writes visible and writable; autoescape comes after."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


def _moment(created: str) -> str:
    """Write a moment for people; what is no moment stays as it is."""
    try:
        moment = datetime.fromisoformat(created).astimezone(UTC)
    except (ValueError, OverflowError):
        return created
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _headline_row(measure: Measure, value: float | None, before: float | None) -> HeadlineRow:
    """Write a measure that was not compared."""
    change = "–" if value is None or before is None else signed(measure.name, value - before)
    return HeadlineRow(
        label=measure.label,
        value=measure.show(value),
        meaning=measure.meaning,
        better=_BETTER[measure.higher_is_better],
        before=measure.show(before),
        change=change,
        interval="–",
        p="–",
        verdict="",
        is_primary=False,
    )


def _compared_row(measure: Measure, found: MeasureDifference) -> HeadlineRow:
    """Write a measure as the verdict has it: over the questions that have a value in both runs."""
    same = found.verdict == "same"
    return HeadlineRow(
        label=measure.label,
        value=written(found.name, found.second),
        meaning=measure.meaning,
        better=_BETTER[measure.higher_is_better],
        before=written(found.name, found.first),
        change="same" if same else signed(found.name, found.difference),
        interval="–" if same else interval_of(found),
        p="–" if same else p_of(found),
        verdict="" if found.verdict in ("same", "not judged") else VERDICTS[found.verdict],
        is_primary=found.primary,
    )


def _changed_row(changed: ChangedQuestion, failing: Mapping[str, int]) -> ChangedRow:
    values = tuple(
        f"{MEASURES[name].label if name in MEASURES else name} {one:.2f} → {other:.2f}"
        for name, (one, other) in changed.measures.items()
    )
    return ChangedRow(changed.case_id, changed.question, CHANGES[changed.change], values, failing.get(changed.case_id))


def _obstacles(run: Run, baseline: Run | None) -> tuple[str, ...]:
    """Say why a run and its baseline must not be compared, where that is so."""
    if baseline is None:
        return ()
    ours, theirs = run.summary.fingerprint, baseline.summary.fingerprint
    found = {
        "the cases are not the same": ours.cases_sha256 != theirs.cases_sha256,
        "the documents are not the same": ours.corpus_sha256 != theirs.corpus_sha256,
    }
    return tuple(words for words, is_so in found.items() if is_so)


def _bars(run: Run, failing: Sequence[FailingCase]) -> list[Bar]:
    """One line for each kind, the worst first."""
    bars = [
        Bar(kind, size, (1 - wrong / size, run.summary.kinds.get(kind, {}).get("recall@10")))
        for kind, size, wrong in _sizes(run, failing)
    ]
    return sorted(bars, key=lambda bar: (bar.values[0], bar.label))


def _sizes(run: Run, failing: Sequence[FailingCase]) -> list[tuple[str, int, int]]:
    """Give each kind with how many of its questions were judged, and how many went wrong."""
    judged = Counter(row.kind for row in run.rows if row.answerable or not is_ranking(run))
    wrong = Counter(case.kind for case in failing)
    return [(kind, size, wrong[kind]) for kind, size in sorted(judged.items())]


def _kind_rows(run: Run, failing: Sequence[FailingCase]) -> list[tuple[str, int, int, list[str]]]:
    return [
        (kind, size, wrong, [MEASURES[name].show(run.summary.kinds.get(kind, {}).get(name)) for name in KIND_MEASURES])
        for kind, size, wrong in _sizes(run, failing)
    ]


def _failing_kinds(run: Run, failing: Sequence[FailingCase]) -> list[FailingKind]:
    sizes = {kind: size for kind, size, _ in _sizes(run, failing)}
    return [
        FailingKind(kind, sizes[kind], tuple(cases), len(failing) <= OPEN_CASES)
        for kind, cases in groupby(failing, key=lambda case: case.kind)
    ]


def _sweep_charts(sweep: Sequence[RunSummary], quality: str) -> list[Chart]:
    """Draw a measure of quality against what it costs, for configurations that have both figures."""
    fast = [(one, one.latency_ms.get("p50")) for one in sweep]
    small = [(one, one.index_bytes / 2**20 if one.index_bytes is not None else None) for one in sweep]
    drawn = []
    for id, title, cost, figures in (
        ("against-latency", "Quality against latency", "median latency (ms)", fast),
        ("against-size", "Quality against index size", "index size (MiB)", small),
    ):
        points = [
            Point(one.name, figure, reached)
            for one, figure in figures
            if figure is not None and (reached := one.measures.get(quality)) is not None
        ]
        if points:
            drawn.append(charts.draw_points(id, title, cost, quality, points))
    return drawn
