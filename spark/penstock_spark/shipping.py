"""What goes to the executors: the pipeline, and the package itself where spark-submit was not told to (--py-files)."""

import os
import tempfile
import zipfile
from pathlib import Path

from penstock_spark.core import library_path


def begun(ship, answer):
    """What Pipeline.describe()["ship"] is for tasks of the stream or load that `answer` of the core has begun."""
    return {**ship, "options": {**ship["options"], **answer["options"]}}


def to_executors(spark):
    """With its library; one that is only named ($PENSTOCK_LIBRARY) or built beside the package stays where it is, for executors of
    this machine."""
    package = Path(__file__).parent
    if package.parent.is_file():  # a zip: whoever shipped it to the driver shipped it to the executors
        return
    library = library_path()
    carried = library.parent == package / "lib"
    if not carried:
        os.environ["PENSTOCK_LIBRARY"] = str(library)
        spark.sparkContext.environment["PENSTOCK_LIBRARY"] = str(library)
    folder = Path(tempfile.mkdtemp(prefix="penstock-spark-"))
    archive = folder / "penstock_spark.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
        for path in sorted(package.rglob("*")):
            inside = path.relative_to(package.parent)
            if path.is_file() and "__pycache__" not in path.parts and (carried or "lib" not in inside.parts):
                content.write(path, inside)
    spark.sparkContext.addPyFile(str(archive))
