"""Make a document of what a reader of any format gives: sections, passages, speakers, and where they stand.

The readers know formats; here is what is the same for all of them. A turn becomes a quotation of its speaker and never
takes in the next one; a note is a passage of its own; rows of a table stay rows.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from corpus.clean import undo_cleaning
from corpus.errors import CorpusError
from corpus.lines import line_starts_of
from corpus.outline import MAX_HEADING_CHARACTERS, Heading
from corpus.readers.extracted import Block, Extracted
from corpus.readers.passages import Stretch, Voice, drafts_of, passages_of, sections_of
from corpus.readers.report import words_sha256
from corpus.schema import Document, Speaker, Spot
from corpus.sentences import Span, sentence_spans

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_WORD = re.compile(r"\w")
_ENDS = ("heading", "break")


def assemble(found: Extracted, *, document_id: str, name: str, title: str | None = None) -> Document:
    """Make a document of a file's words.

    Its title is `title`, else what the file calls itself, else its one outermost heading, else `name`.

    Raises:
        CorpusError: there are no words to cite, the id is not allowed, or what the reader gives does not fit together.
    """
    check_id(document_id)
    check_characters(found.source)
    blocks = [one for block in found.blocks if (one := _trimmed(block, found.text))]
    _check_order(blocks)
    headings = [
        Heading(one.start, one.end, max(one.level, 1), " ".join(found.text[one.start : one.end].split()))
        for one in blocks
        if one.kind == "heading"
    ]
    title = " ".join((title or found.title or only_title(headings) or name).split())
    drafts = list(drafts_of(list(_stretches(blocks, found)), found.text))
    if not drafts:
        what = "only headings" if headings else "no words"
        raise CorpusError(f"the document holds {what}: expected words to cite.")
    first = next((one.start for one in blocks if one.kind != "break"), 0)
    document = Document(
        id=document_id,
        title=title,
        short_title=title,
        authors=found.authors,
        publisher="",
        year=found.year,
        licence="",
        url=None,
        reference="",
        sha256=hashlib.sha256(found.source.encode()).hexdigest(),
        words_sha256=words_sha256(found.source),
        text=found.text,
        source_characters=len(found.source),
        source_line_starts=line_starts_of(found.source),
        pieces=found.pieces,
        sections=sections_of(headings, title, first, len(found.text)),
        passages=(),
        speakers=tuple(Speaker(label=label) for label in dict.fromkeys(one.speaker for one in blocks if one.speaker)),
        format=found.format,
        spots=found.spots,
        paragraph_starts=tuple(one.start for one in blocks if one.kind not in _ENDS),
    )
    _check_way_back(document, found.source)
    return document.model_copy(update={"passages": tuple(passages_of(document, drafts))})


def _check_way_back(document: Document, source: str) -> None:
    """Refuse words that do not lead back to what was read. Raises CorpusError."""
    try:
        whole = undo_cleaning(document) == source
    except CorpusError:
        whole = False
    if not whole:
        raise CorpusError("the words that were read do not lead back to the file. Please report this file as a fault.")


def check_id(document_id: str) -> None:
    """Refuse an id that cannot be used. Raises CorpusError."""
    if not _ID.fullmatch(document_id):
        raise CorpusError(
            f"the document id {document_id!r} cannot be used: expected small letters a to z, digits and hyphens."
        )


def check_characters(source: str) -> None:
    """Refuse what is no text. Raises CorpusError."""
    if found := _NO_TEXT.search(source):
        what = "a NUL character" if found[0] == "\0" else "half a character (a lone surrogate)"
        raise CorpusError(f"the text holds {what} at {found.start():,}: expected words.")


def only_title(headings: Sequence[Heading]) -> str | None:
    """Give the title of the one outermost heading, if there is one."""
    top = min((one.level for one in headings), default=1)
    outermost = [one for one in headings if one.level == top]
    return outermost[0].title if len(outermost) == 1 and outermost[0] is headings[0] else None


def _trimmed(block: Block, text: str) -> Block | None:
    """Give a block without the white space around it; nothing where it has no words. A heading has a length."""
    words = text[block.start : block.end]
    if block.kind == "break":
        return block
    if not _WORD.search(words):
        return block.model_copy(update={"kind": "break", "end": block.start}) if block.kind == "heading" else None
    start = block.start + len(words) - len(words.lstrip())
    long = block.kind == "heading" and len(" ".join(words.split())) > MAX_HEADING_CHARACTERS
    return block.model_copy(
        update={"start": start, "end": start + len(words.strip()), **({"kind": "paragraph"} if long else {})}
    )


def _check_order(blocks: list[Block]) -> None:
    """Refuse blocks that overlap: a passage would be cited twice. Raises CorpusError."""
    position = 0
    for block in blocks:
        if block.start < position:
            raise CorpusError(
                f"the words at {block.start:,} were read twice, in a {block.kind}. Please report this file as a fault."
            )
        position = max(block.end, position)


def _stretches(blocks: list[Block], found: Extracted) -> Iterator[Stretch | None]:
    """Join items to lists and rows to tables; say of a turn who speaks and what was asked before it."""
    pages = _Pages(found.spots)
    asked = ""
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        run = list(group)
        if kind in _ENDS:
            yield from (None for _ in run)
            asked = ""
        elif kind in ("item", "row"):
            yield from _gathered(run, found.text, pages)
        else:
            for block in run:
                yield _single(block, found, pages, asked)
                asked = _question_in(found.text[block.start : block.end]) if kind == "turn" else ""


def _gathered(run: list[Block], text: str, pages: "_Pages") -> Iterator[Stretch]:
    """Give a list with its inner lists beside the items that they explain, or a table whose first row heads it."""
    if run[0].kind == "row":
        parts = [(one.start, one.end) for one in run]
        yield Stretch(
            "lines",
            run[0].start,
            run[-1].end,
            tuple(parts),
            lead_in=text[slice(*parts[0])],
            pages=pages.of(run[0].start, run[-1].end),
        )
        return
    outermost = min(one.level for one in run)
    items: list[Span] = []
    for one in run:
        if items and one.level > outermost:
            items[-1] = (items[-1][0], one.end)
        else:
            items.append((one.start, one.end))
    yield Stretch("list", run[0].start, run[-1].end, tuple(items), pages=pages.of(run[0].start, run[-1].end))


def _single(block: Block, found: Extracted, pages: "_Pages", asked: str) -> Stretch:
    """Give a paragraph, a turn or a note."""
    around = pages.of(block.start, block.end)
    if block.kind == "note":
        lead_in = _sentence_at(block.anchor, found) if block.anchor is not None else ""
        return Stretch("note", block.start, block.end, lead_in=lead_in, note=block.number, pages=around)
    if block.kind == "turn":
        return Stretch("turn", block.start, block.end, lead_in=asked, voice=_voice(block, found.text), pages=around)
    return Stretch("paragraph", block.start, block.end, pages=around)


def _voice(block: Block, text: str) -> Voice | None:
    """Say who speaks; nobody where the turn has no name."""
    if not block.speaker or block.label_start is None or block.label_end is None:
        return None
    return Voice(block.speaker, text[block.label_start : block.label_end], block.label_start, block.label_end)


def _question_in(words: str) -> str:
    """Give what somebody asked who was then answered: the question that a turn ends with, if it does."""
    return words[slice(*sentence_spans(words)[-1])] if words.rstrip().endswith("?") else ""


def _sentence_at(position: int, found: Extracted) -> str:
    """Give the sentence that a note's mark stands in."""
    around = next((one for one in found.blocks if one.start <= position <= one.end and one.kind != "note"), None)
    if around is None:
        return ""
    spans = sentence_spans(found.text[around.start : around.end], around.start)
    start, end = next((one for one in spans if position <= one[1]), spans[-1])
    return found.text[start:end]


class _Pages:
    """Tells on which pages a span of the text begins and ends."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        self._starts = [spot.start for spot in spots]
        self._pages = [spot.page for spot in spots]

    def of(self, start: int, end: int) -> tuple[int | None, int | None]:
        """Give the pages of a span; nothing where the format has none."""
        first, last = (bisect_right(self._starts, at) - 1 for at in (start, end - 1))
        return (self._pages[first] if first >= 0 else None, self._pages[last] if last >= 0 else None)
