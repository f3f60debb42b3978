"""The shapes of cases, outcomes and measures. A case is tied to spans of the source, never to passage ids."""

from typing import Annotated

from pydantic import Field, StringConstraints

from assistant.schema import Answer
from corpus.schema import Frozen, Role

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Case(Frozen):
    """One question, and what a good answer to it shows; a line of a case file."""

    id: Words
    question: Words
    kind: Words = Field(description="What sort of question it is, for instance `definition` or `follow_up`.")
    answerable: bool
    evidence: tuple[Annotated[tuple[Words, ...], Field(min_length=1)], ...] = Field(
        description="Groups of alternative verbatim spans: every group must be shown, any alternative will do."
    )
    history: tuple[str, ...] = Field(default=(), description="The earlier questions, oldest first.")
    section: str | None = Field(default=None, description="Where the evidence stands.")
    speaker: str | None = Field(default=None, description="Whose words are asked for: a speaker's label.")
    role: Role | None = Field(default=None, description="Whose words are asked for: one side of the research.")


class Span(Frozen):
    """A half-open span of a document's text, in Unicode characters."""

    document_id: str
    start: int
    end: int


class LocatedCase(Case):
    """A case whose evidence was found in the documents."""

    groups: tuple[tuple[Span, ...], ...] = Field(
        description="For each group of evidence, every place where one of its alternatives stands."
    )


class Outcome(Frozen):
    """What became of a case: an answer, or an error."""

    case: LocatedCase
    answer: Answer | None
    latency_ms: float = Field(ge=0)
    error: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the question was not answered; one that ended in an error was not."""
        return self.answer is None or self.answer.status == "not_in_corpus"

    @property
    def confidence(self) -> float:
        """The confidence shown with the answer; 0 where an error came instead."""
        return self.answer.confidence if self.answer else 0.0


class Measures(Frozen):
    """What a run is worth. Shares are between 0 and 1; None means that no case allows the measure."""

    cases: int
    answerable: int
    errors: int
    recall_at_1: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    ndcg_at_10: float | None
    evidence_in_answer: float | None
    verbatim_rate: float | None
    speaker_accuracy: float | None
    refused: float
    refused_unanswerable: float | None
    refused_answerable: float | None
    confidence_auroc: float | None
    calibration_error: float
    answer_words_median: float | None
    answers_over_300_words: float | None
    latency_ms_p50: float | None
    latency_ms_p95: float | None


class Failure(Frozen):
    """A case that went wrong, and how."""

    id: str
    question: str
    status: str
    reasons: tuple[str, ...]
    error: str | None


class Evaluation(Frozen):
    """Everything that one evaluation found: what `coproduce eval --json` prints."""

    source: str = Field(description="The case file's name.")
    measures: Measures
    kinds: dict[str, Measures]
    errors: dict[str, str] = Field(description="Case id → what went wrong, for questions that could not be asked.")
    failures: tuple[Failure, ...]
