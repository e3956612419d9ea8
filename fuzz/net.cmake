# Parsers of room net.
dzr_fuzz(http_request FILES http_request.c ROOMS net)
dzr_fuzz(http_client FILES http_client.c ROOMS net)
