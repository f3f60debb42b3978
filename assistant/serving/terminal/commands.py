"""The list of commands: ours, and those that other packages add by the entry point `coproduce.commands`."""

from typing import Any

import typer
from typer.core import TyperGroup


class Commands(TyperGroup):
    """Our commands, and those that other packages add by the entry point `coproduce.commands`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Name every command."""
        return [*super().list_commands(ctx), *sorted(_added_commands())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Find a command, ours first."""
        if (own := super().get_command(ctx, cmd_name)) is not None:
            return own
        added = _added_commands().get(cmd_name)
        return typer.main.get_command(added.load()) if added else None


def _added_commands() -> dict[str, Any]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - none of our own commands needs it

    return {point.name: point for point in entry_points(group="coproduce.commands")}
