"""The shapes of questions, hits, citations and answers. `Answer` is what `coproduce ask --json` prints."""

from typing import Literal

from pydantic import Field, StrictInt, StrictStr, ValidationInfo, field_validator

from corpus.schema import Frozen, Kind, Passage, Role, section_holds

#: Earlier questions that a program may send with a question.
MAX_HISTORY = 100
Status = Literal["answered", "partial", "not_in_corpus"]


class Filters(Frozen):
    """What a search is narrowed to. Every field left out means: no matter."""

    speaker: str | None = Field(default=None, description="A speaker’s label, for example “Public partner B”.")
    role: Role | None = Field(default=None, description="One side of the research: academic or public.")
    section: str | None = Field(default=None, description="A section with its subsections, for example B.4.")
    kind: Kind | None = Field(default=None, description="A sort of passage; interview: quotes alone.")
    document_id: str | None = Field(default=None, description="A document, for example involve-2017.")

    def allow(self, passage: Passage) -> bool:
        """Tell whether a passage may be shown."""
        return (
            (self.speaker is None or passage.speaker == self.speaker)
            and (self.role is None or passage.role == self.role)
            and (self.section is None or section_holds(self.section, passage.section))
            and (self.kind is None or passage.kind == self.kind)
            and (self.document_id is None or passage.document_id == self.document_id)
        )

    def __or__(self, other: "Filters") -> "Filters":
        """Fill the gaps of these filters from others."""
        mine = {name: value for name, value in self.model_dump().items() if value is not None}
        return Filters.model_validate({**other.model_dump(), **mine})


class Query(Frozen):
    """One question, with the earlier questions of the conversation, oldest first."""

    question: str = Field(description="The question, in ordinary words.")
    id: StrictStr | StrictInt | None = Field(default=None, description="Whatever you like; the answer has it too.")
    history: tuple[str, ...] = Field(default=(), description="The earlier questions, oldest first.")
    filters: Filters = Field(default=Filters(), description="What is searched; left out: everything.")

    @field_validator("history", "filters", mode="before")
    @classmethod
    def _fill_null(cls, value: object, info: ValidationInfo) -> object:
        return ((), Filters())[info.field_name == "filters"] if value is None else value

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


class Citation(Frozen):
    """An exact slice of a document that an answer shows."""

    marker: int
    passage_id: str
    document_id: str
    document_title: str
    section: str
    section_title: str
    start: int
    end: int
    lines: tuple[int, int]
    quoted_text: str
    kind: Kind
    speaker: str | None
    role: Role | None


class Answer(Frozen):
    """What a person gets. Every quoted word in `text` stands in one of `citations`."""

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
