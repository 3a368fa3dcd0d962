"""Runs shell commands in turn and compares what each costs as a whole, children included.

    python3 -I -S measure.py [--spread] [--against NAME]... RUNS NAME COMMAND [NAME COMMAND]...

Every command runs once uncounted, and the first line it prints is shown; then all of them run RUNS times in
turn. The table has medians, with --spread minimum and maximum too. A ratio to the command that --against
names is the median of the ratios within each round, so that what slows down a whole round cancels out. Needs Linux.
"""

import os
import resource
import sys
import time


def run(name, command, out):
    """CPU seconds, wall seconds and peak memory of the command; of a pipeline, the peak of its largest process."""
    start = time.monotonic()
    child = os.posix_spawnp(
        "bash",
        ["bash", "-o", "pipefail", "-c", command],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)],
    )
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"error: {name} ended with status {os.waitstatus_to_exitcode(status)}: {command}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss


def warm_up(name, command):
    out = os.memfd_create("out")
    run(name, command, out)
    os.lseek(out, 0, os.SEEK_SET)
    with os.fdopen(out, "rb") as text:
        line = text.readline().decode(errors="replace").strip()
    if line:
        print(f"{name}: {line}", flush=True)


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return (values[middle] + values[-middle - 1]) / 2


def seconds(value):
    return f"{value:.3f}"


def mebibytes(value):
    # In KiB. A child starts with the memory of this process, which hides any smaller peak.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if value <= own:
        return f"<{own / 1024:.0f}"
    return f"{value / 1024:.0f}"


def table(runs, against, spread):
    shown = [("min", min), ("median", median), ("max", max)] if spread else [("median", median)]
    columns = [("CPU s", seconds), ("wall s", seconds), ("peak MiB", mebibytes)]
    ratios = [(f"{what}/{base}", base, at) for base in against for at, what in enumerate(["CPU", "wall"])]

    heads = "".join(f"{head:>{9 * len(shown)}}" for head, _ in columns)
    print(f"\n{'':12}{heads}" + "".join(f"{head:>18}" for head, _, _ in ratios))
    if spread:
        print(f"{'':12}" + "".join(f"{label:>9}" for label, _ in shown) * len(columns))
    for name, measured in runs.items():
        row = f"{name:12}"
        for at, (_, write) in enumerate(columns):
            row += "".join(f"{write(choose([one[at] for one in measured])):>9}" for _, choose in shown)
        for _, base, at in ratios:
            row += f"{median([one[at] / other[at] for one, other in zip(measured, runs[base])]):18.2f}"
        print(row)


def main(args):
    spread, against = False, []
    while args and args[0].startswith("--"):
        option = args.pop(0)
        if option == "--spread":
            spread = True
        elif option == "--against" and args:
            against.append(args.pop(0))
        else:
            sys.exit(__doc__)
    if len(args) < 3 or len(args) % 2 == 0:
        sys.exit(__doc__)
    if not args[0].isdecimal() or int(args[0]) == 0:
        sys.exit(f"error: {args[0]} is no number of runs")
    commands = dict(zip(args[1::2], args[2::2]))

    for name, command in commands.items():
        warm_up(name, command)
    null = os.open(os.devnull, os.O_WRONLY)
    runs = {name: [] for name in commands}
    for _ in range(int(args[0])):
        for name, command in commands.items():
            runs[name].append(run(name, command, null))
    table(runs, against, spread)


main(sys.argv[1:])
