"""Distribution over several replicas and machines."""
