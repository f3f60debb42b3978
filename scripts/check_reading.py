"""Read a folder of files and hold what comes out against an index of expectations, in a table by format.

    python scripts/check_reading.py FOLDER [--index index.jsonl] [--json] [--failures]

The index has one JSON object a line; all but `file` may be left out:

    {"file": "report.pdf", "read": true,
     "must": ["words that stand in it",
              {"text": "more of them", "page": 9, "label": "4", "speaker": "Ann", "path": "Aims"}],
     "must_not": ["a running head"], "page": 9, "speakers": ["Ann", "Bo"]}
    {"file": "locked.pdf", "read": false, "reason": "password"}

`page` beside `must` holds for every string that has none of its own. White space counts as one space. A string is on
its page where the citation of the sentences that hold it names that page. `must_not` is looked for in the passages,
`speakers` are all that may be quoted. A string between slashes, `/like this/`, is a regular expression. Exits with 1 if
anything is not as expected.
"""

import argparse
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import CorpusError
from corpus.readers.isolated import Limits
from corpus.readers.read import ReadFile, read_file
from corpus.schema import Document, Passage


@dataclass
class Counts:
    """What was expected of the files of a format, and what came of it."""

    files: int = 0
    as_expected: int = 0  # read or refused, with the reason
    strings: list[bool] = field(default_factory=list)
    pages: list[bool] = field(default_factory=list)
    speakers: list[bool] = field(default_factory=list)
    unwanted: int = 0
    seconds: float = 0.0

    def add(self, other: "Counts") -> None:
        """Add those of another."""
        self.files += other.files
        self.as_expected += other.as_expected
        self.strings += other.strings
        self.pages += other.pages
        self.speakers += other.speakers
        self.unwanted += other.unwanted
        self.seconds += other.seconds


def share(found: list[bool]) -> str:
    """Write a share with its numbers."""
    return f"{100 * sum(found) / len(found):5.1f}% ({sum(found)}/{len(found)})" if found else "–"


def pattern_of(words: str) -> re.Pattern[str]:
    """Find words whatever white space stands between them, or a regular expression between slashes."""
    if len(words) > 2 and words.startswith("/") and words.endswith("/"):
        return re.compile(words[1:-1])
    return re.compile(r"\s+".join(re.escape(word) for word in words.split()))


def find(document: Document, words: str) -> list[tuple[Passage | None, int, int]]:
    """Find words in a document: in passages, or else over their edges and in headings."""
    pattern = pattern_of(words)
    inside: list[tuple[Passage | None, int, int]] = [
        (passage, passage.start + found.start(), passage.start + found.end())
        for passage in document.passages
        for found in pattern.finditer(passage.text)
    ]
    return inside or [(None, *found.span()) for found in pattern.finditer(document.text)]


def check(expected: dict[str, Any], found: ReadFile) -> Iterator[tuple[str, bool, str]]:
    """Give each thing that was looked at: what kind of thing, whether it is right, and what to say of it."""
    document = found.document
    for one in expected.get("must", []):
        wanted = one if isinstance(one, dict) else {"text": one}
        places = find(document, wanted["text"])
        yield "string", bool(places), f"missing: {wanted['text'][:90]!r}"
        if not places:
            continue
        page = wanted.get("page", expected.get("page"))
        if page is not None:
            cited = [_pages(document, *place) for place in places]
            yield (
                "page",
                any(first <= page <= last for first, last in cited),
                f"on {cited[:2]}, not {page}: {wanted['text'][:60]!r}",
            )
        if "label" in wanted:
            labels = [document.place_of(start, end).page_label for _, start, end in places]
            yield (
                "page",
                wanted["label"] in labels,
                f"label {labels[:2]}, not {wanted['label']!r}: {wanted['text'][:60]!r}",
            )
        if "speaker" in wanted:
            said = {passage.speaker if passage else None for passage, _, _ in places}
            yield (
                "speaker",
                said == {wanted["speaker"]},
                f"said by {said}, not {wanted['speaker']!r}: {wanted['text'][:60]!r}",
            )
        if "path" in wanted:
            paths = {passage.path for passage, _, _ in places if passage}
            yield "string", any(wanted["path"] in path for path in paths), f"under {paths}: {wanted['text'][:60]!r}"
    if "speakers" in expected:
        heard = {passage.speaker for passage in document.passages if passage.speaker}
        for name in sorted(heard | set(expected["speakers"])):
            right = name in heard and name in expected["speakers"]
            yield "speaker", right, f"speaker {name!r} {'is none' if name in heard else 'is missing'}"
    for words in expected.get("must_not", []):
        pattern = pattern_of(words)
        there = [one.text for one in document.passages if pattern.search(one.text)]
        yield "unwanted", not there, f"should not be there: {words[:60]!r} in {there[0][:80]!r}" if there else ""


def _pages(document: Document, passage: Passage | None, start: int, end: int) -> tuple[int, int]:
    """Give the pages that the citation of the sentences around a span names."""
    if passage is not None:
        start, end = passage.widen(start, end)
    place = document.place_of(start, end)
    return place.page or 0, place.last_page or place.page or 0


def check_file(path: Path, expected: dict[str, Any], limits: Limits) -> tuple[str, Counts, list[str]]:
    """Read one file and hold it against what is expected of it."""
    counts, failures = Counts(files=1), []
    wanted, clock = expected.get("read", True), time.monotonic()
    wanted = wanted not in (False, "refused", "no")
    try:
        found = read_file(path, document_id="checked", limits=limits)
    except CorpusError as error:
        counts.seconds = time.monotonic() - clock
        reason = str(expected.get("reason", ""))
        if not wanted and reason.casefold() in str(error).casefold():
            counts.as_expected = 1
        else:
            failures.append(f"refused: {error}")
            counts.strings += [False] * len(expected.get("must", []))
        return expected.get("format", path.suffix.lstrip(".").lower() or "none"), counts, failures
    counts.seconds = time.monotonic() - clock
    counts.as_expected = int(wanted)
    if not wanted:
        failures.append("was read, and should have been refused")
    for kind, right, said in check(expected, found):
        {"string": counts.strings, "page": counts.pages, "speaker": counts.speakers}.get(kind, []).append(right)
        counts.unwanted += kind == "unwanted" and not right
        if not right:
            failures.append(said)
    return found.format, counts, failures


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path, help="the index of expectations; else index.jsonl in the folder")
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    parser.add_argument("--failures", action="store_true", help="name all that is not as expected")
    given = parser.parse_args()
    index = given.index or given.folder / "index.jsonl"
    text = index.read_text(encoding="utf-8").strip()
    rows = (
        json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines() if line.strip()]
    )
    table: dict[str, Counts] = defaultdict(Counts)
    total, wrong = Counts(), 0
    for expected in rows:
        format_, counts, failures = check_file(given.folder / expected["file"], expected, Limits())
        table[format_].add(counts)
        total.add(counts)
        wrong += len(failures)
        if given.failures:
            for said in failures:
                print(f"{expected['file']}: {said}")
    named = [*sorted(table.items()), ("all", total)]
    if given.json:
        print(
            json.dumps(
                {
                    name: {
                        **vars(one),
                        "strings": share(one.strings),
                        "pages": share(one.pages),
                        "speakers": share(one.speakers),
                    }
                    for name, one in named
                },
                indent=1,
            )
        )
        return int(wrong > 0)
    shares = f"{'strings':>19}{'pages':>19}{'speakers':>19}"
    print(f"{'format':<10}{'files':>6}{'as expected':>13}{shares}{'unwanted':>10}{'s a file':>10}")
    for name, one in named:
        print(
            f"{name:<10}{one.files:>6}{one.as_expected:>13}{share(one.strings):>19}{share(one.pages):>19}"
            f"{share(one.speakers):>19}{one.unwanted:>10}{one.seconds / max(one.files, 1):>10.1f}"
        )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
