//! Colours that colour-blind readers tell apart (the hues of Okabe & Ito 2008, the light ones
//! darkened to be read on white), and ramps made of them.
//!
//! Populations keep their colours over all figures and pages: excitatory ones are cool, the first
//! of them blue, inhibitory ones warm, the first vermillion, others grey or green. Up to 16 differ.

use crate::color;
use crate::record::recording::PopulationSummary;
use crate::record::setup::Acts;

/// Red, green, blue.
pub type Color = (u8, u8, u8);

pub const INK: Color = (0x22, 0x26, 0x2b);
pub const QUIET: Color = (0x5f, 0x66, 0x6e);
pub const GRID: Color = (0xe4, 0xe7, 0xea);
pub const FRAME: Color = (0xb4, 0xba, 0xc1);
pub const PAPER: Color = (0xff, 0xff, 0xff);
pub const BLUE: Color = (0x00, 0x72, 0xb2);
pub const VERMILLION: Color = (0xd5, 0x5e, 0x00);
pub const GREEN: Color = (0x00, 0x9e, 0x73);
const PURPLE: Color = (0xaa, 0x4a, 0x80);
const OCHRE: Color = (0xc9, 0x86, 0x00);
const SKY: Color = (0x2f, 0x8f, 0xc9);
const SLATE: Color = (0x4a, 0x4f, 0x57);
const OLIVE: Color = (0x73, 0x76, 0x1c);
const NAVY: Color = (0x1b, 0x3b, 0x8b);
const CRIMSON: Color = (0x9e, 0x1b, 0x32);
const TEAL: Color = (0x0b, 0x6e, 0x7a);
const BROWN: Color = (0x7a, 0x45, 0x1a);
const VIOLET: Color = (0x6f, 0x55, 0xa8);
const ROSE: Color = (0xdc, 0x5f, 0x7d);
const FOREST: Color = (0x2f, 0x5d, 0x3a);
const LAVENDER: Color = (0x7f, 0x8f, 0xd6);

/// Colours of arms and layers, in order; later ones come round again.
const SERIES: [Color; 16] = [
    VERMILLION, BLUE, GREEN, PURPLE, OCHRE, SKY, SLATE, OLIVE, NAVY, CRIMSON, TEAL, BROWN, VIOLET, ROSE, FOREST,
    LAVENDER,
];

const EXCITATORY: [Color; 16] = [
    BLUE, SKY, NAVY, TEAL, LAVENDER, GREEN, FOREST, SLATE, OLIVE, VIOLET, PURPLE, OCHRE, ROSE, BROWN, CRIMSON,
    VERMILLION,
];

const INHIBITORY: [Color; 16] = [
    VERMILLION, CRIMSON, OCHRE, PURPLE, BROWN, ROSE, OLIVE, VIOLET, SLATE, FOREST, GREEN, LAVENDER, TEAL, NAVY, SKY,
    BLUE,
];

const OTHERS: [Color; 16] = [
    SLATE, GREEN, VIOLET, OLIVE, FOREST, LAVENDER, ROSE, BROWN, TEAL, PURPLE, NAVY, OCHRE, SKY, CRIMSON, BLUE,
    VERMILLION,
];

/// The colour of the `index`-th arm or layer.
pub fn series(index: usize) -> Color {
    SERIES[index % SERIES.len()]
}

/// The colours of populations, in their order: those that the model gives, else by what they do.
pub fn of_populations(populations: &[PopulationSummary]) -> Vec<Color> {
    let acts: Vec<Option<Acts>> = populations.iter().map(|p| p.acts.or_else(|| by_name(&p.name))).collect();
    let mut colors: Vec<Option<Color>> = populations.iter().map(|p| p.color.as_deref().and_then(written)).collect();
    let mut used: Vec<Color> = colors.iter().flatten().copied().collect();
    for (kind, palette) in [(Some(Acts::Excite), &EXCITATORY), (Some(Acts::Inhibit), &INHIBITORY), (None, &OTHERS)] {
        let mut round = 0;
        // Those that are called so come first: `exc` is blue, whatever stands before it.
        let mut order: Vec<usize> = (0..populations.len()).filter(|&index| acts[index] == kind).collect();
        order.sort_by_key(|&index| by_name(&populations[index].name) != kind);
        for index in order {
            colors[index].get_or_insert_with(|| {
                let free = palette.iter().find(|color| !used.contains(color)).copied();
                round += usize::from(free.is_none());
                let color = free.unwrap_or(palette[round % palette.len()]);
                used.push(color);
                color
            });
        }
    }
    colors.into_iter().flatten().collect()
}

/// `#c03030` as a colour.
pub fn written(text: &str) -> Option<Color> {
    color::parse(text).map(|[red, green, blue]| (red, green, blue))
}

/// What populations that are called so do, mostly: `exc`, `E`, `L4E`, `i_cells`.
fn by_name(name: &str) -> Option<Acts> {
    let lower = name.to_lowercase();
    let parts = || lower.split(|c: char| !c.is_alphanumeric());
    let is = |words: &[&str], letter: char| {
        let upper = letter.to_ascii_uppercase();
        let layered = name.ends_with(upper) && name.chars().rev().nth(1).is_some_and(|c| c.is_ascii_digit());
        words.iter().any(|word| lower.contains(word)) || parts().any(|part| part == letter.to_string()) || layered
    };
    match (is(&["exc", "pyramid"], 'e'), is(&["inh", "interneuron"], 'i')) {
        (true, false) => Some(Acts::Excite),
        (false, true) => Some(Acts::Inhibit),
        _ => None,
    }
}

/// From `from` at 0 to `to` at 1.
pub fn blend(from: Color, to: Color, share: f64) -> Color {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    (mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Blue at -1, white at 0, vermillion at 1.
pub fn diverging(value: f64) -> Color {
    blend(PAPER, if value < 0.0 { BLUE } else { VERMILLION }, value.abs())
}

/// White at 0, black at 1: what an image's pixel shows, as ink on paper.
pub fn gray(value: f64) -> Color {
    blend(PAPER, INK, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::named;

    #[test]
    fn sixteen_populations_differ_and_the_two_kinds_keep_theirs() {
        let names: Vec<String> = (0..16).map(|index| format!("population {index}")).collect();
        let mut populations: Vec<PopulationSummary> = names.iter().map(|name| named(name)).collect();
        populations[7].acts = Some(Acts::Excite);
        populations[9].acts = Some(Acts::Inhibit);
        let mut colors = of_populations(&populations);
        assert_eq!((colors[7], colors[9]), (BLUE, VERMILLION));
        colors.sort_unstable();
        colors.dedup();
        assert_eq!(colors.len(), 16);
        let all = [SERIES, EXCITATORY, INHIBITORY, OTHERS].map(|mut colors| {
            colors.sort_unstable();
            colors
        });
        assert!(all.iter().all(|colors| *colors == all[0]) && all[0].windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(of_populations(&vec![named("x"); 40]).len(), 40);
    }

    #[test]
    fn names_and_files_tell_colours_where_weights_do_not() {
        let colors = of_populations(&["inh", "L4E", "noise", "E"].map(named));
        assert_eq!(colors, [VERMILLION, BLUE, SLATE, SKY]);
        let mut populations = ["exc", "inh"].map(named);
        let mut mixed = ["cued", "exc"].map(named);
        mixed.iter_mut().for_each(|population| population.acts = Some(Acts::Excite));
        assert_eq!(of_populations(&mixed), [SKY, BLUE]);
        populations[0].color = Some("#d55e00".into());
        assert_eq!(of_populations(&populations), [VERMILLION, CRIMSON], "what is taken is not given again");
    }
}
