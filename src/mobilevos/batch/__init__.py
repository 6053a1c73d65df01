"""Many videos: a list of jobs, run by worker processes here or on a cluster, resumed after whatever stopped it."""
