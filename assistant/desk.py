"""Ask the report, the documents that people added, or both; each by an assistant of its own.

So neither decides what the other answers.

What was added, changed or removed by another process is noticed before the next answer, without a restart.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import TypeVar

from assistant.answering.added import (
    answer_from_added,
    asked_of_report,
    in_turn,
    join_answers,
    share_out,
    with_asked,
)
from assistant.finding.encoder import Encoder, OnnxEncoder
from assistant.finding.retriever import Candidate, Retriever, hits_of
from assistant.keeping.added.database import (
    Database,
    connect_to_read,
    generation_of,
    library_path,
    read_generation,
)
from assistant.keeping.added.embed import encoder_folder_of, model_of
from assistant.keeping.added.opened import Opened, OpenedDocument, open_library, together
from assistant.keeping.added.records import Held
from assistant.keeping.added.shelf import read_meta
from assistant.keeping.model import model_sha256
from assistant.keeping.store import WantedIndex
from assistant.pipeline import Assistant
from assistant.quoting.verify import verify
from assistant.schema import Answer, Hit, Query
from assistant.settings import Settings
from corpus.errors import CoproduceError, DataFolderError, IndexDamaged, UnknownName
from corpus.filters import BOTH, OWN, REPORT
from corpus.library import Library, fold_name
from corpus.schema import Document, Passage

T = TypeVar("T")
#: Collections that may be seen: their names, or None for all of them, which the owner alone sees.
Visible = frozenset[str] | None
_SCOPES = 4
#: What takes longer than this to make is kept for so many times as long while files are only added.
_SLOW_S, _SHARE = 1.0, 10


@dataclass(frozen=True)
class _Scope:
    """The assistant of some added documents, and what it was made of."""

    generation: int
    assistant: Assistant
    documents: tuple[OpenedDocument, ...]
    collections: tuple[str, ...]
    made_at: float
    took_s: float

    def may_answer(self, generation: int, documents: Sequence[OpenedDocument], wanted: str | None) -> bool:
        """Tell whether this may answer for a library as it is now.

        While many files are added to a big library it answers as it was for a while, rather than be made anew for each;
        never once something was removed or changed, nor for a document that it does not have.
        """
        if self.generation == generation:
            return True
        if self.took_s < _SLOW_S or monotonic() - self.made_at > _SHARE * self.took_s:
            return False
        there = {one.row.version for one in documents}
        mine = {fold_name(one.row.id) for one in self.documents}
        return there.issuperset(one.row.version for one in self.documents) and (
            wanted is None or fold_name(wanted) in mine
        )


class Desk:
    """Answers from the report and from added documents. Safe to use from several threads."""

    def __init__(
        self, report: Assistant, settings: Settings | None = None, complain: Callable[[str], None] = lambda _line: None
    ) -> None:
        """Put the desk together.

        Args:
            report: Answers from the bundled library.
            settings: Say where what was added is; those of the report's assistant if left out.
            complain: Is told, once each, which added documents cannot be quoted from.
        """
        self.report = report
        self.settings = settings or report.settings
        self._complain = complain
        self._told: set[str] = set()
        self._path: Path = library_path(self.settings.data_dir)
        self._lock = Lock()
        self._opened = Opened()
        self._scopes: dict[tuple[Visible, str | None], _Scope] = {}
        self._watching: sqlite3.Connection | None = None

    # --- what there is

    @property
    def library(self) -> Library:
        """The bundled library."""
        return self.report.library

    @property
    def refused_files(self) -> tuple[str, ...]:
        """A line for each learned file that does not fit what is used here."""
        return self.report.refused_files

    def opened(self) -> Opened:
        """Give the library of added documents as it is now; what did not change is not read again.

        Raises:
            DataFolderError: it cannot be read.
        """
        with self._lock:
            if self._generation() != self._opened.generation:
                self._stop_watching()
                self._finish_removal()
                self._opened = open_library(self._path, self._opened)
                for line in self._opened.damaged:
                    self._tell(line)
            return self._opened

    def _opened_if_it_can(self) -> Opened:
        """Give the library of added documents; where it cannot be read, that is told, and the report is asked alone."""
        try:
            return self.opened()
        except DataFolderError as error:
            self._tell(str(error))
            return Opened()

    def _tell(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._complain(line)

    def held(self, visible: Visible = None) -> tuple[Held, ...]:
        """List the added documents that may be seen; who sees only some collections is shown no places."""
        found = [one.held for one in self._opened_if_it_can().visible(visible)]
        if visible is None:
            return tuple(found)
        return tuple(
            one.model_copy(
                update={"places": (), "collections": tuple(name for name in one.collections if name in visible)}
            )
            for one in found
        )

    def documents(self, visible: Visible = None) -> tuple[Document, ...]:
        """Give every document that may be seen, the bundled ones first."""
        added = tuple(one.entry.document for one in self._opened_if_it_can().visible(visible))
        return (*self.report.documents, *added)

    def document(self, document_id: str, visible: Visible = None) -> Document:
        """Give a document by its id. Raises UnknownName."""
        for one in self.documents(visible):
            if one.id == document_id:
                return one
        raise UnknownName(f"there is no document {document_id[:80]!r}.", field="document_id")

    def passage(self, passage_id: str, visible: Visible = None) -> tuple[Passage, Document]:
        """Give a passage by its id, with its document. Raises UnknownName."""
        for one in self.documents(visible):
            with suppress(KeyError):
                return one.passage(passage_id), one
        raise UnknownName(
            f"there is no passage {passage_id[:60]!r}. Hits, citations and quotes give theirs as `passage_id`.",
            field="passage_id",
        )

    # --- asking

    def ask(self, query: Query, visible: Visible = None) -> Answer:
        """Answer a question from what it asks, with exact, verified quotations.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names what does not exist, or may not be seen.
            VerbatimError: the answer would have shown something that does not stand in a document.
            IndexDamaged: added documents were asked by name, and cannot be.
        """
        what, scope, alone = self._route(query, visible)
        if scope is None:
            answer = self.report.ask(alone)
            if what != REPORT:
                return answer
            asked = asked_of_report(answer, self.library)
            return answer.model_copy(update={"asked": (asked,)}) if self.held(visible) else answer
        if what == OWN:
            return with_asked(self._ask_added(alone, scope))
        try:
            report = self.report.ask(alone)
        except UnknownName as error:
            return self._or_raise(lambda: with_asked(self._ask_added(alone, scope)), error)
        try:
            added = self._ask_added(alone, scope)
        except UnknownName:
            return report
        documents = (*self.report.documents, *(one.entry.document for one in scope.documents))
        return verify(join_answers(report, added, self.library), documents)

    def search(self, query: Query, visible: Visible = None) -> tuple[Hit, ...]:
        """Find passages, best first; of the report and of added documents in turn, where both are asked.

        Raises as `ask` does.
        """
        what, scope, alone = self._route(query, visible)
        if scope is None:
            return self.report.search(alone)
        if what == OWN:
            return hits_of(self._found_in(alone, scope), added=True)
        try:
            report = self.report.search(alone)
        except UnknownName as error:
            return self._or_raise(lambda: hits_of(self._found_in(alone, scope), added=True), error)
        try:
            added = hits_of(self._found_in(alone, scope), added=True)
        except UnknownName:
            return report
        return in_turn(report, added)[: self.settings.hits]

    def explain(self, query: Query, visible: Visible = None) -> list[Candidate]:
        """Give the hits of a question with what their scores are made of. Raises as `ask` does."""
        what, scope, alone = self._route(query, visible)
        report: list[Candidate] = []
        if what != OWN:
            with suppress(UnknownName):
                report = self.report.explain(alone)
        return [*report, *(self._found_in(alone, scope) if scope else ())]

    def _ask_added(self, query: Query, scope: _Scope) -> Answer:
        own = scope.assistant
        parsed = own.read(query)
        evidence = own.find(parsed)
        answer = answer_from_added(query, parsed, evidence, own.library, self.settings, scope.collections)
        return verify(answer, own.documents)

    def _found_in(self, query: Query, scope: _Scope) -> list[Candidate]:
        own = scope.assistant
        found = own.find(own.read(query)).candidates
        return found[: self.settings.hits] if query.filters.document_id else share_out(found, self.settings.hits)

    @staticmethod
    def _or_raise(ask: Callable[[], T], error: UnknownName) -> T:
        """Ask added documents for what the report does not have; where they neither have it, say what it has."""
        try:
            return ask()
        except UnknownName:
            raise error from None

    def _route(self, query: Query, visible: Visible) -> tuple[str, _Scope | None, Query]:
        """Say what a question asks, by which documents of the added ones, and the question without that said."""
        filters = query.filters
        alone = query.model_copy(update={"filters": filters.model_copy(update={"collection": None})})
        named = filters.document_id
        of_report = named is not None and any(fold_name(one.id) == fold_name(named) for one in self.report.documents)
        needs_report_alone = filters.collection in (None, REPORT, BOTH) and (named is None or of_report)
        opened = self._opened_if_it_can() if needs_report_alone else self.opened()
        documents = opened.visible(visible)
        wanted = filters.collection
        if wanted is None:
            wanted = REPORT if of_report or not documents else OWN if named is not None else BOTH
        wanted, collection = self._check_collection(wanted, documents, visible)
        if wanted == REPORT:
            return REPORT, None, alone
        if not documents:
            if wanted == OWN:
                raise UnknownName("no documents were added. Add some with: coproduce add FILE", field="collection")
            return BOTH, None, alone
        try:
            return wanted, self._scope(opened, visible, collection, named), alone
        except IndexDamaged as error:
            if filters.collection in (None, BOTH) and named is None:
                self._tell(str(error))
                return BOTH, None, alone
            raise

    @staticmethod
    def _check_collection(wanted: str, documents: Iterable[OpenedDocument], visible: Visible) -> tuple[str, str | None]:
        """Give what is asked, and the one collection of added documents that is meant, if any. Raises UnknownName."""
        names = dict.fromkeys(name for one in documents for name in one.held.collections)
        seen = [name for name in names if visible is None or name in visible]
        if wanted in (REPORT, OWN, BOTH):
            return wanted, None
        folded = {fold_name(name): name for name in seen}
        if fold_name(wanted) not in folded:
            there = ", ".join([REPORT, OWN, BOTH, *seen] if seen else [REPORT])
            raise UnknownName(f"there is no collection {wanted[:80]!r}. There are: {there}.", field="collection")
        return OWN, folded[fold_name(wanted)]

    def _scope(self, opened: Opened, visible: Visible, collection: str | None, wanted: str | None) -> _Scope:
        """Give the assistant of what may be seen, or of one collection of it. Raises IndexDamaged."""
        with self._lock:
            known = self._scopes.get((visible, collection))
        of = visible if collection is None else frozenset([collection])
        documents = tuple(one for one in opened.visible(of) if one.entry.document.passages)
        if known is not None and known.may_answer(opened.generation, documents, wanted):
            return known
        began = monotonic()
        if not documents:
            raise IndexDamaged("the added documents hold nothing that can be quoted.")
        library, index = together(documents)
        retriever = Retriever(library, index, self._encoder_of(opened.model or ""))
        assistant = Assistant(library, retriever, self.settings, (), model_sha256(self.settings.model))
        names = dict.fromkeys(name for one in documents for name in one.held.collections)
        collections = (collection,) if collection else tuple(one for one in names if visible is None or one in visible)
        scope = _Scope(opened.generation, assistant, documents, collections, monotonic(), monotonic() - began)
        with self._lock:
            self._scopes[visible, collection] = scope
            for old in list(self._scopes)[:-_SCOPES]:
                del self._scopes[old]
        return scope

    def _encoder_of(self, model: str) -> Encoder:
        """Give the model that embedded added documents; it may be another than the report's. Raises IndexDamaged."""
        if model == model_of(WantedIndex.from_settings(self.settings).encoder):
            return self.report.retriever.encoder
        folder = encoder_folder_of(model, self.settings.data_dir)
        if not (folder / "manifest.json").is_file():
            raise IndexDamaged(
                "the added documents were embedded by another model, which is not here any more. "
                "Run `coproduce update` to embed them again; the report can be asked meanwhile."
            )
        return OnnxEncoder(folder)

    # --- noticing changes

    def _generation(self) -> int:
        """Give the number of the library's present state, by a connection that stays open; some microseconds."""
        if self._watching is None:
            if not generation_of(self._path):
                return 0
            try:
                connection = connect_to_read(self._path)
                connection.close()
                self._watching = sqlite3.connect(
                    f"{self._path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
                )
            except sqlite3.Error:
                return generation_of(self._path)
        try:
            return read_generation(self._watching)
        except sqlite3.Error:
            self._stop_watching()
            return generation_of(self._path)

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def _finish_removal(self) -> None:
        """Take away what a stopped removal has left behind."""
        with suppress(CoproduceError, OSError, sqlite3.Error):
            with closing(connect_to_read(self._path)) as connection:
                due = read_generation(connection) and read_meta(connection, "scrub")
            if due:
                with Database(self._path) as database:
                    database.scrub()
