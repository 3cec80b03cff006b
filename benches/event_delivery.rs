//! Delivery of spikes, in synaptic events per second: `cargo bench --bench event_delivery`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use synfire::random::{Purpose, Stream};
use synfire::regime::presentation::delivery::{add_dense_rows, add_sparse_row};

fn weights(synapses: usize) -> Vec<f32> {
    let mut stream = Stream::new(1, Purpose::Weights, 0, 0);
    (0..synapses).map(|_| stream.uniform() - 0.5).collect()
}

/// Dense rows: all sources spike, in volleys of 50.
fn dense_rows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("dense row");
    for (sources, targets) in [(1000, 1000), (784, 6400)] {
        let weights = weights(sources * targets);
        let all: Vec<u32> = (0..sources as u32).collect();
        group.throughput(Throughput::Elements((sources * targets) as u64));
        group.bench_function(BenchmarkId::new("f32", format!("{sources}x{targets}")), |bench| {
            let mut input = vec![0.0f32; targets];
            bench.iter(|| all.chunks(50).for_each(|volley| add_dense_rows(black_box(&mut input), &weights, volley)));
        });
        group.bench_function(BenchmarkId::new("f64", format!("{sources}x{targets}")), |bench| {
            let mut input = vec![0.0f64; targets];
            bench.iter(|| all.chunks(50).for_each(|volley| add_dense_rows(black_box(&mut input), &weights, volley)));
        });
    }
    group.finish();
}

/// Sparse rows: 1,000 random targets of 10,000 each.
fn sparse_rows(criterion: &mut Criterion) {
    const ROW: usize = 1000;
    let mut group = criterion.benchmark_group("sparse row");
    let mut stream = Stream::new(2, Purpose::Wiring, 0, 0);
    let weights = weights(1000 * ROW);
    let targets: Vec<u32> = (0..1000 * ROW).map(|_| stream.below(10_000)).collect();
    group.throughput(Throughput::Elements(weights.len() as u64));
    group.bench_function("f64, 1000 of 10000 targets", |bench| {
        let mut input = vec![0.0f64; 10_000];
        let mut marked = vec![false; 10_000];
        bench.iter(|| {
            for (row, targets) in weights.chunks(ROW).zip(targets.chunks(ROW)) {
                add_sparse_row(black_box(&mut input), row, targets, |target| marked[target as usize] = true);
            }
        });
    });
    group.finish();
}

criterion_group!(benches, dense_rows, sparse_rows);
criterion_main!(benches);
