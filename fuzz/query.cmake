# Parsers of room query.
dzr_fuzz(filter FILES filter.c ROOMS query)
