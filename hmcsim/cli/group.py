"""The command group: one line on stderr and exit code 2 for anything a user can get wrong, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

CommandT = TypeVar("CommandT", bound=click.Command)

BAD_INPUT = 2
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


class OneLineErrors(click.Group):
    """A group whose errors are one line: usage errors, the packages' own, and files that cannot be read or written."""

    def main(  # type: ignore[override]  # click overloads on standalone_mode, which is settled here
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run; exits with the command's code, `BAD_INPUT` or `INTERRUPTED`."""
        extra["standalone_mode"] = False
        code: object = 0
        try:
            code = super().main(args, prog_name or "hmcsim", **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(0)
        except click.UsageError as error:
            hint = f" (try '{error.ctx.command_path} --help')" if error.ctx else ""
            _fail(f"{error.format_message()}{hint}")
        except click.ClickException as error:
            _fail(error.format_message())
        except (click.Abort, KeyboardInterrupt):
            click.echo("hmcsim: interrupted", err=True)
            sys.exit(INTERRUPTED)
        except ValueError as error:
            if not isinstance(error, _packages_errors()):
                raise
            _fail(str(error))
        except BrokenPipeError:
            # Whoever read our output left early, as `| head` does; say nothing, at interpreter exit neither.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            _fail(f"{error.strerror or error}{where}")
        sys.exit(code if isinstance(code, int) else 0)


def _packages_errors() -> tuple[type[ValueError], ...]:
    # Imported when something has failed: these packages load too slowly for `hmcsim --help`.
    from encoders.errors import EncoderError
    from faces.errors import FaceError
    from headsets.errors import HeadsetError
    from hmcsim.errors import HmcsimError
    from optimize.errors import OptimizeError
    from sim.errors import SimError

    return EncoderError, FaceError, HeadsetError, SimError, OptimizeError, HmcsimError


def _fail(message: str) -> None:
    click.echo(f"hmcsim: error: {' '.join(message.split())}", err=True)
    sys.exit(BAD_INPUT)


def with_examples(*examples: str) -> Callable[[CommandT], CommandT]:
    """Append examples to a command's help."""

    def add(command: CommandT) -> CommandT:
        command.epilog = "\b\nExamples:\n" + "\n".join(f"  {example}" for example in examples)
        return command

    return add
