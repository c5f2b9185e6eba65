"""Signals, threads, processes and progress."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time

import naskh
import pyarrow
import pytest

#: Words that are none in any dictionary, so that a text is quickly made.
MANY = textwrap.dedent(
    """
    import random

    def many(articles, words=120):
        letters = "بتثجحخدرزسشصطعغفقكلمنه"
        chance = random.Random(7)
        known = ["".join(chance.choices(letters, k=5)) for _ in range(3000)]
        texts = []
        for number in range(articles):
            text = chance.choices(known, k=words)
            if number % 3 and texts:
                text[: words - 20] = texts[-1][: words - 20]
            texts.append(text)
        return [{"id": str(number), "text": " ".join(text)} for number, text in enumerate(texts)]
    """
)
namespace = {}
exec(MANY, namespace)
many = namespace["many"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_control_c_ends_a_long_run():
    script = MANY + textwrap.dedent(
        """
        import time, naskh
        articles = many(40_000)
        def told(stage):
            if stage.count:
                print(stage.name, flush=True)
        try:
            naskh.group(articles, progress=told)
            print("done")
        except KeyboardInterrupt:
            print("ended")
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    # As soon as the work has begun.
    assert process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    rest, _ = process.communicate(timeout=60)
    assert rest.splitlines()[-1] == "ended"
    assert time.monotonic() - begun < 5


def test_an_exception_of_the_watcher_ends_the_run():
    class Enough(Exception):
        pass

    def watch(stage):
        if stage.name != "reading":
            raise Enough(stage.name)

    with pytest.raises(Enough):
        naskh.group(many(20_000), progress=watch)


def test_stages_are_told_in_their_order():
    told = []
    naskh.dedup(many(6_000), progress=told.append)
    names = [stage.name for stage in told]
    assert names[0] == "reading"
    assert names[-1] == "comparing"
    for before, after in zip(told, told[1:]):
        assert before.name != after.name or before.count <= after.count
    assert all(stage.total is None or stage.count <= stage.total for stage in told)
    assert all(stage.unit in ("articles", "pairs") for stage in told)


def test_others_run_meanwhile():
    turns = 0
    done = threading.Event()

    def turn():
        nonlocal turns
        while not done.is_set():
            turns += 1
            time.sleep(0.001)

    other = threading.Thread(target=turn)
    articles = many(10_000)
    other.start()
    try:
        before, begun = turns, time.monotonic()
        naskh.group(articles)
        seconds = time.monotonic() - begun
    finally:
        done.set()
        other.join()
    # Were it held up, it would have had no turn at all.
    assert turns - before > 20 * seconds


def test_two_threads_at_once(newsroom):
    expected = naskh.group(newsroom)
    found = [None] * 4

    def work(at):
        found[at] = naskh.group(newsroom)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(found))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert found == [expected] * len(found)


def child(newsroom, queue):
    queue.put(naskh.group(newsroom))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that fork")
@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_process_that_has_forked(newsroom):
    expected = naskh.group(newsroom)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=child, args=(newsroom, queue))
    process.start()
    assert queue.get(timeout=60) == expected
    process.join()


def test_a_table_that_is_copied_in_parts():
    table = pyarrow.Table.from_pylist(many(9_001))
    assert naskh.dedup(table).to_pylist() == naskh.dedup(table.to_pylist())


def test_the_order_of_rows_and_threads_do_not_matter():
    articles = many(2_000)
    expected = {frozenset(member.id for member in group.members) for group in naskh.group(articles)}
    random.Random(1).shuffle(articles)
    one, two = (naskh.group(articles, threads=threads) for threads in (1, 2))
    assert one == two
    assert {frozenset(member.id for member in group.members) for group in one} == expected
