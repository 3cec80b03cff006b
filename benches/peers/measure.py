"""Runs the benchmark networks in twinfire, NEST and Brian2 side by side and prints one Markdown table.

Usage: measure.py [--networks NAME,...] [--simulators NAME,...] [--threads 1,2] [--repeat N]
                  [--twinfire PATH] [--seconds S] [--out FILE]

Every cell is a fresh process. The simulation phase is timed inside it: wall-clock time, and
processor time of all its threads. With --repeat N the run with the least processor time counts.
A line of JSON per run goes to FILE (default: ../../target/peers.jsonl).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import networks

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# How long each network is simulated, in seconds of biological time: about ten seconds of the
# fastest simulator would be fair to all, but the slow ones would take an hour.
SECONDS = {
    "cuba": {"twinfire": 20, "brian": 20, "nest": 5},
    "coba": {"twinfire": 20, "brian": 20, "nest": 2},
    "brunel": {"twinfire": 5, "brian": 2, "nest": 1},
    "brunel-stdp": {"twinfire": 3, "brian": 1, "nest": 0.5},
    "feedforward-400": {"twinfire": 20, "brian": 10, "nest": 5},
    "feedforward-6400": {"twinfire": 5, "brian": 2, "nest": 1},
    "microcircuit-0.1": {"twinfire": 5, "brian": 1, "nest": 1},
    "microcircuit": {"twinfire": 5, "nest": 0.5},
}
MODELS = {
    "cuba": ["models/vogels-abbott-cuba.toml"],
    "coba": ["models/vogels-abbott-coba.toml"],
    "brunel": ["models/brunel.toml"],
    "brunel-stdp": ["models/brunel-stdp.toml"],
    "feedforward-400": ["benches/peers/feedforward.toml", "--set", "n=400"],
    "feedforward-6400": ["benches/peers/feedforward.toml", "--set", "n=6400"],
    "microcircuit-0.1": ["models/microcircuit.toml", "--set", "scale=0.1"],
    "microcircuit": ["models/microcircuit.toml"],
}
NAMES = {"twinfire": "twinfire", "nest": "NEST", "brian": "Brian2"}


def simulate(simulator, network, seconds, threads, options):
    """One run; returns its line of JSON."""
    if simulator == "twinfire":
        return simulate_twinfire(options.twinfire, network, seconds, threads)
    command = [sys.executable, HERE / f"{simulator}_simulation.py", network, str(seconds), str(threads)]
    environment = {**os.environ, "PYNEST_QUIET": "1", "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.strip().splitlines()[-1])


def simulate_twinfire(binary, network, seconds, threads):
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "simulate", *MODELS[network], "--set", f'simulation.duration="{seconds} s"']
        command += ["--threads", str(threads), "--quiet", "--force", "--output", folder]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        summary = json.loads((Path(folder) / "summary.json").read_text())
    wanted = networks.NETWORKS[network]["sizes"]
    spikes = {p["name"]: p["spikes"] for p in summary["populations"] if p["name"] in wanted}
    if "cost" not in summary:
        raise RuntimeError("summary.json says nothing about the cost of the run")
    cost = {key: summary["cost"][key] for key in ("build_wall_s", "run_wall_s", "run_cpu_s")}
    return cost | {"spikes": spikes}


def best(simulator, network, threads, options):
    seconds = options.seconds or SECONDS[network].get(simulator)
    if seconds is None:
        return None
    runs = []
    for _ in range(options.repeat):
        try:
            runs.append(simulate(simulator, network, seconds, threads, options))
        except (RuntimeError, OSError) as error:
            print(f"{network} in {simulator}: {error}", file=sys.stderr)
            return None
    run = min(runs, key=lambda r: r["run_cpu_s"])
    run |= {"network": network, "simulator": simulator, "threads": threads, "seconds": seconds}
    run["events"] = networks.events(network, run["spikes"])
    with open(options.out, "a") as out:
        out.write(json.dumps(run) + "\n")
    print(json.dumps(run), file=sys.stderr)
    return run


def row(run, base):
    size = networks.NETWORKS[run["network"]]["sizes"]
    rates = " ".join(f"{n / size[p] / run['seconds']:.3g}" for p, n in run["spikes"].items())
    ratio = lambda key: "" if base is None else f"{(run[key] / run['seconds']) / (base[key] / base['seconds']):.3g}"
    cells = [
        run["network"], NAMES[run["simulator"]], str(run["threads"]),
        f"{run['run_cpu_s'] / run['seconds']:.3g}", f"{run['run_wall_s'] / run['seconds']:.3g}",
        f"{run['events'] / run['run_cpu_s'] / 1e6:.3g}", ratio("run_cpu_s"), ratio("run_wall_s"),
        f"{run['build_wall_s']:.3g}", rates,
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


HEAD = """\
| network | simulator | threads | CPU s per s | wall s per s | M events per CPU s | CPU, times twinfire | wall, times twinfire | build, wall s | rates, Hz |
|---|---|--:|--:|--:|--:|--:|--:|--:|---|"""


def main():
    parser = argparse.ArgumentParser(description="twinfire beside NEST and Brian2")
    parser.add_argument("--networks", default="cuba,coba,brunel,brunel-stdp,feedforward-400,feedforward-6400,microcircuit-0.1")
    parser.add_argument("--simulators", default="twinfire,nest,brian")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--twinfire", default=str(ROOT / "target/release/twinfire"))
    parser.add_argument("--out", default=str(ROOT / "target/peers.jsonl"))
    options = parser.parse_args()
    table = [HEAD]
    for network in options.networks.split(","):
        for threads in (int(t) for t in options.threads.split(",")):
            runs = [best(s, network, threads, options) for s in options.simulators.split(",")]
            runs = [run for run in runs if run]
            base = next((run for run in runs if run["simulator"] == "twinfire"), None)
            table += [row(run, base) for run in runs]
    print("\n".join(table))


if __name__ == "__main__":
    main()
