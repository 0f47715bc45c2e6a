"""Files in, records out: reading, recognising, comparing, applying."""
