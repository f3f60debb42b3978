"""The web chat: a question box, the conversation, and the report beside it."""

import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import gradio as gr
import structlog
from pydantic import ValidationError

from assistant.pipeline import Assistant
from assistant.quoting.export.files import FORMATS
from assistant.quoting.framing import STANDING_NOTICE
from assistant.reading.clean import clean_question
from assistant.schema import Answer, Query
from assistant.serving.calls import OUR_FAILURE, place_of_failure, sentence
from assistant.serving.web.conversation import ChatTurn, render_conversation, stream
from assistant.serving.web.front import title_of
from assistant.serving.web.narrow import EVERYTHING, choices_of, chosen_filters, say_filters
from assistant.serving.web.pages import render
from assistant.serving.web.words import Words
from assistant.settings import Settings
from corpus.errors import CoproduceError, VerbatimError
from corpus.filters import Filters

log = structlog.get_logger()
#: What stands under each finished answer, after its tools.
EXTRAS = ("explained.html", "feedback.html")
#: Seconds between sentences: enough to be seen growing, too little to wait for.
_PAUSE = 0.06
#: A group of more choices is folded away.
_MANY = 10
#: So many questions of a conversation are asked again when its page is opened again.
_MOST_RESTORED = 50
#: Of the sections that an answer cites, so many are offered in plain words: those cited first.
_MOST_IN_PLAIN_WORDS = 3
#: What an event gives back: earlier turns, the newest turn, saving, what went wrong, the box, and the turns themselves.
Shown = tuple[Any, Any, Any, Any, Any, Any]
_BRIDGE = "document.addEventListener('coproduce:ask', (event) => trigger('submit', event.detail));"
_CHOICES = {"role": "Whose words", "kind": "What sort of passage", "section": "Which section", "speaker": "One speaker"}


class Round:
    """How often a page's conversation was started again; the page counts, so what was asked before is told apart."""

    number = 0


class Talk:
    """Answers the questions of the chat. Conversations live in the page's session and are gone when it is closed."""

    def __init__(self, assistant: Assistant, settings: Settings, words: Words) -> None:
        self.assistant = assistant
        self.settings = settings
        self.words = words

    def ask(
        self,
        question: str,
        role: str,
        kind: str,
        section: str,
        speaker: str,
        number: float,
        turns: list[ChatTurn],
        current: Round,
    ) -> Iterator[Shown]:
        """Answer what stands in the box."""
        filters = chosen_filters(role, kind, section, speaker)
        yield from until_started_again(self._answer(question, filters, asked_in(turns), turns), number, current)

    def ask_button(
        self,
        event: gr.EventData,
        role: str,
        kind: str,
        section: str,
        speaker: str,
        number: float,
        turns: list[ChatTurn],
        current: Round,
    ) -> Iterator[Shown]:
        """Answer a question to try, or one that is offered under an answer."""
        filters = chosen_filters(role, kind, section, speaker)
        yield from until_started_again(self._answer_button(event, filters, turns), number, current)

    def _answer_button(self, event: gr.EventData, chosen: Filters, turns: list[ChatTurn]) -> Iterator[Shown]:
        given: dict[str, Any] = event._data if isinstance(event._data, dict) else {}
        question = str(given.get("question", ""))
        restored, number = given.get("restore"), given.get("turn")
        if isinstance(restored, list):
            yield self._restore(restored)
        elif isinstance(number, int) and 1 <= number <= len(turns):
            # As `go_on.py` tried it: after what was asked before that answer, after the answer, or on its own.
            earlier, how = turns[number - 1], given.get("how")
            history: tuple[str, ...] = () if how == "anew" else earlier["history"]
            history += (earlier["question"],) if how == "after" else ()
            yield from self._answer(question, _filters_in(given), history, turns)
        else:
            yield from self._answer(question, chosen, asked_in(turns), turns)

    def _answer(
        self, question: str, filters: Filters, history: tuple[str, ...], turns: list[ChatTurn]
    ) -> Iterator[Shown]:
        """Answer a question; show it sentence by sentence. A question that fails stands in the box again.

        What is in the box meanwhile is left alone: the page emptied it when it asked.
        """
        turn: ChatTurn = {"question": question, "filters": filters, "history": history}
        try:
            clean_question(question, self.settings.max_question_characters)
            # What was asked before is taken away from the newest, which alone is written again as it grows. Until the
            # first words of the answer are there, the page itself says that it looks for them.
            yield self._write(turns), "", gr.skip(), "", gr.skip(), gr.skip()
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
                yield gr.skip(), self._write([grown], turns), gr.skip(), gr.skip(), gr.skip(), gr.skip()
                time.sleep(_PAUSE)
        everything = [*turns, done]
        yield (
            gr.skip(),
            self._write([done], turns),
            render("save.html", formats=FORMATS, exports="turns"),
            gr.skip(),
            gr.skip(),
            everything,
        )

    def _restore(self, given: list[Any]) -> Shown:
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
        return self._write(turns[:-1]), self._write(turns[-1:], turns[:-1]), save, gr.skip(), gr.skip(), turns

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
        first = [(one.document_id, one.answer_span) for one in shown[:1]]
        # Where the answer begins with the very words that define it, they are not shown twice.
        defined = [
            word
            for word in (self.words.asked_for(turn["question"]) if result else [])
            if not (word.is_defined and any(word.stands_in(*place) for place in first))
        ]
        words = self.words.words_in([citation.quoted_text for citation in shown])
        return {
            **turn,
            "defined": defined,
            "words": [word for word in words if word not in defined],
            "plain": self.words.plain_for([(one.document_id, one.section) for one in shown])[:_MOST_IN_PLAIN_WORDS],
        }

    def _failed(self, turns: list[ChatTurn], question: str, message: str) -> Shown:
        problem = render("problem.html", message=message)
        return self._write(turns), "", gr.skip(), problem, question.encode(errors="replace").decode(), gr.skip()

    def say_narrowed(self, role: str, kind: str, section: str, speaker: str) -> tuple[str, Any]:
        """Say what questions are narrowed down to, and offer to undo it."""
        said = say_filters(chosen_filters(role, kind, section, speaker), self.assistant.library)
        return render("narrowed.html", said=said), gr.update(visible=bool(said))


def asked_in(turns: list[ChatTurn]) -> tuple[str, ...]:
    """Give the questions of a conversation, oldest first."""
    return tuple(one["question"] for one in turns)


def _filters_in(given: dict[str, Any]) -> Filters:
    try:
        return Filters.model_validate(given.get("filters") or {})
    except ValidationError:  # not from a page of ours
        return Filters()


def until_started_again(shown: Iterator[Shown], number: float, current: Round) -> Iterator[Shown]:
    """Give what is to be shown of a question of a round, and nothing once the conversation was started again.

    A server that was started anew meanwhile knows no earlier rounds, so a later number than it knows is believed.
    """
    current.number = max(current.number, int(number))
    for one in shown:
        if current.number != int(number):
            return
        yield one


def start_again(number: float, current: Round) -> tuple[str, str, str, str, str, list[ChatTurn]]:
    """Forget the conversation; the round with this number begins."""
    current.number = int(number)
    return "", "", "", "", "", []


def build_chat(assistant: Assistant, settings: Settings, words: Words) -> gr.Blocks:
    """Build the chat page; its header stands in `front.html`."""
    talk = Talk(assistant, settings, words)
    with gr.Blocks(title=title_of(assistant.library), fill_width=True, analytics_enabled=False) as chat:
        turns = gr.State([])
        current = gr.State(Round())
        number = gr.Number(0, visible=False)
        bridge = _html("", elem_id="bridge", js_on_load=_BRIDGE)
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=6, min_width=280, elem_id="talk"):
                earlier = _html("", elem_id="earlier")
                newest = _html("", elem_id="newest")
                save = _html("", elem_id="save")
                with gr.Column(elem_id="composer"):
                    problem = _html("", elem_id="problem")
                    question = gr.Textbox(label="Your question", lines=1, max_lines=6, elem_id="question")
                    narrowed = _html("", elem_id="narrowed")
                    with gr.Row(elem_id="buttons"):
                        ask = gr.Button("Ask", variant="primary", elem_id="ask")
                        # Beside the box, which stays in view, and so within reach wherever the page is scrolled to.
                        with gr.Accordion("Narrow it down", open=False, elem_id="narrow"):
                            chosen = _choices(assistant)
                        widen = gr.Button("Clear these filters", elem_id="widen", visible=False)
                        again = gr.Button("Start again", elem_id="start-again")
                        forget = gr.Button("Forget everything on this computer", elem_id="forget")
                _html(render("examples.html", examples=assistant.library.examples), elem_id="examples")
                _html(render("note.html", note=" ".join([STANDING_NOTICE, *assistant.library.standing_notes])))
            with gr.Column(scale=5, min_width=280, elem_id="source"):
                _html(render("source.html", document=assistant.documents[0]))
        outputs = [earlier, newest, save, problem, question, turns]
        limits: dict[str, Any] = {"concurrency_limit": settings.web_threads, "concurrency_id": "ask"}
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        answered = "() => window.coproduce && window.coproduce.answered()"
        running = [
            event(
                talk.ask, [question, *chosen, number, turns, current], outputs, js=_in_round("sent"), **limits, **hidden
            )
            for event in (question.submit, ask.click)
        ]
        asked = [*chosen, number, turns, current]
        running.append(bridge.submit(talk.ask_button, asked, outputs, js=_in_round(), **limits, **hidden))
        for event in running:
            event.then(None, js=answered, **hidden)
        for choice in chosen:
            choice.change(talk.say_narrowed, chosen, [narrowed, widen], queue=False, **hidden)
        widen.click(lambda: (EVERYTHING,) * len(chosen), None, chosen, queue=False, js=_widened(), **hidden)
        anew = {"queue": False, "js": _in_round("nextRound"), "cancels": running}
        again.click(start_again, [number, current], outputs, **anew, **hidden).then(
            None, js="() => window.coproduce && window.coproduce.cleared()", **hidden
        )
        forget.click(None, js="() => window.coproduce && window.coproduce.askToForget()", **hidden)
    chat.queue(max_size=settings.web_queue, api_open=False)
    return chat


def _in_round(which: str = "round") -> str:
    """Write the script that gives an event the number of the page's round; its place is that before the states."""
    places = 2 if which == "nextRound" else 3
    return f"(...given) => {{ given[given.length - {places}] = window.coproduce.{which}(); return given; }}"


def _html(value: str, **given: Any) -> gr.HTML:
    return gr.HTML(value, **{"apply_default_css": False, "js_on_load": None, **given})


def _choices(assistant: Assistant) -> list[gr.Radio]:
    """Make a group of radio buttons for each thing that a question can be narrowed to; long ones are folded away."""
    made = []
    for name, choices in choices_of(assistant.library).items():
        long = len(choices) > _MANY
        group: Any = gr.Accordion(_CHOICES[name], open=False, elem_id=f"narrow-{name}-fold") if long else nullcontext()
        with group:
            made.append(gr.Radio(choices, label=_CHOICES[name], value=EVERYTHING, elem_id=f"narrow-{name}"))
    return made


def _widened() -> str:
    return "() => window.coproduce && window.coproduce.toBox()"
