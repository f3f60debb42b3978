"""The library: every document that can be cited, each with all that belongs to it. Opened once and handed on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from pydantic import Field

from corpus.contested import Contested
from corpus.errors import CorpusError, UnknownName
from corpus.expand import NotCovered
from corpus.filters import BOTH, OWN, REPORT, Filters
from corpus.frozen import Frozen
from corpus.glossary import GlossaryEntry
from corpus.plain import Plain
from corpus.prepared import Prepared
from corpus.principles import Principle
from corpus.quotes import quotes_of
from corpus.schema import Document, Passage, Quote, Role, Section, Speaker
from corpus.vocabulary import PageWords, RoleWords, TableWords

Span = tuple[int, int]


class KnownQuestion(Frozen):
    """A question that a span of a passage is known to answer."""

    passage_id: str
    span: Span
    question: str


class EntryHashes(Frozen):
    """What decides what an entry reads as, and what of that decides more."""

    document_id: str
    content: str = Field(description="Of all of it.")
    indexed: str = Field(description="Of what its part of an index is made from.")
    questions: str = Field(default="", description="Of its questions, answered and not: what files learn from.")


class Entry(Frozen):
    """A document with all that belongs to it."""

    document: Document
    questions: tuple[KnownQuestion, ...] = Field(
        default=(), description="Only where it was read from its folder: an index has them in its chunks."
    )
    not_covered: tuple[NotCovered, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    contested: tuple[Contested, ...] = ()
    glossary: tuple[GlossaryEntry, ...] = ()
    plain: tuple[Plain, ...] = ()
    principles: tuple[Principle, ...] = ()
    hashes: EntryHashes

    @property
    def questions_by_passage(self) -> dict[str, list[tuple[Span, str]]]:
        """The known questions of each passage, by its id, with the span that each is about."""
        found: dict[str, list[tuple[Span, str]]] = {}
        for one in self.questions:
            found.setdefault(one.passage_id, []).append((one.span, one.question))
        return found


class Library:
    """What can be cited, in the order of its entries. Everything here is looked up, nothing is searched for."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Put entries together.

        Raises:
            CorpusError: there is none, or two documents have one id.
        """
        self.entries = tuple(entries)
        self.documents = tuple(entry.document for entry in self.entries)
        self.passages: tuple[Passage, ...] = tuple(one for document in self.documents for one in document.passages)
        self._by_id = {document.id: entry for document, entry in zip(self.documents, self.entries, strict=True)}
        _check_ids(self.documents)

    def entry(self, document_id: str) -> Entry:
        """Give a document with what belongs to it. Raises KeyError where there is none."""
        return self._by_id[document_id]

    def document(self, document_id: str) -> Document:
        """Give a document. Raises KeyError where there is none."""
        return self._by_id[document_id].document

    def passage(self, passage_id: str) -> Passage:
        """Give a passage of any document. Raises KeyError where there is none."""
        return self._passages_by_id[passage_id]

    @cached_property
    def plain_words(self) -> dict[tuple[str, str], str]:
        """What sections say in plain words of ours, by document id and section id."""
        return {
            (one.document_id, one.section): " ".join(one.sentences) for entry in self.entries for one in entry.plain
        }

    @cached_property
    def _passages_by_id(self) -> dict[str, Passage]:
        return {passage.id: passage for passage in self.passages}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every section, in reading order."""
        return tuple(section for document in self.documents for section in document.sections)

    def section_title(self, section_id: str) -> str | None:
        """Give the title of a section of any document; None where there is none of that id."""
        return self._titles.get(section_id)

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {section.id: section.title for section in reversed(self.sections)}

    @cached_property
    def speakers(self) -> dict[str, Speaker]:
        """Everybody who is quoted, by label: the name to ask for. One label in two documents is the first one's.

        Whose words are shown is never taken from here: each passage has its own speaker and role.
        """
        return {speaker.label: speaker for document in self.documents for speaker in document.speakers}

    @cached_property
    def roles(self) -> dict[Role, RoleWords]:
        """The roles that documents know or give to those they quote, with what their people are called.

        Of a role in two documents, the first one decides what it is called, and either's phrases ask for it.
        """
        known: dict[Role, RoleWords] = {}
        for document in self.documents:
            for role, words in document.vocabulary.role_words.items():
                first = known.setdefault(role, words)
                called = tuple(dict.fromkeys((*first.called, *words.called)))
                known[role] = first.model_copy(update={"called": called})
            for role in document.roles:
                known.setdefault(role, RoleWords(id=role, one=f"{role} speaker", many=f"{role} speakers", called=()))
        return known

    @cached_property
    def quoted_by_role(self) -> dict[Role, int]:
        """How many quotes each role has, the most quoted first; those without any are left out."""
        counts = {role: sum(passage.role == role for passage in self.passages) for role in self.roles}
        return dict(sorted(((role, count) for role, count in counts.items() if count), key=lambda pair: -pair[1]))

    def seldom_heard(self, document_ids: Iterable[str]) -> tuple[Role, ...]:
        """Give the roles that have fewer quotes than another in one of some documents: they must be seen to."""
        found = {role for document_id in set(document_ids) for role in self._seldom_heard[document_id]}
        return tuple(role for role in self.quoted_by_role if role in found)

    @cached_property
    def _seldom_heard(self) -> dict[str, set[Role]]:
        found = {}
        for document in self.documents:
            counts = Counter(passage.role for passage in document.passages if passage.role)
            found[document.id] = {role for role, count in counts.items() if count < max(counts.values())}
        return found

    @cached_property
    def tables(self) -> tuple[TableWords, ...]:
        """The words of every document's table."""
        return tuple(document.vocabulary.table for document in self.documents if document.vocabulary.table)

    @cached_property
    def standing_notes(self) -> tuple[str, ...]:
        """What must be said with every answer, each once."""
        return self.standing_notes_of(document.id for document in self.documents)

    def standing_notes_of(self, document_ids: Iterable[str]) -> tuple[str, ...]:
        """Give what must be said with every answer from some documents, each once."""
        notes = (self.document(document_id).vocabulary.standing_note for document_id in document_ids)
        return tuple(dict.fromkeys(note for note in notes if note))

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """Questions to try."""
        return tuple(one for document in self.documents for one in document.vocabulary.examples)

    @cached_property
    def described(self) -> str:
        """What is asked, within a sentence: "the 2017 report on …"."""
        return " and ".join(one.vocabulary.described or f"“{one.title}”" for one in self.documents)

    def page_words(self, language: str) -> PageWords | None:
        """Give what pages say of the one document that there is, in a language of the interface; None of several."""
        return self.documents[0].vocabulary.pages.get(language) if len(self.documents) == 1 else None

    @cached_property
    def topics(self) -> str:
        """What can be asked about, in a few words."""
        return topics_of(self.documents)

    @cached_property
    def covers(self) -> str:
        """What the documents are about, in a sentence for each."""
        return " ".join(one.vocabulary.covers for one in self.documents if one.vocabulary.covers)

    @cached_property
    def contested(self) -> tuple[Contested, ...]:
        """The points on which documents show more than one view."""
        return tuple(point for entry in self.entries for point in entry.contested)

    @cached_property
    def not_covered(self) -> tuple[NotCovered, ...]:
        """The topics that people ask about and that the documents do not cover."""
        return tuple(topic for entry in self.entries for topic in entry.not_covered)

    @cached_property
    def prepared(self) -> tuple[Prepared, ...]:
        """The answers that were prepared."""
        return tuple(one for entry in self.entries for one in entry.prepared)

    @cached_property
    def glossary(self) -> tuple[GlossaryEntry, ...]:
        """The entries of every glossary."""
        return tuple(word for entry in self.entries for word in entry.glossary)

    def allowed(self, filters: Filters) -> list[Passage]:
        """Give the passages that filters leave, in reading order."""
        return [passage for passage in self.passages if filters.allow(passage)]

    def quotes_in(self, document_id: str, section: str) -> list[Passage]:
        """Give the interview quotes of one section itself, in reading order."""
        return [one for one in self.document(document_id).passages if one.section == section and one.speaker]

    def quotes(
        self, *, role: Role | None = None, speaker: str | None = None, section: str | None = None
    ) -> list[Quote]:
        """List the interview quotes in reading order.

        Raises:
            UnknownName: there is no such role, speaker or section; the message names those that there are.
        """
        role = None if role is None else find_name(role, self.roles, "role")
        speaker = None if speaker is None else find_name(speaker, self.speakers, "speaker")
        section = None if section is None else find_name(section, self._titles, "section")
        return [
            quote
            for document in self.documents
            for quote in quotes_of(document, role=role, speaker=speaker, section=section)
        ]

    def check_filters(self, filters: Filters) -> Filters:
        """Bring filters to the names that the documents use.

        Raises:
            UnknownName: a role, section, speaker or document that does not exist; the message names those that do.
        """
        known: dict[str, Iterable[str]] = {
            "speaker": self.speakers,
            "role": self.roles,
            "section": [section.id for section in self.sections],
            "document_id": [document.id for document in self.documents],
        }
        given = {name: value for name in known if (value := getattr(filters, name)) is not None}
        if filters.collection is not None:  # this library is one alone: what to ask is decided before it is asked
            find_name(filters.collection, (REPORT, BOTH) if self.is_bundled else (OWN, BOTH), "collection")
        found = {name: find_name(value, known[name], name) for name, value in given.items()}
        return filters.model_copy(update={**found, "collection": None})

    @cached_property
    def is_bundled(self) -> bool:
        """Whether every document of it comes with this tool."""
        return all(document.origin == "bundled" for document in self.documents)


def topics_of(documents: Iterable[Document]) -> str:
    """Give what can be asked about, in a few words for each document."""
    return ", or ".join(one.vocabulary.topics for one in documents if one.vocabulary.topics)


def find_name(wanted: str, known: Iterable[str], field: str) -> str:
    """Find a name whatever its letter case and spacing. Raises UnknownName, which names those that there are."""
    names = list(dict.fromkeys(known))
    if wanted in names:
        return wanted
    folded = {fold_name(name): name for name in names}
    try:
        return folded[fold_name(wanted)]
    except KeyError:
        raise UnknownName(
            f"there is no {field.removesuffix('_id')} {wanted!r}. There are: {', '.join(names) or 'none'}.", field=field
        ) from None


def fold_name(name: str) -> str:
    """Give a name without what people leave out or write in another way: spaces, full stops, hyphens, capitals."""
    return "".join(character for character in name if character not in "._-" and not character.isspace()).casefold()


def _check_ids(documents: Sequence[Document]) -> None:
    """Refuse documents that could not be told apart. Raises CorpusError."""
    if not documents:
        raise CorpusError("there is no document to answer from: expected at least one.")
    ids = [document.id for document in documents]
    twice = [document for document in documents if ids.count(document.id) > 1]
    if twice:
        names = " and ".join(f"“{document.title}”" for document in twice)
        raise CorpusError(
            f"{names} have one document id, {twice[0].id!r}: citations could not tell them apart. "
            "Give each an id of its own, as document_id, when you read it."
        )
