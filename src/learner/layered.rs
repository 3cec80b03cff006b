//! Layers that learn by a rule of trainings (TOML `rule.*`), in either regime.

use std::sync::Arc;

use crate::dataset::Samples;
use crate::error::Result;
use crate::experiment::optimizer::Optimizer;
use crate::gain::centring::Centring;
use crate::gain::dropout::Dropout;
use crate::learned::{Change, ParameterId, Parameters};
use crate::matrix::Matrix;
use crate::model::Model;
use crate::network::bench::{Bench, Moment, Scratch, Seen};
use crate::network::presenter::Presenter;
use crate::network::signal::{ANSWER, Batch, Pass};
use crate::network::stack::{Coding, Stack};
use crate::regime::{self, Regime};
use crate::rule::{Lesson, Rule};
use crate::task::{Targets, Task};

/// Stacks of layers with a rule.
pub struct Layered {
    pub stacks: Vec<Stack>,
    pub parameters: Parameters,
    pub coding: Coding,
    pub regime: Regime,
    task: Arc<dyn Task>,
    rule: Box<dyn Rule>,
    presenter: Box<dyn Presenter>,
    scratch: Scratch,
}

/// What is done to layers beside what the model says.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Extras {
    /// Whether the mean training sample is taken off the input.
    pub centring: bool,
    /// Probability that a neuron of the input or of a hidden layer is silenced.
    pub dropout: f64,
}

impl Layered {
    /// The network of `model` with the weights that `seed` draws.
    ///
    /// # Errors
    /// As [`Stack::all`].
    pub fn new(
        model: &Model,
        seed: u64,
        (coding, regime): (Coding, Regime),
        (rule, task): (Box<dyn Rule>, Arc<dyn Task>),
        extras: Extras,
    ) -> Result<Self> {
        let (mut stacks, mut parameters) = Stack::all(model, seed)?;
        let main = &mut stacks[0];
        let last = main.len() - 1;
        main.layers[last].fires = coding.decoder.fires();
        if extras.centring {
            main.add_gain(0, Arc::new(Centring), &mut parameters);
        }
        for layer in (0..last).filter(|_| extras.dropout > 0.0) {
            main.add_gain(layer, Arc::new(Dropout(extras.dropout)), &mut parameters);
        }
        for parameter in rule.parameters(&stacks, seed) {
            parameters.add(parameter);
        }
        let (presenter, scratch) = (regime::presenter(regime), Scratch::default());
        Ok(Self { stacks, parameters, coding, regime, task, rule, presenter, scratch })
    }

    /// The stack that samples enter.
    pub fn main(&self) -> &Stack {
        &self.stacks[0]
    }

    /// Fits the gains of the input to the samples `indices`.
    pub fn fit(&mut self, samples: &Samples, indices: &[u32]) {
        let gains = self.stacks[0].layers[0].gains.clone();
        let Some(gains) = gains.iter().any(|gain| !gain.parameters.is_empty()).then_some(gains) else { return };
        let means = self.mean_rates(samples, indices);
        for gain in gains {
            let mut own: Vec<Matrix> = gain.parameters.iter().map(|&id| self.parameters.values(id).clone()).collect();
            gain.gain.fit(&means, &mut own.iter_mut().collect::<Vec<_>>());
            for (&id, values) in gain.parameters.iter().zip(own) {
                *self.parameters.values_mut(id) = values;
            }
        }
    }

    /// What the encoder sends on average over samples, in spikes per tick.
    fn mean_rates(&self, samples: &Samples, indices: &[u32]) -> Vec<f64> {
        let mut sums = vec![0.0f64; samples.width()];
        let mut rates = vec![0.0; samples.width()];
        for &index in indices {
            samples.read(index as usize, &mut rates);
            self.coding.encoder.rates(&mut rates, self.main().resolution);
            sums.iter_mut().zip(&rates).for_each(|(sum, &rate)| *sum += f64::from(rate));
        }
        sums.iter().map(|sum| sum / indices.len().max(1) as f64).collect()
    }

    /// Scales initial weights, layer by layer, so that the root mean square of the mean drive over a batch is
    /// `wanted` of the threshold (LSUV-like; Mishkin & Matas 2016).
    pub fn calibrate(&mut self, batch: &Batch, targets: &Targets, wanted: f64) {
        for layer in 1..self.main().len() {
            let link = self.main().layers[layer].link();
            let (weights, threshold) = (link.weights, link.neuron().membrane(self.main().resolution).threshold);
            if !self.parameters.get(weights).learns {
                continue;
            }
            let drive = self.on_bench(batch, targets, Moment::default(), |_, bench| {
                let pass = bench.run(0, &bench.input(&ANSWER), &ANSWER);
                pass.drive(layer).iter().map(|&z| f64::from(z) * f64::from(z)).sum::<f64>()
                    / pass.drive(layer).len() as f64
            });
            if drive > 0.0 {
                *self.parameters.values_mut(weights) *= (wanted * threshold / drive.sqrt()) as f32;
            }
        }
    }

    /// Presents a batch and says what the rule learned from it, and what was seen of it.
    pub fn learn(&mut self, batch: &Batch, targets: &Targets, moment: Moment) -> (Lesson, Seen) {
        self.on_bench(batch, targets, moment, |rule, bench| {
            let lesson = rule.learn(bench);
            (lesson, bench.seen())
        })
    }

    /// The learning rate of each parameter: that of the layer to which it belongs.
    pub fn rates(&self) -> Vec<f64> {
        let rates = self.rule.learning_rates();
        let of_layer = |layer: usize| rates[layer.saturating_sub(1).min(rates.len() - 1)];
        let layers =
            |name: &str| self.stacks.iter().find_map(|stack| stack.layers.iter().position(|layer| layer.name == name));
        let rate = |name: &str| {
            let layer =
                name.strip_prefix("feedback/").unwrap_or(name).rsplit_once('.').map_or(name, |(layer, _)| layer);
            of_layer(layers(layer).unwrap_or(0))
        };
        self.parameters.iter().map(|(_, parameter)| rate(&parameter.name)).collect()
    }

    /// Takes the values of these parameters from matrices of their names, with `prefix` before them.
    ///
    /// # Errors
    /// A sentence when one is missing or of another shape.
    pub fn take(
        &mut self,
        ids: &[ParameterId],
        prefix: &str,
        given: &[(String, Matrix)],
    ) -> std::result::Result<(), String> {
        ids.iter().try_for_each(|&id| self.parameters.take_one(id, prefix, given))
    }

    /// Moves parameters by what was learned; `rate` gives the learning rate of each.
    pub fn apply(&mut self, lesson: &Lesson, optimizer: &mut Optimizer, rate: impl Fn(ParameterId) -> f32) {
        for (id, change) in lesson.changes.iter().filter(|&(id, _)| self.parameters.get(id).learns).collect::<Vec<_>>()
        {
            let rate = rate(id);
            match change {
                Change::Step(step) => optimizer.apply(id.index(), self.parameters.values_mut(id), step, rate),
                Change::Set(values) => self.parameters.values_mut(id).copy_from(values),
            }
        }
    }

    /// The main stack's answer to a batch: nothing is learned.
    pub fn answer(&mut self, batch: &Batch, targets: &Targets) -> Pass {
        self.on_bench(batch, targets, Moment::default(), |_, bench| bench.run(0, &bench.input(&ANSWER), &ANSWER))
    }

    /// The answer of the same network in another regime.
    pub fn answer_in(&mut self, regime: Regime, batch: &Batch, targets: &Targets) -> Pass {
        let own = std::mem::replace(&mut self.presenter, regime::presenter(regime));
        let pass = self.answer(batch, targets);
        self.presenter = own;
        pass
    }

    fn on_bench<T>(
        &mut self,
        batch: &Batch,
        targets: &Targets,
        moment: Moment,
        work: impl FnOnce(&dyn Rule, &Bench<'_>) -> T,
    ) -> T {
        let Self { stacks, parameters, coding, task, rule, presenter, scratch, .. } = self;
        let bench =
            Bench::new(stacks, parameters, (batch, targets), (&**task, coding), presenter.as_mut(), scratch, moment);
        work(&**rule, &bench)
    }

    /// What the rule watches at this moment.
    pub fn watch(&self, moment: Moment) -> Vec<(String, f64)> {
        self.rule.watch(&self.stacks, &self.parameters, moment)
    }

    /// The rule.
    pub fn rule(&self) -> &dyn Rule {
        &*self.rule
    }

    /// The constant currents of the input, n x 1, where it is centred.
    pub fn offset(&self) -> Option<&Matrix> {
        let name = format!("{}.{}", self.main().layers[0].name, crate::gain::centring::OFFSET);
        self.parameters.find(&name).map(|id| self.parameters.values(id))
    }

    /// Weights of the main stack, by layer behind the input.
    pub fn weights(&self) -> Vec<&Matrix> {
        self.main().weights().map(|id: ParameterId| self.parameters.values(id)).collect()
    }
}
