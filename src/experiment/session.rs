//! One arm of an experiment trained with one seed: a pure function of experiment, arm, seed
//! and data, that can stop after any batch and go on later as if it never had.

use std::sync::Arc;

use super::batches::{Preparation, centring, shuffled, split};
use super::evaluation::{Evaluation, Evaluator};
use super::optimizer::Optimizer;
use super::position::{Position, Tally};
use super::resumption;
use super::training::Training;
use super::{Arm, Experiment};
use crate::dataset::Data;
use crate::decode::linear;
use crate::error::{Error, Problem, Result};
use crate::matrix::Matrix;
use crate::network::chain::Chain;
use crate::network::{self, Network};
use crate::parameter::{Kind, Spec, find};
use crate::record::{Progress, TrainingObserver};
use crate::regime::stage::BatchStage;
use crate::regime::{Batch, Code, Presenter, Regime, Response};
use crate::result::Run;
use crate::rule::{Lesson, Rule};

/// Samples of the training set that stand in for a validation set where there is none.
const PROBE: usize = 1000;
/// Samples on which initial weights are scaled.
const CALIBRATION: usize = 256;

/// A training that is under way, or done.
pub struct Session<'a> {
    pub experiment: &'a Experiment,
    pub arm: &'a Arm,
    pub seed: u64,
    /// Keys the random numbers of an encoder outside of training: the seed, unless told otherwise.
    pub encoder_seed: u64,
    data: &'a Data,
    network: Network,
    chain: Chain,
    presenter: Box<dyn Presenter>,
    code: Code,
    rule: Box<dyn Rule>,
    memory: Vec<Matrix>,
    optimizer: Optimizer,
    train: Vec<u32>,
    held_out: Vec<u32>,
    position: Position,
    best_weights: Vec<Matrix>,
    fitted: Option<Matrix>,
}

/// Why [`Session::train`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Finished,
    Interrupted,
}

impl<'a> Session<'a> {
    /// A training at its start.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the model is no chain of dense layers, or when more samples
    /// are asked for than there are.
    pub fn new(experiment: &'a Experiment, arm: &'a Arm, seed: u64, data: &'a Data) -> Result<Self> {
        let network = network::build(&experiment.model, seed)?;
        let chain = Chain::of(&network)?;
        let rule = make(crate::rule::KINDS, &arm.rule)?;
        let memory = rule.memory(&chain.shapes(), seed);
        let shapes = [chain.shapes(), memory.iter().map(Matrix::shape).collect()].concat();
        check_samples(arm, data)?;
        let (train, held_out) = split(data.train.len(), arm.training.validation, arm.training.samples as usize, seed);
        let mut code = Code {
            encoder: Arc::from(make(crate::encode::KINDS, &arm.encoder)?),
            decoder: Arc::from(make(crate::decode::KINDS, &arm.decoder)?),
            offset: Vec::new(),
        };
        if arm.training.center {
            code.offset = centring(code.encoder.as_ref(), &data.train, &train, chain.resolution);
        }
        let mut session = Self {
            presenter: arm.regime.presenter(&chain, code.clone()),
            optimizer: Optimizer::new(&arm.training, &shapes),
            position: Position::start(experiment, arm, seed),
            best_weights: Vec::new(),
            fitted: None,
            experiment,
            arm,
            seed,
            encoder_seed: seed,
            data,
            network,
            chain,
            code,
            rule,
            memory,
            train,
            held_out,
        };
        session.calibrate();
        Ok(session)
    }

    /// Scales initial weights, layer by layer, to the drive that the experiment asks for.
    fn calibrate(&mut self) {
        let wanted = self.arm.training.initial_drive;
        if wanted == 0.0 {
            return;
        }
        let indices = &self.train[..CALIBRATION.min(self.train.len())];
        let preparation = Preparation { seed: self.seed, step: 0, shift: 0, dropout: 0.0 };
        let (batch, _) = preparation.batch(&self.data.train, indices);
        for projection in (0..self.chain.weights.len()).filter(|&projection| self.chain.plastic[projection]) {
            let response = self.presenter.present(&self.chain, &batch);
            let drive = &response.drive[projection + 1];
            let squares: f64 = drive.iter().map(|&z| f64::from(z) * f64::from(z)).sum();
            let rms = (squares / drive.len() as f64).sqrt();
            let threshold = self.chain.neuron(projection).membrane(self.chain.resolution).threshold;
            if rms > 0.0 {
                self.chain.weights[projection] *= (wanted * threshold / rms) as f32;
            }
        }
    }

    /// Trains until done or until the observer says that the user wants to stop, calling
    /// `save` after every epoch and before an early return.
    ///
    /// # Errors
    /// Those of `save`; [`Error::Run`] when weights are no longer finite.
    pub fn train(
        &mut self,
        observer: &dyn TrainingObserver,
        save: &mut dyn FnMut(&Self) -> Result<()>,
    ) -> Result<Stop> {
        while self.position.epoch < self.arm.training.epochs {
            if self.train_epoch(observer)? == Stop::Interrupted {
                save(self)?;
                return Ok(Stop::Interrupted);
            }
            self.close_epoch(observer);
            save(self)?;
        }
        Ok(Stop::Finished)
    }

    /// The rest of the epoch that the position stands in.
    fn train_epoch(&mut self, observer: &dyn TrainingObserver) -> Result<Stop> {
        let training = &self.arm.training;
        let epoch = self.position.epoch + 1;
        let order = shuffled(&self.train, epoch, self.seed);
        let preparation =
            Preparation { seed: self.seed, step: u64::from(epoch), shift: training.shift, dropout: training.dropout };
        let start = observer.clock();
        let before = self.position.tally;
        let first = self.position.batch as usize;
        for indices in order.chunks(training.batch as usize).skip(first) {
            let (batch, labels) = preparation.batch(&self.data.train, indices);
            let response = self.learn(&batch, &labels)?;
            self.position.batch += 1;
            let now = observer.clock();
            self.position.tally.wall_s = before.wall_s + now.0 - start.0;
            self.position.tally.cpu_s = before.cpu_s + now.1 - start.1;
            observer.batch(&self.arm.label(), self.seed, &self.progress(&order, &response));
            if observer.interrupted() {
                return Ok(Stop::Interrupted);
            }
        }
        Ok(Stop::Finished)
    }

    /// Presents a batch and learns from it.
    fn learn(&mut self, batch: &Batch, labels: &[u16]) -> Result<Response> {
        let response = self.presenter.present(&self.chain, batch);
        let mut stage =
            BatchStage { presenter: self.presenter.as_mut(), chain: &self.chain, batch, response: &response, labels };
        let lesson = self.rule.learn(&mut stage, &self.memory);
        let finite = |matrix: &Matrix| matrix.iter().all(|value| value.is_finite());
        if !lesson.loss.is_finite() || !finite(&response.scores) {
            return Err(Error::Run(format!(
                "{} with seed {} diverged in epoch {}: scores are not finite; try a smaller learning rate or smaller initial weights",
                self.arm.label(),
                self.seed,
                self.position.epoch + 1
            )));
        }
        self.apply(&lesson);
        self.position.tally.add(&lesson, labels, response.work);
        Ok(response)
    }

    /// Moves weights and the rule's own matrices.
    fn apply(&mut self, lesson: &Lesson) {
        let rates = self.rule.learning_rates();
        let schedule = self.schedule();
        let rate = |projection: usize| (rates[projection.min(rates.len() - 1)] * schedule) as f32;
        for (projection, change) in lesson.changes.iter().enumerate() {
            if !self.chain.plastic[projection] {
                continue;
            }
            self.optimizer.apply(projection, &mut self.chain.weights[projection], change, rate(projection));
        }
        for (index, change) in lesson.memory_changes.iter().enumerate() {
            let slot = self.chain.weights.len() + index;
            self.optimizer.apply(slot, &mut self.memory[index], change, rate(index + 1));
        }
    }

    /// Factor on the learning rates at the next batch.
    fn schedule(&self) -> f64 {
        let Training { epochs, batch, schedule, .. } = self.arm.training;
        let batches = self.train.len().div_ceil(batch as usize) as u64;
        let done = u64::from(self.position.epoch) * batches + u64::from(self.position.batch);
        schedule.factor(self.position.epoch, done, batches * u64::from(epochs))
    }

    /// Validates, keeps the best weights and writes the epoch down.
    fn close_epoch(&mut self, observer: &dyn TrainingObserver) {
        self.fit_readout();
        let probe = if self.held_out.is_empty() {
            self.train.iter().take(PROBE)
        } else {
            self.held_out.iter().take(usize::MAX)
        };
        let probe: Vec<u32> = probe.copied().collect();
        let data = self.data;
        let evaluation = self.evaluator().run(&data.train, &probe, data.classes.len());
        let validation = (!self.held_out.is_empty()).then(|| evaluation.accuracy());
        let position = &mut self.position;
        position.epoch += 1;
        position.batch = 0;
        if validation.is_none_or(|accuracy| position.best_epoch == 0 || accuracy > position.best_accuracy) {
            position.best_epoch = position.epoch;
            position.best_accuracy = evaluation.accuracy();
            self.best_weights = self.chain.weights.clone();
        }
        let epoch = position.tally.epoch(position.epoch, validation, &evaluation);
        position.tally = Tally::default();
        observer.epoch(&self.arm.label(), self.seed, &epoch);
        position.epochs.push(epoch);
    }

    /// Fits the readout on firing rates, where the decoder is fitted.
    fn fit_readout(&mut self) {
        let Some(ridge) = self.code.decoder.fitted() else { return };
        let data = self.data;
        let train = self.train.clone();
        let seed = self.seed;
        let features = Evaluator { seed, ..self.evaluator() }.features(&data.train, &train);
        let labels: Vec<u16> = train.iter().map(|&index| data.train.labels[index as usize]).collect();
        self.fitted = Some(linear::fit(&features, &labels, data.classes.len(), ridge));
    }

    /// Goes back to the best weights and tests them.
    pub fn test(&mut self) -> Evaluation {
        self.restore_best();
        let data = self.data;
        let all: Vec<u32> = (0..data.test.len() as u32).collect();
        self.evaluator().run(&data.test, &all, data.classes.len())
    }

    /// Takes the weights of the best epoch.
    pub fn restore_best(&mut self) {
        if !self.best_weights.is_empty() {
            self.chain.weights.clone_from(&self.best_weights);
            self.fit_readout();
        }
    }

    /// Presents samples with the weights as they are.
    pub fn evaluator(&mut self) -> Evaluator<'_> {
        Evaluator {
            presenter: self.presenter.as_mut(),
            chain: &self.chain,
            fitted: self.fitted.as_ref(),
            seed: self.encoder_seed,
        }
    }

    /// Calls `visit` with the same weights running in another regime.
    pub fn in_regime<T>(&mut self, regime: Regime, visit: impl FnOnce(&mut Self) -> T) -> T {
        let other = regime.presenter(&self.chain, self.code.clone());
        let own = std::mem::replace(&mut self.presenter, other);
        let answer = visit(self);
        self.presenter = own;
        answer
    }

    /// The run as it is told, once tested.
    pub fn run(&self, test: &Evaluation) -> Run {
        let epochs = &self.position.epochs;
        Run {
            seed: self.seed,
            best_epoch: self.position.best_epoch,
            test_accuracy: test.accuracy(),
            confusion: test.confusion.clone(),
            wall_s: epochs.iter().map(|epoch| epoch.wall_s).sum(),
            cpu_s: epochs.iter().map(|epoch| epoch.cpu_s).sum(),
            epochs: epochs.clone(),
        }
    }

    /// Sizes of the split: training and validation samples.
    pub fn split_sizes(&self) -> (usize, usize) {
        (self.train.len(), self.held_out.len())
    }

    /// The layers with their weights.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Encoder and readout.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// The readout that is fitted on firing rates, classes x (neurons + 1), where there is one.
    pub fn readout(&self) -> Option<&Matrix> {
        self.fitted.as_ref()
    }

    /// The network with the weights as they are.
    pub fn network(&self) -> Network {
        let mut network = self.network.clone();
        self.chain.store(&mut network);
        network
    }

    /// How far the training is.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// Every matrix that a checkpoint keeps, named.
    pub fn matrices(&self) -> Vec<(String, &Matrix)> {
        let groups = [
            ("weights", &self.chain.weights),
            ("memory", &self.memory),
            ("velocity", &self.optimizer.velocities),
            ("best", &self.best_weights),
        ];
        let named = |(group, matrices): (&str, &'_ Vec<Matrix>)| -> Vec<String> {
            (0..matrices.len()).map(|index| format!("{group}/{index}")).collect()
        };
        groups.iter().flat_map(|&(group, matrices)| named((group, matrices)).into_iter().zip(matrices)).collect()
    }

    /// Takes the best weights of another training, whatever it was of.
    ///
    /// # Errors
    /// A sentence when its layers are others.
    pub fn start_from(&mut self, matrices: &[(String, Matrix)]) -> std::result::Result<(), String> {
        let has = |name: String| matrices.iter().any(|(other, _)| *other == name);
        let group = if has("best/0".into()) { "best" } else { "weights" };
        let layers = self.chain.weights.len();
        if has(format!("{group}/{layers}")) {
            return Err(format!("it has more than {layers} layers of weights"));
        }
        restore(group, &mut self.chain.weights, matrices)
    }

    /// Takes up a training where a checkpoint left it.
    ///
    /// # Errors
    /// A sentence when the checkpoint is not of this experiment, arm and seed.
    pub fn resume(&mut self, position: Position, matrices: &[(String, Matrix)]) -> std::result::Result<(), String> {
        let start = Position::start(self.experiment, self.arm, self.seed);
        resumption::compare(&position.experiment, &start.experiment)?;
        if (&position.arm, position.seed) != (&start.arm, start.seed) {
            return Err(format!("it is of {} with seed {}", position.arm, position.seed));
        }
        restore("weights", &mut self.chain.weights, matrices)?;
        restore("memory", &mut self.memory, matrices)?;
        restore("velocity", &mut self.optimizer.velocities, matrices)?;
        if position.best_epoch > 0 {
            self.best_weights.clone_from(&self.chain.weights);
            restore("best", &mut self.best_weights, matrices)?;
        }
        self.position = Position { experiment: start.experiment, ..position };
        Ok(())
    }

    fn progress(&self, order: &[u32], response: &Response) -> Progress {
        let tally = &self.position.tally;
        let hidden = &response.activity[1..response.activity.len() - 1];
        let neurons: usize = hidden.iter().map(Matrix::nrows).sum();
        let silent: usize = hidden.iter().map(silent_rows).sum();
        let sum: f32 = hidden.iter().map(Matrix::sum).sum();
        let values: usize = hidden.iter().map(|h| h.len()).sum();
        Progress {
            epoch: self.position.epoch + 1,
            epochs: self.arm.training.epochs,
            presented: tally.presented as usize,
            presentations: order.len(),
            accuracy: 100.0 * tally.right as f64 / tally.presented.max(1) as f64,
            mean_activity: f64::from(sum) / values.max(1) as f64,
            silent_fraction: silent as f64 / neurons.max(1) as f64,
        }
    }
}

/// Refuses to train on more samples than the data set has.
fn check_samples(arm: &Arm, data: &Data) -> Result<()> {
    let (wanted, all) = (arm.training.samples as usize, data.train.len());
    if wanted <= all {
        return Ok(());
    }
    let message = format!("`training.samples` is {wanted}, but the training set of {} has {all}", data.name);
    Err(Error::Invalid(vec![Problem { message, place: None, help: Some("0 takes all that there are".into()) }]))
}

/// Fills the matrices of a group from those of a checkpoint.
fn restore(group: &str, into: &mut [Matrix], matrices: &[(String, Matrix)]) -> std::result::Result<(), String> {
    for (index, matrix) in into.iter_mut().enumerate() {
        let name = format!("{group}/{index}");
        let found = matrices.iter().find(|(other, _)| *other == name).ok_or(format!("it has no {name}"))?;
        if found.1.shape() != matrix.shape() {
            return Err(format!("its {name} is {:?}, not {:?}", found.1.shape(), matrix.shape()));
        }
        matrix.copy_from(&found.1);
    }
    Ok(())
}

/// Neurons that were silent in all presentations.
fn silent_rows(activity: &Matrix) -> usize {
    let mut active = vec![false; activity.nrows()];
    for column in activity.as_slice().chunks_exact(activity.nrows()) {
        for (active, &value) in active.iter_mut().zip(column) {
            *active |= value > 0.0;
        }
    }
    active.iter().filter(|&&active| !active).count()
}

/// Builds what a specification names.
///
/// # Errors
/// [`Error::Run`] in the kind's own words; a checked experiment gives none.
pub fn make<T: ?Sized>(kinds: &[Kind<T>], spec: &Spec) -> Result<Box<T>> {
    let kind = find(kinds, spec.kind).ok_or_else(|| Error::Run(format!("there is no `{}`", spec.kind)))?;
    (kind.build)(&spec.values).map_err(Error::Run)
}
