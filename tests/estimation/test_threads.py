"""Every BLAS library of the process is kept on one thread, whenever it was loaded."""

import json
import subprocess
import sys

SCRIPT = """
import json
import numpy
from threadpoolctl import ThreadpoolController
from surveykit.estimation.threads import one_thread

def threads():
    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return [library.num_threads for library in libraries]

with one_thread():
    first = threads()
import scipy.linalg
outside = threads()
with one_thread():
    with one_thread():
        second = threads()
    third = threads()
print(json.dumps([[first, second, third], outside == threads()]))
"""


def test_also_what_is_loaded_after_the_first_use() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    inside, restored = json.loads(done.stdout)
    assert restored is True
    # NumPy's library alone, then SciPy's too.
    assert all(inside), "no library was found"
    assert {count for libraries in inside for count in libraries} == {1}
