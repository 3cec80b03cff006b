//! All arms and seeds of an experiment: trained, tested and told as one [`Summary`].
//!
//! With several trainings each gets one thread, as many side by side as there are threads;
//! a single training gets them all. The results are the same either way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::checkpoint::Checkpoints;
use super::portrait::{Portrait, portray};
use super::result::{ArmResult, Difference, Estimate, LayerInfo, Run, Summary};
use super::session::{Session, Stop};
use super::{Arm, Experiment};
use crate::dataset::Data;
use crate::error::{Error, Result};
use crate::record::TrainingObserver;
use crate::regime::Regime;

/// What a comparison runs with.
pub struct Comparison<'a> {
    pub experiment: &'a Experiment,
    pub data: &'a Data,
    pub observer: &'a dyn TrainingObserver,
    pub checkpoints: &'a Checkpoints,
    pub threads: usize,
    /// The command line, for the summary.
    pub command: &'a str,
}

/// One training, done and tested.
struct Trained {
    run: Run,
    portrait: Option<Portrait>,
    split: (usize, usize),
    layers: Vec<LayerInfo>,
}

/// Tasks that several lines work off.
struct Queue {
    next: AtomicUsize,
    results: Mutex<Vec<Option<Result<Trained>>>>,
}

impl Queue {
    /// Does task after task until there is none left or one has failed.
    fn work_off(&self, tasks: &[(&Arm, u64)], work: &dyn Fn(&Arm, u64) -> Result<Trained>) {
        loop {
            let task = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&(arm, seed)) = tasks.get(task) else { return };
            let result = work(arm, seed);
            let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
            results[task] = Some(result);
            if results.iter().flatten().any(Result::is_err) {
                return;
            }
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
        let trained = self.all(&tasks)?;
        Ok(self.summary(trained, self.observer.clock().0 - start))
    }

    /// Runs the tasks, side by side where there are several.
    fn all(&self, tasks: &[(&Arm, u64)]) -> Result<Vec<Trained>> {
        let (lines, threads) =
            if Self::side_by_side(self.experiment) { (self.threads.min(tasks.len()), 1) } else { (1, self.threads) };
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
        let pools: Vec<_> = (0..lines.max(1))
            .map(|_| pool())
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| Error::Run(format!("cannot start threads: {error}")))?;
        let queue = Queue { next: AtomicUsize::new(0), results: Mutex::new(tasks.iter().map(|_| None).collect()) };
        std::thread::scope(|scope| {
            for pool in &pools {
                scope.spawn(|| queue.work_off(tasks, &|arm, seed| pool.install(|| self.one(arm, seed))));
            }
        });
        // Tasks that no line came to have no result: then another one failed.
        queue.results.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten().collect()
    }

    /// One arm with one seed.
    fn one(&self, arm: &Arm, seed: u64) -> Result<Trained> {
        let mut session = Session::new(self.experiment, arm, seed, self.data)?;
        self.checkpoints.take_up(&mut session)?;
        let stop = session.train(self.observer, &mut |session| self.checkpoints.save(session))?;
        if stop == Stop::Interrupted {
            return Err(Error::Interrupted { checkpoint: Some(self.checkpoints.folder.clone()) });
        }
        let test = session.test();
        let first = self.experiment.seeds.first() == Some(&seed);
        let portrait = first.then(|| portray(&mut session, self.data, &test, self.experiment.examples)).transpose()?;
        let (split, layers) = (session.split_sizes(), LayerInfo::of(session.chain()));
        Ok(Trained { run: session.run(&test), portrait, split, layers })
    }

    fn summary(&self, trained: Vec<Trained>, wall_s: f64) -> Summary {
        let Experiment { title, dataset, seeds, arms, resolved, .. } = self.experiment;
        let (train_samples, validation_samples) = trained.first().map_or((0, 0), |trained| trained.split);
        let layers = trained.first().map_or(Vec::new(), |trained| trained.layers.clone());
        let mut trained = trained.into_iter();
        let arms: Vec<ArmResult> =
            arms.iter().map(|arm| arm_result(arm, trained.by_ref().take(seeds.len()).collect())).collect();
        Summary {
            version: env!("CARGO_PKG_VERSION").into(),
            title: title.clone(),
            command: self.command.into(),
            dataset: dataset.name.into(),
            classes: self.data.classes.clone(),
            shape: self.data.test.shape.clone(),
            layers,
            seeds: seeds.clone(),
            threads: self.threads,
            train_samples,
            validation_samples,
            test_samples: self.data.test.len(),
            differences: differences(&arms),
            arms,
            wall_s,
            experiment: resolved.clone(),
        }
    }
}

fn arm_result(arm: &Arm, trained: Vec<Trained>) -> ArmResult {
    let (runs, mut portraits): (Vec<Run>, Vec<Option<Portrait>>) =
        trained.into_iter().map(|trained| (trained.run, trained.portrait)).unzip();
    let portrait = portraits.iter_mut().find_map(Option::take).unwrap_or_default();
    let estimate = |value: fn(&Run) -> f64| Estimate::of(&runs.iter().map(value).collect::<Vec<_>>());
    ArmResult {
        regime: arm.regime,
        rule: arm.rule.kind.into(),
        accuracy: estimate(|run| run.test_accuracy),
        epochs_to_best: estimate(|run| f64::from(run.best_epoch)),
        cost: portrait.cost,
        examples: portrait.examples,
        weight_maps: portrait.weight_maps,
        scatter: portrait.scatter,
        runs,
    }
}

/// Spiking minus rate, seed by seed, for every rule that ran in both regimes.
fn differences(arms: &[ArmResult]) -> Vec<Difference> {
    let of = |regime: Regime| arms.iter().filter(move |arm| arm.regime == regime);
    of(Regime::Spiking)
        .filter_map(|spiking| {
            let rate = of(Regime::Rate).find(|rate| rate.rule == spiking.rule)?;
            let pairs = spiking.runs.iter().zip(&rate.runs);
            let differences: Vec<f64> = pairs.map(|(s, r)| s.test_accuracy - r.test_accuracy).collect();
            Some(Difference { rule: spiking.rule.clone(), spiking_minus_rate: Estimate::of(&differences) })
        })
        .collect()
}
