//! Whether a training can go on with another version of its experiment, and what differs.
//!
//! More epochs, other seeds, another title and other examples leave a training what it is; anything else does not.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::position::Position;
use super::training::{Schedule, Training};
use super::{Arm, Experiment};
use crate::dataset;

/// Keys that may differ: they change nothing of a training that has begun.
const FREE: [&str; 3] = ["title", "seeds", "examples"];
const REGIMES: [&str; 2] = ["spiking", "rate"];
/// Keys that hold for both regimes, or for each on its own.
const SHARED: [&str; 4] = ["encoder", "decoder", "rule", "training"];
const EPOCHS: &str = "training.epochs";
/// So many differences are told.
const TOLD: usize = 5;

/// Whether a training that a version of its experiment began can go on in another.
///
/// # Errors
/// A sentence that says which keys differ, and how.
pub fn compare(old: &str, new: &str) -> std::result::Result<(), String> {
    if old == new {
        return Ok(());
    }
    let (old, new) = (values(old), values(new));
    let is_free =
        |key: &str| FREE.contains(&key) || key == EPOCHS || key.ends_with(&format!(".{EPOCHS}")) || is_data_file(key);
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    let differs = |key: &&String| old.get(*key) != new.get(*key) && !is_free(key);
    let differences: Vec<String> = told(keys.filter(differs).map(String::as_str).collect(), &old, &new);
    match differences.is_empty() {
        true => Ok(()),
        false => Err(format!("it is of another experiment: {}", differences.join("; "))),
    }
}

/// Whether a training that came to `position` can go on as `experiment` says.
///
/// # Errors
/// As [`compare`], and when it is further than the experiment goes, or of an arm or a seed that is left out: the
/// summary would be without it.
pub fn check(position: &Position, experiment: &Experiment) -> std::result::Result<(), String> {
    compare(&position.experiment, &experiment.whole())?;
    let (arm, seed) = (&position.arm, position.seed);
    if !experiment.seeds.contains(&seed) {
        return Err(format!("it holds {arm} with seed {seed}, which `seeds` leaves out"));
    }
    if experiment.arms.iter().all(|other| other.label() != *arm) {
        return Err(format!(
            "it holds {arm} with seed {seed}, which is left out: resume it too, or name another folder with -o"
        ));
    }
    let done = position.epoch + u32::from(position.batch > 0);
    let epochs = experiment.arms.iter().find(|other| other.label() == *arm).map(|arm| arm.training.epochs);
    match epochs {
        Some(epochs) if epochs < done => {
            Err(format!("{done} epochs of {arm} with seed {seed} are done or begun, and `{EPOCHS}` is {epochs}"))
        }
        _ => Ok(()),
    }
}

/// What another number of epochs does to the learning rate of a training that goes on, where it does anything.
pub fn note(position: &Position, arm: &Arm) -> Option<String> {
    let old = epochs(&values(&position.experiment), arm)?;
    let Training { epochs: new, schedule, .. } = arm.training;
    if old == new {
        return None;
    }
    let percent = |epochs: u32| {
        let done = f64::from(position.epoch) / f64::from(epochs.max(1));
        (100.0 * schedule.factor(position.epoch, (done * 1e6) as u64, 1_000_000)).round()
    };
    let (label, seed) = (arm.label(), position.seed);
    let of = format!("{label} seed {seed} goes on to epoch {new} instead of {old}");
    Some(match schedule {
        Schedule::Cosine => format!(
            "{of}: the cosine schedule falls over all {new} epochs now, so the learning rate goes on at {} % of the full \
             one, where it was {} %",
            percent(new),
            percent(old)
        ),
        Schedule::Constant | Schedule::Step(_) => format!("{of}: the schedule does not depend on their number"),
    })
}

fn epochs(values: &BTreeMap<String, Value>, arm: &Arm) -> Option<u32> {
    let value = values.get(&format!("{}.{EPOCHS}", arm.regime.name()))?;
    value.as_integer().and_then(|number| u32::try_from(number).ok())
}

/// Whether a key names a file of data, which may stand elsewhere: its checksum tells whether it is the same.
fn is_data_file(key: &str) -> bool {
    key.strip_prefix("dataset.").and_then(|key| key.split_once('.')).is_some_and(|(_, field)| dataset::is_path(field))
}

/// Differences in words; those that both regimes share are told once.
fn told(keys: Vec<&str>, old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> Vec<String> {
    let shown = |value: Option<&Value>| value.map_or("not set".to_owned(), |value| short(&value.to_string()));
    let line = |key: &str, name: &str| {
        let of_data = if key.starts_with("dataset.") && key.ends_with(dataset::CHECKSUM) {
            "the data have changed: "
        } else {
            ""
        };
        format!("{of_data}`{name}` is {}, and was {}", shown(new.get(key)), shown(old.get(key)))
    };
    let mut lines: Vec<String> = Vec::new();
    for key in &keys {
        let other = REGIMES.iter().find_map(|regime| key.strip_prefix(&format!("{regime}.")));
        let both = |name: &str| REGIMES.iter().all(|regime| keys.contains(&format!("{regime}.{name}").as_str()));
        let told = line(key, other.filter(|name| both(name)).unwrap_or(key));
        if !lines.contains(&told) {
            lines.push(told);
        }
    }
    let more = lines.len().saturating_sub(TOLD);
    lines.truncate(TOLD);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Every value of a resolved experiment by its path; what both regimes share stands under each, the model under `model`.
fn values(resolved: &str) -> BTreeMap<String, Value> {
    let mut table: Table = resolved.parse().unwrap_or_default();
    let model = table.remove("model_text").and_then(|text| text.as_str()?.parse::<Table>().ok());
    let shared: Vec<(&str, Value)> = SHARED.iter().filter_map(|key| Some((*key, table.remove(*key)?))).collect();
    for regime in regimes(&table) {
        let own = table.entry(&regime).or_insert_with(|| Value::Table(Table::new()));
        for (key, value) in &shared {
            own.as_table_mut().map(|own| own.entry(*key).or_insert_with(|| value.clone()));
        }
    }
    table.extend(model.map(|model| ("model".to_owned(), Value::Table(model))));
    let mut flat = BTreeMap::new();
    flatten("", Value::Table(table), &mut flat);
    flat
}

fn regimes(table: &Table) -> Vec<String> {
    let named = table.get("regimes").and_then(Value::as_array).into_iter().flatten();
    named.filter_map(|regime| regime.as_str().map(str::to_owned)).collect()
}

fn flatten(path: &str, value: Value, flat: &mut BTreeMap<String, Value>) {
    let Value::Table(table) = value else {
        flat.insert(path.to_owned(), value);
        return;
    };
    if table.is_empty() && !path.is_empty() {
        flat.insert(path.to_owned(), Value::Table(Table::new()));
    }
    for (key, value) in table {
        flatten(&if path.is_empty() { key } else { format!("{path}.{key}") }, value, flat);
    }
}
