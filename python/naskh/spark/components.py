"""Connected components of links, by alternating large stars and small stars.

Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii, "Connected components in MapReduce and beyond" (2014). In a large
star each node ties its greater neighbours to the least one around it, in a small star its lesser ones and itself. No
step makes more edges than there are, and a node of very many neighbours is a window that Spark sorts, on disk if need be.
"""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from naskh.spark.tables import Tables


def components(tables: Tables, links: DataFrame, nodes: int) -> tuple[DataFrame, int]:
    """The least number of the component (``root``) of each article in ``links`` (columns a, b; a < b); and how many
    rounds it took, at most :func:`most_rounds` of so many nodes.

    :raises RuntimeError: if it takes more.
    """
    # u is the greater.
    edges = tables.put("edges-0", links.select(F.col("b").alias("u"), F.col("a").alias("v")).distinct())
    state = _state(edges)
    for round_ in range(1, most_rounds(nodes) + 1):
        edges = tables.put(f"edges-{round_}", _small_star(_large_star(edges)))
        last, state = state, _state(edges)
        if state == last:
            # Every node is tied to its root alone.
            roots = edges.select(F.col("v").alias("number"), F.col("v").alias("root")).distinct()
            members = edges.select(F.col("u").alias("number"), F.col("v").alias("root"))
            return tables.put("components", members.union(roots)), round_
    raise RuntimeError(f"components of links: not found in {most_rounds(nodes)} rounds")


def most_rounds(nodes: int) -> int:
    """Two for each time that the number of nodes can be halved, and three to begin and to see that it is done."""
    return 2 * max(1, nodes).bit_length() + 3


def _large_star(edges: DataFrame) -> DataFrame:
    both = edges.unionByName(edges.select(F.col("v").alias("u"), F.col("u").alias("v")))
    around = both.withColumn("least", F.least("u", F.min("v").over(Window.partitionBy("u"))))
    return around.where("v > u").select(F.col("v").alias("u"), F.col("least").alias("v")).distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    around = edges.withColumn("least", F.min("v").over(Window.partitionBy("u")))
    lesser = around.where("v > least").select(F.col("v").alias("u"), F.col("least").alias("v"))
    own = around.select("u", F.col("least").alias("v"))
    return lesser.unionByName(own).distinct()


def _state(edges: DataFrame) -> tuple[int, ...]:
    """Tells one set of edges from another."""
    mixed = F.xxhash64("u", "v")
    sum_ = F.coalesce(F.sum(F.pmod(mixed, F.lit(1 << 31))), F.lit(0))
    return tuple(edges.agg(F.count("*"), F.bit_xor(mixed), sum_).collect()[0])
