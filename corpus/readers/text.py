"""Read Markdown or plain text that a user adds into a document whose text is the source, unchanged."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.errors import CorpusError
from corpus.frozen import content_id
from corpus.lines import line_starts_of
from corpus.outline import Heading, OutlineBlock, read_outline
from corpus.readers.report import words_sha256
from corpus.schema import Document, Kind, Passage, Piece, Section
from corpus.sentences import Span, sentence_spans

#: Whole paragraphs are joined to a passage of at most so many characters; tuned on the span benchmark.
JOINED_CHARACTERS = 650
#: A paragraph longer than this is cut.
MAX_CHARACTERS = 900
_BOM = "\ufeff"
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class _Draft:
    """A passage before it knows its document."""

    start: int
    end: int
    sentences: list[Span] = field(default_factory=list)
    is_list: bool = False
    lead_in: str = ""


def read_text_file(path: Path | str, *, document_id: str | None = None, title: str | None = None) -> Document:
    """Read a file of Markdown or plain text in UTF-8.

    Without `document_id` the id is made from the file's name; without `title` it is the document's one outermost
    heading or, where there are none or several, the file's name.

    Raises:
        CorpusError: the file cannot be read, is empty, is not text or not UTF-8.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror or error}. Check its name and place.") from None
    source = _decode(raw, path)
    stem = " ".join(path.stem.replace("_", " ").replace("-", " ").split()) or path.name
    try:
        return read_text(
            source,
            document_id=document_id or _id_from(path.stem),
            title=title or _only_title(read_outline(source.removeprefix(_BOM))) or stem,
        )
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from None


def read_text(
    source: str,
    *,
    document_id: str,
    title: str,
    authors: tuple[str, ...] = (),
    publisher: str = "",
    year: int | None = None,
    licence: str = "",
    url: str | None = None,
    reference: str = "",
) -> Document:
    """Read Markdown or plain text, as decoded and otherwise untouched, into a document.

    The document's text is the source, without a byte order mark; so an offset in one is an offset in the other.

    Raises:
        CorpusError: there are no words to cite, the text holds characters that are none, or the id is not allowed.
    """
    if not _ID.fullmatch(document_id):
        raise CorpusError(
            f"the document id {document_id!r} cannot be used: expected small letters a to z, digits and hyphens."
        )
    _check_characters(source)
    mark = len(_BOM) * source.startswith(_BOM)
    text = source[mark:]
    outline = read_outline(text)
    sections, drafts = _sections(outline, title, text), list(_drafts(outline, text))
    if not drafts:
        what = "only headings" if any(isinstance(one, Heading) for one in outline) else "nothing"
        raise CorpusError(f"the document holds {what}: expected Markdown or plain text with words to cite.")
    lifted = Piece(reason="mark", source_start=0, source_end=mark, text_start=0, source_text=_BOM)
    kept = Piece(reason="kept", source_start=mark, source_end=len(source), text_start=0)
    document = Document(
        id=document_id,
        title=title,
        short_title=title,
        authors=authors,
        publisher=publisher,
        year=year,
        licence=licence,
        url=url,
        reference=reference,
        sha256=hashlib.sha256(source.encode()).hexdigest(),
        words_sha256=words_sha256(source),
        text=text,
        source_characters=len(source),
        source_line_starts=line_starts_of(source),
        pieces=(*([lifted] if mark else []), kept),
        sections=sections,
        passages=(),
        speakers=(),
    )
    return document.model_copy(update={"passages": tuple(_passages(document, drafts))})


def _decode(raw: bytes, path: Path) -> str:
    """Decode a file's bytes. Raises CorpusError, which names the byte that is not UTF-8."""
    advice = "Save it as Markdown or plain text in UTF-8, and add it again."
    if raw.startswith(_UTF16):
        raise CorpusError(f"{path} is UTF-16, not UTF-8: it begins with the bytes {raw[:2].hex(' ')}. {advice}")
    if b"\0" in raw:
        raise CorpusError(f"{path} is no text: byte {raw.index(0):,} is NUL. {advice}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{path} is not UTF-8: byte {error.start:,} ({raw[error.start]:#04x}, on line {line:,}) cannot be read. "
            f"{advice}"
        ) from None


def _check_characters(source: str) -> None:
    """Refuse what is no text. Raises CorpusError."""
    if found := _NO_TEXT.search(source):
        what = "a NUL character" if found[0] == "\0" else "half a character (a lone surrogate)"
        raise CorpusError(f"the text holds {what} at {found.start():,}: expected Markdown or plain text.")


def _id_from(stem: str) -> str:
    """Make a document id from a file's name; a name without plain letters or digits gives one by its hash."""
    return re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-") or f"document-{content_id(stem)[:8]}"


def _only_title(outline: list[Heading | OutlineBlock]) -> str | None:
    """Give the title of the one outermost heading, if there is one."""
    headings = [one for one in outline if isinstance(one, Heading)]
    top = min((one.level for one in headings), default=1)
    outermost = [one for one in headings if one.level == top]
    return outermost[0].title if len(outermost) == 1 and outermost[0] is headings[0] else None


def _sections(outline: list[Heading | OutlineBlock], title: str, text: str) -> tuple[Section, ...]:
    """Number the sections: 2.1 stands in 2. What stands before the first heading is section 0, of the document's title.

    A document without headings has one section, 1.
    """
    headings = [one for one in outline if isinstance(one, Heading)]
    sections = []
    if not headings or outline[0] is not headings[0]:
        end = headings[0].start if headings else len(text)
        number = "0" if headings else "1"
        sections.append(
            Section(id=number, title=title, path=(title,), start=0, end=end, heading_start=0, heading_end=0)
        )
    stack: list[tuple[int, int, str]] = []  # level, number and title of the headings around
    for place, heading in enumerate(headings):
        number_before = 0
        while stack and stack[-1][0] >= heading.level:
            number_before = stack.pop()[1]
        stack.append((heading.level, number_before + 1, heading.title))
        sections.append(
            Section(
                id=".".join(str(number) for _, number, _ in stack),
                title=heading.title,
                path=tuple(outer for _, _, outer in stack),
                within=tuple(".".join(str(number) for _, number, _ in stack[:depth]) for depth in range(1, len(stack))),
                start=heading.start,
                end=headings[place + 1].start if place + 1 < len(headings) else len(text),
                heading_start=heading.start,
                heading_end=heading.end,
            )
        )
    return tuple(sections)


def _drafts(outline: list[Heading | OutlineBlock], text: str) -> Iterator[_Draft]:
    """Join what is short and cut what is long; no passage runs over a heading or a rule."""
    current: _Draft | None = None
    for draft in _introduced([_draft_of(one, text) for one in outline], text):
        too_long = draft is not None and draft.end - draft.start > MAX_CHARACTERS
        if current and (draft is None or too_long or draft.end - current.start > JOINED_CHARACTERS):
            yield current
            current = None
        if draft is None:
            continue
        if too_long:
            yield from _cut(draft)
        elif current:
            current = _Draft(current.start, draft.end, [*current.sentences, *draft.sentences])
        else:
            current = draft
    if current:
        yield current


def _draft_of(one: Heading | OutlineBlock, text: str) -> _Draft | None:
    """Begin a passage with a block and its sentences; nothing for what ends a passage."""
    if isinstance(one, Heading) or one.kind == "break":
        return None
    parts = one.parts or sentence_spans(text[one.start : one.end], one.start)
    sentences = [piece for part in parts for piece in _fit(part, text)]
    return _Draft(one.start, one.end, sentences, is_list=one.kind == "list")


def _fit(part: Span, text: str) -> list[Span]:
    """Cut one sentence, item or line that is longer than a passage may be."""
    start, end = part
    if end - start <= MAX_CHARACTERS:
        return [part]
    from semantic_text_splitter import TextSplitter  # noqa: PLC0415 - asking may import this file, and cuts nothing

    found = TextSplitter(MAX_CHARACTERS).chunk_indices(text[start:end])
    return [(start + first, start + first + len(words)) for first, words in found]


def _introduced(drafts: list[_Draft | None], text: str) -> Iterator[_Draft | None]:
    """Move the sentence that introduces a list to the list."""
    before: _Draft | None = None
    for draft in drafts:
        following = draft
        if before and draft and draft.is_list and not before.is_list and _ends_with_colon(before, text):
            *others, introduction = before.sentences
            before = replace(before, end=others[-1][1], sentences=others) if others else None
            following = replace(
                draft,
                start=introduction[0],
                sentences=[introduction, *draft.sentences],
                lead_in=text[slice(*introduction)],
            )
        if before:
            yield before
        if following is None:
            yield None
        before = following
    if before:
        yield before


def _ends_with_colon(draft: _Draft, text: str) -> bool:
    return text[draft.start : draft.end].rstrip("*_").endswith(":")


def _cut(draft: _Draft) -> Iterator[_Draft]:
    """Cut a long passage at the ends of sentences into parts of about the same length."""
    length = draft.end - draft.start
    target = length / -(-length // MAX_CHARACTERS)
    part: list[Span] = []
    first = True
    for start, end in draft.sentences:
        if part and (end - part[0][0] > MAX_CHARACTERS or part[-1][1] - part[0][0] >= target - (end - start) / 2):
            yield _part(draft, part, first=first)
            part, first = [], False
        part.append((start, end))
    yield _part(draft, part, first=first)


def _part(draft: _Draft, sentences: list[Span], *, first: bool) -> _Draft:
    """Make a part of a long passage; the later parts of a list carry the sentence that introduces it."""
    lead_in = "" if first else draft.lead_in
    return _Draft(sentences[0][0], sentences[-1][1], sentences, is_list=draft.is_list, lead_in=lead_in)


def _passages(document: Document, drafts: list[_Draft]) -> Iterator[Passage]:
    sections = iter(document.sections)
    section = next(sections)
    for draft in drafts:
        while draft.start >= section.end:
            section = next(sections)
        words = document.text[draft.start : draft.end]
        yield Passage(
            id=content_id(document.id, draft.start, words),
            document_id=document.id,
            start=draft.start,
            end=draft.end,
            text=words,
            kind=Kind.REPORT,
            section=section.id,
            section_title=section.title,
            path=section.path,
            within=section.within,
            lines=document.lines_of(draft.start, draft.end),
            lead_in=draft.lead_in,
            sentences=tuple(draft.sentences),
            is_list=draft.is_list,
        )
