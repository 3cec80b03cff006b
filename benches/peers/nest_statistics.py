"""Statistics of spikes in NEST. Usage: nest_statistics.py NETWORK SECONDS SEED

NETWORK is one of those below. The first 200 ms do not count; SECONDS follow. Prints a row per
population: rate, CV of intervals, correlation of pairs, synchrony, and where the spectrum of the
rate has its peak, all defined as in src/record (interval.rs, correlation.rs, rate.rs, spectrum.rs).
"""

import sys

import nest
import numpy as np

import nest_simulation

TRANSIENT = 200.0
NETWORKS = {
    "brunel-sr": lambda: nest_simulation.brunel(g=3.0),
    "brunel-fast": lambda: nest_simulation.brunel(g=6.0, eta=4.0),
    "brunel-ai": nest_simulation.brunel,
    "brunel-slow": lambda: nest_simulation.brunel(g=4.5, eta=0.9),
    "microcircuit-0.1": lambda: nest_simulation.microcircuit(0.1),
    "microcircuit": lambda: nest_simulation.microcircuit(1.0),
}


def cv(times, senders):
    """Mean over the neurons with at least three spikes of std / mean of their intervals."""
    order = np.lexsort((times, senders))
    trains = np.split(times[order], np.flatnonzero(np.diff(senders[order])) + 1)
    intervals = [np.diff(train) for train in trains if len(train) > 2]
    return np.mean([np.std(i) / np.mean(i) for i in intervals]) if intervals else float("nan")


def counts(times, ms, end):
    return np.histogram(times, bins=int(end // ms), range=(0.0, end // ms * ms))[0]


def correlation(times, senders, neurons, end):
    """Mean of Pearson's correlation over the pairs of 200 neurons, counts in bins of 2 ms."""
    chosen = np.random.default_rng(0).choice(neurons, min(200, len(neurons)), replace=False)
    rows = np.array([counts(times[senders == neuron], 2.0, end) for neuron in chosen])
    rows = rows[rows.var(axis=1) > 1e-12]
    matrix = np.corrcoef(rows)
    return matrix[np.triu_indices(len(rows), 1)].mean()


def peak(times, end):
    """The frequency with the most power (Welch, Hann window, 1,024 bins of 1 ms at most), in Hz."""
    rate = counts(times, 1.0, end).astype(float)
    length = 1 << (min(len(rate), 1024).bit_length() - 1)
    window = np.hanning(length + 1)[:-1]
    starts = range(0, len(rate) - length + 1, length // 2)
    segments = [rate[s : s + length] for s in starts]
    power = sum(abs(np.fft.rfft(window * (x - x.mean()))[1:]) ** 2 for x in segments)
    return (1 + power.argmax()) * 1000.0 / length


def main():
    network, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=0.1, local_num_threads=1, rng_seed=seed, print_time=False)
    populations = NETWORKS[network]()
    recorders = {name: nest.Create("spike_recorder", params={"start": TRANSIENT}) for name in populations}
    for name, neurons in populations.items():
        nest.Connect(neurons, recorders[name])
    end = 1000.0 * seconds
    nest.Simulate(TRANSIENT + end)
    print(f"{network}, {seconds:g} s, seed {seed}: rate (Hz), CV, correlation, synchrony, peak (Hz)")
    for name, neurons in populations.items():
        events = recorders[name].events
        times, senders = events["times"] - TRANSIENT, events["senders"]
        rate = len(times) / len(neurons) / seconds
        volleys = counts(times, 3.0, end)
        together = correlation(times, senders, np.array(neurons.tolist()), end)
        print(f"{name:5} {rate:7.3f} {cv(times, senders):6.3f} {together:8.5f} {volleys.var() / volleys.mean():8.3f} {peak(times, end):7.1f}")


if __name__ == "__main__":
    main()
