"""What the executors run: each function takes Arrow batches to a stage of the library and back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

import pyarrow as pa
from pyspark import Broadcast

Batches = Iterable[pa.RecordBatch]
OfBatches = Callable[[Batches], Iterator[pa.RecordBatch]]
OfTable = Callable[[pa.Table], pa.Table]
OfBlock = Callable[[pa.Table, pa.Table], pa.Table]

#: What is made once a worker of a value that all tasks of a run share: the settings, and the counted articles.
_made: dict[str, Any] = {}


def stages() -> ModuleType:
    # Spark gives a task one core; the library would take all.
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    from naskh._naskh import stages

    return stages


def _beside(batch: pa.RecordBatch, added: pa.RecordBatch, *kept: str) -> pa.RecordBatch:
    """The columns ``kept`` of a batch with those added to them."""
    columns = [batch.column(name) for name in kept] + added.columns
    return pa.RecordBatch.from_arrays(columns, names=[*kept, *added.schema.names])


def _batches(table: pa.Table) -> list[pa.RecordBatch]:
    batches: list[pa.RecordBatch] = table.to_batches()
    return batches


def _table(*batches: pa.RecordBatch) -> pa.Table:
    """Batches below one another; a column that one lacks is null there."""
    return pa.concat_tables([pa.Table.from_batches([batch]) for batch in batches], promote_options="default")


def digest(batches: Batches) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield _beside(batch, stages().digest(batch), "id")


def twins(window: float | None) -> OfBatches:
    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        scan = stages().Twins(window)
        for batch in batches:
            yield scan.later(batch)

    return run


def sentences(buckets: int) -> OfBatches:
    return lambda batches: (stages().sentences(batch, buckets) for batch in batches)


def repeated(table: pa.Table) -> pa.Table:
    return pa.Table.from_batches([stages().repeated(_batches(table))])


def teaser_keys(longest: int, buckets: int) -> OfBatches:
    return lambda batches: (stages().teaser_keys(batch, longest, buckets) for batch in batches)


def teasers(table: pa.Table) -> pa.Table:
    return pa.Table.from_batches([stages().teasers(_batches(table))])


def is_furniture(documents: pa.Table, tasks: pa.Table) -> pa.Table:
    return pa.Table.from_batches([stages().is_furniture(_batches(documents), _batches(tasks))])


def is_teaser(documents: pa.Table, tasks: pa.Table) -> pa.Table:
    return pa.Table.from_batches([stages().is_teaser(_batches(documents), _batches(tasks))])


def strip(batches: Batches) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield _beside(batch, stages().strip(batch), "number", "date", "source", "first")


def is_blind(level: str) -> OfBatches:
    return lambda batches: (_beside(batch, stages().is_blind(level, batch), *batch.schema.names) for batch in batches)


def bands(level: str, buckets: int) -> OfBatches:
    return lambda batches: (stages().bands(level, batch, buckets) for batch in batches)


def pairs_of_bucket(level: str) -> OfTable:
    return lambda table: pa.Table.from_batches([stages().pairs_of_bucket(level, _batches(table))])


def postings(level: str, buckets: int) -> OfTable:
    def run(table: pa.Table) -> pa.Table:
        behind, common, timely = stages().postings(level, _batches(table), buckets)
        counts = common.rename_columns(["bucket", "common"]), timely.rename_columns(["bucket", "timely"])
        return _table(behind, *counts).select(["bucket", "entries", "common", "timely"])

    return run


def count_pairs(level: str) -> OfTable:
    def run(table: pa.Table) -> pa.Table:
        pairs, counts = stages().count_pairs(level, _batches(table))
        return _table(pairs, counts).select(["a", "b", "shared", "number", "common", "timely"])

    return run


def first_look(level: str, window: float | None) -> OfBatches:
    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield _beside(batch, stages().first_look(level, window, batch), "a", "b", "date_a", "date_b")

    return run


class Shared:
    """The counted articles, which every executor has, and what it makes of them."""

    def __init__(
        self,
        run: str,
        counted: Broadcast[bytes],
        level: str,
        window: float | None,
        articles: int,
        stems: int,
        memory: int,
    ):
        self._run = run
        self._counted = counted
        self._settings = (level, window, articles, stems, memory)

    def _articles(self) -> pa.Table:
        with pa.ipc.open_stream(self._counted.value) as stream:
            return stream.read_all()

    def _once(self, what: str, make: Callable[[], Any]) -> Any:
        if _made.get("run") != self._run:
            _made.clear()
            _made["run"] = self._run
        if what not in _made:
            _made[what] = make()
        return _made[what]

    def _sampler(self) -> Any:
        level, _, articles, stems, _ = self._settings
        counted = self._articles()
        stand = counted.filter(counted["first"].is_null())
        return stages().Sampler(level, articles, stems, _batches(stand))

    def _detector(self) -> Any:
        level, window, articles, _, memory = self._settings
        return stages().PartDetector(level, window, articles, _batches(self._articles()), memory)

    def sample(self, buckets: int) -> OfBatches:
        def run(batches: Batches) -> Iterator[pa.RecordBatch]:
            sampler = self._once("sampler", self._sampler)
            names = ["bucket", "entries", "number", "date", "source", "sampled", "common"]
            for batch in batches:
                entries, counted = sampler.sample(batch, buckets)
                about = _beside(batch, counted.drop_columns(["number"]), "number", "date", "source")
                yield from _table(entries, about).select(names).combine_chunks().to_batches()

        return run

    # Functions, for Spark looks at how many arguments they take, and a method has one more.

    def links(self) -> OfBlock:
        def run(documents: pa.Table, tasks: pa.Table) -> pa.Table:
            detector = self._once("detector", self._detector)
            return pa.Table.from_batches([detector.links(_batches(documents), _batches(tasks))])

        return run

    def groups(self) -> OfBlock:
        def run(documents: pa.Table, tasks: pa.Table) -> pa.Table:
            detector = self._once("detector", self._detector)
            links, partners = tasks.filter(tasks["a"].is_valid()), tasks.filter(tasks["number"].is_valid())
            members = detector.groups(_batches(documents), _batches(links), _batches(partners))
            return pa.Table.from_batches([members])

        return run
