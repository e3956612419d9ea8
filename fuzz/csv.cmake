# Readers of room csv.
dzr_fuzz(csv FILES csv.c ROOMS csv)
