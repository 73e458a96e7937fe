"""Modules imported once by the process from which chapters' kernels are forked."""

import gc
import importlib
import pkgutil

import ipykernel.kernelapp  # noqa: F401
import IPython.core.completerlib
import IPython.core.oinspect
import IPython.extensions.storemagic  # noqa: F401
import seaborn  # noqa: F401 - drawings import it when they need it

import hcsp_assess.chapters
from hcsp_assess.edition.software import software_fingerprint

for module in pkgutil.walk_packages(hcsp_assess.chapters.__path__, "hcsp_assess.chapters."):
    importlib.import_module(module.name)
software_fingerprint()  # which each kernel would else work out
gc.collect()
gc.freeze()  # memory that the kernels share is not copied when one of them collects garbage
