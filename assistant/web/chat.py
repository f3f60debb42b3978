"""The web chat: a question box, the conversation, and the report beside it."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import structlog

from assistant.cite import read_blocks
from assistant.framing import EXAMPLES
from assistant.pipeline import STANDING_NOTICE, Assistant
from assistant.schema import Query
from assistant.settings import Settings
from assistant.web.conversation import Turn, render_conversation
from assistant.web.pages import render
from corpus.errors import CoproduceError, VerbatimError

log = structlog.get_logger()


def build_chat(assistant: Assistant, settings: Settings) -> gr.Blocks:
    """Build the chat page. Conversations live in the page's session and are gone when it is closed."""

    def answer(question: str, turns: list[Turn]) -> Iterator[tuple[str, Any, list[Turn]]]:
        """Answer a question; show it block by block. A question that fails stays in the box."""
        history = tuple(turn["question"] for turn in turns if turn.get("answer"))
        waiting = [*turns, {"question": question, "waiting": True}]
        yield render_conversation(waiting), question, turns
        try:
            result = assistant.ask(Query(question=question, history=history))
        except VerbatimError:
            log.exception("an answer failed verification")
            yield _failed(turns, question, "The answer could not be verified against the report, so it is not shown.")
            return
        except CoproduceError as error:
            yield _failed(turns, question, _sentence(str(error)))
            return
        except Exception:
            log.exception("a question failed")
            yield _failed(turns, question, "Something went wrong on our side. Please try again in a moment.")
            return
        done: Turn = {"question": question, "answer": result}
        box: Any = ""  # emptied once: whoever types the next question meanwhile keeps it
        for shown in range(1, len(list(read_blocks(result.text))) + 1):
            yield render_conversation([*turns, {**done, "shown": shown}]), box, [*turns, done]
            box = gr.skip()
        yield render_conversation([*turns, done]), box, [*turns, done]

    def start_again() -> tuple[str, str, list[Turn]]:
        return render_conversation([]), "", []

    with gr.Blocks(
        title="coproduce: ask the report on co-production", fill_width=True, analytics_enabled=False
    ) as chat:
        turns = gr.State([])
        gr.HTML(render("header.html"))
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=6, min_width=280, elem_id="talk"):
                conversation = gr.HTML(render_conversation([]), elem_id="conversation")
                question = gr.Textbox(
                    label="Your question",
                    placeholder="For example: What do public partners say about power?",
                    lines=1,
                    max_lines=6,
                    elem_id="question",
                    autofocus=True,
                )
                with gr.Row():
                    ask = gr.Button("Ask", variant="primary", elem_id="ask")
                    again = gr.Button("Start again", elem_id="start-again")
                with gr.Column(elem_id="examples"):
                    gr.HTML("<h2>Questions to try</h2>")
                    examples = [gr.Button(example, size="sm", elem_classes="example") for example in EXAMPLES]
                gr.HTML(render("note.html", note=" ".join([STANDING_NOTICE, assistant.documents[0].standing_note])))
            with gr.Column(scale=5, min_width=280, elem_id="source"):
                gr.HTML(render("source.html", document=assistant.documents[0]))
        outputs = [conversation, question, turns]
        limits: dict[str, Any] = {"concurrency_limit": settings.web_threads, "concurrency_id": "ask"}
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        focus = "() => window.coproduce && window.coproduce.answered()"
        for trigger in (question.submit, ask.click):
            trigger(answer, [question, turns], outputs, **limits, **hidden).then(None, js=focus, **hidden)
        for button in examples:
            button.click(answer, [button, turns], outputs, **limits, **hidden).then(None, js=focus, **hidden)
        again.click(start_again, None, outputs, **hidden).then(None, js=focus, **hidden)
    chat.queue(max_size=settings.web_queue, api_open=False)
    return chat


def _failed(turns: list[Turn], question: str, message: str) -> tuple[str, str, list[Turn]]:
    shown = question if len(question) <= 200 else question[:200] + " …"
    shown = shown.encode("utf-8", errors="replace").decode()
    return render_conversation([*turns, {"question": shown, "error": message}]), question, turns


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
