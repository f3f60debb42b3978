"""Feedback below answers in real Chromium: by keyboard, under a strict policy, told once, saved as drafts."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Page, expect

from assistant.keeping.feedback import drafts_path
from assistant.schema import Query
from assistant.serving.web.api import add_api
from assistant.serving.web.pages import STATIC, templates
from eval.drafts import read_drafts
from tests.web.axe import COLOURS, TAGS, violations
from tests.web.serving import serving

pytestmark = pytest.mark.browser

ASKED = ["What do public partners say about power?", 'And "academics"? <b>']
WCAG = (*TAGS, "best-practice")
STRICT = "default-src 'self'"

PAGE = templates.from_string("""\
{% extends "base.html" %}
{% block title %}Feedback{% endblock %}
{% block head %}
<link rel="stylesheet" href="/files/feedback.css"><script src="/files/feedback.js" defer></script>
{% endblock %}
{% block main %}<h1>Answers</h1><div id="answers">
{% for question in asked %}
<article class="turn" data-question="{{ question }}" data-filters='{{ {"role": "public"} | tojson }}'>
  <h2>{{ question }}</h2><p>An answer.</p>
  {% include "feedback.html" %}
</article>
{% endfor %}
</div>{% endblock %}""")


@pytest.fixture
def opened(browsing, assistant_built, settings_built, tmp_path) -> Iterator[Page]:
    """A page with two answers, feedback below each."""
    app = FastAPI()
    app.mount("/files", StaticFiles(directory=STATIC))
    add_api(app, assistant_built, settings_built.model_copy(update={"data_dir": tmp_path}))

    @app.get("/")
    def answers() -> Response:
        return HTMLResponse(PAGE.render(asked=ASKED, here=""), headers={"Content-Security-Policy": STRICT})

    with serving(app) as address:
        context = browsing.new_context(viewport={"width": 1000, "height": 900})
        page = context.new_page()
        page.set_default_timeout(20_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda one: wrong.append(one.text) if "Content Security Policy" in one.text else None)
        page.goto(address)
        yield page
        context.close()
        assert wrong == []


def form(page: Page, number: int):
    return page.get_by_role("group", name="Feedback on this answer").nth(number)


def test_helpful_is_one_press_and_is_saved_with_what_the_answer_showed(opened, assistant_built, tmp_path):
    said = form(opened, 0).get_by_role("button", name="Helpful", exact=True)
    expect(form(opened, 0)).to_contain_text("Your feedback is saved, for review, on the computer that runs this chat")
    said.focus()
    opened.keyboard.press("Enter")
    expect(form(opened, 0).get_by_role("status")).to_have_text("Saved. Thank you.")
    expect(said).to_have_attribute("aria-pressed", "true")
    expect(said).to_be_focused()
    opened.keyboard.press("Enter")  # pressed again: nothing more is sent
    expect(form(opened, 1).get_by_role("status")).to_have_text("")
    [(draft, _)] = read_drafts(drafts_path(tmp_path))
    assert (draft.question, draft.helpful, draft.history) == (ASKED[0], True, ())
    answer = assistant_built.ask(Query.model_validate({"question": ASKED[0], "filters": {"role": "public"}}))
    places = [(one.document_id, one.start, one.end) for one in answer.citations]
    assert [(one.document_id, one.start, one.end) for one in draft.cited] == places and places


def test_not_helpful_by_keyboard_alone_with_a_reason(opened, tmp_path):
    form(opened, 1).get_by_role("button", name="Not helpful").focus()
    opened.keyboard.press("Space")
    reason = form(opened, 1).get_by_label("What was wrong or missing? You need not say.")
    expect(reason).to_be_focused()
    expect(form(opened, 1).get_by_role("button", name="Not helpful")).to_have_attribute("aria-expanded", "true")
    opened.keyboard.type("<script>document.title = 'run'</script> “No academics.”")
    opened.keyboard.press("Tab")
    expect(form(opened, 1).get_by_role("button", name="Send")).to_be_focused()
    opened.keyboard.press("Enter")
    expect(form(opened, 1).get_by_role("status")).to_have_text("Saved. Thank you.")
    expect(reason).to_be_hidden()
    expect(form(opened, 1).get_by_role("button", name="Not helpful")).to_be_focused()
    [(draft, _)] = read_drafts(drafts_path(tmp_path))
    assert (draft.question, draft.helpful, draft.history) == (ASKED[1], False, (ASKED[0],))
    assert draft.note.endswith("<script>document.title = 'run'</script> “No academics.”")
    assert opened.title() != "run"


def test_cancel_sends_nothing_and_gives_the_focus_back(opened, tmp_path):
    form(opened, 0).get_by_role("button", name="Not helpful").click()
    form(opened, 0).get_by_role("button", name="Cancel").click()
    expect(form(opened, 0).get_by_label("What was wrong or missing?")).to_be_hidden()
    expect(form(opened, 0).get_by_role("button", name="Not helpful")).to_be_focused()
    assert read_drafts(drafts_path(tmp_path)) == ()


def test_what_was_not_saved_is_told_and_can_be_sent_again(opened, tmp_path):
    (tmp_path / "cases").write_text("a file where the folder should be")
    helpful = form(opened, 0).get_by_role("button", name="Helpful", exact=True)
    helpful.click()
    expect(form(opened, 0).get_by_role("status")).to_contain_text("The feedback was not saved: the data folder cannot")
    expect(helpful).to_have_attribute("aria-pressed", "false")
    (tmp_path / "cases").unlink()
    helpful.click()
    expect(form(opened, 0).get_by_role("status")).to_have_text("Saved. Thank you.")
    opened.context.set_offline(True)
    form(opened, 1).get_by_role("button", name="Helpful", exact=True).click()
    expect(form(opened, 1).get_by_role("status")).to_contain_text("The server cannot be reached")
    assert len(read_drafts(drafts_path(tmp_path))) == 1


def test_answers_added_or_drawn_again_later_work_and_a_new_conversation_shows_nothing_of_it(opened, tmp_path):
    form(opened, 0).get_by_role("button", name="Helpful", exact=True).click()
    expect(form(opened, 0).get_by_role("status")).to_have_text("Saved. Thank you.")
    fresh = opened.evaluate(
        """async () => {
            const text = await (await fetch('/')).text();
            const answers = document.getElementById('answers');
            answers.innerHTML = new DOMParser().parseFromString(text, 'text/html').getElementById('answers').innerHTML;
            return answers.innerHTML;
        }"""
    )
    pressed = form(opened, 0).get_by_role("button", name="Helpful", exact=True)
    expect(pressed).to_have_attribute("aria-pressed", "true")  # drawn again, it still shows what was said
    form(opened, 1).get_by_role("button", name="Helpful", exact=True).click()
    expect(form(opened, 1).get_by_role("status")).to_have_text("Saved. Thank you.")
    assert len(read_drafts(drafts_path(tmp_path))) == 2
    opened.evaluate("() => { document.getElementById('answers').innerHTML = '' }")
    opened.wait_for_timeout(50)
    opened.evaluate("fresh => { document.getElementById('answers').innerHTML = fresh }", fresh)
    opened.wait_for_timeout(50)
    expect(pressed).to_have_attribute("aria-pressed", "false")


def broken_in_any_look(page: Page) -> list[str]:
    """Run all rules in the colours that a page has at first, and in the others what colours can break."""
    found = [f"light: {one}" for one in violations(page, WCAG)]
    for look in ("dark", "contrast"):
        page.evaluate("look => { document.documentElement.dataset.look = look }", look)
        found += [f"{look}: {one}" for one in violations(page, rules=COLOURS)]
    page.evaluate("() => { delete document.documentElement.dataset.look }")
    return found


def test_every_state_is_free_of_violations_and_fits_a_narrow_screen(opened):
    opened.set_viewport_size({"width": 320, "height": 800})
    assert broken_in_any_look(opened) == []
    form(opened, 0).get_by_role("button", name="Not helpful").click()
    assert broken_in_any_look(opened) == []
    assert opened.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    heights = form(opened, 0).get_by_role("button").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert len(heights) == 4 and min(heights) >= 44
    form(opened, 0).get_by_role("button", name="Send").click()
    expect(form(opened, 0).get_by_role("status")).to_have_text("Saved. Thank you.")
    assert broken_in_any_look(opened) == []


def test_violation_would_be_noticed(opened):
    opened.evaluate("() => document.querySelector('.feedback label').firstChild.remove()")
    form(opened, 0).get_by_role("button", name="Not helpful").click()
    assert any(one.startswith("label:") for one in violations(opened, WCAG))


def test_pale_words_would_be_noticed_in_the_look_that_has_them(opened):
    opened.evaluate(
        """() => new MutationObserver(() => {
            const pale = document.documentElement.dataset.look === "contrast";
            document.querySelector("h1").style.color = pale ? "#333" : "";
        }).observe(document.documentElement, { attributes: true })"""
    )
    [found] = broken_in_any_look(opened)
    assert found.startswith("contrast: color-contrast:")


def test_the_page_for_programs_is_free_of_violations_and_fits(opened):
    opened.goto(opened.url + "api")
    opened.set_viewport_size({"width": 320, "height": 800})
    assert broken_in_any_look(opened) == []
    assert opened.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
