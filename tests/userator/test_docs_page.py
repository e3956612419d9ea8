"""/docs in a real browser: Swagger UI lists the operations, and the page needs nobody but this server."""

import shutil
import subprocess

import pytest
from program import request, userator

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")


def test_browser_lists_the_operations(tmp_path):
    with userator(tmp_path / "users.db", "--access-log", tmp_path / "log") as server:
        if request(server.port, "GET", "/docs/swagger-ui-bundle.js")[0] != 200:
            pytest.skip("userator was built without Swagger UI")
        if BROWSER is None:
            pytest.skip("no chromium")
        page = subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # every other host is unknown
                "--user-data-dir=%s" % (tmp_path / "profile"),
                "--virtual-time-budget=20000",
                "--dump-dom",
                "http://127.0.0.1:%d/docs" % server.port,
            ],
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout
        for part in ("User API (FastAPI Refactor)", "Add User", "Get Users", "operations-Users-add_user_users__post"):
            assert part in page, page[-3000:]
        assert "Unable to render" not in page and "Failed to load" not in page
    asked = {line.split(" ")[3] for line in (tmp_path / "log").read_text().splitlines()}
    assert {"/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js", "/openapi.json"} <= asked
