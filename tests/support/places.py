"""Where servers live: binaries, data and logs, so that the account a server runs under can reach them."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
KEPT_RUNS = 10


def server_account():
    """The account PostgreSQL runs under: it refuses root, so root hands over to `postgres`."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def as_server_account(command):
    """`command` run by the server account and ended with this process, however that ends."""
    account = server_account()
    prefix = ["setpriv", "--pdeathsig=KILL"]
    if os.geteuid() == 0:
        prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups"]
    return prefix + list(command)


def reachable(path):
    """Whether the server account may enter `path` (every folder above it counts)."""
    if os.geteuid() != 0:
        return os.access(path, os.X_OK)
    return subprocess.run(as_server_account(["test", "-x", str(path)]), check=False).returncode == 0


def shared_place(name):
    """A folder named after this checkout that every account may enter; used when the checkout itself is private."""
    digest = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"penstock-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise RuntimeError(f"{folder} belongs to somebody else; remove it")
    folder.chmod(0o755)
    place = folder / name
    place.mkdir(mode=0o755, exist_ok=True)
    return place


def postgres_binaries(version):
    """The folder with `postgres` and `initdb` of that major version."""
    if version == 15:
        return Path("/usr/lib/postgresql/15/bin")
    if version != 18:
        raise ValueError(f"PostgreSQL {version} is not provided; 15 and 18 are")
    installed = LOCAL / "postgresql-18"
    if not (installed / "bin" / "postgres").exists():
        raise RuntimeError("PostgreSQL 18 is not installed; run scripts/install.sh")
    if reachable(installed / "bin" / "postgres"):
        return installed / "bin"
    copy = shared_place("postgresql") / "18"
    stamp = (installed / ".stamp").read_text()
    if not (copy / ".stamp").exists() or (copy / ".stamp").read_text() != stamp:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(installed, copy, symlinks=True)
    return copy / "bin"


def mongod_binary():
    binary = LOCAL / "mongodb-6.0.5" / "bin" / "mongod"
    if not binary.exists():
        raise RuntimeError("mongod is not installed; run scripts/install.sh")
    return binary


def kafka_jars():
    """The folder with the broker's and Kafka Connect's jars."""
    return _jars(LOCAL / "kafka-4.1.1")


def connect_plugins():
    """Connect's plugin.path: a folder for each connector."""
    return _jars(LOCAL / "connect" / "debezium-3.5.0").parent


def spark_python():
    """The interpreter whose packages are those of spark/requirements.txt, Spark itself among them."""
    return _jars(LOCAL / "spark" / "venv") / "bin" / "python"


def spark_jars(bench=False):
    """What is added to Spark: its source of Kafka and PostgreSQL's driver; `bench`: MongoDB's connector."""
    return sorted(_jars(LOCAL / "spark" / ("bench-jars" if bench else "jars")).glob("*.jar"))


def _jars(folder):
    if not (folder / ".stamp").exists():
        raise RuntimeError(f"{folder.name} is not installed; run scripts/install.sh")
    return folder


def new_run_folder():
    """.local/run/<time>-<pid>: logs of this process's servers; the oldest are removed."""
    runs = LOCAL / "run"
    runs.mkdir(parents=True, exist_ok=True)
    old = sorted(p for p in runs.iterdir() if p.is_dir() and not _alive(p.name))
    for folder in old[: max(0, len(old) - KEPT_RUNS + 1)]:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in old:  # a killed run leaves its data behind
        for data in folder.glob("*.data"):
            shutil.rmtree(data, ignore_errors=True)
    folder = runs / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder


def _alive(run_name):
    pid = run_name.rsplit("-", 1)[-1]
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def data_folder(run_folder, name):
    """A new folder for a server's data, owned by the server account. Two servers of one name would share it."""
    place = run_folder if reachable(run_folder) else shared_place("data") / run_folder.name
    place.mkdir(exist_ok=True)
    folder = place / f"{name}.data"
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = server_account()
        os.chown(folder, account.pw_uid, account.pw_gid)
    return folder
