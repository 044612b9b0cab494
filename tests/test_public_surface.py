"""Every public name loads, has a docstring with an example, and importing the package stays cheap."""

import inspect
import subprocess
import sys

import pytest

import surveykit as sk

NAMES = [name for name in sk.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_loads_and_explains_itself(name: str) -> None:
    value = getattr(sk, name)
    assert inspect.getdoc(value)
    if inspect.isfunction(value):
        assert "Examples" in (inspect.getdoc(value) or ""), f"{name} shows no example"


@pytest.mark.parametrize(
    ("name", "told"), [("alpha", "cronbach_alpha"), ("mesurement_invariance", "did you mean measurement_inv")]
)
def test_an_unknown_name_is_told_what_is_meant(name: str, told: str) -> None:
    with pytest.raises(AttributeError, match=told):
        getattr(sk, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nosuch"):
        sk.nosuch  # noqa: B018


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'pandas', 'scipy', 'statsmodels', 'pingouin', 'semopy', 'matplotlib', 'openpyxl'}"
    script = f"import sys, surveykit, surveykit.cli.app; print(sorted({heavy} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
