"""Both head models keep the contract."""

import pytest
from ellipsoid_head import EllipsoidHead
from head_contract import HeadModelContract

from faces import load_head_model


class TestBuiltInHead(HeadModelContract):
    @pytest.fixture
    def model(self):
        return load_head_model()


class TestEllipsoidHead(HeadModelContract):
    @pytest.fixture
    def model(self):
        return EllipsoidHead()
