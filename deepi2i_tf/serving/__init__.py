"""Floor 4: the trained translator as a SavedModel, and what uses one."""
