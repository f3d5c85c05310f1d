"""The faults of the size model, by name: each says what was found, where, and what to do."""

from __future__ import annotations


class SizeModelError(Exception):
    """Anything that stops the making of a size model; the subclasses name the reason."""


class MissingColumns(SizeModelError):
    """An unloaded table lacks a column, or a column holds another type than the contract says."""


class BadValues(SizeModelError):
    """A column holds a value that no sample or product may have."""


class NoSamples(SizeModelError):
    """There is nothing that a size model could learn from."""


class NoUnload(SizeModelError):
    """The warehouse has not unloaded this run_date."""


class ModelMissing(SizeModelError):
    """The lake has no model of this version, or only a part of it."""


class ModelBroken(SizeModelError):
    """A model file cannot be read, or its tables break a law that they must hold."""


class ModelRefused(SizeModelError):
    """The gate did not let this model pass; the report says why."""
