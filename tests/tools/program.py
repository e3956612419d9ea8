"""The program `datarizer`, as the tests of its commands call it."""

import os
import subprocess

PROGRAM = os.environ["DZR_DATARIZER"]


def run(*arguments, cwd=None, stdin="", **environment):
    """Exit status, standard output, standard error. A variable that is None is taken out of the environment."""
    variables = {key: value for key, value in {**os.environ, **environment}.items() if value is not None}
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)],
        cwd=cwd,
        input=stdin.encode(),
        capture_output=True,
        timeout=120,
        check=False,
        env=variables,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()
