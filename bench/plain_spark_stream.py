"""What teams write: Debezium's events of one topic to MongoDB by PySpark, from_json, foreachBatch and MongoDB's own connector.

plain_spark_stream.py BROKERS TOPIC MONGODB DATABASE COLLECTION TABLE CHECKPOINT [MAX_RECORDS]
The last change of a key in a micro-batch counts. Documents are replaced by their `_id`, or made; those of deleted rows are deleted. Values
are JSON without schemas, with decimal.handling.mode=string."""

import sys

from pyspark.sql import Observation, SparkSession
from pyspark.sql import functions as f

# Than the connector takes as it is shipped (512, in order): less CPU a document. No key comes twice.
LARGER = {"maxBatchSize": "5000", "ordered": "false"}
# TABLE -> (its key, its columns as Debezium's JSON has them, the documents' fields)
TABLES = {
    "orders": ("order_id", "order_id int, customer_name string, address string, phone string, order_date bigint, status string, total string",
               ["order_id AS _id", "order_id", "customer_name", "address", "phone", "timestamp_micros(order_date) AS order_date", "status",
                "cast(total AS decimal(12, 2)) AS total"]),
    "ping": ("id", "id int, t string", ["id AS _id", "id", "t"]),
}


class Writer:
    """foreachBatch."""

    def __init__(self, mongodb, database, collection, table):
        self._key, columns, self._fields = TABLES[table]
        self._schema = f"op string, before struct<{columns}>, after struct<{columns}>"
        self._uri, self._names = mongodb, (database, collection)
        self._options = {"connection.uri": mongodb, "database": database, "collection": collection, "operationType": "replace",
                         "idFieldList": "_id", "writeConcern.w": "majority", **LARGER}

    def __call__(self, batch, number):
        del number
        events = batch.select("offset", f.from_json(f.col("value").cast("string"), self._schema).alias("e")).where("e IS NOT NULL")
        key = f.coalesce(f"e.after.{self._key}", f"e.before.{self._key}")
        last = events.groupBy(key.alias("key")).agg(f.expr("max_by(struct(e.op AS op, e.after AS after), offset) AS change"))
        seen = Observation()  # whether there are deletes, without a look of its own
        changes = last.observe(seen, f.sum(f.expr("int(change.op = 'd')")).alias("deletes"))
        kept = changes.where("change.op <> 'd'").select("change.after.*").selectExpr(*self._fields)
        kept.write.format("mongodb").mode("append").options(**self._options).save()
        if seen.get["deletes"]:
            self._delete([row.key for row in last.where("change.op = 'd'").select("key").collect()])

    def _delete(self, keys):
        """The connector cannot: by MongoDB's driver, which it brings."""
        java = SparkSession.getActiveSession()._jvm
        client = java.com.mongodb.client.MongoClients.create(self._uri)
        documents = client.getDatabase(self._names[0]).getCollection(self._names[1]).withWriteConcern(java.com.mongodb.WriteConcern.MAJORITY)
        documents.deleteMany(java.com.mongodb.client.model.Filters.in_("_id", keys))
        client.close()


def main():
    brokers, topic, mongodb, database, collection, table, checkpoint, *limit = sys.argv[1:]
    spark = SparkSession.builder.appName("plain stream").getOrCreate()
    options = {"kafka.bootstrap.servers": brokers, "kafka.isolation.level": "read_committed", "subscribe": topic, "startingOffsets": "earliest",
               **({"maxOffsetsPerTrigger": limit[0]} if limit else {})}
    stream = spark.readStream.format("kafka").options(**options).load().where("value IS NOT NULL").select("offset", "value")
    stream.writeStream.option("checkpointLocation", checkpoint).foreachBatch(
        Writer(mongodb, database, collection, table)).start().awaitTermination()


if __name__ == "__main__":
    main()
