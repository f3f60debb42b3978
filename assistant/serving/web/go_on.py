"""Where to go on from an answer: two or three questions made from what was found, each of which has an answer.

The page asks for them once the answer is shown, so that nobody waits for them. Each is asked here first, exactly as it
will be asked when it is pressed: one that would be refused, or would show nothing new, is not offered.
"""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from assistant.pipeline import Assistant
from assistant.quoting.cite import place_of
from assistant.reading.question import ParsedQuery
from assistant.schema import Answer, Query
from assistant.serving.calls import Asking
from assistant.serving.web.conversation import section_anchor
from assistant.serving.web.pages import render
from corpus.errors import CoproduceError
from corpus.filters import Filters
from corpus.library import Library
from corpus.schema import Kind

PATH = "/go-on"
#: Of a request's body: as long as a conversation can be.
MAX_BYTES = 1_000_000
#: So many are offered, at most; and so many of a kind are tried.
MOST = 3
_TRIED = 2
#: Pages for which questions are tried at once, so that those who ask need not wait; and for how long one waits.
_AT_ONCE = 1
_WAIT_S = 10.0
#: Of so many questions that are ours it is kept what they show: they are offered to many people.
_KEPT = 256
#: What an answer to a question shows: the ids of its passages; none where it is refused.
Shows = Callable[[Query], frozenset[str]]
#: A way of asking that reads well as somebody's next question: whole, short, and clear without what was said before.
_READS_WELL = re.compile(
    r"(?=[^“”\"]{12,90}$)"
    r"(?!(?i:.*\b(?:I|I['’]m|my|we|our|us|me|you|your|it|its|they|their|them|this|that|those|these|he|she|anything)\b))"
    r"(?:What|Why|How|Who|Which|When|Where|Whose)\b[^.?!:;]*\?"
)


@dataclass(frozen=True)
class GoOn:
    """A question that is offered: what stands on the button, and what is asked when it is pressed."""

    label: str
    question: str
    filters: Filters
    kind: str
    """`voice`, `side` or `section`: the same question asked of somebody or of a side, or another on what was found."""
    how: Literal["again", "anew", "after"] = "again"
    """With what it is asked: what was asked before the answer, nothing, or that and the answer’s own question."""

    def history(self, asked: Query) -> tuple[str, ...]:
        """Give what was asked before it, after a question as it was asked."""
        return {"again": asked.history, "anew": (), "after": (*asked.history, asked.question)}[self.how]


def add_go_on(app: FastAPI, assistant: Assistant) -> None:
    """Add what the chat asks for under an answer: `POST /go-on` with a question as it was asked."""
    trying = threading.BoundedSemaphore(_AT_ONCE)

    def shows(query: Query) -> frozenset[str]:
        answer = assistant.ask(query)
        answered = answer.status != "not_in_corpus"
        return frozenset(citation.passage_id for citation in answer.citations) if answered else frozenset()

    ours = lru_cache(maxsize=_KEPT)(shows)

    def tried(asked: Query) -> str:
        offers: list[GoOn] = []
        place: dict[str, str] = {}
        if trying.acquire(timeout=_WAIT_S):  # or else none are offered: they are an extra
            try:
                answer = assistant.ask(asked)
                offers = offer(asked, answer, assistant, shows, ours)
                place = place_to_read(answer)
            except CoproduceError:
                pass  # the answer itself says what is wrong
            finally:
                trying.release()
        return render("go_on.html", offers=offers, place=place)

    @app.post(PATH, response_class=HTMLResponse, include_in_schema=False)
    async def go_on(request: Request) -> HTMLResponse:
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > MAX_BYTES:
            return HTMLResponse("", status_code=413)
        try:
            asked = Asking.model_validate_json(await request.body())
        except ValidationError:
            return HTMLResponse("", status_code=422)
        return HTMLResponse(await run_in_threadpool(tried, asked))


def offer(asked: Query, answer: Answer, assistant: Assistant, shows: Shows, ours: Shows) -> list[GoOn]:
    """Give the questions that are offered under an answer, each of which was asked and shows something new.

    Args:
        asked: The question as it was asked.
        answer: Its answer.
        assistant: What reads the question.
        shows: Asks a question that holds a person's words.
        ours: Asks one that does not; it may remember it.
    """
    if answer.status == "not_in_corpus" or not answer.citations:
        return []
    library, parsed = assistant.library, assistant.read(asked)
    shown = {citation.passage_id for citation in answer.citations}
    given: list[GoOn] = []
    for candidates in (
        _sides(asked, parsed, answer, library),
        _voices(asked, parsed, answer, library),
        _on_what_was_found(asked, answer, library),
    ):
        given += _first_that_adds(candidates, asked, shown, shows, ours)
    return given[:MOST]


def _first_that_adds(
    candidates: Iterator[GoOn], asked: Query, shown: set[str], shows: Shows, ours: Shows
) -> Iterator[GoOn]:
    """Ask the first candidates, and give the first one whose answer shows a passage that is not shown yet."""
    for one, _ in zip(candidates, range(_TRIED), strict=False):
        query = Query(question=one.question, history=one.history(asked), filters=one.filters)
        found = ours(query) if one.how == "anew" else shows(query)
        # The words of one side alone are worth having even where they were shown among others'.
        alone = one.kind == "side" and one.how == "again"
        if found - (set() if alone else shown):
            yield one
            return


def _sides(asked: Query, parsed: ParsedQuery, answer: Answer, library: Library) -> Iterator[GoOn]:
    """Offer the question of one side alone: of one that is not heard in the answer, those seldom heard first."""
    if asked.filters.role or asked.filters.speaker or asked.filters.kind or parsed.speakers:
        return
    if any(citation.kind is Kind.PROJECT for citation in answer.citations):
        return  # a record of a table is nobody's view
    heard = {citation.role for citation in answer.citations}
    seldom = library.seldom_heard(citation.document_id for citation in answer.citations)
    for role in dict.fromkeys([*seldom, *library.quoted_by_role]):
        if heard == {role} or (role in heard and role not in seldom):
            continue
        many = library.roles[role].many
        if parsed.role and parsed.role != role:  # the question itself names the one side
            yield GoOn(f"And {many}?", f"And {many}?", asked.filters, "side", "after")
        elif not parsed.role:
            label = f"Only {many}" if role in seldom else f"The other view: {many}"
            yield GoOn(label, asked.question, asked.filters.model_copy(update={"role": role}), "side")


def _voices(asked: Query, parsed: ParsedQuery, answer: Answer, library: Library) -> Iterator[GoOn]:
    """Offer the question of one other person: of those whose words were found and are not shown, the nearest first."""
    if asked.filters.speaker or asked.filters.kind:
        return
    heard = {citation.speaker for citation in answer.citations}
    if parsed.speakers:  # who is named in the question gives way to somebody who is quoted beside them
        places = dict.fromkeys((citation.document_id, citation.section) for citation in answer.citations)
        beside = (passage.speaker for place in places for passage in library.quotes_in(*place))
        for speaker in dict.fromkeys(one for one in beside if one and one not in heard | set(parsed.speakers)):
            yield GoOn(f"What did {speaker} say?", f"What did {speaker} say?", asked.filters, "voice", "anew")
        return
    found = dict.fromkeys(hit.speaker for hit in answer.hits if hit.speaker and hit.speaker not in heard)
    for speaker in found:
        if speaker in library.speakers and parsed.role in (None, library.speakers[speaker].role):
            filters = asked.filters.model_copy(update={"speaker": speaker, "role": None})
            yield GoOn(f"Another voice: {speaker}", asked.question, filters, "voice")


def _on_what_was_found(asked: Query, answer: Answer, library: Library) -> Iterator[GoOn]:
    """Offer a question that careful readers prepared on a passage that was found: those of the same section first."""
    shown = {citation.passage_id for citation in answer.citations}
    here = {(citation.document_id, citation.section) for citation in answer.citations}
    found = [hit for hit in answer.hits if hit.passage_id not in shown]
    found.sort(key=lambda hit: (hit.document_id, hit.section) not in here)  # else as they were found
    taken: set[str] = set()
    for hit in found:
        for prepared in library.prepared:
            if prepared.lacks or not prepared.quotes or prepared.quotes[0].passage_id != hit.passage_id:
                continue
            question = next((way for way in prepared.ask if _READS_WELL.fullmatch(way)), "")
            if question and question not in taken and question != asked.question:
                taken.add(question)
                yield GoOn(question, question, asked.filters, "section", "anew")
                break


def place_to_read(answer: Answer) -> dict[str, str]:
    """Give the section that an answer cites first, to be read in the report: `place` and `address`; or nothing."""
    for citation in answer.citations:
        if citation.section_title:
            return {
                "place": place_of(citation.section, citation.section_title),
                "address": f"/read/{citation.document_id}#{section_anchor(citation.section)}",
            }
    return {}
