"""The slot and the snapshot of a first load: one moment that all of its sessions read, and that the stream begins at.

The slot is a temporary one until everything is loaded: of a driver that dies PostgreSQL keeps nothing, no slot and no WAL. Only
then it is copied to the slot that Debezium or `penstock capture` goes on with, at the same position."""

import logging
import time

import psycopg
from penstock_spark.meanwhile import Meanwhile
from psycopg import sql

log = logging.getLogger("penstock")

# Nothing may end the session that holds the snapshot, however long it rests. The others are told as theirs.
RESTS = "-c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0 -c statement_timeout=0"
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 6}
TRIES = 20
# Without pg_monitor other roles' transactions are not shown.
RUNNING = """SELECT coalesce(string_agg(who, ', '), 'transactions that this role may not see') FROM (
    (SELECT concat('pid ', pid, ' (', application_name, ', ', state, ', since ', xact_start, ')') AS who FROM pg_stat_activity
     WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 5)
    UNION ALL (SELECT concat('prepared transaction ', gid) FROM pg_prepared_xacts ORDER BY prepared LIMIT 5)) b"""
# A snapshot does not see what was emptied or rewritten after it: files and columns of the table and its leaves.
SHAPE = """SELECT string_agg(format('%%s:%%s', c.oid, pg_relation_filenode(c.oid)), ' ' ORDER BY c.oid) || ' ' ||
    (SELECT string_agg(format('%%s %%s %%s', attname, atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute
     WHERE attrelid = r.root AND attnum > 0 AND NOT attisdropped)
    FROM (SELECT to_regclass(%s)::oid AS root) r, pg_class c
    WHERE c.oid = r.root OR c.oid IN (SELECT relid FROM pg_partition_tree(r.root::regclass)) GROUP BY r.root"""


class Refused(Exception):
    """The load cannot begin, or what it read does not count; `remedy`: what to do about it."""

    def __init__(self, message, remedy=""):
        super().__init__(f"{message}\n  -> {remedy}" if remedy else message)


def connect(conninfo, name, **options):
    return psycopg.connect(conninfo, autocommit=True, application_name=name, prepare_threshold=None,
                           options=f"{RESTS} -c search_path=pg_catalog -c row_security=off", **KEEPALIVE, **options)


class LoadSnapshot:
    """Usable once take() has returned, until close(); one thread."""

    def __init__(self, conninfo, slot):
        self._conninfo, self._slot = conninfo, slot
        self._held = f"{slot[:50]}_first_load"
        self._catalog = connect(conninfo, "penstock first load: driver")
        self._walsender = None
        self._shapes = {}
        self.name, self.lsn = None, None

    @property
    def server(self):
        """psycopg's description of the connection: the server that was reached, and as whom."""
        return self._catalog.info

    def check(self):
        """Whether the slot can be made at all, before anything is prepared for it."""
        found = self._one("SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s", self._slot)
        if found:
            ends = f"SELECT pg_terminate_backend({found[0]}); " if found[0] else ""
            raise Refused(f"replication slot {self._slot} is there already: a first load needs one that begins with its snapshot",
                          f"{ends}SELECT pg_drop_replication_slot('{self._slot}'); or name another one with --slot")
        holder = self._one("SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s", self._held)
        if holder:
            raise Refused(f"another first load for slot {self._slot} is under way (slot {self._held}, PostgreSQL process {holder[0]})",
                          f"let it finish, or end it: SELECT pg_terminate_backend({holder[0]})")
        free = self._one("SELECT current_setting('max_replication_slots')::int - count(*) FROM pg_replication_slots")[0]
        if free < 2:
            raise Refused(f"a first load needs two free replication slots for a moment, its own and {self._slot}; there are {free}",
                          "raise max_replication_slots, or drop slots that nobody needs")

    def publish(self, publication, tables):
        """Makes the publication of the tables (schema.name) where there is none: it must be older than the slot."""
        if self._one("SELECT 1 FROM pg_publication WHERE pubname = %s", publication):
            return
        tables = sql.SQL(", ").join(sql.Identifier(*table.split(".", 1)) for table in tables)
        self._catalog.execute(sql.SQL("CREATE PUBLICATION {} FOR TABLE {}").format(sql.Identifier(publication), tables))
        log.info("made publication %s", publication)

    def take(self, tables):
        """Makes the temporary slot; waits for transactions that are running. From now on PostgreSQL keeps WAL and dead rows.
        `tables`: their SQL names."""
        for _ in range(TRIES):
            self._shapes = self._look(tables)
            self._walsender = connect(self._conninfo, "penstock first load: snapshot", replication="database")
            made = sql.SQL("CREATE_REPLICATION_SLOT {} TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')").format(sql.Identifier(self._held))
            with self._waiting_is_said():
                _, self.lsn, self.name, _ = self._walsender.execute(made).fetchone()
            if self._look(tables) == self._shapes:
                log.info("snapshot %s at %s is held by slot %s until everything is loaded", self.name, self.lsn, self._held)
                return
            self._walsender.close()
        raise Refused("tables are altered or emptied again and again", "begin the load later")

    def init_statement(self, session):
        """For a session that reads rows: in force before its first query, which also begins its transaction. `session`: its
        settings."""
        return (f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT '{self.name}'; {session}")

    def reader(self, session):
        """A session of the driver's own in the snapshot."""
        opened = connect(self._conninfo, "penstock first load: driver")
        opened.execute("BEGIN")
        opened.execute(self.init_statement(session))
        return opened

    def keep_slot(self):
        """Everything is read: makes the slot that the stream begins at. Refused when a table was emptied or rewritten meanwhile."""
        for table, shape in self._look(self._shapes).items():
            if shape != self._shapes[table]:
                raise Refused(f"table {table} was emptied or rewritten (TRUNCATE, ALTER TABLE, VACUUM FULL, CLUSTER) while it was"
                              " loaded, which a snapshot does not see", "begin the load again, with --clear")
        while True:
            try:
                self._catalog.execute("SELECT pg_copy_logical_replication_slot(%s, %s, false)", (self._held, self._slot))
                break
            except psycopg.errors.ConfigurationLimitExceeded:
                log.warning("no replication slot is free for %s; everything is loaded, and waits: raise max_replication_slots or drop"
                            " slots that nobody needs", self._slot)
                time.sleep(5)
        log.info("replication slot %s begins at %s", self._slot, self.lsn)

    def close(self):
        for connection in (self._walsender, self._catalog):
            if connection is not None:
                connection.close()

    def _one(self, statement, *values):
        return self._catalog.execute(statement, values or None).fetchone()

    def _look(self, tables):
        shapes = {table: self._one(SHAPE, table) for table in tables}
        gone = [table for table, shape in shapes.items() if shape is None]
        if gone:
            raise Refused(f"these tables are not there: {', '.join(gone)}", "penstock check PIPELINE")
        return shapes

    def _waiting_is_said(self):
        return Meanwhile(lambda: log.info("waiting for transactions to end that were running when the slot was asked for: %s",
                                           self._one(RUNNING)[0]), first=3, then=30)
