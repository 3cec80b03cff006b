//! Handwritten digits learned from reward, with spikes and with rates, and what every epoch came to.
//! `cargo run --release --example train_digits`

use std::path::Path;
use std::sync::Arc;

use twinfire::metric::Metric;
use twinfire::prelude::*;

/// Prints a line for every epoch.
struct Lines;

impl TrainingObserver for Lines {
    fn epoch(&self, arm: &str, _: u64, epoch: &Epoch, _: &Metric) {
        let active = epoch.mean_activity[0];
        println!("{arm}, epoch {}: loss {:.4}, {active:.3} spikes per neuron and tick", epoch.epoch, epoch.loss);
    }
}

fn main() -> Result<(), Error> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/digits.toml");
    let experiment = Arc::new(Experiment::from_file(&file, &["training.epochs=5".to_owned()])?);
    let data = Arc::new(experiment.load(&[])?);
    for arm in &experiment.arms {
        let mut session = Session::new(&experiment, arm, 1, &data)?;
        session.train(&Lines, &mut |_| Ok(()))?;
        let test = session.test().metrics[0];
        let metric = &session.task.metrics()[0];
        println!("{}: {} {}\n", arm.label(), metric.name, metric.shown(test));
    }
    Ok(())
}
