//! A learning rule of one's own: direct feedback alignment (Nøkland 2016, arXiv:1609.01596), in which fixed random
//! weights carry the error of the outputs straight to every hidden layer. `cargo run --release --example own_rule`

use std::path::Path;
use std::sync::Arc;

use twinfire::learned::{Parameter, ParameterId};
use twinfire::matrix::Matrix;
use twinfire::network::bench::{Bench, Feedback};
use twinfire::network::presenter::Carrier;
use twinfire::network::signal::LEARN;
use twinfire::network::stack::Stack;
use twinfire::prelude::*;
use twinfire::random::{Purpose, Stream};
use twinfire::rule::{Lesson, Rule};

/// What the names of feedback weights begin with.
const PREFIX: &str = "feedback/";

#[derive(Debug)]
struct DirectFeedback;

impl Rule for DirectFeedback {
    fn learning_rates(&self) -> &[f64] {
        &[0.1]
    }

    fn parameters(&self, stacks: &[Stack], seed: u64) -> Vec<Parameter> {
        let (layers, mut stream) = (&stacks[0].layers, Stream::new(seed, Purpose::Feedback, 0, 0));
        let mut weights = |neurons| Matrix::from_fn(stacks[0].output().size(), neurons, |_, _| stream.uniform() - 0.5);
        let hidden = layers[1..layers.len() - 1].iter();
        hidden.map(|layer| Parameter::fixed(format!("{PREFIX}{}", layer.name), weights(layer.size()))).collect()
    }

    fn learn(&self, bench: &Bench<'_>) -> Lesson {
        let pass = bench.run(0, &bench.input(&LEARN), &LEARN);
        let mut error = bench.copy(&pass.output);
        let loss = bench.task.error(&pass.output, bench.targets, &mut error);
        let own = bench.parameters.iter().filter(|(_, parameter)| parameter.name.starts_with(PREFIX));
        let own: Vec<ParameterId> = own.map(|(id, _)| id).collect();
        let factors = bench.descend(0, &pass, Feedback::Direct(&own), error, Carrier::Analog);
        Lesson { changes: bench.three_factor(0, &pass, &factors), loss, output: bench.copy(&pass.output) }
    }
}

fn main() -> Result<(), Error> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments/digits.toml");
    let experiment = Arc::new(Experiment::from_file(&file, &["training.epochs=5".to_owned()])?);
    let data = Arc::new(experiment.load(&[])?);
    for arm in &experiment.arms {
        let mut session = Session::with_rule(&experiment, arm, 1, &data, Box::new(DirectFeedback))?;
        session.train(&Silent, &mut |_| Ok(()))?;
        println!("{}: {:.1} %", arm.regime.name(), session.test().metrics[0]);
    }
    Ok(())
}
