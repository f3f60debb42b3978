"""Write a collection as a file of one of the formats: its bytes, a name for it and its type."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assistant.quoting.export.collect import Collection, ExportedTurn, collect_turns
from assistant.quoting.export.markdown import write_markdown
from assistant.quoting.export.references import write_bibtex, write_ris, write_vancouver
from assistant.quoting.export.table import write_csv
from assistant.quoting.export.web_page import write_html
from assistant.quoting.export.word import write_docx
from assistant.schema import Answer
from corpus.errors import CoproduceError, DataFolderError
from corpus.filters import Filters
from corpus.schema import Document


@dataclass(frozen=True)
class Format:
    """A kind of file: how people know it, how it is named, its type, and what writes it."""

    id: str
    label: str
    suffix: str
    media_type: str
    write: Callable[[Collection, str], str] | None


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS = (
    Format("docx", "Word document", ".docx", _WORD, None),
    Format("html", "Web page", ".html", "text/html; charset=utf-8", write_html),
    Format("md", "Markdown", ".md", "text/markdown; charset=utf-8", write_markdown),
    Format("csv", "Table for Excel (CSV)", ".csv", "text/csv; charset=utf-8", write_csv),
    Format("vancouver", "References, Vancouver style", ".txt", "text/plain; charset=utf-8", write_vancouver),
    Format("ris", "References for Zotero or EndNote (RIS)", ".ris", "application/x-research-info-systems", write_ris),
    Format("bibtex", "References for LaTeX (BibTeX)", ".bib", "application/x-bibtex; charset=utf-8", write_bibtex),
)


@dataclass(frozen=True)
class File:
    """A file that is ready to be kept."""

    name: str
    media_type: str
    content: bytes


def find_format(name: str) -> Format:
    """Find a format by its id. Raises CoproduceError, which names those that exist."""
    found = next((one for one in FORMATS if one.id == name), None)
    if found is None:
        raise CoproduceError(f"there is no format {name[:40]!r}. There are: {', '.join(one.id for one in FORMATS)}.")
    return found


def make_file(collection: Collection, kind: Format, *, base: str = "") -> File:
    """Write a collection as a file. `base` is the address of the web chat, for links into its reader.

    Raises:
        CoproduceError: references are wanted, and nothing is quoted.
    """
    content = write_docx(collection) if kind.write is None else kind.write(collection, base).encode()
    words = collection.title.casefold().replace(" ", "-")
    return File(f"coproduce-{words}-{collection.made.isoformat()}{kind.suffix}", kind.media_type, content)


def check_target(path: Path) -> Format:
    """Find the format that a file's name asks for, before anything is asked.

    Raises:
        CoproduceError: its ending is none of ours, or the file exists already.
    """
    found = next((one for one in FORMATS if one.suffix == path.suffix.casefold()), None)
    if found is None:
        endings = ", ".join(one.suffix for one in FORMATS)
        raise CoproduceError(f"--export cannot write {path.name!r}: the name must end in one of {endings}.")
    if path.exists():
        raise CoproduceError(f"--export would overwrite {path}. Give another name, or move that file away first.")
    return found


def save_answer(answer: Answer, filters: Filters, documents: Sequence[Document], path: Path) -> None:
    """Keep an answer as the kind of file that its name asks for; a file that is there is never written over.

    Raises:
        CoproduceError: as `check_target` does, or references are wanted and nothing is quoted.
        DataFolderError: the file cannot be written.
    """
    kind = check_target(path)
    collection = collect_turns([ExportedTurn(answer.question, answer, filters)], documents, date.today())
    content = make_file(collection, kind).content
    try:
        with path.open("xb") as target:
            target.write(content)
    except OSError as error:
        raise DataFolderError(f"{path} cannot be written: {error.strerror or error}.") from None
