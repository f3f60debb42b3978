"""The page of quotes: all that was said in interviews, by theme, role, speaker and length. Works without JavaScript."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

from assistant.quoting.cite import place_of
from assistant.serving.web.pages import page
from assistant.serving.web.quoted import Quoted, quoted, references_of
from corpus.errors import UnknownName
from corpus.library import Library, find_name
from corpus.schema import Document, Passage

#: Words in a short quote, and in one of medium length, at most: each is about a third of the report's 95.
SHORT_WORDS, MEDIUM_WORDS = 25, 60
LENGTHS = {
    "short": f"Short: at most {SHORT_WORDS} words",
    "medium": f"Medium: {SHORT_WORDS + 1} to {MEDIUM_WORDS} words",
    "long": f"Long: more than {MEDIUM_WORDS} words",
}
VIEWS = {"list": "A list", "cards": "Cards to print (short quotes only)"}
_SHOWN = 60  # characters of a value that nobody offers


@dataclass(frozen=True)
class Said:
    """A quote with what it is filtered by."""

    quoted: Quoted
    section: str
    place: str
    role: str
    speaker: str
    length: str


@dataclass(frozen=True)
class Choice:
    """One of the values of a filter, with how many quotes it has."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Wanted:
    """What a visitor asked for: no values of a filter means all of them."""

    section: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    length: tuple[str, ...] = ()

    def allows(self, one: Said) -> bool:
        """Tell whether a quote is to be shown."""
        return all(
            not wanted or value in wanted
            for wanted, value in (
                (self.section, one.section),
                (self.role, one.role),
                (self.speaker, one.speaker),
                (self.length, one.length),
            )
        )


def add_quotes(app: FastAPI, library: Library) -> None:
    """Add the page `/quotes?section=…&role=…&speaker=…&length=…&view=cards`; section and speaker may be repeated."""
    everything = [said(library.document(one.document_id), one) for one in library.passages if one.speaker]
    places = {one.section: one.place for one in everything}
    roles = {role: _capital(words.many) for role, words in library.roles.items() if role in library.quoted_by_role}
    names = [label for role in roles for label, speaker in library.speakers.items() if speaker.role == role]
    known = {
        "section": places,
        "role": roles,
        "speaker": {name: name for name in names},
        "length": LENGTHS,
        "view": VIEWS,
    }

    @app.get("/quotes", response_class=HTMLResponse)
    def quotes(
        section: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
        role: str = "",
        speaker: Annotated[list[str], Query()] = [],  # noqa: B006
        length: str = "",
        view: str = "list",
    ) -> HTMLResponse:
        asked = {"section": section, "role": [role], "speaker": speaker, "length": [length], "view": [view]}
        asked = {name: [_named(value, known[name]) for value in values if value] for name, values in asked.items()}
        problems = [
            f"There is no {_NAMES[name]} “{value[:_SHOWN]}”. There are: {'; '.join(known[name]) or 'none'}."
            for name, values in asked.items()
            for value in values
            if value not in known[name]
        ]
        valid = {name: tuple(value for value in values if value in known[name]) for name, values in asked.items()}
        cards = "cards" in valid.pop("view")
        wanted = Wanted(**valid)
        found = [one for one in everything if wanted.allows(one)]
        fitting = [one for one in found if one.length == "short"] if cards else found
        return page(
            "quotes.html",
            status=400 if problems else 200,
            here="/quotes",
            references=references_of(library.documents),
            sides_noted=[words.note for words in library.roles.values() if words.note],
            problems=problems,
            cards=cards,
            total=say_counts(everything, library),
            mix=say_counts(fitting, library),
            too_long=len(found) - len(fitting),
            found=fitting,
            themes=[(place, list(among)) for place, among in groupby(fitting, key=lambda one: one.place)],
            silent=say_silent(wanted, everything, places, library),
            wider=[] if fitting else say_wider(wanted, everything),
            sections=_choices(places, [one.section for one in everything], wanted.section),
            roles=_choices(roles, [one.role for one in everything], wanted.role),
            speakers=_choices(known["speaker"], [one.speaker for one in everything], wanted.speaker),
            lengths=_choices(LENGTHS, [one.length for one in everything], wanted.length),
            views=VIEWS,
        )


_NAMES = {
    "section": "theme",
    "role": "role",
    "speaker": "speaker",
    "length": "length",
    "view": "way to show quotes called",
}


def _named(value: str, names: Iterable[str]) -> str:
    """Give a value as the page has it, whatever its letter case; as it is where there is none such."""
    try:
        return find_name(value, names, "value")
    except UnknownName:
        return value


def said(document: Document, passage: Passage) -> Said:
    """Give a quote with what it is filtered by."""
    return Said(
        quoted=quoted(document, passage),
        section=passage.section,
        place=place_of(passage.section, passage.section_title),
        role=passage.role or "",
        speaker=passage.speaker or "",
        length=length_of(passage.text),
    )


def length_of(words: str) -> str:
    """Say whether a quote is short, medium or long."""
    count = len(words.split())
    return "short" if count <= SHORT_WORDS else "medium" if count <= MEDIUM_WORDS else "long"


def say_counts(among: Sequence[Said], library: Library) -> str:
    """Say how many quotes there are, and by whom: "95 quotes: 77 by academic researchers, 18 by public partners"."""
    counts = {role: sum(one.role == role for one in among) for role in library.quoted_by_role}
    sides = ", ".join(f"{count} by {library.roles[role].many}" for role, count in counts.items() if count)
    return f"{len(among)} {'quote' if len(among) == 1 else 'quotes'}{f': {sides}' if sides else ''}"


def say_silent(wanted: Wanted, everything: Sequence[Said], places: dict[str, str], library: Library) -> list[str]:
    """Say which sides are not quoted in the themes asked for, of those that are quoted elsewhere in their documents."""
    silent = []
    for section in wanted.section:
        there = [one for one in everything if one.section == section]
        heard = {one.role for one in there}
        elsewhere = {role for one in there for role in library.document(one.quoted.document_id).roles}
        silent += [
            f"No {library.roles[role].one} is quoted in {places[section]}."
            for role in library.roles
            if role in elsewhere - heard
        ]
    return silent


def say_wider(wanted: Wanted, everything: Sequence[Said]) -> list[str]:
    """Say which filter to leave out, where nothing was found, and how many quotes that would give."""
    wider = []
    for name in ("section", "role", "speaker", "length"):
        if getattr(wanted, name):
            without = Wanted(**{**wanted.__dict__, name: ()})
            count = sum(without.allows(one) for one in everything)
            if count:
                wider.append(f"any {_NAMES[name]}: {count} {'quote' if count == 1 else 'quotes'}")
    return wider


def _choices(labels: dict[str, str], values: Iterable[str], chosen: Sequence[str]) -> list[Choice]:
    among = list(values)
    return [Choice(value, label, among.count(value), value in chosen) for value, label in labels.items()]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
