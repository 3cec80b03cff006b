//! The synapses of a model in the order in which they are written: by source, target and delay, those
//! that share all three as they were drawn. That is the order of the weights of a simulation, too.

use super::synapses::{Row, Synapses};
use crate::error::Result;
use crate::id::ProjectionId;
use crate::model::Model;

/// The synapses of one source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ends {
    pub targets: Vec<u32>,
    /// In the unit of the target's synapses, in double precision as they were drawn.
    pub weights: Vec<f64>,
    pub delays_ms: Vec<f64>,
}

/// Calls `visit` with every source of a projection and its synapses; `weights` are those of all
/// synapses, in their order, in place of the drawn ones.
///
/// # Errors
/// As [`Synapses::new`], and those of `visit`.
pub fn visit(
    model: &Model,
    projection: ProjectionId,
    weights: Option<&[f64]>,
    visit: &mut dyn FnMut(u32, &Ends) -> Result<()>,
) -> Result<()> {
    let (simulation, spec) = (&model.simulation, &model.projections[projection.0]);
    let synapses = Synapses::new(model, projection, simulation.seed, None)?;
    let sources: usize = model.populations[spec.source.0].shape.iter().product();
    let (mut row, mut ends, mut order) = (Row::default(), Ends::default(), Vec::new());
    let mut rest = weights.unwrap_or_default();
    for source in 0..sources {
        synapses.row(source, &mut row);
        let weight = |place: usize| synapses.constant_weight().unwrap_or_else(|| row.weights[place]);
        let delay = |place: usize| synapses.constant_delay().unwrap_or_else(|| row.delays[place]);
        order.clear();
        order.extend(0..row.targets.len());
        order.sort_by_key(|&place| (row.targets[place], delay(place)));
        ends.targets.clear();
        ends.targets.extend(order.iter().map(|&place| row.targets[place]));
        ends.delays_ms.clear();
        ends.delays_ms
            .extend(order.iter().map(|&place| simulation.resolution.to_ms(crate::time::Tick(delay(place).into()))));
        ends.weights.clear();
        match weights {
            Some(_) => {
                let (own, later) = rest.split_at(order.len());
                ends.weights.extend(own);
                rest = later;
            }
            None => ends.weights.extend(order.iter().map(|&place| weight(place))),
        }
        visit(source as u32, &ends)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synapses_come_by_source_target_and_delay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.csv");
        std::fs::write(&path, "source,target,weight,delay\n1,1,1,2\n1,0,2,3\n1,1,3,1\n1,1,4,1\n0,1,5,1\n").unwrap();
        let text = format!(
            "[simulation]\nduration = \"5 ms\"\n[populations.a]\nsize = 2\nneuron = \"lif_delta\"\n\
             [projections.p]\nsource = \"a\"\ntarget = \"a\"\nconnect.list = {{ file = '{}' }}\n",
            path.display()
        );
        let model = Model::from_text("m.toml", &text, &[]).unwrap();
        let all = |weights: Option<&[f64]>| {
            let mut all = Vec::new();
            let mut add = |source, ends: &Ends| {
                let columns = ends.targets.iter().zip(&ends.weights).zip(&ends.delays_ms);
                all.extend(columns.map(|((&target, &weight), &ms)| (source, target, weight, ms)));
                Ok(())
            };
            visit(&model, ProjectionId(0), weights, &mut add).unwrap();
            all
        };
        let expected = [(0, 1, 5.0, 1.0), (1, 0, 2.0, 3.0), (1, 1, 3.0, 1.0), (1, 1, 4.0, 1.0), (1, 1, 1.0, 2.0)];
        assert_eq!(all(None), expected);
        let weights: Vec<f64> = all(Some(&[0.1, 0.2, 0.3, 0.4, 0.5])).iter().map(|synapse| synapse.2).collect();
        assert_eq!(weights, [0.1, 0.2, 0.3, 0.4, 0.5]);
    }
}
