"""Benches of read models: orders with their lines and products, three levels, beside the limits of the same run."""

import re
import time

import pymongo
from measure import median
from pymongo.read_concern import ReadConcern
from support.pipeline import Background

PRODUCTS = 1000
LINES_OF_AN_ORDER = 2
TABLES = """CREATE TABLE product (product_id int PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL);
CREATE TABLE line (line_id bigint PRIMARY KEY, order_id int NOT NULL, product_id int NOT NULL, quantity smallint NOT NULL,
                   unit_price numeric(10,2) NOT NULL);
INSERT INTO product SELECT i, 'Sản phẩm ' || i, 9.99 + i FROM generate_series(1, {products}) i"""
# Product 1 is in the first line of every order up to `wide`.
LINE = ("{i}, {order}, CASE WHEN {i} % 2 = 1 AND {order} <= {wide} THEN 1 ELSE 2 + {i} % ({products} - 1) END, 1 + {i} % 5,"
        " 9.99 + {i} % 100")
# New orders with two lines each, one order a transaction.
FILL = """CREATE PROCEDURE fill_orders(many int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..many LOOP
    INSERT INTO orders VALUES (i, 'Nguyễn Văn An ' || i, i % 1000 || ' Lý Thường Kiệt, Hà Nội', '0900000000',
                               timestamp '2024-01-01' + i * interval '1 second', 'pending');
    INSERT INTO line VALUES (""" + LINE.format(i="(2 * i - 1)", order="i", wide=0, products=PRODUCTS) + """);
    INSERT INTO line VALUES (""" + LINE.format(i="(2 * i)", order="i", wide=0, products=PRODUCTS) + """);
    COMMIT;
  END LOOP;
END $$"""
CHANGE = """CREATE PROCEDURE change_lines(many int, present int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..many LOOP
    UPDATE line SET quantity = 1 + (quantity + i) % 9 WHERE line_id = 1 + (i * 7919::bigint) % present;
    IF i % 10 = 0 THEN COMMIT; END IF;
  END LOOP;
END $$"""
ORDERS = {"from": "public.orders", "fields": {
    "*": True, "placed_on": "to_char(order_date, 'YYYY-MM-DD')", "total": "sum(lines.quantity * lines.unit_price)",
    "line_count": "count(lines)"}, "embed": {"lines": {
        "many": "public.line", "using": "order_id", "fields": ["line_id", "quantity", "unit_price"], "embed": {
            "product": {"one": "public.product", "using": "product_id", "fields": ["name", "price"]}}}}}
DIFFERENCES = 10


def pipeline_of(bench):
    pipeline = bench.pipeline()
    pipeline.sql(*TABLES.format(products=PRODUCTS).split(";"))
    return pipeline.configure({"orders": ORDERS})


def fill(pipeline, orders, wide=0):
    pipeline.sql("INSERT INTO orders SELECT i, 'Nguyễn Văn An ' || i, i % 1000 || ' Lý Thường Kiệt, Hà Nội', '0900000000',"
                 f" timestamp '2024-01-01' + i * interval '1 second', 'pending' FROM generate_series(1, {orders}) i",
                 "INSERT INTO line SELECT " + LINE.format(i="i", order="(i + 1) / 2", wide=wide, products=PRODUCTS)
                 + f" FROM generate_series(1, {2 * orders}) i", "ANALYZE")


def backlog(bench, rows, runs):
    """(a) New orders with two lines each, from the slot to finished documents."""
    orders, ratios, peaks = rows // 5, [], []
    for number in range(1, runs + 1):
        pipeline = pipeline_of(bench)
        pipeline.penstock("load")
        pipeline.sql("SELECT pg_create_logical_replication_slot('drain', 'pgoutput')", FILL, f"CALL fill_orders({orders})")
        end = pipeline.lsn()
        bench.settle()
        drain = bench.drain(pipeline, "drain", end)
        bench.settle()
        ours = bench.penstock(pipeline, "run", "--until-current")
        bench.settle()
        documents, raw = bench.raw_insert(pipeline, 1)
        assert documents == orders, f"{documents} documents for {orders} orders"
        ratios.append(ours.seconds / (drain + raw))
        peaks.append(ours.peak_kib / 1024)
        events = orders * (1 + LINES_OF_AN_ORDER)
        bench.report.line(f"(a) backlog of {orders:,} orders with two lines, run {number}",
                          f"penstock {ours.seconds:.2f} s ({events / ours.seconds:,.0f} events/s, CPU {ours.cpu:.2f} s), drain {drain:.2f} s,"
                          f" raw insert of the documents {raw:.2f} s, ratio {ratios[-1]:.2f}")
        pipeline.close()
    bench.report.line("(a) backlog / (drain + raw insert), median", f"{median(ratios):.2f}", "≤ 1.5", median(ratios) <= 1.5)
    bench.report.line("(a) backlog, most memory", f"{max(peaks):.0f} MB", "≤ 256 MB", max(peaks) <= 256)


def line_updates(bench, rows, runs):
    """(b) Updates of lines over loaded orders."""
    orders, updates = rows // 5, rows // 5
    for number in range(1, runs + 1):
        pipeline = pipeline_of(bench)
        fill(pipeline, orders)
        pipeline.penstock("load")
        pipeline.sql(CHANGE, f"CALL change_lines({updates}, {2 * orders})")
        bench.settle()
        ours = bench.penstock(pipeline, "run", "--until-current")
        written = int(re.search(r"([\d,]+) documents written", ours.output)[1].replace(",", ""))
        bench.report.line(f"(b) {updates:,} updates of lines, run {number}",
                          f"{updates / ours.seconds:,.0f} events/s, {written:,} documents written in {ours.seconds:.2f} s",
                          "≤ 256 MB", ours.peak_kib <= 256 * 1024)
        pipeline.close()


def rename(bench, rows, runs):
    """(c) A product's new name in 100,000 orders, and how long another change waits meanwhile."""
    wide, ratios, waits = min(100_000, rows), [], []
    for number in range(1, runs + 1):
        pipeline = pipeline_of(bench)
        fill(pipeline, wide, wide)
        runner = pipeline.start_and_wait()
        bench.settle()
        prober = Prober(pipeline)
        time.sleep(1)
        pipeline.sql(f"UPDATE product SET name = 'renamed {number}' WHERE product_id = 1")
        began = time.monotonic()
        pipeline.wait()
        seconds = time.monotonic() - began
        prober.stop()
        assert runner.stop() == 0
        seen = pipeline.database.orders.count_documents({"lines.product.name": f"renamed {number}"})
        assert seen == wide, f"{seen} of {wide} orders show the new name"
        bench.settle()
        documents, raw = bench.raw_insert(pipeline, 1, "replace")
        ratios.append((documents / seconds) / (documents / raw))
        waits.append(max(prober.waits))
        bench.report.line(f"(c) a rename in {wide:,} orders, run {number}",
                          f"penstock {seconds:.2f} s ({wide / seconds:,.0f} documents/s), raw transactional replace {raw:.2f} s,"
                          f" speed ratio {ratios[-1]:.2f}; another change waited at most {waits[-1]:.2f} s")
        pipeline.close()
    bench.report.line("(c) speed of the rename / raw replace, median", f"{median(ratios):.2f}", "≥ 0.6", median(ratios) >= 0.6)
    bench.report.line("(c) longest wait of another change", f"{max(waits):.2f} s", "≤ 1 s", max(waits) <= 1)


class Prober(Background):
    """Inserts an order again and again and measures when its document can be read."""

    def __init__(self, pipeline):
        self.waits = []
        self._pipeline, self._next = pipeline, 10_000_000
        self._orders = pipeline.database.get_collection("orders", read_concern=ReadConcern("majority"))
        super().__init__(self._probe)

    def _probe(self):
        self._next += 1
        self._pipeline.sql(f"INSERT INTO orders VALUES ({self._next}, 'probe')")
        began = time.monotonic()
        while self._orders.find_one({"_id": self._next}) is None:
            time.sleep(0.002)
        self.waits.append(time.monotonic() - began)
        time.sleep(0.05)


def aggregate_load(bench, rows, runs):
    """First load of orders with two lines each into aggregates, and what verify takes for them and finds in them."""
    ratios, peaks = [], []
    for number in range(1, runs + 1):
        pipeline = pipeline_of(bench)
        fill(pipeline, rows)
        bench.settle()
        ours = bench.penstock(pipeline, "load")
        bench.settle()
        documents, raw = bench.raw_insert(pipeline, 2)
        assert documents == rows
        ratios.append(ours.seconds / raw)
        peaks.append(ours.peak_kib / 1024)
        bench.report.line(f"first load of {rows:,} orders and {2 * rows:,} lines, run {number}",
                          f"penstock {ours.seconds:.2f} s ({rows / ours.seconds:,.0f} documents/s, CPU {ours.cpu:.2f} s), raw insert of the"
                          f" documents by two writers {raw:.2f} s, ratio {ratios[-1]:.2f}")
        if number == runs:
            verify(bench, pipeline, rows, ours.seconds)
        pipeline.close()
    bench.report.line("first load / raw insert of the finished documents, median", f"{median(ratios):.2f}", "≤ 2.5",
                      median(ratios) <= 2.5)
    bench.report.line("first load into aggregates, most memory", f"{max(peaks):.0f} MB", "≤ 256 MB", max(peaks) <= 256)


def plant(orders, rows):
    """Ten documents that are not what they should be."""
    for i in range(3):
        orders.update_one({"_id": 1 + i * (rows // 7)}, {"$set": {"status": "planted"}})
    for i in range(3):
        orders.delete_one({"_id": 2 + i * (rows // 7)})
    for i in range(2):
        orders.insert_one({"_id": 20_000_000 + i, "status": "nobody's"})
    for i in range(2):
        place = {"_id": 3 + i * (rows // 7)}
        lines = orders.find_one(place)["lines"]
        orders.update_one(place, {"$set": {"lines": lines[::-1]}})


def verify(bench, pipeline, rows, load_seconds):
    orders = pymongo.MongoClient(bench.mongo.url())[pipeline.name].orders
    runner = pipeline.start_and_wait()
    plant(orders, rows)
    found = bench.penstock_that_may_differ(pipeline, "verify", "--repair", "--json")
    told = int(re.search(r'"repaired":(\d+)', found.output)[1])  # "different" is what is left afterwards
    again = bench.penstock(pipeline, "verify")
    runner.stop()
    bench.report.line(f"verify --repair over {rows:,} aggregates", f"{found.seconds:.2f} s, {told} differences of {DIFFERENCES} planted found and mended,"
                      f" {found.peak_kib / 1024:.0f} MB", f"{DIFFERENCES} found", told == DIFFERENCES)
    bench.report.line(f"verify of {rows:,} repaired aggregates / their first load",
                      f"{again.seconds:.2f} s: {again.seconds / load_seconds:.2f}", "≤ 2, equal", again.seconds <= 2 * load_seconds)
