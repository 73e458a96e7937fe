"""Everything that chapters import, for the warm process that their kernels are forked from: imports and nothing else."""

import importlib
import pkgutil

import ipykernel.kernelapp  # noqa: F401

import hcsp_assess.chapters

for module in pkgutil.walk_packages(hcsp_assess.chapters.__path__, "hcsp_assess.chapters."):
    importlib.import_module(module.name)
