"""MinIO for the tests of this folder: one server a run, its own port, folder and keys; a bucket and a proxy a test."""

import os
import pathlib
import shutil
import socket
import subprocess
import time
import uuid

import boto3
import pytest
from botocore.config import Config
from proxy import Proxy

KEYS = {"AWS_ACCESS_KEY_ID": "testkey", "AWS_SECRET_ACCESS_KEY": "testsecretkey", "AWS_REGION": "us-east-1"}
DOMAIN = "s3.localhost"  # buckets have a host each below it; libcurl takes .localhost for the loopback by itself
MINIO = os.environ.get("DZR_MINIO", "")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def minio_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("minio")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def minio(minio_folder):
    if not pathlib.Path(MINIO).is_file():
        if os.environ.get("CI"):
            pytest.fail("there is no MinIO; scripts/minio.sh builds it")
        pytest.skip("there is no MinIO; scripts/minio.sh builds it")
    folder = minio_folder
    port = free_port()
    environment = {
        **os.environ,
        "MINIO_ROOT_USER": KEYS["AWS_ACCESS_KEY_ID"],
        "MINIO_ROOT_PASSWORD": KEYS["AWS_SECRET_ACCESS_KEY"],
        "MINIO_SITE_REGION": KEYS["AWS_REGION"],
        "MINIO_DOMAIN": DOMAIN,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",  # it would ask its maker's site for a newer one
        "HOME": str(folder),
    }
    with open(folder / "log", "wb") as log:
        command = [MINIO, "server", "--quiet", "--address", f"127.0.0.1:{port}", str(folder / "data")]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def client_of(port):
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        config=Config(proxies={}, retries={"max_attempts": 10}),
    )


class Place:
    """A bucket, how to reach it directly and through the proxy, and what runs against it."""

    def __init__(self, port, proxy):
        self.port, self.proxy = port, proxy
        self.bucket = f"b-{uuid.uuid4().hex[:12]}"
        self.s3 = client_of(port)
        for _ in range(50):  # it listens a little before it serves
            try:
                self.s3.create_bucket(Bucket=self.bucket)
                break
            except Exception:  # noqa: BLE001 the last one is raised below
                time.sleep(0.2)
        else:
            self.s3.create_bucket(Bucket=self.bucket)

    def url(self, key):
        return f"s3://{self.bucket}/{key}"

    def environment(self, through_proxy=True, **changes):
        port = self.proxy.port if through_proxy else self.port
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("AWS_")},
            **KEYS,
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
            "AWS_CONFIG_FILE": "/nonexistent",
            **changes,
        }

    def run(self, *command, timeout=120, env=None, **options):
        command = [str(part) for part in command]
        env = env or self.environment()
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout, **options)

    def tool(self, *arguments, env=None, timeout=120):
        return self.run(os.environ["DZR_S3_TOOL"], *arguments, env=env, timeout=timeout)

    def keys(self):
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {entry["Key"]: entry["Size"] for entry in found}

    def uploads(self, prefix):
        """MinIO lists the pending uploads of one key, named in full."""
        found = self.s3.list_multipart_uploads(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for entry in found.get("Uploads", [])]


@pytest.fixture
def place(minio):
    proxy = Proxy(minio)
    yield Place(minio, proxy)
    proxy.close()
