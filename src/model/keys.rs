//! The keys of a model file, table by table.

use std::sync::Arc;

use crate::distribution;
use crate::document::Table;
use crate::document::key::{Holds, Key, KindRow, rows};
use crate::document::kind::{Owner, names_of};
use crate::document::reader::Reader;
use crate::error::{Place, Source};
use crate::input;
use crate::neuron::{self, Neuron};
use crate::parameter::{Field, Form, Kind, Range, Value, Values};
use crate::plasticity::{self, on_spikes::SpikeRule};
use crate::topology;
use crate::unit::Dimension;

const fn key(name: &'static str, holds: Holds, doc: &'static str) -> Key {
    Key { name, holds, required: false, doc }
}

const fn required(name: &'static str, holds: Holds, doc: &'static str) -> Key {
    Key { name, holds, required: true, doc }
}

/// The top level.
pub const MODEL: &[Key] = &[
    key("title", Holds::Text, "What the model is called in figures and reports; the file's name otherwise"),
    key(
        "parameters",
        Holds::Numbers,
        "Named numbers, quantities and lists; values elsewhere may do arithmetic on them",
    ),
    key("simulation", Holds::Fields(SIMULATION), "Time step, duration, seed and precision"),
    key("layers", Holds::List(LAYER), "Shorthand for a feed-forward chain; it expands to populations and projections"),
    key("populations", Holds::Named(POPULATION), "Groups of neurons of one kind"),
    key("projections", Holds::Named(PROJECTION), "Synapses from populations to populations"),
    key("inputs", Holds::NamedWithKind(INPUT, inputs), "What drives populations from outside"),
    key(
        "record",
        Holds::NamedWithTables(RECORD, &[SAMPLE, SYNAPSES]),
        "What `twinfire simulate` writes down, by the name of the population or projection",
    ),
    key("readout", Holds::Text, "The population whose activity is decoded in training; the last layer otherwise"),
];

/// `[simulation]`
pub const SIMULATION: &[Field] = &[
    Field {
        name: "resolution",
        aliases: &["timestep", "dt"],
        form: Form::Quantity(Dimension::Time),
        default: Some("0.1 ms"),
        range: Range::Positive,
        doc: "Length of a tick, 1 us or more: the grid of all event times; 1 ms by default for layered models",
    },
    Field {
        name: "duration",
        aliases: &["simtime"],
        form: Form::Quantity(Dimension::Time),
        default: Some("0 ms"),
        range: Range::NotNegative,
        doc: "How long `twinfire simulate` runs unless told otherwise",
    },
    Field {
        name: "seed",
        aliases: &["rng_seed"],
        form: Form::Count,
        default: Some("0"),
        range: Range::NotNegative,
        doc: "Seed of all random numbers of a simulation",
    },
    Field {
        name: "precision",
        aliases: &[],
        form: Form::Choice(&["double", "single"]),
        default: Some("double"),
        range: Range::Any,
        doc: "Floating-point type of membranes and weights in a simulation; training uses single",
    },
    Field {
        name: "spike_times",
        aliases: &[],
        form: Form::Choice(&["grid", "precise"]),
        default: Some("grid"),
        range: Range::Any,
        doc: "Whether neurons spike at ticks, or at the exact times in between (kinds with delta or exponential synapses)",
    },
];

/// `[populations.NAME]`
pub const POPULATION: &[Key] = &[
    key("names", Holds::Names, "Makes several populations, called so; the table's name stands for all of them"),
    key(
        "size",
        Holds::CountOrCounts,
        "Number of neurons; give this or `shape`. A list has one for each of the `names`",
    ),
    key("shape", Holds::Counts, "Rows and columns (and channels) of the population, such as `[28, 28]`"),
    required(
        "neuron",
        Holds::Neuron(neurons, distributions),
        "`neuron.KIND = { … }`, the name of another population (the same kind and values), or \"source\"",
    ),
    key("color", Holds::Text, "What figures draw it in: `\"#c03030\"`, or a name as in CSS such as `\"steelblue\"`"),
];

/// `[projections.NAME]`
pub const PROJECTION: &[Key] = &[
    required("source", Holds::Names, "Population or populations the spikes come from"),
    required("target", Holds::Names, "Population or populations the spikes go to; one projection is made per pair"),
    key("connect", Holds::KindOfPairs(topologies), "Who connects to whom; \"all_to_all\" by default"),
    key(
        "weight",
        Holds::Weight(distributions),
        "A number, a quantity or arithmetic; `weight.DISTRIBUTION = { … }`; or `weight.file = \"w.npy\"`. Needed, \
         unless a `list` gives every synapse its own",
    ),
    key(
        "delay",
        Holds::Delay(distributions),
        "From a spike to its arrival, one tick or more; one tick by default. A time, or `delay.DISTRIBUTION = { … }`",
    ),
    key(
        "plasticity",
        Holds::Rules(rules, MODULATOR),
        "`plasticity.RULE = { … }`: rules by which spikes change the synapses",
    ),
    key(
        "receptor_type",
        Holds::Count,
        "Onto parrots: 0, the default, for spikes that they repeat, 1 for spikes that they do not, as in NEST",
    ),
    key("plastic", Holds::Flag, "Whether the rule of a training may change the weights; true by default"),
];

/// `[projections.NAME] plasticity.RULE = { … }`, beside the parameters of the rule.
pub const MODULATOR: &[Key] =
    &[key("modulator", Holds::Text, "Population whose spikes modulate the rule, for rules that wait for them")];

/// `[inputs.NAME]`, which also holds one kind.
pub const INPUT: &[Key] = &[required("target", Holds::Names, "Population or populations that are driven")];

/// `[record.NAME]`, which also holds samples of state variables.
pub const RECORD: &[Key] = &[
    key("spikes", Holds::Flag, "Of a population: whether its spikes are written down; true by default"),
    key("v", Holds::Table(SAMPLE), "Of a population: samples of its membranes; other state variables likewise"),
    key("weights", Holds::Table(SYNAPSES), "Of a projection: samples of its weights; variables of its rules likewise"),
];

/// `[record.POPULATION] v = { … }`, or another state variable.
pub const SAMPLE: &[Key] = &[
    key("neurons", Holds::Counts, "Indices of neurons, from 0; all by default"),
    key("every", Holds::Quantity(Dimension::Time), "Time between samples; one tick by default"),
];

/// `[record.PROJECTION] weights = { … }`, or a variable of a rule.
pub const SYNAPSES: &[Key] = &[
    key("synapses", Holds::Count, "How many, spread evenly over the projection; 100 by default"),
    required("every", Holds::Quantity(Dimension::Time), "Time between samples"),
];

/// `[[layers]]`
pub const LAYER: &[Key] = &[
    key("name", Holds::Text, "Name of the population; `input`, `hidden_1`, `hidden_2`, …, `output` by default"),
    key("size", Holds::Count, "First layer: number of sources; give this or `shape`"),
    key("shape", Holds::Counts, "First layer: rows and columns (and channels) of the sources"),
    key("dense", Holds::Count, "Later layers: number of neurons, each connected to every neuron of the layer before"),
    key("neuron", Holds::Neuron(neurons, distributions), "As in a population; \"integrate_and_fire\" by default"),
    key("weight", Holds::Weight(distributions), "As in a projection; \"he_normal\" by default"),
    key("delay", Holds::Quantity(Dimension::Time), "As in a projection"),
    key("plastic", Holds::Flag, "As in a projection"),
    key("color", Holds::Text, "As in a population"),
    key("readout", Holds::Flag, "Whether this layer is decoded in training; the last layer is by default"),
];

fn neurons() -> Vec<KindRow> {
    rows(neuron::KINDS)
}

fn topologies() -> Vec<KindRow> {
    rows(topology::KINDS)
}

fn distributions() -> Vec<KindRow> {
    rows(distribution::KINDS)
}

fn rules() -> Vec<KindRow> {
    rows(plasticity::KINDS)
}

fn inputs() -> Vec<KindRow> {
    rows(input::KINDS)
}

/// So many kinds and more are not told by name.
const FEW: usize = 6;

/// Where a key of a model belongs: to a table with fixed keys, or to a kind in one.
pub(super) fn place_of(key: &str) -> Option<String> {
    let of_fields = |fields: &[Field]| fields.iter().any(|field| names_of(field).any(|name| name == key));
    let of_kinds = |kinds: Vec<KindRow>| kinds.iter().any(|kind| of_fields(kind.fields));
    let of_keys = |keys: &[Key]| keys.iter().any(|row| row.name == key);
    let place = match key {
        _ if of_fields(SIMULATION) => format!("`[simulation]`: write `simulation.{key} = …`"),
        _ if of_keys(MODEL) => "the top level of the file".into(),
        _ if of_keys(POPULATION) => "a table `[populations.NAME]`".into(),
        _ if of_keys(PROJECTION) => "a table `[projections.NAME]`".into(),
        _ if of_keys(SAMPLE) => format!("a variable in `[record.NAME]`: `v = {{ {key} = … }}`"),
        _ if of_keys(RECORD) => "a table `[record.NAME]`".into(),
        _ if of_keys(LAYER) => "a table `[[layers]]`".into(),
        _ if of_kinds(neurons()) => {
            let having = neurons().into_iter().filter(|kind| of_fields(kind.fields)).map(|kind| kind.name);
            let having: Vec<&str> = having.collect();
            let few = if having.len() < FEW { format!(" with KIND {}", having.join(" or ")) } else { String::new() };
            format!("the kind of neuron: `neuron.KIND = {{ {key} = … }}`{few}")
        }
        _ if of_kinds(inputs()) => format!("the kind of an input: `[inputs.NAME] KIND = {{ {key} = … }}`"),
        _ if of_kinds(rules()) => format!("a rule of a projection: `plasticity.RULE = {{ {key} = … }}`"),
        _ if of_kinds(topologies()) => format!("the topology of a projection: `connect.TOPOLOGY = {{ {key} = … }}`"),
        _ => return None,
    };
    Some(place)
}

/// The state variables of a kind of neuron that can be recorded, whatever its parameters.
pub fn variables(kind: &'static Kind<dyn Neuron>) -> &'static [(&'static str, Dimension)] {
    let apart = |mut values: Values| {
        // Where the time constants of synapses differ, each receptor has a current of its own.
        if let Some(&Value::Number(tau)) = values.get("tau_syn_i") {
            values.set("tau_syn_i", Value::Number(2.0 * tau));
        }
        (kind.build)(&values)
    };
    defaults(kind).and_then(|values| apart(values).ok()).map_or(&[], |neuron| neuron.variables())
}

/// What can be recorded of a rule on spikes beside weights.
pub fn rule_variables(kind: &'static Kind<dyn SpikeRule>) -> &'static [(&'static str, Dimension)] {
    defaults(kind).and_then(|values| (kind.build)(&values).ok()).map_or(&[], |rule| rule.variables())
}

/// The parameters of a kind of which none is given; `None` where one is needed.
fn defaults<T: ?Sized>(kind: &Kind<T>) -> Option<Values> {
    let place = Place { source: Arc::new(Source { name: kind.name.into(), text: String::new() }), span: 0..0 };
    let owner = Owner { name: kind.name, place: &place };
    Reader::default().values(&owner, &Table::default(), kind.fields, None)
}

/// The JSON Schema of a model file.
pub fn schema() -> serde_json::Value {
    crate::document::schema::document("twinfire model", MODEL)
}
