"""How a release reaches the nodes: the artefact, the Lambda, the nodes' agent, their units, the cloud they stand in."""
