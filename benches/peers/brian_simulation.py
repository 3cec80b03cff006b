"""The benchmark networks in Brian2, C++ standalone. Usage: brian_simulation.py NETWORK SECONDS THREADS

Prints one line of JSON, as nest_simulation.py does. Its build time holds the generation of code,
the compilation and the construction of the network; timers inside the generated program measure
the simulation phase.
"""

import json
import shutil
import sys
import tempfile
import time

import brian2 as b
from brian2 import Hz, Network, NeuronGroup, PoissonGroup, PoissonInput, SpikeMonitor, Synapses, ms, mV, second

import networks

LIF_DELTA = "dv/dt = -v / (20*ms) : volt (unless refractory)"


def cuba():
    equations = """
    dv/dt = (ge + gi - (v + 49*mV)) / (20*ms) : volt (unless refractory)
    dge/dt = -ge / (5*ms) : volt
    dgi/dt = -gi / (10*ms) : volt
    """
    return vogels_abbott(equations, "exact", "ge += 1.62*mV", "gi -= 9*mV")


def coba():
    equations = """
    dv/dt = (ge*(0*mV - v) + gi*(-80*mV - v) - (v + 60*mV)) / (20*ms) : volt (unless refractory)
    dge/dt = -ge / (5*ms) : 1
    dgi/dt = -gi / (10*ms) : 1
    """
    net = vogels_abbott(equations, "exponential_euler", "ge += 0.6", "gi += 6.7")
    # Silence is stable too: conductances that are open at the start begin the activity.
    neurons = net["neurons"]
    neurons.ge, neurons.gi = "(randn()*1.5 + 4) * 0.6", "(randn()*12 + 20) * 0.6"
    return net


def vogels_abbott(equations, method, on_exc, on_inh):
    neurons = NeuronGroup(4000, equations, threshold="v > -50*mV", reset="v = -60*mV", refractory=5 * ms, method=method)
    neurons.v = "-60*mV + rand() * 10*mV"
    exc, inh = neurons[:3200], neurons[3200:]
    net = {"neurons": neurons, "exc": exc, "inh": inh}
    for name, source, on_pre in (("e", exc, on_exc), ("i", inh, on_inh)):
        net["synapses_" + name] = Synapses(source, neurons, on_pre=on_pre)
        net["synapses_" + name].connect(p=0.02)
    return net


STDP = """
w : volt
dpre/dt = -pre / (20*ms) : 1 (event-driven)
dpost/dt = -post / (20*ms) : 1 (event-driven)
"""
ON_PRE = """
v_post += w
pre += 1
w = w - 0.001 * w * post
"""
ON_POST = """
post += 1
w = w + 0.001 * (0.2*mV - w) * pre
"""


def brunel(plastic=False):
    neurons = NeuronGroup(12500, LIF_DELTA, threshold="v > 20*mV", reset="v = 10*mV", refractory=2 * ms, method="exact")
    neurons.v = "rand() * 20*mV"
    exc, inh = neurons[:10000], neurons[10000:]
    net = {"neurons": neurons, "exc": exc, "inh": inh, "background": PoissonInput(neurons, "v", 1000, 20 * Hz, 0.1 * mV)}
    if plastic:
        net["ee"] = Synapses(exc, exc, STDP, on_pre=ON_PRE, on_post=ON_POST)
        net["ei"] = Synapses(exc, inh, on_pre="v_post += 0.1*mV")
    else:
        net["e"] = Synapses(exc, neurons, on_pre="v_post += 0.1*mV")
    net["i"] = Synapses(inh, neurons, on_pre="v_post -= 0.5*mV")
    for name in [n for n, item in net.items() if isinstance(item, Synapses)]:
        net[name].connect(p=0.1)
        net[name].pre.delay = 1.5 * ms
    if plastic:
        net["ee"].w = 0.1 * mV
    return net


def feedforward(targets):
    source = PoissonGroup(784, 8.5 * Hz)
    target = NeuronGroup(targets, LIF_DELTA, threshold="v > 15*mV", reset="v = 0*mV", refractory=2 * ms, method="exact")
    plastic = Synapses(source, target, STDP, on_pre=ON_PRE, on_post=ON_POST)
    plastic.connect()
    plastic.pre.delay = 1 * ms
    plastic.w = "rand() * 0.2*mV"
    return {"input": source, "output": target, "plastic": plastic}


def microcircuit(scale):
    """Potjans & Diesmann (2014) with `scale` of the neurons and all synapses per neuron."""
    equations = """
    dv/dt = (-65*mV - v) / (10*ms) + i_syn / (250*pF) : volt (unless refractory)
    di_syn/dt = -i_syn / (0.5*ms) : amp
    """
    sizes = networks.microcircuit(scale)["sizes"]
    neurons = NeuronGroup(sum(sizes.values()), equations, threshold="v > -50*mV", reset="v = -65*mV", refractory=2 * ms, method="exact")
    neurons.v = "-58*mV + 10*mV * randn()"
    net, first = {"neurons": neurons}, 0
    for name, size in sizes.items():
        net[name], first = neurons[first : first + size], first + size
    for t, target in enumerate(sizes):
        background = networks.EXTERNAL[t]
        net["background_" + target] = PoissonInput(net[target], "i_syn", background, 8 * Hz, networks.WEIGHT * b.pA)
        for s, source in enumerate(sizes):
            number = round(networks.synapses(t, s) * scale)
            if number:
                net[f"{source}_to_{target}"] = random_synapses(net, (t, target), (s, source), number)
    return net


def random_synapses(net, target, source, number):
    mean, delay = networks.weight(target[0], source[0]), networks.delay(source[0])
    synapses = Synapses(net[source[1]], net[target[1]], "w : amp", on_pre="i_syn_post += w")
    rng = b.np.random.default_rng(1000 * target[0] + source[0])
    synapses.connect(i=rng.integers(len(net[source[1]]), size=number), j=rng.integers(len(net[target[1]]), size=number))
    sign = "clip({}, 0, inf)" if mean > 0 else "clip({}, -inf, 0)"
    synapses.w = sign.format(f"{mean} + {abs(mean) / 10} * randn()") + " * pA"
    synapses.delay = f"clip({delay} + {delay / 2} * randn(), 0.1, inf) * ms"
    return synapses


NETWORKS = {
    "cuba": cuba,
    "coba": coba,
    "brunel": brunel,
    "brunel-stdp": lambda: brunel(plastic=True),
    "feedforward-400": lambda: feedforward(400),
    "feedforward-6400": lambda: feedforward(6400),
    "microcircuit-0.1": lambda: microcircuit(0.1),
}

TIMERS = """
timespec wall_{0}, cpu_{0};
clock_gettime(CLOCK_MONOTONIC, &wall_{0});
clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_{0});
"""
PRINT = """
FILE *timers = fopen("timers", "w");
fprintf(timers, "%.6f %.6f\\n", (wall_1.tv_sec - wall_0.tv_sec) + 1e-9 * (wall_1.tv_nsec - wall_0.tv_nsec),
        (cpu_1.tv_sec - cpu_0.tv_sec) + 1e-9 * (cpu_1.tv_nsec - cpu_0.tv_nsec));
fclose(timers);
"""


def main():
    network, seconds, threads = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    folder = tempfile.mkdtemp(prefix="brian-")
    b.set_device("cpp_standalone", directory=folder, build_on_run=False)
    b.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
    b.prefs.devices.cpp_standalone.extra_make_args_unix = ["-j2"]
    b.prefs.codegen.cpp.headers += ["<time.h>", "<stdio.h>"]
    b.defaultclock.dt = 0.1 * ms
    b.seed(1)
    begin = time.perf_counter()
    parts = NETWORKS[network]()
    groups = {name: parts[name] for name in networks.NETWORKS[network]["sizes"]}
    monitors = {name: SpikeMonitor(group, record=False) for name, group in groups.items()}
    net = Network([part for part in parts.values() if not isinstance(part, b.Subgroup)], list(monitors.values()))
    b.device.insert_code("before_network_run", TIMERS.format(0))
    b.device.insert_code("after_network_run", TIMERS.format(1) + PRINT)
    net.run(seconds * second, namespace={**vars(b.units.allunits), "mV": mV, "ms": ms})
    b.device.build(directory=folder, compile=True, run=True, with_output=False)
    total = time.perf_counter() - begin
    wall, cpu = (float(x) for x in open(f"{folder}/timers").read().split())
    spikes = {name: int(monitor.num_spikes) for name, monitor in monitors.items()}
    print(json.dumps({"build_wall_s": total - wall, "run_wall_s": wall, "run_cpu_s": cpu, "spikes": spikes}))
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
