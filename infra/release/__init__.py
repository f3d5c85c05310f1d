"""The release artefact: what is in it, how it is built, and how it is checked. Standard library only."""
