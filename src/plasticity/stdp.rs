//! Pair-based spike-timing-dependent plasticity (Bi and Poo 1998; Song, Miller, Abbott 2000; van Rossum,
//! Bi, Turrigiano 2000, J. Neurosci. 20:8812; Rubin, Lee, Sompolinsky 2001, Phys. Rev. Lett. 86:364;
//! Guetig et al. 2003; Morrison, Aertsen, Diesmann 2007). NEST: `stdp_synapse`,
//! `stdp_nn_symm_synapse`, `stdp_pl_synapse_hom`.
//!
//! ```text
//! post at s, last pre t' < s + d:  w <- clip(w + lambda f_plus(w) K_plus exp(-(s + d - t') / tau_plus))
//! pre at t:                        w <- clip(w - lambda alpha f_minus(w) K_minus)
//!                                  K_minus = sum over post s with s + d < t of exp(-(t - d - s) / tau_minus)
//!                                  then K_plus <- K_plus exp(-(t - t') / tau_plus) + 1
//! pairing = nearest                K_plus = 1, K_minus = exp(-(t - d - s) / tau_minus) of the last s alone
//!
//! dependence       f_plus                              f_minus
//! guetig           w_max (1 - w / w_max)^mu_plus       w_max (w / w_max)^mu_minus
//! additive         w_max                               w_max                         mu_plus = mu_minus = 0
//! multiplicative   w_max - w                           w                             mu_plus = mu_minus = 1
//! van_rossum       w_max                               w                             mu_plus = 0, mu_minus = 1
//! power_law        w_0 (w / w_0)^mu_plus               w                             no upper bound
//! ```
//! A postsynaptic spike that reaches the synapse just with a presynaptic one pairs with the
//! presynaptic spikes before it, not with that one.

use super::Preset;
use super::on_spikes::{Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use super::pairs::dependence::{Bounds, Branch};
use super::pairs::postsynaptic::Pairing;
use super::pairs::spike_pairs::{Change, SpikePairs};
use super::stdp_nearest::{self, NearestRule, Neighbours};
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::real::Real;
use crate::unit::Dimension;

#[derive(Debug, Clone, Copy)]
struct Stdp {
    tau_plus: f64,
    tau_minus: f64,
    /// Without the factor that depends on the weight.
    potentiation: Change,
    depression: Change,
    bounds: (f64, f64),
    pairs: Pairs,
}

/// Which spikes pair.
#[derive(Debug, Clone, Copy)]
enum Pairs {
    /// Those of one side with a trace of the other.
    Each(Pairing),
    Neighbours(Neighbours),
}

pub(super) const KIND: Kind<dyn SpikeRule> = Kind {
    name: "stdp",
    aliases: &[
        "stdp_synapse",
        "stdp_synapse_hom",
        "stdp_nn_symm_synapse",
        "stdp_nn_pre_centered_synapse",
        "stdp_nn_restr_synapse",
        "stdp_pl_synapse_hom",
        "pair_stdp",
    ],
    summary: "Pair-based STDP: additive, multiplicative or between; all pairs or the nearest",
    fields: &[
        time("tau_plus", "20 ms", "How potentiation falls with the time from pre to post"),
        time("tau_minus", "20 ms", "How depression falls with the time from post to pre"),
        number("learning_rate", &["lambda", "eta"], "0.01", Range::NotNegative, "Step size lambda"),
        number("alpha", &[], "1", Range::NotNegative, "Depression over potentiation"),
        Field {
            name: "dependence",
            aliases: &["weight_dependence"],
            form: Form::Choice(&["guetig", "additive", "multiplicative", "van_rossum", "power_law"]),
            default: Some("guetig"),
            range: Range::Any,
            doc: "How changes depend on the weight: by mu_plus and mu_minus (guetig), not at all, linearly, depression alone (van_rossum), or by a power law without upper bound",
        },
        number("mu_plus", &["mu"], "1", Range::NotNegative, "Exponent of potentiation (guetig, power_law)"),
        number("mu_minus", &[], "1", Range::NotNegative, "Exponent of depression (guetig)"),
        W_MAX,
        W_MIN,
        weight("w_0", &[], "1", Range::Positive, "Reference weight of the power law"),
        Field {
            form: Form::Choice(&["all_to_all", "nearest", "nearest_pre_centered", "nearest_reduced"]),
            doc: "Which spikes pair: all, each with the nearest one before it on the other side, or by the narrower schemes of Morrison et al. 2008",
            ..PAIRING
        },
    ],
    build: |v: &Values| Stdp::checked(v).map(|rule| Box::new(rule) as Box<dyn SpikeRule>),
};

/// What NEST's names set.
pub(super) const PRESETS: &[Preset] = &[
    Preset { name: "stdp_nn_symm_synapse", given: None, sets: &[("pairing", "nearest")] },
    Preset { name: "stdp_nn_pre_centered_synapse", given: None, sets: &[("pairing", "nearest_pre_centered")] },
    Preset { name: "stdp_nn_restr_synapse", given: None, sets: &[("pairing", "nearest_reduced")] },
    Preset { name: "stdp_pl_synapse_hom", given: None, sets: &[("dependence", "power_law")] },
];

/// The bounds of weights; shared by the rules on spikes.
pub(super) const W_MAX: Field =
    weight("w_max", &["wmax", "Wmax"], "100", Range::Any, "The strongest weight; below 0 for inhibitory ones");

pub(super) const W_MIN: Field = weight("w_min", &["wmin", "Wmin"], "0", Range::Any, "The weakest weight");

/// Which spikes pair; shared by the rules on spikes.
pub(super) const PAIRING: Field = Field {
    name: "pairing",
    aliases: &["pairs"],
    form: Form::Choice(&["all_to_all", "nearest"]),
    default: Some("all_to_all"),
    range: Range::Any,
    doc: "Which spikes pair: all, or each with the nearest one before it on the other side",
};

/// The bounds (w_min, w_max), when they leave something between.
pub(super) fn bounds(v: &Values) -> Result<(f64, f64), String> {
    let (low, high) = (v.number("w_min"), v.number("w_max"));
    if high == 0.0 {
        return Err("w_max is 0: no weight would be left".into());
    }
    if low * high < 0.0 {
        return Err("w_min and w_max are on different sides of 0, which weights never cross".into());
    }
    if low.abs() >= high.abs() {
        return Err("w_min is not nearer to 0 than w_max".into());
    }
    Ok((low, high))
}

/// A time constant; shared by the rules on spikes.
pub(super) const fn time(name: &'static str, default: &'static str, doc: &'static str) -> Field {
    Field {
        name,
        aliases: &[],
        form: Form::Quantity(Dimension::Time),
        default: Some(default),
        range: Range::Positive,
        doc,
    }
}

/// A weight or a change of weights; shared by the rules on spikes.
pub(super) const fn weight(
    name: &'static str,
    aliases: &'static [&'static str],
    default: &'static str,
    range: Range,
    doc: &'static str,
) -> Field {
    Field { form: Form::Quantity(Dimension::Relative), ..number(name, aliases, default, range, doc) }
}

/// A number; shared by the rules on spikes.
pub(super) const fn number(
    name: &'static str,
    aliases: &'static [&'static str],
    default: &'static str,
    range: Range,
    doc: &'static str,
) -> Field {
    Field { name, aliases, form: Form::Quantity(Dimension::None), default: Some(default), range, doc }
}

impl Stdp {
    fn checked(v: &Values) -> Result<Self, String> {
        let (w_min, w_max) = bounds(v)?;
        let (rate, alpha) = (v.number("learning_rate"), v.number("alpha"));
        let (plus, minus) = branches(v, w_max);
        let scale =
            |branch: Branch| if matches!(branch, Branch::Towards { .. } | Branch::Proportional) { 1.0 } else { w_max };
        let power_law = v.text("dependence") == "power_law";
        if power_law && w_max < 0.0 {
            return Err("w_max is below 0, and a power law is for weights above 0".into());
        }
        let (up, end) = if power_law { (v.number("w_0"), f64::INFINITY) } else { (scale(plus), w_max) };
        Ok(Self {
            tau_plus: v.number("tau_plus"),
            tau_minus: v.number("tau_minus"),
            potentiation: (rate * up, plus),
            depression: (rate * alpha * scale(minus), minus),
            bounds: (w_min, end),
            pairs: match v.text("pairing") {
                "nearest" => Pairs::Each(Pairing::Nearest),
                "nearest_pre_centered" => Pairs::Neighbours(Neighbours::PreCentred),
                "nearest_reduced" => Pairs::Neighbours(Neighbours::Reduced),
                _ => Pairs::Each(Pairing::All),
            },
        })
    }
}

/// How potentiation and depression depend on the weight.
fn branches(v: &Values, w_max: f64) -> (Branch, Branch) {
    let (mu_plus, mu_minus) = match v.text("dependence") {
        "additive" => (0.0, 0.0),
        "multiplicative" => (1.0, 1.0),
        "van_rossum" => (0.0, 1.0),
        "power_law" => {
            let grow = Branch::PowerOfShare { scale: v.number("w_0"), exponent: v.number("mu_plus") };
            return (grow, Branch::Proportional);
        }
        _ => (v.number("mu_plus"), v.number("mu_minus")),
    };
    let plus = match mu_plus {
        0.0 => Branch::Additive,
        1.0 => Branch::Towards { end: w_max },
        exponent => Branch::PowerOfRest { scale: w_max, exponent },
    };
    let minus = match mu_minus {
        0.0 => Branch::Additive,
        1.0 => Branch::Proportional,
        exponent => Branch::PowerOfShare { scale: w_max, exponent },
    };
    (plus, minus)
}

impl SpikeRule for Stdp {
    fn synapse_bytes(&self, real: usize) -> usize {
        if matches!(self.pairs, Pairs::Neighbours(_)) { real } else { 0 }
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        Some(self.bounds)
    }

    fn largest_change(&self) -> f64 {
        self.potentiation.0.abs().max(self.depression.0.abs())
    }

    fn single(&self, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<f32>> {
        self.at_work(scope)
    }

    fn double(&self, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<f64>> {
        self.at_work(scope)
    }
}

impl Stdp {
    fn at_work<R: Real>(&self, scope: &SynapseSlice) -> Box<dyn SpikePlasticity<R>> {
        let Self { tau_plus, tau_minus, potentiation: up, depression: down, bounds, .. } = *self;
        match self.pairs {
            Pairs::Each(pairing) => Box::new(StdpAtWork::new(*self, pairing, scope)),
            Pairs::Neighbours(neighbours) => Box::new(stdp_nearest::NearestStdpAtWork::new(
                NearestRule { neighbours, tau_plus, tau_minus, up, down, bounds },
                scope,
            )),
        }
    }
}

#[derive(Debug, Clone)]
struct StdpAtWork<R> {
    rule: Stdp,
    pairs: SpikePairs<R>,
}

impl<R: Real> StdpAtWork<R> {
    fn new(rule: Stdp, pairing: Pairing, scope: &SynapseSlice) -> Self {
        let times = (rule.tau_plus, rule.tau_minus);
        Self { rule, pairs: SpikePairs::new(scope, times, pairing, Bounds::between(rule.bounds.0, rule.bounds.1)) }
    }
}

impl<R: Real> SpikePlasticity<R> for StdpAtWork<R> {
    fn on_pre(&mut self, pre: u64, mut segment: Segment<'_, R>) -> R {
        let (up, down) = (self.rule.potentiation, self.rule.depression);
        self.pairs.arrive(pre, &mut segment, up, down);
        R::from(1.0)
    }

    fn on_post(&mut self, tick: u64, neurons: &[u32]) {
        self.pairs.past.tell(tick, neurons, |_| 1.0);
    }

    fn wants_to_settle(&self, tick: u64) -> bool {
        self.pairs.past.is_long(tick)
    }

    fn settle(&mut self, mut segment: Segment<'_, R>) {
        self.pairs.settle(&mut segment, self.rule.potentiation);
    }

    fn settled(&mut self, tick: u64) {
        self.pairs.past.shorten(tick);
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

    fn rule(words: &[(&'static str, &str)], numbers: &[(&'static str, f64)]) -> Result<Box<dyn SpikeRule>, String> {
        let words = words.iter().map(|&(name, word)| (name, Value::Text(word.into())));
        let set: Vec<_> = words.chain(numbers.iter().map(|&(name, number)| (name, Value::Number(number)))).collect();
        (KIND.build)(&values(&KIND, &set))
    }

    /// An additive rule whose amounts are easy to follow: potentiation starts at 1, depression
    /// at 0.5, both with 10 ms.
    fn plain() -> Box<dyn SpikeRule> {
        let numbers =
            [("tau_plus", 10.0), ("tau_minus", 10.0), ("learning_rate", 0.01), ("alpha", 0.5), ("w_max", 100.0)];
        rule(&[("dependence", "additive")], &numbers).unwrap()
    }

    /// What is transmitted by one synapse with this delay.
    fn transmitted(pre: &[usize], post: &[usize], delay: u32) -> Vec<f64> {
        let mut fixture = Fixture { targets: 1, weight: 50.0, ..Fixture::default() };
        fixture.wires.push(Wires { source: 0, delay, targets: vec![0] });
        (fixture.pre, fixture.post) = (vec![Vec::new(); 600], vec![Vec::new(); 600]);
        pre.iter().for_each(|&tick| fixture.pre[tick].push(0));
        post.iter().for_each(|&tick| fixture.post[tick].push(0));
        fixture.run(plain().double(&fixture.scope(&(0..1))), 0..1, |_| false).transmitted
    }

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        let same =
            found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12 * expected.abs());
        assert!(same, "{found:?} {expected:?}");
    }

    fn decay(ticks: f64) -> f64 {
        (-ticks / 100.0).exp()
    }

    #[test]
    fn a_post_spike_that_arrives_with_a_pre_spike_pairs_with_the_one_before_only() {
        // The post spike at 295 reaches the synapse (delay 5) at 300, just with the second pre spike.
        let up = decay(200.0);
        close(&transmitted(&[100, 300, 400], &[295], 5), &[50.0, 50.0 + up, 50.0 + up - 0.5 * decay(100.0)]);
    }

    #[test]
    fn pre_and_post_spikes_at_the_same_tick_make_a_potentiation_after_the_delay() {
        let (up, down) = (decay(5.0), 0.5 * decay(195.0));
        close(&transmitted(&[100, 300], &[100], 5), &[50.0, 50.0 + up - down]);
    }

    #[test]
    fn two_post_spikes_between_pre_spikes_both_count() {
        let up = decay(55.0) + decay(65.0);
        let down = 0.5 * (decay(145.0) + decay(135.0));
        close(&transmitted(&[100, 300], &[150, 160], 5), &[50.0, 50.0 + up - down]);
    }

    #[test]
    fn segments_of_one_source_with_several_delays_go_their_own_ways() {
        let mut fixture = Fixture { targets: 1, weight: 50.0, ..Fixture::default() };
        for delay in [3, 40, 7, 120] {
            fixture.wires.push(Wires { source: 0, delay, targets: vec![0] });
        }
        (fixture.pre, fixture.post) = (vec![Vec::new(); 900], vec![Vec::new(); 900]);
        [100, 180, 300, 310, 500].iter().for_each(|&tick| fixture.pre[tick].push(0));
        [90, 150, 170, 200, 290, 400, 470].iter().for_each(|&tick| fixture.post[tick].push(0));
        let together = fixture.run(plain().double(&fixture.scope(&(0..1))), 0..1, |_| false);
        for (index, wires) in fixture.wires.iter().enumerate() {
            let alone = Fixture { wires: vec![wires.clone()], ..fixture.clone() };
            let alone = alone.run(plain().double(&alone.scope(&(0..1))), 0..1, |_| false);
            assert_eq!(alone.weights[0], together.weights[index], "delay {}", wires.delay);
        }
    }

    #[test]
    fn settling_and_slices_change_no_bit_and_f32_is_close() {
        for dependence in ["guetig", "additive", "multiplicative", "power_law"] {
            for pairing in ["all_to_all", "nearest", "nearest_pre_centered", "nearest_reduced"] {
                let words = [("dependence", dependence), ("pairing", pairing)];
                let numbers =
                    [("mu_plus", 0.4), ("mu_minus", 0.7), ("w_max", 1.0), ("tau_plus", 1.3), ("tau_minus", 0.9)];
                agrees_with_itself(|| rule(&words, &numbers).unwrap());
            }
        }
    }

    #[test]
    fn a_long_history_wants_to_be_settled() {
        let fixture = Fixture::random(9, 1, 0.0);
        let mut at_work = plain().single(&fixture.scope(&(0..40)));
        let spikes: Vec<u32> = (0..40).collect();
        at_work.on_post(0, &spikes);
        assert!(!at_work.wants_to_settle(0));
        (1..200).for_each(|tick| at_work.on_post(tick, &spikes));
        assert!(at_work.wants_to_settle(200));
    }

    #[test]
    fn bounds_that_leave_no_weight_are_refused() {
        assert!(rule(&[], &[("w_max", 0.0)]).is_err());
        assert!(rule(&[], &[("w_max", 1.0), ("w_min", 2.0)]).is_err());
        assert!(rule(&[], &[("w_max", -1.0)]).is_ok());
    }
}
