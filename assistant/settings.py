"""All settings, in one place. Each can be set by an environment variable: COPRODUCE_ and the name in capitals."""

import ipaddress
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from corpus.errors import CoproduceError


def _expanded(value: object) -> object:
    if str(value) in ("", "."):
        raise ValueError("a folder's name is needed")
    return Path(value).expanduser() if isinstance(value, str | Path) else value


_ORIGIN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?"
)


def _parts(value: str | list[object] | tuple[object, ...]) -> list[str]:
    parts = re.split(r"[\s,]+", value) if isinstance(value, str) else [str(part) for part in value]
    return [part for part in parts if part]


def _as_origins(value: object) -> object:
    if not isinstance(value, str | list | tuple):
        return value
    origins = tuple(dict.fromkeys(part.lower() for part in _parts(value)))
    for origin in origins:
        found = _ORIGIN.fullmatch(origin)
        if found is None or int(found[1] or 1) not in range(1, 65536):
            raise ValueError(
                f"{origin!r} is not the address of a site. Write http or https, the name, and the port if it has one, "
                "with nothing after them: https://training.example.org. Each site is named; there is no wildcard"
            )
    return origins


_HOST = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*")


def _host(written: str) -> str | None:
    """Give a computer's name or address in the one way that browsers write it, without brackets; None if it is none."""
    host = written.lower()
    if host.startswith("[") and host.endswith("]") and ":" in host:
        host = host[1:-1]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host if _HOST.fullmatch(host) else None


def _as_host(value: object) -> object:
    if not isinstance(value, str):
        return value
    host = _host(value)
    if host is None:
        raise ValueError(
            "it is not an address. Write a name, or an address with or without brackets, and no port: "
            "localhost, 0.0.0.0 or [::1]"
        )
    return host


def _as_hosts(value: object) -> object:
    if not isinstance(value, str | list | tuple):
        return value
    hosts = {part.lower(): _host(part) for part in _parts(value)}
    for written, host in hosts.items():
        if host is None:
            raise ValueError(
                f"{written!r} is not the name of a computer. Write the name alone, without http and port: "
                "coproduce.example.org. Each name is given; there is no wildcard"
            )
    return tuple(dict.fromkeys(hosts.values()))


def _as_names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(" ".join(part.split()) for part in value.split(",") if part.strip()))


def _in_small_letters(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


_ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")


def _as_root_path(value: object) -> object:
    if not isinstance(value, str):
        return value
    root = value.strip().rstrip("/")
    if root and not _ROOT_PATH.fullmatch(root):
        raise ValueError(
            "it is not the path below which a proxy serves the web chat. Write it from the root, without the site: "
            "/coproduce; in letters, digits, hyphens, full stops and underscores"
        )
    return root


def _as_networks(value: object) -> object:
    if not isinstance(value, str | list | tuple):
        return value
    networks = []
    for part in _parts(value):
        try:
            networks.append(ip_network(part.strip("[]")))
        except ValueError:
            raise ValueError(
                f"{part!r} is not the address of a proxy. Write an address or a network in numbers: 127.0.0.1, ::1, "
                "10.1.2.0/24. Each is named; there is no wildcard"
            ) from None
    return tuple(dict.fromkeys(networks))


FolderPath = Annotated[Path, BeforeValidator(_expanded)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_as_origins)]
RootPath = Annotated[str, BeforeValidator(_as_root_path)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_as_networks)]
Host = Annotated[str, BeforeValidator(_as_host)]
Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_as_hosts)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_as_names)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_in_small_letters)]


class Settings(BaseSettings):
    """How coproduce behaves. Every field says what it does, its unit and its range."""

    model_config = SettingsConfigDict(env_prefix="COPRODUCE_", frozen=True, extra="forbid")

    data_dir: FolderPath = Field(
        default_factory=lambda: user_data_path("coproduce", appauthor=False),
        description="Folder for the index and the exported encoder.",
    )
    model: str = Field(
        default="all-MiniLM-L6-v2",
        description="Embedding model: the bundled `all-MiniLM-L6-v2`, a local folder, or a name on a model hub.",
    )
    hits: int = Field(default=10, ge=1, le=100, description="How many hits a search gives.")
    citations: int = Field(default=6, ge=1, le=12, description="How many citations an answer has at most.")
    answer_tokens: int = Field(
        default=440, ge=50, le=4000, description="Length of an answer at most, in tokens of our encoding."
    )
    max_question_characters: int = Field(
        default=2000, ge=50, le=20000, description="Longer questions are refused, in characters."
    )
    help_file: FolderPath | None = Field(
        default=None,
        description="Your own file of whom to turn to in distress, in the form of `assistant/answering/help.toml`.",
    )
    host: Host = Field(default="127.0.0.1", description="Address that the web chat listens on.")
    port: int = Field(default=7860, ge=1, le=65535, description="Port that the web chat listens on.")
    hosts: Hosts = Field(
        default_factory=tuple,
        description="Names by which browsers reach the web chat, besides this computer's own, with commas or spaces "
        "between them. If empty: no others while `host` is this computer's own address, otherwise any.",
    )
    root_path: RootPath = Field(
        default_factory=str,
        description="Path below which a proxy serves the web chat, such as `/coproduce`; empty for a site of its own.",
    )
    proxies: Networks = Field(
        default_factory=tuple,
        description="Addresses of proxies that are believed what they say of the browser, in `X-Forwarded-Host` and "
        "`X-Forwarded-Proto`, with commas or spaces between them; none if empty.",
    )
    web_threads: int = Field(default=4, ge=1, le=64, description="Questions that the web chat answers at once.")
    web_queue: int = Field(default=64, ge=1, le=1000, description="Questions that may wait in the web chat.")
    embed_origins: Origins = Field(
        default_factory=tuple,
        description="Sites that may show the chat in a frame, with commas or spaces between them; none if empty.",
    )
    shared_collections: Names = Field(
        default_factory=tuple,
        description="Collections of added documents that visitors of the web chat may ask too, with commas between "
        "them; none if empty: only the owner may, who shows the key of the data folder.",
    )
    room: bool = Field(
        default=False, description="Whether training sessions can be made and joined; `coproduce serve --room` does it."
    )
    room_people: int = Field(default=120, ge=1, le=500, description="Devices in a session, at most.")
    room_sessions: int = Field(default=10, ge=1, le=100, description="Sessions that are open at once, at most.")
    room_waiting: int = Field(default=3, ge=1, le=20, description="Questions of one device that wait at once, at most.")
    room_keep_days: int = Field(
        default=7, ge=1, le=90, description="Days for which a session is kept after it has ended, at most."
    )
    log_level: LogLevel = Field(default="warning", description="What is written to the log on standard error.")

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take an empty value for none: a variable is often set to nothing where it should not be set."""
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @property
    def address(self) -> str:
        """Where it listens, as an address has it: `127.0.0.1:7860`, `[::1]:7860`."""
        host = "[" + self.host + "]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment; `overrides` that are neither None nor empty win.

    Raises:
        CoproduceError: a value is not allowed; the message names the setting, the value and what is allowed.
    """
    given = {name: value for name, value in overrides.items() if value is not None and value != ""}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        source = f"--{name.replace('_', '-')}" if name in given else f"COPRODUCE_{name.upper()}"
        message = first["msg"].removeprefix("Value error, ").lower()
        raise CoproduceError(f"{source} cannot be {first['input']!r}: {message}.") from None
