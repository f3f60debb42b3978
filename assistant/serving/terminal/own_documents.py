"""The commands for documents of one's own: add, list, update, remove and correct them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.serving.terminal.arguments import AsJson, DataDir
from assistant.serving.terminal.console import err, out, print_json, say
from assistant.settings import load_settings
from corpus.errors import CoproduceError
from corpus.shown import shown_name

if TYPE_CHECKING:
    from assistant.keeping.added.adding import Adder
    from assistant.keeping.added.records import Done
    from assistant.keeping.added.shelf import Shelf

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
Into = Annotated[str | None, typer.Option("--collection", help="The collection to put it in. [default: documents]")]
Which = Annotated[str, typer.Argument(help="The document, by its id, the beginning of its id, or its place.")]


def add(
    named: Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER…", help="Files, and folders with files.")],
    collection: Into = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Add documents of your own, to be asked beside the report. They stay on this computer.

    What is there already and did not change is left as it is; what changed is replaced. After a stop, the same command
    goes on where it was stopped.

    Example: coproduce add minutes/ protocol.md --collection "Trial group"
    """
    with _adder(data_dir, dry_run=dry_run, as_json=as_json) as adder:
        done = adder.add(named, collection)
    _finish(done, as_json=as_json)


def update(
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Take out documents whose files are not there any more.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Look again at every file that was added or refused, and take in what changed.

    A file that is not there any more takes nothing out, unless you say so: a disk may only be away.

    Example: coproduce update --remove-missing --dry-run
    """
    with _adder(data_dir, dry_run=dry_run, as_json=as_json) as adder:
        if remove_missing and not dry_run:
            _say_missing(data_dir)
        done = adder.update(remove_missing=remove_missing)
    _finish(done, as_json=as_json)


def documents(
    problems: Annotated[
        bool, typer.Option("--problems", help="Instead, list the files that were refused or only partly read.")
    ] = False,
    collection: Annotated[str | None, typer.Option("--collection", help="Only this collection.")] = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List the documents that you added.

    Example: coproduce documents --problems
    """
    from assistant.serving.terminal.own_present import show_documents, show_problems  # noqa: PLC0415

    with _shelf(data_dir) as shelf:
        if problems:
            found = [one for one in (shelf.problems() if shelf else []) if collection in (None, one.collection)]
            if as_json:
                print_json(json.dumps([one.model_dump(mode="json") for one in found], ensure_ascii=False, indent=1))
            else:
                show_problems(out, found)
            return
        held = shelf.documents(collection) if shelf else []
    if as_json:
        print_json(json.dumps([one.model_dump(mode="json") for one in held], ensure_ascii=False, indent=1))
    else:
        show_documents(out, held)


def remove(
    which: Annotated[list[str], typer.Argument(metavar="ID…", help="Documents, by id, its beginning, or place.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Take documents out, without a trace in the data folder. The files that they were read from are left alone.

    Of a document with several places, a place that is named goes alone; the last one takes the document with it.

    Example: coproduce remove minutes-3f2a91
    """
    from assistant.keeping.added.records import Removed  # noqa: PLC0415

    removed = []
    with _shelf(data_dir) as shelf:
        if shelf is None:
            raise CoproduceError("no documents were added, so there is nothing to remove.")
        found = [(shelf.find(one), shelf.one_of_several(one)) for one in which]
        for held, place in {(held.id, place): (held, place) for held, place in found}.values():
            if not dry_run:
                shelf.remove(held.id) if place is None else shelf.remove_place(place)
            gone = tuple(one for one in held.places if place is None or one.path == shown_name(place))
            removed.append(
                Removed(dry_run=dry_run, document_id=held.id, title=held.title, places=gone, whole=place is None)
            )
    if as_json:
        print_json(json.dumps([one.model_dump(mode="json") for one in removed], ensure_ascii=False, indent=1))
        return
    from assistant.serving.terminal.own_present import show_removed  # noqa: PLC0415

    show_removed(out, removed)


def correct(
    which: Which,
    title: Annotated[str | None, typer.Option("--title", help="What it is called.")] = None,
    author: Annotated[list[str] | None, typer.Option("--author", help="An author; repeat, in order.")] = None,
    year: Annotated[int | None, typer.Option("--year", min=1, max=9999, help="When it appeared.")] = None,
    speaker: Annotated[
        list[str] | None,
        typer.Option("--speaker", metavar="LABEL=SHOWN", help="Show a speaker under another label; repeat."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            metavar="LABEL=ROLE",
            help="Which side a speaker is on: public, professional, interviewer …; repeat. What an interviewer says is "
            "not offered as what was said.",
        ),
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Correct what a document says of itself: what is cited and exported follows. Its words stay as they are.

    Example: coproduce correct interview-3f2a91 --year 2024 --speaker "Jane Smith=Participant 1"
    """
    from corpus.corrections import Corrections, SpeakerAs  # noqa: PLC0415

    speakers: dict[str, SpeakerAs] = {}
    for name, pairs in (("label", speaker), ("role", role)):
        for printed, given in (_pair(one, name) for one in pairs or ()):
            before = speakers.get(printed, SpeakerAs())
            value = given.casefold() if name == "role" else given
            speakers[printed] = before.model_copy(update={name: value})
    wanted = Corrections(
        title=" ".join(title.split()) or None if title else None,
        authors=tuple(" ".join(one.split()) for one in author) if author else None,
        year=year,
        speakers=speakers,
    )
    if wanted == Corrections():
        raise CoproduceError("correct what? Give --title, --author, --year, --speaker or --role.")
    with _shelf(data_dir) as shelf:
        if shelf is None:
            raise CoproduceError("no documents were added, so there is nothing to correct.")
        held = shelf.find(which)
        held = shelf.would_be(held.id, wanted) if dry_run else shelf.correct(held.id, wanted)
    if as_json:
        print_json(held.model_dump_json(indent=1))
        return
    from assistant.serving.terminal.own_present import show_documents  # noqa: PLC0415

    show_documents(out, [held])


def _pair(given: str, what: str) -> tuple[str, str]:
    printed, sign, value = given.rpartition("=")
    if not (sign and printed.strip() and value.strip()):
        option = "--speaker" if what == "label" else "--role"
        raise CoproduceError(f"{option} {given!r} is not understood. Write LABEL={what.upper()}, with an equals sign.")
    return printed.strip(), " ".join(value.split())


@contextmanager
def _shelf(data_dir: Path | None) -> Iterator["Shelf | None"]:
    """Open the library of added documents; None where nothing was added yet."""
    from assistant.keeping.added.database import Database, library_path  # noqa: PLC0415
    from assistant.keeping.added.shelf import Shelf  # noqa: PLC0415

    path = library_path(load_settings(data_dir=data_dir).data_dir)
    if not path.exists():
        yield None
        return
    with Database(path) as database:
        yield Shelf(database)


@contextmanager
def _adder(data_dir: Path | None, *, dry_run: bool, as_json: bool) -> Iterator["Adder"]:
    """Give what adds, with its progress on standard error; whatever stops it, what is kept is said."""
    from assistant.keeping.added.adding import Adder  # noqa: PLC0415
    from assistant.keeping.added.embed import Embedder  # noqa: PLC0415
    from assistant.keeping.added.records import Done  # noqa: PLC0415
    from assistant.serving.terminal.own_present import Reporting, show_done  # noqa: PLC0415

    settings = load_settings(data_dir=data_dir)
    with Reporting(err) as reporting:
        adder = Adder(settings.data_dir, Embedder.from_settings(settings), told=reporting.tell, dry_run=dry_run)
        try:
            yield adder
        except (KeyboardInterrupt, CoproduceError):
            reporting.stop()
            if adder.results:
                show_done(err if as_json else out, Done.of(adder.results, dry_run=dry_run), stopped=True)
            raise


def _say_missing(data_dir: Path | None) -> None:
    """Say which documents are about to be taken out because their files are not there."""
    from assistant.keeping.added.walk import is_missing  # noqa: PLC0415

    with _shelf(data_dir) as shelf:
        for place in shelf.known_places() if shelf else ():
            if is_missing(place):
                say(err, f"Not there any more, and taken out: {shown_name(place)}")


def _finish(done: "Done", *, as_json: bool) -> None:
    """Show what was done; where something was not read whole, the command has failed."""
    if as_json:
        print_json(done.model_dump_json(indent=1))
    else:
        from assistant.serving.terminal.own_present import show_done  # noqa: PLC0415

        show_done(out, done)
    if not done.all_read:
        raise typer.Exit(1)
