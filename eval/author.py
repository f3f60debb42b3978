"""Make a case out of what a person points at: its evidence is always cut from the passage, never typed.

How the person is asked is in `eval/interview.py`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from corpus.errors import CoproduceError
from corpus.schema import Document, Passage
from eval.cases import FoldedText, locate_cases, make_case
from eval.schema import Case, Span

_SENTENCES = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")
_FROM_TO = re.compile(r"(.+?)\s*(?:\.\.\.|…)\s*(.+)", re.DOTALL)
#: Characters that a keyboard has for those that a printer uses.
_ALIKE = [("'", "['‘’]"), ("‘", "['‘’]"), ("’", "['‘’]"), ('"', '["“”]'), ("“", '["“”]'), ("”", '["“”]')]
_ALIKE += [(dash, "[-–—‐‑]") for dash in "-–—"]
_PATTERNS = dict(_ALIKE)
_SHOWN_CHARACTERS = 60


class MarkError(CoproduceError):
    """What was typed marks nothing in the passage, or more than one place."""


def sentences_of(passage: Passage) -> tuple[str, ...]:
    """Give the sentences and list items of a passage, in order; the whole passage where it has none."""
    spans = passage.sentences or ((passage.start, passage.end),)
    return tuple(passage.text[start - passage.start : end - passage.start] for start, end in spans)


def mark(passage: Passage, typed: str) -> str:
    """Cut evidence out of a passage as a person typed where it stands.

    Args:
        passage: Where the evidence stands.
        typed: `2` or `2-3` for sentences; `first words … last words`; some words as they stand there; or `all`.

    Returns:
        The passage's own words, exactly.

    Raises:
        MarkError: there are no such sentences or words, or they stand there more than once.

    >>> mark(passage, "we recommend … in practice")  # doctest: +SKIP
    'we recommend that the NIHR consider establishing a co-production taskforce to examine how these can be applied …'
    """
    typed = typed.strip()
    if typed.casefold() == "all":
        return passage.text
    if numbers := _SENTENCES.fullmatch(typed):
        first = int(numbers[1])
        return _sentences(passage, first, int(numbers[2] or first))
    if ends := _FROM_TO.fullmatch(typed):
        start, _ = _find_one(passage, ends[1], 0)
        _, end = _find_first(passage, ends[2], start)
        return passage.text[start:end]
    start, end = _find_one(passage, typed, 0)
    return passage.text[start:end]


def _sentences(passage: Passage, first: int, last: int) -> str:
    spans = passage.sentences or ((passage.start, passage.end),)
    if not 1 <= first <= last <= len(spans):
        has = "one sentence" if len(spans) == 1 else f"the sentences 1 to {len(spans)}"
        wanted = str(first) if first == last else f"{first}-{last}"
        raise MarkError(f"there is no sentence {wanted}: the passage has {has}.")
    return passage.text[spans[first - 1][0] - passage.start : spans[last - 1][1] - passage.start]


def _find_one(passage: Passage, typed: str, begin: int) -> tuple[int, int]:
    found = _find_all(passage, typed, begin)
    if len(found) > 1:
        raise MarkError(f"{_short(typed)} stands {len(found)} times in the passage: give more words.")
    return found[0]


def _find_first(passage: Passage, typed: str, begin: int) -> tuple[int, int]:
    return _find_all(passage, typed, begin)[0]


def _find_all(passage: Passage, typed: str, begin: int) -> list[tuple[int, int]]:
    """Find typed words, whatever their capitals, white space and kind of quotation marks, as whole words."""
    words = typed.split()
    if not words:
        raise MarkError("nothing was marked: give sentence numbers, or first words … last words.")
    pattern = r"\s+".join("".join(_PATTERNS.get(one, re.escape(one)) for one in word) for word in words)
    before, after = (r"(?<!\w)" if words[0][0].isalnum() else ""), (r"(?!\w)" if words[-1][-1].isalnum() else "")
    found = re.compile(before + pattern + after, re.IGNORECASE).finditer(passage.text, begin)
    spans = [match.span() for match in found]
    if not spans:
        where = "after the first words" if begin else "in the passage"
        raise MarkError(f"{_short(typed)} does not stand {where}. Give words as they stand there.")
    return spans


def count_places(words: str, documents: Iterable[Document]) -> int:
    """Count the places where evidence stands: any of them would count as right."""
    return sum(len(FoldedText(document).find_all(words)) for document in documents)


def cited_passages(documents: Iterable[Document], cited: Iterable[Span]) -> list[tuple[Passage, str]]:
    """Give the passage and the words at each place that an answer showed; places outside every passage are left out."""
    texts = {document.id: document for document in documents}
    return [
        (passage, texts[span.document_id].text[span.start : span.end])
        for span in cited
        if span.document_id in texts
        for passage in texts[span.document_id].passages
        if passage.start <= span.start < span.end <= passage.end
    ]


def next_id(taken: Iterable[str], prefix: str = "own") -> str:
    """Give the next free id.

    >>> next_id(["own-001", "own-007", "dv-100"])
    'own-008'
    """
    numbers = [int(found[1]) for one in taken if (found := re.fullmatch(rf"{re.escape(prefix)}-(\d+)", one))]
    return f"{prefix}-{max(numbers, default=0) + 1:03}"


def check_case(fields: Mapping[str, object], documents: Sequence[Document]) -> Case:
    """Make a case of its fields, if it would be loaded from a file.

    Raises:
        CaseError: a field is missing or wrong, it is answerable without evidence or the other way round, its evidence
            stands nowhere, or it names a speaker or section that no document has.
    """
    where = f"the case {fields.get('id')}"
    case = make_case(dict(fields), where)
    locate_cases([(where, case)], documents)
    return case


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return f"“{flat if len(flat) <= _SHOWN_CHARACTERS else f'{flat[: _SHOWN_CHARACTERS - 1]}…'}”"
