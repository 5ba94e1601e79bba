"""What teams write: a table to MongoDB by Spark's JDBC source, cut into equal ranges of its key, and MongoDB's own connector.

plain_spark_load.py JDBC_URL MONGODB DATABASE COLLECTION LEAST MOST PARTITIONS"""

import sys

from pyspark.sql import SparkSession

FIELDS = ["order_id AS _id", "order_id", "customer_name", "address", "phone", "order_date", "status", "total"]


def main():
    url, mongodb, database, collection, least, most, partitions = sys.argv[1:]
    spark = SparkSession.builder.appName("plain load").getOrCreate()
    rows = spark.read.jdbc(url, "orders", column="order_id", lowerBound=int(least), upperBound=int(most), numPartitions=int(partitions),
                           properties={"driver": "org.postgresql.Driver", "fetchsize": "10000"})
    rows.selectExpr(*FIELDS).write.format("mongodb").mode("append").options(**{
        "connection.uri": mongodb, "database": database, "collection": collection, "operationType": "replace", "idFieldList": "_id",
        "writeConcern.w": "majority", "maxBatchSize": "5000", "ordered": "false"}).save()


if __name__ == "__main__":
    main()
