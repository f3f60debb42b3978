"""Write a conversation as HTML: the same for the chat, the page to embed and the projector."""

from typing import Any

from markupsafe import Markup

from assistant.cite import read_blocks
from assistant.schema import Answer
from assistant.web.pages import render

#: A question with its answer, or with why there is none: `question`, and `answer`, `waiting` or `error`.
Turn = dict[str, Any]


def render_conversation(turns: list[Turn]) -> str:
    """Write the conversation as HTML. Everything from a person or a document is escaped by the template."""
    return render("conversation.html", turns=[_render_turn(turn) for turn in turns])


def _render_turn(turn: Turn) -> dict[str, Any]:
    result: Answer | None = turn.get("answer")
    if result is None:
        return {"waiting": False, "error": "", **turn}
    citations = {citation.marker: citation for citation in result.citations}
    blocks = [
        {
            "words": _with_lines(block.words) if block.marker else block.words.replace("**", ""),
            "marker": block.marker,
            "attribution": block.attribution,
            "citation": citations.get(block.marker) if block.marker else None,
        }
        for block in read_blocks(result.text)
    ]
    shown = turn.get("shown", len(blocks))
    return {
        "waiting": False,
        "error": "",
        **turn,
        "blocks": blocks[:shown],
        "complete": shown == len(blocks),
        "result": result,
    }


def _with_lines(words: str) -> Markup:
    return Markup("<br>").join(words.split("\n"))
