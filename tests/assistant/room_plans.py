"""A small plan without quotations, for tests of what does not look at a document."""

from assistant.room.changes import Made
from assistant.room.keys import hash_key
from assistant.room.plan import Option, Plan, Prompt, Step

LEAD = "a" * 32
_YES = (Option(key="yes", label="Yes"), Option(key="no", label="No"))
PLAN = Plan(
    title="Small",
    steps=(
        Step(
            id="first",
            kind="own",
            title="First",
            whose="trainer",
            two_rounds=True,
            prompts=(Prompt(key="choice", label="Yes?", options=_YES), Prompt(key="why", label="Why?")),
        ),
        Step(id="second", kind="own", title="Second", whose="trainer"),
    ),
)


def made(session: str = "s1", **others: object) -> Made:
    """Give the first change of a session with this plan."""
    return Made(session=session, code="CDFHJK", plan=PLAN, lead=hash_key(LEAD), **others)  # type: ignore[arg-type]
