//! An input that reaches its neurons later than it says, as over a synaptic delay.

use super::generator::{Generator, Pulses};

/// What `generator` gives, `delay` ticks later.
pub(super) struct Delayed {
    generator: Box<dyn Generator>,
    delay: u64,
    /// What flows before the first current.
    zeros: Vec<f64>,
    /// Whether a current was asked for.
    asked: bool,
}

impl Delayed {
    /// For a slice of so many neurons.
    pub fn new(generator: Box<dyn Generator>, delay: u64, neurons: usize) -> Self {
        Self { generator, delay, zeros: vec![0.0; neurons], asked: false }
    }
}

impl Generator for Delayed {
    fn pulses(&mut self, tick: u64) -> Pulses<'_> {
        if tick <= self.delay { Pulses::None } else { self.generator.pulses(tick - self.delay) }
    }

    fn currents(&mut self, tick: u64) -> Option<&[f64]> {
        let first = !std::mem::replace(&mut self.asked, true);
        match tick.checked_sub(self.delay) {
            Some(sent) => self.generator.currents(sent),
            None => first.then_some(&self.zeros),
        }
    }

    fn offsets(&self) -> &[f64] {
        self.generator.offsets()
    }

    fn duplicate(&self) -> Box<dyn Generator> {
        let generator = self.generator.duplicate();
        Box::new(Self { generator, delay: self.delay, zeros: self.zeros.clone(), asked: self.asked })
    }
}
