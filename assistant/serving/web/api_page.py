"""What the page about the JSON API shows, read from its OpenAPI so that it cannot say what is not so."""

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from corpus.schema import Document


def describe_calls(openapi: dict[str, Any], site: str, documents: Sequence[Document]) -> list[dict[str, Any]]:
    """Describe every call.

    Args:
        openapi: The API's description of itself.
        site: Scheme and host of the examples, `http://127.0.0.1:7860`.
        documents: What is served; the example of a passage is the first of them that has one.

    Returns:
        For each call its `name`, `summary`, `description`, `fields`, an `example` for a shell, what it
        `gives` and which fields that `has`, and its `errors`.
    """
    passage = next((one.id for document in documents for one in document.passages if one.speaker), "ID")
    return [
        {
            "name": f"{method.upper()} {_root(openapi)}{path}",
            "anchor": f"{method}-{path.strip('/').split('/')[0]}",
            "summary": call["summary"],
            "description": call["description"].split("`"),  # every second part is code
            "fields": list(_fields(openapi, call)),
            "example": _example(method, f"{site}{_root(openapi)}{path.format(passage_id=passage)}", call),
            "gives": _type(openapi, _given(call)),
            "has": list(_properties(openapi, _given(call))),
            "errors": [(status, reply["description"]) for status, reply in call["responses"].items() if status >= "4"],
        }
        for path, methods in openapi["paths"].items()
        for method, call in methods.items()
    ]


def _root(openapi: dict[str, Any]) -> str:
    return str(openapi["servers"][0]["url"])


def _given(call: dict[str, Any]) -> dict[str, Any]:
    return _schema_of(next(reply for status, reply in call["responses"].items() if status < "3"))


def _properties(openapi: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Give the fields of what a call gives, or of each thing in the list that it gives."""
    name = _name(schema.get("items", schema))
    fields: dict[str, Any] = openapi["components"]["schemas"].get(name, {}).get("properties", {})
    return fields


def _schema_of(holder: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = holder["content"]["application/json"]["schema"]
    return schema


def _example(method: str, address: str, call: dict[str, Any]) -> str:
    if "requestBody" not in call:
        return f"curl {shlex.quote(address)}"
    body = json.dumps(_schema_of(call["requestBody"])["examples"][0], ensure_ascii=False)
    return f"curl -X {method.upper()} {shlex.quote(address)} -H 'Content-Type: application/json' -d {shlex.quote(body)}"


def _fields(openapi: dict[str, Any], call: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in call.get("parameters", ()):
        words = one.get("description") or one["schema"].get("description", "")
        yield {
            "name": one["name"],
            "type": _type(openapi, one["schema"]),
            "required": one.get("required", False),
            "words": words,
        }
    if "requestBody" in call:
        yield from _fields_of(openapi, _schema_of(call["requestBody"]))


def _fields_of(openapi: dict[str, Any], schema: dict[str, Any], inside: str = "") -> Iterator[dict[str, Any]]:
    name = _name(schema)
    known = openapi["components"]["schemas"][name]
    for field, one in known["properties"].items():
        if _name(one) == "Filters":
            yield from _fields_of(openapi, one, f"{field}.")
            continue
        yield {
            "name": inside + field,
            "type": _type(openapi, one),
            "required": field in known.get("required", ()),
            "words": one.get("description", ""),
        }


def _name(schema: dict[str, Any]) -> str:
    """Give the name of the schema that one refers to, or nothing."""
    parts = [schema, *schema.get("allOf", ())]
    return next((str(part["$ref"]).rpartition("/")[2] for part in parts if "$ref" in part), "")


def _type(openapi: dict[str, Any], schema: dict[str, Any]) -> str:
    """Say in words what a schema allows."""
    if name := _name(schema):
        return ", ".join(openapi["components"]["schemas"][name].get("enum", [name]))
    if branches := schema.get("anyOf"):
        return " or ".join(_type(openapi, one) for one in branches)
    if schema.get("type") == "array":
        return f"list of {_type(openapi, schema['items'])}" if "items" in schema else "list"
    return str(schema.get("type", "anything"))
