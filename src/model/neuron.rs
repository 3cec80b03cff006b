//! `neuron.KIND = { … }` of a population, checked for every one of its neurons.

use super::file::Checker;
use super::simulation::ticks;
use super::{NeuronSpec, Varied, VariedValues};
use crate::distribution::Distribution;
use crate::document::kind::{Chosen, drop_replaced, is_nests, is_pynns, names_of};
use crate::document::{Entry, Item, Node, Table};
use crate::error::Place;
use crate::neuron::block::Slice;
use crate::neuron::soundness::Computation;
use crate::neuron::{self, Neuron};
use crate::parameter::{Field, Form, Kind, Value, Values, find};
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
        let mut plain = with_parameters(self.reader.picked("neuron", node).map(|node| self.own(node))?);
        let known = |entry: &Entry| find(neuron::KINDS, &entry.key);
        let mut varied = Vec::new();
        if let Item::Table(table) = &mut plain.item
            && let [entry] = table.entries.as_mut_slice()
            && let Some(kind) = known(entry)
            && let Item::Table(given) = &mut entry.value.item
        {
            self.check_switch(&entry.key, &entry.place)?;
            self.translate(&entry.key, &entry.place, kind, given)?;
            drop_replaced(given, kind.fields);
            self.reader.other_units = is_pynns(&entry.key);
            let found = self.varied(kind, given, size, is_nests(&entry.key));
            self.reader.other_units = false;
            varied = found?;
        }
        let neuron = self.reader.kind("neuron", &plain, neuron::KINDS, None)?;
        let kind = find(neuron::KINDS, neuron.0.kind)?;
        self.check_precise(&plain, &neuron)?;
        let varied = self.with_followers(kind, &neuron, varied, &plain)?;
        if !varied.iter().any(|(varied, _)| is_drawn(varied) && varied.field == "tau_refrac") {
            self.check_refractory(&plain, &neuron.0.values)?;
        }
        self.check_computation(&plain, &neuron)?;
        self.check_each(kind, &neuron.0.values, &varied, &plain)?;
        Some((Some(neuron), varied.into_iter().map(|(varied, _)| varied).collect()))
    }

    /// A copy of a kind with its parameters, of lists for several populations the entry that counts alone: whole
    /// lists for each population would take time in proportion to their square.
    fn own(&self, node: &Node) -> Node {
        let Some([chosen]) = node.table().map(|table| table.entries.as_slice()) else { return node.clone() };
        let kind_and_given = find(neuron::KINDS, &chosen.key).zip(chosen.value.table());
        let Some((kind, given)) = kind_and_given else { return node.clone() };
        let entries = given.entries.iter().map(|entry| self.own_entry(kind, entry)).collect();
        let value = Node { item: Item::Table(Table { entries }), place: chosen.value.place.clone() };
        let chosen = Entry { key: chosen.key.clone(), place: chosen.place.clone(), value };
        Node { item: Item::Table(Table { entries: vec![chosen] }), place: node.place.clone() }
    }

    fn own_entry(&self, kind: &Kind<dyn Neuron>, entry: &Entry) -> Entry {
        let is_one = kind.field(&entry.key).is_some_and(|field| matches!(field.form, Form::Quantity(_)));
        match self.reader.selection.pick(&entry.key, &entry.value) {
            Ok(own) if is_one && !matches!(own.item, Item::Array(_)) => {
                Entry { key: entry.key.clone(), place: entry.place.clone(), value: own.clone() }
            }
            _ => entry.clone(),
        }
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
            let able_to = |other: &Chosen<dyn Neuron>| !other.1.repeats() && has_precise_times(&*other.1, resolution);
            able.extend(other.filter(able_to).map(|_| kind.name));
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

    /// Notes where a tick of the neuron cannot be computed.
    fn check_computation(&mut self, node: &Node, neuron: &Chosen<dyn Neuron>) -> Option<()> {
        let refusal = |computation: Computation| computation.refusal(&*neuron.1, &neuron.0.values);
        match self.computation.and_then(refusal) {
            Some(sentence) => {
                self.reader.problem(&node.place, format!("neuron `{}`: {sentence}", neuron.0.kind));
                None
            }
            None => Some(()),
        }
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
            let refusal = |neuron: Box<dyn Neuron>| {
                self.computation.and_then(|computation| computation.refusal(&*neuron, &values))
            };
            let built = || (kind.build)(&values).map_or_else(Some, refusal);
            if let Some(sentence) = conflict.or_else(built) {
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
        let again = Model::from_text("again", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
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

    /// A model of three neurons of another kind, read again as it was resolved.
    fn kind(neuron: &str) -> crate::error::Result<Model> {
        let text = format!(
            "[parameters]\ntaus = \"[10, 12, 15] ms\"\n[simulation]\nresolution = \"1 ms\"\n\
             [populations.a]\nsize = 3\nneuron.{neuron}\n"
        );
        let model = Model::from_text("m.toml", &text, &[])?;
        let again = Model::from_text("again", &model.resolved(), &[]).unwrap_or_else(|error| panic!("{error}"));
        let built = |model: &Model| {
            format!("{:?} {:?}", model.populations[0].neuron.as_ref().unwrap().1, model.populations[0].varied)
        };
        assert_eq!(built(&model), built(&again));
        Ok(model)
    }

    /// How a neuron of that kind is built.
    fn built(neuron: &str) -> String {
        let model = kind(neuron).unwrap_or_else(|error| panic!("{error}"));
        format!("{:?}", model.populations[0].neuron.as_ref().unwrap().1)
    }

    fn refused(neuron: &str) -> String {
        kind(neuron).expect_err(neuron).problems()[0].message.clone()
    }

    #[test]
    fn a_leak_conductance_gives_the_time_constant_of_every_leaky_kind() {
        for name in [
            "lif_delta",
            "iaf_psc_delta",
            "lif_exp",
            "lif_alpha",
            "lif_cond_exp",
            "lif_cond_alpha",
            "lif_adaptive",
            "alif",
            "lif_cond_threshold",
        ] {
            let tau_m = built(&format!("{name} = {{ c_m = \"200 pF\", tau_m = \"20 ms\" }}"));
            for leak in ["g_L = \"10 nS\"", "g_leak = \"0.01 uS\"", "g_l = \"10 nS\", tau_m = \"20 ms\""] {
                assert_eq!(built(&format!("{name} = {{ C_m = \"200 pF\", {leak} }}")), tau_m);
            }
            let both = refused(&format!("{name} = {{ c_m = \"200 pF\", g_L = \"10 nS\", tau_m = \"19 ms\" }}"));
            let told = "tau_m is 19 ms, but c_m / g_l is 20 ms; give one of tau_m and g_l only";
            assert_eq!(both, format!("neuron `{name}`: {told}"));
            assert_eq!(refused(&format!("{name} = {{ g_l = \"0 nS\" }}")), "`g_l` is 0 nS, but has to be above 0");
        }
        let each = refused("lif_exp = { g_L = \"[10, 20, 0] nS\" }");
        assert_eq!(each, "`g_L` is 0 nS, but has to be above 0");
        let third = refused("lif_exp = { c_m = \"200 pF\", tau_m = \"20 ms\", g_l = \"[10, 10, 11] nS\" }");
        assert!(third.starts_with("neuron `lif_exp`, neuron 2: tau_m is 20 ms, but c_m / g_l is 18.18"), "{third}");
    }

    #[test]
    fn what_other_simulators_say_is_read_as_they_mean_it() {
        let plain =
            "{ C_m = 200.0, tau_m = 12, E_L = -70.0, V_th = -55, V_reset = -71, V_m = -65, I_e = 376, t_ref = 2 }";
        let units = "{ cm = \"0.2 nF\", tau_m = \"12 ms\", v_rest = \"-70 mV\", v_thresh = \"-55 mV\", \
            v_reset = \"-71 mV\", v_init = \"-65 mV\", i_offset = \"0.376 nA\", tau_refrac = \"2 ms\" }";
        let pairs = ["iaf_psc_exp IF_curr_exp", "iaf_psc_alpha IF_curr_alpha", "iaf_psc_delta iaf_psc_delta"];
        for (theirs, pynn) in pairs.map(|pair| pair.split_once(' ').unwrap()) {
            assert_eq!(built(&format!("{theirs} = {plain}")), built(&format!("{pynn} = {units}")));
        }
        assert_eq!(refused("IF_curr_exp = { cm = 0.2 }"), "`cm` is a pure number where a capacitance is expected");
        let leaky = built("Leaky = { beta = 0.95, threshold = \"-50 mV\" }");
        assert_eq!(leaky, built("lif_delta = { tau_m = \"-1 ms / ln(0.95)\" }"));
        let nodes = "LIFNodes = { thresh = \"-52 mV\", rest = \"-65 mV\", reset = \"-66 mV\", tc_decay = \"100 ms\", refrac = \"5 ms\" }";
        let ours =
            "lif_delta = { v_thresh = \"-52 mV\", v_reset = \"-66 mV\", tau_m = \"100 ms\", tau_refrac = \"5 ms\" }";
        assert_eq!(built(nodes), built(ours));
        assert_eq!(
            built("lif_delta = { reset = \"subtract\" }"),
            built("lif_delta = { reset = \"subtract\", E_L = \"-65 mV\" }")
        );
        let aeif = "aeif_psc_exp = { Delta_T = 0.0, g_L = 10, C_m = 200, a = 4.0, b = 80.5 }";
        assert_eq!(built(aeif), built("lif_adaptive = { c_m = \"200 pF\", tau_m = \"20 ms\" }"));
        for wrong in ["aeif_psc_exp = {}", "aeif_psc_exp = { Delta_T = \"2 mV\" }"] {
            assert_eq!(refused(wrong), "`aeif_psc_exp` has an exponential upswing, which no kind here has");
        }
        let grid = refused("iaf_psc_delta_ps = {}");
        assert_eq!(grid, "`iaf_psc_delta_ps` has precise spike times, and `simulation.spike_times` is \"grid\"");
    }

    #[test]
    fn every_neuron_has_its_value_of_a_list_by_name_or_in_a_file() {
        let varied = |neuron: &str| {
            format!("{:?}", kind(neuron).unwrap_or_else(|error| panic!("{error}")).populations[0].varied)
        };
        let literal = varied("lif_exp = { tau_m = [\"20 ms\", \"24 ms\", \"30 ms\"] }");
        assert_eq!(varied("lif_exp = { tau_m = \"2 * taus\" }"), literal);
        assert_eq!(varied("lif_exp = { tau_m = \"[20, 12 * 2, 30] ms\" }"), literal);
        assert_eq!(varied("iaf_psc_exp = { tau_m = [20, 24, 30.0] }"), literal);
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let one = write("one.csv", "20\n24\n30\n");
        assert_eq!(varied(&format!("lif_exp = {{ tau_m.file = {one:?} }}")), literal);
        let table = write("cells.csv", "id,tau\r\n0,0.02\r\n1,0.024\r\n2,0.03\r\n");
        let column = format!("tau_m = {{ file = {table:?}, column = \"tau\", unit = \"s\" }}");
        assert_eq!(varied(&format!("lif_exp = {{ {column} }}")), literal);
        let pure = varied("integrate_and_fire = { v_thresh = [1, 2, 3] }");
        assert!(pure.contains("Each([1.0, 2.0, 3.0])"), "{pure}");
        assert_eq!(refused("lif_exp = { tau_m = \"taus - 11 ms\" }"), "`tau_m` is -1 ms, but has to be above 0");
        assert_eq!(
            refused(&format!("lif_exp = {{ tau_m = {{ file = {table:?} }} }}")).split(": ").nth(1).unwrap(),
            "line 1"
        );
        let short = write("short.csv", "20\n24\n");
        let told = "`tau_m` has 2 values where there are 3 neurons";
        assert_eq!(refused(&format!("lif_exp = {{ tau_m.file = {short:?} }}")), told);
        let text = "[parameters]\nt = \"[1, 2] ms\"\n[populations.a]\nsize = 3\nneuron.lif_exp = { tau_m = \"t\" }";
        let error = Model::from_text("m.toml", text, &[]).unwrap_err();
        assert_eq!(error.problems()[0].message, "`t` has 2 values where there are 3 neurons");
    }

    /// The order in which distributions stand is that in which they are drawn.
    #[test]
    fn what_varies_keeps_its_order_in_the_resolved_text() {
        kind("lif_exp = { V_m.uniform = { low = \"-60 mV\", high = \"-55 mV\" }, tau_m.normal = { mean = \"20 ms\", std = \"1 ms\" } }").unwrap();
        kind("lif_exp = { v_rest = \"[-70, -71, -72] mV\", c_m.uniform = { low = \"200 pF\", high = \"250 pF\" } }")
            .unwrap();
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
