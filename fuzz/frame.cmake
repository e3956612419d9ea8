# The text of a schema.
dzr_fuzz(schema_text FILES schema_text.c ROOMS frame)
