//! What a recorder has to know of a run before it begins.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Probe, Site};
use crate::color;
use crate::error::Result;
use crate::id::PopulationId;
use crate::model::{Model, ProjectionSpec, RecordingSpec, WEIGHT, WeightSpec};
use crate::network::synapses::expected;
use crate::parameter::Value;
use crate::random::{Purpose, Stream};
use crate::time::{Resolution, Tick};
use crate::unit::Dimension;

/// The most bins of rates over time, unless the user chooses.
const BINS: f64 = 250.0;

/// A run that is about to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    pub title: String,
    pub seed: u64,
    pub resolution: Resolution,
    /// The last tick.
    pub duration: Tick,
    /// All populations, in the order of the model.
    pub populations: Vec<Group>,
    /// Names of all projections, in the order of the model.
    pub projections: Vec<String>,
    /// The populations that their synapses come from; those of projections beyond are not known.
    pub sources: Vec<String>,
    /// Units of their weights, such as `mV`; projections beyond have none.
    pub weight_units: Vec<String>,
    pub probes: Vec<Probe>,
    /// How the values of each probe read; probes beyond have no unit.
    pub legends: Vec<Legend>,
    pub analysis: Analysis,
}

/// How a sampled value reads.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Legend {
    /// Such as `mV`; empty for pure numbers.
    pub unit: String,
    /// Of a membrane: where the neuron fires.
    pub threshold: Option<f64>,
}

/// What one probe samples, in names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// Name of the population or, for a synapse, of the projection.
    pub place: String,
    /// Which neuron or synapse of it.
    pub index: usize,
    pub synapse: bool,
    pub variable: String,
    #[serde(flatten)]
    pub legend: Legend,
}

/// A population as a recorder knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// Whether its spikes are to be written down.
    pub recorded: bool,
    /// The colour that the model gives it, such as `#c03030`.
    pub color: Option<String>,
    pub acts: Option<Acts>,
}

/// What the spikes of a population do to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acts {
    Excite,
    Inhibit,
}

/// How spikes are analysed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Analysis {
    /// Spikes before this tick do not count, so that a network can settle.
    pub start: Tick,
    /// Width of the bins of rates over time, in ticks.
    pub bin: u64,
    /// Whether the user chose it.
    pub bin_asked: bool,
}

impl Setup {
    /// The run of `model` with `seed`: what its `[record]` asks for, or every spike where it
    /// asks for nothing.
    ///
    /// # Errors
    /// [`Error::Run`](crate::error::Error::Run) when a topology does not fit its populations.
    pub fn of(model: &Model, seed: u64) -> Result<Self> {
        let asked = |index| model.recordings.iter().any(|r| r.spikes && r.population == PopulationId(index));
        let group = |(index, population): (usize, &crate::model::PopulationSpec)| Group {
            name: population.name.clone(),
            size: population.shape.iter().product(),
            recorded: model.recordings.is_empty() || asked(index),
            color: population.color.map(color::write),
            acts: acts(model, PopulationId(index)),
        };
        let (resolution, duration) = (model.simulation.resolution, Tick(model.simulation.duration));
        let mut probes = probes(&model.recordings);
        probes.extend(synapse_probes(model)?);
        let mut seen = HashSet::new();
        probes.retain(|probe| seen.insert((probe.site, probe.variable.clone())));
        Ok(Self {
            title: model.title.clone(),
            seed,
            populations: model.populations.iter().enumerate().map(group).collect(),
            projections: model.projections.iter().map(|projection| projection.name.clone()).collect(),
            sources: model.projections.iter().map(|p| model.populations[p.source.0].name.clone()).collect(),
            weight_units: model.projections.iter().map(|p| unit_of_synapses(model, p, WEIGHT).into()).collect(),
            legends: probes.iter().map(|probe| legend(model, probe)).collect(),
            probes,
            ..Self::new(resolution, duration, &[])
        })
    }

    /// A run of populations with these names and sizes, whose spikes are all written down.
    pub fn new(resolution: Resolution, duration: Tick, populations: &[(&str, usize)]) -> Self {
        let group =
            |&(name, size): &(&str, usize)| Group { name: name.into(), size, recorded: true, color: None, acts: None };
        Self {
            title: String::new(),
            seed: 0,
            resolution,
            duration,
            populations: populations.iter().map(group).collect(),
            projections: Vec::new(),
            sources: Vec::new(),
            weight_units: Vec::new(),
            probes: Vec::new(),
            legends: Vec::new(),
            analysis: Analysis { start: Tick(0), bin: bin(resolution, duration), bin_asked: false },
        }
    }

    /// What each probe samples, in names.
    pub fn sampled(&self) -> Vec<Sampled> {
        let legends = self.legends.iter().cloned().chain(std::iter::repeat(Legend::default()));
        let sampled = |(probe, legend): (&Probe, Legend)| {
            let (place, index, synapse) = match probe.site {
                Site::Neuron { population, neuron } => (&self.populations[population.0].name, neuron, false),
                Site::Synapse { projection, synapse } => (&self.projections[projection.0], synapse, true),
            };
            Sampled { place: place.clone(), index, synapse, variable: probe.variable.clone(), legend }
        };
        self.probes.iter().zip(legends).map(sampled).collect()
    }
}

/// What the synapses of a population do, by the sign of their weights; `None` where it has none, or of both signs.
fn acts(model: &Model, source: PopulationId) -> Option<Acts> {
    // What drives a network from outside is neither of its two kinds.
    model.populations[source.0].neuron.as_ref()?;
    let signs = model.projections.iter().filter(|projection| projection.source == source).filter_map(sign);
    let signs: Vec<f64> = signs.filter(|sign| *sign != 0.0).collect();
    match (signs.first(), signs.windows(2).all(|pair| pair[0].signum() == pair[1].signum())) {
        (Some(first), true) => Some(if *first > 0.0 { Acts::Excite } else { Acts::Inhibit }),
        _ => None,
    }
}

/// A number with the sign of a projection's weights; `None` where they come from a file.
fn sign(projection: &ProjectionSpec) -> Option<f64> {
    match &projection.weight {
        WeightSpec::Constant(weight) => Some(*weight),
        WeightSpec::File(_) => None,
        WeightSpec::Distribution(_, distribution) => {
            let mut drawn = Vec::new();
            distribution.fill(1, &Stream::new(0, Purpose::Weights, 0, 0), 64, &mut drawn);
            Some(drawn.iter().sum())
        }
    }
}

/// What `[record]` asks to sample of neurons.
fn probes(recordings: &[RecordingSpec]) -> Vec<Probe> {
    let samples = recordings.iter().flat_map(|r| r.samples.iter().map(move |sample| (r.population, sample)));
    let probes = samples.flat_map(|(population, sample)| {
        let site = move |neuron| Site::Neuron { population, neuron };
        sample.neurons.neurons().map(site).map(|site| Probe {
            site,
            variable: sample.variable.into(),
            every: sample.every,
        })
    });
    probes.collect()
}

/// What `[record]` asks to sample of synapses, spread evenly over their projections.
fn synapse_probes(model: &Model) -> Result<Vec<Probe>> {
    let synapses = if model.synapse_recordings.is_empty() { Vec::new() } else { expected(model)? };
    let mut probes = Vec::new();
    for recording in &model.synapse_recordings {
        let all = synapses[recording.projection.0] as usize;
        let sampled = recording.synapses.min(all);
        let synapse = |k: usize| Site::Synapse { projection: recording.projection, synapse: k * all / sampled };
        let probe = |site| Probe { site, variable: recording.variable.into(), every: recording.every };
        probes.extend((0..sampled).map(synapse).map(probe));
    }
    Ok(probes)
}

/// How the values of a probe of `model` read.
fn legend(model: &Model, probe: &Probe) -> Legend {
    let population = match probe.site {
        Site::Neuron { population, .. } => population,
        Site::Synapse { projection, .. } => {
            let unit = unit_of_synapses(model, &model.projections[projection.0], &probe.variable);
            return Legend { unit: unit.into(), threshold: None };
        }
    };
    let Some((spec, neuron)) = &model.populations[population.0].neuron else { return Legend::default() };
    let variable = neuron.variables().iter().find(|(name, _)| *name == probe.variable);
    let threshold = match spec.values.get("v_thresh") {
        Some(&Value::Number(threshold)) if probe.variable == "v" => Some(threshold),
        _ => None,
    };
    Legend { unit: variable.map_or("", |(_, dimension)| dimension.base_unit()).into(), threshold }
}

/// The unit of the weights of a projection, or of another variable of its synapses.
fn unit_of_synapses(model: &Model, projection: &ProjectionSpec, variable: &str) -> &'static str {
    let weights = || model.populations[projection.target.0].neuron.as_ref().map(|(_, n)| n.weight_dimension());
    let of_rules = projection.variables().find(|(name, _)| *name == variable).map(|(_, dimension)| dimension);
    of_rules.or_else(weights).map_or("", Dimension::base_unit)
}

/// A round width, in ticks, that cuts a run into at most [`BINS`] bins.
fn bin(resolution: Resolution, duration: Tick) -> u64 {
    let least = (resolution.to_ms(duration) / BINS).max(resolution.ms());
    let decade = 10f64.powf(least.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
    let width = round.into_iter().find(|step| *step >= least * 0.999).unwrap_or(least);
    super::bins::ticks_of(width, resolution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_round_and_not_too_many() {
        let width = |resolution: f64, ms: f64| {
            let resolution = Resolution::from_ms(resolution).unwrap();
            resolution.to_ms(Tick(bin(resolution, Tick(resolution.ticks(ms).unwrap()))))
        };
        let widths = [width(0.1, 1000.0), width(0.1, 300.0), width(0.1, 10.0), width(0.1, 60_000.0), width(1.0, 7.0)];
        assert_eq!(widths, [5.0, 2.0, 0.1, 500.0, 1.0]);
        assert_eq!(width(0.1, 0.0), 0.1);
    }
}
