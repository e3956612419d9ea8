"""What is there, and what a program says, when an answer is lost or wrong and when somebody interrupts: never one thing
while the other is true, and nothing pending is left."""

import hashlib
import os
import signal
import subprocess
import threading
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_objects import BIN, PART, digest, made, one_line

CREATE = {"method": "POST", "query": "uploads"}
COMPLETE = {"method": "POST", "query": "uploadId"}
PUT_PART = {"method": "PUT", "query": "partNumber"}
ABORT = {"method": "DELETE", "query": "uploadId"}
BROKE = "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"


def is_clean(place, key):
    return place.keys() == {} and place.uploads(key) == []


# ---- done, but not said ----

DONE = {
    "an_error_in_the_200": [{**COMPLETE, "too": True, "body": BROKE}],
    "an_error_in_each_200": [{**COMPLETE, "too": True, "body": BROKE, "times": 99}],
    "a_500": [{**COMPLETE, "too": True, "status": 500, "code": "InternalError"}],
    "a_500_each_time": [{**COMPLETE, "too": True, "status": 500, "code": "InternalError", "times": 99}],
    "no_answer_ever": [{**COMPLETE, "lose_answer": True, "times": 99}],
    "a_200_without_a_word": [{**COMPLETE, "too": True, "body": " "}],
}


@pytest.mark.parametrize("keep", [[], ["no-overwrite"]], ids=["put", "put_if_none"])
@pytest.mark.parametrize("case", DONE)
def test_an_upload_that_was_completed_unsaid_is_found_complete(place, case, keep):
    place.proxy.rules = [dict(rule) for rule in DONE[case]]
    result = place.tool("put", place.url("a"), 2 * PART, PART, *keep)
    assert result.returncode == 0, result.stderr
    assert digest(place, "a") == hashlib.sha256(made(2 * PART)).hexdigest()
    assert place.uploads("a") == []


def test_another_object_is_not_taken_for_ours(place):
    """Ours was never completed; what is there has our length and as many parts."""
    place.proxy.rules = [{**COMPLETE, "status": 500, "code": "InternalError", "times": 99}]
    upload = place.s3.create_multipart_upload(Bucket=place.bucket, Key="a")["UploadId"]
    parts = [
        {
            "PartNumber": n,
            "ETag": place.s3.upload_part(Bucket=place.bucket, Key="a", UploadId=upload, PartNumber=n, Body=bytes(PART))[
                "ETag"
            ],
        }
        for n in (1, 2)
    ]
    place.s3.complete_multipart_upload(Bucket=place.bucket, Key="a", UploadId=upload, MultipartUpload={"Parts": parts})
    result = place.tool("put", place.url("a"), 2 * PART, PART)
    assert result.returncode == 1
    assert "status 500 InternalError: as told after 6 attempts" in one_line(result)
    assert digest(place, "a") == hashlib.sha256(bytes(2 * PART)).hexdigest()
    assert place.uploads("a") == []


@pytest.mark.parametrize("n_bytes", [100, 2 * PART])
def test_the_same_object_there_before_is_still_one_that_exists(place, n_bytes):
    assert place.tool("put", place.url("a"), n_bytes, PART, "no-overwrite").returncode == 0
    result = place.tool("put", place.url("a"), n_bytes, PART, "no-overwrite")
    assert result.returncode == 1 and one_line(result).startswith("DZR_ERR_EXISTS: ")
    assert place.uploads("a") == []


def test_a_small_object_put_unsaid_is_found(place):
    place.proxy.rules = [{"method": "PUT", "lose_answer": True}]
    result = place.tool("put", place.url("a"), 100, PART, "no-overwrite")
    assert result.returncode == 0, result.stderr
    assert digest(place, "a") == hashlib.sha256(made(100)).hexdigest()


def test_a_small_object_of_others_is_not_taken_for_ours(place):
    place.s3.put_object(Bucket=place.bucket, Key="a", Body=bytes(100))
    place.proxy.rules = [{"method": "PUT", "cut_request": 10}]
    result = place.tool("put", place.url("a"), 100, PART, "no-overwrite")
    assert result.returncode == 1 and one_line(result).startswith("DZR_ERR_EXISTS: ")


# ---- not done ----


@pytest.mark.parametrize("rule", [{"status": 503, "code": "SlowDown"}, {"cut_request": 50}], ids=["slow_down", "cut"])
def test_a_small_object_that_can_not_be_put_is_not_there(place, rule):
    place.proxy.rules = [{"method": "PUT", "times": 99, **rule}]
    result = place.tool("put", place.url("a"), 100)
    assert result.returncode == 1 and "after 6 attempts" in one_line(result)
    assert [method for method, *_ in place.proxy.requests].count("PUT") == (6 if "status" in rule else 0)
    assert place.keys() == {}


def test_an_early_no_is_heard_while_the_body_goes_up(place):
    place.proxy.rules = [{**PUT_PART, "status": 503, "code": "SlowDown", "early": True, "times": 4}]
    result = place.tool("put", place.url("a"), 4 * PART, PART)
    assert result.returncode == 0, result.stderr
    assert digest(place, "a") == hashlib.sha256(made(4 * PART)).hexdigest()


def test_taking_back_is_tried_again_too(place):
    place.proxy.rules = [
        {**PUT_PART, "status": 403, "code": "AccessDenied", "times": 99},
        {**ABORT, "status": 503, "code": "SlowDown", "times": 2},
    ]
    result = place.tool("put", place.url("a"), 4 * PART, PART)
    assert result.returncode == 1 and "AccessDenied" in one_line(result)
    assert is_clean(place, "a")


def test_a_server_that_falls_silent_is_left(place):
    never = threading.Event()
    place.proxy.rules = [{**PUT_PART, "hold": never, "times": 2}]
    environment = place.environment() | {"STALL_MS": "1000"}
    result = place.tool("put", place.url("a"), 3 * PART, PART, env=environment)
    never.set()
    assert result.returncode == 0, result.stderr  # tried again
    assert digest(place, "a") == hashlib.sha256(made(3 * PART)).hexdigest()


# ---- what comes back is not what is there ----


@pytest.mark.parametrize("times", [1, 99])
def test_a_shorter_answer_is_asked_for_again(place, times):
    assert place.tool("put", place.url("a"), 300000).returncode == 0
    place.proxy.rules = [{"method": "GET", "skip": 1, "shorten": 10, "times": times}]
    result = place.tool("check", place.url("a"), 300000)
    if times == 1:
        assert result.returncode == 0, result.stderr
        return
    n_bytes = 300000 - 65536
    message = f"DZR_ERR_CORRUPT: {place.url('a')}: {n_bytes} bytes were asked for, {n_bytes - 10} came with "
    assert result.returncode == 1 and one_line(result).startswith(message)
    assert one_line(result).endswith(" after 6 attempts\n")


def test_a_changed_byte_of_a_column_is_noticed(place, tmp_path):
    numbers = pa.table({"x": pa.array([i * 2654435761 % 2**61 for i in range(100_000)], pa.int64())})
    pq.write_table(numbers, tmp_path / "in.parquet")
    upload = place.run(f"{BIN}/datarizer", "convert", tmp_path / "in.parquet", place.url("a.parquet"))
    assert upload.returncode == 0, upload.stderr
    place.proxy.rules = [{"method": "GET", "skip": 1, "flip": 200_000}]
    result = place.run(f"{BIN}/datarizer", "convert", place.url("a.parquet"), place.url("b.parquet"))
    assert result.returncode == 1
    assert place.url("a.parquet") in one_line(result) and "CRC" in result.stderr
    assert list(place.keys()) == ["a.parquet"]


# ---- interrupted ----


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A Parquet file of 32 MB: four parts and a last one."""
    path = tmp_path_factory.mktemp("large") / "in.parquet"
    numbers = pa.array([i * 2654435761 % 2**61 for i in range(4_200_000)], pa.int64())
    pq.write_table(pa.table({"x": numbers}), path, compression="none", use_dictionary=False)
    return path


def interrupt(place, large, rule, before_release=lambda: None):
    """Interrupts a conversion when a request that the rule is for has come. Its exit status, and how long it took."""
    came, release = threading.Event(), threading.Event()
    kind = "hold_answer" if rule.pop("after", False) else "hold"
    place.proxy.rules = [{**rule, "came": came, kind: release, "times": 99}]
    command = [f"{BIN}/datarizer", "convert", "--codec", "none", str(large), place.url("o.parquet")]
    process = subprocess.Popen(command, env=place.environment(), stderr=subprocess.PIPE)
    try:
        assert came.wait(60)
        if kind == "hold_answer":
            time.sleep(0.3)  # MinIO does it meanwhile
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        release.set()
        _, stderr = process.communicate(timeout=60)
    finally:
        release.set()
        process.kill()
        process.wait()
    return process.returncode, time.monotonic() - began, stderr


INTERRUPTED = {
    "while_it_begins": dict(CREATE),
    "while_it_has_begun_unsaid": {**CREATE, "after": True},
    "while_parts_go_up": dict(PUT_PART),
    "while_a_part_is_there_unsaid": {**PUT_PART, "after": True},
    "while_it_completes": dict(COMPLETE),
}


@pytest.mark.parametrize("case", INTERRUPTED)
def test_interrupted_at_any_point_nothing_is_left(place, large, case):
    status, _, stderr = interrupt(place, large, dict(INTERRUPTED[case]))
    assert (status, stderr) == (128 + signal.SIGINT, b"")
    time.sleep(0.5)  # what the proxy held goes on to MinIO
    assert is_clean(place, "o.parquet")


def test_interrupted_between_two_attempts_it_ends_at_once(place, large):
    place.proxy.rules = [{**CREATE, "status": 503, "code": "SlowDown", "times": 99}]
    command = [f"{BIN}/datarizer", "convert", "--codec", "none", str(large), place.url("o.parquet")]
    process = subprocess.Popen(command, env=place.environment(), stderr=subprocess.PIPE)
    while len(place.proxy.requests) < 4:  # the next waits for a second or so
        time.sleep(0.01)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 128 + signal.SIGINT
    process.stderr.close()
    assert time.monotonic() - began < (10 if os.environ["DZR_SANITIZE"] else 1)
    assert is_clean(place, "o.parquet")


def test_killed_while_it_completes_the_object_is_whole_or_not_there(place, large):
    for after in (False, True):
        came, release = threading.Event(), threading.Event()
        place.proxy.rules = [{**COMPLETE, "came": came, "hold_answer" if after else "hold": release}]
        command = [f"{BIN}/datarizer", "convert", "--codec", "none", str(large), place.url(f"o{after}.parquet")]
        process = subprocess.Popen(command, env=place.environment())
        assert came.wait(60)
        if after:
            time.sleep(0.5)
        process.kill()
        process.wait()
        if after:
            assert place.keys()[f"o{after}.parquet"] > 33_000_000
        else:
            assert place.keys() == {}
        release.set()
