"""The log holds what went wrong, and no question."""

import subprocess
import sys

FAIL = """
import structlog
from assistant.serving.web.logs import set_up_logs
set_up_logs("info")
if {usual}:
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(colors=False)])
def ask(question):
    raise RuntimeError("it broke")
try:
    ask("is my " + "diagnosis in it?")
except RuntimeError:
    structlog.get_logger().exception("a question failed")
"""


def logged(*, usual: bool) -> str:
    """What stands on standard error after a question failed, with our set-up or structlog's own."""
    code = FAIL.format(usual=usual)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stderr + done.stdout


def test_failed_question_is_not_in_the_log() -> None:
    log = logged(usual=False)
    assert "a question failed" in log and "RuntimeError: it broke" in log
    assert "diagnosis in it" not in log


def test_usual_log_would_hold_it() -> None:
    assert "diagnosis in it" in logged(usual=True)
