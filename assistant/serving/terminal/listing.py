"""The commands that list what the library holds: its quotes, its sections, its glossary."""

import json
from typing import Annotated

import typer

from assistant.serving.terminal.arguments import AsJson, RoleOption, SectionOption, SpeakerOption
from assistant.serving.terminal.console import out, print_json
from corpus.errors import CoproduceError


def quotes(
    role: RoleOption = None, speaker: SpeakerOption = None, section: SectionOption = None, as_json: AsJson = False
) -> None:
    """List the interview quotes, each with its speaker and place.

    Example: coproduce quotes --role public
    """
    from assistant.serving.calls import QuotesWanted, list_quotes  # noqa: PLC0415
    from corpus.load import load_library  # noqa: PLC0415

    wanted = QuotesWanted(role=role, speaker=speaker, section=section)
    found = list(list_quotes(load_library(), wanted).quotes)
    if as_json:
        print_json(json.dumps([quote.model_dump(mode="json") for quote in found], ensure_ascii=False, indent=1))
        return
    from assistant.serving.terminal.present import show_quotes  # noqa: PLC0415

    show_quotes(out, found)


def sections(as_json: AsJson = False) -> None:
    """List the report's sections.

    Example: coproduce sections
    """
    from corpus.load import load_library  # noqa: PLC0415

    found = [
        (section, document.lines_of(section.start, section.end))
        for document in load_library().documents
        for section in document.sections
    ]
    if as_json:
        rows = [
            {"id": section.id, "title": section.title, "path": section.path, "lines": lines} for section, lines in found
        ]
        print_json(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    from assistant.serving.terminal.present import show_sections  # noqa: PLC0415

    show_sections(out, found)


def glossary(
    word: Annotated[str | None, typer.Argument(help="A word to explain. [default: all of them]")] = None,
) -> None:
    """Explain words, and list what else people call the same thing.

    Example: coproduce glossary PPI
    """
    from assistant.serving.terminal.present import show_glossary  # noqa: PLC0415
    from corpus.load import load_library  # noqa: PLC0415

    entries = [entry for entry in load_library().glossary if word is None or entry.pattern.search(word)]
    if not entries:
        raise CoproduceError(f"the glossary does not explain {word!r}. Without a word, all of it is listed.")
    show_glossary(out, entries)
