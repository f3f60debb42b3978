"""Verify every answer before anybody sees it: whatever it shows must stand in the source exactly so. Fails closed.

The text is taken apart again: the words of each block must be exactly the slice of the document that its citation
names, and its attribution must be the one that the passage has. Nothing is matched loosely. An answer that fails is not
shown.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.quoting.cite import attribution_of, marker, markers_of, read_blocks, render_text, write_heading
from assistant.quoting.framing import (
    ADDED_HEADINGS,
    NEAREST,
    NOT_COVERED,
    NOTHING_IN_ADDED,
    ON,
    greeting,
    headings_of,
    number_of_all,
)
from assistant.schema import Answer, Block, Citation, HeadingBlock, QuotationBlock, WordsBlock
from corpus.errors import VerbatimError
from corpus.library import topics_of
from corpus.schema import Document, Kind


def verify(answer: Answer, documents: Sequence[Document]) -> Answer:
    """Check every quotation, speaker and marker of an answer against the documents, and return it.

    Raises:
        VerbatimError: something does not stand in the source exactly as it is shown.
    """
    by_id = {document.id: document for document in documents}
    for hit in answer.hits:
        if hit.document_id not in by_id or by_id[hit.document_id].text[hit.start : hit.end] != hit.text:
            raise VerbatimError(f"hit {hit.rank} is not verbatim: {hit.text[:60]!r}")
        if hit.added != (by_id[hit.document_id].origin == "added"):
            raise VerbatimError(f"hit {hit.rank} does not say whether its document was added")
    if re.search(r"[“”]", " ".join([*answer.notices, *answer.suggestions])):
        raise VerbatimError("words in quotation marks stand in a notice or suggestion")
    if answer.notices != tuple(one.text for one in answer.notes) or answer.suggestions != tuple(
        one.text for one in answer.offers
    ):
        raise VerbatimError("the notices or suggestions are not the words of the notes and offers")
    framing = _framing(answer, by_id)
    report, added = _apart(answer.blocks, by_id)
    if added:
        _verify_added(added)
    if answer.status == "not_in_corpus" or (added and report and isinstance(report[0], WordsBlock)):
        _verify_without_answer(report, added, documents)
        framing = {write_heading(NEAREST), *_words_of_ours(answer), *(framing if added else ())}
    elif any(isinstance(block, WordsBlock) for block in (*report, *added)):
        raise VerbatimError("an answer that quotes has words that are neither a heading nor a quotation")
    for citation in answer.citations:
        verify_citation(citation, by_id)
    by_marker = {citation.marker: citation for citation in answer.citations}
    if [citation.marker for citation in answer.citations] != list(range(1, len(answer.citations) + 1)):
        raise VerbatimError("the citations are not numbered 1, 2, 3 …")
    shown = []
    for block in read_blocks(answer.text):
        if block.marker is None:
            if block.words not in framing:
                raise VerbatimError(f"words that are neither a quotation nor ours: {block.words[:60]!r}")
            continue
        if block.marker not in by_marker:
            raise VerbatimError(f"{marker(block.marker)} leads to no citation")
        citation = by_marker[block.marker]
        if block.words != citation.answer_words:
            raise VerbatimError(
                f"the words shown at {marker(block.marker)} are not those of the source: {block.words[:60]!r}"
            )
        if block.attribution != attribution_of(citation, by_id[citation.document_id]):
            raise VerbatimError(f"the name shown at {marker(block.marker)} is not the source's: {block.attribution!r}")
        shown.append(block.marker)
    if shown != list(by_marker):
        raise VerbatimError(f"the citations {list(by_marker)} do not fit the quotations shown {shown}")
    return _with_blocks_verified(answer)


def _framing(answer: Answer, documents: dict[str, Document]) -> set[str]:
    """Give the headings that may stand in an answer, as they are written.

    Those are our own and the documents', and over a quotation what it is on, in words that stand in its section.
    """
    allowed = set(headings_of(documents.values()))
    for heading, quotation in pairwise(answer.blocks):
        if not isinstance(heading, HeadingBlock):
            continue
        if number_of_all(heading.text):
            allowed.add(heading.text)
        elif isinstance(quotation, QuotationBlock) and heading.text.startswith(ON):
            document = documents.get(quotation.citation.document_id)
            passages = document.passages if document else ()
            words = heading.text.removeprefix(ON).casefold()
            own = [one for one in passages if one.section == quotation.citation.section]
            if words and any(words in _flat(one.text) or words == _flat(one.section_title) for one in own):
                allowed.add(heading.text)
    return {write_heading(heading) for heading in allowed}


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def _with_blocks_verified(answer: Answer) -> Answer:
    """Check that the blocks, which pages are written from, are those of the text and the citations."""
    if tuple(one.citation for one in answer.blocks if isinstance(one, QuotationBlock)) != answer.citations:
        raise VerbatimError("the citations are not those of the blocks")
    if answer.text != render_text(answer.blocks):
        raise VerbatimError("the text is not what the blocks are written as")
    return answer


#: Words of ours that answer what asks nothing of the documents.
_OWN = ("about", "declined", "help", "language")


def _apart(blocks: Sequence[Block], documents: dict[str, Document]) -> tuple[list[Block], list[Block]]:
    """Take what an answer shows of the report apart from what it shows of added documents, which stands after it.

    Raises:
        VerbatimError: a quotation stands under the other's heading, or an added document's under none.
    """
    first = next((number for number, block in enumerate(blocks) if _begins_added(block)), len(blocks))
    report, added = list(blocks[:first]), list(blocks[first:])
    for part, origin in ((report, "bundled"), (added, "added")):
        for block in part:
            if isinstance(block, QuotationBlock) and not _is_of(block.citation, documents, origin):
                raise VerbatimError(f"{marker(block.citation.marker)} does not stand with what it is of: {origin}")
    return report, added


def _begins_added(block: Block) -> bool:
    return block.kind == "nothing_added" or (isinstance(block, HeadingBlock) and block.text in ADDED_HEADINGS)


def _is_of(citation: Citation, documents: dict[str, Document], origin: str) -> bool:
    document = documents.get(citation.document_id)  # one that is not here is told of by `verify_citation`
    return document is None or (document.origin == origin and citation.added == (origin == "added"))


def _verify_added(blocks: Sequence[Block]) -> None:
    """Check what is shown of added documents: one of our headings over quotations, or that there is nothing."""
    kinds = [block.kind for block in blocks]
    nothing = list(blocks) == [WordsBlock(kind="nothing_added", text=NOTHING_IN_ADDED)]
    quotes = kinds[0] == "heading" and len(kinds) > 1 and set(kinds[1:]) <= {"quotation", "heading"}
    quotes = quotes and kinds[-1] == "quotation"
    only_one = sum(_begins_added(block) for block in blocks) == 1
    if not (nothing or quotes) or not only_one:
        raise VerbatimError("what is shown of added documents does not stand under its one heading")


def _verify_without_answer(blocks: Sequence[Block], added: Sequence[Block], documents: Sequence[Document]) -> None:
    """Check what is no answer: a refusal, with why and the nearest quotation at most, our greeting, or words of ours.

    Of the report it shows nothing else, and nothing of ours looks like a quotation. Only added documents may have been
    asked, and then there is nothing of the report's.
    """
    words = [block for block in blocks if isinstance(block, WordsBlock)]
    kinds = [block.kind for block in blocks]
    nearest = kinds[len(words) :]
    is_nearest = nearest == ["heading", "quotation"] and blocks[-2] == HeadingBlock(text=NEAREST)
    refuses = kinds[:1] == ["refusal"] and kinds[1 : len(words)] in ([], ["reason"]) and (not nearest or is_nearest)
    refuses = refuses and blocks[0] == WordsBlock(kind="refusal", text=NOT_COVERED)
    greets = kinds == ["greeting"] and blocks[0] == WordsBlock(kind="greeting", text=greeting(topics_of(documents)))
    own = bool(kinds) and len(set(kinds)) == 1 and kinds[0] in _OWN
    only_added = not kinds and bool(added)
    if not (refuses or greets or own or only_added) or any(_looks_quoted(block.text) for block in words):
        raise VerbatimError("an answer that says that the report does not say must not show anything from it")


def _looks_quoted(words: str) -> bool:
    return bool(re.search(r"[“”>]", words) or markers_of(words))


def _words_of_ours(answer: Answer) -> set[str]:
    """Give the paragraphs in which words of ours are written."""
    words = [block for block in answer.blocks if isinstance(block, WordsBlock)]
    return set(render_text(words).split("\n\n"))


def verify_citation(citation: Citation, documents: dict[str, Document]) -> None:
    """Check one citation: its words are its slice, its slice is in its passage, its speaker is the passage's."""
    document = documents.get(citation.document_id)
    if document is None:
        raise VerbatimError(f"{marker(citation.marker)} cites a document that is not here: {citation.document_id!r}")
    try:
        passage = document.passage(citation.passage_id)
    except KeyError:
        raise VerbatimError(f"{marker(citation.marker)} cites a passage that is not in {document.id}") from None
    if (citation.start, citation.end) != (passage.start, passage.end):
        raise VerbatimError(f"{marker(citation.marker)} is not the whole of its passage: {citation.quoted_text[:60]!r}")
    starts, ends = passage.cuts
    first, last = citation.answer_span
    if not (first in starts and last in ends and first < last):
        # A few words of a sentence are exact, and can still say the opposite of it.
        raise VerbatimError(f"{marker(citation.marker)} cuts a sentence: {citation.answer_text[:60]!r}")
    if document.text[citation.start : citation.end] != citation.quoted_text:
        raise VerbatimError(f"{marker(citation.marker)} is not verbatim: {citation.quoted_text[:60]!r}")
    said = (citation.speaker, citation.role, citation.kind, citation.section, citation.section_title)
    if citation.document_title != document.title:
        raise VerbatimError(f"{marker(citation.marker)} names another document: {citation.document_title!r}")
    if said != (passage.speaker, passage.role, passage.kind, passage.section, passage.section_title):
        raise VerbatimError(f"{marker(citation.marker)} is not by {citation.speaker!r} in {citation.section}")
    if (
        passage.kind is Kind.INTERVIEW
        and document.text[passage.label_start : passage.label_end] != passage.label_as_printed
    ):
        raise VerbatimError(f"{marker(citation.marker)} has no label where the report prints it")
    if citation.lines != document.lines_of(citation.start, citation.end):
        raise VerbatimError(f"{marker(citation.marker)} gives the wrong lines: {citation.lines}")
