"""libpenstock's C ABI (src/library/penstock.h) for Python. Calls release the interpreter's lock."""

import ctypes
import functools
import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path

ABI_VERSION = 1
FILE_NAME = "libpenstock.so"


class Error(Exception):
    """What happened (`message`), what to do about it (`remedy`), of a kind as `penstock status --json` names it."""

    def __init__(self, kind, message, remedy="", passes=False):
        super().__init__(f"{message}\n  -> {remedy}" if remedy else message)
        self.kind, self.message, self.remedy, self.passes = kind, message, remedy, passes

    def __reduce__(self):
        return Error, (self.kind, self.message, self.remedy, self.passes)


class Counts(ctypes.Structure):
    """penstock_counts."""

    _fields_ = [(name, ctypes.c_uint64) for name in (
        "records", "applied", "again", "ignored", "dead_letters", "transactions", "lost", "reread")] + [
            ("next", ctypes.c_int64), ("last_commit_micros", ctypes.c_int64)]

    def __getitem__(self, name):
        return getattr(self, name)

    def as_dict(self):
        return {name: getattr(self, name) for name, _ in self._fields_}


def _unpacked(archive):
    """The library's folder out of a zip that was shipped with --py-files: nothing in a zip can be loaded."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"penstock-spark-{os.getuid()}-{digest}"
    if not (folder / FILE_NAME).exists():
        beside = Path(tempfile.mkdtemp(prefix="penstock-spark-"))
        prefix = "penstock_spark/lib/"
        with zipfile.ZipFile(archive) as content:
            for name in content.namelist():
                if name.startswith(prefix) and not name.endswith("/"):
                    (beside / name[len(prefix):]).write_bytes(content.read(name))
        try:
            beside.rename(folder)
        except OSError:  # another process was quicker
            pass
    return folder / FILE_NAME


def library_path():
    """$PENSTOCK_LIBRARY, else the package's own, else that of a build beside it."""
    if os.environ.get("PENSTOCK_LIBRARY"):
        return Path(os.environ["PENSTOCK_LIBRARY"])
    here = Path(__file__).parent
    if here.parent.is_file():
        return _unpacked(here.parent)
    for path in (here / "lib" / FILE_NAME, here.parents[1] / "build" / "release" / FILE_NAME):
        if path.exists():
            return path
    raise Error("configuration", f"{FILE_NAME} is not in the package penstock_spark",
                        "build it (scripts/build.sh, scripts/spark_package.py), or name it in PENSTOCK_LIBRARY")


@functools.cache
def _shared(yaml, options):
    return Pipeline(yaml, json.loads(options))


def shipped(ship):
    """What Pipeline.describe()["ship"] of the driver is here: one pipeline for all tasks of a Python worker."""
    return _shared(ship["yaml"], json.dumps(ship["options"]))


@functools.cache
def library():
    loaded = ctypes.CDLL(str(library_path()))
    found = loaded.penstock_abi_version()
    if found != ABI_VERSION:
        raise Error("configuration", f"{library_path()} speaks version {found} of the ABI, not {ABI_VERSION}",
                            "take the library and the package from one build")
    for name in ("penstock_error_kind", "penstock_error_message", "penstock_error_remedy", "penstock_version"):
        getattr(loaded, name).restype = ctypes.c_char_p
    return loaded


def _check(code, error):
    if code == 0:
        return
    loaded = library()
    text = [getattr(loaded, f"penstock_error_{part}")(error).decode() for part in ("kind", "message", "remedy")]
    passes = bool(loaded.penstock_error_passes(error))
    loaded.penstock_error_free(error)
    raise Error(*text, passes=passes)


def _pointer(capsule, name):
    asked = ctypes.pythonapi.PyCapsule_GetPointer
    asked.restype, asked.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return asked(capsule, name)


class Pipeline:
    """A pipeline file that was opened; any thread. `options` as penstock_open() takes them."""

    def __init__(self, yaml, options=None):
        self._handle = ctypes.c_void_p()
        text = yaml.encode() if isinstance(yaml, str) else yaml
        self._call("open", ctypes.c_char_p(text), ctypes.c_size_t(len(text)), json.dumps(options or {}).encode(),
                   ctypes.byref(self._handle))

    @staticmethod
    def from_file(path, options=None):
        return Pipeline(Path(path).read_text(), {"file": str(path), **(options or {})})

    def close(self):
        library().penstock_close(self._handle)
        self._handle = ctypes.c_void_p()

    def describe(self):
        return self._asked("describe")

    def begin_stream(self):
        return self._asked("begin_stream")

    def apply(self, topic, partition, records):
        """`records`: a buffer PSR1, as penstock_spark.packed makes it."""
        counts = Counts()
        self._call("apply", self._handle, topic.encode(), ctypes.c_int32(partition), records,
                   ctypes.c_size_t(len(records)), ctypes.byref(counts))
        return counts

    def apply_arrow(self, batches):
        """`batches`: pyarrow's, with the columns of record_sql.COLUMNS, all of one topic partition."""
        capsules = [batch.__arrow_c_array__() for batch in batches]
        schemas, arrays = ((ctypes.c_void_p * len(capsules))(*(_pointer(pair[place], name) for pair in capsules))
                           for place, name in enumerate((b"arrow_schema", b"arrow_array")))
        counts = Counts()
        self._call("apply_arrow", self._handle, schemas, arrays, ctypes.c_size_t(len(capsules)), ctypes.byref(counts))
        return counts

    def pending(self):
        """The lanes whose marks are to be settled; none: what was applied is in the documents."""
        return self._asked("pending")["lanes"]

    def settle(self, lane):
        counts = Counts()
        self._call("settle", self._handle, lane.encode(), ctypes.byref(counts))
        return counts

    def begin_load(self):
        return self._asked("begin_load")

    def load(self, load, table, rows):
        """`rows`: a buffer PSW1, as penstock_spark.packed makes it."""
        counts = Counts()
        self._call("load", self._handle, load.encode(), table.encode(), rows, ctypes.c_size_t(len(rows)),
                   ctypes.byref(counts))
        return counts

    def build(self, load):
        self._call("build", self._handle, load.encode())

    def end_load(self, load):
        self._call("end_load", self._handle, load.encode())

    def _asked(self, name):
        text = ctypes.c_char_p()
        self._call(name, self._handle, ctypes.byref(text))
        try:
            return json.loads(text.value.decode())
        finally:
            library().penstock_text_free(text)

    @staticmethod
    def _call(name, *arguments):
        error = ctypes.c_void_p()
        _check(getattr(library(), f"penstock_{name}")(*arguments, ctypes.byref(error)), error)
