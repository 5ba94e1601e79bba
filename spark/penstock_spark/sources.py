"""Spark's source of Kafka, set up as the core reads."""

import json
import re

# librdkafka's names (the pipeline file's) that Kafka's Java client has too.
SAME_IN_JAVA = ("security.protocol", "sasl.mechanism", "client.id", "session.timeout.ms", "request.timeout.ms")


def options(described, begun, max_records, given):
    """Of readStream.format("kafka"). Topics are named by a pattern: those that are not there yet are found when they come."""
    pattern = "|".join(re.escape(topic) for topic in begun["topics"])
    chosen = {
        "kafka.bootstrap.servers": described["brokers"], "kafka.isolation.level": "read_committed",
        "subscribePattern": f"^({pattern})$", "includeHeaders": "true", "failOnDataLoss": "true",
        "startingOffsets": json.dumps(begun["starts"]) if begun["starts"] else "earliest",
        **java_settings(described["kafka"]),
        **{f"kafka.{name}": value for name, value in (one.split("=", 1) for one in given)},
    }
    if max_records:
        chosen["maxOffsetsPerTrigger"] = str(max_records)
    return chosen


def java_settings(rdkafka):
    settings = {f"kafka.{name}": rdkafka[name] for name in SAME_IN_JAVA if name in rdkafka}
    if "sasl.mechanisms" in rdkafka:
        settings["kafka.sasl.mechanism"] = rdkafka["sasl.mechanisms"]
    if "sasl.username" in rdkafka:
        module = "plain.PlainLoginModule"
        if settings.get("kafka.sasl.mechanism", "").startswith("SCRAM"):
            module = "scram.ScramLoginModule"
        settings["kafka.sasl.jaas.config"] = (
            f"org.apache.kafka.common.security.{module} required username={_quoted(rdkafka['sasl.username'])} "
            f"password={_quoted(rdkafka.get('sasl.password', ''))};")
    if "ssl.ca.location" in rdkafka:
        settings["kafka.ssl.truststore.type"] = "PEM"
        settings["kafka.ssl.truststore.location"] = rdkafka["ssl.ca.location"]
    return settings


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def cause(error):
    """Of a query that failed: the core's own words, where they are in the traceback of a task."""
    text = str(error)
    found = re.search(r"penstock_spark\.core\.Error: (.+(?:\n\s+-> .+)?)", text)
    return found.group(1) if found else text
