"""Becomes `app/__main__.py` of a package: `python3 -I -S -B app` starts `app/server.py` with the package's own modules
and nothing else, whatever PYTHONPATH, PYTHONHOME or the user's site hold."""

import runpy
import site
from pathlib import Path

site.addsitedir(str(Path(__file__).resolve().parent.parent / "site-packages"))
runpy.run_module("server", run_name="__main__", alter_sys=True)
