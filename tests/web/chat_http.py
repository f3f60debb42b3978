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
        here = next(one["id"] for one in page["components"] if one["props"].get("elem_id") == "conversation")
        asking = next(one for one in page["dependencies"] if [here, "submit"] in one["targets"])
        self._call = {"fn_index": asking["id"], "trigger_id": here, "session_hash": session}
        self._data = [None for _ in asking["inputs"]]

    def ask(self, question: str) -> list[str]:
        """Ask, and give the HTML of each state that the page is told to show, the whole answer last."""
        body = {**self._call, "data": self._data, "event_data": {"question": question}}
        self._client.post("/gradio_api/queue/join", json=body).raise_for_status()
        states = []
        with self._client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._session}) as events:
            for line in events.iter_lines():
                event = json.loads(line.removeprefix("data:")) if line else {}
                if event.get("msg") in ("process_generating", "process_completed"):
                    assert event["success"], event
                    shown = "\n".join(_texts(event["output"]["data"]))
                    states += [shown] if "<" in shown else []  # what ends an answer shows nothing more
                if event.get("msg") == "process_completed":
                    break
        return states


def _texts(value: Any) -> list[str]:
    """Every text in what is sent, however it is folded."""
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inside for text in _texts(one)]
