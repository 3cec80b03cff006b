"""The benchmark networks in NEST. Usage: nest_simulation.py NETWORK SECONDS THREADS

Prints one line of JSON: time to build, time of the simulation phase alone (wall, and processor
time of all threads) and the spikes of every population.
"""

import json
import resource
import sys
import time

import nest
import networks

LIF_DELTA = {"C_m": 1.0, "tau_m": 20.0, "t_ref": 2.0, "E_L": 0.0, "V_reset": 10.0, "V_th": 20.0}
VOGELS_ABBOTT = {"C_m": 200.0, "t_ref": 5.0, "V_th": -50.0, "V_reset": -60.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0}
STDP = {"lambda": 0.001, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0, "tau_plus": 20.0, "Wmax": 0.2}


def cuba():
    return vogels_abbott("iaf_psc_exp", {**VOGELS_ABBOTT, "tau_m": 20.0, "E_L": -49.0}, 16.2, -90.0)


def coba():
    neuron = {**VOGELS_ABBOTT, "g_L": 10.0, "E_L": -60.0, "E_ex": 0.0, "E_in": -80.0}
    net = vogels_abbott("iaf_cond_exp", neuron, 6.0, -67.0)
    # Silence is stable too: 50 ms of noise start the activity.
    noise = nest.Create("poisson_generator", params={"rate": 400.0, "stop": 50.0})
    for neurons in net.values():
        nest.Connect(noise, neurons, syn_spec={"weight": 6.0, "delay": 0.1})
    return net


def vogels_abbott(kind, neuron, excitatory, inhibitory):
    exc, inh = nest.Create(kind, 3200, neuron), nest.Create(kind, 800, neuron)
    (exc + inh).V_m = nest.random.uniform(-60.0, -50.0)
    for source, weight in ((exc, excitatory), (inh, inhibitory)):
        rule = {"rule": "pairwise_bernoulli", "p": 0.02, "allow_autapses": False}
        nest.Connect(source, exc + inh, rule, {"weight": weight, "delay": 0.1})
    return {"exc": exc, "inh": inh}


def brunel(plastic=False, g=5.0, eta=2.0):
    weight = 0.1
    exc, inh = nest.Create("iaf_psc_delta", 10000, LIF_DELTA), nest.Create("iaf_psc_delta", 2500, LIF_DELTA)
    (exc + inh).V_m = nest.random.uniform(0.0, 20.0)
    nest.CopyModel("static_synapse_hom_w", "excitation", {"weight": weight, "delay": 1.5})
    nest.CopyModel("static_synapse_hom_w", "inhibition", {"weight": -g * weight, "delay": 1.5})
    nest.CopyModel("stdp_synapse_hom", "plastic", STDP)
    noise = nest.Create("poisson_generator", params={"rate": eta * 10000.0})
    nest.Connect(noise, exc + inh, syn_spec="excitation")
    within = {"rule": "fixed_indegree", "indegree": 1000}
    within_exc = {"synapse_model": "plastic", "weight": weight, "delay": 1.5} if plastic else "excitation"
    nest.Connect(exc, exc, within, within_exc)
    nest.Connect(exc, inh, within, "excitation")
    nest.Connect(inh, exc + inh, {"rule": "fixed_indegree", "indegree": 250}, "inhibition")
    return {"exc": exc, "inh": inh}


def feedforward(targets):
    neuron = {**LIF_DELTA, "V_reset": 0.0, "V_th": 15.0}
    noise = nest.Create("poisson_generator", params={"rate": 8.5})
    source, target = nest.Create("parrot_neuron", 784), nest.Create("iaf_psc_delta", targets, neuron)
    nest.Connect(noise, source)
    nest.CopyModel("stdp_synapse_hom", "plastic", STDP)
    weights = nest.random.uniform(0.0, 0.2)
    nest.Connect(source, target, "all_to_all", {"synapse_model": "plastic", "weight": weights, "delay": 1.0})
    return {"input": source, "output": target}


def microcircuit(scale):
    """Potjans & Diesmann (2014) with `scale` of the neurons and all synapses per neuron."""
    sizes = networks.microcircuit(scale)["sizes"]
    populations = {name: nest.Create("iaf_psc_exp", n, networks.NEURON) for name, n in sizes.items()}
    for t, target in enumerate(populations.values()):
        # One synapse model takes 134 million synapses per thread at most.
        nest.CopyModel("static_synapse", f"onto_{t}")
        target.V_m = nest.random.normal(-58.0, 10.0)
        noise = nest.Create("poisson_generator", params={"rate": 8.0 * networks.EXTERNAL[t]})
        nest.Connect(noise, target, syn_spec={"weight": networks.WEIGHT, "delay": 1.5})
        for s, source in enumerate(populations.values()):
            number = round(networks.synapses(t, s) * scale)
            if number:
                nest.Connect(source, target, {"rule": "fixed_total_number", "N": number}, synapse(t, s))
    return populations


def synapse(target, source):
    mean, delay = networks.weight(target, source), networks.delay(source)
    sign = {"min": 0.0, "max": 1e9} if mean > 0.0 else {"min": -1e9, "max": 0.0}
    weights = nest.math.redraw(nest.random.normal(mean, 0.1 * abs(mean)), **sign)
    delays = nest.math.redraw(nest.random.normal(delay, 0.5 * delay), min=0.05, max=1e9)
    return {"synapse_model": f"onto_{target}", "weight": weights, "delay": delays}


NETWORKS = {
    "cuba": cuba,
    "coba": coba,
    "brunel": brunel,
    "brunel-stdp": lambda: brunel(plastic=True),
    "feedforward-400": lambda: feedforward(400),
    "feedforward-6400": lambda: feedforward(6400),
    "microcircuit-0.1": lambda: microcircuit(0.1),
    "microcircuit": lambda: microcircuit(1.0),
}


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    network, seconds, threads = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=0.1, local_num_threads=threads, rng_seed=1, print_time=False)
    begin = time.perf_counter()
    populations = NETWORKS[network]()
    recorders = {name: nest.Create("spike_recorder") for name in populations}
    for name, neurons in populations.items():
        nest.Connect(neurons, recorders[name])
    nest.Prepare()
    nest.Run(0.1)  # the first step sorts the connections: part of building
    built, cpu = time.perf_counter(), processor_time()
    nest.Run(1000.0 * seconds)
    end, cpu = time.perf_counter(), processor_time() - cpu
    spikes = {name: recorder.n_events for name, recorder in recorders.items()}
    print(json.dumps({"build_wall_s": built - begin, "run_wall_s": end - built, "run_cpu_s": cpu, "spikes": spikes}))


if __name__ == "__main__":
    main()
