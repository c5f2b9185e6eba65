"""Tables put aside between the steps of a run: Parquet in a folder that all executors reach.

What is there is not computed again: when an executor is lost, its tasks are repeated and no others.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from naskh._errors import ConfigError


class Tables:
    """The tables of one run, in a folder of their own."""

    def __init__(self, spark: SparkSession, folder: str | None):
        if folder is None:
            master = str(spark.sparkContext.master)
            if not master.startswith("local"):
                raise ConfigError(f"folder: found none; expected one that all executors of {master} reach")
            folder = tempfile.mkdtemp(prefix="naskh-")
            # The result lies there as long as it may be asked for.
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self._spark = spark
        self._schemas: dict[str, StructType] = {}
        self.folder = f"{folder.rstrip('/')}/naskh-{uuid.uuid4().hex}"

    def put(self, name: str, table: DataFrame) -> DataFrame:
        """Writes a table, and reads it."""
        # For those who look at the run in Spark's own pages.
        self._spark.sparkContext.setJobDescription(f"naskh: {name}")
        table.write.mode("overwrite").parquet(self._path(name))
        self._schemas[name] = table.schema
        self._spark.sparkContext.setLocalProperty("spark.job.description", None)  # type: ignore[arg-type]
        return self.get(name)

    def get(self, name: str) -> DataFrame:
        # With the schema, for which Spark would run a job to look into the files.
        return self._spark.read.schema(self._schemas[name]).parquet(self._path(name))

    def put_ranked(self, name: str, table: DataFrame, by: str, rank: str) -> tuple[DataFrame, int]:
        """Writes a table with the rank of each row, from 0, in the order of a column of which no value comes twice.

        Returns it, and how many rows there are. Only the numbers of rows of the partitions come to the driver.
        """
        partitions = shuffle_partitions(self._spark)
        schema = f"part int, at long, {', '.join(f'`{f.name}` {f.dataType.simpleString()}' for f in table.schema)}"
        ordered = table.repartitionByRange(partitions, by).sortWithinPartitions(by)
        put = self.put(name, ordered.mapInArrow(_counted, schema))
        sizes: dict[int, int] = {row[0]: row[1] for row in put.groupBy("part").count().collect()}
        starts, total = [], 0
        for part in range(max(sizes, default=-1) + 1):
            starts.append(total)
            total += sizes.get(part, 0)
        by_part = F.array(*(F.lit(start).cast("long") for start in starts or [0]))
        start = F.element_at(by_part, F.col("part") + 1)
        return put.withColumn(rank, start + F.col("at")).drop("part", "at"), total

    def keep_only(self, name: str) -> None:
        """Removes all tables but one."""
        files, path = self._files(self.folder)
        for status in files.listStatus(path):
            if status.getPath().getName() != name:
                files.delete(status.getPath(), True)

    def remove(self, name: str) -> None:
        """Removes a table that no later step reads."""
        files, path = self._files(self._path(name))
        files.delete(path, True)

    def _files(self, name: str) -> tuple[Any, Any]:
        # Spark's Python has no other way to its file systems.
        context: Any = self._spark.sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(name)
        return path.getFileSystem(context._jsc.hadoopConfiguration()), path

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}"


def shuffle_partitions(spark: SparkSession) -> int:
    """How many partitions the session makes of what it moves."""
    return max(1, int(spark.conf.get("spark.sql.shuffle.partitions") or 1))


def _counted(batches: Iterable[Any]) -> Iterator[Any]:
    import pyarrow as pa
    from pyspark import TaskContext

    context = TaskContext.get()
    part, at = context.partitionId() if context else 0, 0
    for batch in batches:
        rows = batch.num_rows
        columns = [pa.array([part] * rows, pa.int32()), pa.array(range(at, at + rows), pa.int64()), *batch.columns]
        yield pa.RecordBatch.from_arrays(columns, names=["part", "at", *batch.schema.names])
        at += rows
