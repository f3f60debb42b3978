"""Quotes: writes, checks and exports exact words with their speaker and place. Nothing else may write a citation."""
