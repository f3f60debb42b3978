"""Try configurations on the same cases: index what each asks for, ask every question, and keep all of it in a folder.

00, 01, 02 …  a run folder for each configuration, in the order of the file: `coproduce eval compare` reads them; 00 is
              what nothing was changed in, where the file has no such configuration
sweep.json    what each gave; written again after each, so that a stopped sweep has what was tried
report.html   the page of the best, with quality against latency and index size; written at the end

Texts of the corpus are embedded once for each model and kept in the data folder. Questions are embedded each time they
are asked, as in earnest: the latency is that of a question.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from assistant.keeping.embed_cache import EmbeddingCache
from assistant.keeping.model import model_sha256
from assistant.settings import Settings
from corpus.errors import CoproduceError
from corpus.frozen import Frozen
from corpus.load import load_library
from eval.difference import MeasureDifference, can_be_judged
from eval.fingerprint import sha256_of, start_run
from eval.folder import RunFolderError, write_run
from eval.measures import MEASURES, Measure
from eval.run import make_run, run_case
from eval.schema import ConfigValue, LocatedCase, Run, RunSummary, Started
from eval.sweep_file import Configuration, with_unchanged
from eval.sweep_index import Opened, Progress, open_assistant_for, open_index
from eval.sweep_time import estimate
from eval.verdict import judge_pairs

T = TypeVar("T")

ASKING = "Asking"
CACHE_FILE = "embeddings.sqlite"
#: What tells configurations apart that are equally good by the measure asked for, in this order.
TIE_BREAKERS = ("nDCG@10", "evidence_shown", "latency_p50")


class Tried(Frozen):
    """What became of one configuration."""

    name: str
    settings: dict[str, ConfigValue] = Field(description="What it says beyond the settings.")
    folder: str | None = Field(default=None, description="The folder of its run, in that of the sweep.")
    summary: RunSummary | None = None
    error: str | None = Field(default=None, description="Why it could not be tried.")
    compared: MeasureDifference | None = Field(
        default=None, description="Held against what nothing was changed in, by the measure asked for."
    )


class Sweep(Frozen):
    """What a sweep found: `sweep.json`."""

    file: str
    created: str
    source: str = Field(description="The case file's name.")
    by: str = Field(description="The measure that the best is the best by.")
    unchanged: str | None = Field(default=None, description="The configuration that changes nothing.")
    best: str | None = None
    texts_embedded: int = 0
    texts_from_cache: int = 0
    tried: tuple[Tried, ...] = ()

    @property
    def summaries(self) -> list[RunSummary]:
        """What was found for each configuration that could be tried."""
        return [one.summary for one in self.tried if one.summary is not None]


def run_sweep(
    configurations: Sequence[Configuration],
    file: str,
    source: str,
    cases: Sequence[LocatedCase],
    settings: Settings,
    folder: Path,
    by: Measure,
    progress: Progress,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Sweep, Run | None]:
    """Try configurations, one after the other, those with the same index together, what is unchanged first.

    Args:
        configurations: What to try.
        file: The name of the file that they were read from.
        source: The case file's name.
        cases: What is asked.
        settings: What configurations leave out; its data folder keeps the embeddings.
        folder: Where everything is written; it must be empty, or not exist.
        by: The measure that the best is chosen by.
        progress: Told of each text embedded and each question asked.
        tell: Told in a sentence, before it starts, what there is to do and how long it will take.

    Returns:
        What was found, and the run of the best; None if no configuration could be tried.

    Raises:
        RunFolderError: the folder holds something.
        CoproduceError: there is no case, or the measure does not say what is better.
    """
    if not cases:
        raise CoproduceError("there is no case to ask: a sweep needs at least one.")
    if not can_be_judged(by):
        raise CoproduceError(f"{by.name} does not say what is better: choose another measure for --by.")
    _claim(folder)
    sweep = Sweep(file=file, created=datetime.now(UTC).isoformat(timespec="seconds"), source=source, by=by.name)
    numbers = {one.name: number for number, one in enumerate(configurations, start=1)}
    unchanged, *others = with_unchanged(configurations, settings)
    if unchanged.name not in numbers:
        numbers = {unchanged.name: 0, **numbers}
    groups: dict[tuple[object, ...], list[Configuration]] = {}
    for one in (unchanged, *others):
        groups.setdefault(one.embedded, []).append(one)
    rows: dict[str, Run] = {}
    done: dict[str, Tried] = {}
    best: Run | None = None
    with EmbeddingCache(settings.data_dir / CACHE_FILE) as cache:
        tell(estimate(list(groups.values()), len(cases), settings, cache).words)
        for members in groups.values():
            opened, failed = _attempt(partial(open_index, members[0], settings, cache, progress))
            if opened is not None:
                embedded, kept = sweep.texts_embedded + opened.texts_embedded, opened.texts_from_cache
                kept += sweep.texts_from_cache
                sweep = sweep.model_copy(update={"texts_embedded": embedded, "texts_from_cache": kept})
            for one in members:
                run_folder, made, error = f"{numbers[one.name]:02}", None, failed
                if opened is not None:
                    asking = partial(_try, one, opened, source, cases, settings, folder / run_folder, progress)
                    made, error = _attempt(asking)
                done[one.name] = Tried(
                    name=one.name,
                    settings=one.described,
                    folder=made and run_folder,
                    summary=made and made.summary,
                    error=error,
                )
                best = max((run for run in (best, made) if run), key=partial(_rank, by), default=None)
                if made is not None:
                    rows[one.name] = made.model_copy(update={"answers": {}})  # enough to compare, and small
                tried = tuple(done[name] for name in numbers if name in done)
                sweep = sweep.model_copy(update={"best": best and best.summary.name, "tried": tried})
                _write(folder, sweep)
    sweep = _compared(sweep, rows, unchanged.name, by)
    _write(folder, sweep)
    return sweep, best


def _compared(sweep: Sweep, rows: dict[str, Run], unchanged: str, by: Measure) -> Sweep:
    """Hold each configuration against the one that changes nothing."""
    if unchanged not in rows:
        return sweep
    others = {name: run for name, run in rows.items() if name != unchanged}
    verdicts = dict(zip(others, judge_pairs(rows[unchanged], list(others.values()), by), strict=True))
    tried = tuple(
        one.model_copy(update={"compared": verdicts[one.name].primary}) if one.name in verdicts else one
        for one in sweep.tried
    )
    return sweep.model_copy(update={"tried": tried, "unchanged": unchanged})


def _try(
    one: Configuration,
    opened: Opened,
    source: str,
    cases: Sequence[LocatedCase],
    settings: Settings,
    folder: Path,
    progress: Progress,
) -> Run:
    """Ask every case under one configuration, and write its run folder."""
    assistant = open_assistant_for(one, opened, settings)
    run_case(assistant, cases[0])  # so that what the first question loads is not part of its time
    started = describe(one, source, cases, assistant.settings)
    outcomes = []
    for number, case in enumerate(cases):
        progress(f"{ASKING}: {one.name}", number, len(cases))
        outcomes.append(run_case(assistant, case, assistant.documents))
    progress(f"{ASKING}: {one.name}", len(cases), len(cases))
    made = make_run(outcomes, load_library().documents, started, opened.index_bytes)
    write_run(folder, made)
    return made


def describe(one: Configuration, source: str, cases: Sequence[LocatedCase], settings: Settings) -> Started:
    """Say what the run of a configuration is made from; its fingerprint differs where the configuration does."""
    started = start_run(one.name, source, cases, load_library().documents, settings)
    config = started.config | one.described
    if one.cross_encoder is not None:
        config["reranker_sha256"] = model_sha256(str(one.cross_encoder))
    fingerprint = started.fingerprint.model_copy(update={"config_sha256": sha256_of(config)})
    return started.model_copy(update={"config": config, "fingerprint": fingerprint})


def _attempt(do: Callable[[], T]) -> tuple[T | None, str | None]:
    """Give a result, or what went wrong in words: the other configurations are still worth trying."""
    try:
        return do(), None
    except CoproduceError as error:
        return None, str(error)
    except Exception as error:  # a fault in our own code, or in a model's
        return None, f"{type(error).__name__}: {error}"


def _rank(by: Measure, run: Run) -> list[float]:
    """Give what a run is ordered by: the higher the better."""
    measures = [by, *(MEASURES[name] for name in TIE_BREAKERS)]
    values = [(one, run.summary.measures.get(one.name)) for one in measures]
    return [float("-inf") if value is None else value if one.higher_is_better else -value for one, value in values]


def _claim(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunFolderError(f"{folder} is not an empty folder. Give --out a folder that is empty or does not exist.")
    folder.mkdir(parents=True, exist_ok=True)


def _write(folder: Path, sweep: Sweep) -> None:
    new = folder / ".sweep.json.new"
    new.write_text(sweep.model_dump_json(indent=1) + "\n", encoding="utf-8", newline="\n")
    new.replace(folder / "sweep.json")
