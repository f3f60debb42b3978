"""The page on which a session is made: from a ready plan, from packs, or from a plan's file."""

import re
import time

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from assistant.room.changes import Opened
from assistant.room.keys import new_key
from assistant.room.plan import MOST_CHARACTERS, MOST_SECTIONS, MOST_STEPS, Plan, Prompt, Step, read_plan
from assistant.room.pretending import pretend
from assistant.serving.web.pages import page
from assistant.serving.web.rooms.doors import Refused, give_key, read_form, text_of
from assistant.serving.web.rooms.network import warnings_of
from assistant.serving.web.rooms.site import Site, answers
from assistant.serving.web.rooms.words import room_languages

MOST_OWN = 10
MOST_DOTS = 10
#: How a line of a trainer's begins where it has a place in the plan.
_PLACE = re.compile(r"(\d{1,2})[.)] (?=.)")


def add_making(app: FastAPI, site: Site) -> None:
    """Add `/room/new`."""

    @app.get("/room/new", response_class=HTMLResponse)
    @answers
    async def new(request: Request) -> Response:
        if not site.may_make(request):
            return page("room/key.html", door="/room/new", what="maker", wrong=False)
        return page(
            "room/new.html",
            plans=site.packs.plans.values(),
            packs=site.packs.packs.values(),
            sections=[(one.id, one.title) for one in site.assistant.library.sections],
            languages=room_languages(),
            days=site.settings.room_keep_days,
            warnings=warnings_of(site.settings),
            checklist=site.packs.checklist,
            most_own=MOST_OWN,
            most_sections=MOST_SECTIONS,
        )

    @app.post("/room/new/key")
    @answers
    async def key(request: Request) -> Response:
        form = await read_form(request)
        given = text_of(form, "key", 200)
        if not site.is_makers(given):
            return page("room/key.html", status=403, door="/room/new", what="maker", wrong=True)
        back = site.path("/room/new")
        goes_on = f"{back}/packs" if text_of(form, "next", 20) == "packs" else back
        response = RedirectResponse(goes_on, status_code=303)
        give_key(response, request, back, given)
        return response

    @app.post("/room/new", response_class=HTMLResponse)
    @answers
    async def made(request: Request) -> Response:
        form = await read_form(request)
        if not site.may_make(request):
            raise Refused("Open the link that coproduce printed when it started, and make the session there.")
        plan, faults = await plan_of(form, site)
        days = text_of(form, "days", 3)
        most = site.settings.room_keep_days
        rehearsal = bool(form.get("rehearse"))
        file, lead = await to_thread.run_sync(
            lambda: site.rooms.make(
                plan,
                nicknames=bool(form.get("nicknames")),
                keep_days=min(int(days), most) if days.isdigit() and int(days) else most,
                rehearsal=rehearsal,
            )
        )
        if rehearsal:
            file.do("lead", new_key(), Opened())
            pretend(file)
        session = file.room.session
        response = page(
            "room/made.html",
            session=session,
            link=f"{site.join_base(request)}/room/{session}/lead#{lead}",
            faults=faults,
            title=plan.title,
            rehearsal=rehearsal,
        )
        give_key(response, request, site.path(f"/room/{session}/lead"), lead)
        return response


async def plan_of(form: FormData, site: Site) -> tuple[Plan, tuple[str, ...]]:
    """Read the plan that a form asks for, and name what of it does not stand in the documents here.

    Raises:
        CoproduceError: no plan was chosen, or its file is none.
    """
    title = " ".join(text_of(form, "title", 160).split())
    language = text_of(form, "language", 2)
    if language and language not in room_languages():
        raise Refused("There is no such language.", 422)
    chosen = text_of(form, "plan", 60)
    sent = form.get("file")
    if chosen == "file" and isinstance(sent, UploadFile):
        written = (await sent.read(MOST_CHARACTERS * 4)).decode("utf-8", "replace")
        plan = read_plan(written)
        plan = plan.model_copy(update={"steps": tuple(_marked(step, site.packs.steps) for step in plan.steps)})
    elif chosen in site.packs.plans:
        plan = site.packs.plans[chosen].plan
    else:
        steps = _in_order([*_chosen_steps(form, site.packs.steps), *_own_steps(form)])
        if not steps:
            raise Refused("Choose a plan, or some steps, or write a question of your own.", 422)
        plan = Plan(title=title or "A session", steps=tuple(steps[:MOST_STEPS]))
    plan = plan.model_copy(update={"steps": with_ground_rules(plan.steps, site.packs.steps)})
    dots = text_of(form, "dots", 2)
    if dots.isdigit() and 0 < int(dots) <= MOST_DOTS:
        with_dots = [one.model_copy(update={"dots": int(dots)}) if _takes_dots(one) else one for one in plan.steps]
        plan = plan.model_copy(update={"steps": tuple(with_dots)})
    chosen_here = {"title": title, "language": language, "sections": sections_of(form, site)}
    plan = plan.model_copy(update={name: value for name, value in chosen_here.items() if value})
    if unknown := set(plan.sections) - {one.id for one in site.assistant.library.sections}:
        plan = plan.model_copy(update={"sections": tuple(one for one in plan.sections if one not in unknown)})
    return await to_thread.run_sync(lambda: site.quotes.opened(plan))


def sections_of(form: FormData, site: Site) -> tuple[str, ...]:
    """Read which parts of the documents are asked; nothing for what the plan says, or for all.

    Raises:
        Refused: there is no such section.
    """
    wanted = tuple(dict.fromkeys(one for one in form.getlist("section") if isinstance(one, str) and one))
    if not {*wanted} <= {one.id for one in site.assistant.library.sections}:
        raise Refused("There is no such section.", 422)
    if len(wanted) > MOST_SECTIONS:
        raise Refused(f"Choose at most {MOST_SECTIONS} parts of the report, or none for all of it.", 422)
    return wanted


def _takes_dots(step: Step) -> bool:
    """Tell whether dots can be spread over a step: over quotations that say whose they are."""
    return step.kind in ("ground_rules", "two_views", "scenario") and len(step.spans) > len(step.read)


def _marked(step: Step, packs: dict[str, Step]) -> Step:
    """Mark a step of a file as the trainer's unless it is a step of a pack of ours, but for its dots."""
    ours = packs.get(step.id)
    is_ours = ours is not None and step == ours.model_copy(update={"dots": step.dots, "whose": step.whose})
    return step.model_copy(update={"whose": "ours" if is_ours else "trainer"})


def with_ground_rules(steps: tuple[Step, ...], packs: dict[str, Step]) -> tuple[Step, ...]:
    """Put the ground rules first: those of the plan, or else those of a pack of ours."""
    here = [one for one in steps if one.kind == "ground_rules"]
    others = [one for one in steps if one.kind != "ground_rules"]
    first = here or [one for one in packs.values() if one.kind == "ground_rules"][:1]
    return (*first, *others)[:MOST_STEPS]


def _place(written: str, usual: int) -> int:
    """Read a place in the plan; a step without one stands where it usually does, after those that have one."""
    return int(written) if written.isdigit() and 0 < int(written) <= MOST_STEPS else usual


def _chosen_steps(form: FormData, packs: dict[str, Step]) -> list[tuple[int, Step]]:
    """Give the steps of packs that are ticked, each with its place."""
    wanted = {one for one in form.getlist("step") if isinstance(one, str)}
    usual = {"closing": 3 * MOST_STEPS}
    return [
        (_place(text_of(form, f"place-{name}", 2), usual.get(step.kind, MOST_STEPS + 1)), step)
        for name, step in packs.items()
        if name in wanted
    ]


def _in_order(steps: list[tuple[int, Step]]) -> list[Step]:
    return [step for _, step in sorted(steps, key=lambda one: one[0])]


def _own_steps(form: FormData) -> list[tuple[int, Step]]:
    """Make a step of each line that a trainer wrote: their words, marked so, never a quotation.

    A line is a question, which takes answers, or an instruction, which does not. It may begin with its place: "3. ".
    """
    stamp = format(int(time.time()), "x")
    made: list[tuple[int, Step]] = []
    for field, kind in (("own", "Question"), ("instructions", "Instruction")):
        lines = [" ".join(line.split()) for line in text_of(form, field, 4000).split("\n") if line.strip()]
        for number, line in enumerate(lines[:MOST_OWN], start=1):
            place = _PLACE.match(line)
            asks = kind == "Question"
            step = Step(
                id=f"{field}-{stamp}-{number}",
                kind="own",
                title=f"{kind} {number} of the trainer",
                text=line[place.end() if place else 0 :][:2000],
                whose="trainer",
                two_rounds=asks,
                prompts=(Prompt(key="answer", label="Your answer"),) if asks else (),
            )
            made.append((_place(place[1] if place else "", 2 * MOST_STEPS), step))
    return made
