"""What every case of bench/ stands on: paths, processes, peers, load, facts about the machine, records and tables."""
