"""Runs: execute the chapters, build and publish the report, schedule runs and record them."""
