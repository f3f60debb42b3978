"""The shapes of cases, outcomes and runs. A case is tied to spans of the source, never to passage ids."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from assistant.schema import Answer
from corpus.frozen import Frozen
from corpus.schema import Role

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
RowStatus = Literal["answered", "partial", "not_in_corpus", "error", "missing"]
ConfigValue = str | int | float | bool | None
#: In a configuration: whether a query's own document was left out. Runs of rankings alone say it.
OWN_LEFT_OUT = "own_document_left_out"


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
    act: str = Field(default="asks", description="What is done with it: `asks`, `greets`, `about_tool`, `who_is` …")
    lean: str | None = Field(default=None, description="How it leans on the question before: `new`, `more` …")
    forms: tuple[str, ...] = Field(default=(), description="The forms that the answer is wanted in.")


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

    @property
    def plain(self) -> Case:
        """The case as it stands in a case file."""
        return Case(**{name: getattr(self, name) for name in Case.model_fields})


class Outcome(Frozen):
    """What became of a case: an answer, an error, or nothing, where a run does not hold it."""

    case: LocatedCase
    answer: Answer | None
    latency_ms: float | None = Field(default=None, ge=0, description="How long the answer took; None is not known.")
    error: str | None = None
    leakage: float | None = Field(
        default=None,
        description="Asked again with the case's speaker, role and section as filters: the share that they forbid.",
    )

    @property
    def status(self) -> str:
        """The answer's status, or `error`, or `missing`."""
        if self.answer is not None:
            return self.answer.status
        return "missing" if self.error is None else "error"

    @property
    def refused(self) -> bool:
        """Whether the answer was that the report does not say."""
        return self.answer is not None and self.answer.status == "not_in_corpus"

    @property
    def confidence(self) -> float:
        """The confidence shown with the answer; 0 where there is none."""
        return self.answer.confidence if self.answer else 0.0


class QueryRow(Frozen):
    """What one question of a run was worth: a line of `per_query.csv`."""

    case_id: str
    question: str
    kind: str
    answerable: bool
    status: RowStatus
    confidence: float = Field(description="0 where there is no answer.")
    supported: bool = Field(description="Whether some evidence stands among the first six citations.")
    refused: bool = Field(description="Whether the answer was that the report does not say.")
    latency_ms: float | None
    words: int = Field(description="The quoted words of the answer.")
    error: str | None = None
    measures: dict[str, float | None] = Field(
        description="Name → value for this question; None where the measure does not apply to it."
    )

    @property
    def has_answer(self) -> bool:
        """Whether the question was answered or refused; one with an error, or missing from the run, was not."""
        return self.status not in ("error", "missing")


class Fingerprint(Frozen):
    """What a run was made from. Runs whose cases or corpus differ cannot be compared."""

    cases_sha256: str = Field(description="Of every case, in order of id.")
    corpus_sha256: str = Field(description="Of every document's id and text.")
    config_sha256: str = Field(description="Of the settings, the model and the code that decide the answers.")


class Bin(Frozen):
    """One point of the reliability curve: what was said with a certain confidence, and how often it held."""

    lower: float
    upper: float
    count: int
    confidence: float | None = Field(description="The mean confidence; None in an empty bin.")
    supported: float | None = Field(description="The share that was supported; None in an empty bin.")


class Started(Frozen):
    """What is known of a run before its first question: `started.json`, by which a stopped run is known again."""

    name: str
    created: str = Field(description="When it began: ISO 8601, UTC.")
    version: str = Field(description="Of this program.")
    source: str = Field(description="The case file's name.")
    fingerprint: Fingerprint
    config: dict[str, ConfigValue]


class RunSummary(Started):
    """What a run found, all together and by kind of question: `summary.json`."""

    cases: int
    answerable: int
    errors: int = Field(description="Questions with an error; those missing from the run are not counted.")
    missing: int = Field(default=0, description="Questions of which the run holds nothing.")
    measures: dict[str, float | None] = Field(description="Name → mean, or value of the whole run.")
    kinds: dict[str, dict[str, float | None]]
    kind_sizes: dict[str, int]
    reliability: tuple[Bin, ...]
    latency_ms: dict[str, float | None] = Field(description="p50, p95 and p99.")
    index_bytes: int | None = None


class Run(Frozen):
    """A run folder, read back."""

    summary: RunSummary
    rows: tuple[QueryRow, ...]
    answers: dict[str, Answer] = Field(description="Case id → answer, where there was one.")
    cases: tuple[LocatedCase, ...] = Field(description="The cases as they were asked, in order.")

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each case, in the order of the rows."""
        cases = {case.id: case for case in self.cases}
        return tuple(
            Outcome(
                case=cases[row.case_id],
                answer=self.answers.get(row.case_id),
                latency_ms=row.latency_ms,
                error=row.error,
                leakage=row.measures.get("filter_leakage") if row.has_answer and row.error is None else None,
            )
            for row in self.rows
        )


class BeirMeasures(Frozen):
    """What search is worth on a BEIR corpus."""

    source: str
    documents: int
    queries: int = Field(description="With at least one judgement; others are not asked.")
    own_document_left_out: bool = Field(description="Whether a query's own document was left out, as BEIR does.")
    notes: tuple[str, ...] = Field(description="What was passed over or is lacking in the folder.")
    embedded: int = Field(description="Texts that were embedded now.")
    from_kept: int = Field(description="Texts whose vectors were kept from before.")
    measures: dict[str, float | None] = Field(description="Name → mean over the queries.")
