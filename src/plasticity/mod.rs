//! Plasticity rules on spikes, one per file (TOML `plasticity.*`): how weights change with the
//! spikes of the neurons that a synapse joins, as the simulator runs (`on_spikes.rs`).
//!
//! To add one: write `my_rule.rs` with a `KIND`, add its `mod` line and its row. Rules that
//! train layers batch by batch have a folder of their own (`rule/`).

/// Gives a rule on spikes that is put to work in either precision by `new(rule, scope)`.
macro_rules! in_both_precisions {
    ($at_work:ident) => {
        fn single(&self, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<f32>> {
            Box::new($at_work::new(*self, scope))
        }

        fn double(&self, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<f64>> {
            Box::new($at_work::new(*self, scope))
        }
    };
}

mod dopamine;
mod dopamine_stdp;
#[cfg(test)]
mod fixture;
mod homeostatic_scaling;
mod inhibitory_stdp;
pub mod on_spikes;
mod pairs;
mod stdp;
mod stdp_nearest;
mod triplet_stdp;
mod tsodyks_markram;
mod weight_normalisation;

use crate::parameter::{self, Kind};

/// Every rule on spikes, in the order `twinfire list` shows them.
pub const KINDS: &[Kind<dyn on_spikes::SpikeRule>] = &[
    stdp::KIND,
    triplet_stdp::KIND,
    dopamine_stdp::KIND,
    inhibitory_stdp::KIND,
    tsodyks_markram::KIND,
    weight_normalisation::KIND,
    homeostatic_scaling::KIND,
];

/// Parameters that a name of a rule sets, or that follow from another parameter.
#[derive(Debug)]
pub struct Preset {
    /// Name of the rule, or an alias.
    pub name: &'static str,
    /// The field and its word from which the values follow where the user gives none; without it
    /// the name stands for them.
    pub given: Option<(&'static str, &'static str)>,
    /// Fields, with their values as they would stand in a file.
    pub sets: &'static [(&'static str, &'static str)],
}

/// The presets of a rule on spikes by the name that the user wrote.
pub fn presets(name: &str) -> impl Iterator<Item = &'static Preset> {
    let rule = parameter::find(KINDS, name).map(|kind| kind.name);
    let all = stdp::PRESETS.iter().chain(triplet_stdp::PRESETS);
    let is_meant = move |preset: &&Preset| preset.name == name || preset.given.is_some() && rule == Some(preset.name);
    all.filter(is_meant).collect::<Vec<_>>().into_iter()
}
