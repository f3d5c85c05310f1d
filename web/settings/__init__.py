"""Settings: base, and what development and production change of it."""
