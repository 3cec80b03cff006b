//! Short-term plasticity: depression and facilitation of what is transmitted (Tsodyks, Pawelzik,
//! Markram 1998; Maass and Markram 2002). NEST: `tsodyks2_synapse`.
//!
//! ```text
//! pre at t after t':  x <- 1 + (x - x u - 1) exp(-(t - t') / tau_rec)      available resources
//!                     u <- U + u (1 - U) exp(-(t - t') / tau_fac)          share used; U when tau_fac = 0
//! transmitted         w x u;   the first spike finds x_init and u_init
//! recorded at t       x and u as a spike would find them that came at t after those fired until t:
//!                     x_init and u_init before the first one; after each, x is less by what it
//!                     used and recovers to 1, u is more and decays to U
//! ```
//! The synapses of one source with one delay share x and u, since they see the same spikes.

use super::on_spikes::{Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use super::stdp::number;
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::real::Real;
use crate::unit::Dimension;

/// In the order of [`Resources::variables`].
const VARIABLES: &[(&str, Dimension)] = &[("x", Dimension::None), ("u", Dimension::None)];

#[derive(Debug, Clone, Copy)]
struct TsodyksMarkram {
    utilisation: f64,
    tau_rec: f64,
    tau_fac: f64,
    u: f64,
    x: f64,
}

const fn time(name: &'static str, aliases: &'static [&'static str], default: &'static str, doc: &'static str) -> Field {
    let form = Form::Quantity(Dimension::Time);
    Field { name, aliases, form, default: Some(default), range: Range::NotNegative, doc }
}

pub(super) const KIND: Kind<dyn SpikeRule> = Kind {
    name: "tsodyks_markram",
    aliases: &["tsodyks2", "tsodyks2_synapse", "short_term_plasticity", "stp"],
    summary: "Short-term plasticity: resources that spikes use up, and a share used that they raise",
    fields: &[
        number(
            "utilisation",
            &["U", "u_se"],
            "0.5",
            Range::Within(0.0, 1.0),
            "Share of the resources that a spike uses after a long silence (U)",
        ),
        time("tau_rec", &[], "800 ms", "Recovery of resources"),
        time("tau_fac", &["tau_facil"], "0 ms", "Decay of facilitation; 0 for none"),
        number("u_init", &["u", "u_0"], "utilisation", Range::Within(0.0, 1.0), "Share used by the first spike"),
        number("x_init", &["x", "x_0"], "1", Range::Within(0.0, 1.0), "Resources that the first spike finds"),
    ],
    build: |v: &Values| {
        Ok(Box::new(TsodyksMarkram {
            utilisation: v.number("utilisation"),
            tau_rec: v.number("tau_rec"),
            tau_fac: v.number("tau_fac"),
            u: v.number("u_init"),
            x: v.number("x_init"),
        }))
    },
};

impl SpikeRule for TsodyksMarkram {
    in_both_precisions!(TsodyksMarkramAtWork);

    fn changes_weights(&self) -> bool {
        false
    }

    fn variables(&self) -> &'static [(&'static str, Dimension)] {
        VARIABLES
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        None
    }
}

/// What the synapses of one segment have in common.
#[derive(Debug, Clone, Copy)]
struct Resources {
    last: Option<u64>,
    x: f64,
    u: f64,
}

impl Resources {
    /// What a spike at `tick` finds, with ticks of so many ms.
    fn at(self, tick: u64, rule: &TsodyksMarkram, step: f64) -> Self {
        let Some(last) = self.last else { return self };
        let time = (tick - last) as f64 * step;
        Self {
            x: 1.0 + (self.x - self.x * self.u - 1.0) * left(time, rule.tau_rec),
            u: rule.utilisation + self.u * (1.0 - rule.utilisation) * left(time, rule.tau_fac),
            ..self
        }
    }

    fn variables(self) -> [f64; 2] {
        [self.x, self.u]
    }
}

#[derive(Debug, Clone)]
struct TsodyksMarkramAtWork {
    rule: TsodyksMarkram,
    /// One tick in ms.
    step: f64,
    segments: Vec<Resources>,
}

impl TsodyksMarkramAtWork {
    fn new(rule: TsodyksMarkram, scope: &SynapseSlice) -> Self {
        let fresh = Resources { last: None, x: rule.x, u: rule.u };
        Self { rule, step: scope.resolution.ms(), segments: vec![fresh; scope.segments] }
    }
}

/// What is left after `time`; nothing with a time constant of 0.
fn left(time: f64, tau: f64) -> f64 {
    if tau > 0.0 { (-time / tau).exp() } else { 0.0 }
}

impl<R: Real> SpikePlasticity<R> for TsodyksMarkramAtWork {
    fn on_pre(&mut self, pre: u64, segment: Segment<'_, R>) -> R {
        let own = &mut self.segments[segment.index];
        *own = Resources { last: Some(pre), ..own.at(pre, &self.rule, self.step) };
        R::rounded(own.x * own.u)
    }

    fn on_post(&mut self, _: u64, _: &[u32]) {}

    fn read(&self, variable: usize, tick: u64, segment: &Segment<'_, R>, values: &mut [f64]) {
        values.fill(self.segments[segment.index].at(tick, &self.rule, self.step).variables()[variable]);
    }

    fn duplicate(&self) -> Box<dyn SpikePlasticity<R>> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Fixture, Wires, agrees_with_itself, values};
    use super::*;
    use crate::parameter::Value;

    fn rule(numbers: &[(&'static str, f64)]) -> Box<dyn SpikeRule> {
        let set: Vec<_> = numbers.iter().map(|&(name, number)| (name, Value::Number(number))).collect();
        (KIND.build)(&values(&KIND, &set)).unwrap()
    }

    #[test]
    fn resources_are_used_up_and_recover_and_weights_stay() {
        let mut fixture = Fixture { targets: 1, weight: 8.0, ..Fixture::default() };
        fixture.wires.push(Wires { source: 0, delay: 1, targets: vec![0] });
        fixture.pre =
            (0..20_000).map(|tick| if [0, 0, 100, 19_000].contains(&tick) { vec![0] } else { Vec::new() }).collect();
        fixture.post = vec![Vec::new(); 20_000];
        let rule = rule(&[("utilisation", 0.5), ("tau_rec", 100.0), ("tau_fac", 0.0), ("u_init", 0.5)]);
        let run = fixture.run(rule.double(&fixture.scope(&(0..1))), 0..1, |_| false);
        let expected = [4.0, 4.0 * (1.0 - 0.5 * (-0.1f64).exp()), 4.0];
        assert!(
            run.transmitted.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6),
            "{run:?}"
        );
        assert_eq!((run.transmitted.len(), &run.weights), (3, &vec![vec![8.0]]));
    }

    #[test]
    fn settling_and_slices_change_no_bit_and_f32_is_close() {
        agrees_with_itself(|| rule(&[("utilisation", 0.2), ("tau_rec", 3.0), ("tau_fac", 5.0), ("u_init", 0.4)]));
    }
}
