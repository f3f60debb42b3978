"""Ask a question from beginning to end. This file composes the steps and reads top to bottom.

(history +) question → query → retrieve → abstain? → answer → cite → verify
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.answering import refusal
from assistant.answering.confidence import AnswerableModel, load_models
from assistant.answering.footnotes import choose_footnote, footnote_asked_for
from assistant.answering.notices import plain_words, say_labels, say_theme, say_voices, say_why
from assistant.answering.projects import asks_amount, asks_more, choose_projects, miscounts, names_project
from assistant.answering.select import Chosen, choose, compose
from assistant.finding.encoder import Encoder
from assistant.finding.retriever import Candidate, Evidence, HybridRetriever, hits_of
from assistant.keeping.encoder import load_encoder
from assistant.keeping.store import MadeFrom, Store, is_built
from assistant.quoting.cite import verify
from assistant.quoting.framing import STANDING_NOTICE
from assistant.reading.parts import asks, own_words
from assistant.reading.query import leans_on_shown, read_query
from assistant.reading.question import ParsedQuery, clean_history, clean_question, topic_words
from assistant.schema import Answer, Citation, Hit, Query
from assistant.settings import Settings, load_settings
from corpus.schema import Document

#: "Anything by Public partner Z", "what is in section B.4.vii": what is there is the answer.
ANYTHING_CONFIDENCE = 0.97
#: So many earlier questions are answered again, at most, where each asks for more than the one before it.
MOST_ANSWERED_AGAIN = 10
#: A question without a word that says what it is about.
NOTHING_ASKED_CONFIDENCE = 0.02
#: A part of a question is said to be missing from the report below this.
MISSING_BELOW = 0.4
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
    """Answers questions from a built index. Safe to use from several threads."""

    def __init__(self, documents: tuple[Document, ...], retriever: HybridRetriever, settings: Settings) -> None:
        self.documents = documents
        self.retriever = retriever
        self.settings = settings
        self._by_id = {document.id: document for document in documents}

    @classmethod
    def from_settings(cls, settings: Settings, encoder: Encoder | None = None) -> "Assistant":
        """Open the index of the data folder, which `assistant.keeping.build.build_index` has built.

        Raises:
            IndexDamaged: a file of the index is missing or was changed.
            ModelError: the exported encoder cannot be loaded.
        """
        store, made_from = Store(settings.data_dir), MadeFrom.from_settings(settings)
        stored, index = store.load(store.index_folder(made_from))
        return cls(stored.documents, HybridRetriever(stored, index, encoder or load_encoder(settings)), settings)

    @classmethod
    def from_documents(cls, documents: Sequence[Document], settings: Settings | None = None) -> "Assistant":
        """Open an assistant over just these documents, in memory: see `corpus.readers.text.read_text_file`.

        The embedding model is exported first where the data folder has none (a minute); nothing else is written.

        Raises:
            CorpusError: there is no document, or two have one id.
            DataFolderError, ModelError: the data folder or the embedding model is not as it should be.
        """
        from assistant.keeping.build import make_index, prepare_encoder  # noqa: PLC0415 - a built index is opened without it

        settings = settings or load_settings()
        prepare_encoder(settings)
        encoder = load_encoder(settings)
        stored, index = make_index(tuple(documents), encoder)
        return cls(stored.documents, HybridRetriever(stored, index, encoder), settings)

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Find passages, best first.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names a section, speaker or document that does not exist.
        """
        return hits_of(self.explain(query))

    def ask(self, query: Query) -> Answer:
        """Answer a question with exact, verified quotations, or say that the report does not say.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names a section, speaker or document that does not exist.
            VerbatimError: the answer would have shown something that does not stand in the report.
        """
        return verify(self._answer(query, self.read(query)), self.documents)

    def explain(self, query: Query) -> list[Candidate]:
        """Give the hits of a question with what their scores are made of. Raises as `search` does."""
        return self.find(self.read(query)).passages[: self.settings.hits]

    def _answer(self, query: Query, asked: ParsedQuery) -> Answer:
        if asked.small_talk:
            return refusal.small_talk(query)
        found = self.find(asked)
        hits = replace(found, passages=found.passages[: self.settings.hits])
        standing = tuple(dict.fromkeys(one.standing_note for one in self.documents if one.standing_note))
        if refused := self._refuse_by_rule(query, asked, hits, standing):
            return refused
        model = load_models().for_signals(found.signals)
        confidence = self._confidence(asked, found, model)
        looked_up = self._look_up(asked)
        if looked_up:
            confidence = ANYTHING_CONFIDENCE
        missing = [part for part, one in found.parts if asks(part) and model.confidence(one.signals) < MISSING_BELOW]
        missing += [part for part in asked.parts if looked_up and asks_amount(part) and part not in missing]
        if confidence < model.refuse_below and missing and found.parts[0][0] not in missing:
            # What the question begins with is answered, though another part of it is not.
            found = found.parts[0][1]
            confidence = model.confidence(found.signals) if asks(asked.parts[0]) else confidence
        chosen = looked_up or choose(
            found.passages,
            asked,
            self._by_id,
            self.retriever.contested,
            citations=self.settings.citations,
            max_tokens=self.settings.answer_tokens,
        )
        if confidence < (model.refuse_named_below if asked.speakers else model.refuse_below) or not chosen:
            return refusal.not_covered(query, asked, hits, model.confidence_refused(confidence), standing)
        text, citations = compose(chosen, self._by_id)
        elsewhere = list(say_theme(found.theme, asked, self.documents))
        counted = looked_up and miscounts(asked.text)
        partial = bool(missing or elsewhere or counted) or confidence < model.sure_above
        return Answer(
            id=query.id,
            question=query.question,
            status="partial" if partial else "answered",
            confidence=confidence,
            text=text,
            citations=citations,
            hits=hits_of(hits.passages),
            notices=(
                " ".join([STANDING_NOTICE, *standing]),
                say_why(asked, chosen, confidence),
                *say_voices(citations, asked, self.documents),
                *say_labels(asked, citations),
                *elsewhere,
                *self._notices(asked, chosen, missing, partial=confidence < model.sure_above),
            ),
            suggestions=(),
        )

    def _refuse_by_rule(
        self, query: Query, asked: ParsedQuery, hits: Evidence, standing: tuple[str, ...]
    ) -> Answer | None:
        """Refuse what is known not to be there, whatever it is near to."""
        if asked.asks_who:
            return refusal.not_named(query, hits, standing)
        if asked.unknown_speakers and not asked.speakers:
            return refusal.not_quoted(query, asked, hits, self.documents, standing)
        passages = [passage for document in self.documents for passage in document.passages]
        number = footnote_asked_for(asked.text)
        if number is not None and not choose_footnote(asked.text, passages):
            return refusal.not_there(query, hits, f"It has no footnote {number}.", standing)
        if asks_amount(asked.text) and not asked.parts and names_project(asked.text, passages):
            return refusal.not_there(query, hits, "It lists who funded its projects, not how much they got.", standing)
        if asks_more(asked.own or asked.text) and not asked.parts and names_project(asked.text, passages):
            return refusal.not_there(query, hits, "It lists its projects by name, address and funder only.", standing)
        return None

    def _look_up(self, asked: ParsedQuery) -> list[Chosen]:
        """Give the records of the projects table, or the footnote, that a question asks for."""
        allowed = [passage for one in self.documents for passage in one.passages if asked.filters.allow(passage)]
        return choose_projects(asked.text, allowed) or choose_footnote(asked.text, allowed)

    def _confidence(self, asked: ParsedQuery, found: Evidence, model: AnswerableModel) -> float:
        """Say how sure we are. Anything by a speaker, or in a section, is answered by what is there."""
        if not found.passages:
            return 0.0
        if asked.any_topic:
            return ANYTHING_CONFIDENCE
        if not topic_words(asked.text) and not asked.role:
            return NOTHING_ASKED_CONFIDENCE
        return model.confidence(found.signals)

    def read(self, query: Query) -> ParsedQuery:
        """Read a query: what it asks for, and the ways of saying it that are searched for, the main one first.

        A question may lean on what an earlier one was answered with. The turns that are needed for that are answered
        oldest first, each once.
        """
        shown: tuple[Citation, ...] = ()
        history = clean_history(query.history, self.settings.max_question_characters)
        question = clean_question(query.question, self.settings.max_question_characters)
        for number in range(self._first_needed(question, history), len(history)):
            earlier = Query(question=history[number], history=history[:number])
            shown = self._answer(earlier, self._read_after(earlier, shown)).citations
        return self._read_after(query, shown)

    def _first_needed(self, question: str, history: tuple[str, ...]) -> int:
        """Give the number of the first earlier question whose answer it takes to read one; their count if none."""
        number = len(history)
        earliest = max(number - MOST_ANSWERED_AGAIN, 0)
        while number > earliest and leans_on_shown(question, history[:number], self.documents, self.retriever.repair):
            number -= 1
            question = history[number]
        return number

    def _read_after(self, query: Query, shown: tuple[Citation, ...]) -> ParsedQuery:
        """Read a query whose last earlier question was answered with `shown`."""
        return read_query(
            query,
            self.documents,
            max_characters=self.settings.max_question_characters,
            repair=self.retriever.repair,
            shown=shown,
        )

    def find(self, asked: ParsedQuery) -> Evidence:
        """Find passages for what was asked, with the signals that tell whether they answer it.

        What answers each part of a question comes right after what answers it as a whole.
        """
        limit = max(self.settings.hits, CONSIDERED)
        found = self.retriever.search(asked, limit)
        parts = []
        for part in asked.parts if found.passages else ():
            spelt = self.retriever.repair(part)
            one = self.retriever.search(
                replace(asked, text=part, topic=spelt, own=spelt, rewrites=(spelt, part)), limit
            )
            parts.append((part, one))
        ranked = {scored.passage.id: scored for scored in found.passages[:1]}
        for _, one in parts:
            scored = one.passages[0]
            ranked.setdefault(scored.passage.id, scored.raised_to(found.passages[0].score))
        ranked |= {scored.passage.id: scored for scored in found.passages if scored.passage.id not in ranked}
        passages = sorted(ranked.values(), key=lambda scored: scored.passage.id in asked.seen)
        return replace(found, passages=passages, parts=tuple(parts))

    def _notices(self, asked: ParsedQuery, chosen: list[Chosen], missing: list[str], *, partial: bool) -> Iterable[str]:
        if missing:
            yield (
                "Nothing was found for this part of your question: "
                + "; ".join(plain_words(own_words(one, asked.parts)) for one in missing)
                + "."
            )
        elif partial:
            yield "This may not answer all of your question: read it with care."
        if asked.unknown_speakers:
            yield f"{plain_words(', '.join(asked.unknown_speakers))} is not quoted in the report."
        for document_id in dict.fromkeys(one.passage.document_id for one in chosen):
            document = self._by_id[document_id]
            if all(one.passage.project for one in chosen) and len(chosen) > 1:
                yield document.table_note
            yield from (note.note for note in document.notes if re.search(note.asked, asked.text, re.IGNORECASE))
