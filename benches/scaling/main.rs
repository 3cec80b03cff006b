//! What simulations cost as they grow, and when neurons should be visited rather than swept:
//!
//! ```sh
//! cargo bench --bench scaling                                     # all parts, into target/scaling
//! cargo bench --bench scaling -- neurons rate --repeat 3 --out docs/img
//! cargo bench --bench scaling -- lazy --redraw --out docs/img     # figures from what was measured last
//! ```
//! Every point is a fresh process on one thread (`measure.rs`). Figures go to `--out`, the
//! numbers to `target/scaling/PART.json`, tables to the terminal.

mod fit;
mod growth;
mod lazy;
mod measure;
mod points;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use twinfire::report::canvas::Figure;
use twinfire::report::render;

/// Where the numbers are kept.
const KEPT: &str = "target/scaling";

/// Measures what simulations cost as they grow
#[derive(Parser)]
struct Options {
    /// What to measure [default: everything]
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// The folder of the figures
    #[arg(long, default_value = KEPT)]
    out: PathBuf,
    /// Runs per point; the cheapest counts
    #[arg(long, default_value_t = 1)]
    repeat: usize,
    /// Draw what was measured last
    #[arg(long)]
    redraw: bool,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Cost against the number of neurons
    Neurons,
    /// Cost against the number of synapses onto each
    Synapses,
    /// Cost against the rate
    Rate,
    /// Visited against swept, over activity and size
    Lazy,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Neurons => "neurons",
            Self::Synapses => "synapses",
            Self::Rate => "rate",
            Self::Lazy => "lazy",
        }
    }

    /// A table and a figure of what was measured.
    fn report(self, options: &Options) -> Result<(String, Figure), String> {
        let kept = Path::new(KEPT).join(format!("{}.json", self.name()));
        let growth = match self {
            Self::Neurons => growth::NEURONS,
            Self::Synapses => growth::SYNAPSES,
            Self::Rate => growth::RATE,
            Self::Lazy => return Ok(lazy::report(&points::points(&kept, lazy::cases(), options)?)),
        };
        Ok(growth.report(&points::points(&kept, growth.cases(), options)?))
    }
}

fn main() -> ExitCode {
    let done = if std::env::args().nth(1).as_deref() == Some(measure::CHILD) { measure::child() } else { run() };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("scaling: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let options = Options::parse();
    let all = [Part::Neurons, Part::Synapses, Part::Rate, Part::Lazy];
    for &part in if options.parts.is_empty() { &all[..] } else { &options.parts } {
        let (table, figure) = part.report(&options)?;
        println!("{table}");
        draw(&figure, &options.out, part.name())?;
    }
    Ok(())
}

/// Writes a figure as `scaling-NAME.svg`.
fn draw(figure: &Figure, folder: &Path, name: &str) -> Result<(), String> {
    let path = folder.join(format!("scaling-{name}.svg"));
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, render::svg(figure)));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
