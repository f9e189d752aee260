"""From a catalogue to shards: by threads, processes or machines."""
