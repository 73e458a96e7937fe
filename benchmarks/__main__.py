"""Every benchmark in its quick form, one after the other: `python -m benchmarks`, or `make bench`."""

import subprocess
import sys

QUICK = {
    "benchmarks.trend_verdicts": ["--series", "60"],
    "benchmarks.then_and_now": ["--series", "10"],
    "benchmarks.hotspot_false_alarms": ["40"],
    "benchmarks.cleaning": ["--rows", "200000", "--pairs", "1"],
    "benchmarks.trend_methods": ["--series", "50"],
    "benchmarks.runs": ["--only", "start", "--only", "six", "--pairs", "1"],
}

for name, arguments in QUICK.items():
    print(f"\n{name} {' '.join(arguments)}", flush=True)
    subprocess.run([sys.executable, "-m", name, *arguments], check=True)
