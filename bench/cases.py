"""The benches. Each measures the limits and penstock on the same servers, one after the other, in one go."""

import re
import subprocess
import time

from measure import BUILD, Timed, median, percentile
from pymongo.read_concern import ReadConcern
from support.pipeline import Pipeline
from support.process import wait_for

RECVLOGICAL = "/usr/lib/postgresql/15/bin/pg_recvlogical"
RAW_BATCH = 5000

# As a person who buys: about 190 bytes of BSON.
ORDERS = """CREATE TABLE orders (order_id {key} PRIMARY KEY, customer_name varchar(100) NOT NULL, address varchar(255),
    phone varchar(10), order_date timestamp DEFAULT now(), status varchar(50) DEFAULT 'pending')"""
ROW = ("'Nguyễn Văn An ' || {i}, {i} % 1000 || ' Lý Thường Kiệt, Hoàn Kiếm, Hà Nội', '09' || lpad(({i} % 100000000)::text, 8, '0'),"
       " timestamp '2024-01-01' + {i} * interval '1 second', 'pending'")


def procedure(statement):
    """fill(many): the statement for each i, 100 a transaction, as an application makes them."""
    return f"""CREATE OR REPLACE PROCEDURE fill(many int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..many LOOP
    {statement};
    IF i % 100 = 0 THEN COMMIT; END IF;
  END LOOP;
END $$"""


FILL = procedure(f"INSERT INTO orders VALUES (i, {ROW.format(i='i')})")
# Half updates, four fifths of them on one hundredth of the rows; a tenth deletes; the rest inserts; 20 a transaction.
MIX = """CREATE PROCEDURE mix(many int, present int) LANGUAGE plpgsql AS $$
DECLARE dice float; target int; fresh int := present;
BEGIN
  FOR i IN 1..many LOOP
    dice := random();
    target := 1 + floor(random() * CASE WHEN random() < 0.8 THEN present / 100 ELSE present END);
    IF dice < 0.5 THEN UPDATE orders SET status = 'shipped ' || i WHERE order_id = target;
    ELSIF dice < 0.6 THEN
      target := present - floor(random() * present * 0.9);  -- not in the condition: volatile there, it reads every row
      DELETE FROM orders WHERE order_id = target;
    ELSE fresh := fresh + 1; INSERT INTO orders VALUES (fresh, """ + ROW.format(i="fresh") + """);
    END IF;
    IF i % 20 = 0 THEN COMMIT; END IF;
  END LOOP;
END $$"""


class Bench:
    """The servers, the report, and pipelines made one after the other."""

    def __init__(self, postgres, mongo, report, folder):
        self.postgres, self.mongo, self.report, self.folder = postgres, mongo, report, folder
        self._count = 0

    def pipeline(self, key="int"):
        self._count += 1
        name = f"bench_{self._count}"
        folder = self.folder / name
        folder.mkdir()
        made = Pipeline(folder, self.postgres, self.mongo, name)
        made.sql(ORDERS.format(key=key))
        return made.configure({"orders": "public.orders"})

    def raw_insert(self, pipeline, writers, *mode):
        """Seconds libmongoc alone takes for the documents that penstock wrote; `mode` "replace": to replace them."""
        done = subprocess.run([str(BUILD / "bench_raw_insert"), self.mongo.url(), pipeline.name, "orders", "raw",
                               str(writers), str(RAW_BATCH), *mode], capture_output=True, text=True, check=True)
        documents, _, seconds = done.stdout.split()
        return int(documents), float(seconds)

    def settle(self):
        """Dirty pages of the step before are written out of the way."""
        self.postgres.execute("CHECKPOINT")
        with self.mongo.client() as client:
            client.admin.command("fsync")

    def drain(self, pipeline, slot, until):
        return Timed([RECVLOGICAL, "-d", pipeline.postgres_url, "-S", slot, "--start", "--no-loop", "-f", "/dev/null",
                      "-o", "proto_version=1", "-o", f"publication_names={pipeline.publication}", "--endpos", until]).seconds

    def penstock(self, pipeline, *arguments):
        return Timed(pipeline.command(*arguments))

    def penstock_that_may_differ(self, pipeline, *arguments):
        """As verify, whose exit code 1 says that there were differences."""
        return Timed(pipeline.command(*arguments), accept=(0, 1))


def catchup(bench, rows, runs):
    ratios, peaks = [], []
    for number in range(1, runs + 1):
        pipeline = bench.pipeline()
        pipeline.penstock("load")
        pipeline.sql("SELECT pg_create_logical_replication_slot('drain', 'pgoutput')", FILL, f"CALL fill({rows})")
        end = pipeline.lsn()
        bench.settle()
        drain = bench.drain(pipeline, "drain", end)
        bench.settle()
        ours = bench.penstock(pipeline, "run", "--until-current")
        bench.settle()
        documents, raw = bench.raw_insert(pipeline, 1)
        assert documents == rows, f"{documents} documents for {rows} rows"
        ratios.append(ours.seconds / (drain + raw))
        peaks.append(ours.peak_kib / 1024)
        bench.report.line(f"catch-up of {rows:,} inserts, run {number}",
                          f"penstock {ours.seconds:.2f} s ({rows / ours.seconds:,.0f}/s, CPU {ours.cpu:.2f} s), pg_recvlogical drain {drain:.2f} s,"
                          f" raw insert by one writer {raw:.2f} s, ratio {ratios[-1]:.2f}")
        pipeline.close()
    bench.report.line("catch-up / (drain + raw insert), median", f"{median(ratios):.2f}", "≤ 0.8", median(ratios) <= 0.8)
    bench.report.line("catch-up, most memory", f"{max(peaks):.0f} MB", "≤ 64 MB", max(peaks) <= 64)


def load(bench, rows, runs):
    ratios, peaks = [], []
    for number in range(1, runs + 1):
        pipeline = bench.pipeline()
        pipeline.sql(f"INSERT INTO orders SELECT i, {ROW.format(i='i')} FROM generate_series(1, {rows}) i", "ANALYZE orders")
        bench.settle()
        ours = bench.penstock(pipeline, "load")
        bench.settle()
        documents, raw = bench.raw_insert(pipeline, 2)
        assert documents == rows
        ratios.append(ours.seconds / raw)
        peaks.append(ours.peak_kib / 1024)
        bench.report.line(f"first load of {rows:,} rows, run {number}",
                          f"penstock {ours.seconds:.2f} s ({rows / ours.seconds:,.0f}/s, CPU {ours.cpu:.2f} s), raw insert by two writers {raw:.2f} s,"
                          f" ratio {ratios[-1]:.2f}")
        pipeline.close()
    bench.report.line("first load / raw insert, median", f"{median(ratios):.2f}", "≤ 1.2", median(ratios) <= 1.2)
    bench.report.line("first load, most memory", f"{max(peaks):.0f} MB", "≤ 128 MB", max(peaks) <= 128)


def mixed(bench, rows, runs):
    present = max(rows // 2, 1000)
    for number in range(1, runs + 1):
        pipeline = bench.pipeline()
        pipeline.sql(f"INSERT INTO orders SELECT i, {ROW.format(i='i')} FROM generate_series(1, {present}) i")
        pipeline.penstock("load")
        pipeline.sql(MIX, f"CALL mix({rows}, {present})")
        bench.settle()
        ours = bench.penstock(pipeline, "run", "--until-current")
        match = re.search(r"([\d,]+) changes in .*?([\d,]+) documents written", ours.output)
        changes, written = (int(g.replace(",", "")) for g in match.groups())
        bench.report.line(f"mixed backlog, run {number}",
                          f"{changes:,} changes in {ours.seconds:.2f} s ({changes / ours.seconds:,.0f}/s), {written:,} documents"
                          f" written: coalescing saved {100 * (1 - written / changes):.0f} %, {ours.peak_kib / 1024:.0f} MB")
        pipeline.expect_equal()
        pipeline.close()


def latency(bench, rows, runs):
    del rows, runs
    pipeline = bench.pipeline()
    pipeline.sql("CREATE TABLE ping (id int PRIMARY KEY, t text)")
    pipeline.configure({"ping": "public.ping"}).start_and_wait()
    pipeline.sql("SELECT pg_create_logical_replication_slot('listen', 'pgoutput')")
    done = subprocess.run([str(BUILD / "bench_latency"), pipeline.postgres_url, "listen", pipeline.publication,
                           bench.mongo.url(), pipeline.name, "ping", "300", "10"], capture_output=True, text=True, check=True)
    samples = {name: [float(v) for v in values] for name, *values in map(str.split, done.stdout.splitlines())}
    floor = [m + i for m, i in zip(samples["message"], samples["insert"])]
    for name, values in {**samples, "message + insert": floor}.items():
        bench.report.line(f"latency at 10 commits/s, {name}", f"p50 {percentile(values, 0.5):.2f} ms,"
                          f" p99 {percentile(values, 0.99):.2f} ms")
    for share, limit in ((0.5, 1.5), (0.99, 3.0)):
        ratio = percentile(samples["document"], share) / percentile(floor, share)
        bench.report.line(f"document / (message + insert), p{share * 100:.0f}", f"{ratio:.2f}", f"≤ {limit}", ratio <= limit)
    pipeline.close()


def start(bench, rows, runs):
    """From the start of the process to the first change readable in MongoDB."""
    del rows
    pipeline = bench.pipeline()
    pipeline.run_until_current()
    orders = pipeline.database.get_collection("orders", read_concern=ReadConcern("majority"))
    times = []
    for number in range(1, 5 + runs):
        pipeline.sql(f"INSERT INTO orders VALUES ({number}, {ROW.format(i=number)})")
        began = time.monotonic()
        runner = pipeline.start()
        wait_for(lambda: orders.find_one({"_id": number}), 30, "the first change", poll=0.001)
        times.append((time.monotonic() - began) * 1000)
        runner.stop()
    bench.report.line("process start to first change applied, median", f"{median(times):.0f} ms", "< 200 ms", median(times) < 200)
    pipeline.close()


def memory(bench, rows, runs):
    """Resident memory over a long load: its most, and whether it is flat."""
    del runs
    pipeline = bench.pipeline()
    pipeline.sql(f"INSERT INTO orders SELECT i, {ROW.format(i='i')} FROM generate_series(1, {rows}) i", "ANALYZE orders")
    ours = bench.penstock(pipeline, "load")
    halves = [[kib / 1024 for at, kib in ours.samples if (at > ours.seconds / 2) == late and at > 2] for late in (False, True)]
    middles = [median(h) if h else 0 for h in halves]
    bench.report.line(f"load of {rows:,} rows, most memory", f"{ours.peak_kib / 1024:.0f} MB in {ours.seconds:.0f} s", "≤ 128 MB",
                      ours.peak_kib <= 128 * 1024)
    flat = middles[1] <= middles[0] * 1.1 + 4
    bench.report.line(f"load of {rows:,} rows, resident in its first and second half",
                      f"{middles[0]:.0f} and {middles[1]:.0f} MB", "flat", flat)
    print(f"soak: {rows:,} rows loaded in {ours.seconds:.0f} s, at most {ours.peak_kib / 1024:.0f} MB")
    pipeline.close()
