//! `twinfire export`: a trained network for other programs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use twinfire::dataset;
use twinfire::error::Result;
use twinfire::experiment::checkpoint::Saved;
use twinfire::experiment::trained;
use twinfire::report::output::Output;
use twinfire::report::output::record::{Kind, State};
use twinfire::report::trained_network::{self, weight_file};
use twinfire::report::{number, table};
use twinfire::result::{TrainedLayer, TrainedNetwork};

use super::answer::Answer;
use super::folder::{self, Filling};
use super::{Options, terminal};

const EXAMPLES: &str = "\
Examples:
  twinfire export runs/digits/spiking-q_agrel-seed1.twinfire -o digits-weights
  twinfire export runs/digits/rate-q_agrel-seed1.twinfire --json";

/// Write a trained network's weights as .npy, with a table of its layers
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Export {
    /// A checkpoint that `twinfire compare` or `twinfire train` wrote
    checkpoint: PathBuf,
}

impl Export {
    pub fn run(&self, options: &Options) -> Result<Answer> {
        let saved = Saved::read(&self.checkpoint, &options.set)?;
        let data = Arc::new(saved.experiment.load(&dataset::folders(options.data.as_deref()))?);
        let network = trained::network(&saved.session(&data)?);
        let filling = Filling {
            kind: Kind::Network,
            of: folder::file(&self.checkpoint)?,
            settings: options.set.clone(),
            inputs: vec![self.checkpoint.clone()],
        };
        let output = filling.open(options, &self.default_folder())?;
        let path = output.path().to_path_buf();
        let written = write(&network, &output);
        let written = output.close(written)?;
        let text = format!(
            "{}, {} with seed {}, {}\n\n{}\nlayers.csv in {} says how they belong together",
            saved.experiment.title,
            network.arm,
            network.seed,
            epoch(&network),
            shown(&network),
            path.display()
        );
        let json = json!({
            "checkpoint": self.checkpoint,
            "folder": path,
            "arm": network.arm,
            "seed": network.seed,
            "epoch": network.epoch,
            "layers": layers(&network),
            "written": written,
        });
        Ok(Answer { text, json })
    }

    fn default_folder(&self) -> PathBuf {
        let name = self.checkpoint.file_stem().unwrap_or("network".as_ref()).to_string_lossy();
        Path::new("runs").join(format!("{name}-export"))
    }
}

fn write(network: &TrainedNetwork, output: &Output) -> Result<Vec<PathBuf>> {
    let stage = output.stage()?;
    trained_network::write(network, stage.path())?;
    output.publish(stage, State::Done)
}

/// When the weights were these.
fn epoch(network: &TrainedNetwork) -> String {
    match network.epoch {
        0 => "weights before the end of the first epoch".into(),
        epoch => format!("weights of epoch {epoch}"),
    }
}

/// One line per layer.
fn shown(network: &TrainedNetwork) -> String {
    let heads = ["layer", "neuron", "neurons", "weights"].map(String::from);
    let row = |(index, layer): (usize, &TrainedLayer)| {
        let size = number::count(layer.shape.iter().product::<usize>() as f64);
        vec![layer.name.clone(), layer.neuron.clone(), size, weight_file(index, layer).unwrap_or_default()]
    };
    table::fitted(heads.to_vec(), network.layers.iter().enumerate().map(row).collect(), terminal::width())
}

/// The same for programs.
fn layers(network: &TrainedNetwork) -> Vec<Value> {
    let document = |(index, layer): (usize, &TrainedLayer)| {
        json!({
            "name": layer.name,
            "neuron": layer.neuron,
            "shape": layer.shape,
            "fires": layer.fires,
            "delay_ms": layer.projection.as_ref().map(|projection| projection.delay_ms),
            "weights": weight_file(index, layer),
        })
    };
    network.layers.iter().enumerate().map(document).collect()
}
