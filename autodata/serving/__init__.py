"""Model servers on this machine: start, watch and stop them, and let runs know where they are."""
