//! `[simulation]`, and times on its grid.

use std::sync::Arc;

use super::keys::SIMULATION;
use super::{Precision, Simulation, SpikeTimes};
use crate::document::kind::Owner;
use crate::document::reader::Reader;
use crate::document::{Node, Table};
use crate::error::{Place, Source};
use crate::time::{Resolution, Tick, TimeError};

/// The resolution of layered models, unless they say otherwise, in ms.
const LAYERED_RESOLUTION: f64 = 1.0;

/// The table `[simulation]`, or its defaults.
pub(super) fn read_simulation(
    document: &Table,
    layered: bool,
    source: &Arc<Source>,
    reader: &mut Reader,
) -> Option<Simulation> {
    let start = Place { source: Arc::clone(source), span: 0..0 };
    let empty = Table::default();
    let (table, place) = match document.entry("simulation") {
        Some(entry) => (reader.table("simulation", &entry.value)?, &entry.place),
        None => (&empty, &start),
    };
    let values = reader.values(&Owner { name: "`simulation`", place }, table, SIMULATION, None)?;
    let place_of = |field: &str| given(table, field).map_or(place, |node| &node.place);
    let plain = layered && given(table, "resolution").is_none();
    let ms = if plain { LAYERED_RESOLUTION } else { values.number("resolution") };
    let resolution = Resolution::from_ms(ms);
    let resolution = resolution.map_err(|error| reader.problem(place_of("resolution"), error.to_string())).ok()?;
    let duration = ticks(reader, "duration", place_of("duration"), values.number("duration"), resolution)?;
    let precision = if values.text("precision") == "single" { Precision::Single } else { Precision::Double };
    let spike_times = if values.text("spike_times") == "precise" { SpikeTimes::Precise } else { SpikeTimes::Grid };
    Some(Simulation { resolution, duration, seed: values.count("seed"), precision, spike_times })
}

/// What the user gave for a field, by its name or an alias.
fn given<'t>(table: &'t Table, field: &str) -> Option<&'t Node> {
    let field = SIMULATION.iter().find(|row| row.name == field)?;
    std::iter::once(&field.name).chain(field.aliases).find_map(|name| table.get(name))
}

/// A time as a number of ticks.
pub(super) fn ticks(reader: &mut Reader, name: &str, place: &Place, ms: f64, resolution: Resolution) -> Option<u64> {
    match resolution.ticks(ms) {
        Ok(ticks) => Some(ticks),
        Err(TimeError::OffGrid { nearest_ms, .. }) => {
            let message = format!("`{name}` is {ms} ms, which is no whole number of ticks of {} ms", resolution.ms());
            let least = if name == "tau_refrac" { 0 } else { 1 };
            let nearest = nearest_ms.max(resolution.to_ms(Tick(least)));
            reader.problem_with_help(place, message, Some(format!("the nearest time that is: \"{nearest} ms\"")));
            None
        }
        Err(error) => {
            reader.problem(place, format!("`{name}`: {error}"));
            None
        }
    }
}
