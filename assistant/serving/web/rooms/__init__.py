"""Sessions on the web: plain pages for participants, facilitator and screen, with forms in and events out."""
