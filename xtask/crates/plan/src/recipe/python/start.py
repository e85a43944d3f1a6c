"""Becomes `app/__main__.py` of a package: `python3 -I -S -B app` starts the entry of the backend with the package's own
modules and nothing else, whatever PYTHONPATH, PYTHONHOME or the user's site hold."""

import runpy
import site
import sys
from pathlib import Path

# The recipe writes where the entry lies.
DIRECTORY, MODULE = "", "server"

_app = Path(__file__).resolve().parent
site.addsitedir(str(_app.parent / "site-packages"))
if DIRECTORY:
    sys.path.insert(0, str(_app / DIRECTORY))
runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
