"""Walk a person through writing cases in the terminal: `coproduce eval new`.

What is asked is plain lines of text, so that it can be read aloud by a screen reader and answered from a file.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import typer
from rich.console import Console
from rich.text import Text

from assistant.quoting.visible import shortened, visible
from assistant.schema import Hit, Query
from corpus.errors import CoproduceError
from corpus.load import load_library
from corpus.schema import Document, Passage
from eval import drafts
from eval.author import check_case, cited_passages, count_places, mark, next_id, sentences_of
from eval.cases import load_cases, split_path
from eval.schema import Case

_PASSAGE_CHARACTERS = 300
_NONE = "-"


class Searcher(Protocol):
    """Finds passages in documents: `assistant.pipeline.Assistant` does."""

    @property
    def documents(self) -> Sequence[Document]:
        """What is searched."""
        ...

    def search(self, query: Query) -> tuple[Hit, ...]:
        """Find passages, best first."""
        ...


def write_cases(searcher: Searcher, path: Path, console: Console) -> int:
    """Ask for one case after another until an empty question, and add each to a file. Gives how many were added."""
    count = 0
    while True:
        question = _ask("Question (empty to end)")
        if not question:
            _say(console, f"{count} {'case was' if count == 1 else 'cases were'} added to {path}.")
            return count
        history = []
        while earlier := _ask("A question asked before it, oldest first (empty: no more)"):
            history.append(earlier)
        case = _interview(searcher, console, question, tuple(history), drafts.ids_of(path))
        if case is not None:
            drafts.append_case(path, case)
            count += 1
            _say(console, f"Saved as {case.id} in {path}.")


def finish_drafts(searcher: Searcher, path: Path, console: Console) -> int:
    """Go through the drafts of a file and make cases of them, where wanted. Gives how many were finished."""
    waiting = drafts.read_drafts(path)
    if not waiting:
        _say(console, f"There are no drafts in {path}. The web chat saves one where somebody says if an answer helped.")
    count = 0
    for number, (draft, line) in enumerate(waiting, start=1):
        _say(console, f"\nDraft {number} of {len(waiting)}: {draft.question}")
        for earlier in draft.history:
            _say(console, f"  asked before: {earlier}")
        _say(console, f"  note: {draft.note or 'none'}")
        shown = cited_passages(searcher.documents, draft.cited)
        for passage, words in shown:
            _say(console, f"  shown: {passage.section}: {shortened(' '.join(words.split()), _PASSAGE_CHARACTERS)}")
        if gone := len(draft.cited) - len(shown):
            _say(console, f"  shown, but not in the documents any more: {gone}")
        wanted = _choose("Make a case of it, skip it, delete it, or quit", ("case", "skip", "delete", "quit"), "case")
        if wanted == "quit":
            break
        if wanted == "skip":
            continue
        case = None
        if wanted == "case":
            question = _ask("Question", draft.question)
            suggested = shown if draft.helpful else []
            case = _interview(searcher, console, question, draft.history, drafts.ids_of(path), suggested)
            if case is None:
                continue
        drafts.finish_draft(path, line, case)
        count += 1
        _say(console, f"Saved as {case.id} in {path}." if case else "Deleted.")
    return count


def _interview(
    searcher: Searcher,
    console: Console,
    question: str,
    history: tuple[str, ...],
    taken: Sequence[str],
    suggested: Sequence[tuple[Passage, str]] = (),
) -> Case | None:
    """Ask for everything that a case has, offering suggested evidence first. Gives None where the person leaves it."""
    try:
        hits = searcher.search(Query(question=question, history=history))
    except CoproduceError as error:
        _say(console, f"That cannot be asked: {error}")
        return None
    _show_hits(console, hits)
    answerable = typer.confirm("Does the report answer it?", default=True)
    groups: list[tuple[str, ...]] = []
    passages: list[Passage] = []
    if answerable:
        _offer(console, suggested, groups, passages)
    while answerable and (not groups or typer.confirm("Must another passage be shown as well?", default=False)):
        group = _ask_group(searcher, console, hits, passages)
        if group:
            groups.append(group)
        elif groups:
            break
        else:
            _say(console, "A question that the report answers needs evidence; this one was left.")
            return None
    usual = "unanswerable" if not answerable else "follow_up" if history else "factual"
    known = sorted({case.kind for case in load_cases(split_path("train"))} | {"unanswerable"})
    _say(console, f"Kinds in use: {', '.join(known)}.")
    fields = {"question": question, "history": history, "answerable": answerable, "evidence": tuple(groups)}
    while True:
        fields["kind"] = _ask("Kind", usual)
        fields["section"] = _ask_or_none("Section where it stands", passages[0].section if passages else _NONE)
        fields["speaker"] = _ask_or_none("Speaker whose words are asked for", _NONE)
        role = _choose("Side whose words are asked for", (*load_library().roles, _NONE), _NONE)
        fields["role"] = None if role == _NONE else role
        fields["id"] = _ask("Id", next_id(taken))
        if fields["id"] in taken:
            _say(console, f"The id {fields['id']} is taken.")
            continue
        try:
            case = check_case(fields, searcher.documents)
        except CoproduceError as error:
            _say(console, f"That is not a case yet: {error}")
            continue
        break
    _say(console, case.model_dump_json(indent=1))
    return case if typer.confirm("Save it?", default=True) else None


def _offer(
    console: Console,
    suggested: Sequence[tuple[Passage, str]],
    groups: list[tuple[str, ...]],
    passages: list[Passage],
) -> None:
    """Ask of each place that a helpful answer showed whether it is evidence. Adds to `groups` and `passages`."""
    taken = []
    for passage, words in suggested:
        _say(console, f"{passage.section}: {words}")
        if typer.confirm("The answer that helped showed this. Is it evidence?", default=False):
            taken.append(words)
            passages.append(passage)
    if len(taken) > 1 and typer.confirm("Must all of these be shown? (no: any one of them will do)", default=False):
        groups.extend((words,) for words in taken)
    elif taken:
        groups.append(tuple(dict.fromkeys(taken)))


def _ask_group(searcher: Searcher, console: Console, hits: tuple[Hit, ...], chosen: list[Passage]) -> tuple[str, ...]:
    """Ask for one piece of evidence, and for other passages that would do as well. Adds the passages to `chosen`."""
    group: list[str] = []
    while True:
        passage, hits = _ask_passage(searcher, console, hits)
        if passage is None:
            return tuple(group)
        words = _ask_mark(console, passage)
        places = count_places(words, searcher.documents)
        _say(console, f"Marked: “{words}”")
        if places > 1:
            _say(console, f"These words stand in {places} places, and any of them will count as right.")
        group.append(words)
        chosen.append(passage)
        if not typer.confirm("Would another passage do instead?", default=False):
            return tuple(dict.fromkeys(group))


def _ask_passage(searcher: Searcher, console: Console, hits: tuple[Hit, ...]) -> tuple[Passage | None, tuple[Hit, ...]]:
    """Ask for a passage by its number in the list, or for words to search for, which makes another list."""
    by_id = {document.id: document for document in searcher.documents}
    while True:
        typed = _ask("Passage with the evidence: its number, other words to search for, or empty to leave")
        if not typed:
            return None, hits
        if typed.isdecimal():
            if 1 <= int(typed) <= len(hits):
                hit = hits[int(typed) - 1]
                return by_id[hit.document_id].passage(hit.passage_id), hits
            _say(console, f"There is no passage {typed}; expected 1 to {len(hits)}.")
            continue
        try:
            hits = searcher.search(Query(question=typed))
        except CoproduceError as error:
            _say(console, str(error))
            continue
        _show_hits(console, hits)


def _ask_mark(console: Console, passage: Passage) -> str:
    for number, sentence in enumerate(sentences_of(passage), start=1):
        _say(console, f"  {number}: {sentence}")
    while True:
        typed = _ask("Evidence: sentences (2 or 2-3), first words … last words, or all")
        try:
            return mark(passage, typed)
        except CoproduceError as error:
            _say(console, str(error))


def _show_hits(console: Console, hits: Sequence[Hit]) -> None:
    if not hits:
        _say(console, "Nothing was found.")
    for number, hit in enumerate(hits, start=1):
        who = f", {hit.speaker}" if hit.speaker else ""
        _say(console, f"{number}. {hit.section}{who}: {shortened(' '.join(hit.text.split()), _PASSAGE_CHARACTERS)}")


def _say(console: Console, words: str) -> None:
    console.print(Text(visible(words)), soft_wrap=True)


def _ask(what: str, usual: str = "") -> str:
    answer: str = typer.prompt(what, default=usual, show_default=bool(usual))
    return answer.strip()


def _ask_or_none(what: str, usual: str) -> str | None:
    answer = _ask(f"{what} ({_NONE}: none)", usual)
    return None if answer in ("", _NONE) else answer


def _choose(what: str, choices: Sequence[str], usual: str) -> str:
    """Ask for one of some words, or its first letter."""
    while True:
        typed = _ask(f"{what} ({'/'.join(choices)})", usual).casefold()
        found = [choice for choice in choices if typed and (choice == typed or choice[0] == typed)]
        if found:
            return str(found[0])
        typer.echo(f"Expected one of: {', '.join(choices)}.")
