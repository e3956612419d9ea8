# Parsers of room net.
