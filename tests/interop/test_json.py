"""Nested tables as JSON lines: read back by their schema they are the same, and Python's json finds the same values."""

import base64
import datetime
import decimal
import json
import uuid

import dzr
import generate
import pyarrow as pa
import pytest
import values


def as_json(value, kind):
    """A value as json.loads has it, for the types whose text needs no format of its own; keys become strings."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {
            kind.field(i).name: as_json(value[kind.field(i).name], kind.field(i).type) for i in range(kind.num_fields)
        }
    if pa.types.is_map(kind):
        return {str(key): as_json(item, kind.item_type) for key, item in value}
    if pa.types.is_list(kind):
        return [as_json(item, kind.value_type) for item in value]
    if pa.types.is_binary(kind) or pa.types.is_temporal(kind):
        return "text"
    return value


def without_texts(value, kind):
    """What json.loads gave, with the same types made the same word."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {
            kind.field(i).name: without_texts(value[kind.field(i).name], kind.field(i).type)
            for i in range(kind.num_fields)
        }
    if pa.types.is_map(kind):
        return {key: without_texts(item, kind.item_type) for key, item in value.items()}
    if pa.types.is_list(kind):
        return [without_texts(item, kind.value_type) for item in value]
    if pa.types.is_binary(kind) or pa.types.is_temporal(kind):
        assert isinstance(value, str)
        return "text"
    return value


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_nested_tables_survive_json_lines(tmp_path, first):
    path = tmp_path / "nested.jsonl"
    for seed in range(first, first + 50):
        table = generate.table(seed)
        dzr.write_json_lines(table, path)
        assert dzr.read_json_lines(path, table.schema).equals(table), seed
        whole = pa.struct(list(table.schema))
        for line, row in zip(path.read_text().splitlines(), table.to_pylist(), strict=True):
            assert without_texts(json.loads(line), whole) == as_json(row, whole), seed


def test_rarer_types_survive_json_lines(tmp_path):
    table = values.table(2000, leave_out=["half"]).append_column("nothing", pa.nulls(2000))
    halves = pa.array([None if i % 9 == 4 else i / 8 - 100 for i in range(2000)], pa.float32()).cast(pa.float16())
    table = table.append_column("half", halves)
    path = tmp_path / "a.jsonl"
    dzr.write_json_lines(table, path)
    values.same(table, dzr.read_json_lines(path, table.schema))
    for line, row in zip(path.read_text().splitlines(), table.drop_columns("time_ns").to_pylist(), strict=True):
        read = json.loads(line, parse_float=decimal.Decimal, parse_int=decimal.Decimal)
        for name, value in row.items():
            if isinstance(value, decimal.Decimal):
                assert read[name] == value, name
            elif isinstance(value, bytes):
                assert base64.b64decode(read[name]) == value, name
            elif isinstance(value, (uuid.UUID, datetime.time)):
                assert (
                    datetime.time.fromisoformat(read[name]) == value
                    if name.startswith("time")
                    else read[name] == str(value)
                )
