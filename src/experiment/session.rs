//! One arm of an experiment trained with one seed: a pure function of experiment, arm, seed
//! and data, that can stop after any batch and go on later as if it never had.

use std::sync::Arc;

use super::batches::{Preparation, shuffled, split};
use super::evaluation::{Evaluation, Evaluator};
use super::optimizer::Optimizer;
use super::position::{Position, Tally};
use super::resumption;
use super::training::Training;
use super::{Arm, Experiment};
use crate::dataset::Data;
use crate::error::{Error, Problem, Result};
use crate::learned::Parameters;
use crate::learner::layered::{Extras, Layered};
use crate::matrix::Matrix;
use crate::metric::by_name;
use crate::network::bench::{Moment, Seen};
use crate::network::signal::Batch;
use crate::network::stack::Coding;
use crate::parameter::{Kind, Spec, find};
use crate::record::{Progress, TrainingObserver};
use crate::regime::Regime;
use crate::result::{Epoch, Run};
use crate::rule::{Lesson, Rule};
use crate::task::{Targets, Task};

/// Samples of the training set that stand in for a validation set where there is none.
const PROBE: usize = 1000;
/// Samples on which initial weights are scaled.
const CALIBRATION: usize = 256;

/// A training that is under way, or done.
pub struct Session {
    pub experiment: Arc<Experiment>,
    pub arm: Arm,
    pub seed: u64,
    /// Keys the random numbers of an encoder outside of training: the seed, unless told otherwise.
    pub encoder_seed: u64,
    pub data: Arc<Data>,
    pub task: Arc<dyn Task>,
    learner: Layered,
    optimizer: Optimizer,
    /// Learning rate of each parameter.
    rates: Vec<f64>,
    train: Vec<u32>,
    held_out: Vec<u32>,
    position: Position,
    best: Option<Parameters>,
    fitted: Option<Matrix>,
    /// Of the last batch.
    seen: Seen,
}

/// Why [`Session::train`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Finished,
    Interrupted,
}

impl Session {
    /// A training at its start.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the model cannot be trained, or when more samples are asked for than there are.
    pub fn new(experiment: &Arc<Experiment>, arm: &Arm, seed: u64, data: &Arc<Data>) -> Result<Self> {
        Self::with_rule(experiment, arm, seed, data, make(crate::rule::KINDS, &arm.rule)?)
    }

    /// The same with a rule in the place of the arm's, which need not be in the list of kinds. What it needs is
    /// not checked, and checkpoints name the arm's.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_rule(
        experiment: &Arc<Experiment>,
        arm: &Arm,
        seed: u64,
        data: &Arc<Data>,
        rule: Box<dyn Rule>,
    ) -> Result<Self> {
        let training = &arm.training;
        let task: Arc<dyn Task> = Arc::from(make(crate::task::KINDS, &arm.task)?);
        let coding = Coding {
            encoder: Arc::from(make(crate::encode::KINDS, &arm.encoder)?),
            decoder: Arc::from(make(crate::decode::KINDS, &arm.decoder)?),
        };
        let extras = Extras { centring: training.center, dropout: training.dropout };
        let how = ((coding, arm.regime), (rule, Arc::clone(&task)));
        let mut learner = Layered::new(&experiment.model, seed, how.0, how.1, extras)?;
        check_samples(arm, data)?;
        let (train, held_out) = split(data.train.len(), training.validation, training.samples as usize, seed);
        learner.fit(&data.train, &train);
        let mut session = Self {
            optimizer: Optimizer::new(training, &learner.parameters),
            rates: learner.rates(),
            position: Position::start(experiment, arm, seed, task.metrics().len()),
            best: None,
            fitted: None,
            seen: Seen::default(),
            experiment: Arc::clone(experiment),
            arm: arm.clone(),
            seed,
            encoder_seed: seed,
            data: Arc::clone(data),
            task,
            learner,
            train,
            held_out,
        };
        session.calibrate();
        Ok(session)
    }

    /// Scales initial weights to the drive that the experiment asks for.
    fn calibrate(&mut self) {
        let wanted = self.arm.training.initial_drive;
        if wanted != 0.0 {
            let indices = &self.train[..CALIBRATION.min(self.train.len())];
            let (batch, targets) = Preparation::answer(self.seed).batch(&*self.task, &self.data.train, indices);
            self.learner.calibrate(&batch, &targets, wanted);
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
            if let Some(name) = self.learner.parameters.first_unsound() {
                return Err(self.diverged(&format!("`{name}` holds numbers beyond 1e30")));
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
        let preparation = Preparation { seed: self.seed, step: u64::from(epoch), shift: training.shift };
        let (start, before) = (observer.clock(), self.position.tally.clone());
        let (size, first) = (training.batch as usize, self.position.batch as usize);
        for indices in order.chunks(size).skip(first) {
            let (batch, targets) = preparation.batch(&*self.task, &self.data.train, indices);
            self.learn(&batch, &targets)?;
            self.position.batch += 1;
            let now = observer.clock();
            self.position.tally.wall_s = before.wall_s + now.0 - start.0;
            self.position.tally.cpu_s = before.cpu_s + now.1 - start.1;
            observer.batch(&self.arm.label(), self.seed, &self.progress(order.len()));
            if observer.interrupted() {
                return Ok(Stop::Interrupted);
            }
        }
        Ok(Stop::Finished)
    }

    /// Presents a batch and learns from it.
    fn learn(&mut self, batch: &Batch, targets: &Targets) -> Result<()> {
        let moment = Moment { epoch: self.position.epoch + 1, batch: self.position.batch, sweep: 0 };
        let (lesson, seen) = self.learner.learn(batch, targets, moment);
        if !seen.finite || lesson.loss.iter().any(|loss| !loss.is_finite()) {
            return Err(self.diverged("scores are not finite"));
        }
        self.apply(&lesson);
        self.position.tally.add(&*self.task, &lesson, targets, seen.work);
        self.seen = seen;
        Ok(())
    }

    fn diverged(&self, what: &str) -> Error {
        let (label, seed, epoch) = (self.arm.label(), self.seed, self.position.epoch + 1);
        Error::Run(format!(
            "{label} with seed {seed} diverged in epoch {epoch}: {what}; try a smaller learning rate or smaller initial weights"
        ))
    }

    /// Moves parameters.
    fn apply(&mut self, lesson: &Lesson) {
        let schedule = self.schedule();
        let rates = &self.rates;
        self.learner.apply(lesson, &mut self.optimizer, |id| (rates[id.index()] * schedule) as f32);
    }

    /// Factor on the learning rates at the next batch.
    fn schedule(&self) -> f64 {
        let Training { epochs, batch, schedule, .. } = self.arm.training;
        let batches = self.train.len().div_ceil(batch as usize) as u64;
        let done = u64::from(self.position.epoch) * batches + u64::from(self.position.batch);
        schedule.factor(self.position.epoch, done, batches * u64::from(epochs))
    }

    /// Validates, keeps the best parameters and writes the epoch down.
    fn close_epoch(&mut self, observer: &dyn TrainingObserver) {
        self.fit_readout();
        let validates = !self.held_out.is_empty();
        let probe: Vec<u32> = match validates {
            true => self.held_out.clone(),
            false => self.train.iter().take(PROBE).copied().collect(),
        };
        let data = Arc::clone(&self.data);
        let evaluation = self.evaluator().run(&data.train, &probe);
        let (better, value) = (self.task.metrics()[0].better, evaluation.metrics[0]);
        let position = &mut self.position;
        position.epoch += 1;
        position.batch = 0;
        if !validates || position.best_epoch == 0 || better.than(value, position.best_value) {
            position.best_epoch = position.epoch;
            position.best_value = value;
            self.best = Some(self.learner.parameters.clone());
        }
        let watched = self.learner.watch(Moment { epoch: position.epoch, ..Moment::default() });
        let epoch = Epoch {
            watched: watched.into_iter().collect(),
            ..position.tally.epoch(&*self.task, position.epoch, validates, &evaluation)
        };
        position.tally = Tally::start(self.task.metrics().len());
        observer.epoch(&self.arm.label(), self.seed, &epoch, &self.task.metrics()[0]);
        position.epochs.push(epoch);
    }

    /// Fits the readout to firing rates, where it is fitted.
    fn fit_readout(&mut self) {
        if self.learner.coding.decoder.is_fitted() {
            let (data, train, seed) = (Arc::clone(&self.data), self.train.clone(), self.seed);
            let rates = Evaluator { seed, ..self.evaluator() }.features(&data.train, &train);
            let labels: Vec<u16> = train.iter().map(|&index| data.train.labels[index as usize]).collect();
            self.fitted = self.learner.coding.decoder.fit(&rates, &labels, data.classes.len());
        }
    }

    /// Goes back to the best parameters and tests them.
    pub fn test(&mut self) -> Evaluation {
        self.restore_best();
        let data = Arc::clone(&self.data);
        let all: Vec<u32> = (0..data.test.len() as u32).collect();
        self.evaluator().run(&data.test, &all)
    }

    /// Takes the parameters of the best epoch.
    pub fn restore_best(&mut self) {
        if let Some(best) = &self.best {
            self.learner.parameters.clone_from(best);
            self.fit_readout();
        }
    }

    /// Presents samples with the parameters as they are.
    pub fn evaluator(&mut self) -> Evaluator<'_> {
        let Self { learner, fitted, task, encoder_seed, data, .. } = self;
        let (fitted, classes) = (fitted.as_ref(), data.classes.len());
        Evaluator { learner, task: &**task, fitted, classes, seed: *encoder_seed, regime: None }
    }

    /// The same with the network in another regime.
    pub fn evaluator_in(&mut self, regime: Regime) -> Evaluator<'_> {
        Evaluator { regime: Some(regime), ..self.evaluator() }
    }

    /// The run as it is told, once tested.
    pub fn run(&self, test: &Evaluation) -> Run {
        let epochs = &self.position.epochs;
        Run {
            seed: self.seed,
            best_epoch: self.position.best_epoch,
            test: by_name(self.task.metrics(), &test.metrics),
            exhibits: test.exhibits.clone(),
            wall_s: epochs.iter().map(|epoch| epoch.wall_s).sum(),
            cpu_s: epochs.iter().map(|epoch| epoch.cpu_s).sum(),
            epochs: epochs.clone(),
        }
    }

    /// Sizes of the split: training and validation samples.
    pub fn split_sizes(&self) -> (usize, usize) {
        (self.train.len(), self.held_out.len())
    }

    /// The layers with their parameters.
    pub fn learner(&self) -> &Layered {
        &self.learner
    }

    /// The readout that is fitted on firing rates, where there is one.
    pub fn readout(&self) -> Option<&Matrix> {
        self.fitted.as_ref()
    }

    /// How far the training is.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// Every matrix that a checkpoint keeps, named.
    pub fn matrices(&self) -> Vec<(String, &Matrix)> {
        let named = |prefix: &'static str, parameters: &'_ Parameters| -> Vec<String> {
            parameters.iter().map(|(_, parameter)| format!("{prefix}{}", parameter.name)).collect()
        };
        let mut matrices = Vec::new();
        for (prefix, parameters) in [("", Some(&self.learner.parameters)), (BEST, self.best.as_ref())] {
            let Some(parameters) = parameters else { continue };
            let values = parameters.iter().map(|(_, parameter)| &parameter.values);
            matrices.extend(named(prefix, parameters).into_iter().zip(values));
        }
        let velocities = named(VELOCITY, &self.learner.parameters).into_iter().zip(&self.optimizer.velocities);
        matrices.extend(velocities);
        matrices
    }

    /// Takes the best parameters of another training, whatever it was of.
    ///
    /// # Errors
    /// A sentence when its layers are others.
    pub fn start_from(&mut self, matrices: &[(String, Matrix)]) -> std::result::Result<(), String> {
        let layers: Vec<_> = self.learner.stacks.iter().flat_map(|stack| stack.weights()).collect();
        let weights = |name: &&(String, Matrix)| !name.0.contains('/') && name.0.ends_with(".weights");
        let found = matrices.iter().filter(weights).count();
        if found > layers.len() {
            return Err(format!("it has more than {} layers of weights", layers.len()));
        }
        let best = matrices.iter().any(|(name, _)| name.starts_with(BEST));
        self.learner.take(&layers, if best { BEST } else { "" }, matrices)
    }

    /// Takes up a training where a checkpoint left it.
    ///
    /// # Errors
    /// A sentence when the checkpoint is not of this experiment, arm and seed.
    pub fn resume(&mut self, position: Position, matrices: &[(String, Matrix)]) -> std::result::Result<(), String> {
        let start = Position::start(&self.experiment, &self.arm, self.seed, self.task.metrics().len());
        resumption::compare(&position.experiment, &start.experiment)?;
        if (&position.arm, position.seed) != (&start.arm, start.seed) {
            return Err(format!("it is of {} with seed {}", position.arm, position.seed));
        }
        self.learner.parameters.take("", matrices)?;
        self.optimizer.take(&self.learner.parameters, VELOCITY, matrices)?;
        if position.best_epoch > 0 {
            let mut best = self.learner.parameters.clone();
            best.take(BEST, matrices)?;
            self.best = Some(best);
        }
        self.position = Position { experiment: start.experiment, ..position };
        Ok(())
    }

    fn progress(&self, presentations: usize) -> Progress {
        let (tally, first) = (&self.position.tally, &self.task.metrics()[0]);
        Progress {
            epoch: self.position.epoch + 1,
            epochs: self.arm.training.epochs,
            presented: tally.presented as usize,
            presentations,
            value: first.shown(first.value(tally.sums[0], tally.presented as usize)),
            mean_activity: self.seen.mean_activity,
            silent_fraction: self.seen.silent_fraction,
        }
    }
}

/// What checkpoints put before the names of the best parameters, and of velocities.
const BEST: &str = "best/";
const VELOCITY: &str = "velocity/";

/// Refuses to train on more samples than the data set has.
fn check_samples(arm: &Arm, data: &Data) -> Result<()> {
    let (wanted, all) = (arm.training.samples as usize, data.train.len());
    if wanted <= all {
        return Ok(());
    }
    let message = format!("`training.samples` is {wanted}, but the training set of {} has {all}", data.name);
    Err(Error::Invalid(vec![Problem { message, place: None, help: Some("0 takes all that there are".into()) }]))
}

/// Builds what a specification names.
///
/// # Errors
/// [`Error::Run`] in the kind's own words; a checked experiment gives none.
pub fn make<T: ?Sized>(kinds: &[Kind<T>], spec: &Spec) -> Result<Box<T>> {
    let kind = find(kinds, spec.kind).ok_or_else(|| Error::Run(format!("there is no `{}`", spec.kind)))?;
    (kind.build)(&spec.values).map_err(Error::Run)
}
