"""Write a sheet as one HTML page for paper, that needs nothing beside it and runs nothing."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.quoting.visible import in_one_line, visible
from assistant.room.exports.sheets import Sheet

TEMPLATES = Path(__file__).parent / "templates"
environment = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def write_paper(sheet: Sheet) -> str:
    """Write a sheet. Everything from a person or a document is escaped by the template."""
    style = (TEMPLATES / "sheet.css").read_text(encoding="utf-8")
    return environment.get_template("sheet.html").render(
        policy=f"default-src 'none'; style-src '{hash_of(style)}'; base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704 - our own file
        sheet=sheet,
        line=in_one_line,
        lines=with_lines,
    )


def hash_of(inline: str) -> str:
    """Give the hash by which a page's policy names what stands inside it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}"


def with_lines(words: str) -> Markup:
    """Escape words, and keep their lines."""
    return Markup("<br>").join(visible(words).split("\n"))
