"""Collect what somebody kept or asked into one thing to write files from, each quotation made again and verified.

Nothing that a caller says is shown as a quotation: words, speakers, sections and lines are taken from the document by
their span. What is no whole number of a passage's sentences or names what is not here is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import Field

from assistant.quoting.cite import attribution_of, make_citation, marker
from assistant.quoting.framing import STANDING_NOTICE, STANDING_OF_ADDED
from assistant.quoting.verify import verify, verify_citation
from assistant.schema import Answer, Citation, HeadingBlock, QuotationBlock
from corpus.errors import UnknownName, VerbatimError
from corpus.filters import Filters
from corpus.frozen import Frozen
from corpus.schema import Document

KEPT_TITLE = "Quotations kept"
ASKED_TITLE = "Questions and answers"


class Item(Frozen):
    """A span of a document that somebody kept; half-open, in Unicode characters of `Document.text`."""

    document_id: str = Field(max_length=200)
    passage_id: str = Field(max_length=200)
    start: int
    end: int


@dataclass(frozen=True)
class ExportedTurn:
    """A question that was asked, and its answer or, where it could not be asked, why."""

    question: str
    answer: Answer | None
    filters: Filters = field(default_factory=Filters)
    refused: str = ""


@dataclass(frozen=True)
class Quotation:
    """A verified citation, with the document that it is a slice of."""

    citation: Citation
    document: Document

    @property
    def words(self) -> str:
        """The exact words that answer, or that were kept; in quotation marks where somebody said them."""
        return self.citation.answer_words

    @property
    def attribution(self) -> str:
        """Whose words they are and where they stand."""
        return attribution_of(self.citation, self.document)

    @property
    def lines(self) -> tuple[int, int]:
        """The first and last line of the source that they stand on."""
        return self.document.lines_of(*self.citation.answer_span)

    @property
    def address(self) -> str:
        """Where the reader shows them, from the root of the web chat."""
        first, last = self.citation.answer_span
        return f"/read/{self.document.id}?from={first}&to={last}#cited"


@dataclass(frozen=True)
class Group:
    """Quotations under a heading of ours; the heading may be empty."""

    heading: str
    quotations: tuple[Quotation, ...]


@dataclass(frozen=True)
class Part:
    """A question with what was found for it, or what was kept, which has no question."""

    question: str = ""
    narrowed: str = ""
    groups: tuple[Group, ...] = ()
    refusal: str = ""
    notices: tuple[str, ...] = ()

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        """Every quotation, in order."""
        return tuple(quotation for group in self.groups for quotation in group.quotations)


@dataclass(frozen=True)
class Collection:
    """What a file is written from. The quotations are numbered 1, 2, 3 … from beginning to end."""

    title: str
    made: date
    parts: tuple[Part, ...]
    notes: tuple[str, ...]

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        """Every quotation, in order."""
        return tuple(quotation for part in self.parts for quotation in part.quotations)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents quoted, in the order in which they are first quoted."""
        return tuple({one.document.id: one.document for one in self.quotations}.values())

    def quotations_of(self, document: Document) -> tuple[Quotation, ...]:
        """The quotations of a document, in order."""
        return tuple(one for one in self.quotations if one.document.id == document.id)

    def numbers_of(self, document: Document) -> str:
        """Say which of the numbers are of a document: "[1] to [4], [7]"."""
        runs: list[tuple[int, int]] = []
        for number in (one.citation.marker for one in self.quotations_of(document)):
            first = runs.pop()[0] if runs and runs[-1][1] == number - 1 else number
            runs.append((first, number))
        return ", ".join(" to ".join(marker(end) for end in dict.fromkeys(run)) for run in runs)

    @property
    def made_on(self) -> str:
        """When and with what it was made, in words."""
        return f"Made on {self.made.day} {self.made:%B %Y} with coproduce."


def collect_items(items: Sequence[Item], documents: Sequence[Document], made: date) -> Collection:
    """Collect what was kept, in its order.

    Raises:
        UnknownName: an item names a document that is not here.
        VerbatimError: an item is not whole sentences of its passage. Both name the item.
    """
    by_id = {document.id: document for document in documents}
    quotations = tuple(quote_item(item, by_id, number) for number, item in enumerate(items, start=1))
    quoted = tuple({one.document.id: one.document for one in quotations}.values())
    return Collection(KEPT_TITLE, made, (Part(groups=(Group("", quotations),)),), _notes(quoted or documents))


def collect_turns(turns: Sequence[ExportedTurn], documents: Sequence[Document], made: date) -> Collection:
    """Collect a conversation, oldest question first, with what was refused.

    Raises:
        VerbatimError: an answer shows something that does not stand in its document; the question is named.
    """
    by_id = {document.id: document for document in documents}
    parts: list[Part] = []
    shown = 0
    for number, turn in enumerate(turns, start=1):
        parts.append(_part_of(turn, by_id, shown, f"question {number}"))
        shown += len(parts[-1].quotations)
    quoted = {one.document.id: one.document for part in parts for one in part.quotations}
    return Collection(ASKED_TITLE, made, tuple(parts), _notes(tuple(quoted.values()) or documents))


def quote_item(item: Item, documents: dict[str, Document], number: int) -> Quotation:
    """Make the quotation that an item stands for. Raises as `collect_items` does."""
    name = f"item {number}"
    document = documents.get(item.document_id)
    if document is None:
        known = ", ".join(documents)
        raise UnknownName(f"{name} is from a document that is not here: {item.document_id!r}. There are: {known}.")
    return _quotation(item, document, number, name)


def _quotation(item: Item, document: Document, number: int, name: str) -> Quotation:
    """Make a quotation from the document's own text, and verify it."""
    try:
        passage = document.passage(item.passage_id)
    except KeyError:
        raise VerbatimError(
            f"{name} is not exported: {document.id} has no passage {item.passage_id!r}. Take it out and try again."
        ) from None
    if not passage.start <= item.start < item.end <= passage.end:
        raise VerbatimError(f"{name} is not exported: it reaches outside its passage. Take it out and try again.")
    starts, ends = passage.cuts
    if item.start not in starts or item.end not in ends:
        # A few words of a sentence are exact, and can still say the opposite of it.
        raise VerbatimError(f"{name} is not exported: it cuts a sentence. Take it out and keep whole sentences.")
    citation = make_citation(number, passage, document, (item.start, item.end))
    try:
        verify_citation(citation, {document.id: document})
    except VerbatimError as error:
        raise VerbatimError(f"{name} is not exported: {error}") from None
    return Quotation(citation, document)


def _part_of(turn: ExportedTurn, documents: dict[str, Document], shown: int, name: str) -> Part:
    """Take an answer's blocks; its quotations are numbered on from the `shown` ones before it."""
    narrowed = ", ".join(f"{key.removesuffix('_id')} {value}" for key, value in _given(turn.filters))
    answer = turn.answer
    if answer is None:
        return Part(turn.question, narrowed, refusal=turn.refused)
    try:
        verify(answer, tuple(documents.values()))
    except VerbatimError as error:
        raise VerbatimError(f"{name} is not exported: {error}") from None
    notices = tuple(one.text for one in answer.notes if one.kind != "standing") + answer.suggestions
    if answer.status == "not_in_corpus":
        return Part(turn.question, narrowed, refusal=answer.text, notices=notices)
    groups: list[Group] = []
    refused = " ".join(block.text for block in answer.blocks if block.kind in ("refusal", "reason"))
    if refused:  # added documents answer what the report does not
        groups.append(Group(refused, ()))
    for block in answer.blocks:
        if isinstance(block, HeadingBlock):
            groups.append(Group(block.text, ()))
        elif isinstance(block, QuotationBlock):
            cited = block.citation
            start, end = cited.answer_span
            item = Item(document_id=cited.document_id, passage_id=cited.passage_id, start=start, end=end)
            quotation = _quotation(item, documents[cited.document_id], shown + cited.marker, name)
            last = groups.pop() if groups else Group("", ())
            groups.append(Group(last.heading, (*last.quotations, quotation)))
    return Part(turn.question, narrowed, tuple(groups), notices=notices)


def _given(filters: Filters) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in filters.model_dump(mode="json").items() if value is not None]


def _standing(documents: Sequence[Document]) -> list[str]:
    """Give what is said with every answer, as the answer says it."""
    notes = (document.vocabulary.standing_note for document in documents)
    origins = {document.origin for document in documents}
    standing = [STANDING_NOTICE] if "bundled" in origins else []
    standing += [STANDING_OF_ADDED] if "added" in origins else []
    return [*standing, *dict.fromkeys(note for note in notes if note)]


def _notes(documents: Sequence[Document]) -> tuple[str, ...]:
    rights = dict.fromkeys(document.licence for document in documents if document.licence)
    return (*_standing(documents), *rights)
