"""The web chat: what is asked on the page is answered here, sentence by sentence."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr
import structlog
from pydantic import ValidationError

from assistant.pipeline import Assistant
from assistant.quoting.export.files import FORMATS
from assistant.reading.clean import clean_question
from assistant.schema import Answer, Query
from assistant.serving.calls import OUR_FAILURE, place_of_failure, sentence
from assistant.serving.web.conversation import ChatTurn, render_conversation, stream
from assistant.serving.web.front import title_of
from assistant.serving.web.gradio_part import conversation
from assistant.serving.web.pages import render
from assistant.serving.web.words import Words
from assistant.settings import Settings
from corpus.errors import CoproduceError, VerbatimError
from corpus.filters import Filters
from corpus.frozen import Frozen

log = structlog.get_logger()
#: What stands under each finished answer, after its tools.
EXTRAS = ("explained.html", "feedback.html")
#: Seconds between sentences: enough to be seen growing, too little to wait for.
_PAUSE = 0.06
#: So many questions of a conversation are asked again when its page is opened again.
_MOST_RESTORED = 50
#: Of the sections that an answer cites, so many are offered in plain words: those cited first.
_MOST_IN_PLAIN_WORDS = 3
#: What is to be shown: HTML by the place that it is for ("earlier", "newest", "save", "problem"); "box", what stands in
#: the question box again; "round", which the page counts; and "answered" once that is all.
Shown = dict[str, Any]
#: What an event gives back: what is shown, and the turns so far, or `gr.skip()` for as before.
Given = tuple[Shown, Any]


class Asked(Frozen):
    """What the page asks: a question, one that was offered under an earlier turn, or a whole conversation again."""

    round: int = 0
    question: str = ""
    filters: Filters = Filters()
    turn: int | None = None
    how: str = ""
    restore: tuple[Any, ...] | None = None


class Round:
    """How often a page's conversation was started again; the page counts, so what was asked before is told apart."""

    number = 0


class Talk:
    """Answers the questions of the chat. Conversations live in the page's session and are gone when it is closed."""

    def __init__(self, assistant: Assistant, settings: Settings, words: Words) -> None:
        self.assistant = assistant
        self.settings = settings
        self.words = words

    def ask(self, event: gr.EventData, turns: list[ChatTurn], current: Round) -> Iterator[Given]:
        """Answer what the page asks."""
        asked = read_asked(event)
        if asked.round > current.number:  # it was started again, and word of that has not come yet
            turns = []
        yield from until_started_again(self._answer_asked(asked, turns), asked.round, current)

    def _answer_asked(self, asked: Asked, turns: list[ChatTurn]) -> Iterator[Given]:
        if asked.restore is not None:
            yield self._restore(asked.restore)
            return
        history: tuple[str, ...] = asked_in(turns)
        if asked.turn is not None and 1 <= asked.turn <= len(turns):
            # As `go_on.py` tried it: after what was asked before that answer, after the answer, or on its own.
            earlier = turns[asked.turn - 1]
            history = () if asked.how == "anew" else earlier["history"]
            history += (earlier["question"],) if asked.how == "after" else ()
        yield from self._answer(asked.question, asked.filters, history, turns)

    def _answer(
        self, question: str, filters: Filters, history: tuple[str, ...], turns: list[ChatTurn]
    ) -> Iterator[Given]:
        """Answer a question; show it sentence by sentence. A question that fails stands in the box again.

        What is in the box meanwhile is left alone: the page emptied it when it asked.
        """
        turn: ChatTurn = {"question": question, "filters": filters, "history": history}
        try:
            clean_question(question, self.settings.max_question_characters)
            # What was asked before is taken away from the newest, which alone is written again as it grows. Until the
            # first words of the answer are there, the page itself says that it looks for them.
            yield {"earlier": self._write(turns), "newest": "", "problem": ""}, gr.skip()
            query = Query(question=question, history=history, filters=filters)
            done: ChatTurn = {**turn, "answer": self.assistant.ask(query)}
        except VerbatimError as error:
            log.error("an answer failed verification", **place_of_failure(error))
            yield self._failed(
                turns, question, "The answer could not be verified against the report, so it is not shown."
            )
            return
        except CoproduceError as error:
            yield self._failed(turns, question, sentence(error))
            return
        except Exception as error:
            log.error("a question failed", **place_of_failure(error))
            yield self._failed(turns, question, OUR_FAILURE)
            return
        for grown in stream(done, self.assistant.library):
            if grown is not done:
                yield {"newest": self._write([grown], turns)}, gr.skip()
                time.sleep(_PAUSE)
        save = render("save.html", formats=FORMATS, exports="turns")
        yield {"newest": self._write([done], turns), "save": save}, [*turns, done]

    def _restore(self, given: Sequence[Any]) -> Given:
        """Answer the questions again that this tab had asked before it went to another page."""
        turns: list[ChatTurn] = []
        for one in given[-_MOST_RESTORED:]:
            try:
                query = Query.model_validate(one)
                turn: ChatTurn = {"question": query.question, "filters": query.filters, "history": query.history}
                turns.append({**turn, "answer": self.assistant.ask(query)})
            except (CoproduceError, ValidationError):
                continue  # as when the report has changed since
        save = render("save.html", formats=FORMATS, exports="turns") if turns else ""
        newest = self._write(turns[-1:], turns[:-1])
        return {"earlier": self._write(turns[:-1]), "newest": newest, "save": save}, turns

    def _write(self, turns: list[ChatTurn], earlier: list[ChatTurn] | None = None) -> str:
        return render_conversation(
            [self._explained(turn) for turn in turns],
            first=1 + len(earlier or ()),
            library=self.assistant.library,
            tools=True,
            extras=EXTRAS,
        )

    def _explained(self, turn: ChatTurn) -> ChatTurn:
        """Give a turn with the words of its answer that need explaining, and its sections in plain words.

        Where the question asks what a word means, its definition is shown first.
        """
        result: Answer | None = turn.get("answer")
        shown = result.citations if result else ()
        places = [(one.document_id, one.answer_span) for one in shown]
        # Where the answer quotes the very words that define it, they are not shown twice.
        defined = [
            word
            for word in (self.words.asked_for(turn["question"]) if result else [])
            if not (word.is_defined and any(word.stands_in(*place) for place in places))
        ]
        words = self.words.words_in([citation.quoted_text for citation in shown])
        return {
            **turn,
            "defined": defined,
            "words": [word for word in words if word not in defined],
            "plain": self.words.plain_for([(one.document_id, one.section) for one in shown])[:_MOST_IN_PLAIN_WORDS],
        }

    def _failed(self, turns: list[ChatTurn], question: str, message: str) -> Given:
        problem = render("problem.html", message=message)
        box = question.encode(errors="replace").decode()
        return {"earlier": self._write(turns), "newest": "", "problem": problem, "box": box}, gr.skip()


def asked_in(turns: list[ChatTurn]) -> tuple[str, ...]:
    """Give the questions of a conversation, oldest first."""
    return tuple(one["question"] for one in turns)


def read_asked(event: gr.EventData) -> Asked:
    """Read what the page asks. What no page of ours sends is as good as an empty question, and is told so."""
    try:
        return Asked.model_validate(event._data)
    except ValidationError as error:
        log.error("what was asked could not be read", **place_of_failure(error))
        return Asked()


def until_started_again(given: Iterator[Given], number: int, current: Round) -> Iterator[Given]:
    """Give what is to be shown of a question of a round, and nothing once the conversation was started again.

    A server that was started anew meanwhile knows no earlier rounds, so a later number than it knows is believed.
    """
    current.number = max(current.number, number)
    for shown, turns in given:
        if current.number != number:
            return
        yield {**shown, "round": number}, turns
    yield {"round": number, "answered": True}, gr.skip()


def start_again(event: gr.EventData, current: Round) -> list[ChatTurn]:
    """Forget the conversation; the round with this number begins."""
    current.number = read_asked(event).round
    return []


def build_chat(assistant: Assistant, settings: Settings, words: Words) -> gr.Blocks:
    """Build the chat: Gradio keeps and streams the conversation. The page around it stands in `front.html`."""
    talk = Talk(assistant, settings, words)
    with gr.Blocks(title=title_of(assistant.library), analytics_enabled=False) as chat:
        turns = gr.State([])
        current = gr.State(Round())
        shown = conversation()
        limits: dict[str, Any] = {"concurrency_limit": settings.web_threads, "concurrency_id": "ask"}
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asking = shown.submit(talk.ask, [turns, current], [shown, turns], trigger_mode="multiple", **limits, **hidden)
        shown.clear(start_again, [current], [turns], queue=False, cancels=[asking], **hidden)
    chat.queue(max_size=settings.web_queue, api_open=False)
    return chat
