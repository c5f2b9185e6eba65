"""naskh on Spark beside MLlib's MinHashLSH, on the same articles in the same session.

    spark.py ARTICLES.jsonl TRUTH.tsv

MLlib as its guide shows it: five-word shingles of title and text, hashed, five hash tables, and an approximate similarity
join at a Jaccard distance of 0.5; whatever is connected is one group. Truth is that of generated articles
(docs/generated.md): pairs of one family, templates apart. Run it with one session that is as large as it gets.
"""

import sys
import time

from pyspark.ml import Pipeline
from pyspark.ml.feature import HashingTF, MinHashLSH, NGram, RegexTokenizer
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from naskh.spark import group
from naskh.spark.components import components
from naskh.spark.tables import Tables

WORDS, TABLES, DISTANCE = 5, 5, 0.5


def by_naskh(articles):
    return group(articles).select("id", "group")


def by_mllib(articles):
    text = F.concat_ws("\n", "title", "text")
    rows = articles.select("id", F.monotonically_increasing_id().alias("number"), text.alias("all")).cache()
    shingles = Pipeline(stages=[
        RegexTokenizer(inputCol="all", outputCol="words", pattern=r"(?U)\w+", gaps=False),
        NGram(n=WORDS, inputCol="words", outputCol="shingles"),
        HashingTF(inputCol="shingles", outputCol="features", binary=True, numFeatures=1 << 20),
    ]).fit(rows).transform(rows).where("size(shingles) > 0").select("number", "features").cache()
    model = MinHashLSH(inputCol="features", outputCol="hashes", numHashTables=TABLES, seed=1).fit(shingles)
    pairs = model.approxSimilarityJoin(shingles, shingles, DISTANCE).where("datasetA.number < datasetB.number")
    links = pairs.select(F.col("datasetA.number").alias("a"), F.col("datasetB.number").alias("b"))
    tables = Tables(articles.sparkSession, None)
    nodes, _ = components(tables, tables.put("links", links), rows.count())
    return nodes.join(rows, "number").select("id", F.col("root").alias("group"))


def pairs_of(members):
    """How many pairs of articles are in one group."""
    return members.groupBy("group").count().agg(F.coalesce(F.sum(F.expr("count * (count - 1) div 2")), F.lit(0))).first()[0]


def main(articles, truth):
    spark = SparkSession.builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    articles = spark.read.json(articles).cache()
    families = spark.read.option("sep", "\t").option("header", True).csv(truth).where("kind != 'sibling'").cache()
    planted = pairs_of(families.select("id", F.col("family").alias("group")))
    print(f"{articles.count()} articles, {planted} pairs planted")
    for name, find in [("naskh", by_naskh), ("MLlib", by_mllib)]:
        started = time.monotonic()
        members = find(articles).cache()
        found = pairs_of(members)
        seconds = time.monotonic() - started
        both = members.join(families, "id").select(F.struct("group", "family").alias("group"))
        true = pairs_of(both)
        print(f"{name}: {seconds:.0f} s, precision {true / max(found, 1):.3f}, recall {true / planted:.3f}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
