"""Ask a question from beginning to end. This file composes the steps and reads top to bottom.

read → find → look up, or decide and select → compose → note → verify
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.answering import refusal
from assistant.answering.acts import answer_in_own_words
from assistant.answering.compose import make_answer, quote_all
from assistant.answering.confidence import (
    ANYTHING_CONFIDENCE,
    AnswerableModel,
    confidence_by_rule,
    confidence_of,
    is_sure,
    is_surely_asked,
    load_models,
    why_not_fitted,
)
from assistant.answering.notices import (
    say_all,
    say_beside,
    say_form,
    say_how,
    say_labels,
    say_missing,
    say_of_documents,
    say_standing,
    say_theme,
    say_understood,
    say_voices,
)
from assistant.answering.own_words import load_help
from assistant.answering.prepared import add_the_next, choose_prepared
from assistant.answering.select import Selected, select
from assistant.answering.special import Refused, Shown, look_up
from assistant.finding.encoder import Encoder
from assistant.finding.prepared import Match
from assistant.finding.retriever import Candidate, Evidence, Retriever, hits_of
from assistant.keeping.exported import load_encoder
from assistant.keeping.store import Store, WantedIndex, is_built
from assistant.quoting.framing import NEAR, number_of_all
from assistant.quoting.verify import verify
from assistant.reading.follow_up import Turn
from assistant.reading.intents import why_read_by_words
from assistant.reading.meaning import ASKS
from assistant.reading.parts import asks
from assistant.reading.query import Reader
from assistant.reading.question import ParsedQuery, carry_filters
from assistant.schema import Answer, Citation, Hit, Notice, Query
from assistant.settings import Settings, load_settings
from corpus.library import Library
from corpus.load import entry_of, load_entry
from corpus.schema import Document

#: So many earlier questions are answered again, at most, where each asks for more than the one before it.
MOST_ANSWERED_AGAIN = 10
#: A part of a question is said to be missing from the report below this.
MISSING_BELOW = 0.4
#: A prepared answer that so surely is the one asked for needs no word on what may be missing,
SURELY_MEANT = 0.6
#: and from here it is given, however little the question is like others: from 0.6, twelve of a hundred questions that
#: nothing answers would be answered more, of those that have an answer three of a thousand.
BEYOND_DOUBT = 0.85
#: So many passages are ranked, at least, so that another view or voice can be found beyond the hits.
CONSIDERED = 60


def open_assistant(settings: Settings | None = None) -> "Assistant":
    """Open the assistant, building its index first where it is missing (a minute or two).

    Raises:
        CoproduceError: a setting, the data folder, the index or the model is not as it should be; the message says what
            to do.
    """
    from assistant.keeping.build import build_index  # noqa: PLC0415 - needed only where nothing is built yet

    settings = settings or load_settings()
    if not is_built(settings):
        build_index(settings, lambda *_: None)
    return Assistant.from_settings(settings)


class Assistant:
    """Answers questions from a library and its index. Safe to use from several threads."""

    def __init__(
        self,
        library: Library,
        retriever: Retriever,
        settings: Settings,
        refused_files: tuple[str, ...] = (),
        model_sha256: str = "",
    ) -> None:
        """Put an assistant together.

        Args:
            library: What can be cited.
            retriever: Finds passages of the library.
            settings: How it behaves.
            refused_files: A line for each learned file that does not fit what is used here, for whoever runs it.
            model_sha256: The hash of the embedding model's weights; without it questions are read by words alone.
        """
        self.library = library
        self.retriever = retriever
        self.settings = settings
        self.refused_files = refused_files
        load_help(settings.help_file)  # a fault in it is told to whoever starts this, not to whoever needs it
        self.reader = Reader(
            library,
            max_characters=settings.max_question_characters,
            repair=retriever.repair,
            knows=retriever.knows,
            encode=retriever.plain,
            model_sha256=model_sha256,
        )

    @classmethod
    def from_settings(cls, settings: Settings, encoder: Encoder | None = None) -> "Assistant":
        """Open the index of the data folder, which `assistant.keeping.build.build_index` has built.

        Raises:
            IndexDamaged: a file of the index is missing or was changed.
            ModelError: the exported encoder cannot be loaded.
        """
        wanted = WantedIndex.from_settings(settings)
        library, index = Store(settings.data_dir).load(wanted)
        retriever = Retriever(library, index, encoder or load_encoder(settings, wanted), wanted.learned.network)
        return cls._of(library, retriever, settings, wanted)

    @classmethod
    def _of(cls, library: Library, retriever: Retriever, settings: Settings, wanted: WantedIndex) -> "Assistant":
        sha256 = wanted.here.model_sha256
        refused = (*wanted.learned.refused, *why_not_fitted(wanted.here), *why_read_by_words(sha256))
        return cls(library, retriever, settings, refused, sha256)

    @classmethod
    def from_documents(cls, documents: Sequence[Document], settings: Settings | None = None) -> "Assistant":
        """Open an assistant over just these documents, in memory: see `corpus.readers.text.read_text_file`.

        Raises as `from_library` does.
        """
        return cls.from_library(Library(entry_of(document) for document in documents), settings)

    @classmethod
    def from_folders(cls, folders: Sequence[Path], settings: Settings | None = None) -> "Assistant":
        """Open an assistant over documents in folders of their own, with all that belongs to them, in memory.

        Raises as `from_library` does; CorpusError where a folder is not as it should be.
        """
        return cls.from_library(Library(load_entry(folder) for folder in folders), settings)

    @classmethod
    def from_library(cls, library: Library, settings: Settings | None = None) -> "Assistant":
        """Open an assistant over a library, its index made in memory.

        The embedding model is exported first where the data folder has none (a minute); nothing else is written.

        Raises:
            CorpusError: there is no document, or two have one id.
            DataFolderError, ModelError: the data folder or the embedding model is not as it should be.
        """
        from assistant.keeping.build import make_index, prepare_encoder  # noqa: PLC0415 - as above

        settings = settings or load_settings()
        prepare_encoder(settings)
        wanted = WantedIndex.from_library(settings, library)
        encoder = load_encoder(settings, wanted)
        retriever = Retriever(library, make_index(library, encoder), encoder, wanted.learned.network)
        return cls._of(library, retriever, settings, wanted)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that answers are taken from."""
        return self.library.documents

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Find passages, best first.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names a section, speaker, role or document that does not exist.
        """
        return hits_of(self.explain(query))

    def explain(self, query: Query) -> list[Candidate]:
        """Give the hits of a question with what their scores are made of. Raises as `search` does."""
        return self.find(self.read(query)).candidates[: self.settings.hits]

    def ask(self, query: Query) -> Answer:
        """Answer a question with exact, verified quotations, or say that the report does not say.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names a section, speaker, role or document that does not exist.
            VerbatimError: the answer would have shown something that does not stand in the report.
        """
        return verify(self._answer(query, self.read(query)), self.documents)

    def _answer(self, query: Query, parsed: ParsedQuery) -> Answer:
        if parsed.act == "distress":
            return self._answer_distress(query, parsed)
        evidence = self.find(parsed)
        asked = parsed.act == ASKS or (parsed.may_ask and is_sure(evidence))
        if not asked and (parsed.act == "who_is" or not is_surely_asked(evidence)):
            return answer_in_own_words(query, parsed, self.library, self.settings.help_file)
        hits = evidence.candidates[: self.settings.hits]
        looked_up = look_up(parsed, self.library)
        if isinstance(looked_up, Refused):
            shown = hits if looked_up.show_hits else []
            return refusal.refuse(
                query, shown, looked_up.reason, self.library, notes=looked_up.notes, show_nearest=looked_up.show_nearest
            )
        may_lack = looked_up is None or looked_up.of_table
        prepared = choose_prepared(evidence, parsed, self.library) if may_lack else None
        if prepared and prepared.answer.lacks:
            return refusal.lacking(query, prepared, replace(evidence, candidates=hits), self.library)
        if looked_up:
            prepared = None
        model = load_models().for_signals(evidence.signals)
        confidence, deciding, missing = self._decide(parsed, evidence, model, looked_up)
        if prepared:
            deciding, missing = evidence, []
        selected = self._select(deciding, parsed, looked_up, prepared)
        is_too_unsure = confidence < (model.refuse_named_below if parsed.speakers else model.refuse_below)
        if not selected or (is_too_unsure and not (prepared and prepared.fits >= BEYOND_DOUBT)):
            nothing = replace(evidence, candidates=hits)
            return refusal.not_covered(
                query, parsed, nothing, model.confidence_refused(confidence), self.library, self.retriever.unsaid
            )
        if confidence_by_rule(parsed, evidence) is None and not looked_up:
            confidence = model.sureness(deciding.signals)
        if confidence < model.direct_above and not prepared and not looked_up:
            nearest = selected if len(parsed.speakers) > 1 or len(parsed.compared) > 1 else selected[:1]
            selected, missing = [replace(one, heading=NEAR, on="") for one in nearest], []
        blocks = quote_all(selected, self.library)
        citations = [block.citation for block in blocks if block.kind == "quotation"]
        elsewhere = list(say_theme(deciding.theme, parsed, self.library))
        surely_meant = prepared is not None and prepared.fits >= SURELY_MEANT
        unsure = confidence < model.sure_above and not surely_meant
        is_partial = bool(unsure or missing or elsewhere or (looked_up and looked_up.partial))
        return make_answer(
            query,
            "partial" if is_partial else "answered",
            confidence,
            blocks,
            hits,
            self._notes(parsed, selected, citations, confidence, elsewhere, missing, unsure=unsure),
        )

    def _select(
        self, evidence: Evidence, parsed: ParsedQuery, looked_up: Shown | None, prepared: Match | None
    ) -> Sequence[Selected]:
        """Select what is shown: what was looked up, what was prepared, or the sentences that answer best."""
        if looked_up:
            return looked_up.selected
        given = add_the_next(prepared, evidence, parsed, self.library, self.settings.citations) if prepared else []
        return given or self.select(evidence, parsed)

    def _answer_distress(self, query: Query, parsed: ParsedQuery) -> Answer:
        """Say whom to turn to; then, if something near stands in the documents, offer it."""
        evidence = self.find(parsed)
        offers = refusal.nearest_sections(evidence.candidates[:1]) if is_sure(evidence) else []
        return answer_in_own_words(query, parsed, self.library, self.settings.help_file, offers)

    def read(self, query: Query) -> ParsedQuery:
        """Read a query: what it asks for, and the ways of saying it that are searched for, the main one first.

        A question may lean on what an earlier one was answered with. The turns that are needed for that are answered
        oldest first, each once.
        """
        *earlier, last = self.reader.read_turns(query)
        shown: tuple[Citation, ...] = ()
        for turn in earlier[_first_needed([*earlier, last]) :]:
            again = self._answer(Query(question=turn.whole), self.reader.complete(turn, shown))
            shown = (*again.citations, *(shown if turn.lean == "more" else ()))
        return carry_filters(self.reader.complete(last, shown), self.library.check_filters(query.filters))

    def find(self, parsed: ParsedQuery) -> Evidence:
        """Find passages for what was asked, with the signals that tell whether they answer it.

        What answers each part of a question comes right after what answers it as a whole.
        """
        limit = max(self.settings.hits, CONSIDERED)
        evidence = self.retriever.search(parsed, limit)
        # What stands beside a question can make it surer, never less sure.
        surest = max((evidence.signals, *evidence.of_readings), key=confidence_of) if evidence.candidates else {}
        evidence = replace(evidence, signals=surest)
        parts = []
        for part in parsed.parts if evidence.candidates else ():
            spelt = self.retriever.repair(part)
            alone = replace(parsed, text=part, topic=spelt, own=spelt, rewrites=(spelt, part), readings=())
            parts.append((part, self.retriever.search(alone, limit)))
        ranked = {one.passage.id: one for one in evidence.candidates[:1]}
        for _, of_part in parts:
            best = of_part.candidates[0]
            ranked.setdefault(best.passage.id, best.raised_to(evidence.candidates[0].score))
        ranked |= {one.passage.id: one for one in evidence.candidates if one.passage.id not in ranked}
        candidates = sorted(ranked.values(), key=lambda one: one.passage.id in parsed.seen)
        return replace(evidence, candidates=candidates, parts=tuple(parts))

    def _decide(
        self, parsed: ParsedQuery, evidence: Evidence, model: AnswerableModel, looked_up: Shown | None
    ) -> tuple[float, Evidence, list[str]]:
        """Say how sure we are, of which evidence, and which parts of the question have none."""
        by_rule = ANYTHING_CONFIDENCE if looked_up else confidence_by_rule(parsed, evidence)
        confidence = model.confidence(evidence.signals) if by_rule is None else by_rule
        missing = [
            part for part, found in evidence.parts if asks(part) and model.confidence(found.signals) < MISSING_BELOW
        ]
        missing += [part for part in looked_up.missing if part not in missing] if looked_up else []
        if confidence < model.refuse_below and missing and evidence.parts[0][0] not in missing:
            # What the question begins with is answered, though another part of it is not.
            evidence = evidence.parts[0][1]
            confidence = model.confidence(evidence.signals) if asks(parsed.parts[0]) else confidence
        return confidence, evidence, missing

    def select(self, evidence: Evidence, parsed: ParsedQuery) -> list[Selected]:
        """Select what an answer shows of what was found."""
        return select(
            evidence,
            parsed,
            self.library,
            citations=self.settings.citations,
            max_tokens=self.settings.answer_tokens,
        )

    def _notes(
        self,
        parsed: ParsedQuery,
        selected: Sequence[Selected],
        citations: Sequence[Citation],
        confidence: float,
        elsewhere: Sequence[Notice],
        missing: Sequence[str],
        *,
        unsure: bool,
    ) -> Iterator[Notice]:
        """Say what must be said beside an answer."""
        yield from say_understood(parsed)
        yield say_standing(selected, self.library)
        yield from say_beside(parsed, self.settings.help_file)
        yield from say_all(parsed, citations)
        yield from say_form(parsed, citations, self.library)
        yield say_how(parsed, selected, confidence)
        yield from say_voices(citations, parsed, self.library)
        yield from say_labels(parsed, citations, self.library)
        yield from elsewhere
        says_how_much = any(one.heading == NEAR or number_of_all(one.heading) for one in selected)
        yield from say_missing(parsed, missing, partial=unsure and not says_how_much)
        yield from say_of_documents(parsed, selected, self.library)


def _first_needed(turns: Sequence[Turn]) -> int:
    """Give the number of the first turn whose answer it takes to read the last; that of the last if none."""
    number = last = len(turns) - 1
    while number > max(last - MOST_ANSWERED_AGAIN, 0) and turns[number].leans_on_shown:
        number -= 1
    return number
