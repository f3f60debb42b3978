"""Sessions in real Chromium: live pages that keep what is typed and where the focus is, and axe-core on every state."""

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from assistant.pipeline import Assistant
from assistant.room import changes as to
from assistant.room.exports.pages import write_scorm
from assistant.serving.web.server import create_app
from assistant.settings import Settings
from tests.payloads import HOST, PAYLOADS, RAN
from tests.web.axe import COLOURS, violations
from tests.web.embedding import scrolls_sideways
from tests.web.room_http import Session
from tests.web.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
Served = tuple[FastAPI, str]


@pytest.fixture(scope="module")
def served(
    assistant_built: Assistant, settings_built: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("rooms")
    app = create_app(
        assistant_built, settings_built.model_copy(update={"data_dir": data, "room": True, "room_sessions": 100})
    )
    with serving(app) as address:
        yield app, address
        app.state.rooms.stop_streams()
    app.state.rooms.close()


Open = Callable[..., Page]


@pytest.fixture
def opened(browsing: Browser) -> Iterator[Open]:
    """Open pages in profiles of their own."""
    contexts: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        context = browsing.new_context(viewport={"width": 400, "height": 800}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def join(page: Page, session: Session) -> Page:
    page.goto(f"{session.base}{session.at}/take")
    page.get_by_role("button", name="Join").click()
    page.wait_for_selector("[data-room=take]")
    return page


def lead(page: Page, session: Session) -> Page:
    page.goto(f"{session.base}{session.at}/lead#{session.key}")
    page.wait_for_selector("[data-room=lead]")
    return page


def check(page: Page, name: str) -> None:
    """Hold a page against axe in all looks, and see that nothing scrolls sideways in a narrow window."""
    assert violations(page) == [], name
    page.set_viewport_size({"width": 320, "height": 640})
    assert not scrolls_sideways(page), name
    for look in ("dark", "contrast"):
        page.evaluate("(look) => { document.documentElement.dataset.look = look }", look)
        assert violations(page, rules=COLOURS) == [], (name, look)
    page.evaluate("() => { delete document.documentElement.dataset.look }")
    page.set_viewport_size({"width": 400, "height": 800})


def test_double_tap_sends_once_and_what_is_typed_meanwhile_stays(served: Served, opened: Open) -> None:
    session = Session(*served, "short", dots="3")
    page = join(opened(), session)
    held: list[Route] = []
    page.route("**/take/ask", lambda route: held.append(route))  # noqa: PLW0108 - a slow network; it takes no built-in
    box, ask = page.locator("#question"), page.get_by_role("button", name="Ask", exact=True)
    box.fill("What are ground rules for?")
    ask.click()
    ask.click()
    page.wait_for_timeout(200)
    box.fill("And who wr")
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("[data-part=mine] article")).to_have_count(1)
    page.wait_for_timeout(500)
    expect(box).to_have_value("And who wr")
    page.unroute("**/take/ask")
    page.reload()
    expect(page.locator("#question")).to_have_value("And who wr")
    page.locator("#question").fill("And who writes them?")
    page.get_by_role("button", name="Ask", exact=True).click()  # the control: what was sent is taken out of the box
    expect(page.locator("#question")).to_have_value("")

    page.locator("#dots-1").fill("2")
    page.reload()
    expect(page.locator("#dots-1")).to_have_value("2")


def test_what_is_typed_and_focused_stays_while_the_session_goes_on(served: Served, opened: Open) -> None:
    session = Session(*served, "middle")
    page = join(opened(), session)
    facilitator = lead(opened(), session)
    assert session.key not in facilitator.url  # it is taken out of the address

    box = page.locator("#question")
    box.press_sequentially("What are ground ru")
    for number in range(12):  # twenty changes a second, and more
        session.do("pause " + ("yes" if number % 2 else "no"))
        session.do("screen " + ("join" if number % 2 else "rules"))
    expect(page.locator("[data-part=status]")).to_contain_text("The session is paused")
    expect(box).to_be_focused()
    expect(box).to_have_value("What are ground ru")
    page.reload()
    expect(page.locator("#question")).to_have_value("What are ground ru")
    session.do("pause no")

    page.locator("#question").press_sequentially("les for?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(facilitator.locator("[data-part=questions]")).to_contain_text("What are ground rules for?")
    expect(page.locator("[data-part=mine] figure").first).to_be_visible()
    expect(page.locator("#question")).to_have_value("")
    screen = opened()
    link = session.lead.post(
        f"{session.at}/lead/do", {"do": "screen-link"}, headers={"accept": "application/json"}
    ).json()["link"]
    screen.goto(link)
    expect(screen.locator(".how-to-join")).to_be_visible()
    facilitator.get_by_role("button", name="On the screen: What are ground rules for?").click()
    expect(screen.locator(".slide")).to_contain_text("What are ground rules for?")
    expect(page.locator("[data-part=mine]")).to_contain_text("It is on the screen.")
    expect(page.locator("[data-part=screen]")).to_contain_text("What are ground rules for?")
    page.get_by_role("button", name="Stop following the screen").click()
    session.do("screen rules")
    expect(screen.locator(".slide")).to_contain_text("Our ground rules")
    expect(page.locator("[data-part=screen]")).to_contain_text("What are ground rules for?")

    session.do("move 1 think")
    page.locator("input[name=f-card-0]").first.check()
    expect(page.locator("#step-title")).to_have_text("Who said this?")
    session.do("move 1 pairs")  # the form goes, and the focus with it to the heading
    expect(page.locator("#step-title")).to_be_focused()
    session.do("move 1 think")
    expect(page.locator("input[name=f-card-0]").first).to_be_checked()  # half done, and still there
    check(page, "take, answering")
    check(facilitator, "lead")
    check(screen, "screen")


def test_what_cannot_be_sent_is_kept_and_counts_once(served: Served, opened: Open) -> None:
    session = Session(*served)
    page = join(opened(), session)
    page.context.set_offline(True)
    page.locator("#question").fill("What is trust?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("form[action$='/ask'] [data-told]")).to_contain_text("Not sent yet")
    page.context.set_offline(False)
    expect(page.locator("[data-part=mine]")).to_contain_text("What is trust?")
    assert [one.text for one in session.file.room.questions.values()] == ["What is trust?"]


def test_hidden_page_has_no_stream_and_shows_the_present_step_when_it_wakes(served: Served, opened: Open) -> None:
    session = Session(*served)
    page = join(opened(), session)
    live = session.app.state.rooms.live(session.file)
    expect(page.locator("#step-title")).to_have_text("Ground rules for today")

    def streams(count: int) -> None:
        end = time.monotonic() + 30
        while live.streams != count:
            session.file.told()  # a stream notices that nobody listens when it next has something to say
            assert time.monotonic() < end, live.streams
            page.wait_for_timeout(200)

    streams(1)
    hide = """(hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    streams(0)
    session.do("move 1 think")
    expect(page.locator("#step-title")).to_have_text("Ground rules for today")
    page.evaluate(hide, False)
    expect(page.locator("#step-title")).to_have_text(
        "Can public partners and researchers have equal power?", timeout=5000
    )


HEAR = """() => {
    const live = document.querySelector('[data-live]');
    window.heard = [];
    new MutationObserver(() => window.heard.push([performance.now(), live.textContent]))
        .observe(live, { childList: true, characterData: true, subtree: true });
}"""


def test_what_comes_on_the_screen_is_heard_and_a_timers_warning_again_after_lengthening(
    served: Served, opened: Open
) -> None:
    session = Session(*served)
    page = join(opened(), session)
    page.evaluate(HEAR)

    def heard(words: str, times: int) -> None:
        page.wait_for_function(
            "([words, times]) => window.heard.filter((one) => one[1].includes(words)).length === times",
            arg=[words, times],
        )

    session.do("screen quote 0")
    heard("On the screen now: “Get everyone around the table", 1)
    for number in (1, 2):
        session.file.do("lead", f"timer {number}", to.TimerSet(ends=time.time() + 63, shown=True))
        heard("One minute is left.", number)


def test_screen_reader_hears_one_sentence_in_five_seconds(served: Served, opened: Open) -> None:
    session = Session(*served, "middle")
    page, other = join(opened(), session), session.join()
    page.evaluate(HEAR)
    end = time.monotonic() + 12
    number = 0
    while time.monotonic() < end:
        number += 1
        session.do(f"move {number % 2} think")
        if number % 2:
            other.send(f"{session.at}/take/answer", {"step": "what-counts-who", "round": "1", "f-card-0": "public"})
    heard = page.evaluate("() => window.heard")
    assert 1 <= len(heard) <= 4
    assert all(later[0] - earlier[0] > 4900 for earlier, later in pairwise(heard))
    assert not [words for _, words in heard if "public" in words.lower()]  # nothing of another's answer


def test_every_other_page_and_state_keeps_the_rules(served: Served, opened: Open) -> None:
    session = Session(*served, "long")
    page = opened()
    for path in ("/room", "/room/check", "/room/packs", f"{session.at}/take", f"{session.at}/lead", "/room/none/take"):
        page.goto(f"{served[1]}{path}")
        check(page, path)
    page.goto(f"{served[1]}/room/new#{served[0].state.rooms.maker_key}")
    page.wait_for_selector("input[name=plan]")
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    check(page, "new")
    page.get_by_role("button", name="Make the session").click()
    check(page, "made")
    others = [session.join() for _ in range(3)]
    take = join(opened(), session)
    facilitator = lead(opened(), session)
    facilitator.goto(f"{served[1]}{session.at}/lead/end")
    check(facilitator, "end")
    facilitator.goto(f"{served[1]}{session.at}/lead")
    session.do("timer shown", minutes="5")
    for number, step in enumerate(session.file.room.plan.steps):
        session.do(f"move {number} think")
        for device in others:
            fields = {f"f-card-{n}": step.themes[0].key for n in range(len(step.cards))} if step.themes else {}
            fields |= {"f-nearer": "view-1"} if step.kind == "two_views" else {}
            if fields:
                device.send(f"{session.at}/take/answer", {"step": step.id, "round": "1", **fields})
        session.do(f"results {step.id} yes")
        expect(take.locator("#step-title")).to_have_text(step.title)
        take.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        assert violations(take) == [], step.id
        session.do(f"move {number} read")
        session.do("screen results")
        expect(take.locator("[data-part=step] form[data-form]")).to_have_count(0)
        assert violations(take) == [], (step.id, "read")
        facilitator.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
        assert violations(facilitator) == [], (step.id, "lead")
    take.set_viewport_size({"width": 320, "height": 256})  # 400 per cent of a small window
    assert not scrolls_sideways(take)


def test_page_works_by_keyboard_alone(served: Served, opened: Open) -> None:
    session = Session(*served)
    page = join(opened(), session)
    page.locator("#rule-text").focus()
    page.keyboard.type("One voice at a time")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=step]")).to_contain_text("Rules that you suggested")
    assert [rule.text for rule in session.file.room.rules.values()] == ["One voice at a time"]


def test_page_on_which_a_trainer_tries_it_says_what_works(served: Served, opened: Open) -> None:
    page = opened()
    page.goto(f"{served[1]}/room/check")
    expect(page.locator("[data-try=live]")).to_contain_text("works", timeout=20_000)
    expect(page.locator("[data-try=join]")).to_contain_text("works")
    expect(page.locator("[data-try=ask]")).to_contain_text("works: an answer with")


def test_words_of_people_run_and_load_nothing_on_any_page(served: Served, opened: Open) -> None:
    """Every payload as a question, nickname, rule, flagged word, answer, title and closing page, on all three pages."""
    session = Session(*served, "long", title=PAYLOADS[0][:160], nicknames="1")
    site = served[0].state.rooms
    site.settings = site.settings.model_copy(update={"room_waiting": 100})
    devices = [session.join(nickname=PAYLOADS[number][:30]) for number in range(1 + len(PAYLOADS) // 10)]
    asked = []
    pages = [join(opened(), session), lead(opened(), session), opened()]
    link = session.lead.post(f"{session.at}/lead/do", {"do": "screen-link"}, headers={"accept": "application/json"})
    pages[2].goto(link.json()["link"])
    for page in pages:
        page.on("request", lambda request: asked.append(request.url))
    for number, payload in enumerate(PAYLOADS):
        device = devices[number // 10]  # one device suggests ten rules at most
        device.send(f"{session.at}/take/ask", {"question": payload})
        device.send(f"{session.at}/take/flag", {"word": payload[:60]})
        device.send(f"{session.at}/take/rule", {"rule": payload[:200]})
    session.do("screen rules", **{"listed-rules": "\n".join(session.file.room.rules)})
    expect(pages[2].locator(".rules li")).to_have_count(len(PAYLOADS))
    session.do(f"move {len(session.file.room.plan.steps) - 1} think")
    for number, payload in enumerate(PAYLOADS):
        device.send(f"{session.at}/take/answer", {"step": "closing-closing", "round": "1", "f-one-thing": payload})
        answer = next(iter(session.file.room.responses["closing-closing", 1]))
        if number % 8 == 0:
            session.do(f"screen answer closing-closing/1/{answer}")
            question = list(session.file.room.questions)[number]
            session.do(f"screen question {question}")
            expect(pages[2].locator(".slide.question")).to_be_visible()
    for page in pages:
        page.wait_for_timeout(500)
        assert page.evaluate(f"() => document.documentElement.hasAttribute('{RAN}')") is False
        assert page.locator("iframe, object, dialog, meta[http-equiv], video").count() == 0
    assert [url for url in asked if HOST in url] == []


LMS = """<!doctype html><html lang="en"><title>A stand-in for a learning platform</title><script>
window.told = [];
window.API = Object.fromEntries(["LMSInitialize", "LMSSetValue", "LMSCommit", "LMSFinish"].map(
  (name) => [name, (...said) => { window.told.push([name, ...said]); return "true"; }]));
</script><iframe title="The package" src="/package/index.html"></iframe></html>"""


@pytest.mark.parametrize("platform", [True, False])
def test_scorm_page_reports_that_it_was_completed_and_nothing_else(
    served: Served, opened: Open, platform: bool
) -> None:
    packs = served[0].state.rooms.packs
    with zipfile.ZipFile(io.BytesIO(write_scorm(packs.steps["what-counts-who"], packs.quotes))) as package:
        written = package.read("index.html").decode()
    page, faults = opened(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.route("http://lms.example/**", lambda route: route.fulfill(
        body=written if "package" in route.request.url else LMS, content_type="text/html; charset=utf-8"
    ))  # fmt: skip
    page.goto("http://lms.example/" if platform else "http://lms.example/package/index.html")
    sco = page.frames[-1]
    sco.get_by_label("A public partner").first.check()
    sco.get_by_role("button", name="I have finished").click()
    expect(sco.locator("#told")).to_have_text("Thank you.")
    assert violations(sco) == []
    if platform:
        assert page.evaluate("() => window.told") == [
            ["LMSInitialize", ""], ["LMSSetValue", "cmi.core.lesson_status", "completed"], ["LMSCommit", ""],
        ]  # fmt: skip
        page.locator("iframe").evaluate("(one) => one.remove()")
        assert page.evaluate("() => window.told.at(-1)") == ["LMSFinish", ""]
    assert faults == []


def test_every_plain_state_keeps_the_rules(served: Served, opened: Open) -> None:
    """Pages that the others lead to: refusals, second links, files, the end, each as it is without a script too."""
    key = served[0].state.rooms.maker_key
    session = Session(*served, "middle", nicknames="1", language="ur")
    page = opened()

    def sent(form: str, name: str, **fields: str) -> None:
        for field, value in fields.items():
            page.locator(f"{form} [name={field}]").fill(value)
        page.locator(form).get_by_role("button", name=name).click()
        page.wait_for_load_state()

    page.goto(f"{served[1]}{session.at}/take")
    check(page, "before, with nicknames, from right to left")
    page.goto(f"{served[1]}/room")
    sent("form.stack", "Go on", code="XXXXXX")
    check(page, "wrong code")
    page.goto(f"{served[1]}/room/new")
    sent("[data-key-form]", "Open", key="0" * 32)
    check(page, "wrong key")
    page.goto(f"{served[1]}/room/packs")
    sent("[data-key-form]", "Open", key=key)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    check(page, "packs")
    page.goto(f"{served[1]}/room/new")
    page.get_by_role("button", name="Try it with pretend participants").click()
    check(page, "made for trying out")
    page.goto(f"{served[1]}/room/new")
    page.get_by_label("My own choice, from below").check()
    page.get_by_role("button", name="Make the session").click()
    check(page, "an own plan of nothing but ground rules, or refused")

    plain = opened(java_script_enabled=False)
    plain.goto(f"{served[1]}{session.at}/lead")
    plain.locator("[name=key]").fill(session.key)
    plain.get_by_role("button", name="Open").click()
    for button in ("Make a link for the screen", "Make a link for a co-facilitator"):
        plain.goto(f"{served[1]}{session.at}/lead")
        plain.get_by_role("button", name=button).click()
        look(page, plain, button)
    plain.goto(f"{served[1]}{session.at}/lead/cases/choose")
    look(page, plain, "no questions without an answer")
    device = session.join()
    device.send(f"{session.at}/take/ask", {"question": "What does a heron eat?"})
    end = time.monotonic() + 30
    while not session.file.room.answers and time.monotonic() < end:
        time.sleep(0.1)
    plain.reload()
    look(page, plain, "questions without an answer")
    plain.goto(f"{served[1]}{session.at}/lead/end")
    plain.get_by_role("button", name="End it, and keep it").click()
    look(page, plain, "ended")
    plain.goto(f"{served[1]}{session.at}/lead/end")
    look(page, plain, "end of what has ended")
    plain.get_by_role("button", name="Delete it now").click()
    look(page, plain, "deleted")


def look(page: Page, plain: Page, name: str) -> None:
    """Hold a page that was reached without a script against axe, in a page that may run it."""
    assert plain.locator("h1").count() == 1, name
    address = f"{plain.url.partition('/room')[0]}/room/check"
    shown = re.sub(r'<script src="/files/room.js"[^>]*></script>', "", plain.content())
    page.route(address, lambda route: route.fulfill(body=shown, content_type="text/html; charset=utf-8"))
    page.goto(address)
    check(page, name)
    page.unroute(address)
