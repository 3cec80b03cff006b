//! The bench that a rule works on: stacks of layers with their parameters, a batch and a regime. The rule
//! runs passes on it, as many as it wants, whole stacks or single layers, and sends signals back down.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::linear;
use super::presenter::{Carrier, Descent, Given, Presenter, Way};
use super::signal::{Batch, Conditions, LEARN, LayerPass, Pass, Signal, Work};
use super::stack::{Coding, Stack};
use crate::learned::{Changes, ParameterId, Parameters};
use crate::matrix::Matrix;
use crate::pool::{Pool, Pooled};
use crate::random::{Purpose, Stream};
use crate::task::{Targets, Task};

/// How far a training is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// From 1; 0 before a training.
    pub epoch: u32,
    /// Batches of the epoch that are done.
    pub batch: u32,
    /// Which pass over the data of the epoch this is, from 0.
    pub sweep: u32,
}

/// What a bench saw of the passes on it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Seen {
    pub work: Work,
    /// Whether all outputs were finite numbers.
    pub finite: bool,
    /// In the last pass of the main stack: mean activity of neurons between input and output, in spikes per tick, and
    /// the part of them that was silent in all presentations.
    pub mean_activity: f64,
    pub silent_fraction: f64,
}

/// Scratch memory that outlives batches.
#[derive(Default)]
pub struct Scratch {
    pub pool: Pool,
    linear: RefCell<linear::Scratch>,
}

/// What a rule sees of a batch, whatever the regime.
pub struct Bench<'a> {
    pub stacks: &'a [Stack],
    pub parameters: &'a Parameters,
    pub batch: &'a Batch,
    pub targets: &'a Targets,
    pub task: &'a dyn Task,
    pub moment: Moment,
    coding: &'a Coding,
    presenter: RefCell<&'a mut dyn Presenter>,
    scratch: &'a Scratch,
    seen: Cell<Seen>,
}

/// Which weights carry a signal down.
#[derive(Debug, Clone, Copy)]
pub enum Feedback<'a> {
    /// The forward weights ("tied").
    Tied,
    /// Others of the same shapes, one for each layer behind the lowest hidden one.
    Own(&'a [ParameterId]),
    /// From the outputs straight to each hidden layer, outputs x neurons.
    Direct(&'a [ParameterId]),
}

impl<'a> Bench<'a> {
    /// A bench for one batch.
    pub fn new(
        stacks: &'a [Stack],
        parameters: &'a Parameters,
        (batch, targets): (&'a Batch, &'a Targets),
        (task, coding): (&'a dyn Task, &'a Coding),
        presenter: &'a mut dyn Presenter,
        scratch: &'a Scratch,
        moment: Moment,
    ) -> Self {
        let (presenter, seen) = (RefCell::new(presenter), Cell::new(Seen { finite: true, ..Seen::default() }));
        Self { stacks, parameters, batch, targets, task, moment, coding, presenter, scratch, seen }
    }

    fn given<'b>(&'b self, stack: usize, conditions: &'b Conditions<'b>) -> Given<'b> {
        Given {
            stack: &self.stacks[stack],
            parameters: self.parameters,
            batch: self.batch,
            coding: self.coding,
            conditions,
            pool: &self.scratch.pool,
        }
    }

    /// What the input of the main stack sends for the batch.
    pub fn input(&self, with: &Conditions<'_>) -> Rc<Signal> {
        Rc::new(self.presenter.borrow_mut().encode(&self.given(0, with)))
    }

    /// An activity (n x B) as what a layer sends: itself in rates, evenly spaced spikes in spikes.
    pub fn send(&self, activity: &Matrix) -> Rc<Signal> {
        Rc::new(self.presenter.borrow_mut().send(activity, &self.given(0, &LEARN)))
    }

    /// Runs a stack.
    pub fn run(&self, stack: usize, input: &Rc<Signal>, with: &Conditions<'_>) -> Pass {
        let given = self.given(stack, with);
        let mut presenter = self.presenter.borrow_mut();
        let mut work = Work { input_spikes: spikes_of(input), ..Work::default() };
        let mut layers: Vec<LayerPass> = Vec::with_capacity(given.stack.len() - 1);
        for layer in 1..given.stack.len() {
            let below = layers.last().map_or(input, |below| &below.signal);
            let (pass, own) = presenter.layer(layer, below, &given);
            work += own;
            layers.push(pass);
        }
        let last = layers.last().expect("a stack has a layer behind its input");
        work.hidden_spikes -= spikes_of(&last.signal);
        let output = match stack {
            0 => presenter.decode(last, &given),
            _ => given.pool.copy(&last.signal.mean),
        };
        let pass = Pass { input: Rc::clone(input), layers, output, work };
        self.see(stack, &pass);
        pass
    }

    /// Runs one layer behind the input of a stack on what is sent to it.
    pub fn layer(&self, stack: usize, layer: usize, input: &Signal, with: &Conditions<'_>) -> LayerPass {
        let (pass, work) = self.presenter.borrow_mut().layer(layer, input, &self.given(stack, with));
        let mut seen = self.seen.get();
        seen.work += Work { input_spikes: spikes_of(input), ..work };
        self.seen.set(seen);
        pass
    }

    fn see(&self, stack: usize, pass: &Pass) {
        let mut seen = self.seen.get();
        seen.work += pass.work;
        seen.finite &= pass.output.iter().all(|value| value.is_finite());
        if stack == 0 {
            let hidden = || (1..pass.len() - 1).map(|layer| pass.activity(layer));
            let (neurons, values) = hidden().fold((0, 0), |(n, v), h| (n + h.nrows(), v + h.len()));
            let sum: f32 = hidden().map(Matrix::sum).sum();
            let silent: usize = hidden().map(silent_rows).sum();
            seen.mean_activity = f64::from(sum) / values.max(1) as f64;
            seen.silent_fraction = silent as f64 / neurons.max(1) as f64;
        }
        self.seen.set(seen);
    }

    /// Sends a signal of the output neurons (outputs x B) down the layers, through every gate on its way. Answers with
    /// the factor that reaches each layer behind the input, the lowest first and the signal itself last:
    /// `f_l = W_{l+1}^T (gate_{l+1} o f_{l+1})`.
    pub fn descend(
        &self,
        stack: usize,
        pass: &Pass,
        feedback: Feedback<'_>,
        signal: Pooled,
        by: Carrier,
    ) -> Vec<Pooled> {
        let layers = &self.stacks[stack].layers;
        let hidden = layers.len() - 2;
        let way = |below: usize, weights: ParameterId| {
            let fields = &layers[below + 1].link().fields;
            Way { fields, weights: self.parameters.values(weights), gate: pass.gate(below) }
        };
        let top = pass.gate(hidden + 1);
        let mut presenter = self.presenter.borrow_mut();
        let mut descend = |ways: &[Way<'_>]| {
            let descent = Descent { signal: &signal, gate: top, ways, carrier: by };
            presenter.descend(&descent, &self.scratch.pool)
        };
        let mut factors = match feedback {
            Feedback::Tied => {
                let ways: Vec<Way<'_>> =
                    (1..=hidden).map(|below| way(below, layers[below + 1].link().weights)).collect();
                descend(&ways)
            }
            Feedback::Own(own) => {
                let ways: Vec<Way<'_>> = own.iter().enumerate().map(|(index, &id)| way(index + 1, id)).collect();
                descend(&ways)
            }
            Feedback::Direct(own) => {
                let straight = own.iter().enumerate().map(|(index, &id)| (index + 1, self.parameters.values(id)));
                let one = |(below, weights): (usize, &Matrix)| {
                    let fields = crate::topology::fields::Fields::dense(weights.ncols(), weights.nrows());
                    descend(&[Way { fields: &fields, weights, gate: pass.gate(below) }])
                };
                straight.flat_map(one).collect()
            }
        };
        factors.push(signal);
        factors
    }

    /// How weights and bias of a layer behind the input would move by this factor (n x B), on average over the batch:
    /// `gate o factor x input^T / B`.
    pub fn learned(&self, stack: usize, layer: usize, pass: &Pass, factor: &Matrix) -> Changes {
        let link = self.stacks[stack].layers[layer].link();
        let pool = &self.scratch.pool;
        let mut gated = pool.copy(factor);
        gated.component_mul_assign(pass.gate(layer));
        let scale = 1.0 / pass.batch().max(1) as f32;
        let mut changes = Changes::default();
        let weights = self.parameters.values(link.weights);
        let mut change = pool.matrix(weights.nrows(), weights.ncols());
        let mut scratch = self.scratch.linear.borrow_mut();
        let input = pass.activity(layer - 1);
        linear::outer(&link.fields, scale, &gated, input, change.as_mut_slice(), &mut scratch);
        changes.step(link.weights, change);
        if let Some(bias) = link.bias {
            let mut change = pool.filled(gated.nrows(), 1, 0.0);
            gated.column_iter().for_each(|column| *change += column * scale);
            changes.step(bias, change);
        }
        changes
    }

    /// The three-factor change of every layer of a stack; `factors` are those of the layers behind the input.
    pub fn three_factor(&self, stack: usize, pass: &Pass, factors: &[Pooled]) -> Changes {
        let mut changes = Changes::default();
        for (index, factor) in factors.iter().enumerate() {
            changes.extend(self.learned(stack, index + 1, pass, factor));
        }
        changes
    }

    /// The random numbers of the presentation in `column` for `purpose`.
    pub fn stream(&self, column: usize, purpose: Purpose) -> Stream {
        self.batch.stream(column, purpose, 0)
    }

    /// A matrix to write over.
    pub fn matrix(&self, rows: usize, columns: usize) -> Pooled {
        self.scratch.pool.matrix(rows, columns)
    }

    /// A copy.
    pub fn copy(&self, matrix: &Matrix) -> Pooled {
        self.scratch.pool.copy(matrix)
    }

    /// What was seen of all passes so far.
    pub fn seen(&self) -> Seen {
        self.seen.get()
    }
}

/// Neurons that were silent in all presentations.
fn silent_rows(activity: &Matrix) -> usize {
    let silent = |row: usize| activity.row(row).iter().all(|&value| value <= 0.0);
    (0..activity.nrows()).filter(|&row| silent(row)).count()
}

fn spikes_of(signal: &Signal) -> u64 {
    signal.spikes.as_ref().map_or(0, |trains| trains.sources.len() as u64)
}
