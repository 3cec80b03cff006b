//! All arms and seeds of an experiment: trained, tested and told as one [`Summary`].
//!
//! With several trainings each gets one thread, as many side by side as there are threads;
//! a single training gets them all. The results are the same either way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::checkpoint::{Checkpoints, Start};
use super::portrait::{Portrait, portray};
use super::session::{Session, Stop};
use super::{Arm, Experiment};
use crate::dataset::Data;
use crate::error::{Error, Result};
use crate::metric::{Metric, Scores};
use crate::network::stack::Stack;
use crate::record::TrainingObserver;
use crate::regime::Regime;
use crate::result::origin::Origin;
use crate::result::{ArmResult, Difference, Estimate, LayerInfo, Run, Summary};

impl LayerInfo {
    /// The layers of `stack`, input first.
    pub fn of(stack: &Stack) -> Vec<Self> {
        stack.layers.iter().map(|layer| Self { name: layer.name.clone(), shape: layer.shape.clone() }).collect()
    }
}

/// What a comparison runs with.
pub struct Comparison<'a> {
    pub experiment: &'a Arc<Experiment>,
    pub data: &'a Arc<Data>,
    pub observer: &'a dyn TrainingObserver,
    pub checkpoints: &'a Checkpoints<'a>,
    /// Where trainings start from, unless weights are drawn.
    pub start: Option<&'a Start>,
    pub threads: usize,
    /// The command, for the summary.
    pub origin: &'a Origin,
    /// Keeps what is there so far, after every training.
    pub keep: &'a (dyn Fn(&Summary) + Sync),
}

/// One training, done and tested.
#[derive(Clone)]
struct Trained {
    run: Run,
    portrait: Option<Portrait>,
    split: (usize, usize),
    layers: Vec<LayerInfo>,
    measured: &'static [Metric],
}

/// Results of tasks, as far as they are done.
type Results = [Option<Result<Trained>>];

/// Tasks that several lines work off.
struct Queue {
    next: AtomicUsize,
    results: Mutex<Vec<Option<Result<Trained>>>>,
}

impl Queue {
    /// Does task after task until there is none left or one has failed; tells of every one that is done.
    fn work_off(&self, tasks: &[(&Arm, u64)], work: &dyn Fn(&Arm, u64) -> Result<Trained>, done: &dyn Fn(&Results)) {
        loop {
            let task = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&(arm, seed)) = tasks.get(task) else { return };
            let result = work(arm, seed);
            let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
            results[task] = Some(result);
            if results.iter().flatten().any(Result::is_err) {
                return;
            }
            done(&results);
        }
    }
}

impl Comparison<'_> {
    /// Whether trainings of `experiment` go side by side, one thread each.
    pub fn side_by_side(experiment: &Experiment) -> bool {
        experiment.arms.len() * experiment.seeds.len() > 1
    }

    /// Trains and tests every arm with every seed.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the user stopped it, with everything saved; else the
    /// first error of a training, of a checkpoint or of building the network.
    pub fn run(&self) -> Result<Summary> {
        let start = self.observer.clock().0;
        let tasks: Vec<(&Arm, u64)> = self
            .experiment
            .arms
            .iter()
            .flat_map(|arm| self.experiment.seeds.iter().map(move |&seed| (arm, seed)))
            .collect();
        let trained = self.all(&tasks, start)?;
        Ok(self.summary(trained.into_iter().map(Some), start))
    }

    /// Runs the tasks, side by side where there are several.
    fn all(&self, tasks: &[(&Arm, u64)], start: f64) -> Result<Vec<Trained>> {
        let (lines, threads) =
            if Self::side_by_side(self.experiment) { (self.threads.min(tasks.len()), 1) } else { (1, self.threads) };
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
        let pools: Vec<_> = (0..lines.max(1))
            .map(|_| pool())
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| Error::Run(format!("cannot start threads: {error}")))?;
        let queue = Queue { next: AtomicUsize::new(0), results: Mutex::new(tasks.iter().map(|_| None).collect()) };
        let keep = |results: &Results| {
            let done = results.iter().map(|result| result.as_ref()?.as_ref().ok().cloned());
            (self.keep)(&self.summary(done, start))
        };
        std::thread::scope(|scope| {
            for pool in &pools {
                let work = |arm: &Arm, seed| pool.install(|| self.one(arm, seed));
                let (queue, keep) = (&queue, &keep);
                scope.spawn(move || queue.work_off(tasks, &work, keep));
            }
        });
        // Tasks that no line came to have no result: then another one failed.
        queue.results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
    }

    /// One arm with one seed.
    fn one(&self, arm: &Arm, seed: u64) -> Result<Trained> {
        let mut session = Session::new(self.experiment, arm, seed, self.data)?;
        self.start.map_or(Ok(()), |start| start.enter(&mut session))?;
        self.checkpoints.take_up(&mut session)?;
        let stop = session.train(self.observer, &mut |session| self.checkpoints.save(session))?;
        if stop == Stop::Interrupted {
            return Err(Error::Interrupted { checkpoint: Some(self.checkpoints.folder.clone()) });
        }
        let test = session.test();
        let first = self.experiment.seeds.first() == Some(&seed);
        let portrait = first.then(|| portray(&mut session, &test, self.experiment.examples)).transpose()?;
        let (split, layers) = (session.split_sizes(), LayerInfo::of(session.learner().main()));
        let measured = session.task.metrics();
        Ok(Trained { run: session.run(&test), portrait, split, layers, measured })
    }

    /// What the trainings that are done came to; there is one place for each, in the order of arms and seeds.
    fn summary(&self, trained: impl Iterator<Item = Option<Trained>>, start: f64) -> Summary {
        let Experiment { title, outline, seeds, arms, .. } = &**self.experiment;
        let mut trained: Vec<Option<Trained>> = trained.collect();
        let missing = trained.iter().filter(|trained| trained.is_none()).count();
        let any = trained.iter().flatten().next();
        let (train_samples, validation_samples) = any.map_or((0, 0), |trained| trained.split);
        let layers = any.map_or(Vec::new(), |trained| trained.layers.clone());
        let measured = any.map_or(Vec::new(), |trained| trained.measured.to_vec());
        let done = |(arm, trained): (&Arm, &mut [Option<Trained>])| {
            let trained: Vec<Trained> = trained.iter_mut().filter_map(Option::take).collect();
            (!trained.is_empty()).then(|| arm_result(arm, trained))
        };
        let arms: Vec<ArmResult> = arms.iter().zip(trained.chunks_mut(seeds.len().max(1))).filter_map(done).collect();
        Summary {
            version: env!("CARGO_PKG_VERSION").into(),
            title: title.clone(),
            command: self.origin.command.clone(),
            settings: self.origin.settings.clone(),
            parent: self.start.map(|start| start.of.clone()),
            missing,
            dataset: outline.name.clone(),
            classes: self.data.classes.clone(),
            shape: self.data.test.shape.clone(),
            layers,
            seeds: seeds.iter().copied().filter(|&seed| has_seed(&arms, seed)).collect(),
            threads: self.threads,
            train_samples,
            validation_samples,
            test_samples: self.data.test.len(),
            measured,
            differences: differences(&arms),
            arms,
            wall_s: self.observer.clock().0 - start,
            experiment: self.experiment.resolved(),
        }
    }
}

fn has_seed(arms: &[ArmResult], seed: u64) -> bool {
    arms.iter().flat_map(|arm| &arm.runs).any(|run| run.seed == seed)
}

fn arm_result(arm: &Arm, trained: Vec<Trained>) -> ArmResult {
    let (runs, mut portraits): (Vec<Run>, Vec<Option<Portrait>>) =
        trained.into_iter().map(|trained| (trained.run, trained.portrait)).unzip();
    let portrait = portraits.iter_mut().find_map(Option::take).unwrap_or_default();
    let estimate = |value: &dyn Fn(&Run) -> f64| Estimate::of(&runs.iter().map(value).collect::<Vec<_>>());
    ArmResult {
        regime: arm.regime,
        rule: arm.rule.kind.into(),
        metrics: names(&runs).map(|name| (name.clone(), estimate(&|run| run.test[name]))).collect(),
        epochs_to_best: estimate(&|run| f64::from(run.best_epoch)),
        cost: portrait.cost,
        examples: portrait.examples,
        weight_maps: portrait.weight_maps,
        scatter: portrait.scatter,
        runs,
    }
}

/// The names of the metrics that runs have.
fn names(runs: &[Run]) -> impl Iterator<Item = &String> {
    runs.first().into_iter().flat_map(|run| run.test.keys())
}

/// Spiking minus rate, seed by seed, for every rule that ran in both regimes.
fn differences(arms: &[ArmResult]) -> Vec<Difference> {
    let of = |regime: Regime| arms.iter().filter(move |arm| arm.regime == regime);
    of(Regime::Spiking)
        .filter_map(|spiking| {
            let rate = of(Regime::Rate).find(|rate| rate.rule == spiking.rule)?;
            let pair = |run: &'_ Run| Some((run.test.clone(), rate.runs.iter().find(|other| other.seed == run.seed)?));
            let pairs: Vec<(Scores, &Run)> = spiking.runs.iter().filter_map(pair).collect();
            let difference = |name: &String| {
                let values: Vec<f64> = pairs.iter().map(|(spiking, rate)| spiking[name] - rate.test[name]).collect();
                (name.clone(), Estimate::of(&values))
            };
            let spiking_minus_rate = names(&spiking.runs).map(difference).collect();
            (!pairs.is_empty()).then(|| Difference { rule: spiking.rule.clone(), spiking_minus_rate })
        })
        .collect()
}
