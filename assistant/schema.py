"""The shapes of questions, hits, citations and answers. `Answer` is what `coproduce ask --json` prints."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr, field_validator, model_validator

from corpus.filters import Filters
from corpus.frozen import Frozen, Sent
from corpus.schema import Kind, Role

#: Earlier questions that a program may send with a question.
MAX_HISTORY = 100
Status = Literal["answered", "partial", "not_in_corpus"]


def _says_nothing(value: object) -> bool:
    """Tell whether a field that came later is left out, so that an answer of the report alone keeps its shape."""
    return value is None or value is False or value == ()


IsAdded = Annotated[
    bool,
    Field(exclude_if=_says_nothing, description="Whether it is of a document that somebody added, not of the report."),
]


class Query(Sent):
    """One question, with the earlier questions of the conversation, oldest first."""

    question: str = Field(description="The question, in ordinary words.")
    id: StrictStr | StrictInt | None = Field(default=None, description="Whatever you like; the answer has it too.")
    history: tuple[str, ...] = Field(default=(), description="The earlier questions, oldest first.")
    filters: Filters = Field(default=Filters(), description="What is searched; left out: everything.")

    @field_validator("id")
    @classmethod
    def _check_id(cls, value: str | int | None) -> str | int | None:
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("half a character (a lone surrogate) cannot be written back")
        return value


class Hit(Frozen):
    """A passage found for a question."""

    rank: int
    score: float
    passage_id: str
    document_id: str
    section: str
    start: int
    end: int
    text: str
    kind: Kind
    speaker: str | None
    role: Role | None
    added: IsAdded = False


class Citation(Frozen):
    """A passage that an answer quotes. What is shown of it, and first, is its `answer_span`: the sentences that answer.

    All offsets are half-open and count Unicode characters of the document's text.
    """

    marker: int
    passage_id: str
    document_id: str
    document_title: str
    section: str
    section_title: str
    start: int
    end: int
    lines: tuple[int, int]
    quoted_text: str = Field(description="The passage: `document.text[start:end]`.")
    answer_span: tuple[int, int] = Field(description="Of the sentences or items that answer, within start and end.")
    kind: Kind
    speaker: str | None
    role: Role | None
    page: int | None = Field(
        default=None, exclude_if=_says_nothing, description="The page of the file on which the answer begins, from 1."
    )
    last_page: int | None = Field(
        default=None, exclude_if=_says_nothing, description="The page on which it ends, where that is another."
    )
    page_label: str | None = Field(
        default=None, exclude_if=_says_nothing, description="What is printed on its page as the number."
    )
    time: float | None = Field(
        default=None, exclude_if=_says_nothing, description="Where in a recording it begins, in seconds."
    )
    place: str | None = Field(
        default=None, exclude_if=_says_nothing, description="What else of its place can be looked up."
    )
    paragraph: int | None = Field(
        default=None, exclude_if=_says_nothing, description="Which paragraph of its section it begins in, from 1."
    )
    added: IsAdded = False

    @model_validator(mode="before")
    @classmethod
    def _fill_span(cls, given: object) -> object:
        # What was kept by a version that had no span showed all of what it cited.
        if isinstance(given, dict) and "answer_span" not in given and {"start", "end"} <= given.keys():
            return {**given, "answer_span": (given["start"], given["end"])}
        return given

    @property
    def answer_text(self) -> str:
        """The exact words of the sentences that answer."""
        first, last = self.answer_span
        return self.quoted_text if self.is_whole else self.quoted_text[first - self.start : last - self.start]

    @property
    def is_whole(self) -> bool:
        """Whether the whole passage answers."""
        return self.answer_span == (self.start, self.end)

    @property
    def answer_words(self) -> str:
        """The same as it is shown: in quotation marks where somebody said it."""
        return f"“{self.answer_text}”" if self.speaker else self.answer_text


class HeadingBlock(Frozen):
    """A heading of ours over quotations."""

    kind: Literal["heading"] = "heading"
    text: str


class QuotationBlock(Frozen):
    """A citation as it is shown: its exact words, with whose they are and where they stand in words."""

    kind: Literal["quotation"] = "quotation"
    citation: Citation
    attribution: str

    @property
    def words(self) -> str:
        """The exact words that answer; in quotation marks where somebody said them."""
        return self.citation.answer_words


class Link(Frozen):
    """A way from words of ours to more: a page of ours, or a number to call."""

    text: str
    target: str = Field(description="`tel:`, `sms:`, or a page of the web chat.")


class WordsBlock(Frozen):
    """Words of ours, never a quotation."""

    kind: Literal[
        "refusal",  # that the report does not say
        "reason",  # why
        "greeting",
        "about",  # what this tool is and does
        "help",  # whom to turn to in distress
        "declined",  # what this tool never does
        "language",  # that questions are read in English
        "nothing_added",  # that nothing was found in the documents that were added
    ]
    text: str
    lang: str = Field(default="en", description="The code of the language that the words are in.")
    links: tuple[Link, ...] = ()


Block = Annotated[HeadingBlock | QuotationBlock | WordsBlock, Field(discriminator="kind")]

NoticeKind = Literal[
    "standing",  # said with every answer
    "how",  # what it was matched on, and how sure it is
    "voices",  # whose voices are shown
    "silent",  # who is not quoted there
    "elsewhere",  # that whoever is asked for is quoted, but not in the section nearest to this
    "label",  # that no label tells what was asked for
    "missing",  # parts of the question for which nothing was found
    "partial",  # that it may not answer all
    "unknown_speaker",  # somebody who is named and not quoted
    "speakers",  # who is quoted
    "table",  # what must be said of a table's records
    "topic",  # what must be said on a topic
    "help",  # who may help with what this is not the place for
    "understood",  # what was taken for the question, where more was written
    "beside",  # what is said of what stood beside the question: an order, something about this tool
    "form",  # that the form asked for cannot be met
    "all",  # that everything of somebody is shown, and how much it is
    "asked",  # what was asked, where documents were added
    "drawn_on",  # which added documents are shown
]


class Notice(Frozen):
    """What is said beside an answer."""

    kind: NoticeKind
    text: str


class Suggestion(Frozen):
    """Where to go on: a question to try, or a section to read."""

    kind: Literal["question", "section"]
    text: str
    target: str = Field(description="The question, or the section’s id.")
    document_id: str | None = Field(default=None, description="Of a section: its document.")


Outcome = Literal["found", "nearest", "nothing"]


class DrawnOn(Frozen):
    """A document that an answer quotes."""

    document_id: str
    title: str


class Asked(Frozen):
    """What was asked, and what came of it: the report, or the documents that were added. Neither speaks for the other.

    `outcome` is `found`, `nearest` (which may not answer: whoever reads must judge) or `nothing`.
    """

    of: Literal["report", "added"]
    documents: int = Field(description="How many documents were asked.")
    collections: tuple[str, ...] = Field(
        default=(), description="Of added documents: the collections that they are in."
    )
    outcome: Outcome
    drawn_on: tuple[DrawnOn, ...] = Field(default=(), description="The documents that are quoted.")


class Answer(Frozen):
    """What a person gets. Every quoted word in `text` stands in one of `citations`; `text` is made of `blocks`.

    `notices` and `suggestions` are the words of `notes` and `offers`.
    """

    id: str | int | None
    question: str
    status: Status
    confidence: float = Field(ge=0, le=1)
    mode: Literal["extractive", "generated"] = "extractive"
    text: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    notices: tuple[str, ...]
    suggestions: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    notes: tuple[Notice, ...] = ()
    offers: tuple[Suggestion, ...] = ()
    asked: tuple[Asked, ...] = Field(
        default=(), exclude_if=_says_nothing, description="What was asked; left out where nothing was added."
    )
