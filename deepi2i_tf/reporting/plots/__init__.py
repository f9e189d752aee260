"""The reports' charts."""
