"""Runs a command and says what it cost: wall time, CPU of it and its children, peak memory, disk."""
import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.1


@dataclass
class Cost:
    wall: float  # seconds
    cpu: float  # seconds, user and system
    memory: int  # bytes: peak resident set of the largest process
    disk: int = 0  # bytes: the most that stood in the work folder at once
    left: int = 0  # bytes: what stands there at the end


def disk_use(folder):
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(root, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


class DiskWatch:
    """The most that a folder held while a command ran."""

    def __init__(self, folder):
        self.folder, self.peak, self.stop = folder, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.stop.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, disk_use(self.folder))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        self.peak = max(self.peak, disk_use(self.folder))


def run(command, folder, environment, succeeds=(0,)):
    """Runs `command` in `folder`, which is all that it may write to. Returns Cost and standard output."""
    before = disk_use(folder)
    # GNU time starts the command from a small process: the peak of a child counts its parent's memory too.
    with tempfile.NamedTemporaryFile("r") as times, DiskWatch(folder) as watch:
        began = time.perf_counter()
        done = subprocess.run(["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", times.name, *map(str, command)],
                              cwd=folder, env={"PATH": os.environ["PATH"], "TMPDIR": str(folder), **environment},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        wall = time.perf_counter() - began
        user, system, kilobytes = times.read().split()
    if done.returncode not in succeeds:
        raise SystemExit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stderr.decode()}")
    return Cost(wall, float(user) + float(system), int(kilobytes) * 1024, watch.peak - before,
                disk_use(Path(folder)) - before), done.stdout
