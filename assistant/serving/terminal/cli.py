"""The command `coproduce`. What is slow to import is imported by the command that needs it, not before."""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

STARTED = perf_counter()
# Pydantic's search for plugins reads the metadata of every installed package; we use none.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = os.environ.get("PYDANTIC_DISABLE_PLUGINS") or "true"

import typer  # noqa: E402 - the clock for --timings starts before the imports
from rich.text import Text  # noqa: E402

from assistant.serving.terminal.arguments import (  # noqa: E402
    AsJson,
    AskedOption,
    DataDir,
    DocumentOption,
    ExportFile,
    History,
    KindOption,
    RoleOption,
    SectionOption,
    SpeakerOption,
    make_query,
    typed_filters,
    typed_question,
)
from assistant.serving.terminal.commands import Commands  # noqa: E402
from assistant.serving.terminal.console import (  # noqa: E402
    check_both_ends,
    do_without_output,
    err,
    open_closed_streams,
    out,
    print_json,
    say,
    why_no_output,
)
from assistant.serving.terminal.listing import glossary, quotes, sections  # noqa: E402
from assistant.serving.terminal.own_documents import add, correct, documents, remove, update  # noqa: E402
from assistant.settings import Settings, load_settings  # noqa: E402
from corpus.errors import CoproduceError  # noqa: E402
from corpus.filters import Filters  # noqa: E402

if TYPE_CHECKING:
    from assistant.desk import Desk
    from assistant.pipeline import Assistant


app = typer.Typer(
    name="coproduce",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Ask a report; get its exact, cited passages and quotes, or a plain 'the report does not say'.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - it reads files, and only this needs it

        typer.echo(f"coproduce {version('coproduction-assistant')}")
        raise typer.Exit


@app.callback()
def coproduce(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Say what holds for every command; its help is that of `app`."""


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, or - to read it from standard input.")] = None,
    speaker: SpeakerOption = None,
    role: RoleOption = None,
    section: SectionOption = None,
    kind: KindOption = None,
    document: DocumentOption = None,
    collection: AskedOption = None,
    history: History = None,
    as_json: AsJson = False,
    input_file: Annotated[
        Path | None, typer.Option("--input", help="Many questions, one JSON object a line; - for standard input.")
    ] = None,
    output_file: Annotated[Path | None, typer.Option("--output", help="Where to write the answers to --input.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Also show what each hit's score is made of.")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Say how long it took.")] = False,
    export: ExportFile = None,
    data_dir: DataDir = None,
) -> None:
    """Ask a question.

    Example: coproduce ask "What makes power equal in a team?"
    """
    filters = typed_filters(speaker, role, section, kind, document, collection)
    if input_file is not None:
        if question is not None:
            raise CoproduceError("give a question or --input, not both.")
        if export is not None:
            raise CoproduceError("--export keeps one answer: give a question. For --input there is --output.")
        from assistant.serving.terminal.batch import answer_file  # noqa: PLC0415

        began = perf_counter()
        count = answer_file(open_desk(data_dir)[0], input_file, output_file, _complain, Filters(**filters))
        if timings:
            err.print(f"{1000 * (perf_counter() - began) / max(count, 1):.1f} ms a question, {count} questions")
        return
    if output_file is not None:
        raise CoproduceError("--output needs --input: a file of questions, one JSON object a line.")
    query = make_query(typed_question(question, _complain), filters, history)
    if export is not None:
        from assistant.quoting.export.files import check_target, save_answer  # noqa: PLC0415

        check_target(export)
    desk, opened = open_desk(data_dir)
    began = perf_counter()
    answer = desk.ask(query)
    answered = perf_counter()
    if as_json:
        print_json(answer.model_dump_json())
    else:
        from assistant.serving.terminal.present import show_answer  # noqa: PLC0415

        show_answer(out, answer)
    if export is not None:
        save_answer(answer, query.filters, desk.documents(), export)
        say(err, f"Kept in {export}")
    if explain:
        from assistant.serving.terminal.present import show_scores  # noqa: PLC0415

        show_scores(err if as_json else out, desk.explain(query))
    if timings:
        err.print(f"{1000 * (answered - began):.0f} ms to answer, {1000 * (opened - STARTED):.0f} ms to start")


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="The question, or - to read it from standard input.")],
    speaker: SpeakerOption = None,
    role: RoleOption = None,
    section: SectionOption = None,
    kind: KindOption = None,
    document: DocumentOption = None,
    collection: AskedOption = None,
    history: History = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List the passages found for a question, best first, without composing an answer.

    Example: coproduce search "ground rules" --kind interview
    """
    filters = typed_filters(speaker, role, section, kind, document, collection)
    query = make_query(typed_question(question, _complain), filters, history)
    desk, _ = open_desk(data_dir)
    hits = desk.search(query)
    if as_json:
        print_json(json.dumps([hit.model_dump(mode="json") for hit in hits], ensure_ascii=False))
        return
    from assistant.serving.terminal.present import show_hits  # noqa: PLC0415

    show_hits(out, hits, desk.documents())


for command in (quotes, sections, glossary, add, documents, update, remove, correct):
    app.command()(command)


@app.command()
def build(
    force: Annotated[bool, typer.Option("--force", help="Build again even if nothing changed.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Build the index, if it is missing or no longer fits.

    Example: coproduce build
    """
    settings = _settings(data_dir)
    built = _build(settings, force=force)
    say(err, f"The index is {'built' if built else 'up to date'}: {settings.data_dir}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    room: Annotated[
        bool, typer.Option("--room", help="Also hold training sessions, which phones in the local network can join.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Serve the web chat until you press Ctrl+C.

    Example: coproduce serve --port 8080
    """
    do_without_output()
    settings = _settings(data_dir, host=host, port=port, room=room or None)
    if settings.room and host is None and "host" not in settings.model_fields_set:
        settings = settings.model_copy(update={"host": "0.0.0.0"})  # noqa: S104 - phones are to reach it
    _build(settings)
    from assistant.serving.web.server import serve_until_stopped  # noqa: PLC0415

    serve_until_stopped(settings)


@app.command()
def mcp(data_dir: DataDir = None) -> None:
    """Let a language-model application on this computer quote the report: an MCP server on standard input and output.

    Example: coproduce mcp
    """
    check_both_ends()
    settings = _settings(data_dir)
    from assistant.serving.mcp_server import serve_over_stdio  # noqa: PLC0415
    from assistant.serving.opening import Opening  # noqa: PLC0415
    from corpus.load import load_library  # noqa: PLC0415

    serve_over_stdio(load_library(), Opening(settings, _complain))


def main() -> None:
    """Run the command; show a person's mistake as one line, without a traceback."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except CoproduceError as error:
        _complain(error)
        _leave(error.exit_code)
    except KeyboardInterrupt:
        err.print("coproduce: stopped.")
        _leave(130)
    except BrokenPipeError:  # what reads our output has gone
        os._exit(1)
    except OSError as error:
        what = "the output cannot be" if error.filename is None else f"{error.filename} cannot be read or"
        _complain(CoproduceError(f"{what} written: {why_no_output(error)}."))
        os._exit(1)
    except SystemExit as ended:
        _leave(ended.code if isinstance(ended.code, int) else int(ended.code is not None))


def _leave(code: int) -> None:
    """End at once: taking the encoder's runtime down in order takes a fifth of a second, and frees nothing we keep."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        code = 1
        if not isinstance(error, BrokenPipeError):
            _complain(CoproduceError(f"the output cannot be written: {why_no_output(error)}."))
    os._exit(code)


def _settings(data_dir: Path | None, **others: object) -> Settings:
    return load_settings(data_dir=data_dir, **others)


def open_or_build(data_dir: Path | None) -> "tuple[Assistant, float]":
    """Open the index, building it first where it is missing; also give the time when it was open."""
    return _open(_settings(data_dir)), perf_counter()


def open_desk(data_dir: Path | None) -> "tuple[Desk, float]":
    """Open the report and what was added beside it; also give the time when it was open."""
    from assistant.desk import Desk  # noqa: PLC0415

    desk = Desk(_open(_settings(data_dir)), complain=lambda line: _complain(CoproduceError(line)))
    return desk, perf_counter()


def _open(settings: Settings) -> "Assistant":
    _build(settings)
    from assistant.keeping.exported import load_encoder  # noqa: PLC0415

    with ThreadPoolExecutor(max_workers=1) as pool:
        encoder = pool.submit(load_encoder, settings)  # loads while the rest is imported
        from assistant.pipeline import Assistant  # noqa: PLC0415

        assistant = Assistant.from_settings(settings, encoder.result())
    for line in assistant.refused_files:
        _complain(CoproduceError(line))
    return assistant


def _build(settings: Settings, *, force: bool = False) -> bool:
    """Build the index where that is needed, with a progress bar on standard error."""
    from assistant.keeping.store import is_built  # noqa: PLC0415

    if is_built(settings) and not force:
        return False
    from assistant.keeping.build import build_index  # noqa: PLC0415

    if not err.is_terminal:
        return build_index(settings, _report_in_lines(), force=force)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    progress = Progress(*columns, console=err)
    tasks: dict[str, Any] = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            progress.start()  # only now: an error before the first step is then one clear line
            tasks[what] = progress.add_task(what, total=total)
        progress.update(tasks[what], completed=done)

    try:
        return build_index(settings, report, force=force)
    finally:
        if tasks:
            progress.stop()


def _report_in_lines() -> Callable[[str, int, int], None]:
    """Give a way to report progress to a file or a pipe: a line for each step, and for each tenth of a long one."""
    told: set[tuple[str, int]] = set()

    def report(what: str, done: int, total: int) -> None:
        tenth = 10 * done // total if total > 1 else 0
        if (what, tenth) not in told:
            told.add((what, tenth))
            say(err, f"{what}: {done:,} of {total:,}" if total > 1 else what)

    return report


def _complain(error: CoproduceError) -> None:
    err.print(Text(f"coproduce: {error}"), soft_wrap=True)


if __name__ == "__main__":
    main()
