"""One question with its answer, for the pages that speak several languages: the frame and the projector view."""

from typing import Any

import structlog

from assistant.pipeline import Assistant
from assistant.quoting.framing import says_on
from assistant.schema import Answer, HeadingBlock, Query, QuotationBlock
from assistant.serving.calls import place_of_failure, sentence
from assistant.serving.web.conversation import fold_of, words_with_links
from assistant.serving.web.language import Language
from corpus.errors import CoproduceError, VerbatimError
from corpus.library import Library

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
    return turn | {"result": result, "blocks": blocks_of(result, language, assistant.library)}


def blocks_of(answer: Answer, language: Language, library: Library) -> list[dict[str, Any]]:
    """Give an answer's parts in order: headings, quotations with their citation, and words that are ours in English.

    Fixed words are in the language of the interface. Each part has `kind`, `translated`, `words`, for a quotation
    `citation`, `attribution` and `more` (what is folded away), for a heading `on` (whether it says what the next
    quotation is about), and for words of ours `links` and `lang`.
    """
    parts: list[dict[str, Any]] = []
    refused = ""
    for block in answer.blocks:
        if isinstance(block, QuotationBlock):
            parts.append(
                {
                    "kind": "quotation",
                    "words": block.words,
                    "citation": block.citation,
                    "attribution": block.attribution,
                    "more": fold_of(block.citation),
                }
            )
        elif isinstance(block, HeadingBlock):
            translated = language.fixed(block.text, library) or block.text
            parts.append({"kind": "heading", "translated": translated, "on": says_on(block.text)})
        elif block.kind == "refusal":  # why follows in the same paragraph
            refused = language["does_not_say"]
        else:
            parts.append({**words_with_links(block), "translated": refused})
            refused = ""
    return parts
