"""A power loss under concurrent inserts: every acknowledged user is in what the disk holds.

powerloss_shim keeps beside each file what fsync has covered. After kill -9 two disks are looked at: one that holds
nothing but that, and one that also holds, sector by sector at random, what was written and never synced (a disk writes
in any order). Nothing acknowledged may be missing from either."""

import os
import random
import shutil
import sqlite3
import time

import pytest
from program import Inserter, Userator

SHIM = os.environ.get("DZR_POWERLOSS_SHIM", "build/tests/powerloss_shim.so")
SECTOR = 512

pytestmark = pytest.mark.skipif(os.environ.get("DZR_SANITIZE", "") != "", reason="a sanitizer wants to be loaded first")


def run_until_the_lights_go_out(folder, seconds, **environment):
    """The acknowledged users of one run that ends by kill -9."""
    (folder / "durable").mkdir()
    old = dict(os.environ)
    os.environ.update(LD_PRELOAD=SHIM, DZR_POWERLOSS_FOLDER=str(folder / "durable"), **environment)
    try:
        server = Userator(folder / "users.db", "--access-log", "off")
    finally:
        os.environ.clear()
        os.environ.update(old)
    threads = [Inserter(server.port, str(i), "n" * 1500) for i in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    server.process.kill()
    server.process.wait()
    acknowledged = {}
    for thread in threads:
        thread.join()
        acknowledged.update(thread.acknowledged)
    return acknowledged


def torn(durable, written, chance):
    """durable with a random half of the sectors that differ taken from written."""
    size = chance.choice([len(durable), max(len(durable), len(written))])
    out = bytearray(durable.ljust(size, b"\0"))
    for at in range(0, min(size, len(written)), SECTOR):
        if chance.random() < 0.5:
            out[at : at + SECTOR] = written[at : at + SECTOR]
    return bytes(out[:size])


def disk(folder, name, chance):
    """A folder as a disk holds it: what was synced, and with `chance` some of what was not."""
    out = folder / name
    out.mkdir()
    for file in (folder / "durable").iterdir():
        if not (folder / file.name).exists():
            continue  # the journal of the first moments, deleted, and the folder synced
        durable, written = file.read_bytes(), (folder / file.name).read_bytes()
        (out / file.name).write_bytes(durable if chance is None else torn(durable, written, chance))
    return out / "users.db"


def missing(path, acknowledged):
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        there = dict(db.execute("SELECT email, id FROM users"))
    db.close()
    return len(acknowledged.items() - there.items())


def test_every_acknowledged_user_survives_a_power_loss(tmp_path):
    chance = random.Random(3)
    n_acknowledged = 0
    longest = 0
    for number in range(12):
        folder = tmp_path / str(number)
        folder.mkdir()
        acknowledged = run_until_the_lights_go_out(folder, chance.uniform(0.1, 1.5))
        n_acknowledged += len(acknowledged)
        longest = max(longest, (folder / "durable" / "users.db").stat().st_size)
        assert missing(disk(folder, "strict", None), acknowledged) == 0
        for copy in range(3):
            assert missing(disk(folder, "torn%d" % copy, chance), acknowledged) == 0
        shutil.rmtree(folder)
    assert n_acknowledged > 1000
    assert longest > 100_000  # some ended after the log was copied into the file


def test_the_shim_notices_when_nothing_is_synced(tmp_path):
    acknowledged = run_until_the_lights_go_out(tmp_path, 0.5, DZR_POWERLOSS_DEAF="1")
    assert len(acknowledged) > 10
    assert list((tmp_path / "durable").iterdir()) == []
