"""Look over case files for what would make their numbers mean less than they seem to: `coproduce eval lint`.

Errors must be put right: a line that cannot be used, a question that stands twice, evidence that stands nowhere.
Warnings are for a person to judge. Every finding has its file and line.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.text import Text

from assistant.quoting.visible import visible
from corpus.errors import CaseError
from corpus.frozen import Frozen
from corpus.load import load_library
from corpus.schema import Document
from eval.cases import DATA, FoldedText, check_names, offer_marks, read_case, read_lines, what_is_asked
from eval.drafts import is_draft
from eval.schema import Case, Span
from eval.spreadsheet import read_each_row
from eval.wording import counted

Severity = Literal["error", "warning"]
Rule = Literal[
    "broken", "same-id", "duplicate", "near-duplicate", "leakage", "near-leakage", "evidence", "kind", "draft"
]

#: A share of 100: from here on two questions are likely one question with a word changed.
NEAR = 90
FEWEST_OF_A_KIND = 10
_SHOWN_CHARACTERS = 70
_ROWS_AT_ONCE = 500


class Finding(Frozen):
    """Something about a case file that somebody should look at."""

    severity: Severity
    rule: Rule
    file: str
    line: int = Field(description="From 1.")
    case_id: str | None
    message: str


@dataclass(frozen=True)
class _Placed:
    """A case with the place where it stands, and its question and history as they are compared."""

    case: Case
    path: Path
    line: int
    question: str
    history: str

    @property
    def numbers(self) -> frozenset[str]:
        """What tells “Public partner B” from “Public partner C”: single letters and words with digits."""
        words = f"{self.history} {self.question}".split()
        return frozenset(word for word in words if len(word) == 1 or any(letter.isdigit() for letter in word))

    @property
    def where(self) -> str:
        return f"{self.path.name}, line {self.line}"


def lint_cases(paths: Sequence[Path] | None = None, documents: Sequence[Document] | None = None) -> tuple[Finding, ...]:
    """Look over case files, each alone and all together.

    Args:
        paths: The files, one JSON object a line or, where the name ends in `.csv`, a spreadsheet; the bundled splits if
            left out.
        documents: Where evidence must stand; the bundled library if left out.

    Returns:
        What was found, in the order of files and lines.

    Raises:
        CaseError: a file cannot be read at all, or a spreadsheet's first line does not name its columns.
    """
    paths = list(dict.fromkeys(paths or sorted(DATA.glob("*.jsonl"))))
    asked = what_is_asked(documents)
    documents = load_library().documents if documents is None else documents
    folded = [(document, FoldedText(document)) for document in documents]
    found: list[Finding] = []
    placed: list[_Placed] = []
    for path in paths:
        mine = list(_read(path, documents, found))
        found += _same_ids(mine)
        for one in mine:
            found += _evidence(one, folded, asked)
        found += _rare_kinds(mine)
        placed += mine
    found += _duplicates(placed)
    order = {str(path): number for number, path in enumerate(paths)}
    return tuple(sorted(found, key=lambda one: (order[one.file], one.line, one.severity, one.message)))


def has_errors(findings: Sequence[Finding]) -> bool:
    """Tell whether anything must be put right."""
    return any(finding.severity == "error" for finding in findings)


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print findings, one a line as compilers do, and a count."""
    for finding in findings:
        style = "red" if finding.severity == "error" else "yellow"
        line = Text(f"{finding.file}:{finding.line}: ")
        line.append(finding.severity, style=style)
        console.print(line.append(f" {finding.rule}: {finding.message}"), soft_wrap=True)
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    if findings:
        console.print(Text(f"{counted(errors, 'error')}, {counted(warnings, 'warning')}.", style="bold"))
    else:
        console.print("Nothing was found.")


def normalise(question: str) -> str:
    """Give a question as it is compared: capitals, accents' spelling, punctuation and white space aside.

    >>> normalise("Who funded the DRINK trial?!")
    'who funded the drink trial'
    """
    folded = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(re.findall(r"\w+", folded)) or folded.strip()


def _read(path: Path, documents: Sequence[Document], found: list[Finding]) -> Iterator[_Placed]:
    """Read the cases that can be used, and note down the lines that cannot."""
    lines = list(_lines(path))
    if not lines:
        expected = "a row for each below the first line" if _is_csv(path) else "one JSON object a line"
        found.append(_finding("error", "broken", path, 1, None, f"there are no cases; expected {expected}."))
    for number, case in lines:
        if case is None:
            message = "this is still a draft: finish it with `coproduce eval new --drafts`."
            found.append(_finding("warning", "draft", path, number, None, message))
            continue
        where = f"{path}, line {number}"
        try:
            if isinstance(case, CaseError):
                raise case
            check_names(case, documents, where)
        except CaseError as error:
            found.append(_finding("error", "broken", path, number, None, str(error).removeprefix(f"{where}: ")))
            continue
        history = " / ".join(normalise(earlier) for earlier in case.history)
        yield _Placed(case, path, number, normalise(case.question), history)


def _lines(path: Path) -> Iterator[tuple[int, Case | CaseError | None]]:
    """Read each line or row by itself: its number, and its case or what is wrong with it; None is a draft."""
    if _is_csv(path):
        yield from read_each_row(path)
        return
    for number, line in read_lines(path):
        try:
            yield number, None if is_draft(line) else read_case(line, f"{path}, line {number}")
        except CaseError as error:
            yield number, error


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _same_ids(placed: Sequence[_Placed]) -> Iterator[Finding]:
    first: dict[str, _Placed] = {}
    for one in placed:
        earlier = first.setdefault(one.case.id, one)
        if earlier is not one:
            message = f"the id {one.case.id!r} was used on line {earlier.line} already; give it its own."
            yield _of(one, "error", "same-id", message)


def _evidence(one: _Placed, folded: Sequence[tuple[Document, FoldedText]], asked: str) -> Iterator[Finding]:
    """Find evidence that stands nowhere, or in several places."""
    for group in one.case.evidence:
        for words in group:
            spans = [(document, span) for document, text in folded for span in text.find_all(words)]
            if not spans:
                message = (
                    f"{_short(words)} stands nowhere in {asked}. Give its exact words; only white space may differ."
                    + offer_marks(words, [text for _, text in folded])
                )
                yield _of(one, "error", "evidence", message)
            elif len(spans) > 1:
                places = ", ".join(_place(document, span) for document, span in spans)
                message = (
                    f"{_short(words)} stands in {len(spans)} places ({places}). "
                    "Any of them counts as right: give more words if only one is meant."
                )
                yield _of(one, "warning", "evidence", message)


def _place(document: Document, span: Span) -> str:
    return f"{document.id} line {document.line_of(span.start)}"


def _rare_kinds(placed: Sequence[_Placed]) -> Iterator[Finding]:
    kinds: dict[str, list[_Placed]] = {}
    for one in placed:
        kinds.setdefault(one.case.kind, []).append(one)
    for kind, members in kinds.items():
        if len(members) < FEWEST_OF_A_KIND:
            message = (
                f"there {'is' if len(members) == 1 else 'are'} only {counted(len(members), 'case')} of the kind "
                f"{kind!r}: with fewer than {FEWEST_OF_A_KIND}, one question decides its numbers."
            )
            yield _of(members[0], "warning", "kind", message)


def _duplicates(placed: Sequence[_Placed]) -> Iterator[Finding]:
    """Compare every question with every other: the same within a file, or in another, where it leaks."""
    for earlier, later, likeness in _alike([one.question for one in placed]):
        one, other = placed[later], placed[earlier]
        same = (one.question, one.history) == (other.question, other.history)
        if not same and (fuzz.ratio(one.history, other.history) < NEAR or one.numbers != other.numbers):
            continue
        within = one.path == other.path
        rule: Rule = (
            ("duplicate" if within else "leakage") if same else ("near-duplicate" if within else "near-leakage")
        )
        beside = f"line {other.line}" if within else other.where
        what = "is the question of" if same else f"is nearly ({likeness:.0f}%) the question of"
        harm = (
            "It would count twice."
            if within
            else "What is tuned on one file would be judged on the same question in the other."
        )
        message = f"{_short(one.case.question)} {what} {beside} ({other.case.id}). {harm}"
        yield _of(one, "error" if same else "warning", rule, message)


def _alike(questions: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Give the numbers of each two questions that are alike, the earlier first, and how alike they are, of 100."""
    for start in range(0, len(questions), _ROWS_AT_ONCE):
        rows = questions[start : start + _ROWS_AT_ONCE]
        block = process.cdist(rows, questions[start:], scorer=fuzz.ratio, score_cutoff=NEAR, dtype=np.float32)
        for earlier, later in zip(*np.nonzero(np.triu(block, k=1)), strict=True):
            yield start + int(earlier), start + int(later), float(block[earlier, later])


def _of(one: _Placed, severity: Severity, rule: Rule, message: str) -> Finding:
    return _finding(severity, rule, one.path, one.line, one.case.id, message)


def _finding(severity: Severity, rule: Rule, path: Path, line: int, case_id: str | None, message: str) -> Finding:
    return Finding(severity=severity, rule=rule, file=str(path), line=line, case_id=case_id, message=message)


def _short(words: str) -> str:
    flat = visible(" ".join(words.split()))
    return f"“{flat if len(flat) <= _SHOWN_CHARACTERS else f'{flat[: _SHOWN_CHARACTERS - 1]}…'}”"
