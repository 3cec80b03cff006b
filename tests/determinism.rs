//! The same seed gives the same bytes: for any number of threads, and whether or not a
//! training was stopped and taken up again on its way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use twinfire::dataset::Data;
use twinfire::exhibit::Exhibit;
use twinfire::experiment::Experiment;
use twinfire::experiment::position::Position;
use twinfire::experiment::session::{Session, Stop};
use twinfire::matrix::Matrix;
use twinfire::network::snapshot;
use twinfire::record::{Progress, TrainingObserver};

const MODEL: &str = "
[[layers]]
shape = [8, 8]
[[layers]]
dense = 300
neuron.integrate_and_fire = {}
[[layers]]
dense = 10
";

/// Small, but with everything that draws random numbers or carries memory from batch to batch,
/// and wide enough that its products are cut into several blocks.
fn experiment() -> Arc<Experiment> {
    let text = format!(
        "model_text = '''{MODEL}'''
dataset = \"digits\"
encoder.poisson = {{}}
decoder.membrane = {{}}
rule.q_agrel = {{ learning_rate = 0.05, feedback = \"spikes\" }}
seeds = [1]
[training]
epochs = 2
batch = 48
samples = 600
momentum = 0.9
dropout = 0.1
shift = 1
initial_drive = 0.05
"
    );
    Arc::new(Experiment::from_text("determinism.toml", &text, &[]).unwrap())
}

fn data(experiment: &Experiment) -> Arc<Data> {
    Arc::new(experiment.load(&[]).unwrap())
}

/// Asks to stop after so many batches.
struct StopAfter(AtomicUsize);

impl StopAfter {
    fn batches(count: usize) -> Self {
        Self(AtomicUsize::new(count))
    }
}

impl TrainingObserver for StopAfter {
    fn batch(&self, _: &str, _: u64, _: &Progress) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    }

    fn interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

/// All that a checkpoint of this session would hold.
fn bytes(session: &Session) -> Vec<u8> {
    let matrices = session.matrices();
    let named: Vec<(&str, &Matrix)> = matrices.iter().map(|(name, matrix)| (name.as_str(), *matrix)).collect();
    snapshot::to_bytes(session.position(), &named).unwrap()
}

/// A whole training of one arm, on so many threads: its last checkpoint and its confusion matrix.
fn train(experiment: &Arc<Experiment>, data: &Arc<Data>, arm: usize, threads: usize) -> (Vec<u8>, Vec<Exhibit>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut session = Session::new(experiment, &experiment.arms[arm], 1, data).unwrap();
        session.train(&StopAfter::batches(usize::MAX), &mut |_| Ok(())).unwrap();
        (bytes(&session), session.test().exhibits)
    })
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let experiment = experiment();
    let data = data(&experiment);
    for arm in 0..experiment.arms.len() {
        let alone = train(&experiment, &data, arm, 1);
        for threads in [2, 5] {
            assert!(train(&experiment, &data, arm, threads) == alone, "arm {arm}, {threads} threads");
        }
    }
}

/// Stopped after every single batch, written to disk and read back each time.
#[test]
fn a_training_stopped_after_every_batch_ends_the_same() {
    let experiment = experiment();
    let data = data(&experiment);
    for arm in 0..experiment.arms.len() {
        let (whole, _) = train(&experiment, &data, arm, 2);
        let mut saved: Option<Vec<u8>> = None;
        let mut stops = 0;
        loop {
            let mut session = Session::new(&experiment, &experiment.arms[arm], 1, &data).unwrap();
            if let Some(saved) = &saved {
                let read = snapshot::from_bytes::<Position>(saved).unwrap();
                session.resume(read.header, &read.matrices).unwrap();
            }
            let stop = session.train(&StopAfter::batches(1), &mut |_| Ok(())).unwrap();
            saved = Some(bytes(&session));
            if stop == Stop::Finished {
                break;
            }
            stops += 1;
        }
        assert!(stops > 10, "it was stopped {stops} times");
        assert!(saved.unwrap() == whole, "arm {arm}");
    }
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let experiment = experiment();
    let data = data(&experiment);
    let other = Session::new(&experiment, &experiment.arms[0], 1, &data).unwrap();
    let read = snapshot::from_bytes::<Position>(&bytes(&other)).unwrap();
    let mut seed_2 = Session::new(&experiment, &experiment.arms[0], 2, &data).unwrap();
    assert!(seed_2.resume(read.header.clone(), &read.matrices).unwrap_err().contains("seed 1"));
    let mut rate = Session::new(&experiment, &experiment.arms[1], 1, &data).unwrap();
    assert!(rate.resume(read.header, &read.matrices).unwrap_err().contains("spiking"));
}
