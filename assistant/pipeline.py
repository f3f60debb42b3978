"""Ask a question from beginning to end. This file composes the steps and reads top to bottom.

(history +) question → query → retrieve → abstain? → answer → cite → verify
"""

from collections.abc import Iterable
from dataclasses import replace

from assistant import abstain, answer, refuse
from assistant.adapt import load_encoder
from assistant.cite import verify
from assistant.converse import stand_alone
from assistant.embed import Encoder
from assistant.framing import MOVED_ON
from assistant.index import words_of
from assistant.projects import choose_projects
from assistant.question import (
    Asked,
    carry_filters,
    check_filters,
    clean_history,
    clean_question,
    read_question,
    topic_of,
    topic_words,
)
from assistant.retrieve import Found, HybridRetriever, hits_of
from assistant.schema import Answer, Hit, Query
from assistant.settings import Settings, load_settings
from assistant.store import MadeFrom, Store, is_built
from corpus.schema import Document

#: "Anything by Public partner Z", "what is in section B.4.vii": what is there is the answer.
ANYTHING_CONFIDENCE = 0.97
#: A question without a word that says what it is about.
NOTHING_ASKED_CONFIDENCE = 0.02
STANDING_NOTICE = (
    f"These are exact words from a 2017 report: they show what it says, not whether it is right. {MOVED_ON}"
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
            return self._checked(refuse.not_quoted(query, asked, found.passages, self.documents))
        model = abstain.load_model()
        confidence = self._confidence(asked, found, model)
        allowed = [passage for one in self.documents for passage in one.passages if asked.filters.allow(passage)]
        projects = choose_projects(asked.text, allowed)
        if projects:
            confidence = ANYTHING_CONFIDENCE
        chosen = projects or answer.choose(
            found.passages, asked, citations=self.settings.citations, max_tokens=self.settings.answer_tokens
        )
        if confidence < (model.refuse_named_below if asked.speakers else model.refuse_below) or not chosen:
            return self._checked(refuse.not_covered(query, asked, found.passages, min(confidence, model.refuse_below)))
        text, citations = answer.compose(chosen, self._by_id)
        partial = confidence < model.sure_above
        return self._checked(
            Answer(
                id=query.id,
                question=query.question,
                status="partial" if partial else "answered",
                confidence=confidence,
                text=text,
                citations=citations,
                hits=hits_of(found.passages),
                notices=(STANDING_NOTICE, *self._notices(asked, projects, partial=partial)),
                suggestions=(),
            )
        )

    def _confidence(self, asked: Asked, found: Found, model: abstain.AnswerableModel) -> float:
        """Say how sure we are. Anything by a speaker, or in a section, is answered by what is there."""
        if not found.passages:
            return 0.0
        if asked.any_topic:
            return ANYTHING_CONFIDENCE
        if not topic_words(asked.text) and not asked.role:
            return NOTHING_ASKED_CONFIDENCE
        return model.confidence(found.signals)

    def _checked(self, answered: Answer) -> Answer:
        return verify(answered, self.documents)

    def read(self, query: Query) -> Asked:
        """Read a query: what it asks for, and the ways of saying it that are searched for, the main one first."""
        question = clean_question(query.question, self.settings.max_question_characters)
        history = clean_history(query.history, self.settings.max_question_characters)
        query = query.model_copy(update={"question": question, "history": history})
        query = check_filters(query, self.documents)
        asked = read_question(question, self.documents)
        standing = stand_alone(question, history)
        if standing.keeps_voice and not (asked.speakers or asked.role or asked.unknown_speakers):
            asked = self._keep_voice(asked, history)
        ways = [
            standing.text,
            question,
            topic_of(question),
            standing.earlier if standing.earlier in standing.text else "",
        ]
        variants = [way for way in ways if words_of(way)] or [standing.text]
        variants = [spelt for way in variants for spelt in (self.retriever.repair(way), way)]
        return carry_filters(replace(asked, text=standing.text, variants=tuple(dict.fromkeys(variants))), query.filters)

    def _keep_voice(self, asked: Asked, history: tuple[str, ...]) -> Asked:
        """Give a follow-up the speaker or role that was last asked for."""
        for entry in reversed(history):
            earlier = read_question(entry, self.documents)
            if earlier.speakers or earlier.role:
                return replace(
                    asked,
                    speakers=earlier.speakers,
                    role=earlier.role,
                    wants_quotes=earlier.wants_quotes or asked.wants_quotes,
                )
        return asked

    def find(self, asked: Asked) -> Found:
        """Find passages for what was asked, with the signals that tell whether they answer it."""
        return self.retriever.search(asked, self.settings.hits)

    def _notices(self, asked: Asked, projects: list[answer.Chosen], *, partial: bool) -> Iterable[str]:
        if partial:
            yield "This may answer only part of your question, or none of it: read it with care."
        if asked.unknown_speakers:
            yield f"{', '.join(asked.unknown_speakers)} is not quoted in the report."
        if len(projects) > 1:
            for document_id in dict.fromkeys(one.passage.document_id for one in projects):
                yield self._by_id[document_id].table_note
