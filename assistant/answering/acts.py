"""Answer in words of ours what asks nothing of the documents: a greeting, about this tool, what is never done …"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.answering.compose import make_answer
from assistant.answering.own_words import (
    IN_ENGLISH,
    IN_OTHER_LANGUAGES,
    NEVER_MADE_UP,
    NOT_FOLLOWED,
    about_topic,
    load_help,
    whom_to_turn_to,
)
from assistant.answering.refusal import refuse
from assistant.quoting.framing import greeting
from assistant.reading.question import ParsedQuery
from assistant.schema import Answer, Link, Notice, Query, Suggestion, WordsBlock
from corpus.library import Library

_CONFIDENCE = 0.02


def answer_in_own_words(
    query: Query,
    parsed: ParsedQuery,
    library: Library,
    help_file: Path | None,
    offers: Sequence[Suggestion] = (),
) -> Answer:
    """Answer what asks nothing of the documents.

    Args:
        query: What was asked.
        parsed: As it was read: its act is none of asking.
        library: What can be asked about.
        help_file: A service's own file of whom to turn to.
        offers: What is offered besides to somebody in distress.
    """
    examples = [
        Suggestion(kind="question", text=f"For example: {example}", target=example) for example in library.examples
    ]
    if parsed.act == "distress":
        return make_answer(query, "not_in_corpus", _CONFIDENCE, list(help_blocks(help_file)), [], offers=offers)
    if parsed.act == "who_is":
        return refuse(query, [], identity_of(library), library)
    if parsed.act == "other_language":
        said = IN_OTHER_LANGUAGES.get(parsed.language)
        blocks = [WordsBlock(kind="language", text=said, lang=parsed.language)] if said else []
        blocks.append(WordsBlock(kind="language", text=IN_ENGLISH))
        notes = [Notice(kind="help", text=whom_to_turn_to(help_file))]  # what was written is not read
        return make_answer(query, "not_in_corpus", _CONFIDENCE, blocks, [], notes, offers=examples)
    if parsed.act == "about_tool":
        topic = about_topic(parsed)
        links = (Link(text="More on this", target=topic.link),) if topic.link else ()
        block = WordsBlock(kind="about", text=topic.says, links=links)
        return make_answer(query, "not_in_corpus", _CONFIDENCE, [block], [], offers=examples[:2])
    words = {"make_up": NEVER_MADE_UP, "order": NOT_FOLLOWED}.get(parsed.act)
    block = (
        WordsBlock(kind="declined", text=words) if words else WordsBlock(kind="greeting", text=greeting(library.topics))
    )
    return make_answer(query, "not_in_corpus", _CONFIDENCE, [block], [], offers=examples)


def identity_of(library: Library) -> str:
    """Say that nobody who was interviewed is named, nor linked to anything beyond their own words."""
    said = [one.vocabulary.identity for one in library.documents if one.vocabulary.identity]
    return " ".join(dict.fromkeys(said)) or "It gives no names of those who are quoted."


def help_blocks(path: Path | None) -> Iterator[WordsBlock]:
    """Write whom to turn to, a contact a line, each number as a link that calls it."""
    given = load_help(path)
    yield WordsBlock(kind="help", text=given.says)
    for one in given.contacts:
        number = (one.phone or one.text).replace(" ", "")
        link = Link(text=one.phone or one.text, target=f"{'tel' if one.phone else 'sms'}:{number}")
        yield WordsBlock(kind="help", text=one.line, links=(link,))
