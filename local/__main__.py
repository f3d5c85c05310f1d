"""The embedded stack's command line: python -m local up | down | status | logs | clean | demo."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from local import stack as stacks
from local.stack import StackError


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; an error that a person can mend is one sentence, not a stack trace."""
    options = _parser().parse_args(arguments)
    try:
        return options.verb(options)
    except StackError as error:
        print(f"otto: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("otto: interrupted; what was started keeps running, `make down` stops it", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The embedded stack of Otto.")
    verbs = parser.add_subparsers(required=True)

    def verb(name: str, function, help: str) -> argparse.ArgumentParser:  # noqa: A002
        made = verbs.add_parser(name, help=help)
        made.set_defaults(verb=function)
        return made

    start = verb("up", _up, "start every service and wait until it works")
    start.add_argument("--only", nargs="+", metavar="SERVICE", help="start these services only")
    _mall_options(start)
    cluster = verb("cluster", _cluster, "the same as a web node and two worker nodes with Celery between them")
    _mall_options(cluster)
    verb("down", _down, "stop every service")
    shown = verb("status", _status, "what runs, whether it works, what is live")
    shown.add_argument("--json", action="store_true")
    logs = verb("logs", _logs, "show and follow the logs")
    logs.add_argument("service", nargs="?")
    logs.add_argument("--no-follow", action="store_true")
    clean = verb("clean", _clean, "stop everything and remove all its state")
    clean.add_argument("--yes", action="store_true", help="do not ask")
    demo = verb("demo", _demo, "the whole platform once, from mall pages to a live release")
    _mall_options(demo)
    verb("pipeline", _pipeline, "the four DAGs once, on a stack that runs")
    replay = verb("replay", _replay, "a past day again, from its raw pages")
    replay.add_argument("run_date", metavar="YYYY-MM-DD")
    back = verb("rollback", _rollback, "make another kept release live")
    back.add_argument("--release", type=int, metavar="ID", help="the release; else the one before the live one")
    back.add_argument("--reason", default="make rollback")
    back.add_argument("--hold", action="store_true", help="later publications do not become live until `unhold`")
    verb("unhold", _unhold, "let publications become live again")
    verb("migrations", _migrations, "which migrations the serving database has")
    run = verb("run", _run, argparse.SUPPRESS)
    run.add_argument("service")
    reap = verb("reap", _reap, argparse.SUPPRESS)
    reap.add_argument("supervisor", type=int)
    node = verb("node", _node, argparse.SUPPRESS)
    node.add_argument("node")
    verb("migrate", _migrate, argparse.SUPPRESS)
    step = verb("prepare", _prepare, argparse.SUPPRESS)
    step.add_argument("step")
    healthy = verb("healthy", _healthy, argparse.SUPPRESS)
    healthy.add_argument("service")
    return parser


def _mall_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reviews", metavar="PATH", help="serve the reviews of this CSV file")
    parser.add_argument("--products", type=int, metavar="N", help="generated products")
    parser.add_argument("--reviews-per-product", type=int, metavar="N", help="generated reviews a product, on average")
    parser.add_argument("--seed", type=int, metavar="N", help="of the generated catalogue")
    parser.add_argument("--delay-ms", type=int, metavar="N", help="the malls answer after this time")


def _up(options: argparse.Namespace, cluster: bool = False) -> int:
    from local import malls_choice
    from local.up import up

    stack = stacks.load()
    console = _console()
    malls_choice.apply(stack, options, console, keep=True)
    console.print("Otto is starting", highlight=False)
    up(stack, console, None if cluster else options.only, cluster)
    console.print("Otto is up; `make status` shows the addresses", highlight=False)
    return 0


def _cluster(options: argparse.Namespace) -> int:
    return _up(options, cluster=True)


def _down(options: argparse.Namespace) -> int:
    from local import supervisor

    supervisor.shut_down(stacks.load())
    print("Otto is down; its state stays")
    return 0


def _status(options: argparse.Namespace) -> int:
    from local import status

    found = status.status(stacks.load())
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    status.show(found, _console())
    return 0 if all(row["healthy"] for row in found["services"]) else 1


def _logs(options: argparse.Namespace) -> int:
    stack = stacks.load()
    files = [stack.logs / f"{options.service}.log"] if options.service else sorted(stack.logs.glob("*.log"))
    absent = [path for path in files if not path.exists()]
    if absent or not files:
        known = ", ".join(path.stem for path in sorted(stack.logs.glob("*.log")))
        raise StackError(f"there is no log of {options.service or 'any service'} in {stack.logs}; there are: {known}")
    follow = [] if options.no_follow else ["-F"]
    return subprocess.run(["tail", "-n", "40", *follow, *map(str, files)], check=False).returncode


def _clean(options: argparse.Namespace) -> int:
    from local import supervisor

    stack = stacks.load()
    if not stack.state.exists():
        print("nothing to remove")
        return 0
    if not (stack.record.exists() or (stack.state / "secrets.json").exists()):
        # $OTTO_STATE could name somebody's home by mistake
        print(f"{stack.state} is not the state of a stack; nothing was removed")
        return 0
    if not options.yes and not _confirmed(stack.state):
        print("nothing was removed")
        return 1
    supervisor.shut_down(stack)
    shutil.rmtree(stack.state)
    print(f"{stack.state} is removed")
    return 0


def _confirmed(state: Path) -> bool:
    if not sys.stdin.isatty():
        raise StackError(f"this removes {state}; say --yes (make clean YES=1) where nobody can be asked")
    return input(f"Remove {state} with all databases and objects? [y/N] ").strip().lower() in ("y", "yes")


def _demo(options: argparse.Namespace) -> int:
    from local import demo, malls_choice

    stack = stacks.load()
    console = _console()
    malls_choice.apply(stack, options, console, keep=False)
    return demo.demo(stack, console)


def _pipeline(options: argparse.Namespace) -> int:
    return _follow({})


def _replay(options: argparse.Namespace) -> int:
    try:
        day = date.fromisoformat(options.run_date)
    except ValueError as error:
        raise StackError(f"{options.run_date!r} is not a day; write RUN_DATE=YYYY-MM-DD") from error
    return _follow({"run_date": day.isoformat()})


def _follow(conf: dict[str, str]) -> int:
    from local.demo import follow_shown, open_airflow, tell_failures

    stack, console = stacks.load(), _console()
    return tell_failures(follow_shown(open_airflow(stack), conf, console), console)


def _rollback(options: argparse.Namespace) -> int:
    from local import releases

    return releases.roll_back(stacks.load(), options.release, options.reason, options.hold, _console())


def _unhold(options: argparse.Namespace) -> int:
    from local import releases

    return releases.unhold(stacks.load(), _console())


def _migrations(options: argparse.Namespace) -> int:
    from local.credentials import credentials
    from local.migrate import show

    stack = stacks.load()
    return show(stack, credentials(stack.state), _console())


def _run(options: argparse.Namespace) -> int:
    from local.run import run

    run(stacks.load(), options.service)
    return 1


def _node(options: argparse.Namespace) -> int:
    from local import nodes

    nodes.serve(stacks.load(), options.node)
    return 0


def _reap(options: argparse.Namespace) -> int:
    from local.reaper import reap

    reap(stacks.state_folder(), options.supervisor)
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from local.credentials import credentials
    from local.migrate import migrate

    stack = stacks.load()
    migrate(stack, credentials(stack.state))
    return 0


def _prepare(options: argparse.Namespace) -> int:
    from local import prepare

    stack = stacks.load()
    stack.cluster = True  # containers are; each has a host's walls without a namespace of ours
    prepare.STEPS[options.step](stack, prepare.state(stack))
    return 0


def _healthy(options: argparse.Namespace) -> int:
    from local.credentials import credentials
    from local.services import BY_NAME

    stack = stacks.load()
    if not stack.record.exists():
        return 1
    return 0 if BY_NAME[options.service].healthy(stack, credentials(stack.state), 0) else 1


def _console():
    from rich.console import Console

    # in a file or a pipe lines are not broken
    return Console() if sys.stdout.isatty() else Console(width=200, force_terminal=False)


if __name__ == "__main__":
    sys.exit(main())
