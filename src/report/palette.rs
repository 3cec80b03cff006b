//! Colours that colour-blind readers tell apart (the hues of Okabe & Ito 2008, the light ones
//! darkened to be read on white), and ramps made of them.

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

/// Colours of populations and arms, in order; later ones come round again.
const SERIES: [Color; 8] = [
    VERMILLION,
    BLUE,
    GREEN,
    (0xaa, 0x4a, 0x80),
    (0xc9, 0x86, 0x00),
    (0x2f, 0x8f, 0xc9),
    (0x4a, 0x4f, 0x57),
    (0x73, 0x76, 0x1c),
];

/// The colour of the `index`-th population or arm.
pub fn series(index: usize) -> Color {
    SERIES[index % SERIES.len()]
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
