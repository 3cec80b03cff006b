"""The numbers that the peers' scripts share: sizes, fan-outs and the tables of the microcircuit.

Synaptic events of a run are counted in the same way for every simulator: the spikes of a
population times the mean number of synapses that leave one of its neurons.
"""

import math

# Potjans & Diesmann (2014), Cereb. Cortex 24:785, tables 4 and 5.
NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
PROBABILITIES = [  # row: target, column: source
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
]
WEIGHT = 87.8  # pA: a synaptic potential of 0.15 mV
NEURON = {"C_m": 250.0, "tau_m": 10.0, "t_ref": 2.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "tau_syn_ex": 0.5, "tau_syn_in": 0.5}


def synapses(target, source):
    """The number of synapses between two populations at full scale."""
    pairs = SIZES[target] * SIZES[source]
    return math.log(1.0 - PROBABILITIES[target][source]) / math.log(1.0 - 1.0 / pairs)


def weight(target, source):
    """Mean weight in pA; layer 4 excites layer 2/3 twice as strongly."""
    if source % 2:
        return -4.0 * WEIGHT
    return 2.0 * WEIGHT if (target, source) == (0, 2) else WEIGHT


def delay(source):
    return 0.75 if source % 2 else 1.5


def microcircuit(scale):
    """Sizes and fan-outs at `scale` of the neurons with all synapses per neuron."""
    sizes = {name: round(n * scale) for name, n in zip(NAMES, SIZES)}
    fan_out = [sum(synapses(t, s) * scale for t in range(8)) / sizes[NAMES[s]] for s in range(8)]
    return {"sizes": sizes, "fan_out": dict(zip(NAMES, fan_out))}


VOGELS_ABBOTT = {"sizes": {"exc": 3200, "inh": 800}, "fan_out": {"exc": 80.0, "inh": 80.0}}
BRUNEL = {"sizes": {"exc": 10000, "inh": 2500}, "fan_out": {"exc": 1250.0, "inh": 1250.0}}


def feedforward(targets):
    return {"sizes": {"input": 784, "output": targets}, "fan_out": {"input": float(targets), "output": 0.0}}


NETWORKS = {
    "cuba": VOGELS_ABBOTT,
    "coba": VOGELS_ABBOTT,
    "brunel": BRUNEL,
    "brunel-stdp": BRUNEL,
    "feedforward-400": feedforward(400),
    "feedforward-6400": feedforward(6400),
    "microcircuit-0.1": microcircuit(0.1),
    "microcircuit": microcircuit(1.0),
}


def events(network, spikes):
    """Synaptic events of a run, from the spikes of every population."""
    fan_out = NETWORKS[network]["fan_out"]
    return sum(count * fan_out[population] for population, count in spikes.items())
