"""Show answers, hits and quotes in a terminal, for people: plain words, wrapped lines, no markup from a source."""

from collections.abc import Sequence

from rich.console import Console

from assistant.finding.retriever import Candidate
from assistant.finding.score import weights_for
from assistant.quoting.cite import marker
from assistant.quoting.visible import visible
from assistant.schema import Answer, Hit, QuotationBlock
from assistant.serving.terminal.console import say
from corpus.glossary import GlossaryEntry
from corpus.schema import Document, Quote, Section


def show_answer(console: Console, answer: Answer) -> None:
    """Print an answer with its citations, notices and suggestions."""
    for block in answer.blocks:
        if isinstance(block, QuotationBlock):
            say(console, f"{block.words} {marker(block.citation.marker)}", indent=2)
            say(console, block.attribution, indent=2, style="dim")
        elif block.kind == "reason":  # it stands in the line of the refusal
            continue
        else:
            say(console, _with_reason(answer) if block.kind == "refusal" else block.text, style="bold")
        console.print()
    for line in (*answer.notices, *answer.suggestions):
        say(console, line, style="italic")


def _with_reason(answer: Answer) -> str:
    return " ".join(block.text for block in answer.blocks if block.kind in ("refusal", "reason"))


def show_hits(console: Console, hits: tuple[Hit, ...], documents: Sequence[Document]) -> None:
    """Print the passages that were found, best first; of an added document, its title first."""
    by_id = {document.id: document for document in documents}
    for hit in hits:
        document = by_id[hit.document_id]
        first, last = document.passage(hit.passage_id).lines
        who = f"{hit.speaker}, " if hit.speaker else ""
        title = f"“{visible(' '.join(document.title.split()))}” (added document), " if hit.added else ""
        place = f"{hit.section}, lines {first}–{last}"
        say(console, f"{hit.rank}. {title}{who}{place} (score {hit.score:.3f})", style="bold")
        say(console, hit.text, indent=3)
        console.print()


def show_scores(console: Console, found: list[Candidate]) -> None:
    """Print what each hit's score is made of: cosines, BM25 as a share of the best, and what was added for a voice."""
    say(console, "How the hits were scored", style="bold")
    for rank, scored in enumerate(found, start=1):
        who = f"{scored.passage.speaker}, " if scored.passage.speaker else ""
        parts = " + ".join(
            f"{weight:g} × {scored.parts[name]:.2f} {name}"
            for name, weight in weights_for(scored.has_questions).items()
            if scored.parts[name]
        )
        say(console, f"{rank}. {who}{scored.passage.section}: {scored.score:.3f} = {parts}")


def show_quotes(console: Console, quotes: list[Quote]) -> None:
    """Print quotations, each with who said it and where it stands."""
    for quote in quotes:
        say(console, f"“{quote.quoted_text}”")
        first, last = quote.lines
        where = f"— {quote.speaker}, {quote.section} {quote.section_title}, lines {first}–{last}"
        say(console, where, style="dim")
        console.print()
    say(console, f"{len(quotes)} quotes")


def show_glossary(console: Console, entries: list[GlossaryEntry]) -> None:
    """Print what words mean, whose meaning it is, and what else people say."""
    for entry in entries:
        whose = f"as the report says in {entry.section}" if entry.defined_by == "report" else "in our words"
        say(console, entry.term, style="bold")
        say(console, f"{entry.meaning} ({whose})", indent=2)
        if entry.also:
            say(console, f"Also: {', '.join(entry.also)}", indent=2, style="dim")


def show_sections(console: Console, sections: list[tuple[Section, tuple[int, int]]]) -> None:
    """Print the sections with the lines that they take up."""
    width = max((len(section.id) for section, _ in sections), default=0)
    for section, (first, last) in sections:
        say(console, f"{section.id:<{width}}  {section.title}  (lines {first}–{last})")
