"""Takes a batch from share_frame.c without a copy. usage: share_frame.py LIBRARY ROWS"""

import ctypes
import sys

import pyarrow as pa

library = ctypes.CDLL(sys.argv[1])
schema, array = (ctypes.c_int64 * 9)(), (ctypes.c_int64 * 10)()  # room for struct ArrowSchema and ArrowArray
message = ctypes.create_string_buffer(1024)
rows = ctypes.c_int64(int(sys.argv[2]))
if library.make_squares(rows, schema, array, message, ctypes.c_size_t(len(message))):
    sys.exit(message.value.decode())
batch = pa.RecordBatch._import_from_c(ctypes.addressof(array), ctypes.addressof(schema))
print(batch.schema)
print(batch.to_pydict())
