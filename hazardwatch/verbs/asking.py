"""Questions on the terminal, for what no flag gave. It knows no verb."""

from __future__ import annotations

import sys

import typer


class Asking:
    """Asks with a default; asks nothing with `silent`, or where nobody is there to answer (the input has ended)."""

    def __init__(self, silent: bool) -> None:
        self._silent = silent

    def __call__(self, given: str | None, question: str, default: str) -> str:
        """What a flag gave, else the answer, else the default."""
        if given is not None or self._silent:
            return default if given is None else given
        try:
            answer: str = typer.prompt(question, default=default, show_default=default != "", err=True)
        except typer.Abort:
            if sys.stdin.isatty():
                raise
            typer.echo("", err=True)
            self._silent = True
            return default
        return answer.strip()
