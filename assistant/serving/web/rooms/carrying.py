"""Files of a session and of packs: plan, summary, join sheet; cards, mats, slides, questions, pages and packages."""

from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from assistant.keeping.feedback import Feedback, keep_feedback
from assistant.room.exports.pages import write_page, write_scorm
from assistant.room.exports.paper import write_paper
from assistant.room.exports.sheets import (
    Sheet,
    activity,
    all_cards,
    cards_of,
    handout,
    join_sheet,
    mats_of,
    not_answered,
    notes,
    summary,
)
from assistant.room.exports.slides import write_slides
from assistant.room.exports.tables import write_cards_csv, write_gift, write_summary_csv
from assistant.room.exports.word import write_word
from assistant.room.plan import Plan, Step
from assistant.room.store import RoomFile
from assistant.schema import Query
from assistant.serving.web.pages import page
from assistant.serving.web.rooms.doors import Refused, lead_of, read_form
from assistant.serving.web.rooms.site import Site, answers

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PAGE = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
TABLE = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class Download:
    """A kind of file of a step or plan: what a person reads, its media type, and what writes it."""

    label: str
    media: str
    write: Callable[[], str | bytes]


def add_carrying(app: FastAPI, site: Site) -> None:
    """Add the pages of packs and the files of a session."""

    def may_lead(request: Request, session: str) -> RoomFile:
        file = site.rooms.get(session)
        if file is None or lead_of(request, file.room) is None:
            raise Refused("This link does not lead the session. Please open the facilitator’s link again.")
        return file

    def packs_page(door: str) -> Response:
        return page(
            "room/packs.html",
            door=door,
            packs=[(pack, [(step, files_of(step, site)) for step in pack.steps]) for pack in site.packs.packs.values()],
            plans=[(one, files_of_plan(one.plan, site)) for one in site.packs.plans.values()],
            cards=files_of_all(site),
        )

    async def pack_file(name: str, file: str) -> Response:
        step, plan = site.packs.steps.get(name), site.packs.plans.get(name)
        files = files_of_all(site) if name == "all" else {}
        if step is not None:
            files = files_of(step, site)
        elif plan is not None:
            files = files_of_plan(plan.plan, site)
        return await download(files, file, name)

    # What is right stands in these files, so that they are for whoever makes or leads a session; and a key is sent by
    # a browser to the pages of its role alone. So they stand below both.

    @app.get("/room/packs")
    async def to_packs() -> Response:
        return RedirectResponse(site.path("/room/new/packs"), status_code=303)

    @app.get("/room/new/packs", response_class=HTMLResponse)
    @answers
    async def packs(request: Request) -> Response:
        if not site.may_make(request):
            return page("room/key.html", door="/room/new", what="packs", wrong=False)
        return packs_page("/room/new/packs")

    @app.get("/room/new/packs/{name}/{file}")
    @answers
    async def file_of_pack(request: Request, name: str, file: str) -> Response:
        if not site.may_make(request):
            raise Refused("Open the link that coproduce printed when it started, and save the file from there.")
        return await pack_file(name, file)

    @app.get("/room/{session}/lead/packs", response_class=HTMLResponse)
    @answers
    async def packs_of_lead(request: Request, session: str) -> Response:
        may_lead(request, session)
        return packs_page(f"/room/{session}/lead/packs")

    @app.get("/room/{session}/lead/packs/{name}/{file}")
    @answers
    async def file_of_pack_of_lead(request: Request, session: str, name: str, file: str) -> Response:
        may_lead(request, session)
        return await pack_file(name, file)

    @app.get("/room/{session}/lead/{file}")
    @answers
    async def file_of_session(request: Request, session: str, file: str) -> Response:
        return await download(files_of_session(may_lead(request, session), site, request), file, "session")

    @app.get("/room/{session}/lead/cases/choose", response_class=HTMLResponse)
    @answers
    async def choose(request: Request, session: str) -> Response:
        return page("room/cases.html", session=session, questions=not_answered(may_lead(request, session).room))

    @app.post("/room/{session}/lead/cases")
    @answers
    async def keep_cases(request: Request, session: str) -> Response:
        form = await read_form(request)
        known = not_answered(may_lead(request, session).room)
        for question in dict.fromkeys(one for one in form.getlist("question") if isinstance(one, str)):
            if question not in known:
                raise Refused("That question is not among those that the report does not answer.", 422)
            await to_thread.run_sync(_keep_case, site, question)
        return RedirectResponse(site.path(f"/room/{session}/lead/end"), status_code=303)


def _keep_case(site: Site, question: str) -> None:
    """Keep a question as a draft of an evaluation case, in the data folder."""
    answer = site.assistant.ask(Query(question=question))
    said = Feedback(question=question, helpful=False, reason="Asked in a session; the report did not answer it.")
    keep_feedback(site.settings.data_dir, said, answer)


async def download(files: dict[str, Download], name: str, of: str) -> Response:
    """Answer with a file by its name. Raises Refused."""
    wanted = files.get(name)
    if wanted is None:
        raise Refused("There is no such file.", 404)
    written = await to_thread.run_sync(wanted.write)
    # Always to be saved: a page has its style inside, which the policy of pages that are shown here forbids.
    headers = {"content-disposition": f'attachment; filename="{of}-{name}"'}
    return Response(written, media_type=wanted.media, headers=headers)


def _sheets(name: str, label: str, make: Callable[[], Sheet]) -> dict[str, Download]:
    """Give a sheet as a page for paper and as a Word file."""
    return {
        f"{name}.html": Download(f"{label}: page", PAGE, lambda: write_paper(make())),
        f"{name}.docx": Download(f"{label}: Word", WORD, lambda: write_word(make())),
    }


def files_of(step: Step, site: Site) -> dict[str, Download]:
    """List the files of a step by their names."""
    quotes = site.quotes
    files = _sheets("sheet", "Sheet for a table", lambda: activity(step, quotes))
    if step.spans:
        files |= _sheets("cards-small", "Cards, eight a page", lambda: cards_of(step, quotes, "small"))
        files |= _sheets("cards-large", "Large cards", lambda: cards_of(step, quotes, "large"))
        files["cards.csv"] = Download("Flashcards: table", TABLE, lambda: write_cards_csv(step, quotes))
    if step.kind == "sort":
        files |= _sheets("mats", "Sort mats", lambda: mats_of(step))
    files["moodle.gift"] = Download(
        "Moodle questions: GIFT", "text/plain; charset=utf-8", lambda: write_gift(step, quotes)
    )
    files["activity.html"] = Download("Page that works offline", PAGE, lambda: write_page(step, quotes))
    files["activity.zip"] = Download("SCORM 1.2 package", "application/zip", lambda: write_scorm(step, quotes))
    return files


def files_of_plan(plan: Plan, site: Site) -> dict[str, Download]:
    """List the files of a plan by their names."""
    quotes = site.quotes
    files = _sheets("handout", "Handout", lambda: handout(plan, quotes))
    files |= _sheets("notes", "Facilitator’s notes", lambda: notes(plan, site.packs.checklist))
    files["slides.pptx"] = Download("Slides", SLIDES, lambda: write_slides(plan, quotes))
    return files


def files_of_all(site: Site) -> dict[str, Download]:
    """List the files of all quotations of everybody who is quoted."""
    library = site.assistant.library
    files = _sheets("cards-small", "Cards, eight a page", lambda: all_cards(library, site.quotes, "small"))
    return files | _sheets("cards-large", "Large cards", lambda: all_cards(library, site.quotes, "large"))


def files_of_session(file: RoomFile, site: Site, request: Request) -> dict[str, Download]:
    """List the files of a session by their names."""
    room, quotes = file.room, site.quotes

    def summed() -> Sheet:
        with file.reading:
            return summary(room, quotes)

    def table() -> str:
        with file.reading:
            return write_summary_csv(room, quotes)

    plan = Download("Plan", "application/json", lambda: room.plan.model_dump_json(indent=1))
    enter = f"{site.join_base(request)}/room"
    return {
        **files_of_plan(room.plan, site),
        **_sheets("summary", "Summary", summed),
        **_sheets("join", "How to join", lambda: join_sheet(room.plan.title, enter, room.code)),
        "summary.csv": Download("Summary: table", TABLE, table),
        "plan.json": plan,
    }
