"""Words of ours: what this tool says of itself (`about.toml`), whom to turn to in distress (`help.toml`), fixed lines.

They are never quotations: `quoting/verify.py` sees to that.
"""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError

from assistant.reading.question import ParsedQuery
from corpus.errors import CoproduceError
from corpus.frozen import Frozen
from corpus.vocabulary import Said

ABOUT_FILE, HELP_FILE = (Path(__file__).parent / name for name in ("about.toml", "help.toml"))

#: What is said of what this tool never does. Fixed words, and no more.
NEVER_MADE_UP = (
    "This tool never makes up, changes or writes words. It shows only what stands in the documents, exactly. "
    "Ask what people really said, and their own words are shown."
)
NOT_FOLLOWED = "Questions about the documents are answered. Instructions to this tool are not followed."
#: Said where a question beside them is answered.
ORDER_LEFT_OUT = "What reads like an instruction to this tool was left out."
QUOTES_ONLY = "This tool quotes and does not rewrite: what is shown is in the document’s own words."
IN_ENGLISH = "Questions are read in English, because the documents are in English. Please ask again in English."
#: The same in the other languages of the interface, said before it. Drafted by a machine; no speaker has checked them.
IN_OTHER_LANGUAGES = {
    "cy": "Darllenir cwestiynau yn Saesneg, gan mai Saesneg yw iaith y dogfennau. Gofynnwch eto yn Saesneg.",
    "pl": "Pytania są czytane po angielsku, bo dokumenty są po angielsku. Proszę zapytać jeszcze raz po angielsku.",
    "ur": "سوال انگریزی میں پڑھے جاتے ہیں کیونکہ دستاویزات انگریزی میں ہیں۔ براہ کرم انگریزی میں دوبارہ پوچھیں۔",
    "bn": "প্রশ্ন ইংরেজিতে পড়া হয়, কারণ নথিগুলি ইংরেজিতে। অনুগ্রহ করে আবার ইংরেজিতে জিজ্ঞাসা করুন।",
}


class AboutTopic(Frozen):
    """Something that people ask about this tool, and what it says of itself."""

    id: str
    says: Said
    link: str = ""
    asked: tuple[str, ...] = Field(min_length=1)


class Contact(Frozen):
    """Somebody to turn to, and when."""

    when: Said
    name: Said
    phone: str = Field(default="", pattern=r"^[\d ]*$")
    text: str = Field(default="", pattern=r"^[\d ]*$", description="A number to send a text message to.")

    @property
    def line(self) -> str:
        """Write it as a line: when, who, the number."""
        return f"{self.when} {self.name} {self.phone or self.text}"


class Help(Frozen):
    """What is shown to whoever writes in distress."""

    says: Said
    contacts: tuple[Contact, ...] = Field(min_length=1)


@cache
def load_about() -> tuple[AboutTopic, ...]:
    """Load what this tool says of itself."""
    given = tomllib.loads(ABOUT_FILE.read_text(encoding="utf-8"))
    return tuple(AboutTopic.model_validate(one) for one in given["topics"])


@cache
def load_help(path: Path | None = None) -> Help:
    """Load whom to turn to in distress. Raises CoproduceError where a service's own file is not as it should be."""
    path = path or HELP_FILE
    try:
        return Help.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CoproduceError(f"the help file {path} cannot be read: {error}. COPRODUCE_HELP_FILE names it.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CoproduceError(
            f"the help file {path} is not as it should be: {where}: {first['msg']}. See {HELP_FILE.name} for its form."
        ) from None


def whom_to_turn_to(path: Path | None) -> str:
    """Say in one line whom to turn to, beside an answer to something else."""
    first = load_help(path).contacts[:2]
    return f"If you are in distress, please talk to somebody now. {'; '.join(one.line for one in first)}."


def about_topic(parsed: ParsedQuery) -> AboutTopic:
    """Give what this tool says of itself on what was asked of it."""
    return next(one for one in load_about() if one.id == parsed.about)
