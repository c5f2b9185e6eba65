"""What is looked up for two articles: the partners of either, of other days."""

import random

from naskh.spark.pipeline import APART, SECONDS_A_DAY, WITNESSES, with_witnesses

PARTNERS = "number long, partners array<struct<other: long, day: long>>"
PAIRS = "a long, b long, date_a long, date_b long"


def test_the_first_partners_of_either(spark):
    dice = random.Random(3)
    days = {number: dice.choice([None, *range(9)]) for number in range(60)}
    dated = [number for number, day in days.items() if day is not None]
    # Articles without partners are in no row.
    partners = {number: dice.sample(dated, dice.randint(1, 30)) for number in range(40) if number % 5}
    pairs = [tuple(sorted(dice.sample(range(60), 2))) for _ in range(200)]
    seconds = lambda number: None if days[number] is None else days[number] * SECONDS_A_DAY + dice.randrange(SECONDS_A_DAY)

    rows = [(number, [(other, days[other]) for other in others]) for number, others in partners.items()]
    asked = [(a, b, seconds(a), seconds(b)) for a, b in pairs]
    found = with_witnesses(spark.createDataFrame(asked, PAIRS), spark.createDataFrame(rows, PARTNERS)).collect()

    def expected(a, b):
        own = [set(partners.get(end, [])) for end in (a, b)]
        if days[a] is None or days[b] is None:
            return [], []
        apart = [o for o in sorted(own[0] | own[1]) if abs(days[o] - days[a]) >= APART and abs(days[o] - days[b]) >= APART]
        return tuple([other for other in apart[:WITNESSES] if other in of_end] for of_end in own)

    told = sorted((row.a, row.b, row.witnesses_a, row.witnesses_b) for row in found)
    assert told == sorted((a, b, *expected(a, b)) for a, b in pairs)
    # There were more than are looked up, and some of one article alone.
    assert any(len(set(of_a) | set(of_b)) == WITNESSES and of_a != of_b for _, _, of_a, of_b in told)
