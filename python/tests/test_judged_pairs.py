"""What is measured against judged pairs, and fitted to them, is what the program measures and fits."""

import json

import naskh
import pandas
import polars
import pyarrow
import pytest

#: Pairs of the newsroom by the numbers of their articles, with labels.
PAIRS = [(1, 2, 5), (1, 6, 4), (5, 10, 4), (0, 7, 2), (3, 9, 2), (0, 3, 1), (4, 8, 1), (3, 12, 5), (2, 6, 4), (4, 5, 1)]


@pytest.fixture(scope="module")
def pairs(newsroom):
    def pair(number, a, b, label):
        ids = {"a": newsroom[a]["id"], "b": newsroom[b]["id"]}
        return {**ids, "label": label, "weight": 1.0 + number / 4, "template": "yes" if label == 2 else "no", "sure": "yes"}

    return [pair(number, *judged) for number, judged in enumerate(PAIRS)]


@pytest.fixture(scope="module")
def pairs_file(pairs, tmp_path_factory):
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    lines = ["\t".join(pairs[0]), *("\t".join(map(str, pair.values())) for pair in pairs)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_evaluations(newsroom, newsroom_file, pairs, pairs_file, program):
    for options, flags in [({}, []), ({"level": "copy"}, ["--level", "copy"]), ({"threshold": 0.999}, ["--threshold", "0.999"])]:
        expected = json.loads(program("eval", "--articles", newsroom_file, "--pairs", pairs_file, "--json", *flags))
        given = [pairs, pairs_file, str(pairs_file), pandas.DataFrame(pairs), polars.DataFrame(pairs)]
        for judged in [*given, pyarrow.Table.from_pylist(pairs)]:
            assert naskh.evaluate(newsroom, judged, **options) == expected


def test_a_fitted_model_serves_both(newsroom, newsroom_file, pairs, pairs_file, program, tmp_path):
    ours, theirs = tmp_path / "ours.json", tmp_path / "theirs.json"
    fitted = naskh.fit(polars.DataFrame(newsroom), pairs, precision=0.9)
    fitted.model.write(ours)
    program("fit", "--articles", newsroom_file, "--pairs", pairs_file, "--precision", "0.9", "-o", theirs)
    found, expected = (json.loads(path.read_text(encoding="utf-8")) for path in (ours, theirs))
    provenance = [model.pop("provenance") for model in (found, expected)]
    assert found == expected
    assert provenance[0]["corpora"][0]["held_out"] == provenance[1]["corpora"][0]["held_out"] == fitted.held_out
    assert fitted.model.threshold == expected["threshold"]

    lines = program("group", newsroom_file, "--format", "jsonl", "--model", ours)
    groups = [json.loads(line) for line in lines.splitlines()]
    for model in (fitted.model, ours, str(theirs)):
        assert [group.to_dict() for group in naskh.group(newsroom, model=model)] == groups


def test_what_is_wrong_with_pairs(newsroom, pairs):
    for change, message in [
        ({"a": "nobody"}, 'pairs[1]: found "nobody" in the column a; expected the id of an article that was read'),
        ({"label": 6}, "pairs[1]: found 6 in the column label; expected a label from 1 to 5"),
        ({"weight": -1}, "pairs[1]: found -1 in the column weight; expected a weight, a number of 0 or more"),
        ({"sure": "perhaps"}, 'pairs[1]: found "perhaps" in the column sure; expected yes or no'),
    ]:
        with pytest.raises(naskh.InputError) as caught:
            naskh.evaluate(newsroom, [pairs[0], {**pairs[1], **change}])
        assert str(caught.value) == message
    with pytest.raises(naskh.ConfigError) as caught:
        naskh.fit(newsroom, pairs[:3])
    assert str(caught.value) == (
        "pairs: found 3 duplicates (label 4 or 5) of 3 pairs; expected pairs of both kinds"
    )
    with pytest.raises(naskh.FileError):
        naskh.evaluate(newsroom, "no/such.tsv")
    with pytest.raises(naskh.InputError, match="found a str; expected a dict"):
        naskh.evaluate(newsroom, [*pairs, "x"])
    with pytest.raises(naskh.InputError, match="pairs: found a int"):
        naskh.evaluate(newsroom, 3)
