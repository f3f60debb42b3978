"""Show what became of added documents, and how far adding has come, in a terminal: plain words, names as text."""

from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console

from assistant.quoting.visible import in_one_line
from assistant.serving.terminal.console import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from assistant.keeping.added.adding import Progressed
    from assistant.keeping.added.records import Done, FileResult, Held, Problem, Removed

_EVERY_S = 5
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
_WHAT = {
    "added": "added",
    "unchanged": "unchanged",
    "moved": "moved to another collection",
    "replaced": "replaced",
    "refused": "refused",
    "missing": "not there any more (kept)",
    "removed": "removed",
}


def show_done(console: Console, done: "Done", *, stopped: bool = False) -> None:
    """Print what became of files: by name what is new or went wrong, and how many of each."""
    for one in done.files:
        if one.outcome != "unchanged" or one.partly:
            _show_file(console, one)
    counts = [f"{count} {words}" for name, words in _WHAT.items() if (count := getattr(done, name))]
    said = ", ".join(counts) or "nothing to do"
    partly = f"; {done.partly} only partly read" if done.partly else ""
    would = " (nothing was changed: this was a dry run)" if done.dry_run else ""
    say(console, f"{said[:1].upper()}{said[1:]}{partly}{would}.", style="bold")
    if done.passed_over:
        say(console, f"Hidden files passed over: {done.passed_over}.")
    if stopped:
        say(console, "It was stopped. What is listed is kept; give the same command again to go on.")
    elif not done.all_read and not done.dry_run:
        say(console, "`coproduce documents --problems` lists what was not read, and why.")


def _show_file(console: Console, one: "FileResult") -> None:
    known = f" as {one.document_id}" if one.document_id and one.outcome not in ("removed", "missing") else ""
    say(console, f"{one.path}: {_WHAT[one.outcome]}{known}")
    if one.reason:
        say(console, one.reason, indent=2)
    for remark in one.remarks:
        say(console, remark, indent=2)


def show_documents(console: Console, held: Sequence["Held"]) -> None:
    """Print the documents that were added."""
    for one in held:
        say(console, f"{one.id}  {in_one_line(one.title)}", style="bold")
        about = [in_one_line(", ".join(one.authors)), str(one.year or ""), one.format, f"{one.passages} passages"]
        say(console, ", ".join(part for part in about if part), indent=2)
        for place in one.places:
            say(console, f"{place.collection}: {place.path}", indent=2, style="dim")
        if one.speakers:
            say(
                console,
                "Speakers: " + ", ".join(f"{label} ({role})" if role else label for label, role in one.speakers),
                indent=2,
            )
        for remark in one.remarks:
            say(console, remark, indent=2)
    count = "1 document" if len(held) == 1 else f"{len(held)} documents"
    say(console, count if held else "No documents were added. Add some with: coproduce add FILE")


def show_problems(console: Console, found: Sequence["Problem"]) -> None:
    """Print the files that were not read, or not whole."""
    for one in found:
        say(console, f"{one.path}: {one.outcome}", style="bold")
        say(console, one.reason, indent=2)
    say(console, f"{len(found)} files were refused or only partly read." if found else "Every file was read whole.")


def show_removed(console: Console, removed: Sequence["Removed"]) -> None:
    """Print what was taken out."""
    for one in removed:
        say(console, f"{'Would be removed' if one.dry_run else 'Removed'}: {one.document_id}  {in_one_line(one.title)}")
        for place in one.places:
            say(console, place.path, indent=2, style="dim")


class Reporting:
    """Tells on standard error how far adding has come: a bar at a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = self._told = monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> "Reporting":
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take the bar away."""
        self.stop()

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def tell(self, now: "Progressed") -> None:
        """Show how far it has come, how fast, and how long it will take."""
        line = self._line(now)
        if self._console.is_terminal:
            self._draw(now, line)
        elif now.now and monotonic() - self._told >= _EVERY_S:
            self._told = monotonic()
            say(self._console, line)

    def _line(self, now: "Progressed") -> str:
        took = max(monotonic() - self._began, 1e-6)
        parts = [f"{now.files:,} of {now.of_files:,} files", f"{in_units(now.size)} of {in_units(now.of_size)}"]
        if now.size:
            rate = now.size / took
            parts += [f"{in_units(int(rate))} a second", f"about {in_time((now.of_size - now.size) / rate)} left"]
        return f"{', '.join(parts)}: {now.now}" if now.now else ", ".join(parts)

    def _draw(self, now: "Progressed", line: str) -> None:
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415 - only at a terminal
            from rich.text import Text  # noqa: PLC0415

            class Line(TextColumn):
                """Shows a name as it is, without markup."""

                def render(self, task: object) -> Text:
                    return Text(str(getattr(task, "description", "")))

            self._bar = Progress(BarColumn(bar_width=20), Line(""), console=self._console, transient=True)
            self._task = self._bar.add_task("", total=None)
            self._bar.start()
        if self._task is not None:
            self._bar.update(self._task, description=line, completed=now.size, total=max(now.of_size, 1))


def in_units(size: int) -> str:
    """Write a number of bytes for people: 1.2 MB.

    >>> in_units(1_234_567)
    '1.2 MB'
    """
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


def in_time(seconds: float) -> str:
    """Write a time for people.

    >>> in_time(150)
    '2 min'
    """
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
