"""The facilitator's page: what arrives, what is put on the screen, how the session goes on and ends."""

import time
from typing import get_args

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.datastructures import FormData
from starlette.responses import Response

from assistant.room import changes as to
from assistant.room.keys import hash_key, new_key
from assistant.room.plan import Phase
from assistant.room.rules import why_no_answer
from assistant.room.seen import Viewer
from assistant.room.state import Room
from assistant.room.store import NotNow, RoomFile
from assistant.serving.web.pages import page
from assistant.serving.web.rooms.doors import Refused, give_key, lead_by_key, lead_of, read_form, take_key, text_of
from assistant.serving.web.rooms.network import warnings_of
from assistant.serving.web.rooms.site import (
    Site,
    answers,
    changes_for,
    do,
    done,
    page_for,
    stream_for,
    wants_json,
)
from assistant.serving.web.rooms.taking import dots_of, response_of

#: What the timer can be set to, in minutes.
TIMER_MINUTES = (1, 2, 3, 5, 10, 15)
_MOST_LISTED = 100_000


def add_leading(app: FastAPI, site: Site) -> None:  # noqa: PLR0915 - each address is short
    """Add `/room/SESSION/lead` and what stands below it."""

    def may_lead(request: Request, session: str) -> tuple[RoomFile, Viewer]:
        file = site.rooms.get(session)
        viewer = lead_of(request, file.room) if file else None
        if file is None or viewer is None:
            raise Refused("This link does not lead the session. Please open the facilitator’s link again.")
        return file, viewer

    @app.get("/room/{session}/lead", response_class=HTMLResponse)
    @answers
    async def lead(request: Request, session: str) -> Response:
        file = site.rooms.get(session)
        viewer = lead_of(request, file.room) if file else None
        if file is None or viewer is None:  # the same for a session that is not there: nothing is told of it
            return page("room/key.html", door=f"/room/{session[:60]}/lead", what="facilitator", wrong=False)
        base = site.join_base(request)
        return page_for(
            "room/lead.html",
            site.live(file),
            viewer,
            address=f"{base}/room/{session}/take",
            enter=f"{base}/room",
            checking=f"{base}/room/check",
            code=file.room.code,
            is_lead=viewer.role == "lead",
            rehearsal=file.path is None,
            warnings=warnings_of(site.settings),
            checklist=site.packs.checklist,
            days=file.room.keep_days,
            most_rule=to.MOST_RULE_CHARACTERS,
        )

    @app.post("/room/{session}/lead/key")
    @answers
    async def key(request: Request, session: str) -> Response:
        form = await read_form(request)
        file = site.rooms.get(session)
        given = text_of(form, "key", 200)
        if file is None or lead_by_key(given, file.room) is None:
            return page("room/key.html", status=403, door=f"/room/{session[:60]}/lead", what="facilitator", wrong=True)
        back = site.path(f"/room/{session}/lead")
        response = RedirectResponse(back, status_code=303)
        give_key(response, request, back, given)
        return response

    @app.get("/room/{session}/lead/changes")
    @answers
    async def changes(request: Request, session: str) -> Response:
        file, viewer = may_lead(request, session)
        return changes_for(site.live(file), viewer, request)

    @app.get("/room/{session}/lead/stream")
    @answers
    async def stream(request: Request, session: str) -> Response:
        file, viewer = may_lead(request, session)
        return stream_for(site.live(file), viewer, request, lambda: lead_of(request, file.room) is not None)

    @app.get("/room/{session}/lead/end", response_class=HTMLResponse)
    @answers
    async def end_page(request: Request, session: str) -> Response:
        file, viewer = may_lead(request, session)
        _only_lead(viewer)
        return page("room/end.html", session=session, room=file.room, days=file.room.keep_days, key=new_key())

    @app.post("/room/{session}/lead/end")
    @answers
    async def end(request: Request, session: str) -> Response:
        form = await read_form(request)
        file, viewer = may_lead(request, session)
        _only_lead(viewer)
        back = site.path(f"/room/{session}/lead")
        wanted = text_of(form, "do", 20)
        if wanted not in ("keep", "delete"):
            raise Refused("Choose whether it is kept.", 422)
        if file.room.phase_of_life != "ended":
            await to_thread.run_sync(lambda: site.rooms.end(file, "lead", text_of(form, "key", 80)))
        if wanted == "keep" and file.path is not None:
            return RedirectResponse(back, status_code=303)
        await to_thread.run_sync(lambda: site.rooms.delete(file))
        response = page("room/deleted.html")
        take_key(response, back)
        return response

    @app.post("/room/{session}/lead/do")
    @answers
    async def act(request: Request, session: str) -> Response:
        form = await read_form(request)
        file, viewer = may_lead(request, session)
        back = site.path(f"/room/{session}/lead")
        command = text_of(form, "do", 200).split()
        if command[:1] in (["co-link"], ["screen-link"], ["withdraw"]):
            return await second_link(request, file, viewer, command[0])
        key = text_of(form, "key", 80)
        change = change_of(command, form, file.room, site)
        if isinstance(change, to.Responded | to.Dotted) and change.person not in file.room.people:
            if why := why_no_answer(file.room, change):
                raise NotNow(why)
            await do(file, viewer.role, f"{key} desk", to.Joined(person=change.person, desk=True))
        finished = await do(file, viewer.role, key, change)
        return done(request, finished.n, back)

    async def second_link(request: Request, file: RoomFile, viewer: Viewer, what: str) -> Response:
        """Make a link for the screen or a co-facilitator, or withdraw the latter. A link is shown once."""
        back = f"/room/{file.room.session}/lead"
        if what != "screen-link":
            _only_lead(viewer)
        if what == "withdraw":
            finished = await do(file, viewer.role, new_key(), to.KeyMade(role="co", hash=""))
            return done(request, finished.n, site.path(back))
        key = new_key()
        role, door = ("co", "lead") if what == "co-link" else ("screen", "screen")
        await do(file, viewer.role, new_key(), to.KeyMade(role=role, hash=hash_key(key)))
        # The screen is a window of this computer, a co-facilitator's device is another.
        base = site.join_base(request) if role == "co" else f"{str(request.base_url).rstrip('/')}"
        link = f"{base}/room/{file.room.session}/{door}#{key}"
        if wants_json(request):
            return JSONResponse({"link": link, "role": role})
        return page("room/link.html", link=link, role=role, back=back)


def _only_lead(viewer: Viewer) -> None:
    if viewer.role != "lead":
        raise Refused("Only the facilitator who made the session can do that.")


def change_of(command: list[str], form: FormData, room: Room, site: Site) -> to.Change:
    """Read what a button of the facilitator's page wants: its value is a few words.

    Raises:
        Refused: it is none of ours.
    """
    match command:
        case ["open"]:
            return to.Opened()
        case ["move", number, phase] if number.isdigit() and phase in get_args(Phase):
            return to.Moved.model_validate({"step": int(number[:3]), "phase": phase})
        case ["screen", ("rules" | "words") as item]:
            listed = text_of(form, f"listed-{item}", _MOST_LISTED).split("\n")  # what came since nobody has read
            return to.Screened(item=item, released=tuple(one for one in listed if one))
        case ["screen", ("nothing" | "join" | "step" | "results") as item]:
            return to.Screened(item=item)
        case ["screen", ("quote" | "question" | "answer") as item, item_id]:
            return to.Screened(item=item, id=item_id)
        case ["screen", "other", passage]:
            known = {cut.passage for role in site.assistant.library.roles for cut in site.quotes.others(room.now, role)}
            if passage not in known:
                raise Refused("There is no such quotation.", 422)
            return to.Screened(item="other", id=passage)
        case ["hide", ("question" | "answer" | "rule") as what, item_id, ("yes" | "no") as yes]:
            return to.Hid(what=what, id=item_id, hidden=yes == "yes")
        case ["hide-word", ("yes" | "no") as yes]:
            return to.Hid(what="word", id=text_of(form, "word", to.MOST_WORD_CHARACTERS), hidden=yes == "yes")
        case ["aside", question, ("yes" | "no") as yes]:
            return to.PutAside(question=question, aside=yes == "yes")
        case ["pause", ("yes" | "no") as yes]:
            return to.Paused(paused=yes == "yes")
        case ["details", ("yes" | "no") as yes]:
            return to.JoinDetails(shown=yes == "yes")
        case ["results", step, ("yes" | "no") as yes]:
            return to.ResultsShown(step=step, shown=yes == "yes")
        case ["timer", "off"]:
            return to.TimerSet(ends=None)
        case ["timer", "more"] if room.timer_ends:
            return to.TimerSet(ends=max(room.timer_ends, time.time()) + 60, shown=room.timer_shown)
        case ["timer", ("shown" | "hidden") as shown]:
            if room.timer_ends:
                return to.TimerSet(ends=room.timer_ends, shown=shown == "shown")
            minutes = text_of(form, "minutes", 3)
            if not minutes.isdigit() or int(minutes) not in TIMER_MINUTES:
                raise Refused("Choose how many minutes.", 422)
            return to.TimerSet(ends=time.time() + 60 * int(minutes), shown=shown == "shown")
        case ["agree", rule, ("yes" | "no") as yes]:
            return to.RuleAgreed(rule=rule, agreed=yes == "yes")
        case ["rule"] | ["rule", _]:
            text = " ".join(text_of(form, "rule", to.MOST_RULE_CHARACTERS).split())
            if not text:
                raise Refused("Please type the rule.", 422)
            fresh = f"r{hash_key('lead' + text_of(form, 'key', 80))[:12]}"
            return to.RuleWritten(rule=command[1] if len(command) == 2 else fresh, text=text)
        case ["enter"]:
            return response_of(form, room, paper_of(form, room))
        case ["enter-dots"]:
            return dots_of(form, paper_of(form, room))
    raise Refused("There is no such thing to do.", 422)


def paper_of(form: FormData, room: Room) -> str:
    """Read for whom without a phone something is entered: one of those who are known, or somebody new.

    Raises:
        Refused: there is nobody of that name.
    """
    person = text_of(form, "paper", 60)
    if person and person not in room.papers:
        raise Refused("There is no such paper. Please load the page again.", 422)
    return person or f"d{hash_key('desk' + text_of(form, 'key', 80))[:12]}"  # the same key is the same person
