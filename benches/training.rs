//! One presentation, and one epoch of 1,000 images, in each regime.
//!
//! Motivation: these are what a training consists of; a slower kernel shows here first.
//! The network is 784-1000-10 and the images have as many bright pixels as MNIST's (about
//! 19 %), but are drawn at random, so that the bench needs no files.

use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use twinfire::dataset::{Data, SampleValues, Samples};
use twinfire::experiment::Experiment;
use twinfire::experiment::session::Session;
use twinfire::random::{Purpose, Stream};
use twinfire::record::Silent;

const EXPERIMENT: &str = "
model_text = '''
[[layers]]
shape = [28, 28]
[[layers]]
dense = 1000
[[layers]]
dense = 10
'''
dataset = \"mnist\"
encoder.regular = { window = \"8 ms\" }
decoder.membrane = {}
rule.q_agrel = { learning_rate = 0.01 }
[training]
epochs = 1
batch = 64
validation = 0
initial_drive = 0.3
";

fn images(count: usize) -> Samples {
    let mut stream = Stream::new(1, Purpose::Input, 0, 0);
    let pixel = |stream: &mut Stream| if stream.chance(0.19) { stream.below(256) as u8 } else { 0 };
    let bytes = (0..count * 784).map(|_| pixel(&mut stream)).collect();
    let labels = (0..count).map(|index| (index % 10) as u16).collect();
    Samples { shape: vec![28, 28], values: SampleValues::Bytes { bytes, white: 255 }, labels }
}

fn training(criterion: &mut Criterion) {
    let experiment = Arc::new(Experiment::from_text("bench.toml", EXPERIMENT, &[]).expect("the experiment is right"));
    let classes = (0..10).map(|class| class.to_string()).collect();
    let data = Arc::new(Data {
        name: "random images".into(),
        classes,
        train: images(1000),
        test: images(1),
        checksum: String::new(),
    });
    let mut group = criterion.benchmark_group("784-1000-10");
    group.sample_size(10);
    for arm in &experiment.arms {
        let session = || Session::new(&experiment, arm, 1, &data).expect("the model is a chain");
        let mut trained = session();
        group.bench_function(format!("one presentation, {}", arm.regime.name()), |bencher| {
            bencher.iter(|| trained.evaluator().run(&data.test, &[0]));
        });
        group.bench_function(format!("an epoch of 1,000 images, {}", arm.regime.name()), |bencher| {
            bencher.iter_batched(
                session,
                |mut session| session.train(&Silent, &mut |_| Ok(())).expect("it learns"),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, training);
criterion_main!(benches);
