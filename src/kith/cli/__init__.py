"""`kith`: one module in this folder per command, found by itself.

A command's module has NAME, HELP, EXAMPLE, `arguments(parser)` and `run(args) -> exit code`. Unless it says
`NEEDS_DATABASE = False`, Django is set up and the database runs while `run` does. Its own imports stay inside `run`, so
that `--help` stays quick.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from types import ModuleType

from kith import __version__

WRONG_CONFIGURATION = 2
INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code. 2: a wrong argument or configuration, 1: it could not be done."""
    if (sys.argv[1:] if argv is None else argv) == ["--version"]:  # at once, without loading every command
        print(f"kith {__version__}")
        return 0
    args = parser(commands()).parse_args(argv)
    try:
        return run(args.module, args)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has had enough, as in `kith export … | head`
        sys.stderr.close()
        return 0


def run(module: ModuleType, args: argparse.Namespace) -> int:
    """Run a command in the surroundings it needs; what goes wrong is said in one sentence."""
    from kith.cli.session import database, use_data_folder
    from kith.config import ConfigError
    from kith.kernel.database.embedded import DatabaseError
    from kith.kernel.errors import KithError

    use_data_folder(args.data)
    try:
        if not getattr(module, "NEEDS_DATABASE", True):
            return module.run(args)
        with database():
            return module.run(args)
    except ConfigError as error:
        return say(error, WRONG_CONFIGURATION)
    except (DatabaseError, KithError) as error:
        return say(error, 1)
    except Exception as error:
        if not (words := of_the_database(error)):
            raise
        return say(words, 1)


def of_the_database(error: Exception) -> str:
    """What went wrong in the database, in one sentence; "" for any other error, which is a fault of ours to be seen."""
    django = sys.modules.get("django.db")  # without it there was no database to go wrong
    if django is None or not isinstance(error, django.Error):
        return ""
    state = getattr(error.__cause__, "sqlstate", "") or ""
    if state in ("42P01", "42703"):  # a table, a column that is not there
        return "The database is not prepared for this version of Kith: run `kith migrate`, then this again."
    return f"The database could not do it: {' '.join(str(error).split(chr(10))[0].split()).rstrip('.')}."


def say(sentence: object, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def commands() -> dict[str, ModuleType]:
    """The modules of this folder that are commands, by name."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if name := getattr(module, "NAME", ""):
            found[name] = module
    return dict(sorted(found.items()))


def parser(found: dict[str, ModuleType]) -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    shape = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        prog="kith",
        description="Kith runs the customer relationship process and shows where it leaks.",
        epilog="example:\n  kith serve\n\n`kith COMMAND --help` explains a command and gives an example.",
        formatter_class=shape,
    )
    top.add_argument("--version", action="version", version=f"kith {__version__}")
    listed = top.add_subparsers(metavar="COMMAND", required=True)
    for name, module in found.items():
        example = f"example:\n  {module.EXAMPLE}"
        sub = listed.add_parser(
            name, help=module.HELP, description=sentence(module.HELP), epilog=example, formatter_class=shape
        )
        module.arguments(sub)
        sub.add_argument("--data", metavar="DIR", help="the data folder (default: KITH_DATA, or one of your own)")
        sub.set_defaults(module=module)
    return top


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
