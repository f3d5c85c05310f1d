"""The figures that models are judged by, on numbers that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ml.evaluate import clustered_error


def test_rows_of_one_product_that_go_together_widen_the_error_and_rows_of_their_own_do_not() -> None:
    hit = np.array([1, 1, 0, 0])
    assert clustered_error(hit, np.array([7, 7, 9, 9])) == pytest.approx(np.sqrt(2) / 4)
    assert clustered_error(hit, np.array([1, 2, 3, 4])) == pytest.approx(hit.std() / np.sqrt(4))
    assert clustered_error(hit, np.array([7, 9, 7, 9])) == 0  # each product has one of each
