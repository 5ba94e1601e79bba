"""Private servers for tests, the demo and the benches.

As a command:
  servers.py with [--postgres 15] [--postgres 18] [--mongodb MEMBERS] [--standalone] [--durable] [--kafka [--connect]] -- COMMAND...
      runs COMMAND beside the servers, with PENSTOCK_TEST_POSTGRES (the first one), PENSTOCK_TEST_POSTGRES_15/_18,
      PENSTOCK_TEST_MONGODB, PENSTOCK_TEST_MONGODB_STANDALONE, PENSTOCK_TEST_KAFKA (host:port) and PENSTOCK_TEST_CONNECT (the
      URL of Kafka Connect) in its environment, and ends with its exit code;
  servers.py serve --environment FILE [the same options]
      starts the servers, writes the same names to FILE as shell assignments, and runs until SIGTERM or SIGINT.
Only 127.0.0.1, free ports, logs in .local/run/. Everything ends with this process, also when it is killed.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.kafka import Connect, Kafka  # noqa: E402
from support.mongo import MongoReplicaSet, MongoStandalone  # noqa: E402,F401: this module is where users look for them
from support.places import new_run_folder  # noqa: E402
from support.postgres import Postgres  # noqa: E402

_run_folder = None


def run_folder():
    global _run_folder
    if _run_folder is None:
        _run_folder = new_run_folder()
    return _run_folder


def start_postgres(version=15, **options):
    return Postgres(run_folder(), version, **options).start()


def start_replica_set(members=1, **options):
    return MongoReplicaSet(run_folder(), members, **options).start()


def start_standalone(**options):
    return MongoStandalone(run_folder(), **options).start()


def _start(arguments):
    environment = {}
    for version in arguments.postgres:
        url = start_postgres(version, durable=arguments.durable).url()
        environment.setdefault("PENSTOCK_TEST_POSTGRES", url)
        environment[f"PENSTOCK_TEST_POSTGRES_{version}"] = url
    if arguments.mongodb:
        environment["PENSTOCK_TEST_MONGODB"] = start_replica_set(arguments.mongodb, test_commands=True).url()
    if arguments.standalone:
        environment["PENSTOCK_TEST_MONGODB_STANDALONE"] = start_standalone().url()
    if arguments.kafka or arguments.connect:
        kafka = Kafka(run_folder()).start()
        environment["PENSTOCK_TEST_KAFKA"] = kafka.address
        if arguments.connect:
            environment["PENSTOCK_TEST_CONNECT"] = f"http://127.0.0.1:{Connect(run_folder(), kafka).start().port}"
    environment["PENSTOCK_TEST_LOGS"] = str(run_folder())
    return environment


def _with(arguments):
    environment = dict(os.environ, **_start(arguments))
    return subprocess.run(arguments.command, env=environment, check=False).returncode


def _serve(arguments):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    environment = _start(arguments)
    temporary = Path(str(arguments.environment) + ".new")
    temporary.write_text("".join(f"{k}={shlex.quote(v)}\n" for k, v in environment.items()))
    temporary.rename(arguments.environment)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


def main():
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("--postgres", type=int, action="append", default=[], choices=[15, 18])
    options.add_argument("--mongodb", type=int, default=0, metavar="MEMBERS")
    options.add_argument("--standalone", action="store_true", help="a mongod without a replica set too")
    options.add_argument("--kafka", action="store_true", help="a Kafka broker")
    options.add_argument("--connect", action="store_true", help="Kafka Connect with Debezium and MongoDB's sink, and a broker")
    options.add_argument("--durable", action="store_true", help="leave fsync on")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    beside = verbs.add_parser("with", parents=[options])
    beside.add_argument("command", nargs="+")
    beside.set_defaults(run=_with)
    serve = verbs.add_parser("serve", parents=[options])
    serve.add_argument("--environment", type=Path, required=True)
    serve.set_defaults(run=_serve)
    arguments = parser.parse_args()
    return arguments.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
