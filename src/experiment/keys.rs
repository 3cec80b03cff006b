//! The keys of an experiment file.

use super::training::Training;
use crate::dataset;
use crate::decode;
use crate::document::key::{Holds, Key, KindRow, rows};
use crate::encode;
use crate::rule;
use crate::task;

const fn key(name: &'static str, holds: Holds, doc: &'static str) -> Key {
    Key { name, holds, required: false, doc }
}

const fn required(name: &'static str, holds: Holds, doc: &'static str) -> Key {
    Key { name, holds, required: true, doc }
}

// Needed for every regime, but they may stand under `[spiking]` and `[rate]` instead.
const ENCODER: Key =
    key("encoder", Holds::Kind(encoders), "What a sample becomes before it enters the network; needed");
const DECODER: Key = key("decoder", Holds::Kind(decoders), "How one score per class is read from the output; needed");
const RULE: Key = key("rule", Holds::Kinds(rules), "The learning rule; of several, each is trained on its own; needed");
const TRAINING: Key = key("training", Holds::Fields(Training::FIELDS), "How long and on what the network is trained");

/// The top level.
pub const EXPERIMENT: &[Key] = &[
    key("title", Holds::Text, "What the experiment is called in reports; the file's name otherwise"),
    key("model", Holds::Text, "Path of the model file, from the folder of the experiment file"),
    key("model_text", Holds::Text, "The text of a model file, in place of `model`; saved experiments have it"),
    key(
        "set",
        Holds::Anything,
        "Changes to the model: its parameters by name, any other value by its place in the file",
    ),
    key(
        "start",
        Holds::Text,
        "Path of a checkpoint, from the folder of the experiment file (in `--set` from the working folder): trainings start from its best weights",
    ),
    required(
        "dataset",
        Holds::Kind(datasets),
        "A data set by its name, or files of your own (`twinfire list datasets`)",
    ),
    key("task", Holds::Kind(tasks), "What is asked of the network; `classification` by default"),
    ENCODER,
    DECODER,
    RULE,
    key("regimes", Holds::Words(&["spiking", "rate"]), "The regimes to train in; both by default"),
    key("seeds", Holds::Counts, "Every arm is trained once with each of these seeds; `[1]` by default"),
    key("examples", Holds::Count, "Test presentations of which the report shows rasters; 3 by default"),
    TRAINING,
    key("spiking", Holds::Table(REGIME), "What differs in the spiking regime"),
    key("rate", Holds::Table(REGIME), "What differs in the rate regime"),
];

/// `[spiking]` and `[rate]`
pub const REGIME: &[Key] = &[ENCODER, DECODER, RULE, TRAINING];

fn datasets() -> Vec<KindRow> {
    rows(dataset::KINDS)
}

fn tasks() -> Vec<KindRow> {
    rows(task::KINDS)
}

fn encoders() -> Vec<KindRow> {
    rows(encode::KINDS)
}

fn decoders() -> Vec<KindRow> {
    rows(decode::KINDS)
}

fn rules() -> Vec<KindRow> {
    rows(rule::KINDS)
}

/// The JSON Schema of an experiment file.
pub fn schema() -> serde_json::Value {
    crate::document::schema::document("twinfire experiment", EXPERIMENT)
}
