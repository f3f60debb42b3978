"""What `coproduce eval sweep` does: which cases, which folder, a progress bar, the table and the page."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from assistant.serving.terminal.console import err, out
from assistant.settings import load_settings
from corpus.errors import CoproduceError
from eval.cases import split_path
from eval.command import load
from eval.measures import MEASURES, PRIMARY, measure_named
from eval.page import write_page
from eval.sweep import ASKING, Sweep, run_sweep
from eval.sweep_file import read_sweep, with_unchanged
from eval.wording import VERDICTS, interval_of, p_of, signed

#: Measure → its heading in the second table, which fits a terminal of 80 columns.
COLUMNS = {
    "recall@1": "recall\n@1",
    "recall@5": "recall\n@5",
    "nDCG@10": "nDCG\n@10",
    "evidence_shown": "\nshown",
    "refusal_recall": "\nrefused",
    "AUROC": "\nAUROC",
}
_NAME_WIDTH = 22
DEFAULT_SPLIT, UNTOUCHED = "dev", ("test", "people_test")


def sweep_file(
    file: Path,
    split: str | None,
    cases: Path | None,
    folder: Path | None,
    by: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Try the configurations of a file, and show and write what they gave.

    Ends with exit code 1 if a configuration could not be tried, or a question ended in an error.

    Raises:
        CoproduceError: the file, the cases or the folder cannot be used, or the test cases are asked for.
    """
    configurations = read_sweep(file)
    measure = measure_named(by) or MEASURES[PRIMARY]
    split = split or (None if cases else DEFAULT_SPLIT)
    asked = [split_path(split)] if split else []
    paths = [path.resolve() for path in [*asked, *([cases] if cases else [])]]
    if untouched := [one for one in UNTOUCHED if split_path(one).resolve() in paths]:
        raise CoproduceError(
            "a sweep does not ask the test cases: what is chosen on them is no longer measured by them. "
            f"Choose on dev, then measure the one chosen: coproduce eval --split {untouched[0]}"
        )
    source, located = load(split, cases)
    settings = load_settings(**({} if data_dir is None else {"data_dir": data_dir}))
    folder = folder or settings.data_dir / "runs" / f"sweep-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    trying = with_unchanged(configurations, settings)
    with Progress(console=err, transient=True) as progress:
        whole = progress.add_task(f"{len(trying)} configurations", total=len(trying) * len(located))
        step = progress.add_task("", total=None)

        def report(what: str, done: int, of: int) -> None:
            progress.update(step, description=escape(what), completed=done, total=of)
            if what.startswith(ASKING) and done:
                progress.advance(whole)

        def tell(sentence: str) -> None:
            progress.console.print(Text(sentence), soft_wrap=True)

        try:
            sweep, best = run_sweep(configurations, file.name, source, located, settings, folder, measure, report, tell)
        except KeyboardInterrupt:
            err.print(Text(f"What was tried so far is in {folder}."), soft_wrap=True)
            raise
    if best is not None:
        write_page(
            best,
            folder / "report.html",
            sweep=sweep.summaries,
            quality=measure.name if measure.higher_is_better else PRIMARY,
        )
    if as_json:
        typer.echo(sweep.model_dump_json(indent=1))
    else:
        show_sweep(out, sweep)
    err.print(Text(f"Written to {folder}. To read: {folder / 'report.html' if best else 'sweep.json'}"), soft_wrap=True)
    if any(one.error or (one.summary and one.summary.errors) for one in sweep.tried):
        raise typer.Exit(1)


def show_sweep(console: Console, sweep: Sweep) -> None:
    """Print how each configuration differs from what nothing was changed in, what it is worth, and what failed."""
    console.print(Text(f"{sweep.file}: {len(sweep.tried)} configurations on {sweep.source}, by {sweep.by}"))
    console.print(_differences(sweep))
    console.print(_values(sweep))
    for one in sweep.tried:
        if one.error is not None:
            console.print(Text(f"{one.name} could not be tried: {one.error}", style="red"), soft_wrap=True)
        elif one.summary and one.summary.errors:
            console.print(Text(f"{one.name}: {one.summary.errors} questions ended in an error", style="red"))
    texts = f"{sweep.texts_embedded} texts embedded, {sweep.texts_from_cache} taken from the cache."
    console.print(Text(f"Best by {sweep.by}: {sweep.best or 'none could be tried'}. {texts}"))
    tested = sum(one.compared is not None for one in sweep.tried)
    if tested:
        console.print(
            Text(
                f"Held against {sweep.unchanged!r}; p is corrected for the configurations that change anything (Holm). "
                "Which questions: coproduce eval compare, with the numbered folders."
            )
        )


def _differences(sweep: Sweep) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    table.add_column("name", overflow="fold", max_width=_NAME_WIDTH)
    for heading in (MEASURES[sweep.by].label.replace(" ", "\n", 1), "change", "95% interval", "p", "won/lost"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for one in sweep.tried:
        if one.summary is None:
            continue
        found = one.compared
        cells = (
            ("", "", "", "", "–")
            if found is None
            else (
                signed(found.name, found.difference),
                interval_of(found),
                p_of(found),
                "–" if found.wins is None else f"{found.wins}/{found.losses}",
                VERDICTS[found.verdict],
            )
        )
        value = MEASURES[sweep.by].show(one.summary.measures.get(sweep.by))
        table.add_row(one.folder, Text(one.name), value, *cells, style="bold" if one.name == sweep.best else "")
    return table


def _values(sweep: Sweep) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("\n", no_wrap=True)
    table.add_column("\nname", overflow="fold", max_width=_NAME_WIDTH)
    for heading in (*COLUMNS.values(), "median\nms", "index\nMiB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in sweep.tried:
        if one.summary is None:
            continue
        measures, size = one.summary.measures, one.summary.index_bytes
        latency = one.summary.latency_ms.get("p50")
        table.add_row(
            one.folder,
            Text(one.name),
            *(MEASURES[name].show(measures.get(name)) for name in COLUMNS),
            "–" if latency is None else f"{latency:.0f}",
            "–" if size is None else f"{size / 2**20:.1f}",
            style="bold" if one.name == sweep.best else "",
        )
    return table
