"""What keeps one node on the current release: fetches, verifies, switches, restarts what changed, reports.

Runs with the system's Python and boto3 alone, since it prepares the environment that everything else runs in.
"""
