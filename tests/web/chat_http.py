"""The chat without a browser: a question is sent as its page sends it, and all HTML that comes back is given."""

import json
from typing import Any

import httpx


class ChatAsker:
    """A conversation with the chat."""

    def __init__(self, client: httpx.Client, session: str = "tests") -> None:
        self._client = client
        self._session = session
        page = client.get("/config").json()
        named = {one["props"].get("elem_id"): one["id"] for one in page["components"]}
        values = {one["id"]: one["props"].get("value") for one in page["components"]}
        asking = next(one for one in page["dependencies"] if [named["question"], "submit"] in one["targets"])
        self._call = {"fn_index": asking["id"], "trigger_id": named["question"], "session_hash": session}
        self._narrowed = [values[one] for one in asking["inputs"][1:-1]]

    def ask(self, question: str) -> list[str]:
        """Ask, and give the HTML of each state that the page is told to show, the whole answer last."""
        body = {**self._call, "data": [question, *self._narrowed, None], "event_data": None}
        self._client.post("/gradio_api/queue/join", json=body).raise_for_status()
        states = []
        with self._client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._session}) as events:
            for line in events.iter_lines():
                event = json.loads(line.removeprefix("data:")) if line else {}
                if event.get("msg") in ("process_generating", "process_completed"):
                    assert event["success"], event
                    states.append("\n".join(_texts(event["output"]["data"])))
                if event.get("msg") == "process_completed":
                    break
        return states


def _texts(value: Any) -> list[str]:
    """Every text in what is sent, however it is folded."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inside for text in _texts(one)]
