"""Parameters, memory and arithmetic of a run before its first step."""
