"""The command `coproduce eval`. It joins through the entry point `coproduce.commands`; the assistant knows it not."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import err, open_or_build, out
from assistant.options import AsJson, DataDir
from corpus.errors import CoproduceError

DEFAULT_SPLIT = "test"

app = typer.Typer(
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def evaluate_cases(
    split: Annotated[
        str | None, typer.Option("--split", help=f"Which bundled cases: train, dev or test. [default: {DEFAULT_SPLIT}]")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", help="A case file of your own, one JSON object a line.")
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="Also show each case that went wrong.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Measure how well questions are answered, on questions whose answers are known.

    Ends with exit code 1 if a question ended in an error.

    Example: coproduce eval --split dev --failures
    """
    if cases is not None and split is not None:
        raise CoproduceError("give --split or --cases, not both.")
    # Imported here, not above: `coproduce --help` loads this module, and should not wait for what it does not use.
    from rich.progress import track  # noqa: PLC0415

    from eval.cases import load_cases, split_path  # noqa: PLC0415
    from eval.report import show_evaluation, show_failures  # noqa: PLC0415
    from eval.run import evaluate, run_cases  # noqa: PLC0415

    path = cases if cases is not None else split_path(split if split is not None else DEFAULT_SPLIT)
    located = load_cases(path)
    assistant, _ = open_or_build(data_dir)
    asked = run_cases(assistant, located)
    outcomes = list(track(asked, "Asking", total=len(located), console=err, transient=True))
    from corpus.load import load_library  # noqa: PLC0415

    # Judged against the report as it is read now, not against the copy that the index holds.
    evaluation = evaluate(path.name, outcomes, load_library())
    if as_json:
        typer.echo(evaluation.model_dump_json(indent=1, exclude=None if failures else {"failures"}))
    else:
        show_evaluation(out, evaluation)
        if failures:
            out.print()
            show_failures(out, evaluation, outcomes)
    if evaluation.errors:
        raise typer.Exit(1)
