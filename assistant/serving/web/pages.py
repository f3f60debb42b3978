"""How pages of ours are written: Jinja2 templates that escape everything, and the addresses that they share.

Templates write addresses as if the pages stood at the root. Where a proxy serves them below a sub-path, it is put
before each as a template is written, so that none can be forgotten.
"""

import re
from datetime import date
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
templates.globals["today"] = date.today
#: The sub-path of this process's application; it serves one.
templates.globals["root"] = ""


def write_below(root: str) -> None:
    """Write pages from now on as they are reached below a sub-path: `/sub`, or nothing for the root."""
    templates.globals["root"] = root


#: What is answered from, in the header of every page: "the report on …". A process serves one library.
templates.globals["described"] = ""


def name_library(described: str) -> None:
    """Have every page's header name what is answered from."""
    templates.globals["described"] = described


def render(template: str, **values: object) -> str:
    """Write a template as HTML. Everything from a person or a document is escaped by the template."""
    html = templates.get_template(template).render(**values)
    root = str(templates.globals["root"])
    if not root:
        return html
    # What was written as a part of this has it already. In text a quotation mark is escaped: only attributes are found.
    address = rf'(\s(?:href|src|action|formaction|data-turn)=")/(?!/|{re.escape(root[1:])}[/"])'
    return re.sub(address, lambda found: f"{found[1]}{root}/", html)


def page(template: str, *, status: int = 200, here: str = "", **values: object) -> HTMLResponse:
    """Answer a request with a page; `here` is its address in the navigation."""
    return HTMLResponse(render(template, here=here, **values), status_code=status)
