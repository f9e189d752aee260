"""Several replicas and machines."""
