"""Write quotations as plain text, for the clipboard: the words, whose they are, and the reference."""

from assistant.quoting.export.collect import Part, Quotation
from assistant.quoting.export.references import vancouver
from assistant.quoting.visible import in_one_line, visible


def write_quotation_text(quotation: Quotation) -> str:
    """Write one quotation with its attribution and its reference."""
    return f"{_quoted(quotation)}\n{vancouver(quotation.document)}"


def write_part_text(part: Part, notes: tuple[str, ...]) -> str:
    """Write a question and its answer, with the references once, and the notes that stand with every answer."""
    blocks = [in_one_line(part.question)]
    if part.refusal:
        blocks.append(in_one_line(part.refusal))
    for group in part.groups:
        blocks += [in_one_line(group.heading), *map(_quoted, group.quotations)]
    documents = {one.document.id: one.document for one in part.quotations}.values()
    blocks += ["\n".join(vancouver(document) for document in documents)]
    blocks += ["\n".join(map(in_one_line, (*part.notices, *notes)))]
    return "\n\n".join(block for block in blocks if block)


def _quoted(quotation: Quotation) -> str:
    return f"{visible(quotation.words)}\n{in_one_line(quotation.attribution)}"
