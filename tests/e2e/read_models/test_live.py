"""Read models while they live: fan-out, rebuild, lost state, a changed definition, SIGHUP."""

import itertools
import shutil
import signal
import time

import pymongo
import pytest
from e2e.read_models import shop
from pymongo.read_concern import ReadConcern
from support.pipeline import Background

MAJORITY = ReadConcern("majority")


def lines_and_orders(pipeline):
    return pipeline.configure({"orders": shop.ORDERS, "sales": shop.SALES})


def test_orders_follow_every_table_they_show(pipeline):
    lines_and_orders(shop.fill(pipeline)).start_and_wait()
    shop.expect_orders(pipeline)
    pipeline.transaction("UPDATE product SET name = 'renamed', price = 9.99 WHERE product_id = 3",
                         "INSERT INTO orders VALUES (1000, 'late', NULL)",
                         "INSERT INTO line VALUES (5000, 1000, 3, 7)")
    pipeline.sql("UPDATE line SET order_id = 2 WHERE order_id = 1", "DELETE FROM orders WHERE order_id = 5",
                 "UPDATE orders SET order_id = 2000 WHERE order_id = 1",
                 "UPDATE line SET quantity = quantity + 1 WHERE line_id % 7 = 0")
    shop.expect_orders(pipeline)
    shop.expect_sales(pipeline)
    pipeline.sql("TRUNCATE line")
    shop.expect_orders(pipeline)
    shop.expect_sales(pipeline)


def test_a_product_shown_in_many_orders_reaches_them_all_and_wait_knows(pipeline):
    """More orders than one step takes: `wait` must not answer before the last of them."""
    lines_and_orders(shop.fill(pipeline, orders=12_000)).start_and_wait()
    for round_ in range(3):
        pipeline.sql(f"UPDATE product SET name = 'round {round_}' WHERE product_id = 1",
                     f"UPDATE orders SET note = 'between {round_}' WHERE order_id = 77")
        pipeline.wait()
        stale = pipeline.database.get_collection("orders", read_concern=MAJORITY).count_documents(
            {"lines.product.name": {"$regex": f"^round {round_ - 1}$"}})
        assert stale == 0
    shop.expect_orders(pipeline)


def test_other_changes_come_through_during_a_fan_out(pipeline):
    lines_and_orders(shop.fill(pipeline, orders=30_000)).start_and_wait()
    orders = pipeline.database.get_collection("orders", read_concern=MAJORITY)
    pipeline.sql("UPDATE product SET name = 'wide' WHERE product_id = 1")
    pipeline.sql("INSERT INTO orders VALUES (100000, 'quick', NULL)")
    pipeline.until(lambda: orders.find_one({"_id": 100000}), 60, "the small change")
    behind = orders.count_documents({"lines.product.name": "product 1"})
    pipeline.wait()
    assert orders.count_documents({"lines.product.name": "product 1"}) == 0
    assert behind > 0, "the fan-out was over before the small change arrived: it did not wait for steps"


QUERY_PLAN_KILLED = 175  # what a query gets that was being answered at the moment of the switch


class Watcher(Background):
    """Counts the documents of a collection again and again: it must never see fewer than there are."""

    def __init__(self, pipeline, least):
        self.counts = []
        self._orders = pipeline.database.get_collection("orders", read_concern=MAJORITY)
        self._least = least
        super().__init__(self._look)

    def _look(self):
        try:
            count = self._orders.count_documents({}, hint="_id_")
        except pymongo.errors.OperationFailure as error:
            assert error.code == QUERY_PLAN_KILLED, error
            return
        self.counts.append(count)
        assert count >= self._least, f"a reader saw {count} documents"
        time.sleep(0.001)


def test_a_rebuild_under_load_leaves_no_gap_for_readers(pipeline):
    lines_and_orders(shop.fill(pipeline, orders=4000)).start_and_wait()
    watcher = Watcher(pipeline, 4000)
    numbers = itertools.count(1)

    def write():
        i = next(numbers)
        pipeline.transaction(f"UPDATE line SET quantity = 1 + {i} % 5 WHERE line_id = {1 + i % 8000}",
                             f"UPDATE orders SET note = 'w{i}' WHERE order_id = {1 + i * 7 % 4000}")

    writer = Background(write)
    for _ in range(2):
        completed = pipeline.runners[0].text().count("collection orders is complete")
        pipeline.penstock("rebuild", "orders")
        pipeline.until(lambda: pipeline.runners[0].text().count("collection orders is complete") > completed, 60,  # noqa: B023
                       "the rebuild to end")
    writer.stop()
    watcher.stop()
    assert len(watcher.counts) > 100
    shop.expect_orders(pipeline)
    assert "penstock_next_orders" not in pipeline.database.list_collection_names()


def test_a_lost_state_is_loaded_again_while_the_documents_stay(pipeline):
    runner = lines_and_orders(shop.fill(pipeline, orders=2000)).start_and_wait()
    runner.kill()
    shutil.rmtree(pipeline.folder / "state")
    pipeline.sql("UPDATE line SET quantity = 9 WHERE line_id = 4", "DELETE FROM orders WHERE order_id = 9")
    watcher = Watcher(pipeline, 1999)
    pipeline.start()
    pipeline.wait_streaming()
    pipeline.wait_loaded()
    watcher.stop()
    shop.expect_orders(pipeline)
    shop.expect_sales(pipeline)


def test_a_changed_definition_is_built_beside_the_old_one(pipeline):
    runner = lines_and_orders(shop.fill(pipeline, orders=2000)).start_and_wait()
    runner.stop()
    changed = {**shop.ORDERS, "fields": {**shop.ORDERS["fields"], "shout": "upper(customer)"}}
    pipeline.configure({"orders": changed, "sales": shop.SALES})
    watcher = Watcher(pipeline, 2000)
    pipeline.start()
    pipeline.wait_streaming()
    pipeline.wait_loaded()
    watcher.stop()
    shop.expect_orders(pipeline)
    assert pipeline.document("orders", 3)["shout"] == "CUSTOMER 3"


@pytest.mark.on_one_postgres
def test_sighup_takes_over_a_new_collection_while_the_others_flow(pipeline):
    shop.fill(pipeline)
    runner = pipeline.configure({"orders": shop.ORDERS}).start_and_wait()
    pipeline.configure({"orders": shop.ORDERS, "sales": shop.SALES, "products": "public.product"})
    runner.send_signal(signal.SIGHUP)
    pipeline.until(lambda: "sales" in pipeline.database.list_collection_names(), 60, "the new collection")
    pipeline.wait_loaded()
    pipeline.sql("UPDATE line SET quantity = 100 WHERE line_id = 1")
    shop.expect_orders(pipeline)
    shop.expect_sales(pipeline)
    pipeline.expect_equal()
    pipeline.file.write_text("pipeline: [broken")
    runner.send_signal(signal.SIGHUP)
    pipeline.until(lambda: "goes on as before" in runner.text(), 30, "the refusal")
    assert runner.alive()


@pytest.mark.on_one_postgres
@pytest.mark.parametrize("errors", ["stop", "dead_letter"])
def test_a_document_that_cannot_be_computed_stops_or_is_parked(pipeline, errors):
    shop.fill(pipeline)
    definition = {**shop.ORDERS, "fields": {"share": "100 / (order_id - 50)"}}
    pipeline.configure({"orders": definition}, errors=errors)
    if errors == "stop":
        done = pipeline.penstock("load", expect=4)
        assert "division by zero" in done.stderr and "50" in done.stderr and "share" in done.stderr
        return
    pipeline.start_and_wait()
    assert [d["row"]["order_id"] for d in pipeline.documents("orders_dead_letters")] == ["50"]
    assert pipeline.document("orders", 50) is None
    assert pipeline.document("orders", 52)["share"] == 50


def test_kills_in_the_middle_of_a_fan_out_lose_none_of_it(pipeline):
    lines_and_orders(shop.fill(pipeline, orders=15_000)).start_and_wait()
    for round_ in range(4):
        pipeline.sql(f"UPDATE product SET name = 'kill {round_}' WHERE product_id = 1",
                     f"UPDATE line SET order_id = {round_ + 1} WHERE line_id % 1000 = {round_}")
        time.sleep(0.15 * round_)
        pipeline.runners[-1].kill()
        pipeline.start()
    pipeline.wait_streaming()
    shop.expect_orders(pipeline)
    shop.expect_sales(pipeline)
