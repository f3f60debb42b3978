"""Write words into cells of a spreadsheet so that none is read as a formula, and read them back."""

#: A spreadsheet takes a cell that begins with one of these for a formula; the last marks text that is none.
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


def guard_cell(words: str) -> str:
    """Put an apostrophe before words that a spreadsheet would take for a formula.

    >>> guard("=1+1"), guard("’tis"), guard("'tis")
    ("'=1+1", '’tis', "'tis")
    """
    formula = words.startswith(_GUARDED[:-1]) or (words.startswith("'") and words[1:].startswith(_GUARDED))
    return f"'{words}" if formula else words


def unguard_cell(cell: str) -> str:
    """Undo `guard`. An apostrophe that was typed before any other word stays."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_GUARDED) else cell
