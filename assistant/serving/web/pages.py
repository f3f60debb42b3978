"""How pages of ours are written: Jinja2 templates that escape everything, and the addresses that they share."""

from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

STATIC = Path(__file__).parent / "static"
templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: What is answered from, in the header of every page: "the report on …". A process serves one library.
templates.globals["described"] = ""


def name_library(described: str) -> None:
    """Have every page's header name what is answered from."""
    templates.globals["described"] = described


def render(template: str, **values: object) -> str:
    """Write a template as HTML. Everything from a person or a document is escaped by the template."""
    return templates.get_template(template).render(**values)


def page(template: str, *, status: int = 200, here: str = "", **values: object) -> HTMLResponse:
    """Answer a request with a page; `here` is its address in the navigation."""
    return HTMLResponse(render(template, here=here, **values), status_code=status)
