"""A participant's page: what is on the screen, the step, questions of one's own; and what it sends."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from assistant.room import changes as to
from assistant.room.activities import prompts_of
from assistant.room.asking import counted_alike
from assistant.room.keys import hash_key
from assistant.room.seen import Viewer
from assistant.room.state import Room
from assistant.room.store import RoomFile
from assistant.serving.web.rooms.doors import Refused, participant_of, read_form, take_key, text_of
from assistant.serving.web.rooms.joining import before_joining, join
from assistant.serving.web.rooms.site import Site, answers, changes_for, do, done, not_open, page_for, stream_for

MOST_QUESTION_CHARACTERS = 500


def add_taking(app: FastAPI, site: Site) -> None:
    """Add `/room/SESSION/take` and what stands below it."""

    def found(session: str) -> RoomFile | None:
        file = site.rooms.get(session)
        return file if file is not None and file.room.phase_of_life != "made" else None

    @app.get("/room/{session}/take", response_class=HTMLResponse)
    @answers
    async def take(request: Request, session: str) -> Response:
        file = found(session)
        if file is None:
            return not_open()
        viewer = participant_of(request, file.room)
        if viewer is None:
            return before_joining(site, file.room) if file.room.phase_of_life == "open" else not_open()
        return page_for(
            "room/take.html", site.live(file), viewer,
            most=MOST_QUESTION_CHARACTERS, most_word=to.MOST_WORD_CHARACTERS, most_rule=to.MOST_RULE_CHARACTERS,
            nicknames=file.room.nicknames,
        )  # fmt: skip

    @app.get("/room/{session}/take/changes")
    @answers
    async def changes(request: Request, session: str) -> Response:
        file = found(session)
        viewer = participant_of(request, file.room) if file else None
        if file is None or viewer is None:
            raise Refused("This device is not in the session.")
        return changes_for(site.live(file), viewer, request)

    @app.get("/room/{session}/take/stream")
    @answers
    async def stream(request: Request, session: str) -> Response:
        file = found(session)
        viewer = participant_of(request, file.room) if file else None
        if file is None or viewer is None:
            raise Refused("This device is not in the session.")
        room = file.room
        return stream_for(site.live(file), viewer, request, lambda: not room.people[viewer.person].left)

    @app.post("/room/{session}/take/{what}")
    @answers
    async def send(request: Request, session: str, what: str) -> Response:
        file = found(session)
        if file is None:
            return not_open()
        if what == "join":
            return await join(site, request, file)
        form = await read_form(request)
        viewer = participant_of(request, file.room)
        if viewer is None:
            raise Refused("This device is not in the session. Please join again.")
        back = site.path(f"/room/{session}/take")
        if what == "leave":
            await do(file, viewer.person, "leave", to.Left(person=viewer.person))
            response = RedirectResponse(site.path("/room"), status_code=303)
            take_key(response, back)
            return response
        if what == "ask":
            n = await ask(site, file, viewer, form)
        else:
            change = change_of(what, form, file, viewer)
            n = (await do(file, viewer.person, text_of(form, "key", 80), change)).n
        return done(request, n, back)


async def ask(site: Site, file: RoomFile, viewer: Viewer, form: FormData) -> int:
    """Keep a question, have it answered, and give the number of the change.

    Raises:
        Refused: it is empty or too long, or too many of this device wait already.
    """
    text = " ".join(text_of(form, "question", MOST_QUESTION_CHARACTERS).split())
    key = text_of(form, "key", 80)
    if not text:
        raise Refused("Please type a question.", 422)
    question = f"q{hash_key(f'{file.room.session} {viewer.person} {key}')[:16]}"

    def check(room: Room) -> None:
        most = site.settings.room_waiting
        if len(room.waiting(viewer.person)) >= most:
            raise Refused(f"{most} of your questions are being answered. Please wait a moment, and ask again.", 429)

    same = counted_alike(text)
    asked = to.Asked(person=viewer.person, question=question, text=text, same=same)
    finished = await do(file, viewer.person, key, asked, check)
    site.rooms.asker.add(file, viewer.person, text, same)
    return finished.n


def change_of(what: str, form: FormData, file: RoomFile, viewer: Viewer) -> to.Change:
    """Read what a form of a participant's page wants.

    Raises:
        Refused: it is none of ours, or empty.
    """
    person = viewer.person
    if what in ("answer", "pass"):
        return response_of(form, file.room, person, passed=what == "pass" or bool(form.get("pass")))
    if what == "dots":
        return dots_of(form, person)
    if what == "flag":
        word = " ".join(text_of(form, "word", to.MOST_WORD_CHARACTERS).split())
        if not word:
            raise Refused("Please type the word.", 422)
        return to.Flagged(person=person, word=word)
    if what == "rule":
        text = " ".join(text_of(form, "rule", to.MOST_RULE_CHARACTERS).split())
        if not text:
            raise Refused("Please type the rule.", 422)
        return to.RuleWritten(rule=f"r{hash_key(person + text_of(form, 'key', 80))[:12]}", text=text, person=person)
    if what == "take_back":
        return to.TookBack(person=person, question=text_of(form, "question", 60))
    raise Refused("There is no such thing to send.", 404)


def response_of(form: FormData, room: Room, person: str, *, passed: bool = False) -> to.Responded:
    """Read an answer to a step. Raises Refused."""
    number = text_of(form, "round", 1)
    if number not in ("1", "2"):
        raise Refused("The page is out of date. Please load it again.", 422)
    step_id = text_of(form, "step", 60)
    step = room.step_of(step_id)
    if step is None:
        raise Refused("The plan has no such step.", 422)
    fields = {
        prompt.key: text
        for prompt in prompts_of(step)
        if (text := text_of(form, f"f-{prompt.key}", to.MOST_ANSWER_CHARACTERS))
    }
    if not fields and not passed:
        raise Refused("There is nothing in it yet. Answer something, or pass.", 422)
    return to.Responded(
        person=person, step=step_id, round=1 if number == "1" else 2, fields={} if passed else fields, passed=passed
    )


def dots_of(form: FormData, person: str) -> to.Dotted:
    """Read how dots were spread. Raises Refused."""
    dots = {}
    for name, value in form.items():
        if name.startswith("d-") and isinstance(value, str) and value:
            if not value.isascii() or not value.isdigit() or len(value) > 2:
                raise Refused("Dots are whole numbers.", 422)
            if int(value):
                dots[name[2:6]] = int(value)
    return to.Dotted(person=person, step=text_of(form, "step", 60), dots=dots)
