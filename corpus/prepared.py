"""Load the answers that careful readers prepared: for each thing that people need, the exact words that answer it.

`answers.jsonl` in a document's folder holds them, one a line. Words are found by their section, as everywhere: a line
whose words stand nowhere stops the build. Nothing of it is free text on a page but what the document is said to lack;
headings are named, not written.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.locate import locate_words, read_json_lines
from corpus.schema import Cited, Document

FILE = "answers.jsonl"
Shape = Literal["plain", "list", "views", "parts", "nearest"]


class _Quoted(Frozen):
    """Words that an answer quotes, as a line of the file has them."""

    section: str
    words: str
    group: str = ""
    on: str = ""
    cited: str = ""


class FollowUp(Frozen):
    """A way of asking for an answer that leans on what was asked before."""

    before: str = Field(min_length=1)
    ask: str = Field(min_length=1)

    @property
    def in_turn(self) -> str:
        """The two as one text."""
        return in_turn(self.ask, self.before)


def in_turn(question: str, before: str) -> str:
    """Write a question with the one before it as one text, for an embedding model: what is asked now stands first."""
    return f"{question} | {before}"


class _Line(Frozen):
    id: str
    need: str
    shape: Shape
    quotes: tuple[_Quoted, ...]
    ask: tuple[str, ...] = Field(min_length=1)
    follows: tuple[FollowUp, ...] = ()
    all: int | None = None
    lacks: str = ""

    @model_validator(mode="after")
    def _check_shape(self) -> "_Line":
        if (self.shape == "nearest") != bool(self.lacks):
            raise ValueError("what is lacking is said of the nearest, and of nothing else")
        if not self.quotes and self.shape != "nearest":
            raise ValueError("it quotes nothing")
        if (self.shape == "list") != (self.all is not None):
            raise ValueError("how many there are in all is said of a list, and of nothing else")
        if any(bool(one.group) != (self.shape in ("views", "parts")) for one in self.quotes):
            raise ValueError("views and parts have groups, and nothing else has")
        return self


class PreparedQuote(Frozen):
    """Words that an answer quotes: a span of a passage, widened to whole sentences."""

    passage_id: str
    span: tuple[int, int]
    group: str = Field(default="", description="A view, a part, or a role's id: what heading it stands under.")
    on: str = Field(default="", description="What it is about, in words of its section, where it does not say so.")


class Prepared(Frozen):
    """An answer that was prepared, and the ways in which people ask for it."""

    id: str
    document_id: str
    shape: Shape
    quotes: tuple[PreparedQuote, ...]
    ask: tuple[str, ...]
    follows: tuple[FollowUp, ...] = ()
    all: int | None = Field(default=None, description="How many items a list has.")
    lacks: str = Field(default="", description="What the document does not say, where it only comes near.")

    @property
    def ways(self) -> tuple[str, ...]:
        """All ways of asking for it: alone, and after another question."""
        return (*self.ask, *(one.in_turn for one in self.follows))


def load_prepared(document: Document, folder: Path) -> tuple[tuple[Prepared, ...], tuple[Cited, ...]]:
    """Load a document's prepared answers, and whom their words are cited from; none where it has no such file.

    Raises:
        CorpusError: a line is malformed, its words do not stand where it says, or an id comes twice.
    """
    path = folder / FILE
    if not path.is_file():
        return (), ()
    answers: dict[str, Prepared] = {}
    cited: dict[tuple[str, tuple[int, int]], Cited] = {}
    for where, row in read_json_lines(path):
        try:
            line = _Line.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise CorpusError(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}.") from None
        if line.id in answers:
            raise CorpusError(f"{where}: there is another answer {line.id!r}. Give one of them another id.")
        quotes = []
        for one in line.quotes:
            passage, words_span = locate_words(document, one.section, one.words, where)
            span = passage.widen(*words_span)
            for words in filter(None, (one.on, one.cited)):
                _check_printed(document, one.section, words, where)
            quotes.append(PreparedQuote(passage_id=passage.id, span=span, group=one.group, on=one.on))
            if one.cited:
                cited[passage.id, span] = Cited(passage_id=passage.id, span=span, author=one.cited)
        answers[line.id] = Prepared(
            id=line.id,
            document_id=document.id,
            shape=line.shape,
            quotes=tuple(quotes),
            ask=line.ask,
            follows=line.follows,
            all=line.all,
            lacks=line.lacks,
        )
    return tuple(answers.values()), tuple(cited.values())


def _check_printed(document: Document, section: str, words: str, where: str) -> None:
    there = " ".join(" ".join(one.text.split()) for one in document.passages if one.section == section)
    if words.casefold() not in there.casefold():
        raise CorpusError(f"{where}: “{words}” is not printed in section {section} of {document.id}.")
