"""Ask a question from beginning to end. This file composes the steps and reads top to bottom.

(history +) question → query → retrieve → abstain? → answer → cite → verify
"""

from collections.abc import Iterable
from dataclasses import replace

from assistant import abstain, answer
from assistant.cite import verify
from assistant.converse import stand_alone
from assistant.embed import Encoder, load_encoder
from assistant.framing import NOT_COVERED
from assistant.index import words_of
from assistant.question import (
    Asked,
    carry_filters,
    check_filters,
    clean_history,
    clean_question,
    read_question,
    topic_of,
)
from assistant.retrieve import Found, HybridRetriever, Scored, hits_of
from assistant.schema import Answer, Hit, Query
from assistant.settings import Settings, load_settings
from assistant.store import MadeFrom, Store, is_built
from corpus.schema import Document, Kind, Role

STANDING_NOTICE = (
    "These are exact words from a 2017 report: they show what it says, not whether it is right. "
    "2017 findings; NIHR guidance has moved on since."
)


def open_assistant(settings: Settings | None = None) -> "Assistant":
    """Open the assistant, building its index first where it is missing (a minute or two).

    Raises:
        CoproduceError: a setting, the data folder, the index or the model is not as it should be; the message says what
            to do.
    """
    from assistant.build import build_index  # noqa: PLC0415 - needed only where nothing is built yet

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
        """Open the index of the data folder, which `assistant.build.build_index` has built.

        Raises:
            IndexDamaged: a file of the index is missing or was changed.
            ModelError: the exported encoder cannot be loaded.
        """
        store, made_from = Store(settings.data_dir), MadeFrom.from_settings(settings)
        stored, index = store.load(store.index_folder(made_from))
        return cls(stored.documents, HybridRetriever(stored, index, encoder or load_encoder(settings)), settings)

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Find passages, best first.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names a section, speaker or document that does not exist.
        """
        return hits_of(self.find(self.read(query)).passages)

    def ask(self, query: Query) -> Answer:
        """Answer a question with exact, verified quotations, or say that the report does not say.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names a section, speaker or document that does not exist.
            VerbatimError: the answer would have shown something that does not stand in the report.
        """
        asked = self.read(query)
        found = self.find(asked)
        if asked.unknown_speakers and not asked.speakers:
            return self._not_quoted(query, asked, found.passages)
        model = abstain.load_model()
        confidence = model.confidence(found.signals)
        chosen = answer.choose(
            found.passages, asked, citations=self.settings.citations, max_tokens=self.settings.answer_tokens
        )
        if (confidence < model.refuse_below and not asked.speakers) or not chosen:
            return self._not_covered(query, found.passages, confidence)
        text, citations = answer.compose(chosen, self._by_id)
        answered = Answer(
            id=query.id,
            question=query.question,
            status="answered" if confidence >= model.sure_above else "partial",
            confidence=confidence,
            text=text,
            citations=citations,
            hits=hits_of(found.passages),
            notices=(STANDING_NOTICE, *self._notices(asked, found.passages)),
            suggestions=(),
        )
        return verify(answered, self.documents)

    def read(self, query: Query) -> Asked:
        """Read a query: what it asks for, and the ways of saying it that are searched for, the main one first."""
        question = clean_question(query.question, self.settings.max_question_characters)
        history = clean_history(query.history, self.settings.max_question_characters)
        query = query.model_copy(update={"question": question, "history": history})
        query = check_filters(query, self.documents)
        asked = read_question(question, self.documents)
        standing = stand_alone(query)
        if standing != question and not (asked.speakers or asked.role or asked.unknown_speakers):
            asked = read_question(standing, self.documents)
        ways = [standing, question, topic_of(question)]
        if standing != question:
            ways.append(topic_of(query.history[-1]))
        variants = [way for way in ways if words_of(way)] or [standing]
        variants = [spelt for way in variants for spelt in (self.retriever.repair(way), way)]
        return carry_filters(replace(asked, text=standing, variants=tuple(dict.fromkeys(variants))), query.filters)

    def find(self, asked: Asked) -> Found:
        """Find passages for what was asked, with the signals that tell whether they answer it."""
        return self.retriever.search(asked, self.settings.hits)

    def _notices(self, asked: Asked, found: list[Scored]) -> Iterable[str]:
        if asked.unknown_speakers:
            yield f"{', '.join(asked.unknown_speakers)} is not quoted in the report."
        if asked.role and not any(scored.passage.role == asked.role for scored in found):
            who = "public partner" if asked.role is Role.PUBLIC else "academic researcher"
            yield f"No {who} is quoted on this in what was found."

    def _not_covered(self, query: Query, found: list[Scored], confidence: float) -> Answer:
        sections = list(dict.fromkeys((s.passage.section, s.passage.section_title) for s in found))[:3]
        return Answer(
            id=query.id,
            question=query.question,
            status="not_in_corpus",
            confidence=confidence,
            text=f"{NOT_COVERED} Nothing in it was found that answers this question.",
            citations=(),
            hits=hits_of(found),
            notices=(STANDING_NOTICE,),
            suggestions=tuple(f"Nearest section: {' '.join(dict.fromkeys(section))}" for section in sections),
        )

    def _not_quoted(self, query: Query, asked: Asked, found: list[Scored]) -> Answer:
        names = ", ".join(asked.unknown_speakers)
        known = ", ".join(speaker.label for document in self.documents for speaker in document.speakers)
        quotes = [scored for scored in found if scored.passage.kind is Kind.INTERVIEW]
        return self._not_covered(query, quotes or found, 0.02).model_copy(
            update={
                "text": f"{NOT_COVERED} {names} is not quoted in it.",
                "notices": (STANDING_NOTICE, f"The people quoted are: {known}."),
            }
        )
