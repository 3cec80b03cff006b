//! `neuron.KIND = { … }` of a population, checked for every one of its neurons.

use super::file::Checker;
use super::simulation::ticks;
use super::{NeuronSpec, Varied, VariedValues};
use crate::distribution::Distribution;
use crate::document::kind::{Chosen, is_nests, names_of};
use crate::document::{Entry, Item, Node, Table};
use crate::error::Place;
use crate::neuron::block::Slice;
use crate::neuron::{self, Neuron};
use crate::parameter::{Field, Kind, Value, Values, find};
use crate::random::{Purpose, Stream};
use crate::time::Resolution;

/// Draws by which a distribution is tried out.
const TRIED: usize = 1001;

/// Relative difference of two time constants that are called the same.
const SAME_LEAK: f64 = 1e-6;

/// A neuron kind, and which of its parameters vary.
pub(super) type Neurons = (NeuronSpec, Vec<Varied>);

/// Numbers from `distribution`, the `number`th of several.
pub(super) fn draws(distribution: &dyn Distribution, number: u32) -> Vec<f64> {
    let mut stream = Stream::new(0, Purpose::Initial, number, 0);
    (0..TRIED).map(|_| distribution.sample(1, &mut stream)).collect()
}

/// The median of `numbers`.
pub(super) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

impl Checker {
    /// The kind that `node` names, for a population of so many neurons.
    pub(super) fn neuron_of_kind(&mut self, node: &Node, size: Option<usize>) -> Option<Neurons> {
        let mut plain = with_parameters(self.reader.picked("neuron", node)?.clone());
        let known = |entry: &Entry| find(neuron::KINDS, &entry.key);
        let mut varied = Vec::new();
        if let Item::Table(table) = &mut plain.item
            && let [entry] = table.entries.as_mut_slice()
            && let Some(kind) = known(entry)
            && let Item::Table(given) = &mut entry.value.item
        {
            self.check_switch(&entry.key, &entry.place)?;
            self.translate(&entry.key, &entry.place, kind, given)?;
            varied = self.varied(kind, given, size, is_nests(&entry.key))?;
        }
        let neuron = self.reader.kind("neuron", &plain, neuron::KINDS, None)?;
        let kind = find(neuron::KINDS, neuron.0.kind)?;
        self.check_precise(&plain, &neuron)?;
        let varied = self.with_followers(kind, &neuron, varied, &plain)?;
        if !varied.iter().any(|(varied, _)| is_drawn(varied) && varied.field == "tau_refrac") {
            self.check_refractory(&plain, &neuron.0.values)?;
        }
        self.check_each(kind, &neuron.0.values, &varied, &plain)?;
        Some((Some(neuron), varied.into_iter().map(|(varied, _)| varied).collect()))
    }

    /// Parameters that are as one that varies vary like it.
    fn with_followers(
        &mut self,
        kind: &Kind<dyn Neuron>,
        neuron: &Chosen<dyn Neuron>,
        mut varied: Vec<(Varied, Place)>,
        node: &Node,
    ) -> Option<Vec<(Varied, Place)>> {
        for field in kind.fields.iter().filter(|field| !is_given(node, field)) {
            let Some(leader) = field.follows(kind.fields) else {
                continue;
            };
            let Some((leading, place)) = varied.iter().find(|(varied, _)| varied.field == leader.name).cloned() else {
                continue;
            };
            if is_drawn(&leading) {
                let message =
                    format!("`{}` is drawn for each neuron, and `{}` is as it unless given", leader.name, field.name);
                let help = format!("give `{}` of `{}` too", field.name, neuron.0.kind);
                self.reader.problem_with_help(&place, message, Some(help));
                return None;
            }
            varied.push((Varied { field: field.name, ..leading }, place));
        }
        Some(varied)
    }

    /// Notes where spikes are to be timed within ticks and the kind has them on the grid only.
    fn check_precise(&mut self, node: &Node, neuron: &Chosen<dyn Neuron>) -> Option<()> {
        let Some(resolution) = self.resolution.filter(|_| self.precise) else {
            return Some(());
        };
        if has_precise_times(&*neuron.1, resolution) {
            return Some(());
        }
        let mut able = Vec::new();
        for kind in neuron::KINDS {
            let item = Item::Text(kind.name.into());
            let other = self.reader.kind("neuron", &Node { item, place: node.place.clone() }, neuron::KINDS, None);
            able.extend(other.filter(|other| has_precise_times(&*other.1, resolution)).map(|_| kind.name));
        }
        let message = format!("`{}` spikes at ticks only, and `simulation.spike_times` is \"precise\"", neuron.0.kind);
        let help = format!("set it to \"grid\", or use one of: {}", able.join(", "));
        self.reader.problem_with_help(&node.place, message, Some(help));
        None
    }

    /// The grid on which refractory periods end: none where spikes are timed within ticks.
    fn grid(&self) -> Option<Resolution> {
        self.resolution.filter(|_| !self.precise)
    }

    /// Notes where a refractory period is no whole number of ticks.
    fn check_refractory(&mut self, node: &Node, values: &Values) -> Option<()> {
        let (Some(&Value::Number(ms)), Some(resolution)) = (values.get("tau_refrac"), self.grid()) else {
            return Some(());
        };
        ticks(&mut self.reader, "tau_refrac", &node.place, ms, resolution).map(drop)
    }

    /// Notes the first neuron whose parameters are impossible. Of distributions some draws are
    /// tried.
    fn check_each(
        &mut self,
        kind: &Kind<dyn Neuron>,
        base: &Values,
        varied: &[(Varied, Place)],
        node: &Node,
    ) -> Option<()> {
        let gives = |name: &str| kind.field(name).is_some_and(|field| is_given(node, field));
        let leaks_twice = gives("tau_m") && gives("g_l");
        for (index, (varied, place)) in varied.iter().enumerate() {
            self.check_draws(kind, varied, place, index as u32)?;
        }
        let sample = |(index, (varied, _)): (usize, &(Varied, Place))| match &varied.values {
            VariedValues::Each(each) => each.clone(),
            VariedValues::Distribution(_, distribution) => draws(&**distribution, index as u32),
        };
        let columns: Vec<Vec<f64>> = varied.iter().enumerate().map(sample).collect();
        for row in 0..columns.iter().map(Vec::len).max().unwrap_or(1) {
            let mut values = base.clone();
            for ((varied, _), column) in varied.iter().zip(&columns) {
                values.set(varied.field, Value::Number(column[row % column.len()]));
            }
            let conflict = if leaks_twice { two_leaks(&values) } else { None };
            if let Some(sentence) = conflict.or_else(|| (kind.build)(&values).err()) {
                let drawn = varied.iter().any(|(varied, _)| is_drawn(varied));
                let who = match varied {
                    [] => String::new(),
                    _ if drawn => ", some neurons".into(),
                    _ => format!(", neuron {row}"),
                };
                let place = varied.first().map_or(&node.place, |(_, place)| place);
                self.reader.problem(place, format!("neuron `{}`{who}: {sentence}", kind.name));
                return None;
            }
        }
        Some(())
    }

    /// Notes where a distribution leaves the range of its parameter, or an array the grid of ticks.
    fn check_draws(&mut self, kind: &Kind<dyn Neuron>, varied: &Varied, place: &Place, index: u32) -> Option<()> {
        let field = kind.field(varied.field)?;
        match (&varied.values, self.grid()) {
            (VariedValues::Each(each), Some(grid)) if field.name == "tau_refrac" => {
                each.iter().try_for_each(|&ms| ticks(&mut self.reader, field.name, place, ms, grid).map(drop))
            }
            (VariedValues::Each(_), _) => Some(()),
            (VariedValues::Distribution(_, distribution), _) => {
                let drawn = draws(&**distribution, index);
                let Some(outside) = drawn.into_iter().find(|&value| !field.range.contains(value)) else {
                    return Some(());
                };
                let message =
                    format!("`{}` would be {outside:.3} in some neuron, but has to be {}", field.name, field.range);
                let help = "give bounds, such as `low` and `high` of `normal`";
                self.reader.problem_with_help(place, message, Some(help.into()));
                None
            }
        }
    }
}

/// Whether it is drawn for each neuron. Refractory periods that are drawn go to the nearest tick.
fn is_drawn(varied: &Varied) -> bool {
    matches!(varied.values, VariedValues::Distribution(..))
}

/// What is wrong with a membrane whose leak is given by tau_m and by g_l.
fn two_leaks(values: &Values) -> Option<String> {
    let (given, tau_m) = (values.number("tau_m"), values.number("c_m") / values.optional("g_l")?);
    let differ = (given - tau_m).abs() > SAME_LEAK * tau_m;
    differ.then(|| format!("tau_m is {given} ms, but c_m / g_l is {tau_m} ms; give one of tau_m and g_l only"))
}

/// A kind that is named alone, as a table with its parameters.
fn with_parameters(node: Node) -> Node {
    let Item::Text(name) = &node.item else {
        return node;
    };
    let none = Node { item: Item::Table(Table::default()), place: node.place.clone() };
    let entry = Entry { key: name.clone(), place: node.place.clone(), value: none };
    Node { item: Item::Table(Table { entries: vec![entry] }), place: node.place }
}

/// Whether `node`, a kind with its parameters, gives a value to a field.
fn is_given(node: &Node, field: &Field) -> bool {
    let inner = node.table().and_then(|table| table.entries.first()).and_then(|entry| entry.value.table());
    inner.is_some_and(|table| names_of(field).any(|name| table.get(name).is_some()))
}

/// Whether its spikes can be timed within ticks.
fn has_precise_times(neuron: &dyn Neuron, resolution: Resolution) -> bool {
    neuron.precise(&Slice { neurons: 0..0, resolution, each: None }).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use super::*;

    fn model(neuron: &str) -> crate::error::Result<Model> {
        let text = format!("[populations.a]\nsize = 3\nneuron.lif_delta = {{ {neuron} }}\n");
        let model = Model::from_text("m.toml", &text, &[])?;
        let again = Model::from_text("again", &model.resolved, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(format!("{:?}", model.populations), format!("{:?}", again.populations));
        Ok(model)
    }

    fn problem(neuron: &str) -> String {
        model(neuron).expect_err(neuron).problems()[0].message.clone()
    }

    #[test]
    fn an_array_holds_a_value_for_each_neuron_and_what_follows_it() {
        let model = model("v_rest = [\"-70 mV\", \"-60 mV\", \"-65 mV\"], v_init = \"-62 mV\"").unwrap();
        let population = &model.populations[0];
        let fields: Vec<&str> = population.varied.iter().map(|varied| varied.field).collect();
        assert_eq!(fields, ["v_rest", "v_reset"]);
        let each =
            |varied: &Varied| matches!(&varied.values, VariedValues::Each(each) if *each == [-70.0, -60.0, -65.0]);
        assert!(population.varied.iter().all(each));
        assert_eq!(population.neuron.as_ref().unwrap().0.values.number("v_rest"), -70.0);
    }

    #[test]
    fn a_distribution_keeps_its_unit() {
        let model = model("v_init.uniform = { low = \"-60 mV\", high = \"-0.05 V\" }").unwrap();
        let VariedValues::Distribution(kind, _) = &model.populations[0].varied[0].values else { panic!("drawn") };
        assert_eq!((kind.kind, kind.values.number("low"), kind.values.number("high")), ("uniform", -60.0, -50.0));
    }

    #[test]
    fn what_is_impossible_in_some_neuron_is_refused() {
        assert_eq!(problem("v_init = [\"-70 mV\"]"), "`v_init` has 1 value where there are 3 neurons");
        let reset = "v_reset = [\"-70 mV\", \"-70 mV\", \"-40 mV\"]";
        let never = "v_reset is not below v_thresh: the neuron would fire for ever";
        assert_eq!(problem(reset), format!("neuron `lif_delta`, neuron 2: {never}"));
        let drawn = "v_reset.normal = { mean = \"-55 mV\", std = \"5 mV\" }";
        assert_eq!(problem(drawn), format!("neuron `lif_delta`, some neurons: {never}"));
        let below = problem("tau_m.normal = { mean = \"20 ms\", std = \"20 ms\" }");
        assert!(
            below.ends_with("ms in some neuron, but has to be above 0") || below.contains("in some neuron"),
            "{below}"
        );
        assert_eq!(
            problem("v_init.normal = { mean = -58, std = 1 }"),
            "`mean` is a pure number where a voltage is expected"
        );
        assert_eq!(problem("v_init = \"he_normal\""), "there is no parameter `he_normal`");
        let leader = "v_rest.uniform = { low = \"-70 mV\", high = \"-60 mV\" }";
        assert_eq!(problem(leader), "`v_rest` is drawn for each neuron, and `v_reset` is as it unless given");
        assert!(model("tau_refrac.uniform = { low = \"1 ms\", high = \"3 ms\" }").is_ok());
        assert!(problem("tau_refrac = \"1.05 ms\"").contains("no whole number of ticks"));
        let off = "tau_refrac = [\"1 ms\", \"1.05 ms\", \"2 ms\"]";
        assert_eq!(problem(off), "`tau_refrac` is 1.05 ms, which is no whole number of ticks of 0.1 ms");
    }
}
