"""Serves people and programs: the terminal, the web chat and its pages, the JSON API and MCP."""
