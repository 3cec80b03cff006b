//! Random numbers in bulk, synapses and Poisson spikes: `cargo bench --bench drawing`.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twinfire::id::ProjectionId;
use twinfire::input::generator::{Generator, InputSlice, Pulses};
use twinfire::input::{self, Input};
use twinfire::model::Model;
use twinfire::network::synapses::{Row, Synapses};
use twinfire::parameter::{Value, Values, find};
use twinfire::random::{Purpose, Stream, Words};
use twinfire::time::Resolution;

/// Words of a stream, one block at a time and in bulk.
fn words(criterion: &mut Criterion) {
    const WORDS: u64 = 1 << 16;
    let mut group = criterion.benchmark_group("words");
    group.throughput(Throughput::Elements(WORDS));
    group.bench_function("one block at a time", |bench| {
        let mut stream = Stream::new(1, Purpose::Wiring, 0, 0);
        bench.iter(|| (0..WORDS).fold(0u32, |sum, _| sum.wrapping_add(black_box(stream.word()))));
    });
    group.bench_function("in bulk", |bench| {
        let mut words = Words::new(&Stream::new(1, Purpose::Wiring, 0, 0));
        bench.iter(|| (0..WORDS).fold(0u32, |sum, _| sum.wrapping_add(black_box(words.word()))));
    });
    group.finish();
}

/// Rows of synapses: partners alone, then with weights, as the engine draws them.
fn rows(criterion: &mut Criterion) {
    const CONNECTIONS: [&str; 4] = [
        "fixed_total_number = { n = 1000000 }",
        "fixed_out_degree = { n = 500, multiple_connections = false }",
        "pairwise_bernoulli = { p = 0.1 }",
        "fixed_in_degree = { n = 200 }",
    ];
    let mut group = criterion.benchmark_group("synapses");
    for connect in CONNECTIONS {
        for weight in ["weight = 1", "weight.normal = { mean = 1, std = 0.1, low = [0] }"] {
            let text = format!(
                "[populations.a]\nsize = 2000\nneuron = \"source\"\n[populations.b]\nsize = 5000\nneuron = \"lif_delta\"\n\
                 [projections.p]\nsource = \"a\"\ntarget = \"b\"\nconnect.{connect}\n{weight}\n"
            );
            let model = Model::from_text("bench.toml", &text, &[]).expect("a model");
            let synapses = Synapses::new(&model, ProjectionId(0), 1, None).expect("synapses");
            group.throughput(Throughput::Elements(synapses.expected()));
            let kind = connect.split(' ').next().unwrap_or_default();
            let weight = if weight.contains("normal") { "normal weights" } else { "one weight" };
            group.bench_function(BenchmarkId::new(kind, weight), |bench| {
                let mut row = Row::default();
                bench.iter(|| {
                    (0..2000)
                        .map(|source| {
                            synapses.row(source, &mut row);
                            black_box(&row).targets.len()
                        })
                        .sum::<usize>()
                });
            });
        }
    }
    group.finish();
}

fn poisson(rates_hz: Vec<f64>, neurons: usize) -> Box<dyn Generator> {
    let mut values = Values::default();
    values.set("rate", Value::Numbers(rates_hz));
    for (name, number) in [("weight", 1.0), ("start", 0.0), ("stop", 0.0)] {
        values.set(name, Value::Number(number));
    }
    let kind = find(input::KINDS, "poisson").expect("a kind");
    let input: Arc<dyn Input> = (kind.build)(&values).expect("an input").into();
    let resolution = Resolution::from_ms(0.1).expect("a resolution");
    input.generator(InputSlice { neurons: 0..neurons, first_entity: 0, input: 0, resolution, precise: false, seed: 1 })
}

/// Poisson spikes per neuron and tick.
fn spikes(criterion: &mut Criterion) {
    const NEURONS: usize = 20_000;
    const TICKS: u64 = 8;
    let mut group = criterion.benchmark_group("poisson");
    group.throughput(Throughput::Elements(NEURONS as u64 * TICKS));
    let each = |mean: f64| (0..NEURONS).map(|i| mean * 1e4 * (1.0 + (i % 100) as f64 / 100.0)).collect::<Vec<f64>>();
    let mut bench = |name: &str, mean: f64, rates: Vec<f64>| {
        let mut generator = poisson(rates, NEURONS);
        group.bench_function(BenchmarkId::new(name, mean), |bench| {
            let mut tick = 0;
            bench.iter(|| {
                tick += TICKS;
                (tick..tick + TICKS)
                    .map(|tick| match black_box(generator.pulses(tick)) {
                        Pulses::None => 0,
                        Pulses::Counts(counts) => counts.len(),
                        Pulses::Few(few) => few.len(),
                        Pulses::Weighted(spikes) => spikes.len(),
                    })
                    .sum::<usize>()
            });
        });
    };
    for mean in [0.001, 0.1, 0.8, 1.6, 2.0, 8.0, 100.0] {
        bench("one rate, mean per tick", mean, vec![mean * 1e4]);
    }
    bench("a rate for each, mean per tick", 0.01, each(0.01));
    bench("a rate for each, mean per tick", 1.6, each(1.6));
    group.finish();
}

criterion_group!(benches, words, rows, spikes);
criterion_main!(benches);
