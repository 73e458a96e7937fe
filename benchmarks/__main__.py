"""Every benchmark in its quick form, one after the other: `python -m benchmarks`, or `make bench`."""

import subprocess
import sys
from pathlib import Path

SHARED = Path(__file__).parents[2] / "shared" / "data"
QUICK = {
    "benchmarks.trend_verdicts": ["--series", "60"],
    "benchmarks.hotspot_false_alarms": ["40"],
    "benchmarks.bulk_cleaning": ["--times", "2"],
}
NEEDS_REAL_FILES = {"benchmarks.bulk_cleaning"}

for name, arguments in QUICK.items():
    if name in NEEDS_REAL_FILES and not SHARED.is_dir():
        print(f"\n{name}: passed over, the real files beside the project are not on this machine", flush=True)
        continue
    print(f"\n{name} {' '.join(arguments)}", flush=True)
    subprocess.run([sys.executable, "-m", name, *arguments], check=True)
