"""Compile a copy of the package's hot modules with mypyc: the same code, about twice as fast.

    python tools/compile.py FOLDER      then: PYTHONPATH=FOLDER python ...

Needs a C compiler and Python's headers. The sources stay as they are: a compiled module beside its source in
the checkout would go on being imported after the source has changed.
"""

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]

HOT = (
    "core/timers", "core/chance", "core/law", "core/call", "core/kernel", "core/engine",
    "core/flow/model", "core/flow/scope",
    *(f"core/flow/steps/{verb.stem}" for verb in sorted((ROOT / "ivr/core/flow/steps").glob("[a-z]*.py"))),
    "core/flow/hand", "core/flow/voice", "core/flow/promises", "core/flow/keeping", "core/flow/moves",
    "core/flow/turn", "core/flow/course", "core/flow/interpreter",
    *(f"core/acd/{part.stem}" for part in sorted((ROOT / "ivr/core/acd").glob("[a-z]*.py"))),
    "people/picker", "people/crew", "people/cast", "sim/driver",
    "observe/fan", "observe/batch",
)  # fmt: skip
"""What runs for every input. Data classes and structs are made by their own libraries and stay interpreted, and so
do the folds: most of what they do is to read fields of structs, which the interpreter is quicker at."""


def missing() -> str:
    """What is not here that compiling needs, or empty."""
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        return "a C compiler"
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        return "Python's headers"
    return "" if importlib.util.find_spec("mypyc") and importlib.util.find_spec("setuptools") else "mypyc"


def compile_into(folder: Path) -> None:
    """Copy the package into a folder and compile it there; RuntimeError with the compiler's words if that fails."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "ivr", folder / "ivr", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    (folder / "mypy.ini").write_text("[mypy]\nstrict = True\nplugins = pydantic.mypy\n", encoding="utf-8")
    files = [f"ivr/{name}.py" for name in HOT]
    command = [str(Path(sys.executable).parent / "mypyc"), *files]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if made.returncode:
        raise RuntimeError((made.stdout + made.stderr)[-4_000:])
    try_out(folder)


def try_out(folder: Path) -> None:
    """Run the tests of the shipped flows with the compiled copy; RuntimeError if they do not pass."""
    command = [
        sys.executable,
        "-c",
        "from ivr.cli import main; raise SystemExit(main())",
        "test",
        str(ROOT / "flows"),
    ]
    tried = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if tried.returncode:
        raise RuntimeError((tried.stdout + tried.stderr)[-4_000:])


if __name__ == "__main__":
    if lacking := missing():
        sys.exit(f"cannot compile: {lacking} is not here")
    compile_into(Path(sys.argv[1]).resolve())
    print(f"compiled {len(HOT)} modules; PYTHONPATH={sys.argv[1]} uses them")
