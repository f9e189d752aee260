"""From raw files to a catalogue of items, and from an item to a picture."""
