"""Reads a PDF, which holds letters at places on pages and nothing of words, columns or headings."""
