"""The steps of a run: what ``naskh group`` does, as tables that are keyed and joined.

``src/stages/mod.rs`` draws how the stages follow one another. What is moved between them goes by number (the rank of an
article's id), by bucket (packed entries that meet by their keys), or by block (some tasks and the documents they ask).
"""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from naskh._naskh import stages
from naskh.spark import workers
from naskh.spark.columns import Columns
from naskh.spark.components import components
from naskh.spark.tables import Tables, shuffle_partitions

#: The most articles that a bucket or block should serve: some hundred MB in the worst case.
ARTICLES_A_BUCKET = 200_000
ARTICLES_A_BLOCK = 20_000
#: Buckets and blocks for each partition, so that hashing spreads them evenly.
A_PARTITION = 4
#: Of how many articles with one sentence it is asked at first, then and after that whether they tell several stories.
TOLD_APART = (16, 256, 4096, None)
#: The most partners of an article, and the most witnesses of a pair that are looked up (as in the library).
PARTNERS, WITNESSES = 64, 16
#: Days apart from which on an article is a witness (as in the library).
APART = 2
#: Bytes of documents that a task of the library keeps in memory; more goes to the executor's disk.
MEMORY = 1 << 30
SECONDS_A_DAY = 86_400
RELATIONS = ("identical", "copy", "derived")
LIST = "array<long>"
PARTNER_LIST = "array<struct<other: long, day: long>>"


class Pipeline:
    """One run."""

    def __init__(self, spark: SparkSession, tables: Tables, level: str, window: float | None):
        self._spark = spark
        self._tables = tables
        self._level = level
        self._window = window
        self._least_stems = stages.least_stems(level, window)
        self._articles = 0

    def run(self, columns: Columns) -> DataFrame:
        """The members of all groups: id, group, relation, score, representative; and what may decide which is kept."""
        self._articles = columns.check()
        documents = self._documents(columns)
        later = self._later(documents)
        stripped = self._stripped(documents, self._furniture(documents), later)
        shared = self._shared(stripped)
        about, pairs = self._pairs(stripped, shared)
        candidates = self._candidates(pairs, about)
        links, partners = self._links(candidates, stripped, shared)
        members = self._members(links, partners, stripped, shared)
        return self._named(self._with_later(members, later, documents), documents, stripped)

    # Articles by themselves.

    def _documents(self, columns: Columns) -> DataFrame:
        schema = (
            "id string, date long, source long, fingerprint long, title long, title_stems int, "
            f"sentences {LIST}, document binary"
        )
        # Put aside first: to sort it Spark goes through it twice.
        digests = self._tables.put("digests", columns.rows().mapInArrow(workers.digest, schema))
        documents, _ = self._tables.put_ranked("documents", digests, "id", "number")
        self._tables.remove("digests")
        return documents

    def _later(self, documents: DataFrame) -> DataFrame:
        """Articles identical to an earlier one (number), with the one that stands for them (first)."""
        rows = documents.where("fingerprint != 0").select("fingerprint", "date", "number")
        # Their number is left to Spark: there is little in a row.
        together = rows.repartition("fingerprint")
        in_order = together.sortWithinPartitions("fingerprint", F.col("date").asc_nulls_last(), "number")
        later = in_order.mapInArrow(workers.twins(self._window), "number long, first long")
        return self._tables.put("later", later)

    # Furniture.

    def _furniture(self, documents: DataFrame) -> DataFrame:
        """Sentences to be dropped: number, repeated (keys), teasers (hashes)."""
        repeated = self._repeated(documents).groupBy("number").agg(F.collect_list("key").alias("repeated"))
        teasers = self._teasers(documents).groupBy("number").agg(F.collect_list("hash").alias("teasers"))
        return self._tables.put("furniture", repeated.join(teasers, "number", "full"))

    def _repeated(self, documents: DataFrame) -> DataFrame:
        same_words = Window.partitionBy("fingerprint", "source").orderBy("number")
        rows = documents.where("fingerprint != 0").select("fingerprint", "source", "number")
        copies = rows.withColumn("row", F.row_number().over(same_words)).where("row > 1")
        copies = self._tables.put("copies", copies.select("number", F.lit(True).alias("copy")))
        narrow = documents.select("number", "source", "sentences").join(copies, "number", "left")
        entries = narrow.mapInArrow(workers.sentences(self._buckets), "bucket int, entries binary")
        runs = self._in_buckets(entries, workers.repeated, f"key long, part int, wanted int, articles {LIST}, copies {LIST}")
        runs = self._tables.put("runs", runs)
        pending = runs.where("part = 0").select("key")
        found = []
        for round_, most in enumerate(TOLD_APART):
            answers = self._told_apart(f"told-{round_}", runs.join(pending, "key"), most, documents)
            answers = self._tables.put(f"sentences-{round_}", answers)
            found.append(answers.where("furniture").select("key"))
            pending = answers.where("not furniture and more").select("key")
            if pending.isEmpty():
                break
        keys = found[0]
        for more in found[1:]:
            keys = keys.unionByName(more)
        return runs.join(keys, "key").select("key", F.explode(F.concat("articles", "copies")).alias("number"))

    def _told_apart(self, name: str, runs: DataFrame, most: int | None, documents: DataFrame) -> DataFrame:
        """Of sentences (key) whether they are furniture; not for certain where there are more articles than asked."""
        if most is None:
            parts = F.array_sort(F.collect_list(F.struct("part", "articles")))
            whole = F.flatten(F.transform(parts, lambda part: part["articles"]))
            runs = runs.groupBy("key", "wanted").agg(whole.alias("articles"))
            more = F.lit(False)
        else:
            runs = runs.where("part = 0")
            more = F.size("articles") > most
            runs = runs.withColumn("more", more).withColumn("articles", F.slice("articles", 1, most))
            more = F.col("more")
        tasks = runs.select(self._block("key"), "key", "wanted", "articles", more.alias("more"))
        tasks = self._tables.put(name, tasks)
        needs = tasks.select("block", F.explode("articles").alias("number"))
        brought = self._brought(needs, documents.select("number", "source", "document"))
        answers = self._in_blocks(brought, self._tables.get(name), workers.is_furniture, "key long, furniture boolean")
        return answers.join(self._tables.get(name).select("key", "more"), "key")

    def _teasers(self, documents: DataFrame) -> DataFrame:
        longest = documents.agg(F.coalesce(F.max("title_stems"), F.lit(0))).collect()[0][0]
        entries = documents.select("number", "title", "document").mapInArrow(
            workers.teaser_keys(longest, self._buckets), "bucket int, entries binary"
        )
        found = self._in_buckets(entries, workers.teasers, f"number long, place long, titled {LIST}")
        tasks = self._tables.put("titled", found.withColumn("block", self._block("number")))
        articles = F.concat(F.array("number"), "titled")
        needs = tasks.select("block", F.explode(articles).alias("number"))
        brought = self._brought(needs, documents.select("number", "source", "document"))
        answers = self._in_blocks(brought, self._tables.get("titled"), workers.is_teaser, "number long, hash long")
        return answers.distinct()

    def _stripped(self, documents: DataFrame, furniture: DataFrame, later: DataFrame) -> DataFrame:
        # Put aside, for Spark to see how small it is: then it is sent to the documents, and they stay where they are.
        changes = self._tables.put("changes", furniture.join(later, "number", "full"))
        rows = documents.select("number", "date", "source", "document").join(changes, "number", "left")
        schema = "number long, date long, source long, first long, stems int, document binary"
        return self._tables.put("stripped", rows.mapInArrow(workers.strip, schema))

    # What is rare.

    def _shared(self, stripped: DataFrame) -> workers.Shared:
        """The counted articles, 20,000 at most and for copies 8,000, for every executor."""
        stems = stripped.agg(F.coalesce(F.sum("stems"), F.lit(0))).collect()[0][0]
        counted = stripped.where(F.col("number") % self._step == 0).drop("stems").toArrow()
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, counted.schema) as writer:
            writer.write_table(counted)
        broadcast = self._spark.sparkContext.broadcast(stream.getvalue().to_pybytes())
        return workers.Shared(self._tables.folder, broadcast, self._level, self._window, self._articles, stems, MEMORY)

    @property
    def _step(self) -> int:
        return int(stages.step(self._level, self._articles))

    # Candidates.

    def _pairs(self, stripped: DataFrame, shared: workers.Shared) -> tuple[DataFrame, DataFrame]:
        """What is known of each article that stands for itself; and the pairs proposed, with what they share."""
        stand = stripped.where(F.col("first").isNull() & (F.col("stems") >= self._least_stems))
        schema = "bucket int, entries binary, number long, date long, source long, sampled int, common int"
        rows = stand.select("number", "date", "source", "document").mapInArrow(shared.sample(self._buckets), schema)
        samples = self._tables.put("samples", rows)
        entries = samples.where("bucket is not null").select("bucket", "entries")
        schema = "bucket int, entries binary, common binary, timely binary"
        dealt = self._in_buckets(entries, workers.postings(self._level, self._buckets), schema)
        schema = "a long, b long, shared int, number long, common int, timely int"
        counted = self._tables.put("shared", self._in_buckets(dealt, workers.count_pairs(self._level), schema))

        counts = counted.where("number is not null").select("number", F.col("common").alias("more"), "timely")
        about = samples.where("bucket is null").drop("bucket", "entries").join(counts, "number", "left")
        about = about.withColumn("common", F.col("common") + F.coalesce("more", F.lit(0))).drop("more")
        about = about.withColumn("timely", F.coalesce("timely", F.lit(0)))
        schema = "number long, date long, source long, sampled int, common int, timely int, blind boolean"
        about = self._tables.put("about", about.mapInArrow(workers.is_blind(self._level), schema))

        blind = about.where("blind").select("number")
        bands = stand.select("number", "document").join(blind, "number", "leftsemi")
        bands = bands.mapInArrow(workers.bands(self._level, self._buckets), "bucket int, entries binary")
        by_bands = self._in_buckets(bands, workers.pairs_of_bucket(self._level), "a long, b long, shared int")
        pairs = counted.where("a is not null").select("a", "b", "shared").unionByName(by_bands)
        return about, pairs.groupBy("a", "b").agg(F.max("shared").alias("shared"))

    def _candidates(self, pairs: DataFrame, about: DataFrame) -> DataFrame:
        """Pairs that are worth comparing, or partners in which others may be found."""
        rare = F.col("sampled") - F.col("common") - F.col("timely")
        known = about.select("number", "date", "source", rare.alias("rare"), "timely")
        for end in "ab":
            of_end = known.select(F.col("number").alias(end), *(F.col(c).alias(f"{c}_{end}") for c in known.columns[1:]))
            pairs = pairs.join(of_end, end)
        schema = "a long, b long, date_a long, date_b long, compare boolean, partners boolean"
        looked = pairs.mapInArrow(workers.first_look(self._level, self._window), schema)
        # Where all articles are counted, none need be looked up.
        partners = F.lit(False) if self._step == 1 else F.col("partners")
        looked = looked.withColumn("partners", partners).where("compare or partners")
        return self._tables.put("candidates", looked)

    # Verdicts.

    def _links(self, candidates: DataFrame, stripped: DataFrame, shared: workers.Shared) -> tuple[DataFrame, DataFrame]:
        """The verified pairs; and of the articles compared the partners."""
        compare = candidates.where("compare").select("a", "b", "date_a", "date_b")
        compared = compare.select(F.explode(F.array("a", "b")).alias("number")).distinct()
        partners = self._tables.put("partners", self._partners(candidates.where("partners"), compared))
        tasks = with_witnesses(compare, partners).select(self._block("a"), "a", "b", "witnesses_a", "witnesses_b")
        tasks = self._tables.put("compare", tasks)
        articles = F.concat(F.array("a", "b"), "witnesses_a", "witnesses_b")
        needs = tasks.select("block", F.explode(articles).alias("number"))
        brought = self._brought(needs, stripped.select("number", "date", "source", "document"))
        schema = "a long, b long, score double, relation byte, a_in_b byte, b_in_a byte"
        links = self._in_blocks(brought, self._tables.get("compare"), shared.links(), schema)
        return self._tables.put("links", links), partners

    def _partners(self, pairs: DataFrame, compared: DataFrame) -> DataFrame:
        """Of each article compared its first partners: number, partners (other, day)."""
        day = {end: F.floor(F.col(f"date_{end}") / SECONDS_A_DAY).alias("day") for end in "ab"}
        a, b = F.col("a"), F.col("b")
        rows = pairs.select(a.alias("number"), b.alias("other"), day["b"]).unionByName(
            pairs.select(b.alias("number"), a.alias("other"), day["a"])
        )
        first = F.row_number().over(Window.partitionBy("number").orderBy("other")) <= PARTNERS
        rows = rows.join(compared, "number", "leftsemi").withColumn("first", first).where("first")
        return rows.groupBy("number").agg(F.collect_list(F.struct("other", "day")).alias("partners"))

    # Groups.

    def _members(
        self, links: DataFrame, partners: DataFrame, stripped: DataFrame, shared: workers.Shared
    ) -> DataFrame:
        """The members of groups: representative, number, score, relation (null for the representative)."""
        tables = self._tables
        nodes, _ = components(tables, links.select("a", "b"), self._articles)
        rooted = links.join(nodes.withColumnRenamed("number", "a"), "a")
        sizes = nodes.groupBy("root").agg(F.count("*").alias("size"))
        sizes = sizes.join(rooted.groupBy("root").agg(F.count("*").alias("links")), "root")
        # Where all are linked with all, no document is asked for.
        asked = sizes.where("links < size * (size - 1) / 2").select("root", F.lit(True).alias("asked"))
        nodes = tables.put("nodes", nodes.join(asked, "root", "left")).withColumn("block", self._block("root"))

        others = nodes.where("asked").join(partners, "number")
        others = tables.put("others", others.select("block", "number", F.explode("partners.other").alias("other")))
        needs = nodes.where("asked").select("block", "number").unionByName(
            others.select("block", F.col("other").alias("number"))
        )
        brought = self._brought(needs, stripped.select("number", "date", "source", "document"))
        unasked = nodes.where("asked is null").select("block", "number")
        unasked = unasked.join(stripped.select("number", "date", "source"), "number")
        brought = brought.unionByName(unasked, allowMissingColumns=True)
        tasks = rooted.withColumn("block", self._block("root")).drop("root")
        tasks = tasks.unionByName(others, allowMissingColumns=True)
        tasks = tables.put("connected", tasks)
        schema = "representative long, number long, score double, relation byte"
        return tables.put("members", self._in_blocks(brought, tasks, shared.groups(), schema))

    def _with_later(self, members: DataFrame, later: DataFrame, documents: DataFrame) -> DataFrame:
        """The members, and with them the articles identical to one of them or to one that is in no group."""
        of_first = members.withColumnRenamed("number", "first")
        joined = later.join(of_first, "first", "left")
        alone = joined.where("representative is null").select(F.col("first").alias("representative")).distinct()
        alone = alone.select("representative", F.col("representative").alias("number"), F.lit(1.0).alias("score"))
        joined = joined.select(
            F.coalesce("representative", "first").alias("representative"),
            "number",
            F.coalesce("score", F.lit(1.0)).alias("score"),
            F.coalesce("relation", F.lit(0).cast("byte")).alias("relation"),
        )
        if self._window is not None:
            # No group is wider than the window around its representative.
            dates = documents.select("number", "date")
            joined = joined.join(dates, "number")
            joined = joined.join(dates.select(F.col("number").alias("representative"), F.col("date").alias("of")), "representative")
            days = F.abs(F.col("date") - F.col("of")) / SECONDS_A_DAY
            joined = joined.where(F.coalesce(days <= self._window, F.lit(True))).drop("date", "of")
        everyone = members.unionByName(alone, allowMissingColumns=True).unionByName(joined)
        return self._tables.put("everyone", everyone)

    def _named(self, members: DataFrame, documents: DataFrame, stripped: DataFrame) -> DataFrame:
        """Members with their ids, groups numbered in the order of their first member's id."""
        firsts = members.groupBy("representative").agg(F.min("number").alias("lowest"))
        groups, _ = self._tables.put_ranked("groups", firsts, "lowest", "group")
        ids = documents.select("number", "id", "date")
        named = members.join(groups.select("representative", "group"), "representative").join(ids, "number")
        of_group = ids.select(F.col("number").alias("representative"), F.col("id").alias("name"))
        named = named.join(of_group, "representative").join(stripped.select("number", "stems"), "number")
        words = F.element_at(F.lit(list(RELATIONS)), F.col("relation").cast("int") + 1)
        relation = F.when(F.col("relation").isNull(), "representative").otherwise(words)
        return named.select(
            "id", "group", relation.alias("relation"), "score", F.col("name").alias("representative"), "date", "stems"
        )

    # What is moved.

    @property
    def _buckets(self) -> int:
        return max(A_PARTITION * shuffle_partitions(self._spark), self._articles // ARTICLES_A_BUCKET)

    def _block(self, key: str) -> Column:
        blocks = max(A_PARTITION * shuffle_partitions(self._spark), self._articles // ARTICLES_A_BLOCK)
        return F.pmod(F.xxhash64(key), F.lit(blocks)).alias("block")

    @staticmethod
    def _in_buckets(entries: DataFrame, work: workers.OfTable, schema: str) -> DataFrame:
        return entries.groupBy("bucket").applyInArrow(work, schema)

    @staticmethod
    def _brought(needs: DataFrame, documents: DataFrame) -> DataFrame:
        """The documents of articles (block, number), each once a block."""
        return needs.distinct().join(documents, "number")

    @staticmethod
    def _in_blocks(documents: DataFrame, tasks: DataFrame, work: workers.OfBlock, schema: str) -> DataFrame:
        return documents.groupBy("block").cogroup(tasks.groupBy("block")).applyInArrow(work, schema)


def with_witnesses(pairs: DataFrame, partners: DataFrame) -> DataFrame:
    """Pairs (a, b, date_a, date_b) with the first partners of either that are of days apart from both: witnesses_a and
    witnesses_b, those of each.

    Whatever pair it came for, a partner serves all pairs of its article in a block; so none may stand beside another's.
    """
    for end in "ab":
        of_end = partners.select(F.col("number").alias(end), F.col("partners").alias(f"partners_{end}"))
        own = F.coalesce(f"partners_{end}", F.array().cast(PARTNER_LIST))
        pairs = pairs.join(of_end, end, "left").withColumn(f"partners_{end}", own)
    days = [F.floor(F.col(f"date_{end}") / SECONDS_A_DAY) for end in "ab"]
    either = F.array_sort(F.array_union("partners_a", "partners_b"))
    apart = F.filter(either, lambda other: (F.abs(other["day"] - days[0]) >= APART) & (F.abs(other["day"] - days[1]) >= APART))
    pairs = pairs.withColumn("witnesses", F.slice(apart, 1, WITNESSES))
    for end in "ab":
        own = F.array_intersect("witnesses", f"partners_{end}")
        pairs = pairs.withColumn(f"witnesses_{end}", F.transform(own, lambda other: other["other"]))
    return pairs
