"""Records as Go's own encoding/json takes them: go/main.go makes texts and says what becomes of each, our parser must
give the same members, those beside a wrong one too, and the same message. `DZR_GO_SEED` repeats a run."""

import os
import pathlib
import random
import re
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
PROGRAM = os.environ["DZR_REPLAY_GO"]
GO = shutil.which("go")
COUNT = 20000
MESSAGE_BYTES = 250  # of ours; longer ones are cut


def words_differ():
    """From 1.27 on Go words its complaints about members in another way than the recorded one."""
    version = subprocess.run([GO, "env", "GOVERSION"], capture_output=True, text=True).stdout if GO else ""
    found = re.match(r"go1\.(\d+)", version)
    return found is not None and int(found.group(1)) >= 27


@pytest.mark.skipif(words_differ(), reason="this Go is newer than 1.26, whose messages are the recorded ones")
@pytest.mark.skipif(GO is None and not os.environ.get("CI"), reason="there is no Go on this machine")
def test_texts_become_what_go_makes_of_them(tmp_path):
    seed = os.environ.get("DZR_GO_SEED") or str(random.getrandbits(63))
    print("DZR_GO_SEED =", seed)
    environment = dict(os.environ, GOFLAGS="-mod=mod", GOTOOLCHAIN="local")
    subprocess.run([GO, "build", "-o", tmp_path / "records", "."], cwd=HERE / "go", env=environment, check=True)
    theirs = subprocess.run([tmp_path / "records", seed, str(COUNT)], capture_output=True, check=True).stdout
    lines = theirs.split(b"\n")
    texts, records, errors = lines[0:-1:3], lines[1::3], lines[2::3]
    assert len(texts) == COUNT
    ours = subprocess.run([PROGRAM], input=b"\n".join(texts) + b"\n", capture_output=True, check=True).stdout.split(
        b"\n"
    )
    failed = sum(error != b"" for error in errors)
    assert COUNT // 5 < failed < COUNT * 4 // 5
    for i in range(COUNT):
        text = bytes.fromhex(texts[i].decode())
        assert ours[2 * i + 1][:MESSAGE_BYTES] == errors[i][:MESSAGE_BYTES], text
        assert ours[2 * i] == records[i], text
