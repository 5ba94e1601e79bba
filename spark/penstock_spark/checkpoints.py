"""Spark's checkpoint beside the places that MongoDB keeps, which are what counts."""

import json
import logging
import re
import time

log = logging.getLogger("penstock")


def usable(spark, folder, starts):
    """The checkpoint to run with: `folder`, unless Spark would go on in it behind a place of MongoDB's (`starts`): what lies between
    would be left out. Then one beside it, which begins at the places."""
    resumed = resume_offsets(spark, folder)
    ahead = [f"{topic}[{partition}]" for topic, partitions in resumed.items() for partition, offset in partitions.items()
             if offset > starts.get(topic, {}).get(partition, 0)]
    if not ahead:
        return folder
    beside = f"{folder.rstrip('/')}/from-{int(time.time())}"
    log.info("the checkpoint %s is ahead of what was applied of %s: a new one begins where MongoDB stands: %s", folder,
             ", ".join(sorted(ahead)), beside)
    return beside


def resume_offsets(spark, folder):
    """{topic: {partition: offset}} that a stream with this checkpoint would begin at; {} for a new one."""
    written, committed = _numbers(spark, f"{folder}/offsets"), _numbers(spark, f"{folder}/commits")
    done = [number for number in written if number in committed]
    if not done:
        return {}
    lines = spark.sparkContext.textFile(f"{folder}/offsets/{max(done)}", 1).collect()
    return {topic: {str(number): offset for number, offset in partitions.items()}
            for line in lines if line.startswith("{") and _is_offsets(json.loads(line))
            for topic, partitions in json.loads(line).items()}


def _is_offsets(content):
    return all(isinstance(value, dict) and all(key.isdigit() for key in value) for value in content.values())


def _numbers(spark, folder):
    path = spark._jvm.org.apache.hadoop.fs.Path(folder)
    system = path.getFileSystem(spark._jsc.hadoopConfiguration())
    if not system.exists(path):
        return set()
    return {int(entry.getPath().getName()) for entry in system.listStatus(path)
            if re.fullmatch(r"\d+", entry.getPath().getName())}
