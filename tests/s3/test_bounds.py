"""TLS with an authority of one's own, JSON lines in bounded memory, and what takes long (`make test-long`)."""

import os
import shutil
import socket
import subprocess
import time

import pytest
from conftest import KEYS, MINIO, free_port
from test_objects import BIN, PART, TOOL, one_line

SANITIZED = os.environ["DZR_SANITIZE"] != ""


# ---- TLS ----


@pytest.fixture(scope="module")
def tls(minio, tmp_path_factory):
    """A MinIO that answers on https, with a certificate that nobody but the tests trusts: its port, the certificate."""
    folder = tmp_path_factory.mktemp("tls")
    port = free_port()
    names = ["-subj", "/CN=tests", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", folder / "private.key"]
    subprocess.run(
        ["openssl", "req", "-x509", *names, *key, "-out", folder / "public.crt"], check=True, capture_output=True
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "MINIO_ROOT_USER": KEYS["AWS_ACCESS_KEY_ID"],
        "MINIO_ROOT_PASSWORD": KEYS["AWS_SECRET_ACCESS_KEY"],
    }
    command = [MINIO, "server", "--quiet", "--certs-dir", folder, "--address", f"127.0.0.1:{port}", folder / "data"]
    (folder / "data" / "bucket").mkdir(parents=True)
    with open(folder / "log", "wb") as log, subprocess.Popen(
        command, env=environment, stdout=log, stderr=log
    ) as server:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert server.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
            yield port, folder / "public.crt"
        finally:
            server.terminate()


def test_a_server_is_trusted_by_the_bundle_that_is_named(tls, place, tmp_path):
    port, certificate = tls
    here = place.environment(AWS_ENDPOINT_URL_S3=f"https://127.0.0.1:{port}")
    (tmp_path / "config").write_text(f"[default]\nca_bundle = {certificate}\n")
    for trusting in (here | {"AWS_CA_BUNDLE": str(certificate)}, here | {"AWS_CONFIG_FILE": str(tmp_path / "config")}):
        result = place.tool("put", "s3://bucket/a", 2 * PART, PART, env=trusting)
        assert result.returncode == 0, result.stderr
        assert place.tool("check", "s3://bucket/a", 2 * PART, env=trusting).returncode == 0
        assert place.tool("delete", "s3://bucket/a", env=trusting).returncode == 0


def test_a_server_that_is_not_trusted_is_one_clear_line_at_once(tls, place, tmp_path):
    here = place.environment(AWS_ENDPOINT_URL_S3=f"https://127.0.0.1:{tls[0]}")
    for command in ("stat", "put"):
        result = place.tool(command, "s3://bucket/a", 3, env=here)
        assert result.returncode == 1
        assert one_line(result) == "DZR_ERR_NET: s3://bucket/a: SSL certificate problem: self-signed certificate\n"
        result = place.tool(command, "s3://bucket/a", 3, env=here | {"AWS_CA_BUNDLE": str(tmp_path / "none")})
        assert result.returncode == 1
        assert str(tmp_path / "none") in one_line(result)


# ---- memory ----


def run_and_watch(command, environment):
    """The most memory that a program had, in KiB: looked at while it runs, as getrusage counts its parent's too."""
    process = subprocess.Popen([str(part) for part in command], env=environment, stderr=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                found = [int(line.split()[1]) for line in status if line.startswith("VmHWM:")]
        except ProcessLookupError:
            found = []
        peak = max([peak, *found])
        time.sleep(0.005)
    assert (process.returncode, process.stderr.read()) == (0, b"")
    process.stderr.close()
    return peak


def test_json_lines_stream_in_bounded_memory(place, tmp_path):
    """256 MB in, and out again the other way: a row group, what was read of the next, and five parts are held."""
    block = b"".join(b'{"id":%d,"name":"somebody %d","note":"%s"}\n' % (i, i, b"x" * 80) for i in range(20_000))
    n_blocks = 10 if SANITIZED else 2**28 // len(block)
    with open(tmp_path / "in.jsonl", "wb") as file:
        for _ in range(n_blocks):
            file.write(block)
    place.s3.upload_file(str(tmp_path / "in.jsonl"), place.bucket, "in.jsonl")
    here = place.environment(through_proxy=False)
    ways = [("in.jsonl", "a.parquet", "--codec", "none"), ("a.parquet", "out.jsonl")]
    for source, target, *options in ways:
        command = [f"{BIN}/datarizer", "convert", "--row-group-rows", 20_000, *options]
        peak_kib = run_and_watch([*command, place.url(source), place.url(target)], here)
        print(f"{source} to {target}: {peak_kib} KiB")
        assert SANITIZED or peak_kib < 128 * 1024
    place.s3.download_file(place.bucket, "out.jsonl", str(tmp_path / "out.jsonl"))
    with open(tmp_path / "out.jsonl", "rb") as file:
        assert all(file.read(len(block)) == block for _ in range(n_blocks)) and file.read() == b""


@pytest.mark.skipif("DZR_LONG" not in os.environ, reason="16 GB; make test-long runs it")
def test_two_thousand_parts_stay_under_64_mib(place, minio_folder):
    n_bytes = (1000 + 900 * 2 + 100 * 4) * PART  # parts double after 1,000 of them, and after 900 more
    free = shutil.disk_usage(minio_folder).free
    assert free > n_bytes + 2**30, f"{free} bytes are free below {minio_folder}"
    here = place.environment(through_proxy=False)
    result = place.tool("put", place.url("big"), n_bytes, PART, env=here, timeout=1800)
    assert result.returncode == 0, result.stderr
    assert SANITIZED or int(result.stdout) < 64 * 1024
    head = place.s3.head_object(Bucket=place.bucket, Key="big")
    assert (head["ContentLength"], head["ETag"].strip('"').rpartition("-")[2]) == (n_bytes, "2000")
    peak_kib = run_and_watch([TOOL, "check", place.url("big"), n_bytes], here)
    assert SANITIZED or peak_kib < 64 * 1024
    place.s3.delete_object(Bucket=place.bucket, Key="big")
