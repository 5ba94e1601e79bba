"""Penstock's core inside Spark: libpenstock by ctypes, and what stream.py and first_load.py share (docs/spark.md)."""

from penstock_spark.core import Counts, Error, Pipeline, library, shipped

__all__ = ["Counts", "Error", "Pipeline", "library", "shipped"]
