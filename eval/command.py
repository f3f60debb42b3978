"""What the commands of `coproduce eval` share: which cases, which settings, asking with a progress bar, printing."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import Progress, track
from rich.text import Text

from assistant import open_assistant
from assistant.keeping.store import Store, WantedIndex, is_built
from assistant.pipeline import Assistant
from assistant.quoting.visible import visible
from assistant.serving.terminal.console import err, out
from assistant.settings import Settings, load_settings
from corpus.errors import CoproduceError, UnknownName
from corpus.load import load_library
from corpus.schema import Document
from eval.cases import load_cases, split_path
from eval.fingerprint import sha256_of, start_run
from eval.folder import Recorder, begin, read_cases, resume_run, write_run
from eval.measures import Measure
from eval.report import failures_of, show_beir_measures, show_failures, show_run
from eval.run import make_run, run_case
from eval.schema import ConfigValue, LocatedCase, Outcome, Run
from eval.toml_file import read_toml

if TYPE_CHECKING:
    from eval.beir_search import BeirOptions


def load(
    split: str | None, cases: Path | None, documents: Sequence[Document] | None = None
) -> tuple[str, tuple[LocatedCase, ...]]:
    """Load the cases of a bundled split or of a file, and give the file's name with them.

    Args:
        split: A bundled split.
        cases: A file: one JSON object a line or, where its name ends in `.csv`, a spreadsheet.
        documents: Where their evidence stands; the bundled library if left out.
    """
    if split is not None and cases is not None:
        raise CoproduceError("give --split or --cases, not both.")
    path = cases if cases is not None else split_path(split or "")
    if path.suffix.lower() == ".csv":
        from eval.exchange import import_cases  # noqa: PLC0415 - few cases are typed into a spreadsheet

        return path.name, import_cases("csv", path, documents)
    return path.name, load_cases(path, documents)


def read_own(folder: Path | None) -> tuple[Document, ...] | None:
    """Read a folder of documents of one's own, and say what in it is none; None where no folder is given."""
    if folder is None:
        return None
    from eval.documents import read_documents, say_passed_over  # noqa: PLC0415 - as above

    found = read_documents(folder)
    if found.passed_over:
        warn(say_passed_over(found.passed_over))
    return found.documents


def warn(words: str) -> None:
    """Tell people something that does not stop what they asked for."""
    err.print(Text(visible(f"Note: {words}"), style="yellow"), soft_wrap=True)


def read_config(path: Path | None) -> dict[str, object]:
    """Read settings from a TOML file.

    Raises:
        CoproduceError: it is not TOML, or a value is not allowed.
        UnknownName: there is no such setting; the message lists those that exist.
    """
    if path is None:
        return {}
    found = read_toml(path)
    for name in found:
        if name not in Settings.model_fields:
            raise UnknownName(f"{path}: there is no setting {name!r}. There are: {', '.join(Settings.model_fields)}.")
    try:
        load_settings(**found)
    except CoproduceError as error:
        raise CoproduceError(f"{path}: {str(error).removeprefix('--')}") from None
    return found


def settings_for(config: Path | None, data_dir: Path | None) -> Settings:
    """Give the settings of a file, with the data folder that was typed."""
    given = read_config(config)
    return load_settings(**{**given, **({} if data_dir is None else {"data_dir": data_dir})})


def open_for(config: Path | None, data_dir: Path | None, documents: tuple[Document, ...] | None = None) -> Assistant:
    """Open the assistant under the settings of a file, building its index first where it is missing.

    With documents of one's own it answers from these alone, and their index is made in memory.
    """
    settings = settings_for(config, data_dir)
    if documents is not None:
        from eval.documents import open_over  # noqa: PLC0415 - as above

        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("Embedding the documents", total=None)
            return open_over(
                documents, settings, lambda _, done, total: progress.update(task, completed=done, total=total)
            )
    if not is_built(settings):
        err.print("Building the index first: a minute or two.")
    return open_assistant(settings)


def warm_up(assistant: Assistant, cases: Sequence[LocatedCase]) -> None:
    """Ask the first case once untimed: the first answer of a process waits for what is loaded only then."""
    for case in cases[:1]:
        run_case(assistant, case, assistant.documents)


def ask_all(
    assistant: Assistant, source: str, cases: Sequence[LocatedCase], documents: Sequence[Document] | None = None
) -> Run:
    """Ask every case, of the bundled library or of other documents, and measure the answers; nothing is kept."""
    is_bundled = documents is None
    # Judged against the report as it is read now, not against the copy that the index holds.
    documents = load_library().documents if documents is None else documents
    started = start_run(Path(source).stem, source, cases, documents, assistant.settings)
    warm_up(assistant, cases)
    asked = (run_case(assistant, case, assistant.documents) for case in cases)
    outcomes = list(track(asked, "Asking", total=len(cases), console=err, transient=True))
    return make_run(outcomes, documents, started, index_bytes(assistant.settings) if is_bundled else None)


def run_in_folder(
    folder: Path | None,
    assistant: Assistant,
    source: str,
    cases: Sequence[LocatedCase],
    *,
    resume: bool = False,
    options: Sequence[str] = (),
    documents: Sequence[Document] | None = None,
) -> Run:
    """Ask every case that has no answer in the folder yet, measure them all, and write the folder and its page.

    Args:
        folder: The run's folder; one in the data folder if left out.
        assistant: What is asked.
        source: The case file's name.
        cases: The cases; where a run goes on, those in its folder if left out.
        resume: Whether a run that was stopped goes on.
        options: Of the command, what it takes to go on after a stop.
        documents: What is asked, where it is not the bundled library.
    """
    is_bundled = documents is None
    documents = load_library().documents if documents is None else documents
    if resume and folder is not None and not cases:
        cases = read_cases(folder)
    started = start_run(
        folder.resolve().name if folder else Path(source).stem, source, cases, documents, assistant.settings
    )
    done: dict[str, Outcome] = {}
    if folder is None:
        moment = started.created.partition("+")[0].replace(":", "").replace("-", "")
        folder = assistant.settings.data_dir / "runs" / f"{started.name}-{moment}"
        started = started.model_copy(update={"name": folder.name})
    if resume:
        started, done = resume_run(folder, started, cases)
        err.print(Text(f"{len(done)} of {len(cases)} questions were answered before."))
    else:
        begin(folder, started, cases)
    warm_up(assistant, [case for case in cases if case.id not in done])
    outcomes = []
    try:
        with Recorder(folder) as recorder:
            for case in track(cases, "Asking", console=err, transient=True):
                if case.id not in done:
                    done[case.id] = run_case(assistant, case, assistant.documents)
                    recorder.add(done[case.id])
                outcomes.append(done[case.id])
    except KeyboardInterrupt:
        asked = f"{len(done)} of {len(cases)} questions are answered."
        go_on = shlex.join(["coproduce", "eval", "run", "--out", str(folder), "--resume", *options])
        err.print(Text(f"{asked} To go on: {go_on}"), soft_wrap=True)
        raise
    made = make_run(outcomes, documents, started, index_bytes(assistant.settings) if is_bundled else None)
    _write(folder, made, documents)
    err.print(Text(f"Written to {folder}. To read: {folder / 'report.html'}"), soft_wrap=True)
    return made


def write_imported_run(
    source: Path,
    folder: Path,
    name: str,
    cases: Sequence[LocatedCase],
    documents: Sequence[Document] | None = None,
    *,
    strict: bool = False,
) -> Run:
    """Measure what another system found, a TREC run or pieces of its own; write a run folder with its page."""
    from eval.exchange import import_run  # noqa: PLC0415

    documents = load_library().documents if documents is None else documents
    started = start_run(folder.resolve().name, name, cases, documents, load_settings())
    config: dict[str, ConfigValue] = {"imported": source.name}
    fingerprint = started.fingerprint.model_copy(update={"config_sha256": sha256_of(config)})
    started = started.model_copy(update={"config": config, "fingerprint": fingerprint})
    made = import_run(source, cases, documents, started, strict=strict, warn=warn)
    begin(folder, started, cases)
    _write(folder, made, documents)
    return made


def _write(folder: Path, made: Run, documents: Sequence[Document]) -> None:
    from eval.page import write_page  # noqa: PLC0415 - Jinja is needed only here

    write_run(folder, made, documents)
    write_page(made, folder / "report.html")


def index_bytes(settings: Settings) -> int:
    """Give the size of the index's files, in bytes; the embedding model is not part of it."""
    store, wanted = Store(settings.data_dir), WantedIndex.from_settings(settings)
    paths = [path for part in wanted.parts for path in store.part_folder(part).rglob("*")]
    return sum(path.stat().st_size for path in paths if path.is_file())


def show(run: Run, measures: Sequence[Measure], *, failures: bool, as_json: bool) -> None:
    """Print a run as tables or as one JSON object. Ends with exit code 1 if a question ended in an error."""
    if as_json:
        content = run.summary.model_dump(mode="json")
        if failures:
            content["failures"] = [
                {
                    "id": outcome.case.id,
                    "question": outcome.case.question,
                    "status": outcome.status,
                    "reasons": reasons,
                    "error": outcome.error,
                }
                for outcome, reasons in failures_of(run)
            ]
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        show_run(out, run, measures)
        if failures:
            out.print()
            show_failures(out, run)
    if run.summary.errors:
        raise typer.Exit(1)


def show_beir(folder: Path, settings: Settings, options: "BeirOptions", *, as_json: bool) -> None:
    """Measure search on a BEIR corpus, print the measures, and keep the run in a folder where one is given."""
    from eval.beir_search import measure_beir  # noqa: PLC0415 - no other command needs the index's packages

    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Embedding the corpus", total=None)
        try:
            found = measure_beir(
                folder, settings, lambda done, total: progress.update(task, completed=done, total=total), options
            )
        except KeyboardInterrupt:
            again = "run the same command again" + (" with --resume" if options.out and not options.resume else "")
            progress.console.print(Text(f"What is embedded is kept. To go on, {again}."), soft_wrap=True)
            raise
    for note in found.notes:
        warn(note)
    if as_json:
        typer.echo(found.model_dump_json(indent=1))
    else:
        show_beir_measures(out, found)
    if options.out is not None:
        err.print(Text(f"Written to {options.out}. To read: {options.out / 'report.html'}"), soft_wrap=True)
