"""The web chat, the pages around it and the JSON API: the only place where Gradio and FastAPI are met."""
