"""S3 against a real MinIO, straight and through a proxy that breaks things. The bytes are compared by boto3, by the
tool that made them, or by another engine."""

import concurrent.futures
import hashlib
import json
import os
import signal
import subprocess
import time

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest
from conftest import DOMAIN

BIN = os.environ["DZR_BIN"]
TOOL = os.environ["DZR_S3_TOOL"]
MIB = 1 << 20
PART = 5 * MIB


def made(n_bytes):
    """The bytes that s3_tool makes."""
    out = bytearray()
    for i in range((n_bytes + 7) // 8):
        out += ((i + 1) * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8, "little")
    return bytes(out[:n_bytes])


def digest(place, key):
    return hashlib.sha256(place.s3.get_object(Bucket=place.bucket, Key=key)["Body"].read()).hexdigest()


def one_line(result):
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr


# ---- sizes, keys ----


@pytest.mark.parametrize(
    "n_bytes", [0, 1, 65535, 65536, 65537, 200000, PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 7]
)
def test_every_size_comes_back(place, n_bytes):
    assert place.tool("put", place.url("a/b"), n_bytes, PART).returncode == 0
    assert place.keys() == {"a/b": n_bytes}
    assert digest(place, "a/b") == hashlib.sha256(made(n_bytes)).hexdigest()
    result = place.tool("check", place.url("a/b"), n_bytes)
    assert result.returncode == 0, result.stderr
    assert place.uploads("a/b") == []
    uploads = [query for method, query, *_ in place.proxy.requests if method == "POST" and query.endswith("?uploads=")]
    assert len(uploads) == (1 if n_bytes > PART else 0)


@pytest.mark.parametrize(
    "key",
    [
        "plain",
        "with space",
        "a+b%20c",
        "%",
        "söme/ünïcode/日本/🦆",
        "q?a=b&c#d",
        "a'b(c)*!~",
        "dots.../x.",
        "x=y",
        "tail/",
        "a;b:c@d,$e",
        'a"b<c>&amp;d',
        "\\back",
        "tab\there",
        "[x]{y}|z^`",
        "x" * 200 + "/" + "y" * 200,
    ],
)
def test_every_key_is_the_one_said(place, key):
    assert place.tool("put", place.url(key), 3).returncode == 0
    assert list(place.keys()) == [key]
    assert place.tool("check", place.url(key), 3).returncode == 0
    place.s3.put_object(Bucket=place.bucket, Key=key, Body=made(3)[::-1])
    assert place.tool("check", place.url(key), 3).returncode == 1  # theirs took the place of ours
    assert place.tool("list", place.url(key[:2])).stdout == f"3\t{key}\n"
    assert place.tool("stat", place.url(key)).stdout == "3\n"
    assert place.tool("delete", place.url(key)).returncode == 0
    assert place.keys() == {}


def test_patterns_match_objects(place, tmp_path):
    for key in ["a/1.jsonl", "a/2.jsonl", "a/b/3.jsonl", "a/[1].jsonl", "c.jsonl"]:
        place.s3.put_object(Bucket=place.bucket, Key=key, Body=b'{"key":"%s"}\n' % key.encode())

    def keys(pattern):
        result = place.run(f"{BIN}/datarizer", "cat", "--json", place.url(pattern))
        assert (result.returncode, result.stderr) == (0, "")
        return [json.loads(line)["key"] for line in result.stdout.splitlines()]

    assert keys("a/*.jsonl") == ["a/1.jsonl", "a/2.jsonl", "a/[1].jsonl"]
    assert keys("*/*/?.jsonl") == ["a/b/3.jsonl"]
    assert keys("a/[12].jsonl") == ["a/1.jsonl", "a/2.jsonl"]
    assert keys("a/\\[1].jsonl") == ["a/[1].jsonl"]
    result = place.run(f"{BIN}/datarizer", "convert", place.url("a/?.jsonl"), tmp_path / "a.csv")
    assert result.returncode == 1 and "a/?.jsonl: matches 2 files where one is wanted" in one_line(result)
    result = place.run(f"{BIN}/datarizer", "count", place.url("none/*.jsonl"))
    assert result.returncode == 1 and "none/*.jsonl" in one_line(result)


def test_two_slashes_are_two(place):
    """MinIO has no such keys, S3 has; it refuses ours as it would not, had they become one."""
    with pytest.raises(place.s3.exceptions.ClientError) as theirs:
        place.s3.put_object(Bucket=place.bucket, Key="a//b", Body=b"x")
    result = place.tool("put", place.url("a//b"), 3)
    assert result.returncode == 1
    assert theirs.value.response["Error"]["Code"] in one_line(result)
    assert [path for _, path, *_ in place.proxy.requests] == [f"/{place.bucket}/a//b"]


def test_a_long_listing_goes_on(place):
    with concurrent.futures.ThreadPoolExecutor(8) as several:
        put = [
            several.submit(place.s3.put_object, Bucket=place.bucket, Key=f"n/{i:05}", Body=b"x") for i in range(1005)
        ]
    assert all(one.result() for one in put)
    result = place.tool("list", place.url("n/"))
    assert result.stdout.splitlines() == [f"1\tn/{i:05}" for i in range(1005)]
    lists = [path for method, path, *_ in place.proxy.requests if "list-type=2" in path]
    assert len(lists) == 2


def listing(inside, truncated="true"):
    return f"<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{inside}</ListBucketResult>"


BAD_LISTINGS = {
    "no_xml": ("<ListBucketResult>", "DZR_ERR_SYNTAX: {url}: not XML: no element found"),
    "no_next": (listing(""), "DZR_ERR_CORRUPT: {url}: the listing goes on, but the server does not say where"),
    "same_next": (
        listing("<NextContinuationToken>t</NextContinuationToken>"),
        "DZR_ERR_CORRUPT: {url}: the listing goes on, but the server does not say where",
    ),
    "no_size": (
        listing("<Contents><Key>k</Key><Size>-1</Size></Contents>"),
        'DZR_ERR_CORRUPT: {url}: the listing has an object of "-1" bytes',
    ),
    "huge_size": (
        listing("<Contents><Key>k</Key><Size>18446744073709551616</Size></Contents>"),
        'DZR_ERR_CORRUPT: {url}: the listing has an object of "18446744073709551616" bytes',
    ),
}


@pytest.mark.parametrize("case", BAD_LISTINGS)
def test_a_bad_listing_is_one_clear_line(place, case):
    body, message = BAD_LISTINGS[case]
    place.proxy.rules = [{"query": "list-type=2", "body": body, "times": 3}]
    result = place.tool("list", place.url("x"), timeout=20)
    assert result.returncode == 1
    assert one_line(result).startswith(message.format(url=place.url("x"))), result.stderr


def test_a_key_of_a_listing_is_decoded_once(place):
    contents = "<Contents><Key>a%2Bb+c%25%zz%</Key><Size>18446744073709551615</Size></Contents>"
    place.proxy.rules = [{"query": "list-type=2", "body": listing(contents, "false")}]
    assert place.tool("list", place.url("")).stdout == "18446744073709551615\ta+b c%%zz%\n"


def test_a_listing_of_uploads_goes_on_after_the_key_it_names(place):
    page = (
        "<ListMultipartUploadsResult><Upload><Key>a+b%2Bc</Key><UploadId>i</UploadId></Upload><NextKeyMarker>a+b%2Bc"
        "</NextKeyMarker><NextUploadIdMarker>i+%20</NextUploadIdMarker><IsTruncated>{}</IsTruncated>"
        "</ListMultipartUploadsResult>"
    )
    place.proxy.rules = [
        {"query": "uploads", "body": page.format("true")},
        {"query": "key-marker=a%20b%2Bc&prefix=&upload-id-marker=i%2B%2520&uploads=", "body": page.format("false")},
    ]
    result = place.tool("uploads", place.url(""), timeout=20)
    assert result.stdout == 2 * "0\ta b+c\n", result.stderr
    assert len(place.proxy.requests) == 2


def test_an_object_that_is_there_may_be_kept(place):
    assert place.tool("put", place.url("a"), 10, PART, "no-overwrite").returncode == 0
    for n_bytes in (20, 2 * PART):
        result = place.tool("put", place.url("a"), n_bytes, PART, "no-overwrite")
        assert result.returncode == 1
        assert one_line(result).startswith(f"DZR_ERR_EXISTS: {place.url('a')}: status 412 PreconditionFailed")
    assert place.keys() == {"a": 10}
    assert place.uploads("a") == []
    assert place.tool("put", place.url("a"), 20).returncode == 0
    assert place.keys() == {"a": 20}


# ---- settings ----


def test_shared_files_and_profiles(place, tmp_path):
    endpoint = place.environment()["AWS_ENDPOINT_URL_S3"]
    (tmp_path / "credentials").write_text(
        "# keys\n[default]\naws_access_key_id = wrong\naws_secret_access_key = wrong\n"
        "[ other ]\naws_access_key_id=testkey\n  aws_session_token = nested, not ours\n"
        "aws_secret_access_key = testsecretkey\n"
    )
    (tmp_path / "config").write_text(
        f"[default]\nregion = eu-west-1\n[profile other]\nendpoint_url = {endpoint}\nregion = us-east-1\n"
    )
    environment = {k: v for k, v in place.environment().items() if not k.startswith("AWS_")}
    environment |= {
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_PROFILE": "other",
    }
    result = place.tool("put", place.url("a"), 3, env=environment)
    assert result.returncode == 0, result.stderr
    assert place.keys() == {"a": 3}


def test_a_bucket_may_be_in_the_host(place):
    through = place.environment(STYLE="host", AWS_ENDPOINT_URL_S3=f"http://{DOMAIN}:{place.proxy.port}")
    for key, n_bytes in (("a", 3), ("b c/+é", 2 * PART)):
        result = place.tool("put", place.url(key), n_bytes, PART, env=through)
        assert result.returncode == 0, result.stderr
        assert place.tool("check", place.url(key), n_bytes, env=through).returncode == 0
        assert digest(place, key) == hashlib.sha256(made(n_bytes)).hexdigest()
    assert place.tool("list", place.url(""), env=through).stdout == f"3\ta\n{2 * PART}\tb c/+é\n"
    assert [path for _, path, *_ in place.proxy.requests if place.bucket in path] == []


def test_temporary_keys_with_a_token(place):
    import boto3

    sts = boto3.client(
        "sts",
        endpoint_url=f"http://127.0.0.1:{place.port}",
        aws_access_key_id="testkey",
        aws_secret_access_key="testsecretkey",
        region_name="us-east-1",
    )
    keys = sts.assume_role(RoleArn="arn:x:ignored:by:minio:role", RoleSessionName="tests")["Credentials"]
    names = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}
    with_token = place.environment(AWS_SESSION_TOKEN=keys["SessionToken"], **names)
    result = place.tool("put", place.url("a"), 3, env=with_token)
    assert result.returncode == 0, result.stderr
    result = place.tool("put", place.url("b"), 3, env=place.environment(**names))
    assert result.returncode == 1 and "status 403" in one_line(result)
    assert place.keys() == {"a": 3}


WRONG = {
    "secret": ({"AWS_SECRET_ACCESS_KEY": "no"}, "DZR_ERR_HTTP: {url}: status 403"),
    "no_keys": (
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
        "DZR_ERR_ARG: {url}: no S3 keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set",
    ),
    "region": ({"AWS_REGION": "mars-1"}, "DZR_ERR_HTTP: {url}: status 400 AuthorizationHeaderMalformed"),
    "endpoint": (
        {"AWS_ENDPOINT_URL_S3": "ftp://x"},
        'DZR_ERR_ARG: {url}: the endpoint "ftp://x" is not http://HOST[:PORT]',
    ),
    "nobody_there": (
        {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"},
        "DZR_ERR_NET: {url}: Failed to connect to 127.0.0.1 port 1",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_settings_are_one_clear_line(place, case):
    changes, message = WRONG[case]
    for command in (["put", place.url("a"), 3], ["check", place.url("a"), 3]):
        result = place.tool(*command, env=place.environment(**changes))
        assert result.returncode == 1
        assert one_line(result).startswith(message.format(url=place.url("a"))), result.stderr
        assert "testsecretkey" not in result.stderr


def test_what_is_not_there(place):
    result = place.tool("check", place.url("none"), 3)
    assert one_line(result).startswith(f"DZR_ERR_NOT_FOUND: {place.url('none')}: status 404 NoSuchKey")
    result = place.tool("put", "s3://no-such-bucket-here/a", 3)
    assert one_line(result).startswith("DZR_ERR_NOT_FOUND: s3://no-such-bucket-here/a: status 404 NoSuchBucket")
    for url in ("s3://", "s3://UPPER/a", "s3://ab/a", "s3://bucket", "s3://bucket/", place.url("k" * 1025)):
        result = place.tool("put", url, 3)
        assert result.returncode == 1 and one_line(result).startswith("DZR_ERR_ARG: s3://")
    assert "a key has at most 1024 bytes" in result.stderr


# ---- faults ----

RETRIED = {
    "slow_down": [{"status": 503, "code": "SlowDown", "times": 2}],
    "internal_error": [{"status": 500, "code": "InternalError", "times": 3}],
    "request_timeout": [{"status": 400, "code": "RequestTimeout"}],
    "request_cut": [{"method": "PUT", "cut_request": 100000}],
    "answer_lost": [{"method": "PUT", "lose_answer": True, "times": 2}],
    "begin_lost": [{"method": "POST", "query": "uploads", "cut_request": 0}],
    "complete_fails_in_a_200": [
        {"method": "POST", "query": "uploadId", "body": "<Error><Code>InternalError</Code></Error>", "times": 2}
    ],
    "complete_says_nothing": [{"method": "POST", "query": "uploadId", "body": "<x/>"}],
    "complete_answer_lost": [{"method": "POST", "query": "uploadId", "lose_answer": True}],
}


@pytest.mark.parametrize("case", RETRIED)
def test_a_fault_that_passes_is_overcome(place, case):
    place.proxy.rules = [dict(rule) for rule in RETRIED[case]]
    n_bytes = 3 * PART + 1
    result = place.tool("put", place.url("a"), n_bytes, PART)
    assert result.returncode == 0, result.stderr
    assert digest(place, "a") == hashlib.sha256(made(n_bytes)).hexdigest()
    assert place.uploads("a") == []
    assert all(rule["times"] == 0 for rule in place.proxy.rules)


LASTING = {
    "slow_down": [{"method": "PUT", "query": "partNumber=2&", "status": 503, "code": "SlowDown", "times": 99}],
    "denied": [{"method": "PUT", "query": "partNumber=3&", "status": 403, "code": "AccessDenied", "times": 99}],
    "cut": [{"method": "PUT", "query": "partNumber=1&", "cut_request": 5, "times": 99}],
    "complete_fails_in_a_200": [
        {"method": "POST", "query": "uploadId", "body": "<Error><Code>InvalidPart</Code></Error>", "times": 99}
    ],
    "complete_fails_always": [
        {"method": "POST", "query": "uploadId", "status": 500, "code": "InternalError", "times": 99}
    ],
}


@pytest.mark.parametrize("case", LASTING)
def test_a_fault_that_lasts_leaves_nothing(place, case):
    place.proxy.rules = [dict(rule) for rule in LASTING[case]]
    result = place.tool("put", place.url("a"), 4 * PART, PART)
    assert result.returncode == 1
    assert place.url("a") in one_line(result)
    assert place.keys() == {}
    assert place.uploads("a") == []


READ_AGAIN = {
    "slow_down": {"method": "GET", "status": 503, "code": "SlowDown", "times": 2},
    "answer_cut": {"method": "GET", "cut_answer": 1000, "times": 2},
    "answer_lost": {"method": "GET", "lose_answer": True, "times": 2},
    "later_answer_cut": {"method": "GET", "cut_answer": 1000, "times": 2, "skip": 1},
}


@pytest.mark.parametrize("case", READ_AGAIN)
def test_reading_overcomes_faults_that_pass(place, case):
    assert place.tool("put", place.url("a"), 300000).returncode == 0
    place.proxy.rules = [dict(READ_AGAIN[case])]
    result = place.tool("check", place.url("a"), 300000)
    assert result.returncode == 0, result.stderr
    assert place.proxy.rules[0]["times"] == 0


def test_an_answer_for_another_range_is_refused(place):
    assert place.tool("put", place.url("a"), 300000).returncode == 0
    place.proxy.rules = [{"method": "GET", "corrupt_range": True}]
    result = place.tool("check", place.url("a"), 300000)
    assert result.returncode == 1
    assert one_line(result).startswith(f"DZR_ERR_CORRUPT: {place.url('a')}: its end was asked for")


def test_an_object_replaced_meanwhile_is_told(place):
    assert place.tool("put", place.url("a"), 9 * MIB).returncode == 0
    place.proxy.rules = [{"method": "GET", "delay": 1.5, "skip": 1}]
    with subprocess.Popen(
        [TOOL, "check", place.url("a"), str(9 * MIB)], env=place.environment(), stderr=subprocess.PIPE, text=True
    ) as reader:
        time.sleep(0.7)
        place.s3.put_object(Bucket=place.bucket, Key="a", Body=bytes(9 * MIB))
        assert reader.wait(60) == 1
        assert reader.stderr.read() == f"DZR_ERR_CORRUPT: {place.url('a')}: was replaced while it was read\n"


# ---- interrupted ----


def start_slow_upload(place, program, *arguments):
    place.proxy.rules = [{"method": "PUT", "query": "partNumber", "delay": 3, "times": 99}]
    process = subprocess.Popen(
        [str(part) for part in (program, *arguments)], env=place.environment(), stderr=subprocess.PIPE
    )
    for _ in range(300):
        if any("?uploads=" in path for _, path, *_ in place.proxy.requests):
            break
        time.sleep(0.1)
    time.sleep(0.5)
    assert process.poll() is None
    return process


def test_a_killed_writer_leaves_no_object(place):
    process = start_slow_upload(place, TOOL, "put", place.url("a"), 8 * PART, PART)
    process.kill()
    process.wait(30)
    assert place.keys() == {}


def test_closing_without_commit_takes_the_parts_back(place):
    assert place.tool("abandon", place.url("a"), 4 * PART, PART).returncode == 0
    assert place.keys() == {} and place.uploads("a") == []
    assert any(method == "DELETE" and "uploadId" in path for method, path, *_ in place.proxy.requests)


def test_our_listing_of_uploads_sees_what_is_pending(place):
    place.s3.create_multipart_upload(Bucket=place.bucket, Key="a b")
    assert place.tool("uploads", place.url("a b")).stdout == "0\ta b\n"
    assert place.tool("uploads", place.url("other")).stdout == ""


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_object_and_no_pending_upload(place, tmp_path, which):
    numbers = pa.table({"x": pa.array([(i * 2654435761) % 2**63 for i in range(4_000_000)], pa.int64())})
    pq.write_table(numbers, tmp_path / "in.parquet", compression="none", use_dictionary=False)
    process = start_slow_upload(
        place, f"{BIN}/datarizer", "convert", "--codec", "none", tmp_path / "in.parquet", place.url("o.parquet")
    )
    process.send_signal(which)
    assert process.wait(60) == 128 + which
    assert place.keys() == {}
    assert place.uploads("o.parquet") == []


# ---- bounds ----


def test_parts_go_up_side_by_side(place):
    place.proxy.rules = [{"method": "PUT", "query": "partNumber", "delay": 0.5, "times": 99}]
    assert place.tool("put", place.url("a"), 12 * PART, PART).returncode == 0
    assert 2 <= place.proxy.most_active <= 4


def test_a_hundred_parts_stay_under_64_mib(place):
    environment = place.environment(through_proxy=False)
    result = place.tool("put", place.url("big"), 100 * PART, PART, env=environment)
    assert result.returncode == 0, result.stderr
    head = place.s3.head_object(Bucket=place.bucket, Key="big")
    assert (head["ContentLength"], head["ETag"].strip('"').rpartition("-")[2]) == (100 * PART, "100")
    assert os.environ["DZR_SANITIZE"] != "" or int(result.stdout) < 64 * 1024
    place.s3.delete_object(Bucket=place.bucket, Key="big")


def test_one_column_of_a_hundred_is_two_requests(place, tmp_path):
    n_rows = 20000
    columns = {f"c{i:02}": pa.array([(k * (i + 1)) % 99991 for k in range(n_rows)], pa.int64()) for i in range(100)}
    pq.write_table(pa.table(columns), tmp_path / "wide.parquet", compression="none", use_dictionary=False)
    place.s3.upload_file(str(tmp_path / "wide.parquet"), place.bucket, "wide.parquet")
    size = (tmp_path / "wide.parquet").stat().st_size
    result = place.run(os.environ["DZR_ONE_COLUMN"], place.url("wide.parquet"), "c41")
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) == sum(columns["c41"].to_pylist())
    gets = [entry for entry in place.proxy.requests if entry[0] == "GET"]
    assert [entry[2][:7] for entry in gets] == ["bytes=-", "bytes=" + gets[1][2][6]]
    n_bytes = sum(entry[4] for entry in gets)
    chunk = pq.ParquetFile(tmp_path / "wide.parquet").metadata.row_group(0).column(41).total_compressed_size
    assert len(gets) == 2 and len(place.proxy.requests) == 2
    assert chunk + 65536 <= n_bytes <= chunk + 65536 + 200  # the end, and the chunk with what its header may take
    assert n_bytes < size / 50


def test_neighbours_are_joined(place):
    assert place.tool("put", place.url("a"), 20 * MIB).returncode == 0
    bytes_ = made(20 * MIB)
    wanted = [(5 * MIB, 100), (0, 10), (1000, 50), (5 * MIB + 200, 7), (12 * MIB, 1), (20 * MIB - 5, 5)]
    place.proxy.requests.clear()
    result = place.tool("ranges", place.url("a"), *[n for pair in wanted for n in pair])
    assert result.stdout.split() == [bytes_[at : at + n].hex() for at, n in wanted]
    asked = sorted(entry[2] for entry in place.proxy.requests)
    far = [f"bytes=0-{1049}", f"bytes={12 * MIB}-{12 * MIB}", f"bytes={5 * MIB}-{5 * MIB + 206}"]
    assert asked == sorted(["bytes=-65536", *far])


# ---- programs ----


def test_programs_read_and_write_s3(place, tmp_path):
    rows = pa.table({"id": range(1000), "name": [f"naïve {i}" for i in range(1000)]})
    pq.write_table(rows, tmp_path / "in.parquet")
    place.s3.upload_file(str(tmp_path / "in.parquet"), place.bucket, "in.parquet")
    for source, target in [("in.parquet", "a/lines.jsonl"), ("a/lines.jsonl", "back.parquet")]:
        result = place.run(f"{BIN}/datarizer", "convert", place.url(source), place.url(target))
        assert result.returncode == 0, result.stderr
    filesystem = pafs.S3FileSystem(
        access_key="testkey", secret_key="testsecretkey", endpoint_override=f"127.0.0.1:{place.port}", scheme="http"
    )
    assert pq.read_table(f"{place.bucket}/back.parquet", filesystem=filesystem).to_pylist() == rows.to_pylist()
    result = place.run(f"{BIN}/datarizer", "schema", place.url("back.parquet"))
    assert result.returncode == 0 and "name" in result.stdout
    result = place.run(f"{BIN}/datarizer", "head", "-n", 2, place.url("a/lines.jsonl"))
    assert result.returncode == 0 and "naïve 1" in result.stdout


def test_the_writer_lands_in_s3(place):
    result = place.run(f"{BIN}/writer", "--out-dir", place.url("out"))
    assert (result.returncode, result.stdout) == (0, "Parsed 2 records\n"), result.stderr
    assert sorted(place.keys()) == ["out/students.jsonl", "out/students.parquet"]
    body = place.s3.get_object(Bucket=place.bucket, Key="out/students.parquet")["Body"].read()
    table = pq.read_table(pa.BufferReader(body))
    assert table.column("name").to_pylist() == ["Alice", "Bob"]


def test_ingest_lands_in_s3(place, tmp_path):
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Users(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'[{"id":1,"name":"Ann","email":"a@example.com","age":4}]' if "skip=0" in self.path else b"[]"
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Users)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/users/"
    result = place.run(
        f"{BIN}/ingest", "--url", url, "--json", tmp_path / "u.json", "--parquet", place.url("u.parquet")
    )
    server.shutdown()
    assert result.returncode == 0, result.stderr
    body = place.s3.get_object(Bucket=place.bucket, Key="u.parquet")["Body"].read()
    assert pq.read_table(pa.BufferReader(body)).column("name").to_pylist() == ["Ann"]
