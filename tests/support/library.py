"""libpenstock through the package that Spark's executors use, and Kafka's records as they would be given to them."""

import random
import sys
import threading

from support.places import ROOT

sys.path.insert(0, str(ROOT / "spark"))

import penstock_spark  # noqa: E402
from penstock_spark import packed  # noqa: E402

Error = penstock_spark.Error


def opened(pipeline, **options):
    """A handle of its own on the pipeline's file, as another process would have."""
    return penstock_spark.Pipeline.from_file(pipeline.file, options)


def records_of(kafka, topic):
    """{partition: records of packed.pack_records()} of all that a topic holds."""
    found = {}
    for record in kafka.records(topic):
        names = record.get("headers") or []
        headers = [(name, value.encode()) for name, value in zip(names[::2], names[1::2])]
        found.setdefault(record["partition"], []).append(
            (record["offset"], record["ts"], _bytes(record["key"]), _bytes(record["payload"]), headers))
    return {partition: sorted(records, key=lambda one: one[0]) for partition, records in found.items()}


def _bytes(text):
    return None if text is None else text.encode()


def apply(handle, topic, partition, records, most=1000):
    """In buffers of up to `most` records; gives the counts of all calls in sum."""
    total = {}
    for start in range(0, len(records), most):
        counts = handle.apply(topic, partition, packed.pack_records(records[start:start + most])).as_dict()
        total = {name: value if name == "next" else total.get(name, 0) + value for name, value in counts.items()}
    return total


def apply_all(handle, kafka, topics, most=1000):
    """Everything that the topics hold; the sum of the counts."""
    total = {}
    for topic in topics:
        for partition, records in records_of(kafka, topic).items():
            for name, value in apply(handle, topic, partition, records, most).items():
                total[name] = total.get(name, 0) + value
    return total


class Twins:
    """Threads with a handle each that are given the same records at the same time, in buffers of other sizes."""

    def __init__(self, pipeline, number, given):
        self._barrier, self.counts, self._errors = threading.Barrier(number), [], []
        self._given = given  # {(topic, partition): records}
        self._threads = [threading.Thread(target=self._run, args=(opened(pipeline), seed)) for seed in range(number)]

    def run(self):
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]
        return {name: sum(counts[name] for counts in self.counts) for name in self.counts[0]}

    def _run(self, handle, seed):
        chance = random.Random(seed)
        try:
            self._barrier.wait()
            for (topic, partition), records in self._given.items():
                self.counts.append(apply(handle, topic, partition, records, chance.randint(20, 200)))
        except BaseException as error:  # noqa: BLE001: raised in run()
            self._errors.append(error)
        finally:
            handle.close()
