"""Publishing: a release is built beside the live one, checked, made live by one pointer, and retired in time.

`publication` is what the DAGs call; the other modules are its steps.
"""
