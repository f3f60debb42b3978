"""Guards the settings: where they come from, what is refused and how it is said, and that the README names each."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.settings import Settings, load_settings
from corpus.errors import CoproduceError

README = Path(__file__).parents[2] / "README.md"
FIELDS = sorted(Settings.model_fields)


def test_settings_have_their_defaults_without_an_environment(env_without_settings: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.model == "all-MiniLM-L6-v2"
    assert settings.hits == 10
    assert settings.host == "127.0.0.1"
    assert settings.data_dir.is_absolute()


def test_settings_come_from_the_environment(env_without_settings: pytest.MonkeyPatch) -> None:
    env_without_settings.setenv("COPRODUCE_HITS", "3")
    env_without_settings.setenv("COPRODUCE_DATA_DIR", "~/somewhere")
    settings = load_settings()
    assert settings.hits == 3
    assert settings.data_dir == Path.home() / "somewhere"


def test_settings_given_win_over_the_environment(env_without_settings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env_without_settings.setenv("COPRODUCE_PORT", "8080")
    env_without_settings.setenv("COPRODUCE_DATA_DIR", "/elsewhere")
    settings = load_settings(port=9000, data_dir=tmp_path)
    assert (settings.port, settings.data_dir) == (9000, tmp_path)
    assert load_settings(port=None).port == 8080


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("COPRODUCE_HITS", "0"),
        ("COPRODUCE_HITS", "many"),
        ("COPRODUCE_CITATIONS", "13"),
        ("COPRODUCE_PORT", "70000"),
        ("COPRODUCE_HOST", "http://127.0.0.1"),
        ("COPRODUCE_HOST", "127.0.0.1:7860"),
        ("COPRODUCE_HOST", "[::1]:7860"),
        ("COPRODUCE_HOST", "[localhost]"),
        ("COPRODUCE_HOST", "::1]"),
        ("COPRODUCE_HOST", ":::"),
        ("COPRODUCE_LOG_LEVEL", "loud"),
        ("COPRODUCE_MAX_QUESTION_CHARACTERS", "-1"),
        ("COPRODUCE_EMBED_ORIGINS", "*"),
    ],
)
def test_settings_name_the_variable_that_is_wrong(
    env_without_settings: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    env_without_settings.setenv(variable, value)
    with pytest.raises(CoproduceError) as caught:
        load_settings()
    assert str(caught.value).startswith(f"{variable} cannot be {value!r}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("nothing", ["", "  ", "\r"])
@pytest.mark.parametrize("name", FIELDS)
def test_an_empty_variable_is_as_good_as_none(
    env_without_settings: pytest.MonkeyPatch, name: str, nothing: str
) -> None:
    without = getattr(load_settings(), name)
    env_without_settings.setenv(f"COPRODUCE_{name.upper()}", nothing)
    assert getattr(load_settings(), name) == without
    assert getattr(Settings(**{name: nothing}), name) == without  # type: ignore[arg-type]


def test_an_empty_option_leaves_the_variable_as_it_is(env_without_settings: pytest.MonkeyPatch) -> None:
    env_without_settings.setenv("COPRODUCE_HOST", " 127.0.0.2\r")
    assert load_settings(host="").host == "127.0.0.2"


@pytest.mark.parametrize("level", ["INFO", "Info", "info"])
def test_log_levels_may_be_in_any_case(env_without_settings: pytest.MonkeyPatch, level: str) -> None:
    env_without_settings.setenv("COPRODUCE_LOG_LEVEL", level)
    assert load_settings().log_level == "info"


@pytest.mark.parametrize(
    ("written", "host", "address"),
    [
        ("::1", "::1", "[::1]:7860"),
        ("[::1]", "::1", "[::1]:7860"),
        ("[2001:DB8:0:0::1]", "2001:db8::1", "[2001:db8::1]:7860"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:7860"),
        ("LocalHost", "localhost", "localhost:7860"),
        ("my_service", "my_service", "my_service:7860"),
    ],
)
def test_addresses_are_taken_and_told_with_brackets(
    env_without_settings: pytest.MonkeyPatch, written: str, host: str, address: str
) -> None:
    env_without_settings.setenv("COPRODUCE_HOST", written)
    settings = load_settings()
    assert (settings.host, settings.address) == (host, address)


def test_settings_name_the_option_that_is_wrong(env_without_settings: pytest.MonkeyPatch) -> None:
    with pytest.raises(CoproduceError, match=r"^--port cannot be 0: .*greater than or equal to 1"):
        load_settings(port=0)


@pytest.mark.parametrize(
    ("given", "sites"),
    [
        ("", ()),
        ("https://training.example.org", ("https://training.example.org",)),
        (
            " https://A.example.org,http://localhost:8080 \n https://[::1]:7860, https://a.example.org",
            ("https://a.example.org", "http://localhost:8080", "https://[::1]:7860"),
        ),
    ],
)
def test_sites_that_may_frame_are_read(
    env_without_settings: pytest.MonkeyPatch, given: str, sites: tuple[str, ...]
) -> None:
    env_without_settings.setenv("COPRODUCE_EMBED_ORIGINS", given)
    assert load_settings().embed_origins == sites


@pytest.mark.parametrize(
    "bad",
    [
        "*",
        "https://*.example.org",
        "training.example.org",
        "https://training.example.org/",
        "https://training.example.org/page",
        "https://training.example.org:port",
        "https://training.example.org:70000",
        "https://somebody@example.org",
        "https://",
        "https://a..org",
        "file:///page.html",
        "null",
        "'self'",
        "https://a.org;script-src",
    ],
)
def test_site_that_is_none_is_named(env_without_settings: pytest.MonkeyPatch, bad: str) -> None:
    env_without_settings.setenv("COPRODUCE_EMBED_ORIGINS", f"https://good.example.org {bad}")
    with pytest.raises(CoproduceError) as caught:
        load_settings()
    assert str(caught.value).startswith("COPRODUCE_EMBED_ORIGINS cannot be ")
    assert f"{bad!r} is not the address of a site" in str(caught.value)
    assert "https://training.example.org" in str(caught.value)


@given(st.text(max_size=60))
def test_sites_never_hold_what_could_end_a_header(text: str) -> None:
    try:
        sites = Settings(embed_origins=text).embed_origins  # type: ignore[arg-type]
    except ValueError:
        return
    assert all(re.fullmatch(r"https?://[a-z0-9.\[\]:-]+", site) for site in sites)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().hits = 4  # type: ignore[misc]


@pytest.mark.parametrize("name", FIELDS)
def test_settings_each_have_a_description(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert description.endswith(".")


@pytest.mark.parametrize("name", FIELDS)
def test_readme_names_each_setting_with_its_default(name: str) -> None:
    row = re.search(rf"^\| `COPRODUCE_{name.upper()}` \|.*$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert row, f"README.md has no row for COPRODUCE_{name.upper()} in its table of settings"
    field = Settings.model_fields[name]
    if field.default_factory is None:
        assert f"`{field.default}`" in row.group() or f"| {field.default} |" in row.group()


def test_readme_names_no_setting_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `COPRODUCE_(\w+)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert {row.lower() for row in rows} <= set(FIELDS)
