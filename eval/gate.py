"""Hold a run against a baseline, and fail where it is worse by more than is tolerated: `coproduce eval gate`.

A baseline is a small JSON file that is kept beside the code: what a run was worth, question by question, and how much
worse a later one may be.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.quoting.visible import visible
from corpus.errors import CoproduceError
from corpus.frozen import Frozen
from corpus.load import load_library
from eval.changes import REFUSED, gain_of
from eval.difference import MeasureDifference, decided_on, difference_of
from eval.fingerprint import corpus_sha256
from eval.measures import MEASURES
from eval.paired import check_same, complete, difference_between
from eval.schema import Fingerprint, QueryRow, Run
from eval.statistics import questions_needed
from eval.wording import VERDICTS, counted, p_of

#: How much worse a measure may be, in its own unit. On 150 questions 0.02 is three of them.
TOLERANCES: dict[str, float] = {
    "recall@1": 0.03,
    "recall@5": 0.02,
    "recall@10": 0.02,
    "nDCG@10": 0.02,
    "evidence_shown": 0.02,
    "first_citation": 0.02,
    "citation_recall": 0.02,
    "verbatim": 0.0,
    "speaker": 0.05,
    "section": 0.02,
    "filter_leakage": 0.0,
    "answerable_refused": 0.02,
    "refusal_precision": 0.05,
    "refusal_recall": 0.05,
    "AUROC": 0.02,
    "ECE": 0.03,
}
#: The measures of single questions that show which ones a measure of the whole run lost.
_SHOWN_BY = {"refusal_recall": REFUSED, "refusal_precision": "answerable_refused"}
_DIGITS = 6
_LEAST = 1e-6  # values in a baseline are rounded to as much
_LOST_SHOWN = 10
_QUESTIONS_SHOWN = 25
_OTHER_DOCUMENTS = (
    "The documents are not those of the baseline. The same cases were asked, so they are held against it all the same, "
    "each by its evidence, wherever that stands now. To hold later runs against these documents, write a new baseline: "
    "--write"
)

Value = Annotated[float, Field(allow_inf_nan=False)]
Tolerance = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BaselineError(CoproduceError):
    """A baseline cannot be read or written, or has values that make no sense."""

    exit_code = 2


class Baseline(Frozen):
    """What a run was worth, to hold later ones against."""

    source: str = Field(description="The case file's name.")
    created: str
    version: str
    fingerprint: Fingerprint
    tolerances: dict[str, Tolerance] = Field(description="Measure → how much worse it may be, in its own unit.")
    measures: dict[str, Value | None]
    no_answer: int = Field(ge=0, description="Questions that ended in an error.")
    questions: dict[str, dict[str, Value]] = Field(description="Case id → measure → value.")

    @model_validator(mode="after")
    def _check_names(self) -> "Baseline":
        can = [name for name, measure in MEASURES.items() if measure.higher_is_better is not None]
        for name in self.tolerances:
            if name not in can:
                raise ValueError(f"there is no measure {name!r} to tolerate. There are: {', '.join(can)}")
            if name not in self.measures:
                raise ValueError(f"{name!r} has a tolerance but no value among the measures")
        return self


class Drop(Frozen):
    """A measure that is worse than tolerated, what that is worth, and the questions that were lost."""

    measure: str
    before: float
    after: float | None = Field(description="None: it could not be measured any more.")
    worse_by: float | None
    tolerance: float
    lost: tuple[str, ...] = Field(description="Ids of the cases that are worse by this measure, the worst first.")
    compared: MeasureDifference | None = Field(
        default=None, description="Interval, p and verdict, where the baseline knows this measure of each question."
    )


class GateResult(Frozen):
    """What the gate found: what `coproduce eval gate --json` prints."""

    passed: bool
    source: str
    cases: int
    drops: tuple[Drop, ...]
    better: tuple[str, ...] = Field(description="Measures that are better by more than their tolerance.")
    no_answer: dict[str, str] = Field(description="Case id → what went wrong; why the gate failed if there are more.")
    no_answer_before: int
    lost: dict[str, str] = Field(description="Case id → question, of all cases in `drops`.")
    held: tuple[str, ...] = Field(description="The measures that were held against the baseline.")
    notes: tuple[str, ...] = Field(default=(), description="What whoever reads the result should know.")


def with_tolerances(baseline: Baseline, given: Sequence[str]) -> Baseline:
    """Give a baseline with other tolerances, each as it was typed: `recall@5=0.01`; `recall@5=off` takes one away.

    Raises:
        BaselineError: one has no such form, or names a measure that the baseline does not have.
    """
    tolerances = dict(baseline.tolerances)
    known = {name.casefold(): name for name in tolerances_possible(baseline)}
    for one in given:
        typed, sign, value = one.partition("=")
        name = known.get(typed.strip().casefold())
        if name is None:
            raise BaselineError(
                f"--tolerate {one}: the baseline has no {typed.strip()!r}. It has: {', '.join(known.values())}."
            )
        if value.strip() == "off":
            tolerances.pop(name, None)
            continue
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not sign or not 0 <= number < float("inf"):
            raise BaselineError(
                f"--tolerate {one}: expected a measure and how much worse it may be, such as recall@5=0.02 "
                "(of 1, not of 100), or recall@5=off."
            )
        tolerances[name] = number
    return baseline.model_copy(update={"tolerances": tolerances})


def tolerances_possible(baseline: Baseline) -> list[str]:
    """Name the measures of a baseline that a run can be worse by."""
    return [
        name
        for name, value in baseline.measures.items()
        if value is not None and name in MEASURES and MEASURES[name].higher_is_better is not None
    ]


def check_gate(baseline: Baseline, run: Run) -> GateResult:
    """Hold a run against a baseline.

    Tolerances decide; whether chance could do as much is said, of each drop by itself at 5%.

    It fails where a measure is worse by more than its tolerance, or cannot be measured any more, and where more
    questions than before ended in an error or are missing.

    Documents of one's own change every day, and the gate is to say whether the answers are still as good: it holds the
    same cases against each other, and says that the documents differ. The bundled report must be the baseline's.

    Raises:
        RunsDiffer: the run asked other cases than the baseline's, or another version of the bundled report.
    """
    before, now = baseline.fingerprint, run.summary.fingerprint
    bundled = corpus_sha256(load_library().documents)
    check_same(
        ("the baseline", before),
        (f"the run {run.summary.name!r}", now),
        advice="If they were changed on purpose, make a new baseline: --write",
        other_documents=bundled not in (before.corpus_sha256, now.corpus_sha256),
    )
    notes = (_OTHER_DOCUMENTS,) if before.corpus_sha256 != now.corpus_sha256 else ()
    run = complete(run)
    drops: list[Drop] = []
    better: list[str] = []
    for name, tolerance in baseline.tolerances.items():
        value, after = baseline.measures[name], run.summary.measures.get(name)
        if value is None:
            continue
        gain = None if after is None else gain_of(name, value, after)
        if gain is None or gain < -tolerance - _LEAST:
            worse_by = None if gain is None else round(-gain, _DIGITS)
            lost = _lost(baseline.questions, run, name)
            compared = _compared(baseline, run, name)
            drops.append(
                Drop(
                    measure=name,
                    before=value,
                    after=after,
                    worse_by=worse_by,
                    tolerance=tolerance,
                    lost=lost,
                    compared=compared,
                )
            )
        elif gain > max(tolerance, _LEAST):
            better.append(name)
    no_answer = {row.case_id: row.error or "missing from the run" for row in run.rows if not row.has_answer}
    questions = {case.id: case.question for case in run.cases}
    return GateResult(
        passed=not drops and len(no_answer) <= baseline.no_answer,
        source=baseline.source,
        cases=len(run.cases),
        drops=tuple(drops),
        better=tuple(better),
        no_answer=no_answer,
        no_answer_before=baseline.no_answer,
        lost={case_id: questions[case_id] for drop in drops for case_id in drop.lost},
        held=tuple(name for name in baseline.tolerances if baseline.measures[name] is not None),
        notes=notes,
    )


def make_baseline(run: Run, tolerances: Mapping[str, float] | None = None) -> Baseline:
    """Make a baseline from a run. Measures that the run could not measure have no tolerance."""
    run = complete(run)
    measures = {name: _rounded(run.summary.measures.get(name)) for name in MEASURES}
    wanted = TOLERANCES if tolerances is None else tolerances
    return Baseline(
        source=run.summary.source,
        created=run.summary.created,
        version=run.summary.version,
        fingerprint=run.summary.fingerprint,
        tolerances={name: tolerance for name, tolerance in wanted.items() if measures.get(name) is not None},
        measures={name: value for name, value in measures.items() if not name.startswith("latency")},
        no_answer=sum(not row.has_answer for row in run.rows),
        questions={row.case_id: _values_of(row) for row in sorted(run.rows, key=lambda row: row.case_id)},
    )


def renew_baseline(path: Path, run: Run, given: Sequence[str] = ()) -> Baseline:
    """Write a baseline made from a run; where there was one before, its tolerances stay, but for those given.

    Raises:
        BaselineError: the file cannot be written, or what is there is not a baseline and would be lost.
    """
    before = read_baseline(path).tolerances if path.exists() else {}
    baseline = with_tolerances(make_baseline(run, {**TOLERANCES, **before}), given)
    write_baseline(path, baseline)
    return baseline


def read_baseline(path: Path) -> Baseline:
    """Read a baseline. Raises BaselineError, which says what is wrong and how to make a new one."""
    advice = "Remove it and make a new one with: coproduce eval gate --baseline FILE --write"
    try:
        return Baseline.model_validate(json.loads(path.read_bytes()))
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror or error}. {advice}") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the baseline"
        raise BaselineError(
            f"{path}: {field}: {first['msg'].lower()}; found {first['input']!r:.80}. {advice}"
        ) from None
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path}: expected a JSON object ({error}). {advice}") from None


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write a baseline with a line for each question, so that a change of it can be read in a diff.

    Raises:
        BaselineError: the file cannot be written.
    """
    dumped: dict[str, Any] = baseline.model_dump(mode="json")
    lines = [f"  {json.dumps(case_id)}: {json.dumps(values)}" for case_id, values in dumped.pop("questions").items()]
    head = json.dumps(dumped, indent=1, ensure_ascii=False).removesuffix("\n}")
    text = head + ',\n "questions": {\n' + ",\n".join(lines) + "\n }\n}\n"
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(path)
    except OSError as error:
        raise BaselineError(f"{path} cannot be written: {error.strerror or error}.") from None


def show_gate(console: Console, result: GateResult) -> None:
    """Print what the gate found: the measures that dropped, by how much, and the questions that were lost."""
    passed = f"Passed: {counted(result.cases, 'question')} of {result.source}, as good as the baseline, or nearly."
    failed = f"Failed: {result.source} is worse than the baseline."
    console.print(Text(passed if result.passed else failed, style="bold green" if result.passed else "bold red"))
    for note in result.notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    if result.drops:
        table = Table(box=SIMPLE_HEAD, collapse_padding=True)
        table.add_column("measure", no_wrap=True)
        for name in ("baseline", "now", "worse by", "tolerated", "p"):
            table.add_column(name, justify="right")
        table.add_column("verdict", no_wrap=True)
        for drop in result.drops:
            table.add_row(*cells_of(drop))
        console.print(table)
        console.print("The tolerance decides; p and verdict say whether chance could do as much, at 5%.", style="dim")
    if len(result.no_answer) > result.no_answer_before:
        found = (
            f"{counted(len(result.no_answer), 'question')} got no answer; the baseline has {result.no_answer_before}:"
        )
        console.print(Text(found, style="red"))
        for case_id, error in list(result.no_answer.items())[:_LOST_SHOWN]:
            console.print(Text(visible(f"  {case_id}: {error}")))
        if len(result.no_answer) > _LOST_SHOWN:
            console.print(f"  … and {len(result.no_answer) - _LOST_SHOWN} more: see --json.")
    if result.lost:
        console.print(Text("Questions lost:", style="bold"))
        for case_id, question in list(result.lost.items())[:_QUESTIONS_SHOWN]:
            by = ", ".join(drop.measure for drop in result.drops if case_id in drop.lost)
            console.print(Text(visible(f"  {case_id} ({by}): {question}")))
        if len(result.lost) > _QUESTIONS_SHOWN:
            console.print(f"  … and {len(result.lost) - _QUESTIONS_SHOWN} more: see --json.")
    if result.better:
        names = ", ".join(MEASURES[name].label for name in result.better)
        console.print(f"Better than the baseline: {names}. To keep it so, write a new one: --write")


def cells_of(drop: Drop) -> tuple[str, ...]:
    """Write a drop as the cells of a table: measure, baseline, now, worse by, tolerated, p, verdict."""
    measure, compared = MEASURES[drop.measure], drop.compared
    values = (drop.before, drop.after, drop.worse_by, drop.tolerance)
    p, verdict = ("–", "–") if compared is None else (p_of(compared), VERDICTS[compared.verdict])
    return (measure.label, *map(measure.show, values), p, verdict)


def _compared(baseline: Baseline, run: Run, name: str) -> MeasureDifference | None:
    """Give the verdict of one measure by itself, as `eval compare --by` does; None where questions do not have it."""
    measure = MEASURES[name]
    if not measure.per_question or name not in TOLERANCES:
        return None
    now = {row.case_id: _values_of(row).get(name) for row in run.rows}
    pairs = {
        case: (one[name], other)
        for case, one in baseline.questions.items()
        if name in one and (other := now.get(case)) is not None
    }
    found = difference_of(measure, pairs)
    differences = [difference_between(one, other) for one, other in pairs.values()]
    return found and decided_on(found, found.p, lambda: questions_needed(differences))


def _lost(before: Mapping[str, Mapping[str, float]], run: Run, name: str) -> tuple[str, ...]:
    """Give the cases that are worse by a measure, the worst first."""
    by = _SHOWN_BY.get(name, name)
    gains: dict[str, float] = {}
    for row in run.rows:
        one, other = before.get(row.case_id, {}).get(by), _values_of(row).get(by)
        if one is not None and other is not None:
            gains[row.case_id] = gain_of(by, one, other)
    return tuple(sorted((one for one, gain in gains.items() if gain < -_LEAST), key=lambda one: gains[one]))


def _values_of(row: QueryRow) -> dict[str, float]:
    """Give what a baseline keeps of a question: the values by which its gain or loss can be seen."""
    values = {name: _rounded(row.measures.get(name)) for name in TOLERANCES if MEASURES[name].per_question}
    known = {name: value for name, value in values.items() if value is not None}
    return known if row.answerable else {**known, REFUSED: float(row.refused)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
