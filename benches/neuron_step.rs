//! One tick of a block of neurons, arrivals set to 0 included: `cargo bench --bench neuron_step`.
//! Time per element is time per neuron and tick. 2,000 neurons fit the first-level cache in
//! single precision, 16,000 the second-level one.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twinfire::model::Model;
use twinfire::neuron::block::{Block, Slice};
use twinfire::real::Real;

/// Kinds with a drive that makes them spike now and then.
const NEURONS: &[(&str, &str)] = &[
    ("lif_delta", "lif_delta = { i_offset = \"200 pA\" }"),
    ("lif_exp", "lif_exp = { i_offset = \"200 pA\" }"),
    ("lif_exp, two time constants", "lif_exp = { i_offset = \"200 pA\", tau_syn_i = \"3 ms\" }"),
    ("lif_alpha", "lif_alpha = { i_offset = \"200 pA\" }"),
    ("lif_cond_exp", "lif_cond_exp = { i_offset = \"200 pA\" }"),
    ("lif_adaptive", "lif_adaptive = { i_offset = \"300 pA\" }"),
    ("alif", "alif = { i_offset = \"300 pA\" }"),
    ("lif_cond_threshold", "lif_cond_threshold = { i_offset = \"20 pA\" }"),
];

fn model(neuron: &str) -> Model {
    let text = format!("simulation.resolution = \"0.1 ms\"\n[populations.n]\nsize = 1\nneuron.{neuron}");
    Model::from_text("bench", &text, &[]).expect("a model")
}

/// Advances a block by one tick in which one neuron gets input.
struct Run<R> {
    block: Box<dyn Block<R>>,
    arrivals: [Vec<R>; 2],
    spikes: Vec<u32>,
    tick: usize,
}

impl<R: Real> Run<R> {
    fn new(block: Box<dyn Block<R>>, size: usize, receptors: usize) -> Self {
        let second = if receptors == 2 { size } else { 0 };
        Self { block, arrivals: [vec![R::default(); size], vec![R::default(); second]], spikes: Vec::new(), tick: 0 }
    }

    fn tick(&mut self) {
        let size = self.arrivals[0].len();
        self.arrivals[0][self.tick * 7919 % size] += R::from(0.1);
        self.tick += 1;
        self.spikes.clear();
        let [first, second] = &mut self.arrivals;
        self.block.advance([first, second], &[], black_box(&mut self.spikes));
    }
}

fn steps(criterion: &mut Criterion) {
    for size in [2000, 16_000] {
        let mut group = criterion.benchmark_group(format!("tick of {size} neurons"));
        group.throughput(Throughput::Elements(size as u64));
        for (name, text) in NEURONS {
            let model = model(text);
            let neuron = &model.populations[0].neuron.as_ref().expect("a neuron").1;
            let slice = Slice { neurons: 0..size, resolution: model.simulation.resolution, each: None };
            let mut single = Run::new(neuron.single(&slice), size, neuron.receptors());
            group.bench_function(BenchmarkId::new(*name, "f32"), |bench| bench.iter(|| single.tick()));
            let mut double = Run::new(neuron.double(&slice), size, neuron.receptors());
            group.bench_function(BenchmarkId::new(*name, "f64"), |bench| bench.iter(|| double.tick()));
        }
        group.finish();
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
