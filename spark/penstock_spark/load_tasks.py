"""What runs inside the executors of a first load: rows of Spark's JDBC source to the core, counts back."""

import functools
import struct

from penstock_spark.core import shipped
from penstock_spark.tasks import in_turn

BUFFER_BYTES = 4 << 20  # of rows that cross to the core at once
BUFFER_ROWS = 10000
COUNTED = ("rows", "dead_letters", "again")


def loaded(rows, ship, load, table, arrow):
    """Loads a DataFrame of rows as record_sql packs them; gives a dict of counts for each task. `table`: of the plan of the load.
    `arrow`: much faster; Spark asks for pandas and pyarrow."""
    given = (ship, load, table["table"], len(table["columns"]))
    if arrow:
        return [row.asDict() for row in rows.mapInArrow(LoadArrow(*given), ", ".join(f"{name} long" for name in COUNTED)).collect()]
    return rows.rdd.mapPartitions(LoadRows(*given)).collect()


class LoadRows:
    """For RDD.mapPartitions()."""

    def __init__(self, ship, load, table, columns):
        self._ship, self._load, self._table, self._columns = ship, load, table, columns

    def __call__(self, rows):
        yield self._loaded((1, row) for row, in rows)

    def _loaded(self, pieces):
        """`pieces`: (number of rows, their bytes)."""
        from pyspark import TaskContext

        pipeline = shipped(self._ship)
        counts = {"rows": 0, "dead_letters": 0, "again": int(TaskContext.get().attemptNumber() > 0)}
        calls = (functools.partial(pipeline.load, self._load, self._table, buffer) for buffer in buffers(pieces, self._columns))
        for done in in_turn(calls):
            counts["dead_letters"] += done["dead_letters"]
            counts["rows"] += done["records"]
        return counts


class LoadArrow(LoadRows):
    """For DataFrame.mapInArrow(): all rows of a batch lie behind one another in its memory already."""

    def __call__(self, batches):
        import pyarrow

        schema = pyarrow.schema([(name, pyarrow.int64()) for name in COUNTED])
        yield pyarrow.RecordBatch.from_pylist([self._loaded(map(_piece, batches))], schema=schema)


def _piece(batch):
    """Of a batch with one column of binary values (Arrow columnar format: "Variable-size Binary Layout")."""
    column = batch.column(0)
    if not len(column):
        return 0, b""
    _, offsets, data = column.buffers()
    begin, end = (struct.unpack_from("<i", offsets, 4 * (column.offset + i))[0] for i in (0, len(column)))
    return len(column), data.slice(begin, end - begin).to_pybytes()


def buffers(pieces, columns):
    """Buffers PSW1 of pieces, (number of rows, their bytes)."""
    held, rows, size = [], 0, 0
    for count, piece in pieces:
        held.append(piece)
        rows, size = rows + count, size + len(piece)
        if size >= BUFFER_BYTES or rows >= BUFFER_ROWS:
            yield b"".join([_head(rows, columns), *held])
            held, rows, size = [], 0, 0
    if rows:
        yield b"".join([_head(rows, columns), *held])


def _head(rows, columns):
    return struct.pack("<4sII", b"PSW1", rows, columns)
