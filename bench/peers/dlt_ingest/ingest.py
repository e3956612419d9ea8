"""bench/peers/dlt_ingest - the same ingest as a dlt pipeline: its REST source with the offset paginator (pages of 50,
until a page is empty), its filesystem destination, Parquet files. dlt's own settings otherwise; only its telemetry
is off, and its working state is kept under the output folder. For comparison with ingest, nothing else.

usage: ingest.py URL OUT_DIR     URL such as http://127.0.0.1:8000/; Parquet lands under OUT_DIR/users/users/
"""

import os
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt  # noqa: E402  the setting above has to come first
from dlt.sources.rest_api import rest_api_source  # noqa: E402


def main() -> None:
    url, out_dir = sys.argv[1], os.path.abspath(sys.argv[2])
    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "paginator": {
                    "type": "offset",
                    "limit": 50,
                    "offset_param": "skip",
                    "limit_param": "limit",
                    "total_path": None,
                },
            },
            "resources": [{"name": "users", "endpoint": {"path": "users/"}}],
        }
    )
    pipeline = dlt.pipeline(
        pipeline_name="users",
        pipelines_dir=os.path.join(out_dir, "state"),
        dataset_name="users",
        destination=dlt.destinations.filesystem(bucket_url="file://" + out_dir),
    )
    pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()


if __name__ == "__main__":
    main()
