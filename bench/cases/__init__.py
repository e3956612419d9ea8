"""The cases of bench/: each has run(processes, options), which answers its records, and show(record), its tables."""
