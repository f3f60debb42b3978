"""Reads sources into documents: one file a kind of source."""
