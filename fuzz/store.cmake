# Parsers of room store.
dzr_fuzz(s3_profile FILES s3_profile.c ROOMS store)
dzr_fuzz(s3_url FILES s3_url.c ROOMS store)
dzr_fuzz(s3_xml FILES s3_xml.c ROOMS store)
