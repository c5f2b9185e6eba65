"""Connected components, against following the links one by one, and the rounds they take."""

import random

import pytest

from naskh.spark.components import components, most_rounds
from naskh.spark.tables import Tables


def naive(links):
    root = {article: article for link in links for article in link}

    def find(article):
        while root[article] != article:
            article = root[article]
        return article

    for a, b in links:
        x, y = find(a), find(b)
        root[max(x, y)] = min(x, y)
    return {article: find(article) for article in root}


def scattered(links):
    """The same with numbers in no order that helps."""
    nodes = sorted({article for link in links for article in link})
    numbers = dict(zip(nodes, random.Random(3).sample(range(10 * len(nodes)), len(nodes))))
    return [tuple(sorted((numbers[a], numbers[b]))) for a, b in links]


def tangle():
    dice = random.Random(9)
    links = {tuple(sorted(dice.sample(range(1500), 2))) for _ in range(800)}
    return sorted(links)


@pytest.mark.parametrize(
    "links",
    [
        [],
        scattered([(number, number + 1) for number in range(700)]),
        [(number, number + 1) for number in range(300)],
        [(0, number) for number in range(1, 500)] + [(number, 900) for number in range(800, 850)],
        tangle(),
    ],
    ids=["nothing", "a path in no order", "a path in order", "stars", "a tangle"],
)
def test_components_are_those_found_one_by_one(spark, tmp_path, links):
    frame = spark.createDataFrame(links, "a long, b long").repartition(3)
    nodes = len({article for link in links for article in link})
    found, rounds = components(Tables(spark, str(tmp_path)), frame, nodes)
    assert {row.number: row.root for row in found.collect()} == naive(links)
    assert rounds <= most_rounds(nodes)


def test_a_bound_that_is_too_low_is_told(spark, tmp_path):
    links = spark.createDataFrame(scattered([(number, number + 1) for number in range(700)]), "a long, b long")
    with pytest.raises(RuntimeError, match="not found in 5 rounds"):
        components(Tables(spark, str(tmp_path)), links, 1)
