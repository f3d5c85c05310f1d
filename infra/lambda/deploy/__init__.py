"""The Lambda that brings a release to the nodes, or takes it back. Standard library and boto3 only."""
