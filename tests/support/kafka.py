"""A private Kafka broker (KRaft, one node) and a Kafka Connect worker with Debezium and MongoDB's sink in it."""

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
import uuid

from support import places
from support.process import Process, at_end, free_port, wait_for
from support.tls import Certificate

USER, PASSWORD, SCRAM = "penstock_test", "s3cret-Pa55", "SCRAM-SHA-512"

QUIET = """status = error
appender.out.type = Console
appender.out.name = out
appender.out.target = SYSTEM_ERR
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %c: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


def _java(folder, classes, main, *arguments, heap="512m", quick=True):
    """`quick`: starts sooner, and never gets as fast as it could: nothing to measure."""
    log4j = folder / "log4j2.properties"
    log4j.write_text(QUIET)
    return ["setpriv", "--pdeathsig=KILL", "java", f"-Xmx{heap}",
            *(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"] if quick else []), f"-Dlog4j2.configurationFile={log4j}", "-cp", f"{classes}/*", str(main), *map(str, arguments)]


class Kafka:
    """One broker that is its own controller. Topics are made on first use, with one partition. `secure`: a second
    listener, at `secure_address`, that asks for TLS (authority in `ca_file`) and SASL (USER, PASSWORD; PLAIN or SCRAM)."""

    def __init__(self, run_folder, name="kafka", settings=None, heap="512m", secure=False, quick=True):
        self.port, self._controller = free_port(), free_port()
        self._data = places.data_folder(run_folder, name)
        self._settings = {
            "process.roles": "broker,controller", "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller}", "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self._controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self._data / "logs", "num.partitions": 1, "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 1, "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1, "transaction.state.log.num.partitions": 1,
            "group.initial.rebalance.delay.ms": 0}
        self._scram = self._secure(run_folder / f"{name}.tls") if secure else []
        self._settings |= settings or {}
        self._file = self._data / "server.properties"
        self._process = Process(name, _java(self._data, places.kafka_jars(), "kafka.Kafka", self._file, heap=heap, quick=quick),
                                run_folder / f"{name}.log")
        at_end(self.remove)
        self._format()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    @property
    def secure_address(self):
        return f"127.0.0.1:{self._secure_port}"

    def start(self):
        self._process.start(self._ready)
        return self

    def stop(self):
        self._process.stop()

    def start_again(self):
        """Where a test left it stopped."""
        if not self._process.alive():
            self.start()

    def kill(self):
        self._process.kill()

    def send_signal(self, number):
        self._process.send_signal(number)

    def remove(self):
        self._process.kill()
        shutil.rmtree(self._data, ignore_errors=True)

    def topics(self):
        listed = subprocess.run(["kcat", "-b", self.address, "-L", "-J"], capture_output=True, text=True, check=True, timeout=30)
        return sorted(topic["topic"] for topic in json.loads(listed.stdout)["topics"])

    def end_offset(self, topic, partition=0):
        """Where the next record will be."""
        out = subprocess.run(["kcat", "-b", self.address, "-Q", "-t", f"{topic}:{partition}:-1"], capture_output=True, text=True, check=True)
        return int(re.search(r"offset (\d+)", out.stdout)[1])

    def records(self, topic):
        """All records of a topic, as kcat gives them: key and payload as texts, None for null, headers in pairs."""
        read = subprocess.run(["kcat", "-b", self.address, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"],
                              capture_output=True, text=True, check=True, timeout=60)
        return [json.loads(line) for line in read.stdout.splitlines()]

    def end(self, topic):
        """The offset behind the last record of the topic's first partition."""
        asked = subprocess.run(["kcat", "-b", self.address, "-Q", "-t", f"{topic}:0:-1"], capture_output=True, text=True, check=True, timeout=30)
        return int(asked.stdout.split()[-1])

    def configure_topic(self, topic, setting):
        self._admin("configure", topic, setting)

    def grow_topic(self, topic, partitions):
        self._admin("grow", topic, partitions)

    def delete_topic(self, topic):
        self._admin("delete", topic)

    def create_topic(self, topic, partitions=1):
        self._admin("create", topic, partitions)

    def expire(self, topic, before):
        """Deletes the oldest records, as retention does. `before`: partition -> offset of the first that stays."""
        self._admin("expire", topic, *(f"{partition}={offset}" for partition, offset in before.items()))

    def _admin(self, action, *arguments):
        subprocess.run(_java(self._data, places.kafka_jars(), places.ROOT / "tests" / "support" / "KafkaAdmin.java", action,
                             self.address, *arguments), check=True, capture_output=True, timeout=60)

    def _format(self):
        self._file.write_text("".join(f"{name}={value}\n" for name, value in self._settings.items()))
        subprocess.run(_java(self._data, places.kafka_jars(), "kafka.tools.StorageTool", "format", "-t",
                             uuid.uuid4().hex[:22], "-c", self._file, *self._scram), check=True, capture_output=True)

    def _secure(self, folder):
        """Adds the second listener; what the format of the storage needs for it."""
        self._secure_port = free_port()
        certificate = Certificate(folder)
        self.ca_file = certificate.ca_file
        for name, value in (("listeners", f"SECURE://127.0.0.1:{self._secure_port}"), ("listener.security.protocol.map", "SECURE:SASL_SSL"),
                            ("advertised.listeners", f"SECURE://127.0.0.1:{self._secure_port}")):
            self._settings[name] += f",{value}"
        self._settings |= {
            "ssl.keystore.type": "PEM", "ssl.keystore.location": certificate.server_file,
            "listener.name.secure.sasl.enabled.mechanisms": f"PLAIN,{SCRAM}",
            "listener.name.secure.plain.sasl.jaas.config":
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
            f"listener.name.secure.{SCRAM.lower()}.sasl.jaas.config":
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"}
        return ["--add-scram", f"{SCRAM}=[name={USER},password={PASSWORD}]"]

    def secure_options(self, mechanism="PLAIN"):
        """librdkafka's settings for the second listener."""
        return {"security.protocol": "sasl_ssl", "ssl.ca.location": self.ca_file, "sasl.mechanisms": mechanism,
                "sasl.username": USER, "sasl.password": PASSWORD}

    def _ready(self):
        return subprocess.run(["kcat", "-b", self.address, "-L", "-m", "2"], capture_output=True, check=False).returncode == 0


class Connect:
    """A standalone worker. Converters are JSON without schemas unless a connector says otherwise."""

    def __init__(self, run_folder, kafka, name="connect", settings=None, quick=True):
        self.port = free_port()
        self._data = places.data_folder(run_folder, name)
        self._file = self._data / "worker.properties"
        self.offsets = self._data / "offsets"
        settings = {
            "bootstrap.servers": kafka.address, "listeners": f"http://127.0.0.1:{self.port}",
            "key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
            "offset.storage.file.filename": self.offsets, "offset.flush.interval.ms": 1000,
            "plugin.path": places.connect_plugins(), "plugin.discovery": "hybrid_warn", **(settings or {})}
        self._file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self._process = Process(name, _java(self._data, places.kafka_jars(),
                                            "org.apache.kafka.connect.cli.ConnectStandalone", self._file, heap="1g", quick=quick),
                                run_folder / f"{name}.log")
        at_end(self.remove)

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        self._process.start(lambda: self.request("GET", "/connectors") is not None, seconds=120)
        return self

    def kill(self):
        self._process.kill()

    def remove(self):
        self._process.kill()
        shutil.rmtree(self._data, ignore_errors=True)

    def request(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def create(self, name, config):
        self.request("POST", "/connectors", {"name": name, "config": config})

    def create_and_wait(self, name, config, seconds=60):
        self.create(name, config)
        wait_for(lambda: set(self.state(name)) == {"RUNNING"}, seconds, f"connector {name} to run")

    def delete(self, name):
        self.request("DELETE", f"/connectors/{name}")

    def pause(self, name):
        self.request("PUT", f"/connectors/{name}/pause")

    def stop(self, name):
        """Its tasks end; the offsets stay for resume()."""
        self.request("PUT", f"/connectors/{name}/stop")

    def resume(self, name):
        self.request("PUT", f"/connectors/{name}/resume")

    def state(self, name):
        status = self.request("GET", f"/connectors/{name}/status")
        return [task["state"] for task in status["tasks"]] or [f"{status['connector']['state']} without tasks"]
