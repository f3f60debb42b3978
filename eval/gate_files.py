"""Write what the gate found for other tools: JUnit XML, which every CI reads, and Markdown for a pull request."""

import re
from pathlib import Path
from xml.etree import ElementTree

from assistant.quoting.visible import in_one_line, writable
from eval.gate import BaselineError, Drop, GateResult, cells_of
from eval.measures import MEASURES
from eval.wording import counted

_SUITE = "coproduce eval gate"
_LOST_SHOWN = 50


def write_junit(path: Path, result: GateResult) -> None:
    """Write a test case for each measure that was held, and one for questions without an answer.

    Raises:
        BaselineError: the file cannot be written.
    """
    drops = {drop.measure: drop for drop in result.drops}
    no_answer = len(result.no_answer) > result.no_answer_before
    suite = ElementTree.Element(
        "testsuite",
        name=writable(f"{_SUITE}: {result.source}"),
        tests=str(len(result.held) + 1),
        failures=str(len(drops) + no_answer),
        errors="0",
        skipped="0",
    )
    for name in result.held:
        test = ElementTree.SubElement(suite, "testcase", classname=_SUITE, name=name)
        if name in drops:
            failure = ElementTree.SubElement(test, "failure", type="worse", message=writable(say_drop(drops[name])))
            failure.text = writable("\n".join(f"{one}: {result.lost[one]}" for one in drops[name].lost))
    test = ElementTree.SubElement(suite, "testcase", classname=_SUITE, name="questions without an answer")
    if no_answer:
        said = f"{counted(len(result.no_answer), 'question')} got no answer; the baseline has {result.no_answer_before}"
        failure = ElementTree.SubElement(test, "failure", type="no answer", message=said)
        failure.text = writable("\n".join(f"{one}: {error}" for one, error in result.no_answer.items()))
    for note in result.notes:
        ElementTree.SubElement(suite, "system-out").text = writable(note)
    _put_junit(path, suite)


def write_stopped(junit: Path | None, markdown: Path | None, message: str) -> None:
    """Write that there was nothing to hold against the baseline, and why: as an error in JUnit, in words in Markdown.

    Raises:
        BaselineError: a file cannot be written.
    """
    if junit is not None:
        suite = ElementTree.Element("testsuite", name=_SUITE, tests="1", failures="0", errors="1", skipped="0")
        test = ElementTree.SubElement(suite, "testcase", classname=_SUITE, name="held against the baseline")
        ElementTree.SubElement(test, "error", type="stopped", message=writable(message))
        _put_junit(junit, suite)
    if markdown is not None:
        _put(markdown, f"**Stopped:** {_cell(message)}\n")


def write_markdown(path: Path, result: GateResult) -> None:
    """Write a few lines for a pull request: passed or failed, the measures that dropped, the questions lost.

    Raises:
        BaselineError: the file cannot be written.
    """
    _put(path, markdown_of(result))


def markdown_of(result: GateResult) -> str:
    """Give the Markdown. What stands in a question cannot be markup in it."""
    source = _cell(result.source)
    lines = [
        f"**Passed:** {counted(result.cases, 'question')} of {source}, as good as the baseline, or nearly."
        if result.passed
        else f"**Failed:** {source} is worse than the baseline, over {counted(result.cases, 'question')}."
    ]
    for note in result.notes:
        lines += ["", f"Note: {_cell(note)}"]
    if result.drops:
        lines += [
            "",
            "| measure | baseline | now | worse by | tolerated | p | verdict | lost |",
            "|---|--:|--:|--:|--:|--:|---|--:|",
        ]
        lines += [
            f"| {' | '.join(_cell(cell) for cell in cells_of(drop))} | {len(drop.lost)} |" for drop in result.drops
        ]
        lines += ["", "The tolerance decides; p and verdict say whether chance could do as much, at 5%."]
    if len(result.no_answer) > result.no_answer_before:
        lines += [
            "",
            f"{counted(len(result.no_answer), 'question')} got no answer; the baseline has {result.no_answer_before}:",
            "",
        ]
        lines += _listed(result.no_answer)
    if result.lost:
        lines += ["", f"<details><summary>Questions lost: {len(result.lost)}</summary>", ""]
        lines += [*_listed(result.lost), "", "</details>"]
    if result.better:
        names = ", ".join(MEASURES[name].label for name in result.better)
        lines += ["", f"Better than the baseline: {_cell(names)}."]
    return "\n".join(lines) + "\n"


def say_drop(drop: Drop) -> str:
    """Say in one sentence what dropped, by how much, and what that is worth."""
    label, before, now, worse_by, tolerated, p, verdict = cells_of(drop)
    said = f"{label} was {before}, now {now}: worse by {worse_by}, tolerated {tolerated}"
    return said if drop.compared is None else f"{said}; p {p}, {verdict}"


def _listed(questions: dict[str, str]) -> list[str]:
    shown = [f"- {_cell(one)}: {_cell(words)}" for one, words in list(questions.items())[:_LOST_SHOWN]]
    return shown if len(questions) <= _LOST_SHOWN else [*shown, f"- … and {len(questions) - _LOST_SHOWN} more"]


def _cell(words: str) -> str:
    """Write words so that Markdown takes them for words, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~@$&])", r"\\\1", in_one_line(words))


def _put_junit(path: Path, suite: ElementTree.Element) -> None:
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    _put(path, ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n")


def _put(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BaselineError(
            f"{path} cannot be written: {error.strerror or error}. Give a file in a folder that is there."
        ) from None
