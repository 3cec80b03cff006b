//! Layers in a row, as batches run through them: who sees whom through which parameters.

use std::sync::Arc;

use super::chain::chains;
use super::synapses::{Row, Synapses};
use crate::decode::Decoder;
use crate::encode::{Encoder, Stimulus};
use crate::error::{Error, Problem, Result};
use crate::gain::Gain;
use crate::id::{PopulationId, ProjectionId};
use crate::learned::{Parameter, ParameterId, Parameters};
use crate::matrix::Matrix;
use crate::model::{DelaySpec, Model, PopulationSpec};
use crate::neuron::{Neuron, Presented};
use crate::time::Resolution;
use crate::topology::Ends;
use crate::topology::fields::Fields;

/// Layers in a row. Layer 0 is the input.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Empty for the only or main one; NAME where the model has `[[NAME.layers]]`.
    pub name: String,
    pub resolution: Resolution,
    pub layers: Vec<Layer>,
}

/// A layer.
#[derive(Debug, Clone)]
pub struct Layer {
    pub name: String,
    pub shape: Vec<usize>,
    /// Where it stands in the model.
    pub population: PopulationId,
    /// What leads to it; none for the input.
    pub link: Option<Link>,
    /// What acts on its activity, in order.
    pub gains: Vec<LayerGain>,
    /// Whether its neurons fire; where not, they only integrate.
    pub fires: bool,
    /// Neurons of the layers below, which come before its own where one stream of random numbers serves all.
    first: usize,
}

/// What leads to a layer.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where it stands in the model.
    pub projection: ProjectionId,
    pub fields: Fields,
    neuron: Arc<dyn Neuron>,
    /// In blocks of targets x sources of the fields.
    pub weights: ParameterId,
    /// n x 1, a constant part of the drive per tick.
    pub bias: Option<ParameterId>,
    /// In ticks, at least 1.
    pub delay: u32,
}

/// A gain with its parameters.
#[derive(Debug, Clone)]
pub struct LayerGain {
    pub gain: Arc<dyn Gain>,
    pub parameters: Vec<ParameterId>,
}

/// How samples enter a network and how answers leave it.
#[derive(Debug, Clone)]
pub struct Coding {
    pub encoder: Arc<dyn Encoder>,
    pub decoder: Arc<dyn Decoder>,
}

impl Layer {
    /// Number of neurons.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// What leads to a layer behind the input.
    pub fn link(&self) -> &Link {
        self.link.as_ref().expect("a layer behind the input has a link")
    }

    /// Neurons of the layers below.
    pub fn first(&self) -> usize {
        self.first
    }
}

impl Link {
    /// The neurons it leads to.
    pub fn neuron(&self) -> &dyn Presented {
        self.neuron.presented().expect("layers are made of kinds that can be trained")
    }
}

impl Stack {
    /// The stacks of `model`, the main one first, with the weights that `seed` draws.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the populations are no layers in rows that can be trained; [`Error::Run`] when a topology
    /// does not fit its populations or weights cannot be held; [`Error::Data`] when a weight file is wrong.
    pub fn all(model: &Model, seed: u64) -> Result<(Vec<Self>, Parameters)> {
        let mut parameters = Parameters::default();
        let rows = chains(model).ok_or_else(|| {
            refuse(
                "the network is no chain of layers",
                "training presents samples to layers in a row, without branches or loops",
            )
        })?;
        let stacks = rows.iter().map(|row| Self::new(model, seed, row, &mut parameters)).collect::<Result<_>>()?;
        Ok((stacks, parameters))
    }

    fn new(model: &Model, seed: u64, row: &[ProjectionId], parameters: &mut Parameters) -> Result<Self> {
        let first = model.projections[row[0].0].source;
        let input = &model.populations[first.0];
        if input.neuron.is_some() {
            let what = format!("population `{}` is first in the chain but made of neurons", input.name);
            return Err(refuse(&what, "samples enter through a population of sources"));
        }
        let mut stack = Self {
            name: input.name.rsplit_once('/').map_or(String::new(), |(stack, _)| stack.into()),
            resolution: model.simulation.resolution,
            layers: vec![Layer::new(first, input, None, 0)],
        };
        for &projection in row {
            stack.push(model, seed, projection, parameters)?;
        }
        Ok(stack)
    }

    fn push(&mut self, model: &Model, seed: u64, projection: ProjectionId, parameters: &mut Parameters) -> Result<()> {
        let spec = &model.projections[projection.0];
        let [source, target] = [spec.source, spec.target].map(|id| &model.populations[id.0]);
        let neuron = trainable(target)?;
        let ends = Ends { source: &source.shape, target: &target.shape, same: spec.source == spec.target };
        let fields = spec.topology.1.fields(&ends).ok_or_else(|| {
            let what = format!("projection `{}` is {}, which cannot be trained", spec.name, spec.topology.0.kind);
            refuse(&what, "training runs on all_to_all and one_to_one projections")
        })?;
        let DelaySpec::Constant(delay) = spec.delay else {
            let what =
                format!("projection `{}`: presentations need one delay for all synapses of a projection", spec.name);
            return Err(Error::Run(what));
        };
        let values = weights(model, projection, seed, &fields)?;
        let name = format!("{}.weights", target.name);
        let weights = parameters.add(Parameter { name, values, learns: spec.plastic });
        let first = self.layers.iter().map(Layer::size).sum();
        let link = Link { projection, fields, neuron, weights, bias: None, delay };
        self.layers.push(Layer::new(spec.target, target, Some(link), first));
        Ok(())
    }

    /// Number of layers, the input included.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The last layer.
    pub fn output(&self) -> &Layer {
        &self.layers[self.layers.len() - 1]
    }

    /// Adds a gain to a layer.
    pub fn add_gain(&mut self, layer: usize, gain: Arc<dyn Gain>, parameters: &mut Parameters) {
        let layer = &mut self.layers[layer];
        let name = |own: String| format!("{}.{own}", layer.name);
        let own = gain.parameters(layer.size()).into_iter();
        let own = own.map(|new| parameters.add(Parameter { name: name(new.name.clone()), ..new })).collect();
        layer.gains.push(LayerGain { gain, parameters: own });
    }

    /// The weights of every layer behind the input, lowest first.
    pub fn weights(&self) -> impl Iterator<Item = ParameterId> {
        self.layers.iter().filter_map(|layer| Some(layer.link.as_ref()?.weights))
    }

    /// Multiply-accumulates of one presentation in the rate regime.
    pub fn multiply_accumulates(&self) -> usize {
        self.layers.iter().filter_map(|layer| Some(layer.link.as_ref()?.fields.synapses())).sum()
    }
}

impl Layer {
    fn new(population: PopulationId, spec: &PopulationSpec, link: Option<Link>, first: usize) -> Self {
        let (name, shape) = (spec.name.clone(), spec.shape.clone());
        Self { name, shape, population, link, gains: Vec::new(), fires: true, first }
    }
}

impl Coding {
    /// What the encoder sends for a sample, constant currents of centring included; `offset` is n x 1.
    pub fn stimulus(
        &self,
        values: &[f32],
        resolution: Resolution,
        stream: &mut crate::random::Stream,
        offset: Option<&Matrix>,
    ) -> Stimulus {
        let mut stimulus = Stimulus::default();
        self.encoder.encode(values, resolution, stream, &mut stimulus);
        if let Some(offset) = offset {
            stimulus.currents.resize(offset.len(), 0.0);
            stimulus.currents.iter_mut().zip(offset.iter()).for_each(|(current, offset)| *current += offset);
        }
        stimulus
    }
}

fn trainable(population: &PopulationSpec) -> Result<Arc<dyn Neuron>> {
    let Some((_, neuron)) = &population.neuron else {
        let what = format!("population `{}` is a source but gets input", population.name);
        return Err(refuse(&what, "give it a neuron"));
    };
    if neuron.presented().is_none() {
        return Err(refuse(
            &format!("population `{}` is of a kind that presentations cannot run", population.name),
            "training needs neurons with delta synapses and a rate curve: `lif_delta`, `iaf_psc_delta` or `integrate_and_fire`",
        ));
    }
    Ok(Arc::clone(neuron))
}

/// Initial weights, those that a simulation with this seed has.
fn weights(model: &Model, projection: ProjectionId, seed: u64, fields: &Fields) -> Result<Matrix> {
    let synapses = Synapses::new(model, projection, seed, None)?;
    let name = &model.projections[projection.0].name;
    let mut values = Vec::new();
    let refuse = |what: String| Error::Run(format!("projection `{name}`: {what}"));
    let size = fields.weights();
    values.try_reserve_exact(size).map_err(|_| refuse(format!("{size} synapses do not fit into memory")))?;
    values.resize(size, synapses.constant_weight().unwrap_or(0.0) as f32);
    if synapses.constant_weight().is_none() {
        let mut row = Row::default();
        for source in 0..fields.sources() {
            synapses.row(source, &mut row);
            for (&target, &weight) in row.targets.iter().zip(&row.weights) {
                let place = fields.weight_of(source, target as usize).expect("fields and rows name the same pairs");
                values[place] = weight as f32;
            }
        }
    }
    if values.iter().any(|weight| !weight.is_finite()) {
        return Err(refuse("a weight is beyond the largest number of single precision, 3.4e38".into()));
    }
    Ok(Matrix::from_vec(fields.width(), size / fields.width().max(1), values))
}

fn refuse(message: &str, help: &str) -> Error {
    Error::Invalid(vec![Problem { message: message.into(), place: None, help: Some(help.into()) }])
}
