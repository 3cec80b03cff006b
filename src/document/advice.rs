//! "Did you mean ...": what a word that is not known may have been meant to be, or where it belongs.
//!
//! ```text
//! distance   letters to insert, delete, exchange or transpose, each counted once (Damerau 1964)
//! a name     at most a third of its letters away, and so each part between `_`; or a part of the name
//! a kind     the same parts between `_`, digits and first letter, each part a third of its letters away at
//!            most: `eif` is no misspelt `lif`, `iaf_psc_beta` no `iaf_psc_delta`
//! ```

use crate::unit::{Dimension, UNITS};

/// Names are looked through no further.
const MOST: usize = 10_000;

/// Longer words are no names.
const LONGEST: usize = 100;

/// `did you mean ...`, when one of `known` is close to `word`.
pub fn suggestion<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    offer(nearest(word, known, is_near))
}

/// The unit that `word` may have been meant to be where a quantity of this dimension is wanted:
/// first the one that differs in capitals only, of any dimension where none fits; else those that fit.
pub fn unit_meant(word: &str, wanted: Dimension) -> Option<String> {
    let same = |unit: &&str| unit.eq_ignore_ascii_case(word);
    let mut others = UNITS.iter().map(|(unit, ..)| *unit).filter(same);
    let any = others.next().filter(|_| others.next().is_none());
    let fitting = || suggestion(word, wanted.units()).or_else(|| list("units that fit", wanted.units()));
    offer(wanted.units().find(same).or(any)).or_else(fitting)
}

/// The same where other names mean other things: kinds, rules, words to choose from.
pub fn suggested_kind<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    offer(nearest(word, known, is_misspelt))
}

/// A suggestion, or else the list of what is known.
pub fn advice<'k>(word: &str, what: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
    suggestion(word, known.clone()).or_else(|| list(what, known))
}

/// The list of what is known.
pub fn list<'k>(what: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    let mut names: Vec<&str> = known.take(20).collect();
    names.dedup();
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

fn offer(name: Option<&str>) -> Option<String> {
    name.map(|name| format!("did you mean `{name}`?"))
}

/// The closest of `known` that passes `test`: of those as far away, the one as long as `word`.
fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>, test: fn(&str, &str) -> bool) -> Option<&'k str> {
    let lower = word.to_lowercase();
    let passing = known.take(MOST).filter(|name| word.len() < LONGEST && test(&lower, &name.to_lowercase()));
    passing.min_by_key(|name| {
        let name = name.to_lowercase();
        (strsim::damerau_levenshtein(&lower, &name), length(&name).abs_diff(length(&lower)))
    })
}

fn length(word: &str) -> usize {
    word.chars().count()
}

/// Whether `word` may have been meant to be `name`, or is a part of it.
fn is_near(word: &str, name: &str) -> bool {
    let (short, long) = (length(word).min(length(name)), length(word).max(length(name)));
    let part = short > 2 && long <= 3 * short && (name.contains(word) || word.contains(name));
    let [words, names] = [word, name].map(|text| text.split('_').collect::<Vec<_>>());
    let same_parts = words.len() == names.len();
    let near = !same_parts || words.iter().zip(&names).all(|(word, name)| differs_little(word, name));
    (near && differs_little(word, name)) || part
}

/// Whether at most a third of the letters differ. Of two letters or one, an exchange leaves another name.
fn differs_little(word: &str, name: &str) -> bool {
    let (short, long) = (length(word).min(length(name)), length(word).max(length(name)));
    let distance = strsim::damerau_levenshtein(word, name);
    if long < 3 { distance == 0 || (distance == 1 && long > short) } else { distance <= long / 3 }
}

/// Whether `word` is `name` with a slip of the keys.
fn is_misspelt(word: &str, name: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let joined = |text: &str| text.replace(['_', '-'], "");
    let [word_parts, name_parts] = [word, name].map(|text| text.split('_').collect::<Vec<_>>());
    let each = word_parts.len() == name_parts.len() && word_parts.iter().zip(&name_parts).all(|(a, b)| slipped(a, b));
    digits(word) == digits(name) && (each || joined(word) == joined(name))
}

/// Whether `word` lacks the last letter or two of `name`, as `tau` of `tau_m`.
pub fn is_cut_short(word: &str, name: &str) -> bool {
    name.strip_prefix(word).is_some_and(|rest| length(rest) <= 2)
}

/// Whether two parts of names differ by a slip only.
fn slipped(word: &str, name: &str) -> bool {
    let begins = |text: &str| text.chars().take(2).collect::<Vec<_>>();
    let (first, mut second) = (begins(word), begins(name));
    let same = first.first() == second.first();
    second.reverse();
    let same_start = same || (first.len() == 2 && first == second);
    same_start && strsim::damerau_levenshtein(word, name) <= length(word).max(length(name)) / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(word: &str, known: &[&'static str]) -> Option<&'static str> {
        nearest(word, known.iter().copied(), is_near)
    }

    fn kind(word: &str) -> Option<&'static str> {
        let known = ["stdp", "stp", "triplet_stdp", "lif", "lif_delta", "alif", "iaf_psc_delta", "iaf_cond_exp"];
        let more = [
            "all_to_all",
            "f",
            "q_agrel",
            "fixed_in_degree",
            "tsodyks2_synapse",
            "poisson",
            "stdp_synapse",
            "inhibitory_stdp",
        ];
        nearest(word, known.into_iter().chain(more), is_misspelt)
    }

    #[test]
    fn names_are_close_or_a_part() {
        let known = ["tau_m", "v_thresh", "v_reset"];
        assert_eq!(suggestion("tau", known.into_iter()), Some("did you mean `tau_m`?".into()));
        assert_eq!(name("v_tresh", &known), Some("v_thresh"));
        assert_eq!(name("colour", &known), None);
        // Other parameters of neurons.
        for other in ["tau_w", "v_peak", "v_min"] {
            assert_eq!(name(other, &["tau_m", "v_init", "v_rest", "v_thresh", "v_reset"]), None, "{other}");
        }
        assert_eq!((name("gg", &["g"]), name("i", &["x"]), name("ex", &["exc"])), (Some("g"), None, Some("exc")));
    }

    #[test]
    fn a_unit_is_one_of_those_that_are_wanted() {
        use Dimension::*;
        let meant = |word: &str, wanted| unit_meant(word, wanted).unwrap_or_default();
        for (word, wanted, unit) in [
            ("hz", Frequency, "Hz"),
            ("mhz", Frequency, "mHz"),
            ("mv", Voltage, "mV"),
            ("MS", Time, "ms"),
            ("pa", Current, "pA"),
            ("NS", Conductance, "nS"),
            ("NS", Time, "ns"),
            ("khz", None, "kHz"),
            ("kz", Frequency, "kHz"),
        ] {
            assert_eq!(meant(word, wanted), format!("did you mean `{unit}`?"), "{word}");
        }
        assert_eq!(meant("parsec", Time), "units that fit: ns, us, ms, s, min");
        assert_eq!((meant("NS", None), meant("parsec", None)), (String::new(), String::new()));
    }

    #[test]
    fn a_transposition_counts_once() {
        assert_eq!((kind("sdtp"), kind("stpd"), kind("tsdp")), (Some("stdp"), Some("stdp"), Some("stdp")));
        assert_eq!((kind("fil_delta"), kind("lif_dlta"), kind("posison")), (None, Some("lif_delta"), Some("poisson")));
    }

    #[test]
    fn another_kind_is_not_offered() {
        for other in ["eif", "qif", "glif", "gif_cond_exp", "aeif_cond_exp", "iaf_psc_beta", "all_to_one"] {
            assert_eq!(kind(other), None, "{other}");
        }
        for other in ["voltage_stdp", "tsodyks_synapse", "clopath_synapse", "stdp_nn_symm_synapse", "s", ""] {
            assert_eq!(kind(other), None, "{other}");
        }
        assert_eq!((kind("fixed_indegree"), kind("LIF_Delta")), (Some("fixed_in_degree"), Some("lif_delta")));
    }
}
