//! The parameters of each neuron of a population in which they differ: listed in the model, or
//! drawn by a stream of the neuron's own.

use std::ops::Range;

use crate::error::{Error, Problem, Result};
use crate::model::{PopulationSpec, VariedValues};
use crate::neuron::soundness::Computation;
use crate::neuron::{KINDS, Neuron};
use crate::parameter::{Kind, Range as Bounds, Spec, Value, Values, find};
use crate::random::{Purpose, Stream};
use crate::unit::Dimension;

/// The parameters of the neurons of one population.
pub struct Parameters<'m> {
    pub population: &'m PopulationSpec,
    /// What its kind is given where neurons do not differ.
    pub base: &'m Spec,
    /// Number of its first neuron, counted over all populations.
    pub first: u32,
    pub seed: u64,
    pub computation: Computation,
}

impl Parameters<'_> {
    /// Those of a neuron, counted within the population.
    pub fn of(&self, neuron: usize) -> Values {
        let mut values = self.base.values.clone();
        for (index, varied) in self.population.varied.iter().enumerate() {
            let value = match &varied.values {
                VariedValues::Each(each) => each[neuron],
                VariedValues::Distribution(_, distribution) => {
                    let entity = self.first + neuron as u32;
                    distribution.sample(1, &mut Stream::new(self.seed, Purpose::Initial, entity, index as u64))
                }
            };
            values.set(varied.field, Value::Number(value));
        }
        values
    }

    /// Refuses drawn parameters that are impossible: the check of a model can only try some.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the first neuron with impossible parameters.
    pub fn check(&self, neurons: Range<usize>) -> Result<()> {
        let drawn = |values: &VariedValues| matches!(values, VariedValues::Distribution(..));
        let Some(kind) = find(KINDS, self.base.kind) else {
            return Ok(());
        };
        if self.population.varied.iter().any(|varied| drawn(&varied.values)) {
            for neuron in neurons {
                let values = self.of(neuron);
                let built = || match (kind.build)(&values) {
                    Ok(cell) => self.computation.refusal(&*cell, &values),
                    Err(sentence) => Some(sentence),
                };
                let sentence = out_of_range(kind, &values).or_else(built);
                sentence.map_or(Ok(()), |sentence| Err(self.impossible(kind, neuron, &values, &sentence)))?;
            }
        }
        Ok(())
    }

    fn impossible(&self, kind: &Kind<dyn Neuron>, neuron: usize, values: &Values, sentence: &str) -> Error {
        let own = self.population.varied.iter().map(|varied| {
            let dimension = kind.field(varied.field).and_then(|field| field.form.dimension());
            let shown = format!(
                "{} = {} {}",
                varied.field,
                values.number(varied.field),
                dimension.map_or("", Dimension::base_unit)
            );
            shown.trim_end().to_owned()
        });
        let own = own.collect::<Vec<_>>().join(", ");
        Error::Invalid(vec![Problem {
            message: format!("population `{}`, neuron {neuron} ({own}): {sentence}", self.population.name),
            place: None,
            help: Some("draw its parameters within bounds, such as `low` and `high` of `normal`".into()),
        }])
    }
}

/// A sentence on the first parameter that is out of its range.
fn out_of_range(kind: &Kind<dyn Neuron>, values: &Values) -> Option<String> {
    let outside = |value: &Value, range: Bounds| matches!(value, Value::Number(number) if !range.contains(*number));
    let field =
        kind.fields.iter().find(|field| values.get(field.name).is_some_and(|value| outside(value, field.range)))?;
    Some(format!("{} has to be {}", field.name, field.range))
}

#[cfg(test)]
mod tests {
    use crate::model::Model;
    use crate::regime::events::simulation::Setting;
    use crate::regime::events::{Simulation, Strategy};

    fn refusal(drawn: &str) -> crate::error::Error {
        let text = format!("[populations.a]\nsize = 40000\nneuron.lif_delta = {{ {drawn} }}\n");
        let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
        let setting = Setting { seed: 1, threads: 2, strategy: Strategy::Auto, stored: &[] };
        Simulation::<f64>::new(&model, &setting, &[]).err().expect("some neuron is impossible")
    }

    /// Half-way the later tick is taken, whatever the binary form: 0.25 / 0.1 is 2.5 as it is computed, 0.35 / 0.1 less
    /// than 3.5.
    #[test]
    fn drawn_refractory_periods_go_to_the_nearest_tick() {
        for (low, ticks) in [(0.25, 3), (0.35, 4), (0.449, 4), (0.0499, 0)] {
            for kind in ["lif_delta", "iaf_psc_delta", "integrate_and_fire", "lif_exp", "lif_cond_exp", "alif"] {
                let v_init = if kind == "integrate_and_fire" { "9" } else { "\"0 mV\"" };
                let text = format!(
                    "[simulation]\nduration = \"2 ms\"\n[populations.a]\nsize = 3\nneuron.{kind} = {{ v_init = {v_init}, \
                     tau_refrac.uniform = {{ low = \"{low} ms\", high = \"{low} ms\" }}, {} }}\n",
                    if kind == "integrate_and_fire" {
                        "i_offset = \"1e6 pA\", reset = \"to_value\""
                    } else {
                        "i_offset = \"1e9 pA\""
                    }
                );
                let model = Model::from_text("m.toml", &text, &[]).unwrap_or_else(|error| panic!("{error}"));
                let recording = crate::regime::events::run::simulate(&model, 1).unwrap();
                // The membrane is held for so many ticks, and above the threshold at the one after them.
                let expected = 3 * (20_u64).div_ceil(ticks + 1);
                assert_eq!(recording.populations[0].firing.spikes, expected, "{kind} {low}");
            }
        }
    }

    #[test]
    fn neurons_that_are_drawn_too_fast_for_a_tick_are_refused() {
        let drawn = "a.uniform = { low = \"-1e9 nS\", high = \"1e31 nS\" }";
        let text = format!("[populations.a]\nsize = 40\nneuron.lif_adaptive = {{ {drawn} }}\n");
        let model = Model::from_text("m.toml", &text, &[]);
        let setting = Setting { seed: 1, threads: 2, strategy: Strategy::Auto, stored: &[] };
        let error = model.and_then(|model| Simulation::<f64>::new(&model, &setting, &[]).map(drop)).unwrap_err();
        assert!(error.exit_code() == 3 && error.to_string().contains("no finite numbers"), "{error}");
    }

    #[test]
    fn a_neuron_that_is_drawn_beyond_what_is_possible_is_named() {
        let cases = [
            ("tau_m.normal = { mean = \"20 ms\", std = \"5.5 ms\" }", "(tau_m = -", "tau_m has to be above 0"),
            (
                "v_reset.normal = { mean = \"-65 mV\", std = \"4 mV\" }, v_init = \"-60 mV\"",
                "(v_reset = -4",
                "v_reset is not below v_thresh",
            ),
        ];
        for (drawn, own, sentence) in cases {
            let error = refusal(drawn);
            let problem = &error.problems()[0];
            assert_eq!(error.exit_code(), 3);
            let message = &problem.message;
            assert!(message.starts_with("population `a`, neuron ") && message.contains(own), "{message}");
            assert!(message.contains(sentence) && problem.help.as_ref().unwrap().contains("`low`"), "{problem}");
        }
    }
}
