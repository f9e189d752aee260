"""What `import deepi2i_tf` gives to Python: functions and callbacks."""
