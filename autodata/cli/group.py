"""The program as the command line's parser sees it."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from autodata.cli.output import print_usage_error

_WANTS_JSON = "autodata.json"


class CommandGroup(TyperGroup):
    """All commands; one that is called wrongly with --json says so in an object, like every other error."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[_WANTS_JSON] = "--json" in args
        with print_usage_error(ctx.meta[_WANTS_JSON]):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with print_usage_error(ctx.meta[_WANTS_JSON]):
            return super().invoke(ctx)
