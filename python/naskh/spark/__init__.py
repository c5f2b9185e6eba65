"""naskh on Apache Spark: the groups of a DataFrame of articles, for inputs beyond one machine.

>>> from naskh.spark import dedup, group
>>> groups = group(articles, folder="hdfs:///scratch")  # id, group, relation, score, representative
>>> clean = dedup(articles, folder="hdfs:///scratch")  # the rows of articles that are kept

The groups are those that ``naskh group`` finds in the same articles. It takes PySpark 4 (``pip install
'naskh[spark]'``) and naskh on every executor; docs/spark.md says how to run it, and what it takes.
"""

from naskh.spark.api import dedup, group

__all__ = ["dedup", "group"]
