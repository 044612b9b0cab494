"""Cluster-robust errors of too few clusters: the sandwich is singular, and the fit says so."""

import pytest

import surveykit as sk
from reference_data import dataset


# 12 parameters. lavaan 0.7-2 warns that vcov is not positive definite for up to 12 clusters, not for 13.
@pytest.mark.parametrize(("clusters", "told"), [(2, True), (12, True), (13, False)])
def test_no_more_clusters_than_parameters(clusters: int, told: bool) -> None:
    data = dataset("hs1939")
    data = data.assign(team=data.index % clusters)
    fit = sk.cfa("f =~ x1 + x2 + x3 + x4", data, cluster="team")
    assert ("M175" in [one.code for one in fit.notes]) == told
    assert "M175" not in [one.code for one in sk.cfa("f =~ x1 + x2 + x3 + x4", data).notes]
    assert str(fit) == fit.summary()
