"""Load cases from a file and find their evidence in the documents, so that a case that cannot be met is never used."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from corpus.errors import CaseError, UnknownName
from corpus.load import load_library
from corpus.schema import Document
from eval.schema import Case, LocatedCase, Span

DATA = Path(__file__).parent / "data"
_FAULTS_SHOWN = 20


def split_path(split: str) -> Path:
    """Give the case file of a split. Raises UnknownName, which names the splits that exist."""
    known = sorted(path.stem for path in DATA.glob("*.jsonl"))
    if split not in known:
        raise UnknownName(f"there is no split {split!r}. There are: {', '.join(known)}.")
    return DATA / f"{split}.jsonl"


def load_cases(path: Path, documents: Sequence[Document] | None = None) -> tuple[LocatedCase, ...]:
    """Load a file of cases, one JSON object a line, and find each piece of evidence in the documents.

    Args:
        path: The file; empty lines are passed over.
        documents: Where the evidence must stand; the bundled library if left out.

    Raises:
        CaseError: the file cannot be read, or cases are broken; the message names the file and every line.
    """
    placed = []
    faults = []
    for number, line in read_lines(path):
        where = f"{path}, line {number}"
        try:
            placed.append((where, read_case(line, where)))
        except CaseError as error:
            faults.append(error)
    raise_all(faults)
    if not placed:
        raise CaseError(f"{path}: no cases were found; expected one JSON object a line.")
    return locate_cases(placed, documents)


def locate_cases(
    placed: Iterable[tuple[str, Case]], documents: Sequence[Document] | None = None
) -> tuple[LocatedCase, ...]:
    """Check cases together, each with where it was read ("mine.jsonl, line 3"), and find their evidence.

    Raises:
        CaseError: two have one id, or one names or quotes what no document has; the message names every place.
    """
    asked = what_is_asked(documents)
    documents = load_library().documents if documents is None else documents
    folded = [FoldedText(document) for document in documents]
    first: dict[str, str] = {}
    cases: list[LocatedCase] = []
    faults: list[CaseError] = []
    for where, case in placed:
        if case.id in first:
            line = first[case.id].rpartition(", ")[2]
            faults.append(CaseError(f"{where}: the id {case.id!r} was used on {line} already; give it its own."))
        first.setdefault(case.id, where)
        try:
            check_names(case, documents, where)
        except CaseError as error:
            faults.append(error)
        cases.append(_locate(case, folded, where, asked, faults))
    raise_all(faults)
    return tuple(cases)


def what_is_asked(documents: Sequence[Document] | None) -> str:
    """Say what cases ask, for people: the bundled report, or documents of somebody's own."""
    return "the report" if documents is None or documents is load_library().documents else "the documents"


def raise_all(faults: Sequence[CaseError]) -> None:
    """Raise what is wrong with some lines as one error, so that they can be mended together; nothing where all is well.

    Raises:
        CaseError: a line for each, the first twenty.
    """
    if len(faults) > _FAULTS_SHOWN:
        more = f"… and {len(faults) - _FAULTS_SHOWN} more."
        raise CaseError("\n".join([*map(str, faults[:_FAULTS_SHOWN]), more]))
    if faults:
        raise CaseError("\n".join(map(str, faults)))


class FoldedText:
    """A document's text with each run of white space as one space, and the way back to its offsets."""

    def __init__(self, document: Document) -> None:
        self._document_id = document.id
        words: list[str] = []
        offsets: list[int] = []
        for match in re.finditer(r"\S+", document.text):
            words.append(match.group())
            offsets.extend(range(match.start(), match.end() + 1))  # one more: the space that follows
        self._text = " ".join(words)
        self._offsets = offsets

    def find_all(self, words: str) -> list[Span]:
        """Give every place where some words stand, white space aside; places may overlap."""
        wanted = " ".join(words.split())
        spans: list[Span] = []
        position = self._text.find(wanted)
        while position >= 0:
            last = position + len(wanted) - 1
            spans.append(
                Span(document_id=self._document_id, start=self._offsets[position], end=self._offsets[last] + 1)
            )
            position = self._text.find(wanted, position + 1)
        return spans

    def find_like(self, words: str) -> list[str]:
        """Give the words that stand in the text as these do, quotation marks, dashes and signs of emphasis aside."""
        like = _EMPHASIS.join(map(_like, " ".join(words.split())))
        return list(dict.fromkeys(re.findall(like, self._text)))


#: What Markdown may put between the words that people see: `costs **ten pounds** a day`.
_EMPHASIS = "[*_`~]*"
#: What keyboards write, and what may stand in print instead of it.
_MARKS = {"'": "'’‘", "’": "'’‘", "‘": "'’‘", '"': '"“”', "“": '"“”', "”": '"“”', "-": "-–—‑", "–": "-–—‑", "—": "-–—‑"}


def _like(one: str) -> str:
    """Write a pattern of one character: where it is a mark, of any that may stand instead of it."""
    return f"(?:{'|'.join(_MARKS[one])})" if one in _MARKS else re.escape(one)


def offer_marks(words: str, folded: Iterable[FoldedText]) -> str:
    """Offer evidence with the quotation marks, dashes and signs of emphasis of the text, where only these are wrong."""
    for text in folded:
        for found in text.find_like(words):
            return f" With the marks that stand there it does: {found}"
    return ""


def read_lines(path: Path) -> list[tuple[int, bytes]]:
    """Read the lines of a case file that are not empty, each with its number. Raises CaseError."""
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror or error}.") from None
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def read_case(line: bytes, where: str) -> Case:
    """Read one line of a case file. Raises CaseError, which says where it stands and what is wrong."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:  # not JSON, not UTF-8, or nested without end
        raise CaseError(f"{where}: expected a JSON object ({error}).") from None
    return make_case(fields, where)


def make_case(fields: object, where: str) -> Case:
    """Make a case of its fields. Raises CaseError, which says where they stood and what is wrong."""
    if isinstance(fields, dict) and "note" in fields and "id" not in fields:
        raise CaseError(f"{where}: this is a draft, not yet a case. Finish it with: coproduce eval new --drafts")
    try:
        case = Case.model_validate(fields)
        case.model_dump_json()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the line"
        raise CaseError(f"{where}: {field}: {first['msg'].lower()}; found {first['input']!r:.80}.") from None
    except (UnicodeEncodeError, PydanticSerializationError):
        raise CaseError(
            f"{where}: half a character (a lone surrogate) stands in it; it cannot be written back."
        ) from None
    if case.answerable and not case.evidence:
        raise CaseError(f"{where}: {case.id} is answerable but has no evidence; expected at least one group of spans.")
    if not case.answerable and case.evidence:
        raise CaseError(
            f"{where}: {case.id} is not answerable but has {len(case.evidence)} groups of evidence; expected none."
        )
    return case


def check_names(case: Case, documents: Sequence[Document], where: str) -> None:
    """Refuse a speaker or section that no document has: a slip there would look like a fault of the assistant.

    A question about a speaker who is not quoted is fair where it is not answerable.
    """
    known = {
        "speaker": {speaker.label for document in documents for speaker in document.speakers},
        "section": {section.id for document in documents for section in document.sections},
        "role": {role for document in documents for role in (*document.vocabulary.role_words, *document.roles)},
    }
    speaker = case.speaker if case.answerable else None
    for field, wanted in (("speaker", speaker), ("section", case.section), ("role", case.role)):
        if wanted is not None and wanted not in known[field]:
            raise CaseError(f"{where}: {case.id} names the {field} {wanted!r}, which no document has.")


def _locate(case: Case, folded: list[FoldedText], where: str, asked: str, faults: list[CaseError]) -> LocatedCase:
    """Find the evidence of a case; what stands nowhere is added to the faults."""
    groups: list[tuple[Span, ...]] = []
    for group in case.evidence:
        spans: list[Span] = []
        for words in group:
            found = [span for text in folded for span in text.find_all(words)]
            if not found:
                fault = f"{where}: this evidence of {case.id} does not stand in {asked}: {words[:80]!r}. "
                fault += "Expected its exact words; only white space may differ." + offer_marks(words, folded)
                faults.append(CaseError(fault))
            spans += found
        groups.append(tuple(dict.fromkeys(spans)))
    return LocatedCase(**{name: getattr(case, name) for name in Case.model_fields}, groups=tuple(groups))
