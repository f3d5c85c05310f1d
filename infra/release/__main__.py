"""The command line of the release: `make release`, `make upload-release`, `make deploy`.

AWS is reached by the environment (AWS_REGION, credentials, AWS_ENDPOINT_URL for an emulator). OTTO_RELEASE_BUCKET and
OTTO_DEPLOY_FUNCTION name the bucket and the Lambda.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from infra.release import build, upload
from infra.release.invoke import DeployFailed, deploy
from infra.release.lambda_zip import write_zip
from infra.release.manifest import InvalidRelease, Pin

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.release", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, about in (("build", "build a commit's release"), ("upload", "build it and put it into the bucket")):
        verb = verbs.add_parser(name, help=about)
        verb.add_argument("--commit", default="HEAD")
        verb.add_argument("--target", type=Path, default=ROOT / "build" / "release")
    verb = verbs.add_parser("deploy", help="have the Lambda bring a release to the nodes; prints its report")
    verb.add_argument("--pin", help="COMMIT@sha256:SUM; default: the one that was built last")
    verb.add_argument("--roll-back-to", metavar="COMMIT", help="a release that was healthy before")
    verb.add_argument("--target", type=Path, default=ROOT / "build" / "release")
    verb = verbs.add_parser("lambda", help="build the Lambda's zip file")
    verb.add_argument("--target", type=Path, default=ROOT / "build" / "lambda")
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (InvalidRelease, DeployFailed) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.verb == "lambda":
        print(write_zip(ROOT, options.target))
    elif options.verb == "deploy":
        report = deploy(_client("lambda", read_timeout=900), _named("OTTO_DEPLOY_FUNCTION"), _event(options))
        print(json.dumps(report, indent=1, ensure_ascii=False))
        return 0 if report["outcome"] == "healthy" else 1
    else:
        changed = build.uncommitted(ROOT)
        if changed:
            print(f"not in the release, since not committed: {', '.join(changed[:5])}", file=sys.stderr)
        release = build.build(ROOT, options.target, options.commit)
        if options.verb == "upload":
            upload.upload(_client("s3", read_timeout=60), _named("OTTO_RELEASE_BUCKET"), release)
        print(release.pin)
    return 0


def _event(options: argparse.Namespace) -> dict[str, str]:
    if options.roll_back_to:
        return {"action": "roll_back", "commit": options.roll_back_to}
    pin = options.pin
    if not pin:
        try:
            pin = (options.target / "pin").read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise InvalidRelease(f"no release lies in {options.target}; `make release` builds one") from error
    return {"action": "deploy", "release": str(Pin.parse(pin))}


def _named(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise InvalidRelease(f"{variable} is not set; docs/aws.md says what it names")
    return value


def _client(service: str, read_timeout: int) -> Any:
    import boto3
    from botocore.config import Config

    # the Lambda is asked once: it waits for the nodes, and a second try would find the first one's lease
    retries = 1 if service == "lambda" else 4
    config = Config(connect_timeout=5, read_timeout=read_timeout, retries={"total_max_attempts": retries})
    make: Any = boto3.client  # its own types know literal names only
    return make(service, config=config)


if __name__ == "__main__":
    sys.exit(main())
