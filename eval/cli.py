"""The command `coproduce eval`. It joins through the entry point `coproduce.commands`; the assistant knows it not.

Modules are imported by the command that needs them: `coproduce --help` loads this file, and should not wait for more.
"""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from assistant.serving.terminal.arguments import AsJson, DataDir
from assistant.serving.terminal.console import err, out
from corpus.errors import CoproduceError

DEFAULT_SPLIT = "test"
#: What a new baseline is made of: whoever looks at it every day must not look at the test cases.
GATE_SPLIT = "dev"
BASELINE = Path(__file__).parent / "baseline.json"
_SPLITS = ", ".join(sorted(path.stem for path in (Path(__file__).parent / "data").glob("*.jsonl")))

app = typer.Typer(
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Split = Annotated[
    str | None, typer.Option("--split", help=f"Which bundled cases: {_SPLITS}. [default: {DEFAULT_SPLIT}]")
]
CaseFile = Annotated[
    Path | None,
    typer.Option(
        "--cases", help="A case file of your own: one JSON object a line, or a spreadsheet that ends in .csv."
    ),
]
Documents = Annotated[
    Path | None,
    typer.Option("--documents", help="A folder of your own documents, Markdown or plain text, instead of the report."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at what would be a note: an unknown query or document.")]
LeaveOutOwn = Annotated[
    bool | None,
    typer.Option(
        "--leave-out-own/--keep-own",
        help="Leave out the document with a query's own id, as BEIR does. [default: in a BEIR folder with such ids]",
        show_default=False,
    ),
]
Config = Annotated[
    Path | None, typer.Option("--config", help="A TOML file of settings, by the names that the README lists.")
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        help="The measure decided on before: it is tested, the others explored. "
        "[default: recall@5; nDCG@10 where a run has only rankings of documents]",
    ),
]
Failures = Annotated[bool, typer.Option("--failures", help="Also show each case that went wrong.")]
Measures = Annotated[
    str | None, typer.Option("--measures", help="Show only these, with commas between: recall@5,nDCG@10.")
]


@app.callback()
def evaluate_cases(
    ctx: typer.Context,
    split: Split = None,
    cases: CaseFile = None,
    failures: Failures = False,
    measures: Measures = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Measure how well questions are answered, on questions whose answers are known.

    Without a command it prints the measures of a run and keeps nothing. Ends with exit code 1 if a question ended in an
    error. "recall@k" is the share of the evidence wanted that the first k hits hold, any alternative counting; R@k is
    the share of all passages with evidence.

    Example: coproduce eval --split dev --failures
    """
    if ctx.invoked_subcommand is not None:
        if any((split, cases, failures, measures, as_json, data_dir)):
            raise CoproduceError(f"options come after the command: coproduce eval {ctx.invoked_subcommand} --…")
        return
    from eval.command import ask_all, load, open_for, show  # noqa: PLC0415
    from eval.measures import chosen_measures  # noqa: PLC0415

    wanted = chosen_measures(measures)
    source, located = load(split or (None if cases else DEFAULT_SPLIT), cases)
    show(ask_all(open_for(None, data_dir), source, located), wanted, failures=failures, as_json=as_json)


@app.command()
def run(
    split: Split = None,
    cases: CaseFile = None,
    config: Config = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="The run's folder. [default: one in the data folder's runs/]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out that was stopped.")] = False,
    documents: Documents = None,
    beir: Annotated[
        Path | None, typer.Option("--beir", help="Measure search on a BEIR folder's own corpus, without the report.")
    ] = None,
    strict: Strict = False,
    leave_out_own: LeaveOutOwn = None,
    failures: Failures = False,
    measures: Measures = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Ask every question, measure the answers, and keep all of it in a folder with a page to read: report.html.

    "recall@k" is the share of the evidence wanted that the first k hits hold, any alternative counting; R@k is the
    share of all passages with evidence; Success@k is whether there is any.

    Example: coproduce eval run --split dev --out runs/before
    """
    from eval.command import load, open_for, read_own, run_in_folder, settings_for, show, show_beir  # noqa: PLC0415
    from eval.measures import chosen_measures  # noqa: PLC0415

    wanted = chosen_measures(measures)
    if resume and folder is None:
        raise CoproduceError("--resume needs --out: the folder of the run that was stopped.")
    if beir is not None:
        from eval.beir_search import BeirOptions  # noqa: PLC0415

        if any((split, cases, documents, failures, measures)):
            raise CoproduceError(
                "--beir goes with --out, --resume, --strict, --leave-out-own, --keep-own, --config, --json and "
                "--data-dir only."
            )
        beir_options = BeirOptions(folder, resume, strict, leave_out_own)
        show_beir(beir, settings_for(config, data_dir), beir_options, as_json=as_json)
        return
    if strict or leave_out_own is not None:
        raise CoproduceError("--strict, --leave-out-own and --keep-own go with --beir.")
    if documents is not None and not cases and not resume:
        raise CoproduceError("--documents needs --cases: the bundled cases ask the report, not documents of yours.")
    own = read_own(documents)
    if not resume or split or cases:
        source, located = load(split or (None if cases else DEFAULT_SPLIT), cases, own)
    else:
        source, located = "", ()  # the folder has them
    given = {"--config": config, "--data-dir": data_dir, "--documents": documents}
    options = [word for name, path in given.items() if path is not None for word in (name, str(path))]
    assistant = open_for(config, data_dir, own)
    made = run_in_folder(folder, assistant, source, located, resume=resume, options=options, documents=own)
    show(made, wanted, failures=failures, as_json=as_json)


@app.command()
def score(
    judged: Annotated[Path, typer.Argument(metavar="QRELS", help="TREC qrels, a BEIR folder, or the folder of a run.")],
    run_file: Annotated[
        Path | None, typer.Argument(metavar="RUN", help="A TREC run. [default: that of the run folder given as QRELS]")
    ] = None,
    measures: Annotated[
        str | None,
        typer.Option("--measures", help="With commas between: P@5,nDCG@10,AP, or as trec_eval writes them."),
    ] = None,
    per_query: Annotated[bool, typer.Option("--per-query", help="Also show each query's values.")] = False,
    queries: Annotated[
        Path | None,
        typer.Option("--queries", help="What the queries ask, and their kinds: id, question, kind with tabs between."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Keep it as a run folder, to compare, gate and report.")
    ] = None,
    ignore_missing: Annotated[
        bool, typer.Option("--ignore-missing", help="Leave out queries that the run lacks, as trec_eval without -c.")
    ] = False,
    strict: Strict = False,
    leave_out_own: LeaveOutOwn = None,
    as_json: AsJson = False,
) -> None:
    """Score a run against judgements: any two TREC files, with the numbers of trec_eval 10.

    With the folder of a run alone it shows what that run is worth, with intervals and by kind.

    Scores are ranked in double precision, equal ones by id, both from high to low. A query that the run lacks scores
    zero. Files compressed by gzip are read, and lines that begin with # are comments. The interval holds the true mean
    in 95 of 100 such samples of queries.

    Example: coproduce eval score qrels.txt bm25.run --measures nDCG@10,R@100
    """
    from eval.score_command import score_files  # noqa: PLC0415

    score_files(
        judged,
        run_file,
        measures,
        queries,
        folder,
        ignore_missing=ignore_missing,
        strict=strict,
        leave_out_own=leave_out_own,
        per_query=per_query,
        as_json=as_json,
    )


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="Run folders; the first is the baseline.")],
    questions: Annotated[
        int | None, typer.Option("--questions", min=0, help="How many changed questions to show. [default: 10]")
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Compare runs question by question with the first, and say what is more than chance.

    Example: coproduce eval compare runs/before runs/after --by nDCG@10
    """
    from eval.compare import compare_runs  # noqa: PLC0415
    from eval.compare_report import QUESTIONS_SHOWN, show_comparison  # noqa: PLC0415
    from eval.folder import read_run  # noqa: PLC0415
    from eval.measures import measure_named  # noqa: PLC0415

    comparison = compare_runs([read_run(folder) for folder in runs], by=measure_named(by))
    if as_json:
        typer.echo(comparison.model_dump_json(indent=1))
    else:
        show_comparison(out, comparison, questions=QUESTIONS_SHOWN if questions is None else questions)


@app.command()
def sweep(
    file: Annotated[Path, typer.Argument(help="A TOML file: a [grid], or [[configuration]] once or more.")],
    split: Annotated[str | None, typer.Option("--split", help="Which bundled cases. [default: dev]")] = None,
    cases: CaseFile = None,
    folder: Annotated[Path | None, typer.Option("--out", help="[default: one in the data folder's runs/]")] = None,
    by: By = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Try configurations: what is embedded, weights, model, reranker, numbers of hits; show what each is worth.

    Example: coproduce eval sweep weights.toml
    """
    from eval.sweep_command import sweep_file  # noqa: PLC0415

    sweep_file(file, split, cases, folder, by, data_dir, as_json=as_json)


@app.command()
def gate(
    baseline: Annotated[Path, typer.Option("--baseline", help="What to hold the run against.")] = BASELINE,
    run_folder: Annotated[
        Path | None, typer.Option("--run", help="A run folder; without it the baseline's questions are asked now.")
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Which bundled cases. [default: those of the baseline]")
    ] = None,
    cases: CaseFile = None,
    documents: Documents = None,
    config: Config = None,
    tolerate: Annotated[
        list[str] | None,
        typer.Option(
            "--tolerate",
            metavar="MEASURE=NUMBER",
            help="How much worse a measure may be, for instance recall@5=0.02, or recall@5=off; once or more.",
        ),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Make the run the new baseline.")] = False,
    junit: Annotated[Path | None, typer.Option("--junit", help="Also write JUnit XML, which CI reads.")] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="Also write Markdown for a pull request.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Fail, with exit code 1, if a run is worse than a baseline by more than is tolerated.

    Exit code 2: nothing could be held against the baseline; --junit and --markdown then say why.

    With --write and --tolerate the new baseline keeps these tolerances.

    Example: coproduce eval gate --baseline eval/baseline.json --junit gate.xml
    """
    from eval.command import ask_all, load, open_for, read_own  # noqa: PLC0415
    from eval.folder import read_run  # noqa: PLC0415
    from eval.gate import (  # noqa: PLC0415
        BaselineError,
        check_gate,
        read_baseline,
        renew_baseline,
        show_gate,
        with_tolerances,
    )
    from eval.gate_files import write_junit, write_markdown, write_stopped  # noqa: PLC0415
    from eval.wording import counted  # noqa: PLC0415

    if run_folder is not None and (split or cases or config or documents):
        raise CoproduceError("give --run, or the cases to ask: not both.")
    if documents is not None and not cases:
        raise CoproduceError("--documents needs --cases: the bundled cases ask the report, not documents of yours.")
    if write and (junit or markdown or as_json):
        raise CoproduceError("--write makes a new baseline: there is nothing found to write with it.")
    try:
        held = None if write else with_tolerances(read_baseline(baseline), tolerate or ())
        if run_folder is not None:
            made = read_run(run_folder)
        else:
            own = read_own(documents)
            asked = split or (None if cases else _split_of(baseline))
            source, located = load(asked, cases, own)
            made = ask_all(open_for(config, data_dir, own), source, located, own)
        if held is None:
            renew_baseline(baseline, made, tolerate or ())
            err.print(
                f"{baseline} is written: {counted(made.summary.cases, 'question')} of {made.summary.source}.",
                markup=False,
            )
            return
        result = check_gate(held, made)
    except CoproduceError as error:
        with suppress(BaselineError):  # what stopped it is worth more to say
            write_stopped(junit, markdown, str(error))
        error.exit_code = 2  # 1 says that something got worse
        raise
    if junit is not None:
        write_junit(junit, result)
    if markdown is not None:
        write_markdown(markdown, result)
    if as_json:
        typer.echo(result.model_dump_json(indent=1))
    else:
        show_gate(out, result)
    if not result.passed:
        raise typer.Exit(1)


def _split_of(baseline: Path) -> str:
    """Give the split that a baseline was made of, where it was one and the baseline is there."""
    from eval.cases import DATA  # noqa: PLC0415
    from eval.gate import read_baseline  # noqa: PLC0415

    source = Path(read_baseline(baseline).source) if baseline.exists() else Path(GATE_SPLIT)
    if baseline.exists() and not (DATA / source.name).is_file():
        raise CoproduceError(
            f"{baseline} was made of {source.name}, which is not bundled. Give it: --cases FILE, and --documents "
            "FOLDER if it asks documents of yours."
        )
    return source.stem


@app.command()
def new(
    file: Annotated[
        Path | None, typer.Option("--file", help="The case file to add to. [default: the drafts in the data folder]")
    ] = None,
    drafts: Annotated[
        bool, typer.Option("--drafts", help="Go through the drafts in it that the web chat saved.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Write cases: ask a question, see what is found, and mark the evidence in it.

    Example: coproduce eval new --file mine.jsonl
    """
    from assistant.keeping.feedback import drafts_path  # noqa: PLC0415
    from eval.command import open_for  # noqa: PLC0415
    from eval.interview import finish_drafts, write_cases  # noqa: PLC0415

    assistant = open_for(None, data_dir)
    path = drafts_path(assistant.settings.data_dir) if file is None else file
    (finish_drafts if drafts else write_cases)(assistant, path, out)


@app.command()
def lint(
    files: Annotated[list[Path] | None, typer.Argument(help="Case files. [default: the bundled ones]")] = None,
    documents: Documents = None,
    as_json: AsJson = False,
) -> None:
    """Look cases over: duplicates, leaks between files, evidence that stands nowhere or often, rare kinds.

    Ends with exit code 1 where something must be put right.

    Example: coproduce eval lint mine.jsonl
    """
    from eval.command import read_own  # noqa: PLC0415
    from eval.lint import has_errors, lint_cases, show_findings  # noqa: PLC0415

    if documents is not None and not files:
        raise CoproduceError("--documents needs case files: the bundled ones ask the report, not documents of yours.")
    findings = lint_cases(files or None, read_own(documents))
    if as_json:
        import json  # noqa: PLC0415

        typer.echo(json.dumps([finding.model_dump(mode="json") for finding in findings], ensure_ascii=False, indent=1))
    else:
        show_findings(out, findings)
    if has_errors(findings):
        raise typer.Exit(1)


@app.command()
def report(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    before: Annotated[Path | None, typer.Option("--before", help="An earlier run to show beside it.")] = None,
    target: Annotated[Path | None, typer.Option("--out", help="The page. [default: report.html in the folder]")] = None,
    by: By = None,
) -> None:
    """Write the page of a run again, beside an earlier run if one is given.

    Example: coproduce eval report runs/after --before runs/before
    """
    from eval.folder import read_run  # noqa: PLC0415
    from eval.measures import measure_named  # noqa: PLC0415
    from eval.page import write_page  # noqa: PLC0415

    page = target or run_folder / "report.html"
    write_page(read_run(run_folder), page, None if before is None else read_run(before), by=measure_named(by))
    err.print(f"Written: {page}", markup=False, soft_wrap=True)


@app.command()
def reading(
    writer: Annotated[
        str | None, typer.Option("--writer", help="Whose examples judge, by letter. [default: the one held out]")
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", help="Cases whose slots are labelled: people_dev or people_test.")
    ] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Say how well questions are read: precision and recall of each intent, or of each slot of labelled cases.

    Without options: on the examples of the writer who is held out, as the embedding model and words tell them together.

    Example: coproduce eval reading --split people_dev
    """
    from eval.reading_report import score_split, score_writer, show_scores  # noqa: PLC0415

    if writer is not None and split is not None:
        raise CoproduceError("give --writer or --split, not both.")
    scores = score_split(split, data_dir) if split else score_writer(writer, data_dir)
    show_scores(scores, as_json=as_json)


@app.command("export")
def export_command(
    form: Annotated[str, typer.Argument(metavar="FORM", help="csv, beir or trec.")],
    target: Annotated[Path, typer.Argument(help="The file or folder to write; it must not exist.")],
    split: Split = None,
    cases: CaseFile = None,
    documents: Documents = None,
) -> None:
    """Write cases for another tool: a spreadsheet, a BEIR folder, or TREC qrels.

    Example: coproduce eval export csv cases.csv --split dev
    """
    from eval.command import load, read_own  # noqa: PLC0415
    from eval.exchange import export_cases  # noqa: PLC0415
    from eval.wording import counted  # noqa: PLC0415

    own = read_own(documents)
    source, located = load(split or (None if cases else DEFAULT_SPLIT), cases, own)
    export_cases(form, located, target, own)
    err.print(f"{counted(len(located), 'case')} of {source} written to {target}", markup=False, soft_wrap=True)


@app.command("import")
def import_command(
    form: Annotated[
        str, typer.Argument(metavar="FORM", help="csv, beir or trec; or run, for what another system found.")
    ],
    source: Annotated[Path, typer.Argument(help="The file or folder to read.")],
    target: Annotated[Path, typer.Argument(help="The case file, or run folder, to write; it must not exist.")],
    split: Split = None,
    cases: CaseFile = None,
    documents: Documents = None,
    strict: Strict = False,
) -> None:
    """Read cases from another tool's files into a case file, or what another system found into a run folder.

    What was found for the questions of --split or --cases may be a TREC run over our passages, or pieces of the
    system's own, one JSON object a line: query, score, and document, start and end, or text. It can then be compared
    with a run of ours.

    Example: coproduce eval import csv typed.csv mine.jsonl
    """
    from eval.command import load, read_own, warn, write_imported_run  # noqa: PLC0415
    from eval.exchange import import_cases, write_cases  # noqa: PLC0415
    from eval.wording import counted  # noqa: PLC0415

    own = read_own(documents)
    if form == "run":
        asked = load(split or (None if cases else DEFAULT_SPLIT), cases, own)
        made = write_imported_run(source, target, *asked, own, strict=strict)
        err.print(f"{counted(made.summary.cases, 'question')} written to {target}", markup=False, soft_wrap=True)
        return
    if split or cases or strict:
        raise CoproduceError("--split, --cases and --strict go with `import run` only.")
    located = import_cases(form, source, own, warn)
    write_cases(target, located)
    err.print(f"{counted(len(located), 'case')} written to {target}", markup=False, soft_wrap=True)
