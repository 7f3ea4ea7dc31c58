"""People from the command line: the first administrator, and a way back in when nobody can sign in."""

from __future__ import annotations

import argparse

NAME = "user"
HELP = "add, list or deactivate the people who sign in"
EXAMPLE = "kith user add anna@example.org --role administrator --name 'Anna Berg'"

ROLES = ("administrator", "manager", "member", "read_only")


def arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="make an account and print how its owner gets in, once")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--role", required=True, choices=ROLES, type=lambda text: text.replace("-", "_"))
    add.add_argument("--name", default="", help="as colleagues know them (default: from the address)")
    add.add_argument("--password", action="store_true", help="print a generated password instead of a link")
    commands.add_parser("list", help="everybody who has an account")
    stop = commands.add_parser("deactivate", help="end all sessions and tokens of a person at once")
    stop.add_argument("email", metavar="EMAIL")
    stop.add_argument("--hand-to", metavar="EMAIL", default="", help="who goes on with what they look after")
    commands.add_parser("link", help="print a new link to set a password").add_argument("email", metavar="EMAIL")


def run(args: argparse.Namespace) -> int:
    return {"add": add, "list": show, "deactivate": deactivate, "link": link}[args.command](args)


def add(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.kernel.accounts import actions

    name = args.name or args.email.partition("@")[0].replace(".", " ").title()
    user = actions.invite(email=args.email, name=name, role=args.role, by=system("cli"))
    print(f"{user.name} <{user.email}> is now {user.get_role_display()}.")
    if args.password:
        print(f"Password, shown only now: {actions.generate_password(user, by=system('cli'))}")
    else:
        print(f"Link to set a password, works once and for three days:\n{actions.make_link(user, by=system('cli'))}")
    return 0


def show(args: argparse.Namespace) -> int:
    from kith.kernel.accounts import queries

    for user in queries.colleagues():
        state = "" if user.is_active else "  (deactivated)"
        teams = ", ".join(team.name for team in user.teams.all())
        print(f"{user.email}  {user.name}  {user.role}{'  ' + teams if teams else ''}{state}")
    return 0


def deactivate(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.kernel.accounts import leaving

    user, to = find(args.email), find(args.hand_to) if args.hand_to else None
    warnings, rows = leaving.warnings_for(user), leaving.held_by(user)
    leaving.leave(user, to=to, by=system("cli"))
    print(f"{user.name} <{user.email}> is signed out and can no longer sign in.")
    if to is not None and rows:
        print(f"Handed to {to.name}: {', '.join(f'{count} {plural}' for plural, count in rows.items())}.")
    for words in warnings if to is None else ():
        print(words)
    return 0


def link(args: argparse.Namespace) -> int:
    from kith.kernel.access.actor import system
    from kith.kernel.accounts import actions

    print(actions.make_link(find(args.email), by=system("cli")))
    return 0


def find(email: str):
    """The user with this address; raises NotFound with a sentence."""
    from kith.kernel.accounts.models import User
    from kith.kernel.errors import NotFound

    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise NotFound(f"Nobody has an account with the address {email}; “kith user list” shows everybody.")
    return user
