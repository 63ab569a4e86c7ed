"""Named expressions, their sets, and the text form of the command line."""

import pytest

from faces.arkit import ARKIT_NAMES, other_side
from faces.errors import FaceError, UnknownExpressionError
from faces.expressions import EXPRESSION_SETS, PEAKS, expression_set, named_expression, parse_expression


def test_there_are_enough_peaks_and_all_are_arkit():
    assert len(PEAKS) >= 40
    assert PEAKS["neutral"] == {}
    assert len(ARKIT_NAMES) == len(set(ARKIT_NAMES)) == 52
    for name, weights in PEAKS.items():
        assert set(weights) <= set(ARKIT_NAMES), name
        assert all(0 < w <= 1 for w in weights.values()), name
    assert len({tuple(sorted(w.items())) for w in PEAKS.values()}) == len(PEAKS), "two peaks are alike"


def test_sides_pair_up():
    assert all(other_side(n) in ARKIT_NAMES and other_side(other_side(n)) == n for n in ARKIT_NAMES)


def test_peaks_differ_as_meshes(head):
    import numpy as np

    meshes = head.mesh(head.neutral_identity(), [dict(w) for w in PEAKS.values()])
    flat = meshes.vertices.reshape(len(PEAKS), -1)
    for k in range(1, len(PEAKS)):
        assert np.abs(flat[k] - flat[0]).max() > 0.001, list(PEAKS)[k]


def test_sets_resolve():
    assert len(EXPRESSION_SETS["quick"]) == 8
    for name in EXPRESSION_SETS:
        assert set(expression_set(name)) == set(EXPRESSION_SETS[name])
    assert expression_set("arkit")["jawOpen"] == {"jawOpen": 1.0}
    with pytest.raises(UnknownExpressionError, match="quick"):
        expression_set("qick")


def test_text_form():
    assert parse_expression("jawOpen=0.7, eyeBlinkLeft=1") == {"jawOpen": 0.7, "eyeBlinkLeft": 1.0}
    assert parse_expression("closed_eyes") == {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    assert parse_expression("jaw_drop=0.8,jawOpen=0.5") == {"jawOpen": 1.0}
    assert parse_expression("") == {}
    assert parse_expression("neutral") == {}


@pytest.mark.parametrize("text", ["jawOpen=1.5", "jawOpen=-0.1", "jawOpen=much", "jawOpen=nan"])
def test_bad_weights_are_refused(text):
    with pytest.raises(FaceError, match="jawOpen"):
        parse_expression(text)


def test_unknown_names_list_the_valid_ones():
    with pytest.raises(UnknownExpressionError, match="Did you mean jawOpen") as caught:
        named_expression("jawOpne")
    assert "neutral" in str(caught.value)
