"""pytest: the fixture `pagewalk` runs a guest and gives its report."""

import pytest

from pagewalk import run


@pytest.fixture
def pagewalk():
    return run
