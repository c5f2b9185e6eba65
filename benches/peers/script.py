"""The usual script around a MinHash library: groups the articles of a JSON Lines file.

    script.py rensa|datasketch ARTICLES.jsonl GROUPS.jsonl

Five-word shingles of title and text, 128 values, LSH at a Jaccard similarity of 0.5, and whatever the index returns is one
group: what the examples of these libraries add up to. All in memory, on one thread, without verification.
"""

import json
import re
import sys

WORDS = 5
VALUES = 128
SIMILARITY = 0.5


def shingles(title, text):
    words = re.findall(r"\w+", f"{title}\n{text}")
    return [" ".join(words[at : at + WORDS]) for at in range(max(1, len(words) - WORDS + 1))]


def neighbours_by_rensa(texts):
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=SIMILARITY, num_perm=VALUES, num_bands=32)
    signatures = []
    for number, text in enumerate(texts):
        signature = RMinHash(num_perm=VALUES, seed=42)
        signature.update(text)
        index.insert(number, signature)
        signatures.append(signature)
    return map(index.query, signatures)


def neighbours_by_datasketch(texts):
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=SIMILARITY, num_perm=VALUES)
    signatures = []
    for number, text in enumerate(texts):
        signature = MinHash(num_perm=VALUES)
        signature.update_batch([shingle.encode() for shingle in text])
        index.insert(number, signature)
        signatures.append(signature)
    return map(index.query, signatures)


def components(count, neighbours):
    """Lists of the numbers that are connected, those of one left out."""
    parent = list(range(count))

    def root(number):
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, others in enumerate(neighbours):
        for other in others:
            parent[root(other)] = root(number)
    members = {}
    for number in range(count):
        members.setdefault(root(number), []).append(number)
    return [group for group in members.values() if len(group) > 1]


def main(library, source, target):
    with open(source, encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    texts = [shingles(article.get("title") or "", article["text"]) for article in articles]
    find = {"rensa": neighbours_by_rensa, "datasketch": neighbours_by_datasketch}[library]
    with open(target, "w", encoding="utf-8") as out:
        for group in components(len(articles), find(texts)):
            members = [{"id": articles[number]["id"]} for number in group]
            out.write(json.dumps({"members": members}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
