//! Random numbers in bulk: `cargo bench --bench drawing`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use synfire::random::{Purpose, Stream, Words};

/// Words of a stream, one block at a time and in bulk.
fn words(criterion: &mut Criterion) {
    const WORDS: u64 = 1 << 16;
    let mut group = criterion.benchmark_group("words");
    group.throughput(Throughput::Elements(WORDS));
    group.bench_function("stream", |bench| {
        let mut stream = Stream::new(1, Purpose::Wiring, 0, 0);
        bench.iter(|| (0..WORDS).fold(0u32, |sum, _| sum.wrapping_add(black_box(stream.word()))));
    });
    group.bench_function("bulk", |bench| {
        let mut words = Words::new(&Stream::new(1, Purpose::Wiring, 0, 0));
        bench.iter(|| (0..WORDS).fold(0u32, |sum, _| sum.wrapping_add(black_box(words.word()))));
    });
    group.bench_function("below", |bench| {
        let mut words = Words::new(&Stream::new(1, Purpose::Wiring, 0, 0));
        bench.iter(|| (0..WORDS).fold(0u32, |sum, _| sum.wrapping_add(black_box(words.below(20_683)))));
    });
    group.finish();
}

criterion_group!(benches, words);
criterion_main!(benches);
