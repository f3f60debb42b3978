"""The chat as tests use it: ask, wait for the whole answer, and look for what axe-core finds wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Route, expect

from tests.web.axe import violations


def box(page: Page) -> Locator:
    """The question box, which is there from the start."""
    ready = page.locator("#question textarea")
    expect(ready).to_be_visible()
    return ready


def open_chat(page: Page, server: str, **session: str) -> None:
    """Open the chat, with looks chosen before: `look="dark"`, `text="large"`."""
    for name, value in session.items():
        page.add_init_script(f"if (top === window) sessionStorage.setItem('coproduce.{name}', '{value}')")
    page.goto(server)
    expect(box(page)).to_be_focused()
    expect(page.locator("#newest")).to_be_attached()  # Gradio is there


def ask(page: Page, question: str) -> Locator:
    """Ask by keyboard and give the turn once it is whole."""
    turns = page.locator(".turn").count()
    expect(box(page)).to_be_focused()
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    return answered(page, turns + 1)


def answered(page: Page, number: int) -> Locator:
    """Wait until a turn is whole and the focus is back in the box."""
    turn = page.locator(f"#turn-{number}[data-complete]")
    expect(turn).to_be_visible()
    expect(box(page)).to_be_focused()
    return turn


@contextmanager
def held_back(page: Page, addresses: str) -> Iterator[None]:
    """Hold back what is asked for at these addresses, as on a slow line, and let it go at the end."""
    held: list[Route] = []
    over = False

    def hold(route: Route) -> None:
        if over:
            route.continue_()
        else:
            held.append(route)

    page.route(addresses, hold)
    yield
    over = True
    for route in held:
        route.continue_()


def axe_violations(page: Page, *, rules: tuple[str, ...] = (), report: bool = True) -> list[str]:
    """Run axe-core on the chat; on the report in its frame too, if a citation is open and `report` is not False."""
    return violations(page, rules=rules, frames=report and page.locator("#back-to-answer").is_visible())
