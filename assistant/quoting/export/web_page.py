"""Write a collection as one HTML page that needs nothing beside it, runs nothing and prints well.

The page's policy allows its one style sheet, by its hash, and nothing else: no script, image, frame, form or link of a
document could do anything, whatever the escaping does.
"""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.quoting.cite import marker
from assistant.quoting.export.collect import Collection
from assistant.quoting.export.references import vancouver
from assistant.quoting.visible import in_one_line, visible

_TEMPLATES = Path(__file__).parent / "templates"
_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def write_html(collection: Collection, _: str = "") -> str:
    """Write the collection as a page. Everything from a person or a document is escaped by the template."""
    style = (_TEMPLATES / "export.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _environment.get_template("export.html").render(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704 - our own file
        title=in_one_line(collection.title),
        made_on=collection.made_on,
        parts=collection.parts,
        references=[f"{collection.numbers_of(one)}: {vancouver(one)}" for one in collection.documents],
        notes=collection.notes,
        marker=marker,
        line=in_one_line,
        lines=_with_lines,
    )


def _with_lines(words: str) -> Markup:
    return Markup("<br>").join(visible(words).split("\n"))
