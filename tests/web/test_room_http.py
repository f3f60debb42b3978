"""Sessions over plain HTTP: joining, asking, answering, leading; each attempt at more fails, beside a control."""

import io
import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pptx
import pytest
from fastapi import FastAPI

from assistant.pipeline import Assistant
from assistant.room import changes as to
from assistant.room.seen import PARTS, Viewer, see
from assistant.serving.web.rooms.doors import COOKIE, Guesses
from assistant.serving.web.rooms.taking import MOST_QUESTION_CHARACTERS
from assistant.serving.web.server import create_app
from assistant.settings import Settings
from tests.payloads import ONE_OF_EACH, PAYLOADS
from tests.web.live import alive
from tests.web.room_http import Device, Session
from tests.web.serving import serving

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
    app.state.rooms.close()


def until(what: object, seconds: float = 30) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def test_session_goes_its_way_without_javascript(served: Served) -> None:
    session = Session(*served, "middle")
    code = session.file.room.code
    visitor = Device(served[1])
    found = visitor.post("/room/enter", {"code": f" {code[:3].lower()} {code[3:]} "})
    assert found.headers["location"] == f"{session.at}/take"
    before = visitor.http.get(found.headers["location"]).text
    assert "Do not write anything private" in before and 'name="nickname"' not in before
    people = [session.join() for _ in range(3)]
    first = people[0]

    first.post(f"{session.at}/take/ask", {"question": "What are ground rules for?"})
    until(lambda: "See it in the report" in session.take(first).partition("What you asked")[2])
    assert "What are ground rules for?" not in session.take(people[1])
    assert "What are ground rules for?" in session.lead.http.get(f"{session.at}/lead").text

    screen = session.screen()
    assert "What are ground rules for?" not in screen.http.get(f"{session.at}/screen").text
    question = next(iter(session.file.room.questions))
    session.do(f"screen question {question}")
    assert "What are ground rules for?" in screen.http.get(f"{session.at}/screen").text
    assert "What are ground rules for?" in session.take(people[1])
    assert "It is on the screen." in session.take(first)
    session.do(f"hide question {question} yes")
    assert "What are ground rules for?" not in screen.http.get(f"{session.at}/screen").text
    assert "What are ground rules for?" not in session.take(people[1])

    session.do("move 1 think")
    for device, side in zip(people, ("academic", "public", "public"), strict=True):
        device.send(f"{session.at}/take/answer", {"step": "what-counts-who", "round": "1", "f-card-0": side})
    page = session.take(first)
    assert "Your first answer" in page and "What people answered" not in page
    session.do("results what-counts-who yes")
    assert re.search(r'<th scope="row"[^>]*>A public partner</th><td>2</td>', session.take(first))
    first.send(f"{session.at}/take/flag", {"word": "ontology"})
    assert "ontology" in session.lead.http.get(f"{session.at}/lead").text
    assert "ontology" not in session.take(people[1])


def form_of(page: str, action: str) -> dict[str, str]:
    """Give the hidden fields of a form of a page, as a browser without JavaScript sends them."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_every_form_has_a_fresh_key_without_javascript(served: Served) -> None:
    session = Session(*served)
    session.do("move 1 think")
    device = session.join()
    action = f"{session.at}/take/answer"
    for number in (1, 2):  # the second time the answer is changed: with the key of the first it would not count
        fields = form_of(session.take(device), action)
        assert re.fullmatch(r"[0-9a-f]{32}", fields["key"])
        assert device.http.post(action, data=fields | {"f-nearer": f"view-{number}"}).status_code == 303
    (response,) = session.file.room.responses["power-views", 1].values()
    assert response.fields == {"nearer": "view-2"}
    for yes in ("yes", "no"):
        fields = form_of(session.lead.http.get(f"{session.at}/lead").text, f"{session.at}/lead/do")
        assert session.lead.http.post(f"{session.at}/lead/do", data=fields | {"do": f"pause {yes}"}).status_code == 303
        assert session.file.room.paused is (yes == "yes")


def test_key_sent_again_with_other_words_is_refused_and_says_so(served: Served) -> None:
    session = Session(*served)
    device = session.join()
    data = {"key": "k" * 32, "rule": "Listen"}
    device.send(f"{session.at}/take/rule", data)
    refused = device.post(f"{session.at}/take/rule", data | {"rule": "Speak slowly"})
    assert refused.status_code == 409 and "with other words" in refused.text
    assert [one.text for one in session.file.room.rules.values()] == ["Listen"]


def test_who_comes_again_from_a_link_of_another_site_is_the_same_person(served: Served) -> None:
    session = Session(*served)
    device = session.join()
    cookies = dict(device.http.cookies)
    # From another site a browser does not send the cookie for the page, but with the form of that page it does.
    page = httpx.get(f"{served[1]}{session.at}/take").text
    form = form_of(page, f"{session.at}/take/join")
    assert device.http.post(f"{session.at}/take/join", data=form).status_code == 303
    assert dict(device.http.cookies) == cookies and len(session.file.room.people) == 1
    assert Device(served[1]).http.post(f"{session.at}/take/join", data=form).status_code == 303  # the control
    assert len(session.file.room.people) == 2


def test_limits_of_people_and_waiting_questions_hold_for_those_who_come_at_once(served: Served) -> None:
    session = Session(*served)
    site = session.app.state.rooms
    asker, going_on = site.rooms.asker, threading.Event()
    settings, ask = site.settings, asker._ask
    site.settings = site.settings.model_copy(update={"room_people": 4})
    asker._ask = lambda query: going_on.wait(60) and ask(query)  # nothing is answered meanwhile
    try:
        with ThreadPoolExecutor(8) as pool:
            devices = [Device(served[1]) for _ in range(8)]
            joined = list(pool.map(lambda one: one.post(f"{session.at}/take/join").status_code, devices))
            assert sorted(joined) == [303] * 4 + [409] * 4 and len(session.file.room.people) == 4
            asks = [{"question": f"What is power {number}?"} for number in range(8)]
            device = devices[joined.index(303)]
            asked = list(pool.map(lambda one: device.post(f"{session.at}/take/ask", one).status_code, asks))
        assert sorted(asked) == [303] * 3 + [429] * 5
    finally:
        site.settings, asker._ask = settings, ask
        going_on.set()


def test_reload_brings_a_device_back_and_sending_twice_counts_once(served: Served) -> None:
    session = Session(*served)
    device = session.join()
    data = {"key": "k" * 32, "question": "What is consensus?"}
    numbers = {device.send(f"{session.at}/take/ask", data) for _ in range(3)}
    assert len(numbers) == 1 and len(session.file.room.questions) == 1
    assert "What is consensus?" in session.take(device)
    form = {"key": secrets.token_hex(16)}
    for _ in range(2):  # the reply with the cookie was lost
        Device(served[1]).http.post(f"{session.at}/take/join", data=form)
    assert len(session.file.room.people) == 2


def test_only_three_questions_of_a_device_wait_and_alike_ones_are_answered_once(served: Served) -> None:
    session = Session(*served)
    app = served[0]
    asker = app.state.rooms.rooms.asker
    one, other = session.join(), session.join()
    with asker._condition:  # nothing is answered meanwhile
        for number in range(3):
            data = {"key": f"{number}" * 32, "question": f"What is power {number}?"}
            person = next(iter(session.file.room.people))
            session.file.do(
                person,
                data["key"],
                to.Asked(person=person, question=f"q{number}", text=data["question"], same=f"what is power {number}"),
            )
    refused = one.post(f"{session.at}/take/ask", {"question": "And a fourth?"}, headers={"accept": "application/json"})
    assert refused.status_code == 429 and "3 of your questions" in refused.json()["error"]
    other.send(f"{session.at}/take/ask", {"question": "WHAT is   reciprocity"})
    other.send(f"{session.at}/take/ask", {"question": "what is reciprocity?"})
    until(lambda: "what is reciprocity" in session.file.room.answers)
    time.sleep(0.2)
    rows = session.file._connection.execute(
        "SELECT count(*) FROM changes WHERE body LIKE '%answered%' AND body LIKE '%reciprocity%'"
    )
    assert rows.fetchone() == (1,)


def test_facilitator_enters_answers_for_people_without_a_phone(served: Served) -> None:
    session = Session(*served)
    session.do("move 1 think")
    session.do("enter", step="power-views", round="1", **{"f-nearer": "view-1"})
    assert session.file.room.responded("power-views") == 1
    page = session.lead.http.get(f"{session.at}/lead").text
    assert "entered by you" in page and "1 of them entered by you" in page


def test_second_answer_and_dots_of_a_person_without_a_phone_are_theirs(served: Served) -> None:
    session = Session(*served, dots="3")
    session.do("move 1 think")
    for view in ("view-1", "view-2"):
        session.do("enter", step="power-views", round="1", **{"f-nearer": view})
    first, second = session.file.room.papers
    page = session.lead.http.get(f"{session.at}/lead").text
    assert f'<option value="{first}">Paper 1 (has answered)</option>' in page and "Somebody new: Paper 3" in page
    session.do("enter-dots", step="power-views", paper=second, **{"d-0": "2"})
    session.do("move 1 again")
    session.do("enter", step="power-views", round="2", paper=first, **{"f-nearer": "depends"})
    room = session.file.room
    assert len(room.people) == 2 and room.responded("power-views") == 2
    assert room.responses["power-views", 2][first].fields == {"nearer": "depends"}
    assert room.dots["power-views"] == {second: {"0": 2}}
    assert "Paper 2, entered by you" in session.lead.http.get(f"{session.at}/lead").text
    phone = session.join()
    other = next(person for person in room.people if person not in room.papers)
    reply = session.lead.post(
        f"{session.at}/lead/do",
        {"do": "enter", "step": "power-views", "round": "2", "f-nearer": "depends", "paper": other},
    )
    assert reply.status_code == 422 and phone


def test_results_wait_for_three_people_and_for_the_facilitator(served: Served) -> None:
    session = Session(*served)
    session.do("move 1 think")
    people = [session.join() for _ in range(3)]
    answer = {"step": "power-views", "round": "1", "f-nearer": "view-1"}
    session.do("results power-views yes")
    for number, device in enumerate(people, start=1):
        device.send(f"{session.at}/take/answer", answer)
        assert ("What people answered" in session.take(people[0])) is (number == 3)


def press(session: Session, part: str, button: str) -> None:
    """Press a button of the facilitator's page as it is now, with the hidden fields of its form."""
    page = session.lead.http.get(f"{session.at}/lead").text.partition(f'data-part="{part}"')[2]
    before, _, after = page.partition(f'value="{button}"')
    form = before.rpartition("<form")[2] + after.partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form))
    session.do(button, **{name: value for name, value in fields.items() if name not in ("key", "do")})


@pytest.mark.parametrize(("path", "field", "part"), [("rule", "rule", "rules"), ("flag", "word", "words")])
def test_what_comes_while_rules_or_words_are_on_the_screen_waits_for_the_facilitator(
    served: Served, path: str, field: str, part: str
) -> None:
    session = Session(*served)
    writer, reader, screen = session.join(), session.join(), session.screen()

    def shown() -> list[bool]:
        pages = (session.take(reader), screen.http.get(f"{session.at}/screen").text)
        return [word in page for page in pages for word in ("heron", "egret")]

    writer.send(f"{session.at}/take/{path}", {field: "heron"})
    press(session, part, f"screen {part}")
    assert shown() == [True, False] * 2
    writer.send(f"{session.at}/take/{path}", {field: "egret"})
    assert shown() == [True, False] * 2
    assert "Not on the screen yet." in session.lead.http.get(f"{session.at}/lead").text
    press(session, part, f"screen {part}")
    assert shown() == [True, True] * 2
    if part == "rules":
        session.do("rule", rule="bittern")  # the facilitator's own
        assert "bittern" in session.take(reader)


def test_answer_that_is_written_anew_leaves_the_screen(served: Served) -> None:
    session = Session(*served)
    session.do("move 1 think")
    writer, reader = session.join(), session.join()
    answer = {"step": "power-views", "round": "1", "f-would-do": "heron"}
    writer.send(f"{session.at}/take/answer", answer)
    (person,) = session.file.room.responses["power-views", 1]
    session.do(f"screen answer power-views/1/{person}")
    assert "heron" in session.take(reader)
    writer.send(f"{session.at}/take/answer", answer)  # the same words again
    assert "heron" in session.take(reader)
    writer.send(f"{session.at}/take/answer", answer | {"f-would-do": "egret"})
    page = session.take(reader)
    assert "heron" not in page and "egret" not in page and session.file.room.item == "nothing"


def test_results_of_each_question_and_round_and_dots_wait_for_three_by_themselves(served: Served) -> None:
    session = Session(*served, "middle", dots="3")
    session.do("move 1 think")
    session.do("results what-counts-who yes")
    people = [session.join() for _ in range(3)]
    answer = {"step": "what-counts-who", "round": "1", "f-card-0": "public"}
    for device in people:
        assert "What people answered" not in session.take(people[0])
        device.send(f"{session.at}/take/answer", answer)
    people[0].send(f"{session.at}/take/answer", answer | {"f-card-1": "academic"})
    page = session.take(people[0]).partition("What people answered")[2]
    words = session.app.state.rooms.quotes.find(session.file.room.now.cards[0].span).words.strip("“”")
    assert f'Card 1: <q lang="en-GB" dir="ltr">{words[:20]}' in page and "Card 2:" not in page

    session.do("move 0 think")
    step = session.file.room.now.id
    session.do(f"results {step} yes")
    for number, device in enumerate(people, start=1):  # two of them also answer, and are not counted as more people
        page = session.take(people[0])
        assert "What people answered" not in page and "Quotation 2" in page and "Dots for quotation 2" in page
        device.send(f"{session.at}/take/dots", {"step": step, "d-1": str(number)})
    assert "Quotation 2: ●●●●●●" in session.take(people[0])


# What each may see.


def everything_seen(session: Session, viewer: Viewer) -> str:
    site = session.app.state.rooms
    room = session.file.room
    return json.dumps(
        [see(room, viewer, part, site.quotes) for part in PARTS[viewer.role]], ensure_ascii=False, default=list
    )


@pytest.mark.parametrize("kind", ["who_said", "sort"])
def test_what_is_right_is_sent_to_nobody_before_it_is_read(served: Served, kind: str) -> None:
    plan = "long"
    session = Session(*served, plan)
    device, screen = session.join(), session.screen()
    number, step = next((at, one) for at, one in enumerate(session.file.room.plan.steps) if one.kind == kind)
    cuts = [session.app.state.rooms.quotes.find(card.span) for card in step.cards]
    session.do(f"move {number} think")
    session.do("screen quote 0")

    def told() -> list[str]:
        pages = [session.take(device), screen.http.get(f"{session.at}/screen").text]
        pages += [device.http.get(f"{session.at}/take/changes?after=0").text]
        return [cut.speaker for cut in cuts for page in pages if kind == "who_said" and str(cut.speaker) in page] + [
            cut.section_title
            for cut in cuts
            for page in pages
            if kind == "sort" and f"{cut.section} {cut.section_title}" in page
        ]

    assert told() == []
    session.do(f"move {number} read")
    session.do("screen quote 0")
    assert told() != []  # the control


def test_nobody_sees_a_key_another_ones_text_or_who_asked(served: Served) -> None:
    session = Session(*served, "short", nicknames="1")
    alice, bob, screen = session.join(nickname="Alice-nick"), session.join(), session.screen()
    session.do("move 1 think")
    secret = "my heron Wilhelmina"
    alice.send(f"{session.at}/take/ask", {"question": secret})
    alice.send(f"{session.at}/take/answer", {"step": "power-views", "round": "1", "f-would-do": secret})
    alice.send(f"{session.at}/take/flag", {"word": secret})
    room = session.file.room
    others = [one for one in room.people.values() if one.nickname != "Alice-nick"]
    hidden = [secret, "Alice-nick", room.lead, session.key, room.keys["screen"], *room.tokens]
    for viewer in (Viewer("participant", others[0].id), Viewer("screen")):
        assert [one for one in hidden if one in everything_seen(session, viewer)] == []
    for device, path in ((bob, "take"), (screen, "screen")):
        for page in (
            device.http.get(f"{session.at}/{path}").text,
            device.http.get(f"{session.at}/{path}/changes").text,
        ):
            assert [one for one in hidden if one in page] == []
    lead = everything_seen(session, Viewer("lead"))
    assert secret in lead and "Alice-nick" in lead  # the control
    assert [one for one in (room.lead, session.key, *room.tokens, *room.keys.values()) if one in lead] == []


@pytest.mark.parametrize("nicknames", [False, True])
def test_what_is_said_of_names_is_so(served: Served, nicknames: bool) -> None:
    session = Session(*served, **({"nicknames": "1"} if nicknames else {}))
    before = Device(served[1]).http.get(f"{session.at}/take").text
    device = session.join(nickname="Wilhelmina")
    assert ("with your name if you gave one" in session.take(device)) is nicknames
    assert ("without your name" in before + session.take(device)) is not nicknames
    assert "a co-facilitator if there is one" in before
    privacy = device.http.get("/privacy").text
    assert "co-facilitator" in privacy and "without names" not in privacy


# Each attempt fails.


@pytest.mark.parametrize("name", ["moodle.gift", "cards.csv", "activity.html", "activity.zip", "cards-small.html"])
def test_what_is_right_is_in_no_file_without_a_key(served: Served, name: str) -> None:
    session = Session(*served)
    stranger, participant = Device(served[1]), session.join()
    below = f"packs/what-counts-who/{name}"
    cut = session.app.state.rooms.quotes.find(session.app.state.rooms.packs.steps["what-counts-who"].cards[0].span)
    for device in (stranger, participant):
        for path in (f"/room/packs/what-counts-who/{name}", f"/room/new/{below}", f"{session.at}/lead/{below}"):
            reply = device.http.get(path, follow_redirects=True)
            assert reply.status_code in (403, 404) and cut.speaker not in reply.text
    for path in ("/room/packs", "/room/new/packs"):
        assert "/moodle.gift" not in stranger.http.get(path, follow_redirects=True).text
    for path in (f"/room/new/{below}", f"{session.at}/lead/{below}"):  # the control
        reply = session.lead.http.get(path)
        assert reply.status_code == 200 and (name.endswith("zip") or str(cut.speaker) in reply.text)
    page = session.lead.http.get("/room/packs", follow_redirects=True).text
    assert f'href="/room/new/{below}"' in page


@pytest.mark.parametrize(
    "path",
    [
        *("lead/do", "lead/end", "lead/changes", "lead/stream", "screen/changes", "screen/stream"),
        *("take/changes", "take/stream", "take/ask", "take/take_back"),
    ],
)
def test_without_the_key_nothing_is_done_or_read(served: Served, path: str) -> None:
    session, other = Session(*served), Session(*served)
    participant = session.join()
    stranger = Device(served[1])
    elsewhere = other.lead  # leads another session
    for device in (stranger, elsewhere, *([participant] if not path.startswith("take") else [])):
        n = session.file.room.n
        data = {"do": "pause yes", "question": "x"}
        ask = device.post if path in ("lead/do", "lead/end", "take/ask", "take/take_back") else device.http.get
        reply = ask(f"{session.at}/{path}", **({"data": data} if ask == device.post else {}))  # type: ignore[operator]
        assert reply.status_code == 403
        assert session.file.room.n == n
    assert session.do("pause yes")  # the control


def test_nobody_takes_back_anothers_question(served: Served) -> None:
    session = Session(*served)
    alice, bob = session.join(), session.join()
    alice.send(f"{session.at}/take/ask", {"question": "What is trust?"})
    question = next(iter(session.file.room.questions))
    assert bob.post(f"{session.at}/take/take_back", {"question": question}).status_code == 409
    alice.send(f"{session.at}/take/take_back", {"question": question})
    assert "What is trust?" not in session.lead.http.get(f"{session.at}/lead").text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
def test_another_sites_post_is_refused(served: Served, origin: str) -> None:
    session = Session(*served)
    n = session.file.room.n
    reply = session.lead.post(f"{session.at}/lead/do", {"do": "pause yes"}, headers={"origin": origin})
    assert reply.status_code == 403 and session.file.room.n == n


def test_withdrawn_link_opens_nothing_and_a_co_facilitator_cannot_end(served: Served) -> None:
    session = Session(*served)
    link = session.lead.post(f"{session.at}/lead/do", {"do": "co-link"}, headers={"accept": "application/json"}).json()[
        "link"
    ]
    co = Device(served[1])
    assert co.post(f"{session.at}/lead/key", {"key": link.partition("#")[2]}).status_code == 303
    assert co.send(f"{session.at}/lead/do", {"do": "pause yes"})
    for path, data in (("lead/end", {"do": "delete"}), ("lead/do", {"do": "co-link"})):
        assert co.post(f"{session.at}/{path}", data).status_code == 403
    session.do("withdraw")
    assert co.post(f"{session.at}/lead/do", {"do": "pause no"}).status_code == 403


def test_guessed_codes_are_limited_and_links_are_not(served: Served) -> None:
    session = Session(*served)
    clock = [0.0]
    guesses = Guesses(clock=lambda: clock[0])
    looked_at = 0
    for _ in range(10_000):
        if guesses.may("10.0.0.1"):
            looked_at += 1
            guesses.was_wrong("10.0.0.1")
        clock[0] += 0.1  # for a quarter of an hour
    assert looked_at <= 350  # of 34 million
    for number in range(60):
        guesses.was_wrong(f"10.0.1.{number}")
    assert not guesses.may("10.0.0.2")  # guessed from many addresses: all wait, a minute and no more
    clock[0] += 61
    assert guesses.may("10.0.0.2")
    site = session.app.state.rooms
    before, site.guesses = site.guesses, Guesses(a_minute=2)
    try:
        visitor = Device(served[1])
        wrong = [visitor.post("/room/enter", {"code": "XXXXXX"}).status_code for _ in range(4)]
        assert wrong == [404, 404, 429, 429]
        assert visitor.post("/room/enter", {"code": session.file.room.code}).status_code == 429
        assert visitor.http.get(f"{session.at}/take").status_code == 200
    finally:
        site.guesses = before
    assert Device(served[1]).post("/room/enter", {"code": session.file.room.code}).status_code == 303


def test_unknown_ended_and_not_yet_open_look_alike(served: Served) -> None:
    unopened, ended = Session(*served, opened=False), Session(*served)
    ended.lead.post(f"{ended.at}/lead/end", {"do": "keep"})
    visitor = Device(served[1])
    pages = [visitor.http.get(f"{path}/take") for path in (unopened.at, ended.at, "/room/00000000000000000000")]
    assert {page.status_code for page in pages} == {404} and len({page.text for page in pages}) == 1
    codes = [
        visitor.post("/room/enter", {"code": code})
        for code in (unopened.file.room.code, ended.file.room.code, "XXXXXX")
    ]
    assert {page.status_code for page in codes} == {404} and len({page.text for page in codes}) == 1


def test_cookies_are_bound_and_headers_forbid_frames(served: Served) -> None:
    session = Session(*served)
    device = Device(served[1])
    reply = device.post(f"{session.at}/take/join")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=") and f"Path={session.at}/take" in cookie
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Secure" not in cookie
    for path in ("/room", "/room/check", f"{session.at}/take", f"{session.at}/lead"):
        headers = device.http.get(path).headers
        assert headers["x-frame-options"] == "DENY" and "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
    assert session.key not in session.take(device)


def test_thirty_phones_behind_one_address_join_within_ten_seconds(served: Served) -> None:
    session = Session(*served)
    phones = [Device(served[1]) for _ in range(30)]

    def come_in(phone: Device) -> str:
        assert phone.post("/room/enter", {"code": session.file.room.code}).status_code == 303
        assert phone.post(f"{session.at}/take/join").status_code == 303
        return session.take(phone)

    began = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        pages = list(pool.map(come_in, phones))
    assert time.monotonic() - began < 10
    assert len(session.file.room.people) == 30 and all("Ask the report" in page for page in pages)


# Limits.


@pytest.mark.parametrize(
    ("path", "field", "most"),
    [
        ("ask", "question", MOST_QUESTION_CHARACTERS),
        ("rule", "rule", to.MOST_RULE_CHARACTERS),
        ("flag", "word", to.MOST_WORD_CHARACTERS),
        ("answer", "f-would-do", to.MOST_ANSWER_CHARACTERS),
        ("join", "nickname", to.MOST_NICKNAME_CHARACTERS),
    ],
)
def test_lengths_are_limited(served: Served, path: str, field: str, most: int) -> None:
    session = Session(*served, nicknames="1")
    session.do("move 1 think")
    device = Device(served[1]) if path == "join" else session.join()
    data = {"step": "power-views", "round": "1"}
    n = session.file.room.n
    refused = device.post(f"{session.at}/take/{path}", data | {field: "w" * (most + 1)})
    assert refused.status_code == 422 and f"at most {most} characters" in refused.text and session.file.room.n == n
    assert device.post(f"{session.at}/take/{path}", data | {field: "w" * most}).status_code == 303


@pytest.mark.parametrize(("days", "kept"), [("3", 3), ("400", 7), ("", 7), ("-1", 7)])
def test_days_are_limited_by_the_setting(served: Served, days: str, kept: int) -> None:
    assert Session(*served, days=days).file.room.keep_days == kept == min(kept, 7)


def test_sessions_at_once_are_limited(served: Served) -> None:
    rooms = served[0].state.rooms.rooms
    before, rooms.most = rooms.most, sum(one.room.phase_of_life != "ended" for one in rooms._rooms.values()) + 1
    try:
        last = Session(*served)
        refused = last.lead.http.post("/room/new", data={"plan": "short"}, files={"none": b""})
        assert refused.status_code == 409 and "sessions already" in refused.text
        last.lead.post(f"{last.at}/lead/end", {"do": "delete"})
        Session(*served)
    finally:
        rooms.most = before


def test_payloads_in_a_plan_file_run_and_load_nothing(served: Served) -> None:
    plan = json.loads(session_plan(served))

    def shown(words: str, name: str) -> list[str]:
        step = {
            "id": "own-1", "kind": "own", "title": words[:160], "text": words, "two_rounds": True, "dots": 0,
            "prompts": [
                {"key": "a", "label": words[:300], "options": [{"key": "x", "label": words[:200]}]},
                {"key": "b", "label": words[:300]},
            ],
            "notes": {"say": words, "hard": words, "care": words},
        }  # fmt: skip
        session = with_plan(served, json.dumps(plan | {"title": words[:160], "steps": [*plan["steps"], step]}))
        session.do("move 3 think")
        pages = [session.made, session.take(session.join()), session.screen().http.get(f"{session.at}/screen").text]
        pages += [
            session.lead.http.get(f"{session.at}/{path}").text for path in ("lead", "lead/end", "lead/notes.html")
        ]
        if name in ONE_OF_EACH:
            slides = pptx.Presentation(io.BytesIO(session.lead.http.get(f"{session.at}/lead/slides.pptx").content))
            assert [one for slide in slides.slides for one in slide.part.rels.values() if one.is_external] == []
            texts = [shape.text_frame.text for slide in slides.slides for shape in slide.placeholders]
            assert any(words[:20].strip() in text for text in texts)
        session.lead.post(f"{session.at}/lead/end", {"do": "delete"})
        return pages

    harmless = shown("A heron", "")
    for payload in PAYLOADS:
        for page, like in zip(shown(payload, payload), harmless, strict=True):
            assert alive(page, like) == [], payload


def test_quote_that_was_changed_in_a_plan_is_named_and_not_shown(served: Served) -> None:
    plan = json.loads(session_plan(served))
    words = plan["steps"][1]["sides"][0][0]["words"]
    plan["steps"][1]["sides"][0][0]["words"] = words.replace("not", "now")
    changed = words.replace("not", "now")
    session = with_plan(served, json.dumps(plan))
    assert "are left out" in session.made
    spans = [span.words for step in session.file.room.plan.steps for span in step.spans]
    assert changed not in spans and words not in spans and len(spans) > 3


def test_words_of_a_plan_file_are_marked_as_the_trainers(served: Served) -> None:
    plan = json.loads(session_plan(served))
    plan["steps"][0]["text"] = "“Never trust a committee.” — Public partner A"
    session = with_plan(served, json.dumps(plan))
    assert session.file.room.plan.steps[0].whose == "trainer"
    page = session.take(session.join())
    figures = " ".join(re.findall(r"<figure.*?</figure>", page, re.DOTALL))
    assert "Never trust a committee" in page and "Never trust a committee" not in figures


@pytest.mark.parametrize("fault", ["home", "title", "side"])
def test_plan_file_puts_no_claim_into_the_reports_mouth(served: Served, fault: str) -> None:
    plan = json.loads(served[0].state.rooms.packs.plans["long"].plan.model_dump_json())
    sort = next(one for one in plan["steps"] if one["kind"] == "sort")
    who = next(one for one in plan["steps"] if one["kind"] == "who_said")
    if fault == "home":
        sort["cards"][0]["home"], sort["cards"][-1]["home"] = sort["cards"][-1]["home"], sort["cards"][0]["home"]
    elif fault == "title":
        sort["themes"][0]["title"] = "Committees are best"
    else:
        who["themes"][0]["title"], who["themes"][1]["title"] = who["themes"][1]["title"], who["themes"][0]["title"]
    session = with_plan(served, json.dumps(plan))
    assert "is left out" in session.made
    kinds = [step.kind for step in session.file.room.plan.steps]
    assert ("who_said" if fault == "side" else "sort") not in kinds and len(kinds) == 6


def test_step_of_a_plan_file_with_other_cards_is_the_trainers(served: Served) -> None:
    plan = json.loads(session_plan(served))
    plan["steps"][0]["cards"] = plan["steps"][0]["cards"][:1]
    steps = with_plan(served, json.dumps(plan)).file.room.plan.steps
    assert [step.whose for step in steps] == ["trainer", "ours", "ours"]


def session_plan(served: Served) -> str:
    app, _ = served
    return str(app.state.rooms.packs.plans["short"].plan.model_dump_json())


def with_plan(served: Served, written: str, **fields: str) -> Session:
    app, base = served
    lead = Device(base)
    lead.post("/room/new/key", {"key": app.state.rooms.maker_key})
    made = lead.http.post(
        "/room/new", data={"plan": "file", **fields}, files={"file": ("plan.json", written, "application/json")}
    )
    assert made.status_code == 200, made.text
    session = Session.__new__(Session)
    session.app, session.base, session.lead, session.made = app, base, lead, made.text
    found = re.search(r"/room/([0-9a-f]{20})/lead#([0-9a-f]{32})", made.text)
    assert found
    session.id, session.key = found.groups()
    session.at = f"/room/{session.id}"
    session.do("open")
    return session


def test_plan_file_keeps_its_language_and_sections_unless_others_are_chosen(served: Served) -> None:
    plan = json.loads(session_plan(served)) | {"language": "pl", "sections": ["B.4.i", "B.4.v"]}
    room = with_plan(served, json.dumps(plan)).file.room
    assert (room.plan.language, room.plan.sections) == ("pl", ("B.4.i", "B.4.v"))
    room = with_plan(served, json.dumps(plan), language="cy", section="B.4.x").file.room
    assert (room.plan.language, room.plan.sections) == ("cy", ("B.4.x",))


def test_questions_are_asked_of_all_sections_in_scope_and_of_no_other(served: Served) -> None:
    session = Session(*served, section=["B.4.v", "B.4.x"])
    device = session.join()
    device.send(f"{session.at}/take/ask", {"question": "What are ground rules for?"})
    until(lambda: session.file.room.answers)
    (answer,) = session.file.room.answers.values()
    passages = [session.app.state.rooms.assistant.library.passage(one.passage) for one in answer.blocks if one.passage]
    assert {one.section for one in passages} == {"B.4.v", "B.4.x"}


def test_own_plan_has_instructions_and_an_order_and_begins_with_ground_rules(served: Served) -> None:
    session = Session(
        *served, "own", step=["closing-closing", "power-views", "power-scenario"],
        own="2. What would help?", instructions="Stand up and stretch.\n3) Find a partner.",
        **{"place-power-scenario": "1"},
    )  # fmt: skip
    steps = session.file.room.plan.steps
    assert [step.kind for step in steps] == [
        *("ground_rules", "scenario", "own", "own", "two_views", "own", "closing"),
    ]
    assert [step.text for step in steps if step.kind == "own"] == [
        *("What would help?", "Find a partner.", "Stand up and stretch."),
    ]
    session.do("move 3 think")
    page = session.take(session.join())
    assert "Find a partner." in page and "Written by the trainer." in page and 'name="f-answer"' not in page
    plan = json.loads(session.file.room.plan.model_dump_json())
    again = with_plan(served, json.dumps(plan | {"steps": plan["steps"][1:]})).file.room.plan
    assert again.steps[0].kind == "ground_rules" and len(again.steps) == len(steps)


def test_reveal_asks_what_made_you_think_so_and_closing_offers_the_rules(served: Served) -> None:
    session = Session(*served, "middle")
    device, screen = session.join(), session.screen()
    for phase, told in (("think", False), ("read", True)):
        session.do(f"move 1 {phase}")
        for page in (session.take(device), screen.http.get(f"{session.at}/screen").text):
            assert ("What made you think so?" in page) is told and ("identifies nobody" in page) is told
    session.do("rule", rule="Listen")
    review = "Put the ground rules up again, for review"
    assert review not in session.lead.http.get(f"{session.at}/lead").text
    session.do(f"move {len(session.file.room.plan.steps) - 1} think")
    assert review in session.lead.http.get(f"{session.at}/lead").text
    press(session, "control", "screen rules")
    assert "Listen" in screen.http.get(f"{session.at}/screen").text


def test_english_on_a_page_in_another_language_is_marked(served: Served) -> None:
    session = Session(*served, language="pl")
    session.do("move 1 think")
    device = session.join()
    page = session.take(device)
    assert '<html lang="pl"' in page
    for words in ("Which is nearer to you now?", "One view", "It depends", "Skip to the main part", "Accessibility"):
        before = page.partition(words)[0]
        assert 'lang="en-GB"' in before[-400:], words
    assert re.search(r'<h3 lang="en-GB" dir="ltr">One view</h3>', page)
    for view in ("view-1", "view-1", "view-2"):
        session.do("enter", step="power-views", round="1", **{"f-nearer": view})
    session.do("results power-views yes")
    session.do("screen results")
    for page in (session.take(device), session.screen().http.get(f"{session.at}/screen").text):
        assert '<th scope="row" lang="en-GB" dir="ltr">It depends</th>' in page
    own = Session(*served, "own", language="pl", own="Co by pomogło?")
    own.do("move 1 think")
    assert '<p class="step-text" dir="auto">Co by pomogło?</p>' in own.take(own.join())


def test_file_that_is_no_plan_is_refused_in_plain_words(served: Served) -> None:
    lead = Device(served[1])
    lead.post("/room/new/key", {"key": served[0].state.rooms.maker_key})
    reply = lead.http.post("/room/new", data={"plan": "file"}, files={"file": ("a.json", "{}", "application/json")})
    assert reply.status_code == 409 and "not a plan that coproduce has saved" in reply.text


def test_rehearsal_answers_by_itself_and_leaves_nothing(served: Served) -> None:
    app, _ = served
    before = set(app.state.rooms.rooms.folder.iterdir()) if app.state.rooms.rooms.folder.exists() else set()
    session = Session(*served, rehearse="1")
    session.do("move 1 think")
    until(lambda: session.file.room.responded("power-views") == 6)
    assert set(app.state.rooms.rooms.folder.iterdir()) == before
    session.lead.post(f"{session.at}/lead/end", {"do": "keep"})
    assert app.state.rooms.rooms.get(session.id) is None


def test_nothing_of_a_deleted_session_stays_in_memory(served: Served) -> None:
    site = served[0].state.rooms
    first = Session(*served)
    first.take(first.join())
    assert first.id in site._lives
    first.lead.post(f"{first.at}/lead/end", {"do": "delete"})
    second = Session(*served)
    second.take(second.join())
    assert first.id not in site._lives and second.id in site._lives


def test_stream_tells_what_is_new_and_ends_with_the_session(served: Served) -> None:
    session = Session(*served)
    device = session.join()
    n = session.file.room.n
    with httpx.stream(
        "GET", f"{served[1]}{session.at}/take/stream?after={n}", cookies=device.http.cookies, timeout=30
    ) as reply:
        lines = reply.iter_lines()
        assert next(lines) == "retry: 2000"
        session.do("pause yes")
        data = next(line for line in lines if line.startswith("data: "))
        event = json.loads(data[6:])
        assert event["n"] == n + 1 and "The session is paused" in event["parts"]["status"]
        session.lead.post(f"{session.at}/lead/end", {"do": "delete"})
        assert "event: over" in list(lines)


def test_no_byte_of_a_deleted_session_is_in_the_data_folder(served: Served) -> None:
    planted = "the heron in my garden is called Wilhelmina"
    session = Session(*served, title=planted)
    device = session.join()
    device.send(f"{session.at}/take/ask", {"question": planted})
    device.send(f"{session.at}/take/rule", {"rule": planted})
    folder = served[0].state.rooms.settings.data_dir

    def found() -> bool:
        return any(planted.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())

    until(found)
    summary = session.lead.http.get(f"{session.at}/lead/summary.html")
    assert planted in summary.text and "attachment" in summary.headers["content-disposition"]
    for name in ("summary.docx", "summary.csv", "plan.json", "slides.pptx", "join.html", "notes.docx"):
        assert session.lead.http.get(f"{session.at}/lead/{name}").status_code == 200
        assert device.http.get(f"{session.at}/lead/{name}").status_code == 403
    assert planted not in session.lead.http.get(f"{session.at}/lead/plan.json").text.replace(
        f'"title": "{planted}"', ""
    )
    assert session.lead.post(f"{session.at}/lead/end", {"do": "delete"}).status_code == 200
    assert not found() and session.id not in str(list(folder.rglob("*")))
    assert device.http.get(f"{session.at}/take").status_code == 404


def test_everything_works_below_a_sub_path(
    assistant_built: Assistant, settings_built: Settings, served: Served
) -> None:
    data = served[0].state.rooms.settings.data_dir / "below"
    settings = settings_built.model_copy(update={"data_dir": data, "room": True, "root_path": "/co"})
    app = create_app(assistant_built, settings)
    try:
        with serving(app) as address:
            session = Session(app, f"{address}/co")
            reply = session.join().http.get(f"{session.at}/take")
            assert f'action="/co{session.at}/take/ask"' in reply.text
            moved = Device(address).http.post(
                "/co/room/enter", data={"code": session.file.room.code}, headers={"origin": address}
            )
            assert moved.headers["location"] == f"/co{session.at}/take"
    finally:
        create_app(
            assistant_built, settings_built.model_copy(update={"data_dir": data})
        )  # the pages' sub-path is the process's
        app.state.rooms.close()
