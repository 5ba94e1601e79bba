"""`spark-submit` as tests and the demo start it: small, quiet, everything it writes in one folder.

As a command: spark.py FOLDER [--master M] [--ui] -- SCRIPT ARGUMENT...
becomes the driver; FOLDER/spark.log has Spark's own lines."""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import places  # noqa: E402
from support.pipeline import Runner  # noqa: E402
from support.process import free_port  # noqa: E402

LOCAL, CLUSTER = "local[2]", "local-cluster[2,1,1024]"

# Warnings of Spark itself go to a file beside: what stands on the terminal is the job's.
QUIET = """status = error
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{ISO8601}} %p %c{{1}}: %m%n%throwable
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
"""
# Starts sooner, and never gets as fast as it could: nothing to measure.
QUICK_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def home(folder):
    """A SPARK_HOME in `folder` that borrows everything but its configuration and what its workers write."""
    made = folder / "spark"
    if made.exists():
        return made
    made.mkdir(parents=True)
    installed = next((places.spark_python().parents[1] / "lib").glob("python3*/site-packages/pyspark"))
    for part in ("bin", "sbin", "jars", "python"):
        if (installed / part).exists():
            (made / part).symlink_to(installed / part)
    (made / "conf").mkdir()
    (made / "conf" / "log4j2.properties").write_text(QUIET.format(log=folder / "spark.log"))
    return made


def settings(folder, ui=False, quick=True):
    """--conf settings. `ui`: Spark's pages on a free port of 127.0.0.1, which the driver prints."""
    java = QUICK_JAVA if quick else "-XX:+UseSerialGC"
    return {
        "spark.driver.memory": "512m", "spark.executor.memory": "512m", "spark.driver.extraJavaOptions": java,
        "spark.executor.extraJavaOptions": java, "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": str(ui).lower(), "spark.ui.showConsoleProgress": "false", "spark.local.dir": folder / "spark" / "local",
        "spark.sql.warehouse.dir": folder / "spark" / "warehouse", "spark.sql.shuffle.partitions": "2",
        "spark.jars": ",".join(map(str, places.spark_jars())),
        **({"spark.ui.port": free_port()} if ui else {}),
    }


def command(folder, script, *arguments, master=LOCAL, conf=None, options=(), **kind):
    """spark-submit SCRIPT ARGUMENT...; `options` before the script, `conf` over settings(**kind). `folder` is absolute."""
    given = [part for name, value in {**settings(folder, **kind), **(conf or {})}.items() for part in ("--conf", f"{name}={value}")]
    return ["setpriv", "--pdeathsig=KILL", str(home(folder) / "bin" / "spark-submit"), "--master", master, *given,
            *map(str, options), str(script), *map(str, arguments)]


def environment(folder):
    python = str(places.spark_python())
    return {"SPARK_HOME": str(home(folder)), "PYSPARK_PYTHON": python, "SPARK_LOCAL_IP": "127.0.0.1"}


def start_job(pipeline, script, *arguments, **kind):
    """spark/SCRIPT of the pipeline's file in the background; `kind` as for command(). Its folder is beside its log."""
    folder = pipeline.folder / f"spark-{len(pipeline.runners)}"
    folder.mkdir()
    started = command(folder, places.ROOT / "spark" / script, pipeline.file, *arguments, **kind)
    runner = Runner(started, folder / "job.log", dict(os.environ, **environment(folder), **pipeline.environment))
    pipeline.runners.append(runner)
    return runner


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--master", default=LOCAL)
    parser.add_argument("--ui", action="store_true")
    parser.add_argument("job", nargs="+")
    given = parser.parse_args()
    folder = given.folder.resolve()
    arguments = command(folder, *given.job, master=given.master, ui=given.ui, quick=False)
    os.execvpe(arguments[0], arguments, dict(os.environ, **environment(folder)))


if __name__ == "__main__":
    main()
