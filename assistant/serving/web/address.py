"""What the address of a frame, or of the projector view, asks for: read once, and every fault in it told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from markupsafe import Markup

from assistant.quoting.cite import place_of
from assistant.serving.web.language import DEFAULT, Language, languages
from corpus.errors import UnknownName
from corpus.filters import Filters
from corpus.library import Library, find_name
from corpus.schema import Kind

#: Without one, the device's own colours are used.
THEMES = ("light", "dark", "contrast")


@dataclass(frozen=True)
class Options:
    """What was asked for, as far as it exists. `faults` says in HTML what does not."""

    language: Language
    lang: str = DEFAULT
    theme: str = ""
    question: str = ""
    ask: bool = False
    filters: Filters = field(default_factory=Filters)
    earlier: tuple[str, ...] = ()
    number: int = 1
    faults: tuple[Markup, ...] = ()
    limits: tuple[Markup, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """Give the names and values that keep these options in a form or an address, without the question."""
        narrowed = self.filters.model_dump(mode="json", exclude_none=True)
        kept = {"theme": self.theme, "lang": self.lang if self.lang != DEFAULT else "", **narrowed}
        pairs = [(name, value) for name, value in kept.items() if value]
        return [*pairs, *(("earlier", question) for question in self.earlier)]

    def address(self, path: str, **more: str | int) -> str:
        """Write the address of a page with these options. Its values are percent-encoded."""
        query = urlencode([*self.pairs(), *more.items()])
        return f"{path}?{query}" if query else path


def read_options(
    given: Iterable[tuple[str, str]], known: Sequence[str], library: Library, question: str = "question"
) -> Options:
    """Read the names and values of an address. `known` are the names that the page takes.

    `question` is the name that the question has. Empty values count as left out. Of a name given twice, the first
    counts; but `earlier`, a question asked before, may come several times, oldest first.
    """
    pairs = list(given)
    values = {name: value.strip() for name, value in reversed(pairs)}
    wanted = values.get("lang", "").casefold()
    lang = wanted if wanted in languages() else DEFAULT
    language = languages()[lang]
    faults = [language.say("unknown_name", name=name, choices=", ".join(known)) for name in values if name not in known]

    def choose(name: str, choices: Sequence[str]) -> str | None:
        value = values.get(name, "") if name in known else ""
        try:
            return find_name(value, list(choices), name) if value else None
        except UnknownName:
            faults.append(language.say("unknown_value", name=name, value=value, choices=", ".join(choices)))
            return None

    sections = {section.id: section.title for section in library.sections}
    choose("lang", list(languages()))
    theme = choose("theme", THEMES) or ""
    role = choose("role", list(library.roles))
    section = choose("section", list(sections))
    speaker = choose("speaker", list(library.speakers))
    kind = choose("kind", list(Kind))
    ask = choose("ask", ["0", "1"]) == "1"
    number = values.get("n", "")
    if number and not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= 99):
        faults.append(language.say("unknown_value", name="n", value=number, choices="1, 2, 3 …"))
        number = ""
    limits = [
        *([language.say("only_section", section=place_of(section, sections[section]))] if section else []),
        *([language.only_role(library.roles[role])] if role else []),
        *([language.say("only_speaker", speaker=speaker)] if speaker else []),
    ]
    filters = Filters(role=role, section=section, speaker=speaker, kind=Kind(kind) if kind else None)
    return Options(
        language=language,
        lang=lang,
        theme=theme,
        question=values.get(question, ""),
        ask=ask,
        filters=filters,
        earlier=tuple(value for name, value in pairs if name == "earlier" and name in known and value.strip())[-6:],
        number=int(number or 1),
        faults=tuple(faults),
        limits=tuple(limits),
    )
