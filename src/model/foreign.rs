//! What other simulators say of a neuron in another way than a mere other name: it is put as it is
//! said here before the parameters are read.
//!
//! ```text
//! iaf_psc_*_ps          NEST      the kind without `_ps`; `simulation.spike_times` has to be "precise"
//! aeif_psc_exp          NEST      lif_adaptive; `Delta_T = 0` has to stand there, which is not NEST's default
//! reset = "-65 mV"      BindsNET  v_reset
//! beta = 0.95           snnTorch  tau_m = -h / ln(beta), h the length of a tick
//! ```

use super::file::Checker;
use crate::document::reader::Wanted;
use crate::document::writing::with_unit;
use crate::document::{Item, Node, Table};
use crate::error::Place;
use crate::neuron::Neuron;
use crate::parameter::{Kind, Range};
use crate::unit::Dimension;

/// The largest beta, so that ln(beta) is not 0.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

impl Checker {
    /// Notes where a neuron is called by a name that says "precise" and spikes stand on the grid.
    pub(super) fn check_switch(&mut self, name: &str, place: &Place) -> Option<()> {
        let says_precise = name.ends_with("_ps") || name.ends_with("_ps_lossless");
        if !says_precise || self.precise || self.resolution.is_none() {
            return Some(());
        }
        let message = format!("`{name}` has precise spike times, and `simulation.spike_times` is \"grid\"");
        let plain = name.trim_end_matches("_lossless").trim_end_matches("_ps");
        let help = format!("write `spike_times = \"precise\"` under `[simulation]`; on the grid it is `{plain}`");
        self.reader.problem_with_help(place, message, Some(help));
        None
    }

    /// Puts parameters of the neuron called `name` as they are said here.
    pub(super) fn translate(
        &mut self,
        name: &str,
        place: &Place,
        kind: &Kind<dyn Neuron>,
        given: &mut Table,
    ) -> Option<()> {
        if name.starts_with("aeif_") {
            self.take_upswing(name, place, given)?;
        }
        if let Some(entry) = given.entries.iter_mut().find(|entry| entry.key == "reset")
            && kind.field("v_reset").is_some()
            && holds_number(&entry.value)
        {
            entry.key = "v_reset".into();
        }
        if kind.name == "lif_delta" {
            self.take_beta(given)?;
        }
        Some(())
    }

    /// Takes `Delta_T` out, which has to be 0.
    fn take_upswing(&mut self, name: &str, place: &Place, given: &mut Table) -> Option<()> {
        let upswing = given.remove("Delta_T");
        let range = Range::Any;
        let wanted = Wanted { dimension: Dimension::Voltage, or_pure: true, range };
        let width = upswing.as_ref().map(|entry| self.reader.number("Delta_T", &entry.value, wanted));
        match width {
            Some(None) => None,
            Some(Some(0.0)) => Some(()),
            _ => {
                let place = upswing.as_ref().map_or(place, |entry| &entry.value.place);
                let message = format!("`{name}` has an exponential upswing, which no kind here has");
                let help =
                    "write `Delta_T = 0` for the neuron without it, which spikes at V_th (NEST's default is 2 mV)";
                self.reader.problem_with_help(place, message, Some(help.into()));
                None
            }
        }
    }

    /// Puts `tau_m` in the place of `beta`, by which the membrane is multiplied at every tick.
    fn take_beta(&mut self, given: &mut Table) -> Option<()> {
        let Some(entry) = given.entries.iter_mut().find(|entry| entry.key == "beta") else {
            return Some(());
        };
        let range = Range::Within(f64::MIN_POSITIVE, BELOW_ONE);
        let beta = self.reader.number("beta", &entry.value, Wanted::new(Dimension::None, range))?;
        let tau = -self.resolution?.ms() / beta.ln();
        entry.key = "tau_m".into();
        entry.value.item = Item::Text(with_unit(tau, Dimension::Time));
        Some(())
    }
}

/// Whether a value begins like a number, or is an array of such values.
fn holds_number(node: &Node) -> bool {
    match &node.item {
        Item::Integer(_) | Item::Float(_) => true,
        Item::Text(text) => text.trim_start().starts_with(|c: char| c.is_ascii_digit() || "+-.(".contains(c)),
        Item::Array(nodes) => !nodes.is_empty() && nodes.iter().all(holds_number),
        _ => false,
    }
}
