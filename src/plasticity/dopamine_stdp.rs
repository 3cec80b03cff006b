//! STDP that a neuromodulator turns into changes of weight (Izhikevich 2007, Cereb. Cortex
//! 17:2443; Potjans, Morrison, Diesmann 2010). NEST: `stdp_dopamine_synapse` with
//! `volume_transmitter`.
//!
//! ```text
//! post at s   c += A_plus K_plus exp(-(s + d - t') / tau_plus), t' the last pre          eligibility
//! pre at t    c -= A_minus K_minus, K_minus = sum over post s with s + d < t of exp(-(t - d - s) / tau_minus)
//!             then K_plus <- K_plus exp(-(t - t') / tau_plus) + 1
//! dc/dt = -c / tau_c          dn/dt = -n / tau_n + 1 / tau_n at each modulating spike    dopamine
//! dw/dt = c (n - b)           integrated exactly from event to event, clipped at each
//!
//! from a to e, at most one event apart:   tau = tau_c tau_n / (tau_c + tau_n)
//!             w += c(a) [ n(a) tau (1 - exp(-(e - a) / tau)) - b tau_c (1 - exp(-(e - a) / tau_c)) ]
//! ```
//! Modulating spikes reach all synapses after `modulator_delay`. The events of a synapse are
//! these, its presynaptic spikes, and its postsynaptic ones that have a presynaptic one before.

use super::dopamine::{Dopamine, Stretch};
use super::on_spikes::{Segment, SpikePlasticity, SpikeRule, SynapseSlice};
use super::pairs::decay::Decay;
use super::pairs::dependence::Bounds;
use super::pairs::postsynaptic::{MINUS_SPAN, PLUS_SPAN, Pairing, Postsynaptic, Spike};
use super::pairs::potentiate::Window;
use super::pairs::presynaptic::Presynaptic;
use super::stdp::{W_MAX, W_MIN, bounds, number, time, weight};
use super::weight_normalisation::period;
use crate::parameter::{Field, Form, Kind, Range, Values};
use crate::real::Real;
use crate::unit::Dimension;

#[derive(Debug, Clone, Copy)]
struct DopamineStdp {
    tau_plus: f64,
    tau_minus: f64,
    a_plus: f64,
    a_minus: f64,
    tau_c: f64,
    tau_n: f64,
    baseline: f64,
    modulator_delay: f64,
    bounds: (f64, f64),
}

pub(super) const KIND: Kind<dyn SpikeRule> = Kind {
    name: "dopamine_stdp",
    aliases: &["stdp_dopamine", "stdp_dopamine_synapse"],
    summary: "STDP gated by a neuromodulator: eligibility traces that dopamine turns into weights",
    fields: &[
        time("tau_plus", "20 ms", "How potentiation falls with the time from pre to post"),
        time("tau_minus", "20 ms", "How depression falls with the time from post to pre"),
        weight("a_plus", &["A_plus"], "1", Range::Any, "Rise of the eligibility by a pair, pre before post"),
        weight("a_minus", &["A_minus"], "1.5", Range::Any, "Fall of the eligibility by a pair, post before pre"),
        time("tau_c", "1 s", "Decay of the eligibility"),
        time("tau_n", "200 ms", "Decay of dopamine"),
        number("baseline", &["b"], "0", Range::Any, "Dopamine at which weights stay as they are, in spikes per ms"),
        Field {
            name: "modulator_delay",
            aliases: &["vt_delay"],
            form: Form::Quantity(Dimension::Time),
            default: Some("1 ms"),
            range: Range::NotNegative,
            doc: "From a modulating spike to its effect at the synapses",
        },
        W_MAX,
        W_MIN,
    ],
    build: |v: &Values| {
        Ok(Box::new(DopamineStdp {
            tau_plus: v.number("tau_plus"),
            tau_minus: v.number("tau_minus"),
            a_plus: v.number("a_plus"),
            a_minus: v.number("a_minus"),
            tau_c: v.number("tau_c"),
            tau_n: v.number("tau_n"),
            baseline: v.number("baseline"),
            modulator_delay: v.number("modulator_delay"),
            bounds: bounds(v)?,
        }))
    },
};

impl SpikeRule for DopamineStdp {
    fn synapse_bytes(&self, real: usize) -> usize {
        (real + size_of::<i64>()).next_multiple_of(size_of::<i64>())
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        Some(self.bounds)
    }

    fn largest_change(&self) -> f64 {
        [self.a_plus, self.a_minus, self.baseline * self.tau_c].iter().fold(0.0, |most, change| most.max(change.abs()))
    }

    in_both_precisions!(DopamineStdpAtWork);

    fn whole_ticks(&self) -> &'static [&'static str] {
        &["modulator_delay"]
    }

    fn is_modulated(&self) -> bool {
        true
    }
}

/// What a synapse keeps beside its weight: its eligibility, and when both were brought up to date.
#[derive(Debug, Clone, Copy)]
struct Eligibility<R> {
    value: R,
    since: i64,
}

#[derive(Debug, Clone)]
struct DopamineStdpAtWork<R> {
    rule: DopamineStdp,
    plus: Decay,
    minus: Decay,
    bounds: Bounds<R>,
    longest_delay: i64,
    sources: Vec<Presynaptic>,
    eligibilities: Vec<Eligibility<R>>,
    past: Postsynaptic<R>,
    dopamine: Dopamine,
    found: Vec<Spike<R>>,
}

impl<R: Real> DopamineStdpAtWork<R> {
    fn new(rule: DopamineStdp, scope: &SynapseSlice) -> Self {
        let plus = Decay::new(rule.tau_plus, scope.resolution, PLUS_SPAN);
        let minus = Decay::new(rule.tau_minus, scope.resolution, MINUS_SPAN);
        let delay = if rule.modulator_delay > 0.0 { period(rule.modulator_delay, scope.resolution) } else { 0 };
        Self {
            rule,
            plus,
            minus,
            bounds: Bounds::between(rule.bounds.0, rule.bounds.1),
            longest_delay: i64::from(scope.longest_delay),
            sources: vec![Presynaptic::SILENT; scope.segments],
            eligibilities: vec![Eligibility { value: R::default(), since: 0 }; scope.synapses],
            past: Postsynaptic::new(scope, plus, minus, Pairing::All),
            dopamine: Dopamine::new((rule.tau_c, rule.tau_n, rule.baseline), delay as i64, scope.resolution),
            found: Vec::new(),
        }
    }

    /// Brings the synapses of a segment through all their events up to `cut` (in the time of
    /// postsynaptic spikes), and further as `until` says.
    fn catch_up(&mut self, cut: i64, segment: &mut Segment<'_, R>, until: Until) {
        let delay = i64::from(segment.delay);
        let source = &self.sources[segment.index];
        let window = Window::new(source, segment.delay, cut, self.plus, self.rule.a_plus);
        let view = self.past.view(segment.delay);
        let view = self.past.at(view);
        let factor = R::rounded(self.rule.a_minus * self.minus.over(cut - self.minus.centre(view.epoch)));
        let own = &mut self.eligibilities[segment.first..segment.first + segment.targets.len()];
        for ((weight, &target), own) in segment.weights.iter_mut().zip(segment.targets).zip(own) {
            let target = usize::from(target);
            let mut synapse = Synapse { weight, own, bounds: self.bounds };
            if let Some(window) = &window {
                self.past.of_neuron(target, source.through, cut, &mut self.found);
                for post in &self.found {
                    synapse.advance(&mut self.dopamine, post.tick + delay, true);
                    synapse.own.value += window.amount(post);
                }
            }
            synapse.advance(&mut self.dopamine, cut + delay, until != Until::LastEvent);
            if until == Until::Arrival {
                synapse.own.value = synapse.own.value - factor * view.traces[target];
            }
        }
        self.sources[segment.index].through = cut;
    }
}

/// How far synapses are brought.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Until {
    /// Through their last event up to a time.
    LastEvent,
    /// To that time itself.
    Cut,
    /// To it, and through the presynaptic spike that arrives then.
    Arrival,
}

/// One synapse on its way through time.
struct Synapse<'a, R> {
    weight: &'a mut R,
    own: &'a mut Eligibility<R>,
    bounds: Bounds<R>,
}

impl<R: Real> Synapse<'_, R> {
    /// Through every modulating spike up to `tick`, and to `tick` itself when it has an `event`.
    fn advance(&mut self, dopamine: &mut Dopamine, tick: i64, event: bool) {
        let mut next = dopamine.after(self.own.since);
        while let Some(spike) = dopamine.spike(next).filter(|&spike| spike <= tick) {
            self.pass(dopamine.stretch(next, self.own.since, spike), spike);
            next += 1;
        }
        if event {
            self.pass(dopamine.stretch(next, self.own.since, tick), tick);
        }
    }

    /// Over a stretch without events, to its end.
    fn pass(&mut self, stretch: Stretch, end: i64) {
        let change = R::rounded(stretch.gain) * self.own.value;
        *self.weight = self.bounds.clip(*self.weight + change);
        *self.own = Eligibility { value: R::rounded(stretch.decay) * self.own.value, since: end };
    }
}

impl<R: Real> SpikePlasticity<R> for DopamineStdpAtWork<R> {
    fn on_pre(&mut self, pre: u64, mut segment: Segment<'_, R>) -> R {
        let cut = pre as i64 - i64::from(segment.delay);
        self.catch_up(cut, &mut segment, Until::Arrival);
        self.sources[segment.index].fire(pre as i64, cut, self.plus, true);
        R::from(1.0)
    }

    fn on_post(&mut self, tick: u64, neurons: &[u32]) {
        self.past.tell(tick, neurons, |_| 1.0);
    }

    fn on_modulator(&mut self, tick: u64, spikes: usize) {
        self.dopamine.tell(tick as i64, spikes);
    }

    fn wants_to_settle(&self, tick: u64) -> bool {
        self.past.is_long(tick) || self.dopamine.is_long()
    }

    fn settle(&mut self, mut segment: Segment<'_, R>) {
        let view = self.past.view(segment.delay);
        self.catch_up(self.past.at(view).cut, &mut segment, Until::LastEvent);
    }

    fn update(&mut self, mut segment: Segment<'_, R>) {
        let view = self.past.view(segment.delay);
        self.catch_up(self.past.at(view).cut, &mut segment, Until::Cut);
    }

    fn settled(&mut self, tick: u64) {
        self.past.shorten(tick);
        self.dopamine.shorten(tick as i64 + 1 - self.longest_delay);
    }

    fn duplicate(&self) -> Box<dyn SpikePlasticity<R>> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{agrees_with_itself, values};
    use super::*;
    use crate::parameter::Value;

    #[test]
    fn settling_and_slices_change_no_bit_and_f32_is_close() {
        let numbers = [
            ("tau_plus", 1.3),
            ("tau_minus", 0.9),
            ("a_plus", 0.01),
            ("a_minus", 0.012),
            ("tau_c", 20.0),
            ("tau_n", 5.0),
            ("baseline", 0.3),
            ("w_max", 1.0),
        ];
        for delay in [0.0, 0.7] {
            let numbers = numbers.iter().copied().chain([("modulator_delay", delay)]);
            let set: Vec<_> = numbers.map(|(name, number)| (name, Value::Number(number))).collect();
            agrees_with_itself(|| (KIND.build)(&values(&KIND, &set)).unwrap());
        }
    }
}
