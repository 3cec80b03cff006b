//! A generator for inputs that list their arrivals: each neuron's are drawn a span of ticks
//! at a time, from a stream of its own.

use std::sync::Arc;

use super::generator::{Generator, Pulses, Scope};
use super::{Arrival, Input};
use crate::random::{Purpose, Stream};
use crate::time::Tick;

/// Ticks drawn at a time.
const SPAN: u64 = 256;

/// The arrivals of an input at a slice.
#[derive(Debug, Clone)]
pub struct Spans {
    input: Arc<dyn Input>,
    scope: Scope,
    /// The span that was drawn last, counted from 0.
    drawn: Option<u64>,
    /// (arrival, neuron of the slice), by tick and neuron.
    arrivals: Vec<(Arrival, u32)>,
    few: Vec<(u32, u16)>,
    levels: Vec<f64>,
}

impl Spans {
    /// The arrivals of `input` at the slice of `scope`.
    pub fn new(input: Arc<dyn Input>, scope: Scope) -> Self {
        let levels = if input.sends_currents() { vec![0.0; scope.neurons.len()] } else { Vec::new() };
        Self { input, scope, drawn: None, arrivals: Vec::new(), few: Vec::new(), levels }
    }

    /// The arrivals of `tick`.
    fn at(&mut self, tick: u64) -> std::ops::Range<usize> {
        if self.drawn != Some(tick / SPAN) {
            self.draw(tick / SPAN);
        }
        let first = self.arrivals.partition_point(|(arrival, _)| arrival.tick().0 < tick);
        let count = self.arrivals[first..].iter().take_while(|(arrival, _)| arrival.tick().0 == tick).count();
        first..first + count
    }

    fn draw(&mut self, span: u64) {
        self.drawn = Some(span);
        self.arrivals.clear();
        let ticks = Tick(span * SPAN)..Tick((span + 1) * SPAN);
        let step = ((self.scope.input as u64) << 40) | span;
        for (index, neuron) in self.scope.neurons.clone().enumerate() {
            let entity = self.scope.first_entity + neuron as u32;
            let mut stream = Stream::new(self.scope.seed, Purpose::Input, entity, step);
            let arrivals = self.input.arrivals(neuron, ticks.clone(), self.scope.resolution, &mut stream);
            self.arrivals.extend(arrivals.into_iter().map(|arrival| (arrival, index as u32)));
        }
        self.arrivals.sort_by_key(|&(arrival, neuron)| (arrival.tick(), neuron));
    }
}

impl Generator for Spans {
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        let range = self.at(tick);
        self.few.clear();
        for &(arrival, neuron) in &self.arrivals[range] {
            match (arrival, self.few.last_mut()) {
                (Arrival::Current(..), _) => {}
                (Arrival::Spike(_), Some((last, count))) if *last == neuron => *count += 1,
                (Arrival::Spike(_), _) => self.few.push((neuron, 1)),
            }
        }
        if self.few.is_empty() { Pulses::None } else { Pulses::Few(&self.few) }
    }

    fn currents(&mut self, tick: u64) -> Option<&[f64]> {
        if self.levels.is_empty() {
            return None;
        }
        let fresh = self.drawn.is_none();
        let range = self.at(tick);
        for &(arrival, neuron) in &self.arrivals[range.clone()] {
            if let Arrival::Current(_, level) = arrival {
                self.levels[neuron as usize] = level;
            }
        }
        (fresh || !range.is_empty()).then_some(&self.levels)
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        Box::new(self.clone())
    }
}
