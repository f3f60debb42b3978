"""One question with its answer, for the pages that speak several languages: the frame and the projector view."""

from typing import Any

import structlog

from assistant.pipeline import Assistant
from assistant.quoting.cite import read_blocks
from assistant.quoting.framing import NOT_COVERED
from assistant.schema import Answer, Query
from assistant.serving.calls import place_of_failure, sentence
from assistant.serving.web.language import Language
from corpus.errors import CoproduceError, VerbatimError

log = structlog.get_logger()

#: What a template shows of a question: `question`, `filters`, `blocks`, `result`, `error`; and an HTTP `status`.
PageTurn = dict[str, Any]


def ask_turn(assistant: Assistant, query: Query, language: Language) -> PageTurn:
    """Ask a question and say everything about it that a page shows. A question that fails gets an error to show.

    `error` is in the language of the interface, `error_in_english` is what the assistant says itself.
    """
    turn: PageTurn = {
        "question": query.question,
        "filters": query.filters.model_dump(exclude_none=True),
        "blocks": [],
        "result": None,
        "error": "",
        "error_in_english": "",
        "status": 200,
    }
    try:
        result = assistant.ask(query)
    except VerbatimError as error:
        log.error("an answer failed verification", **place_of_failure(error))
        return turn | {"error": language["not_verified"], "status": 500}
    except CoproduceError as error:
        return turn | {"error_in_english": sentence(error), "status": 422}
    except Exception as error:
        log.error("a question failed", **place_of_failure(error))
        return turn | {"error": language["went_wrong"], "status": 500}
    return turn | {"result": result, "blocks": blocks_of(result, language)}


def blocks_of(answer: Answer, language: Language) -> list[dict[str, Any]]:
    """Give an answer's parts in order: headings, quotations with their citation, and words that are ours in English.

    Fixed words are in the language of the interface. Each part has `kind`, `translated`, `words`, and for a quotation
    `citation` and `attribution`.
    """
    citations = {citation.marker: citation for citation in answer.citations}
    parts: list[dict[str, Any]] = []
    for block in read_blocks(answer.text):
        if block.marker is not None:
            parts.append(
                {
                    "kind": "quotation",
                    "words": block.words,
                    "citation": citations[block.marker],
                    "attribution": block.attribution,
                }
            )
        elif heading := language.fixed(block.words):
            parts.append({"kind": "heading", "translated": heading})
        else:
            refused = block.words.startswith(NOT_COVERED)
            parts.append(
                {
                    "kind": "ours",
                    "translated": language["does_not_say"] if refused else "",
                    "words": block.words.removeprefix(NOT_COVERED).strip(),
                }
            )
    return parts
