"""Runs a command of WASI 0.2 on the package `wasmtime`: run.py [--dir HOST::GUEST] COMPONENT [ARGUMENT...]"""

import argparse
import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

parser = argparse.ArgumentParser()
parser.add_argument("--dir", action="append", default=[])
parser.add_argument("component")
parser.add_argument("arguments", nargs=argparse.REMAINDER)
options = parser.parse_args()

engine = Engine()
store = Store(engine)
wasi = WasiConfig()
wasi.inherit_stdout()
wasi.inherit_stderr()
wasi.argv = [options.component, *options.arguments]
for directory in options.dir:
    host, guest = directory.split("::")
    wasi.preopen_dir(host, guest)
store.set_wasi(wasi)
linker = Linker(engine)
linker.add_wasip2()
instance = linker.instantiate(store, Component.from_file(engine, options.component))
interface = instance.get_export_index(store, "wasi:cli/run@0.2.0")
run = instance.get_func(store, instance.get_export_index(store, "run", interface))
sys.exit(0 if run(store).tag == "ok" else 1)
