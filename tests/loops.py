"""Run what is asynchronous in a thread of its own: Playwright keeps a loop running in the one that tests run in."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")


def run_alone(function: Callable[[], Awaitable[T]]) -> T:
    """Give what an asynchronous function gives."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(anyio.run, function).result()
