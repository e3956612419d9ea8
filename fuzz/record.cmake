# Parsers of room record.
dzr_fuzz(record FILES record.c ROOMS record)
