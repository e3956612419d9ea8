# Parsers of room json.
dzr_fuzz(json_array FILES json_array.c ROOMS json)
dzr_fuzz(json_doc FILES json_doc.cpp ROOMS json)
dzr_fuzz(json_go FILES json_go.c ROOMS json)
dzr_fuzz(json_syntax FILES json_syntax.cpp ROOMS json)
dzr_fuzz(jsonl FILES jsonl.c ROOMS json)
