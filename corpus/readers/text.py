"""Read Markdown or plain text that a user adds into a document whose text is the source, unchanged."""

import hashlib
import re
from pathlib import Path

from corpus.errors import CorpusError
from corpus.frozen import content_id
from corpus.lines import line_starts_of
from corpus.outline import Heading, OutlineBlock, read_outline
from corpus.readers.assemble import check_characters, check_id, only_title
from corpus.readers.passages import Stretch, drafts_of, passages_of, sections_of
from corpus.readers.report import words_sha256
from corpus.schema import Document, Piece

_BOM = "\ufeff"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


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
            title=title or only_title(_headings(read_outline(source.removeprefix(_BOM)))) or stem,
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
    check_id(document_id)
    check_characters(source)
    mark = len(_BOM) * source.startswith(_BOM)
    text = source[mark:]
    outline = read_outline(text)
    headings = _headings(outline)
    sections = sections_of(headings, title, outline[0].start if outline else 0, len(text))
    drafts = list(drafts_of([_stretch_of(one) for one in outline], text))
    if not drafts:
        what = "only headings" if headings else "nothing"
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
    return document.model_copy(update={"passages": tuple(passages_of(document, drafts))})


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


def _id_from(stem: str) -> str:
    """Make a document id from a file's name; a name without plain letters or digits gives one by its hash."""
    return re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-") or f"document-{content_id(stem)[:8]}"


def _headings(outline: list[Heading | OutlineBlock]) -> list[Heading]:
    return [one for one in outline if isinstance(one, Heading)]


def _stretch_of(one: Heading | OutlineBlock) -> Stretch | None:
    """Give what is joined or cut; nothing for what ends a passage."""
    if isinstance(one, Heading) or one.kind == "break":
        return None
    return Stretch(one.kind, one.start, one.end, one.parts)
