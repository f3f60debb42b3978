"""Write a collection as Markdown in which nothing from a person or a document is markup."""

import re
from collections.abc import Iterable

from assistant.quoting.cite import escape_markdown, write_quoted
from assistant.quoting.export.collect import Collection, Part, Quotation
from assistant.quoting.export.references import vancouver
from assistant.quoting.visible import in_one_line, visible

#: What some readers of Markdown make a link of, though it is not written as one.
_BARE_ADDRESS = re.compile(r"(?<=\w):(?=//)|(?<=www)\.", re.IGNORECASE)


def write_markdown(collection: Collection, _: str = "") -> str:
    """Write the collection as Markdown."""
    blocks = [f"# {_line(collection.title)}", _line(collection.made_on)]
    for part in collection.parts:
        blocks += _part(part)
    if collection.documents:
        blocks += ["## References", _list(_references(collection))]
    blocks += ["## About these words", _list(collection.notes)]
    return _BARE_ADDRESS.sub(r"\\\g<0>", "\n\n".join(blocks)) + "\n"


def _references(collection: Collection) -> list[str]:
    return [f"{collection.numbers_of(document)}: {vancouver(document)}" for document in collection.documents]


def _part(part: Part) -> list[str]:
    blocks = [f"## {_line(part.question)}"] if part.question else []
    if part.narrowed:
        blocks.append(_line(f"Narrowed to: {part.narrowed}"))
    if part.refusal:
        blocks.append(_line(part.refusal))
    for group in part.groups:
        if group.heading:
            blocks.append(f"### {_line(group.heading)}")
        blocks += [_quotation(quotation) for quotation in group.quotations]
    return [*blocks, *([_list(part.notices)] if part.notices else [])]


def _quotation(quotation: Quotation) -> str:
    return write_quoted(visible(quotation.words), quotation.citation.marker, in_one_line(quotation.attribution))


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_line(line)}" for line in lines)


def _line(text: str) -> str:
    return escape_markdown(in_one_line(text))
