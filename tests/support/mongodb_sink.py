"""MongoDB's own sink connector with its handler of Debezium's events."""

HANDLER = "com.mongodb.kafka.connect.sink.cdc.debezium.rdbms.postgres.PostgresHandler"


def mongodb_sink(url, database, collections, **settings):
    """`collections`: topic -> collection. Its consumer reads what is committed only."""
    return {"connector.class": "com.mongodb.kafka.connect.MongoSinkConnector", "tasks.max": "1", "topics": ",".join(collections),
            "connection.uri": url, "database": database, "change.data.capture.handler": HANDLER,
            "consumer.override.isolation.level": "read_committed", "consumer.override.auto.offset.reset": "earliest",
            **{f"topic.override.{topic}.collection": collection for topic, collection in collections.items()}, **settings}
