"""Keeps one article of each group of copies: spark.py IN.parquet OUT.parquet"""
import sys

from pyspark.sql import SparkSession

from naskh.spark import dedup

articles = SparkSession.builder.getOrCreate().read.parquet(sys.argv[1])
clean = dedup(articles, keep="earliest")
clean.write.parquet(sys.argv[2])
print(f"{articles.count()} articles, {clean.count()} kept")
