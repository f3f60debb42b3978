"""What a document's `vocabulary.toml` says: its roles, labels, table, topics and notes, and what it says of itself.

Python knows the forms; which words fill them is the document's own. A document without the file has none of it.
"""

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.phrases import phrase_source, phrases_pattern


def _check(phrase: str) -> str:
    """Refuse a phrase that is not written in the grammar, as a file is read and not when a question is."""
    try:
        phrase_source(phrase)
    except CorpusError as error:
        raise ValueError(str(error)) from None
    return phrase


def _check_said(words: str) -> str:
    """Refuse what would look like a quotation beside one: these words are ours, and answers with them would fail."""
    if found := re.search(r"[“”\">]", words):
        raise ValueError(f"{found.group()} is kept for exact quotations; write it without")
    return words


Phrase = Annotated[str, AfterValidator(_check)]
#: Words that answers say beside quotations.
Said = Annotated[str, AfterValidator(_check_said)]


class RoleWords(Frozen):
    """One side of what was studied: what its people are called, by the document and by those who ask."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="As filters and JSON name it.")
    one: Annotated[Phrase, AfterValidator(_check_said)] = Field(
        description="What one of them is called: “public partner”."
    )
    many: Annotated[Phrase, AfterValidator(_check_said)] = Field(description="What several are called.")
    called: tuple[Phrase, ...] = Field(description="Phrases by which people who ask mean them.")
    kinds: tuple[Phrase, ...] = Field(default=(), description="Phrases for some of them, whom no label tells apart.")
    kinds_note: Said = Field(
        default="", description="What is said where one of those is asked for; {word} is the word."
    )
    note: str = Field(default="", description="Who else counts as one of them: said where all quotes are listed.")
    only: dict[str, str] = Field(
        default_factory=dict, description="“Only words of … are shown.” in languages of the interface, by their codes."
    )

    @field_validator("kinds_note")
    @classmethod
    def _check_note(cls, note: str) -> str:
        rest = note.replace("{word}", "")
        if "{" in rest or "}" in rest:
            raise ValueError("a brace stands only in {word}, for the word that was asked with")
        return note

    @property
    def pattern(self) -> re.Pattern[str]:
        """Find any of their names in a question."""
        return phrases_pattern((*self.called, self.one, self.many))

    @property
    def kinds_pattern(self) -> re.Pattern[str]:
        """Find a name for some of them in a question."""
        return phrases_pattern(self.kinds)


class LabelFamily(Frozen):
    """A family of labels, such as “Public partner {}”: how people who ask write one of them."""

    label: str = Field(description="The label with {} for what tells its members apart; the manifest has it too.")
    number: Literal["digits", "letter"]
    called: tuple[Phrase, ...] = Field(description="Phrases that stand before the number or letter.")
    alone: tuple[Phrase, ...] = Field(default=(), description="Phrases that name the only one of the family.")

    @field_validator("label")
    @classmethod
    def _check_label(cls, label: str) -> str:
        if label.count("{}") != 1:
            raise ValueError("a label has {} once, for its number or letter")
        return label


class TableColumn(Frozen):
    """A column of the document's table."""

    name: str
    asked: tuple[Phrase, ...] = Field(default=(), description="Phrases that ask for what stands in it.")
    shared: tuple[str, ...] = Field(default=(), description="Words of many cells: they count where no rarer is asked.")


class TableLack(Frozen):
    """What people ask of the records of a table and it does not hold."""

    asked: tuple[Phrase, ...]
    says: Said = Field(description="What is said then: “It lists who funded its projects, not how much they got.”")
    of_named: bool = Field(default=True, description="Whether it is said, though a column is asked for too.")


class TableWords(Frozen):
    """What a document's table is about, in which words it is asked for, and what it does not hold."""

    one: str
    many: str
    called: tuple[Phrase, ...] = Field(description="Phrases for several of its records: “projects”, “studies”.")
    heading: Said = Field(description="Our heading over records that are shown: “Projects the report lists”.")
    headings: dict[str, str] = Field(default_factory=dict, description="The heading in languages of the interface.")
    counted: tuple[str, str] = Field(default=("record", "records"), description="What one and several are called.")
    attribution: Said = Field(description="Whose words a record is: “The report’s list of projects”.")
    note: Said = Field(default="", description="Said wherever several of its records are shown.")
    columns: tuple[TableColumn, ...] = Field(min_length=1, description="The first one names the record.")
    lacks: tuple[TableLack, ...] = ()
    listed: tuple[Phrase, ...] = Field(default=(), description="Phrases that ask for the table itself, numbers too.")
    misnumbered: tuple[Phrase, ...] = Field(default=(), description="Numbers of records that people take it to have.")
    common: tuple[str, ...] = Field(default=(), description="Words that tell no two records apart.")


class PageWords(Frozen):
    """What pages say of a document in one language of the interface."""

    title: str = Field(description="“Ask the report on …”.")
    intro: str = Field(description="What one gets: exact words, or to be told that they are not there.")


class TopicNote(Frozen):
    """What must be said beside every answer to a question on a topic."""

    asked: tuple[tuple[Phrase, ...], ...] = Field(
        min_length=1, description="Phrases: of each group one must stand in the question."
    )
    unless: tuple[Phrase, ...] = Field(default=(), description="Phrases of which none may: it is about something else.")
    note: Said
    with_principles: bool = Field(default=False, description="Whether the page of principles says it too.")

    def is_due(self, question: str) -> bool:
        """Tell whether a question is on the topic."""
        if self.unless and phrases_pattern(self.unless).search(question):
            return False
        return all(phrases_pattern(group).search(question) for group in self.asked)


class Vocabulary(Frozen):
    """A document's `vocabulary.toml`."""

    authors_called: str = Field(default="", description="How its authors are named beside their words; else its title.")
    described: str = Field(default="", description="What it is, within a sentence: “the 2017 report on …”.")
    pages: dict[str, PageWords] = Field(default_factory=dict, description="By the codes of the interface's languages.")
    access: tuple[str, ...] = Field(default=(), description="What of it is not accessible, for the statement.")
    topics: Said = Field(default="", description="What can be asked about, in a few words: “Ask about …”.")
    covers: str = Field(default="", description="What the document is about, in a sentence of ours.")
    standing_note: Said = Field(default="", description="What must be said with every answer from it.")
    identity: Said = Field(default="", description="What is said to whoever asks who a speaker really is.")
    examples: tuple[Said, ...] = Field(default=(), description="Questions to try.")
    roles: tuple[RoleWords, ...] = ()
    labels: tuple[LabelFamily, ...] = ()
    table: TableWords | None = None
    notes: tuple[TopicNote, ...] = ()

    @model_validator(mode="after")
    def _check_roles(self) -> "Vocabulary":
        if len({role.id for role in self.roles}) != len(self.roles):
            raise ValueError("two roles have one id")
        return self

    @cached_property
    def role_words(self) -> dict[str, RoleWords]:
        """The roles by their ids, in the order of the file."""
        return {role.id: role for role in self.roles}
