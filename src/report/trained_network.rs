//! A trained network on disk, for other programs: arrays for NumPy, and a table that says what each is.
//!
//! ```text
//! layers.csv               one line per layer, input first: kind and parameters of its neurons, the synapses that
//!                          lead to it, and the file of their weights
//! weights-1-NAME.npy       f32, sources x targets in C order: row i goes out from source i, as `weight.file` reads it
//! offset.npy               f32, inputs: what centring adds to what each input sends, in spikes per tick
//! readout.npy              f32, (neurons + 1) x classes, the bias last: scores = [spikes per tick, 1] x readout
//! experiment.toml          the experiment of this regime, rule and seed, the model in it
//! ```
//! Layer l is driven by z_l = h_(l-1) W_l per tick, where h_0 is what the encoder sends plus the offset.

use std::path::Path;

use super::csv::cell;
use super::draft::write_whole;
use super::names::plain;
use crate::error::Result;
use crate::matrix::Matrix;
use crate::numpy::header;
use crate::result::{TrainedLayer, TrainedNetwork};

const TABLE: &str = "layers.csv";
const OFFSET: &str = "offset.npy";
const READOUT: &str = "readout.npy";
const EXPERIMENT: &str = "experiment.toml";

const COLUMNS: [&str; 14] = [
    "layer",
    "neuron",
    "size",
    "shape",
    "parameters",
    "fires",
    "tick_ms",
    "projection",
    "delay_ms",
    "weights",
    "weights_axes",
    "code",
    "code_file",
    "code_axes",
];

/// Writes `network` into `folder`, the stage of an [`Output`](super::output::Output).
///
/// # Errors
/// [`Error::Output`](crate::error::Error::Output) when something cannot be written.
pub fn write(network: &TrainedNetwork, folder: &Path) -> Result<()> {
    files(network).into_iter().try_for_each(|(name, bytes)| write_whole(&folder.join(name), &bytes))
}

/// The file of the weights that lead to layer `layer`, from 1; none for the input.
pub fn weight_file(layer: usize, spec: &TrainedLayer) -> Option<String> {
    spec.projection.as_ref().map(|projection| format!("weights-{layer}-{}.npy", plain(&projection.name)))
}

/// Name and content of every file, the table last.
fn files(network: &TrainedNetwork) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (layer, spec) in network.layers.iter().enumerate() {
        let weights = spec.projection.as_ref().map(|projection| by_source(&projection.weights));
        files.extend(weight_file(layer, spec).zip(weights));
    }
    if !network.offset.is_empty() {
        files.push((OFFSET.into(), array(&[network.offset.len()], &network.offset)));
    }
    files.extend(network.readout.iter().map(|readout| (READOUT.into(), by_source(readout))));
    files.push((EXPERIMENT.into(), network.experiment.clone().into_bytes()));
    files.push((TABLE.into(), table(network).into_bytes()));
    files
}

/// A matrix of targets x sources as an array of sources x targets.
fn by_source(matrix: &Matrix) -> Vec<u8> {
    // Columns of the one, which lie one after the other, are the rows of the other.
    array(&[matrix.ncols(), matrix.nrows()], matrix.as_slice())
}

fn array(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let shape: Vec<u64> = shape.iter().map(|&side| side as u64).collect();
    let mut bytes = header("<f4", &shape);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

fn table(network: &TrainedNetwork) -> String {
    let line = |cells: &[String]| cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\n";
    let mut text = COLUMNS.join(",") + "\n";
    text.extend((0..network.layers.len()).map(|layer| line(&row(network, layer))));
    text
}

fn row(network: &TrainedNetwork, layer: usize) -> [String; COLUMNS.len()] {
    let spec = &network.layers[layer];
    let projection = spec.projection.as_ref();
    let [code, code_file, code_axes] = code(network, layer).map(str::to_owned);
    [
        spec.name.clone(),
        spec.neuron.clone(),
        spec.shape.iter().product::<usize>().to_string(),
        spec.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x "),
        spec.parameters.clone(),
        if spec.fires { "yes" } else { "no" }.into(),
        network.tick_ms.to_string(),
        projection.map_or(String::new(), |projection| projection.name.clone()),
        projection.map_or(String::new(), |projection| projection.delay_ms.to_string()),
        weight_file(layer, spec).unwrap_or_default(),
        projection.map_or("", |_| "sources x targets").into(),
        code,
        code_file,
        code_axes,
    ]
}

/// Encoder or readout, the file of its numbers and what their axes are.
fn code(network: &TrainedNetwork, layer: usize) -> [&str; 3] {
    match layer {
        0 if network.offset.is_empty() => [&network.encoder, "", ""],
        0 => [&network.encoder, OFFSET, "inputs"],
        _ if layer + 1 < network.layers.len() => ["", "", ""],
        _ if network.readout.is_none() => [&network.decoder, "", ""],
        _ => [&network.decoder, READOUT, "neurons and bias x classes"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numpy::Array;
    use crate::result::TrainedProjection;

    fn layer(name: &str, size: usize, from: Option<(&str, usize)>) -> TrainedLayer {
        let weights = |sources| Matrix::from_fn(size, sources, |target, source| (10 * source + target) as f32);
        let projection = |(name, sources): (&str, usize)| TrainedProjection {
            name: name.into(),
            delay_ms: 1.5,
            weights: weights(sources),
        };
        TrainedLayer {
            name: name.into(),
            shape: vec![size],
            neuron: if from.is_some() { "lif_delta" } else { "source" }.into(),
            parameters: "tau_m = 20 ms; reset = subtract".into(),
            fires: true,
            projection: from.map(projection),
        }
    }

    fn network() -> TrainedNetwork {
        TrainedNetwork {
            arm: "spiking-fixed".into(),
            seed: 1,
            epoch: 1,
            tick_ms: 0.5,
            layers: vec![
                layer("in", 2, None),
                layer("a,b", 3, Some(("up/to", 2))),
                layer("out", 1, Some(("up_to", 3))),
            ],
            encoder: "regular".into(),
            decoder: "linear: ridge = 0.1".into(),
            offset: vec![-0.5, -0.0],
            readout: Some(Matrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, 4.0])),
            experiment: "seeds = [1]\n".into(),
        }
    }

    fn read(folder: &Path, name: &str) -> (Vec<usize>, Vec<f64>) {
        let array = Array::read(&folder.join(name)).unwrap();
        (array.shape.clone(), array.numbers().unwrap())
    }

    #[test]
    fn rows_are_sources_and_columns_targets() {
        let place = tempfile::tempdir().unwrap();
        write(&network(), place.path()).unwrap();
        let names = ["weights-1-up%2Fto.npy", "weights-2-up_to.npy", OFFSET, READOUT, EXPERIMENT, TABLE];
        assert!(names.iter().all(|name| place.path().join(name).is_file()));
        assert_eq!(read(place.path(), names[0]), (vec![2, 3], vec![0.0, 1.0, 2.0, 10.0, 11.0, 12.0]));
        assert_eq!(read(place.path(), names[1]), (vec![3, 1], vec![0.0, 10.0, 20.0]));
        assert_eq!(read(place.path(), READOUT), (vec![2, 2], vec![1.0, 3.0, 2.0, 4.0]));
        let (shape, offset) = read(place.path(), OFFSET);
        assert!(shape == [2] && offset[0] == -0.5 && offset[1].is_sign_negative());
    }

    #[test]
    fn the_table_has_a_line_per_layer() {
        let lines = "in,source,2,2,tau_m = 20 ms; reset = subtract,yes,0.5,,,,,regular,offset.npy,inputs\n\
            \"a,b\",lif_delta,3,3,tau_m = 20 ms; reset = subtract,yes,0.5,up/to,1.5,weights-1-up%2Fto.npy,sources x targets,,,\n\
            out,lif_delta,1,1,tau_m = 20 ms; reset = subtract,yes,0.5,up_to,1.5,weights-2-up_to.npy,sources x targets,\
            linear: ridge = 0.1,readout.npy,neurons and bias x classes\n";
        assert_eq!(table(&network()), COLUMNS.join(",") + "\n" + lines);
    }
}
