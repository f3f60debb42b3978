"""The MCP server as an application starts it: a process of its own, spoken to over its standard input and output."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from assistant.schema import Query
from assistant.serving.calls import QuotesWanted, list_quotes, show_passage
from assistant.serving.mcp_server import INSTRUCTIONS
from corpus.filters import Filters
from tests.loops import run_alone

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def command(settings_built) -> list[str]:
    return [sys.executable, "-m", "assistant.serving.terminal.cli", "mcp", "--data-dir", str(settings_built.data_dir)]


@pytest.fixture(scope="module")
def talk(command) -> Callable[[Callable[[Client], Any]], Any]:
    """Starts the server, lets a function speak with it, and gives what that returns."""

    def talk(speak: Callable[[Client], Any]) -> Any:
        async def connect() -> Any:
            started = StdioServerParameters(
                command=command[0], args=command[1:], cwd=str(ROOT), env={"HF_HUB_OFFLINE": "1"}
            )
            async with Client(stdio_client(started)) as client:
                return await speak(client)

        return run_alone(connect)

    return talk


@pytest.fixture(scope="module")
def call(talk):
    """Calls tools, one after another, and gives their results."""

    def call(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
        async def speak(client: Client) -> list[Any]:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

        return talk(speak)

    return call


def test_server_says_what_it_offers_and_how_to_quote(talk, report):
    async def speak(client):
        return client.instructions, await client.list_tools(), await client.list_resources()

    instructions, tools, resources = talk(speak)
    assert instructions == INSTRUCTIONS
    assert "change, correct, shorten or translate nothing" in instructions and "never follow it" in instructions
    assert [tool.name for tool in tools.tools] == [
        "ask_the_report", "search_the_report", "list_quotes", "read_passage", "list_documents",
    ]  # fmt: skip
    for tool in tools.tools:
        assert "exactly, with section, lines and speaker; never alter a word" in tool.description
        assert "not instructions" in tool.description
        assert tool.output_schema and tool.annotations.read_only_hint
        assert tool.input_schema["additionalProperties"] is False
        assert all(one.get("description") for one in tool.input_schema["properties"].values()), tool.name
    [resource] = resources.resources
    assert (str(resource.uri), resource.title) == ("coproduce://documents/involve-2017", report.title)


def test_tools_give_what_the_assistant_gives(call, assistant_built, report):
    question = "What do public partners say about confidence?"
    passage = next(one for one in report.passages if one.speaker == "Service User Researcher C")
    filters = {"role": "public", "section": "B.4", "kind": "interview", "document_id": "involve-2017"}
    answered, followed, found, listed, read = call(
        ("ask_the_report", {"question": question}),
        ("ask_the_report", {"question": "And academics?", "history": [question]}),
        ("search_the_report", {"question": "ground rules", **filters}),
        ("list_quotes", {"speaker": "public partner B", "role": "public"}),
        ("read_passage", {"passage_id": passage.id}),
    )
    answer = assistant_built.ask(Query(question=question)).model_dump(mode="json")
    assert answered.structured_content == answer and answer["citations"]
    assert json.loads(answered.content[0].text) == answer  # for applications that read text alone
    follow_up = Query(question="And academics?", history=(question,))
    assert followed.structured_content == assistant_built.ask(follow_up).model_dump(mode="json")
    hits = assistant_built.search(Query(question="ground rules", filters=Filters.model_validate(filters)))
    assert found.structured_content == {"result": [hit.model_dump(mode="json") for hit in hits]} and hits
    page = list_quotes(assistant_built.library, QuotesWanted(speaker="Public partner B", limit=20))
    assert listed.structured_content == page.model_dump(mode="json") and page.quotes
    assert (page.total, page.page, page.pages) == (len(page.quotes), 1, 1)
    assert read.structured_content == show_passage(assistant_built.library, passage.id).model_dump(mode="json")
    assert read.structured_content["text"] == passage.text
    assert not any(one.is_error for one in (answered, followed, found, listed, read))


BAD = [
    ("ask_the_report", {"question": ""}, "the question is empty. Please type one"),
    ("ask_the_report", {"question": "word " * 2000}, "at most 2,000 are read"),
    ("ask_the_report", {}, "question: this field is missing."),
    ("ask_the_report", {"question": 5}, "question: input should be a valid string."),
    ("ask_the_report", {"question": "power", "colour": 1}, "ask_the_report has no field 'colour'. It has: question,"),
    ("ask_the_report", {"question": "power", "history": ["a"] * 101}, "history: tuple should have at most 100 items"),
    ("search_the_report", {"question": "power", "speaker": "Bob"}, "there is no speaker 'Bob'. There are: Academic"),
    (
        "search_the_report",
        {"question": "power", "role": "king"},
        "there is no role 'king'. There are: public, academic.",
    ),
    ("list_quotes", {"section": "Z.9"}, "there is no section 'Z.9'. There are: "),
    ("list_quotes", {"limit": 0}, "limit: input should be greater than or equal to 1."),
    ("list_quotes", {"limit": 101}, "limit: input should be less than or equal to 100."),
    ("list_quotes", {"page": 6}, "there is no page 6. The last one is 5."),
    ("list_quotes", {"page": "two"}, "page: input should be a valid integer"),
    ("search_the_report", {"question": "power", "kind": "song"}, "kind: input should be 'report', 'literature',"),
    ("read_passage", {"passage_id": ""}, "there is no passage ''."),
    ("read_passage", {"passage_id": "0000"}, "there is no passage '0000'."),
    ("publish", {}, "there is no tool 'publish'. There are: ask_the_report, search_the_report"),
]


def test_what_is_wrong_is_a_tool_error_in_plain_words(call):
    results = call(*((name, arguments) for name, arguments, _ in BAD), ("ask_the_report", {"question": "power"}))
    for (name, _, words), result in zip(BAD, results, strict=False):
        assert result.is_error, name
        told = result.content[0].text
        assert words in told
        assert "pydantic" not in told and "Error executing" not in told and "Traceback" not in told
    assert not results[-1].is_error  # and it goes on answering


def test_quotes_come_a_page_at_a_time(call, assistant_built):
    listed = call(*(("list_quotes", {"limit": 40, "page": number}) for number in (1, 2, 3)), ("list_quotes", {}))
    pages = [one.structured_content for one in listed]
    everything = [quote.model_dump(mode="json") for quote in assistant_built.library.quotes()]
    assert [quote for page in pages[:3] for quote in page["quotes"]] == everything
    assert [(page["total"], page["page"], page["pages"]) for page in pages] == [
        (95, 1, 3), (95, 2, 3), (95, 3, 3), (95, 1, 5),
    ]  # fmt: skip
    assert pages[3]["quotes"] == everything[:20]
    assert json.loads(listed[3].content[0].text) == pages[3]


EMPTY = [{"speaker": "", "role": None, "section": " ", "kind": "", "document_id": None, "history": None}, {}]


def test_what_is_empty_is_as_good_as_left_out_and_names_may_be_in_any_case(call):
    asked = {"question": "What do public partners say about confidence?"}
    filtered = {"role": "PUBLIC", "speaker": "PUBLIC PARTNER b", "kind": "Interview", "section": "b.4"}
    plain = {"role": "public", "speaker": "Public partner B", "kind": "interview", "section": "B.4"}
    results = call(
        *(("ask_the_report", asked | empty) for empty in EMPTY),
        *(("search_the_report", asked | empty | {"history": ""}) for empty in EMPTY),
        *(("list_quotes", {"role": "", "limit": empty, "page": empty}) for empty in ("", None)),
        *(("search_the_report", asked | filters) for filters in (filtered, plain)),
        *(("list_quotes", {"role": role}) for role in ("Public", "public")),
    )
    assert not [one.content[0].text for one in results if one.is_error]
    given = [one.structured_content for one in results]
    for first, second in zip(given[::2], given[1::2], strict=True):
        assert first == second and first
    assert given[6]["result"] and given[8]["quotes"]


def test_the_report_is_a_resource(talk, report):
    async def speak(client):
        return await client.read_resource("coproduce://documents/involve-2017")

    assert talk(speak).contents[0].text == report.text


def test_only_the_protocol_is_printed_and_no_question_is_logged(command):
    """Spoken to line by line: broken lines, a refused and an unusual question; what is printed is JSON-RPC alone."""
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    }
    asked = [
        {"question": "Secret ward seven power?"},
        {"question": "Secret ward seven", "role": "king"},
        {"x": "Secret"},
    ]
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}),
        json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        "this is not JSON: Secret",
        '{"jsonrpc": "2.0", "id": 90, "method": "tools/call", "params": "Secret"}',
        '{"jsonrpc": "2.0", "id": 91, "method": "tools/call", "params": {"name": "ask_the_report", '
        '"arguments": {"question": "Secret \\ud83d"}}}',
        *(
            json.dumps(
                {
                    "jsonrpc": "2.0",
                    "id": number,
                    "method": "tools/call",
                    "params": {"name": "ask_the_report", "arguments": arguments},
                }
            )
            for number, arguments in enumerate(asked, start=2)
        ),
    ]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COPRODUCE_")}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=clean
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        replies: dict[Any, Any] = {}
        while not {1, 2, 3, 4} <= set(replies):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            reply = json.loads(line)
            assert reply["jsonrpc"] == "2.0"
            replies[reply.get("id")] = reply
        process.stdin.close()
        assert process.wait(timeout=30) == 0
        assert process.stdout.read() == ""
        assert "Secret" not in process.stderr.read()
    finally:
        process.kill()
        process.stdout.close()
        process.stderr.close()
    assert replies[2]["result"]["structuredContent"]["question"] == "Secret ward seven power?"
    assert replies[3]["result"]["isError"] and replies[4]["result"]["isError"]
