"""Private MongoDB servers: a replica set of one or more members, or a standalone mongod."""

import shutil
import signal

import pymongo
from pymongo.errors import PyMongoError

from support import places
from support.process import Process, at_end, free_port, wait_for
from support.tls import Certificate

USER, PASSWORD = "penstock_test", "s3cret-Pa55"


class MongoMember:
    """One mongod."""

    def __init__(self, run_folder, name, options, cache_gb):
        self.name = name
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._data = places.data_folder(run_folder, name)
        command = ["setpriv", "--pdeathsig=KILL", str(places.mongod_binary()), "--dbpath", str(self._data),
                   "--port", str(self.port), "--bind_ip", "127.0.0.1", "--nounixsocket", "--oplogSize", "990",
                   "--wiredTigerCacheSizeGB", str(cache_gb),
                   "--setParameter", "diagnosticDataCollectionEnabled=false", *options]
        self._process = Process(name, command, run_folder / f"{name}.log")
        self._tls = {}
        at_end(self.remove)

    @property
    def pid(self):
        return self._process.pid

    def start(self, tls=None):
        self._tls = tls or self._tls
        self._process.start(self._ready)
        return self

    def stop(self):
        self._process.stop(signal.SIGTERM)

    def kill(self):
        self._process.kill()

    def send_signal(self, number):
        self._process.send_signal(number)

    def alive(self):
        return self._process.alive()

    def remove(self):
        self._process.stop(signal.SIGKILL)
        shutil.rmtree(self._data, ignore_errors=True)

    def _ready(self):
        with self.client() as client:
            return client.admin.command("ping")["ok"]

    def client(self):
        """Connected to this member alone, whatever its state."""
        return pymongo.MongoClient("127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=2000,
                                   **self._tls)


class MongoReplicaSet:
    """`test_commands` allows fail points; `secure` asks for TLS and SCRAM (root user USER/PASSWORD)."""

    def __init__(self, run_folder, members=1, test_commands=False, secure=False, cache_gb=None, name="mongodb"):
        self.name = name
        self.secure = secure
        self._folder = run_folder
        options = ["--replSet", "rs0"]
        if test_commands:
            options += ["--setParameter", "enableTestCommands=1"]
        self._tls = {}
        if secure:
            options += self._make_secrets()
        cache = cache_gb or (1 if members == 1 else 0.5)
        suffix = (lambda i: "") if members == 1 else (lambda i: f"-{i}")
        self.members = [MongoMember(run_folder, name + suffix(i), options, cache) for i in range(members)]

    def url(self, database=""):
        """With user and password, and TLS options, where the set is secure."""
        hosts = ",".join(m.address for m in self.members)
        if not self.secure:
            return f"mongodb://{hosts}/{database}?replicaSet=rs0"
        return (f"mongodb://{USER}:{PASSWORD}@{hosts}/{database}?replicaSet=rs0&authSource=admin&tls=true"
                f"&tlsCAFile={self.ca_file}")

    def client(self, **options):
        return pymongo.MongoClient(self.url(), serverSelectionTimeoutMS=30000, **options)

    def start(self):
        for member in self.members:
            member.start(self._tls)
        with self.members[0].client() as client:
            client.admin.command("replSetInitiate", {
                "_id": "rs0",
                "members": [{"_id": i, "host": m.address} for i, m in enumerate(self.members)],
                # A test that kills the primary should not wait ten seconds for each election.
                "settings": {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500},
            })
            wait_for(lambda: client.admin.command("hello")["isWritablePrimary"]
                     or len(self.members) > 1, 60, "the replica set's first member to become primary")
            if self.secure:
                wait_for(lambda: client.admin.command("hello")["isWritablePrimary"], 60, "a primary")
                client.admin.command("createUser", USER, pwd=PASSWORD, roles=["root"])
        self.wait_primary()
        return self

    def wait_primary(self, seconds=60):
        """The member that is primary."""
        def find():
            with self.client() as client:
                client.admin.command("ping")
                address = client.primary
                return next((m for m in self.members if address and m.port == address[1]), None)
        return wait_for(find, seconds, "a primary")

    def step_down(self):
        with self.client() as client:
            try:
                client.admin.command("replSetStepDown", 5, secondaryCatchUpPeriodSecs=2)
            except PyMongoError:
                pass  # the answer may be lost with the connection; who waits for a primary sees the outcome

    def stop(self):
        for member in self.members:
            member.stop()

    def _make_secrets(self):
        folder = self._folder / f"{self.name}.tls"
        certificate = Certificate(folder)
        self.ca_file = certificate.ca_file
        cluster_key = folder / "cluster.key"
        cluster_key.write_text("cGVuc3RvY2sgdGVzdCBjbHVzdGVyIGtleQ==\n")
        cluster_key.chmod(0o600)
        self._tls = {"tls": True, "tlsCAFile": str(self.ca_file)}
        return ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(certificate.server_file), "--tlsCAFile", str(self.ca_file),
                "--tlsAllowConnectionsWithoutCertificates", "--keyFile", str(cluster_key), "--auth"]


class MongoStandalone:
    """A mongod without a replica set: no transactions. Fail points are allowed."""

    def __init__(self, run_folder, name="mongodb-standalone"):
        self.member = MongoMember(run_folder, name, ["--setParameter", "enableTestCommands=1"], 0.5)

    def url(self, database=""):
        return f"mongodb://{self.member.address}/{database}"

    def client(self, **options):
        return pymongo.MongoClient(self.url(), serverSelectionTimeoutMS=30000, **options)

    def start(self):
        self.member.start()
        return self

    def stop(self):
        self.member.stop()
